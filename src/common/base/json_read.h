/*
 * JSON that is read: RFC 8259 to the letter, and with names that occur once in
 * an object (RFC 7493, 2.3), for of two values no program can tell which one
 * another took.  A byte order mark is passed over.  Linear in the input.
 */
#ifndef JSON_READ_H
#define JSON_READ_H

#include <stdint.h>

#include "buffer.h"
#include "json_text.h"

/* One value, or several with blanks in between (NDJSON). */
struct json_source {
	const char *bytes; /* borrowed */
	size_t length, at;
	int depth_max;	   /* of arrays and objects */
	const char *fault; /* what is wrong at `at`; NULL: nothing */
	struct buffer texts;
	uint64_t limit; /* of memory, if not 0 */
	uint64_t cost;	/* of what was read, about */
};

struct json_source json_source_of(const char *bytes, size_t length,
				  int depth_max);
void json_source_free(struct json_source *source);

/* The fault of what would take more memory than the limit. */
#define JSON_TOO_LARGE "more values than the memory that it may take"

/* The next value: a new reference, NULL for JSON's null.  1; 0: there is none
 * left; -1: it is not JSON. */
int json_read(struct json_source *source, json_object **out);

/* Where `at` is: both count from 1, columns in characters. */
void json_where(const struct json_source *source, size_t *line, size_t *column);

#endif
