/* Multipart content (RFC 2046 5.1) as it comes, part by part, in little room.
 */
#ifndef MULTIPART_H
#define MULTIPART_H

#include <stdbool.h>

#include "buffer.h"

struct multipart {
	/* What a part holds, in pieces, and its end; they return 0 to go on.
	 */
	int (*take)(const void *bytes, size_t length, void *context);
	int (*end)(void *context);
	void *context;

	char *delimiter; /* with the line break before it */
	struct buffer rest;
	enum { BEFORE_PARTS, IN_HEADERS, IN_PART, BEHIND_PARTS } state;
};

/* The delimiter of a Content-Type, "\r\n--BOUNDARY", to be freed; NULL: it is
 * not multipart. */
char *multipart_delimiter(const char *type);

/* To begin with, and again for another try: the callbacks stay.  The delimiter
 * is taken over. */
void multipart_begin(struct multipart *multipart, char *delimiter);

/* What follows; -1: it is no multipart content, or the callbacks want no more.
 */
int multipart_add(struct multipart *multipart, const void *bytes,
		  size_t length);

/* Did the delimiter come that ends all of it? */
bool multipart_is_over(const struct multipart *multipart);

void multipart_free(struct multipart *multipart);

#endif
