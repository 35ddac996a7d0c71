#include "credentials.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "client.h"
#include "http_inner.h"
#include "json_text.h"
#include "memory.h"

struct credentials {
	const char *file; /* NULL: a client asks for them */
	struct client *client;
	pthread_mutex_t lock;
	char *header;	/* NULL: not known yet */
	double expires; /* http_seconds(); 0: not known */
};

/* This much before it runs out a token is renewed, for the request must arrive
 * and its clock is another. */
enum { EARLY = 30 };

static void free_secret(char *secret)
{
	if (secret)
		explicit_bzero(secret, strlen(secret));
	free(secret);
}

/* RFC 6750 2.1: characters of a bearer token. */
static bool is_token(const char *text)
{
	static const char signs[] = "-._~+/=";
	size_t good = 0;
	for (; (text[good] >= '0' && text[good] <= '9') ||
	       (text[good] >= 'A' && text[good] <= 'Z') ||
	       (text[good] >= 'a' && text[good] <= 'z') ||
	       (text[good] && strchr(signs, text[good]));
	     good++)
		;
	return good && !text[good];
}

static char *authorization_header_of(const char *token)
{
	static const char name[] = "Authorization: Bearer ";
	char *header = xmalloc(sizeof name + strlen(token));
	strcpy(header, name);
	strcat(header, token);
	return header;
}

/* NULL: fault says why. */
static char *read_token(const char *path, char fault[256])
{
	FILE *file = fopen(path, "re");
	char text[16384] = "";
	char *token = text + 0, *header = NULL;
	size_t got = file ? fread(text, 1, sizeof text - 1, file) : 0;
	if (file)
		fclose(file);
	text[got] = '\0';
	token += strspn(token, " \t\r\n");
	token[strcspn(token, " \t\r\n")] = '\0';
	if (!file)
		snprintf(fault, 256, "%s: %m", path);
	else if (!is_token(token))
		snprintf(fault, 256, "%s: holds no bearer token", path);
	else
		header = authorization_header_of(token);
	explicit_bzero(text, sizeof text);
	return header;
}

int credentials_new(const struct http_options *options,
		    struct credentials **out)
{
	char fault[256] = "";
	struct credentials credentials = {.file = options->token_file};
	int status = DFH_OK;
	*out = NULL;
	if (!options->token_file && !options->client_file)
		return DFH_OK;
	if (options->token_file) {
		credentials.header = read_token(options->token_file, fault);
		status = credentials.header ? DFH_OK : DFH_IO;
	} else {
		status = client_new(options, &credentials.client);
	}
	if (*fault)
		cli_say("%s", fault);
	if (status != DFH_OK)
		return status;
	*out = xmalloc(sizeof **out);
	**out = credentials;
	pthread_mutex_init(&(*out)->lock, NULL);
	return DFH_OK;
}

void credentials_free(struct credentials *credentials)
{
	if (!credentials)
		return;
	client_free(credentials->client);
	free_secret(credentials->header);
	pthread_mutex_destroy(&credentials->lock);
	free(credentials);
}

/* Under the lock. */
static bool fetch_token(struct credentials *credentials, char fault[256])
{
	double lives = 0;
	char *token, *header = NULL;
	if (credentials->file) {
		header = read_token(credentials->file, fault);
	} else {
		token = client_ask(credentials->client, &lives, fault);
		if (token && is_token(token))
			header = authorization_header_of(token);
		else if (token)
			snprintf(fault, 256,
				 "the token that was given is no "
				 "bearer token");
		free_secret(token);
	}
	if (!header)
		return false;
	free_secret(credentials->header);
	credentials->header = header;
	credentials->expires = lives > 0 ? http_seconds() + lives : 0;
	return true;
}

static bool runs_out(const struct credentials *credentials)
{
	return credentials->expires > 0 &&
	       http_seconds() > credentials->expires - EARLY;
}

char *credentials_header(struct credentials *credentials, char fault[256])
{
	char *copy = NULL;
	pthread_mutex_lock(&credentials->lock);
	bool is_there = credentials->header && !runs_out(credentials);
	if (is_there || fetch_token(credentials, fault))
		copy = xstrdup(credentials->header);
	pthread_mutex_unlock(&credentials->lock);
	return copy;
}

bool credentials_renew(struct credentials *credentials, const char *refused)
{
	char fault[256];
	pthread_mutex_lock(&credentials->lock);
	bool is_other = !same_text(credentials->header, refused);
	if (!is_other && fetch_token(credentials, fault))
		is_other = !same_text(credentials->header, refused);
	pthread_mutex_unlock(&credentials->lock);
	return is_other;
}
