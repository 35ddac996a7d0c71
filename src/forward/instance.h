/*
 * One instance: what the rules read of a file, and the keys that tell where it
 * belongs.  instance.c makes the keys, compact.c the bytes that it is kept in,
 * record_json.c the line that it travels in.
 */
#ifndef INSTANCE_H
#define INSTANCE_H

#include "buffer.h"
#include "rules.h"

enum { LEVELS = 4 };

#define KEY_SEPARATOR "\x1f"

struct instance {
	struct dataset *dataset; /* what the rules read of it */
	char *file;
	/* By enum level; "" where it has none.  What identifies comes first,
	 * and behind each KEY_SEPARATOR what qualifies it. */
	char *keys[LEVELS];
};

struct dfh_record {
	struct instance instance;
	bool is_alone; /* it has no Study Instance UID */
	char *study;   /* of dfh_record_study; NULL: not yet made */
};

/* Take the dataset over and find its keys. */
dfh_record *record_new(const dfh_rules *rules, struct dataset *dataset,
		       const char *file);

void instance_clear(struct instance *instance);

/* The order of instances: by their keys, then by what they say, never by the
 * name of the file. */
int instance_compare_keys(const struct instance *a, const struct instance *b);
int instance_compare_values(const struct instance *a, const struct instance *b);

/* ---- compact.c ---- */

/* One element as bytes, for this process alone. */
void compact_element(struct buffer *buffer, const struct dcm_element *element);

/* Are the bytes what compact_element() makes of this one?  Then what follows
 * them; else NULL. */
const unsigned char *compact_past(const unsigned char *bytes,
				  const struct dcm_element *element);

/* The reverse, into an item; its texts are borrowed from the bytes.  What
 * follows it. */
const unsigned char *compact_take(struct dcm_item *item,
				  const unsigned char *bytes);

/* ---- record_json.c ---- */

/* The keys as they are sorted in lines: `sort` in the C locale puts lines into
 * the order of instance_compare_keys. */
char *record_sortable(const char *key);

/* The members of a line that have them. */
extern const char *const record_keys[LEVELS];

/* What records and rules must have in common: the attributes that are read. */
void record_version(const dfh_rules *rules, char out[40]);

#endif
