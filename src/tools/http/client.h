/*
 * A client of OAuth 2.0 that asks for tokens in its own name (RFC 6749 4.4),
 * by a secret or, as SMART Backend Services has it, by a JWT that it signs
 * (RFC 7523).  Its file has lines "name: value":
 *
 *	client_id       required
 *	client_secret   the secret
 *	private_key     or the file of a private key (PEM): RSA signs RS384, an
 *	                EC key on P-384 signs ES384
 *	key_id          which of the client's keys that is (kid)
 *	scope           what is asked for; all that SMART has if left out
 *	token_endpoint  where; if left out, what the server says at
 *	                BASE/.well-known/smart-configuration
 */
#ifndef CLIENT_H
#define CLIENT_H

#include "http.h"

struct client;

/* An exit status; what is wrong is said. */
int client_new(const struct http_options *options, struct client **out);
void client_free(struct client *client);

/* A token, to be freed, and how many seconds it lives (0: not told).  NULL:
 * fault says why. */
char *client_ask(struct client *client, double *lives, char fault[256]);

#endif
