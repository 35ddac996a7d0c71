/* What a rule file that is checked is told besides its faults. */
#ifndef RULES_WORDS_H
#define RULES_WORDS_H

#include "dcmfhir.h"

/* Lines as those of faults, "FILE:LINE:COLUMN: note: ...", for what is legal but
 * perhaps not meant.  malloc()ed; "": there is nothing to say. */
char *rules_words(const dfh_rules *rules);

/* "FILE: 91 rules in 24 places, and 70 examples; all is well".  malloc()ed. */
char *rules_all_well(const dfh_rules *rules);

#endif
