/*
 * JSON that is read whole: RFC 8259 to the letter, and with names that occur
 * once in an object (RFC 7493, 2.3), for of two values no program can tell
 * which one another took.  A byte order mark is passed over.  Linear in the
 * input.
 */
#ifndef JSON_READ_H
#define JSON_READ_H

#include <stdint.h>

#include "json_pull.h"
#include "json_text.h"
#include "json_words.h"

/* One value, or several with blanks in between (NDJSON). */
struct json_source {
	struct json_pull pull;
	const char *fault; /* what is wrong; NULL: nothing */
	uint64_t limit;	   /* of memory, if not 0 */
	uint64_t cost;	   /* of what was read, about */
	/* Where each name is once; they are the caller's, and last longer than
	 * what is read.  NULL: each object has its own. */
	struct json_words *names;
	/* Of the elements of this member of what is at the top, this member,
	 * where it is an object: given as soon as it is read.  NULL: none. */
	const char *list, *element;
	void (*read)(void *context, json_object *element);
	void *context;
	bool is_in_list;
};

/* The bytes are borrowed. */
struct json_source json_source_of(const char *bytes, size_t length,
				  int depth_max);
void json_source_free(struct json_source *source);

/* The fault of what would take more memory than the limit. */
#define JSON_TOO_LARGE "more values than the memory that it may take"

/* The next value: a new reference, NULL for JSON's null.  1; 0: there is none
 * left; -1: it is not JSON. */
int json_read(struct json_source *source, json_object **out);

/* Where the fault is: both count from 1, columns in characters. */
void json_where(const struct json_source *source, size_t *line, size_t *column);

/* A number as it is written; what is no int64_t, -0 among them, stays so. */
json_object *json_number_of(const char *text);

/* A number of JSON, with its point whatever the locale of the process has. */
double json_double(const char *text);

#endif
