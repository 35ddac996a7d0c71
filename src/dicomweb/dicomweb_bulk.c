/* Values that the metadata has elsewhere (PS3.18 F.2.6): of the same server
 * alone, as they are or as the one part of a multipart answer. */
#include <stdlib.h>
#include <string.h>

#include "dicomweb.h"
#include "memory.h"
#include "multipart.h"

static const char accept[] =
	"Accept: application/octet-stream, "
	"multipart/related; type=\"application/octet-stream\"";

/* The content of the only part; false: there is none, or another one. */
static bool only_part(const char *delimiter, const char **at, size_t *length)
{
	size_t size = strlen(delimiter);
	const char *end, *body;
	/* the first one may be without the line before */
	if (*length < size - 2 || memcmp(*at, delimiter + 2, size - 2) != 0) {
		body = memmem(*at, *length, delimiter, size);
		if (!body)
			return false;
		*length -= (size_t)(body + 2 - *at);
		*at = body + 2;
	}
	body = memmem(*at, *length, "\r\n\r\n", 4);
	if (!body)
		return false;
	body += 4;
	*length -= (size_t)(body - *at);
	*at = body;
	end = memmem(body, *length, delimiter, size);
	if (!end || (size_t)(body + *length - end) < size + 2 ||
	    memcmp(end + size, "--", 2) != 0)
		return false;
	*length = (size_t)(end - body);
	return true;
}

static int take(const struct http_answer *answer, void **bytes, size_t *length)
{
	char *delimiter = multipart_delimiter(answer->type);
	const char *at = (const char *)answer->body.bytes;
	bool taken = true;
	*length = answer->body.length;
	if (delimiter)
		taken = only_part(delimiter, &at, length);
	free(delimiter);
	if (!taken)
		return -1;
	*bytes = xmalloc(*length + 1);
	if (*length)
		memcpy(*bytes, at, *length);
	return 0;
}

int dicomweb_bulk(struct dicomweb *web, const char *base, const char *uri,
		  bool *tired, void **bytes, size_t *length)
{
	char *url = http_resolve(base, uri);
	struct http_answer answer;
	int result = -1;
	if (url && !*tired && http_same_origin(base, url)) {
		dicomweb_ask(web, url, accept, &answer);
		if (answer.outcome == HTTP_ANSWERED)
			result = take(&answer, bytes, length);
		*tired = answer.outcome == HTTP_PUT_OFF;
		http_answer_free(&answer);
	}
	free(url);
	return result;
}
