/* Datasets whose identity was removed. */
#ifndef DEIDENTIFIED_H
#define DEIDENTIFIED_H

#include "rules.h"

/* Does the dataset, read by rules->stamp_wants, say that it was? */
bool is_deidentified(const dfh_rules *rules, const struct dataset *dataset);

/* It was given an identity: it says that no more. */
void deidentified_no_more(const dfh_rules *rules, struct dataset *after);

#endif
