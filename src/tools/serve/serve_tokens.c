/* Bearer tokens (RFC 6750): those of a file, or those that an authorization
 * server calls active (RFC 7662), with their scopes of SMART App Launch. */
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "array.h"
#include "cli.h"
#include "digest.h"
#include "json_text.h"
#include "serve_inner.h"

enum { KEPT = 256, KEPT_SECONDS = 60, DEPTH = 16, TOKEN_MOST = 8192 };

/* What the authorization server said of one. */
struct kept_token {
	char digest[DIGEST_SIZE];
	double until;
	bool is_active;
	char *scope, *patient; /* or NULL */
};

struct serve_tokens {
	char (*digests)[DIGEST_SIZE]; /* of those in the file */
	size_t count;
	struct http *server; /* or NULL */
	pthread_mutex_t lock;
	struct kept_token kept[KEPT];
};

/* ---- the file ---- */

static void add_token_line(struct serve_tokens *tokens, char *line)
{
	line += strspn(line, " \t\r");
	size_t length = strcspn(line, " \t\r");
	if (!length || *line == '#')
		return;
	array_room(tokens->digests, tokens->count);
	digest_bytes(line, length, tokens->digests[tokens->count++]);
}

/* An exit status. */
static int read_tokens(struct serve_tokens *tokens, const char *path)
{
	size_t length;
	char *text = cli_read(path, &length), *rest = text, *line;
	if (!text)
		return DFH_IO;
	while ((line = strsep(&rest, "\n")))
		add_token_line(tokens, line);
	explicit_bzero(text, length);
	free(text);
	if (!tokens->count)
		cli_say("%s: has no tokens, a line for each", path);
	return tokens->count ? DFH_OK : DFH_USAGE;
}

int serve_tokens_new(const struct serve_options *options,
		     struct serve_tokens **out)
{
	int status = DFH_OK;
	*out = NULL;
	if (!options->tokens && !options->introspect.base)
		return DFH_OK;
	struct serve_tokens *tokens = xmalloc(sizeof *tokens);
	*tokens = (struct serve_tokens){0};
	pthread_mutex_init(&tokens->lock, NULL);
	if (options->tokens)
		status = read_tokens(tokens, options->tokens);
	if (status == DFH_OK && options->introspect.base)
		status = http_new(&options->introspect, &tokens->server);
	if (status == DFH_OK)
		*out = tokens;
	else
		serve_tokens_free(tokens);
	return status;
}

static void free_kept_token(struct kept_token *kept)
{
	free(kept->scope);
	free(kept->patient);
}

void serve_tokens_free(struct serve_tokens *tokens)
{
	if (!tokens)
		return;
	for (size_t i = 0; i < KEPT; i++)
		free_kept_token(&tokens->kept[i]);
	free(tokens->digests);
	http_free(tokens->server);
	pthread_mutex_destroy(&tokens->lock);
	free(tokens);
}

/* ---- the authorization server ---- */

/* NULL: it is not there.  false: it is no text. */
static bool take_said_text(json_object *said, const char *member, char **out)
{
	const char *text = json_text(said, member);
	*out = text ? xstrdup(text) : NULL;
	return text || !json_member(said, member);
}

/* Words with blanks between (RFC 7662 2.2), or, as some servers say it, an
 * array of them.  false: it is neither. */
static bool take_said_scope(json_object *said, char **out)
{
	json_object *words = json_member(said, "scope");
	struct buffer scope = {0};
	bool good = true;
	if (!json_object_is_type(words, json_type_array))
		return take_said_text(said, "scope", out);
	for (size_t i = 0; i < json_count(words); i++) {
		const char *word = json_string(json_at(words, i));
		good = good && word;
		if (word) {
			buffer_add(&scope, word, strlen(word));
			buffer_add(&scope, " ", 1);
		}
	}
	buffer_add(&scope, "", 1);
	*out = (char *)scope.bytes;
	return good;
}

/* Seconds until a moment that is said, or `otherwise`; NAN: it is no number. */
static double seconds_until(json_object *said, const char *member,
			    double otherwise)
{
	json_object *moment = json_member(said, member);
	if (!moment)
		return otherwise;
	return json_object_is_type(moment, json_type_int) ||
			       json_object_is_type(moment, json_type_double)
		       ? json_object_get_double(moment) - (double)time(NULL)
		       : NAN;
}

/* What is not as it must be opens nothing. */
static void take_introspection(const struct http_answer *answer,
			       struct kept_token *kept)
{
	json_object *said = http_answer_json(answer, DEPTH);
	json_object *active = json_member(said, "active");
	bool scope_is_good = take_said_scope(said, &kept->scope);
	bool patient_is_good = take_said_text(said, "patient", &kept->patient);
	double left = seconds_until(said, "exp", KEPT_SECONDS);
	kept->is_active = json_object_is_type(active, json_type_boolean) &&
			  json_object_get_boolean(active) && scope_is_good &&
			  patient_is_good && left > 0 &&
			  seconds_until(said, "nbf", 0) <= 0;
	if (left > 0 && left < KEPT_SECONDS)
		kept->until = http_seconds() + left;
	json_object_put(said);
}

/* false: it does not answer. */
static bool introspect(struct serve_tokens *tokens, const char *token,
		       struct kept_token *kept)
{
	static const char *const headers[] = {
		"Accept: application/json",
		"Content-Type: application/x-www-form-urlencoded", NULL};
	char *encoded = http_encoded(token);
	char *form = xprintf("token=%s&token_type_hint=access_token", encoded);
	const struct http_request request = {.method = "POST",
					     .target = "",
					     .headers = headers,
					     .body = form,
					     .length = strlen(form),
					     .limit = 1 << 20};
	struct http_answer answer;
	http_ask(tokens->server, &request, &answer);
	bool answers = answer.outcome == HTTP_ANSWERED;
	kept->until = http_seconds() + KEPT_SECONDS;
	if (answers)
		take_introspection(&answer, kept);
	http_answer_free(&answer);
	explicit_bzero(encoded, strlen(encoded));
	explicit_bzero(form, strlen(form));
	free(encoded);
	free(form);
	return answers;
}

static struct kept_token *place_of(struct serve_tokens *tokens,
				   const char *digest)
{
	char byte[3] = {digest[0], digest[1], '\0'};
	return &tokens->kept[strtoul(byte, NULL, 16) % KEPT];
}

static void copy_kept(struct kept_token *to, const struct kept_token *from)
{
	*to = *from;
	to->scope = from->scope ? xstrdup(from->scope) : NULL;
	to->patient = from->patient ? xstrdup(from->patient) : NULL;
}

/* What is known of it, or is asked now.  false: nobody answers. */
static bool learn_token(struct serve_tokens *tokens, const char *token,
			const char *digest, struct kept_token *out)
{
	struct kept_token *place = place_of(tokens, digest);
	pthread_mutex_lock(&tokens->lock);
	bool is_known = strcmp(place->digest, digest) == 0 &&
			place->until > http_seconds();
	if (is_known)
		copy_kept(out, place);
	pthread_mutex_unlock(&tokens->lock);
	if (is_known)
		return true;
	*out = (struct kept_token){0};
	snprintf(out->digest, sizeof out->digest, "%s", digest);
	if (!introspect(tokens, token, out))
		return false;
	pthread_mutex_lock(&tokens->lock);
	free_kept_token(place);
	copy_kept(place, out);
	pthread_mutex_unlock(&tokens->lock);
	return true;
}

/* ---- scopes ---- */

/* "read", "*", or letters of "cruds" (SMART App Launch 2, Scopes), of which one
 * is wanted. */
static bool permits(const char *permission, size_t length, char letter)
{
	if (length == 1 && *permission == '*')
		return true;
	if (length == 4 && strncmp(permission, "read", 4) == 0)
		return true;
	for (size_t i = 0; i < length; i++)
		if (!strchr("cruds", permission[i]))
			return false;
	return memchr(permission, letter, length) != NULL;
}

/* Is the word "CONTEXT/TYPE.PERMISSION" one for it? */
static bool scope_permits(const char *word, const char *context,
			  const char *type, char letter)
{
	size_t length = strlen(context);
	if (strncmp(word, context, length) != 0 || word[length] != '/')
		return false;
	word += length + 1;
	length = strlen(type);
	if (strncmp(word, "*.", 2) == 0)
		word += 2;
	else if (strncmp(word, type, length) == 0 && word[length] == '.')
		word += length + 1;
	else
		return false;
	return permits(word, strcspn(word, " ?"), letter) &&
	       word[strcspn(word, " ?")] != '?';
}

static bool scopes_permit(const char *scopes, const char *context,
			  const char *type, char letter)
{
	for (const char *word = scopes; *word; word += strspn(word, " "),
			word += strcspn(word, " "), word += strspn(word, " "))
		if (scope_permits(word, context, type, letter))
			return true;
	return false;
}

static bool scopes_permit_all(const char *scopes, const char *type, char letter)
{
	return scopes_permit(scopes, "user", type, letter) ||
	       scopes_permit(scopes, "system", type, letter);
}

/* One that is active: for all, or for the patient alone?  Without a scope it is
 * for nothing. */
static bool opens(const struct kept_token *kept, struct serve_request *request)
{
	char letter = request->searches ? 's' : 'r';
	if (!kept->scope)
		return false;
	if (!scopes_permit_all(kept->scope, request->type, letter)) {
		if (!kept->patient || !scopes_permit(kept->scope, "patient",
						     request->type, letter))
			return false;
		request->patient = xstrdup(kept->patient);
	}
	request->scopes = xstrdup(kept->scope);
	return true;
}

bool serve_lets_read(const struct serve_request *request, const char *type)
{
	return !request->scopes ||
	       scopes_permit_all(request->scopes, type, 'r') ||
	       (request->patient &&
		scopes_permit(request->scopes, "patient", type, 'r'));
}

/* ---- a request ---- */

static bool refuse_token(struct serve_reply *reply, unsigned int status,
			 const char *code, const char *text)
{
	serve_fail(reply, status, code, "%s", text);
	reply->asks_for_token = status == 401;
	return false;
}

static bool is_in_file(const struct serve_tokens *tokens, const char *digest)
{
	bool found = false;
	for (size_t i = 0; i < tokens->count; i++)
		found = strcmp(tokens->digests[i], digest) == 0 || found;
	return found;
}

static bool ask_of_token(struct serve_tokens *tokens, const char *token,
			 const char *digest, struct serve_request *request,
			 struct serve_reply *reply)
{
	struct kept_token kept;
	bool good = false;
	if (!learn_token(tokens, token, digest, &kept)) {
		serve_put_off(reply, -1, "the authorization server");
		return false;
	}
	if (!kept.is_active)
		refuse_token(reply, 401, "login", "the token is not valid");
	else if (!opens(&kept, request))
		refuse_token(reply, 403, "forbidden",
			     "the token is not for this");
	else
		good = true;
	free_kept_token(&kept);
	return good;
}

bool serve_lets_in(struct serve_tokens *tokens, const char *authorization,
		   struct serve_request *request, struct serve_reply *reply)
{
	static const char scheme[] = "Bearer ";
	char digest[DIGEST_SIZE];
	if (!tokens)
		return true;
	if (!authorization ||
	    strncasecmp(authorization, scheme, sizeof scheme - 1) != 0)
		return refuse_token(reply, 401, "login",
				    "a bearer token is needed");
	const char *token = authorization + sizeof scheme - 1;
	token += strspn(token, " ");
	if (!*token || strlen(token) > TOKEN_MOST ||
	    digest_bytes(token, strlen(token), digest) < 0)
		return refuse_token(reply, 401, "login",
				    "the token is not valid");
	if (is_in_file(tokens, digest))
		return true;
	if (tokens->server)
		return ask_of_token(tokens, token, digest, request, reply);
	return refuse_token(reply, 401, "login", "the token is not valid");
}
