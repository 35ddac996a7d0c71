#include "client.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base64.h"
#include "cli.h"
#include "crypto_late.h"
#include "http_inner.h"
#include "json_text.h"
#include "jwt.h"
#include "memory.h"

enum { ID, SECRET, KEY, KEY_ID, SCOPE, ENDPOINT, SETTINGS };

static const char *const names[SETTINGS] = {"client_id",   "client_secret",
					    "private_key", "key_id",
					    "scope",	   "token_endpoint"};

struct client {
	char *settings[SETTINGS]; /* NULL: not said */
	struct jwt_key *key;	  /* NULL: a secret */
	struct http_options options;
	char *endpoint;	     /* where tokens are; NULL: not known yet */
	struct http *server; /* which has it */
};

/* ---- its file ---- */

static int setting_of(const char *name)
{
	for (int i = 0; i < SETTINGS; i++)
		if (strcmp(names[i], name) == 0)
			return i;
	return -1;
}

/* NULL: the line is good. */
static const char *take_client_line(struct client *client, char *line)
{
	char *colon = strchr(line, ':'), *value = colon + 1;
	if (!*line || *line == '#')
		return NULL;
	if (!colon)
		return "is no line 'name: value'";
	*colon = '\0';
	int which = setting_of(line);
	value += strspn(value, " \t");
	for (size_t n = strlen(value); n && strchr(" \t", value[n - 1]); n--)
		value[n - 1] = '\0';
	if (which < 0)
		return "is none of client_id, client_secret, private_key, "
		       "key_id, scope and token_endpoint";
	if (!*value || client->settings[which])
		return "says nothing, or the same twice";
	client->settings[which] = xstrdup(value);
	return NULL;
}

static const char *client_contradiction(const struct client *client)
{
	char *const *settings = client->settings;
	const char *endpoint = settings[ENDPOINT];
	if (!settings[ID])
		return "has no client_id";
	if (!settings[SECRET] == !settings[KEY])
		return "has to have either client_secret or private_key";
	if (!url_keeps_secrets(endpoint ? endpoint : client->options.base))
		return endpoint ? "its token_endpoint is not https"
				: "without token_endpoint the server is asked "
				  "for it, which is not https";
	return endpoint ? url_fault(endpoint) : NULL;
}

/* An exit status. */
static int read_client_file(struct client *client, const char *path)
{
	size_t length;
	char *text = cli_read(path, &length), *rest = text, *line;
	const char *fault = NULL;
	int number = 0;
	if (!text)
		return DFH_IO;
	while (!fault && (line = strsep(&rest, "\n"))) {
		number++;
		line[strcspn(line, "\r")] = '\0';
		fault = take_client_line(client, line);
	}
	if (fault)
		cli_say("%s:%d: %s", path, number, fault);
	else if ((fault = client_contradiction(client)))
		cli_say("%s: %s", path, fault);
	explicit_bzero(text, length);
	free(text);
	return fault ? DFH_USAGE : DFH_OK;
}

int client_new(const struct http_options *options, struct client **out)
{
	char fault[256];
	struct client *client = xmalloc(sizeof *client);
	*client = (struct client){.options = *options};
	/* It asks for what those would be, and elsewhere. */
	client->options.token_file = client->options.client_file = NULL;
	client->options.headers = client->options.netrc = NULL;
	int status = read_client_file(client, options->client_file);
	if (status == DFH_OK && client->settings[KEY]) {
		client->key = jwt_key_read(client->settings[KEY], fault);
		if (!client->key)
			cli_say("%s", fault);
		status = client->key ? DFH_OK : DFH_IO;
	}
	if (status != DFH_OK) {
		client_free(client);
		return status;
	}
	*out = client;
	return DFH_OK;
}

void client_free(struct client *client)
{
	if (!client)
		return;
	for (int i = 0; i < SETTINGS; i++) {
		if (client->settings[i])
			explicit_bzero(client->settings[i],
				       strlen(client->settings[i]));
		free(client->settings[i]);
	}
	jwt_key_free(client->key);
	http_free(client->server);
	free(client->endpoint);
	free(client);
}

/* ---- answers ---- */

enum { DEPTH = 16 };

/* NULL: fault says why. */
static json_object *ask_authorization_server(struct http *server,
					     const struct http_request *request,
					     const char *what, char fault[256])
{
	struct http_answer answer;
	json_object *value = NULL;
	http_ask(server, request, &answer);
	if (answer.outcome == HTTP_ANSWERED)
		value = http_answer_json(&answer, DEPTH);
	/* What an authorization server says is not shown: it may repeat what it
	 * was told. */
	if (!value)
		snprintf(fault, 256, "%s: %.160s", what,
			 *answer.fault ? answer.fault : "no JSON came");
	http_answer_free(&answer);
	return value;
}

/* ---- where tokens are ---- */

static char *discover_endpoint(struct client *client, char fault[256])
{
	struct http *server;
	char *endpoint = NULL;
	if (http_new(&client->options, &server) != DFH_OK)
		return NULL;
	json_object *said = ask_authorization_server(
		server,
		&(struct http_request){
			.method = "GET",
			.target = ".well-known/smart-configuration",
			.headers = (const char *const[]){"Accept: "
							 "application/json",
							 NULL}},
		"the server's .well-known/smart-configuration", fault);
	const char *text = json_text(said, "token_endpoint");
	if (text)
		endpoint = http_resolve(client->options.base, text);
	if (said && (!endpoint || url_fault(endpoint) ||
		     !url_keeps_secrets(endpoint))) {
		snprintf(fault, 256,
			 "the server's smart-configuration names "
			 "no token_endpoint with https");
		free(endpoint);
		endpoint = NULL;
	}
	json_object_put(said);
	http_free(server);
	return endpoint;
}

static bool find_endpoint(struct client *client, char fault[256])
{
	const char *said = client->settings[ENDPOINT];
	if (client->endpoint)
		return true;
	client->endpoint =
		said ? xstrdup(said) : discover_endpoint(client, fault);
	if (!client->endpoint)
		return false;
	struct http_options options = client->options;
	options.base = client->endpoint;
	return http_new(&options, &client->server) == DFH_OK;
}

/* ---- who asks ---- */

enum { JWT_LIVES = 240 /* at most 300, by SMART */ };

/* RFC 7523 3, and SMART App Launch, Client Authentication: Asymmetric. */
static char *client_assertion(const struct client *client)
{
	unsigned char random[16];
	char id[2 * sizeof random + 1];
	json_object *claims = json_new_object();
	const struct crypto *crypto = crypto_late();
	if (!crypto || crypto->RAND_bytes(random, sizeof random) != 1)
		return NULL;
	for (size_t i = 0; i < sizeof random; i++)
		sprintf(id + 2 * i, "%02x", random[i]);
	json_add_text(claims, "iss", client->settings[ID]);
	json_add_text(claims, "sub", client->settings[ID]);
	json_add_text(claims, "aud", client->endpoint);
	json_add_text(claims, "jti", id);
	json_add(claims, "iat", json_new_integer((int64_t)time(NULL)));
	json_add(claims, "exp",
		 json_new_integer((int64_t)time(NULL) + JWT_LIVES));
	return jwt_signed(client->key, client->settings[KEY_ID], claims);
}

static void add_form_field(struct buffer *form, const char *name,
			   const char *value)
{
	char *encoded = http_encoded(value);
	if (form->length)
		buffer_add(form, "&", 1);
	buffer_add(form, name, strlen(name));
	buffer_add(form, "=", 1);
	buffer_add(form, encoded, strlen(encoded));
	explicit_bzero(encoded, strlen(encoded));
	free(encoded);
}

/* "Authorization: Basic ...", of both parts as a form has them (RFC 6749
 * 2.3.1). */
static char *basic_authorization(const struct client *client)
{
	char *id = http_encoded(client->settings[ID]);
	char *secret = http_encoded(client->settings[SECRET]);
	char *both = xprintf("%s:%s", id, secret);
	char *encoded = base64_encode(both, strlen(both));
	char *header = xprintf("Authorization: Basic %s", encoded);
	explicit_bzero(secret, strlen(secret));
	explicit_bzero(both, strlen(both));
	explicit_bzero(encoded, strlen(encoded));
	free(id);
	free(secret);
	free(both);
	free(encoded);
	return header;
}

/* What is asked for; false: it cannot be signed. */
static bool fill_form(const struct client *client, struct buffer *form)
{
	const char *scope = client->settings[SCOPE];
	add_form_field(form, "grant_type", "client_credentials");
	add_form_field(form, "scope", scope ? scope : "system/*.cruds");
	if (!client->key)
		return true;
	char *jwt = client_assertion(client);
	if (!jwt)
		return false;
	add_form_field(
		form, "client_assertion_type",
		"urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
	add_form_field(form, "client_assertion", jwt);
	free(jwt);
	return true;
}

/* ---- a token ---- */

static json_object *ask_for_token(struct client *client, char fault[256])
{
	struct buffer form = {0};
	char *authorization = client->key ? NULL : basic_authorization(client);
	const char *const headers[] = {
		"Accept: application/json",
		"Content-Type: application/x-www-form-urlencoded",
		authorization, NULL};
	json_object *said = NULL;
	if (fill_form(client, &form))
		said = ask_authorization_server(
			client->server,
			&(struct http_request){.method = "POST",
					       .target = "",
					       .headers = headers,
					       .body = (const char *)form.bytes,
					       .length = form.length},
			"no token was given", fault);
	else
		snprintf(fault, 256,
			 "the request for a token cannot be "
			 "signed");
	if (authorization)
		explicit_bzero(authorization, strlen(authorization));
	free(authorization);
	buffer_free(&form);
	return said;
}

char *client_ask(struct client *client, double *lives, char fault[256])
{
	snprintf(fault, 256, "no token can be asked for");
	if (!find_endpoint(client, fault))
		return NULL;
	json_object *said = ask_for_token(client, fault);
	const char *token = json_text(said, "access_token");
	json_object *expires = json_member(said, "expires_in");
	char *copy = token ? xstrdup(token) : NULL;
	if (expires)
		*lives = json_object_get_double(expires);
	if (said && !token)
		snprintf(fault, 256,
			 "the authorization server answered "
			 "without a token");
	json_object_put(said);
	return copy;
}
