/* `when` and `unless`: does a rule or a place take part in this dataset? */
#ifndef CONDITIONS_H
#define CONDITIONS_H

#include "rules.h"

bool conditions_hold(const struct conditions *conditions,
		     const struct dcm_item *root);

#endif
