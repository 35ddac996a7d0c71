/* The parameters of a search, as a URL or a form has them. */
#ifndef SERVE_QUERY_H
#define SERVE_QUERY_H

#include <stdbool.h>
#include <stddef.h>

struct serve_parameter {
	char *name, *value;
	bool is_used; /* is it one that the answer goes by? */
};

struct serve_query {
	struct serve_parameter *at;
	size_t count;
};

/* Add those of a text.  false: it is no form of UTF-8 without NUL, or has too
 * many. */
bool serve_query_read(struct serve_query *query, const char *text,
		      size_t length);
void serve_query_free(struct serve_query *query);

/* The value of the first of that name, which is marked as used; or NULL. */
const char *serve_query_value(struct serve_query *query, const char *name);

/* A part of a URL without its percent signs, to be freed; NULL: it is no text.
 * plus: '+' is a blank, as in forms. */
char *serve_decoded(const char *text, size_t length, bool plus);

#endif
