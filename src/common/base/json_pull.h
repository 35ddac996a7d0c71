/*
 * JSON token by token (RFC 8259 to the letter), from memory or from what gives
 * its bytes piece by piece: whatever the size of the text, a window of it is
 * held, and the token at hand.  A byte order mark is passed over.  Linear in
 * the input, and without recursion.
 */
#ifndef JSON_PULL_H
#define JSON_PULL_H

#include <stdbool.h>

#include "buffer.h"

/* The fault of a string that is longer than that. */
#define JSON_TOO_LONG "a text that is longer than the memory that it may take"

enum json_token {
	JSON_FAULT, /* see json_pull.fault */
	JSON_END,   /* between values of the top level: nothing follows */
	JSON_OBJECT,
	JSON_OBJECT_END,
	JSON_ARRAY,
	JSON_ARRAY_END,
	JSON_NAME, /* of a member, whose value is next */
	JSON_STRING,
	JSON_NUMBER, /* as it is written */
	JSON_TRUE,
	JSON_FALSE,
	JSON_NULL
};

struct json_pull {
	const char *bytes; /* the window */
	size_t length, at;
	/* Give at most `size` bytes that follow; *got 0: there are none.  0, or
	 * a number of errno.  NULL: the window is all. */
	int (*more)(void *context, char *to, size_t size, size_t *got);
	void *context;
	/* What other writers do, too: numbers that are none (NaN, Infinity) are
	 * numbers, and half of a surrogate pair is told by is_half. */
	bool is_loose;
	int depth_max;	 /* of arrays and objects */
	size_t text_max; /* bytes of a string, about; 0: any number */

	struct buffer text; /* of the token, with a NUL behind it */
	size_t text_length;
	bool is_half;	   /* the string has a character that is none */
	size_t token;	   /* where in the window it begins */
	int depth;	   /* arrays and objects that are open */
	const char *fault; /* what is wrong at `at`; NULL: nothing */
	int failed;	   /* errno of `more` */

	char *window; /* if it is ours */
	bool has_ended;
	size_t line, column; /* where the window begins; both from 1 */
	struct buffer open;  /* '{' or '[', for each level */
	enum { JSON_VALUE, JSON_FIRST, JSON_AFTER } expects;
	bool skips; /* texts are not kept */
};

/* All of it in memory; the bytes are borrowed. */
struct json_pull json_pull_of(const char *bytes, size_t length, int depth_max);

/* What `more` gives. */
struct json_pull json_pull_from(int (*more)(void *context, char *to,
					    size_t size, size_t *got),
				void *context, int depth_max);

void json_pull_free(struct json_pull *pull);

enum json_token json_next(struct json_pull *pull);

/* The text of the token. */
static inline const char *json_token_text(const struct json_pull *pull)
{
	return (const char *)pull->text.bytes;
}

/* Pass over the value that follows, or the rest of what `token` began.  false:
 * there is a fault. */
bool json_skip(struct json_pull *pull);
bool json_skip_rest(struct json_pull *pull, enum json_token token);

/* The token at hand is not what may stand there. */
enum json_token json_reject(struct json_pull *pull, const char *fault);

/* Where `at` is: both count from 1, columns in characters. */
void json_pull_where(const struct json_pull *pull, size_t *line,
		     size_t *column);

#endif
