#include "serve_reply.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "hash.h"
#include "json_print.h"

/* Where nobody says when to come again. */
enum { AGAIN_SECONDS = 30, AGAIN_MOST = 3600 };

json_object *serve_outcome(const char *severity, const char *code,
			   const char *text)
{
	json_object *outcome = json_new_object();
	json_object *issues = json_new_array(), *issue = json_new_object();
	json_add_text(outcome, "resourceType", "OperationOutcome");
	json_add_text(issue, "severity", severity);
	json_add_text(issue, "code", code);
	json_add_text(issue, "diagnostics", text);
	json_append(issues, issue);
	json_add(outcome, "issue", issues);
	return outcome;
}

void serve_print(json_object *resource, struct buffer *out)
{
	json_print(resource,
		   JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE,
		   out);
}

void serve_fail(struct serve_reply *reply, unsigned int status,
		const char *code, const char *format, ...)
{
	char text[400];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	json_object *outcome = serve_outcome("error", code, text);
	reply->status = status;
	reply->body.length = 0;
	*reply->etag = '\0';
	reply->modified = 0;
	serve_print(outcome, &reply->body);
	json_object_put(outcome);
}

void serve_tell_absent(struct serve_reply *reply)
{
	serve_fail(reply, 404, "not-found", "there is no such resource");
}

void serve_put_off(struct serve_reply *reply, double retry_after,
		   const char *who)
{
	serve_fail(reply, 503, "transient", "%s does not answer now: try again",
		   who);
	reply->retry_after = retry_after < 1		? AGAIN_SECONDS
			     : retry_after > AGAIN_MOST ? AGAIN_MOST
							: (long)retry_after;
}

void serve_digest(const struct buffer *text, char digest[SERVE_DIGEST])
{
	snprintf(digest, SERVE_DIGEST, "%016" PRIx64,
		 hash_bytes(HASH_START, text->bytes, text->length));
}

void serve_instant(time_t at, char instant[SERVE_INSTANT])
{
	struct tm utc;
	strftime(instant, SERVE_INSTANT, "%Y-%m-%dT%H:%M:%SZ",
		 gmtime_r(&at, &utc));
}

void serve_give(struct serve_reply *reply, json_object *resource)
{
	char digest[SERVE_DIGEST];
	reply->status = 200;
	reply->body.length = 0;
	serve_print(resource, &reply->body);
	serve_digest(&reply->body, digest);
	snprintf(reply->etag, sizeof reply->etag, "W/\"%s\"", digest);
}

bool serve_has_version(const struct serve_reply *reply, const char *list)
{
	static const char blanks[] = " \t";
	const char *opaque = reply->etag + 2; /* behind W/ */
	list += strspn(list, blanks);
	if (*list == '*')
		return !list[1 + strspn(list + 1, blanks)];
	for (;;) {
		list += strspn(list, " \t,");
		list += strncmp(list, "W/", 2) == 0 ? 2 : 0;
		const char *end = *list == '"' ? strchr(list + 1, '"') : NULL;
		if (!end)
			return false;
		size_t length = (size_t)(end - list) + 1;
		if (strlen(opaque) == length &&
		    strncmp(list, opaque, length) == 0)
			return true;
		list = end + 1 + strspn(end + 1, blanks);
		if (*list != ',')
			return false;
	}
}

void serve_reply_free(struct serve_reply *reply)
{
	buffer_free(&reply->body);
}
