/* The options of a tool that say how a server is asked. */
#ifndef ASKING_H
#define ASKING_H

#include <getopt.h>

#include "cli_places.h"
#include "http.h"

struct asking {
	const char *token_file, *client, *netrc, *header, *cacert;
	long timeout, retry_for, gentle; /* negative: not said */
};

enum {
	ASKING_TOKEN_FILE = 1024,
	ASKING_CLIENT,
	ASKING_NETRC,
	ASKING_HEADER,
	ASKING_CACERT,
	ASKING_TIMEOUT,
	ASKING_RETRY_FOR,
	ASKING_GENTLE
};

/* For getopt_long(). */
#define ASKING_OPTIONS                                                         \
	{"token-file", required_argument, NULL, ASKING_TOKEN_FILE},            \
		{"client", required_argument, NULL, ASKING_CLIENT},            \
		{"netrc", optional_argument, NULL, ASKING_NETRC},              \
		{"header", required_argument, NULL, ASKING_HEADER},            \
		{"cacert", required_argument, NULL, ASKING_CACERT},            \
		{"timeout", required_argument, NULL, ASKING_TIMEOUT},          \
		{"retry-for", required_argument, NULL, ASKING_RETRY_FOR},      \
	{                                                                      \
		"gentle", required_argument, NULL, ASKING_GENTLE               \
	}

#define ASKING_USAGE                                                           \
	"      --token-file FILE a bearer token; read again when it runs "     \
	"out\n"                                                                \
	"      --client FILE     who asks for one: OAuth 2 client "            \
	"credentials\n"                                                        \
	"      --netrc           user and password, from ~/.netrc, or with "   \
	"=FILE\n"                                                              \
	"                        from there\n"                                 \
	"      --header FILE     lines 'Name: value' for each request\n"       \
	"      --cacert FILE     the authorities that are trusted, in PEM\n"   \
	"      --timeout SECONDS of silence until a request is given up "      \
	"(60)\n"                                                               \
	"      --retry-for SECONDS  how long a request is repeated (60)\n"     \
	"      --gentle N        ask a DICOMweb server at most N times a "     \
	"second\n"

/* Nothing is said yet. */
struct asking asking_none(void);

/* Is it one of them?  Then *status is -1, or the exit status of one that is
 * wrong, which is said. */
bool asking_take(struct asking *asking, int option, const char *argument,
		 int *status);

/* What it reads of files, so that nothing is written over it. */
void asking_places(const struct asking *asking, struct cli_places *places);

/* Was any said but --gentle? */
bool asking_is_said(const struct asking *asking);

/* Requests a second; 0: as many as come. */
unsigned int asking_gentle(const struct asking *asking);

/* What they mean; the base is left out. */
struct http_options asking_http(const struct asking *asking);

#endif
