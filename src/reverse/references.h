/* References that give no display of their own. */
#ifndef REFERENCES_H
#define REFERENCES_H

#include "import.h"

/* In all that was read: such a reference is displayed as `displayed-by` of the
 * rules wants it, if what it leads to was given. */
void references_display(struct dfh_import *im);

#endif
