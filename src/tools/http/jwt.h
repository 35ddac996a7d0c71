/* A signed JWT (RFC 7515, 7519), by libcrypto. */
#ifndef JWT_H
#define JWT_H

#include "json_make.h"

struct jwt_key;

/* A private key from a PEM file; NULL: fault says why. */
struct jwt_key *jwt_key_read(const char *path, char fault[256]);
void jwt_key_free(struct jwt_key *key);

/* The claims, signed; the claims are given back to json-c.  key_id may be NULL.
 * To be freed; NULL: it cannot be signed. */
char *jwt_signed(const struct jwt_key *key, const char *key_id,
		 json_object *claims);

#endif
