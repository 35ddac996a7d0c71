/* Bearer tokens, from a file or from an authorization server, and what becomes
 * of one that ran out.  Used from several threads at once. */
#ifndef CREDENTIALS_H
#define CREDENTIALS_H

#include "http.h"

struct credentials;

/* NULL in *out: the options name none.  An exit status; what is wrong is
 * said.  Nothing is asked of a server yet. */
int credentials_new(const struct http_options *options,
		    struct credentials **out);
void credentials_free(struct credentials *credentials);

/* "Authorization: Bearer ..." to be freed; NULL: there is none, for the reason
 * that fault then has. */
char *credentials_header(struct credentials *credentials, char fault[256]);

/* The server answered 401 to this one: is there another by now? */
bool credentials_renew(struct credentials *credentials, const char *refused);

#endif
