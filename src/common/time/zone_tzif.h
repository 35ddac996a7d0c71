/* A compiled time zone, TZif versions 1 to 4: RFC 8536 and RFC 9636. */
#ifndef ZONE_TZIF_H
#define ZONE_TZIF_H

#include <stddef.h>

#include "zone_rule.h"

enum { TZIF_TYPES_MAX = 256 };

struct tzif {
	int64_t *transitions;
	uint8_t *transition_types;
	size_t transition_count;
	/* Those of the file, then those of the rule. */
	struct local_type types[TZIF_TYPES_MAX + 2];
	size_t type_count;
	bool has_rule; /* after the last transition */
	struct zone_rule rule;
};

/* false, with nothing to free, if any part of the file is not as it must be,
 * or if it counts leap seconds. */
bool tzif_read(struct tzif *tzif, const uint8_t *bytes, size_t length);
void tzif_free(struct tzif *tzif);

/* NULL where the file does not say: after the last transition of a file
 * without a rule. */
const struct local_type *tzif_type_at(const struct tzif *tzif, int64_t utc);

#endif
