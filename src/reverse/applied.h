/* Which rules a stamp applied. */
#ifndef APPLIED_H
#define APPLIED_H

#include "codec.h"

/* Call visit for each attribute that differs and each rule that writes it, or
 * once with rule NULL if none does; see dfh_stamp_options. */
void tell_applied(const dfh_rules *rules, const struct dataset *before,
		  const struct dataset *after,
		  void (*visit)(const char *rule, const char *attribute,
				void *context),
		  void *context);

#endif
