/* Values that the metadata has elsewhere (PS3.18 F.2.6): of the same server
 * alone, as they are or as the one part of a multipart answer. */
#include <stdlib.h>

#include "buffer.h"
#include "dicomweb.h"
#include "memory.h"
#include "multipart.h"

static const char accept[] =
	"Accept: application/octet-stream, "
	"multipart/related; type=\"application/octet-stream\"";

struct bulk_part {
	struct buffer content;
	size_t ended; /* parts */
};

static int add_part_content(const void *bytes, size_t length, void *context)
{
	struct bulk_part *part = context;
	buffer_add(&part->content, bytes, length);
	return 0;
}

static int end_content_part(void *context)
{
	struct bulk_part *part = context;
	part->ended++;
	return 0;
}

/* The content of the only part; false: there is none, or another one. */
static bool only_part(char *delimiter, const struct buffer *body,
		      struct buffer *out)
{
	struct bulk_part part = {0};
	struct multipart multipart = {.take = add_part_content,
				      .end = end_content_part,
				      .context = &part};
	multipart_begin(&multipart, delimiter);
	bool is = multipart_add(&multipart, body->bytes, body->length) == 0 &&
		  multipart_is_over(&multipart) && part.ended == 1;
	multipart_free(&multipart);
	*out = part.content;
	return is;
}

static int take_bulk_answer(struct http_answer *answer, void **bytes,
			    size_t *length)
{
	char *delimiter = multipart_delimiter(answer->type);
	struct buffer content = {0};
	if (!delimiter) {
		content = answer->body;
		answer->body = (struct buffer){0};
	} else if (!only_part(delimiter, &answer->body, &content)) {
		buffer_free(&content);
		return -1;
	}
	*length = content.length;
	*bytes = content.bytes ? content.bytes : xmalloc(1);
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
		dicomweb_refuse_part(&answer);
		if (answer.outcome == HTTP_ANSWERED)
			result = take_bulk_answer(&answer, bytes, length);
		*tired = answer.outcome == HTTP_PUT_OFF;
		http_answer_free(&answer);
	}
	free(url);
	return result;
}
