/* JSON as servers give it: as it is, or as multipart content (PS3.18 8.7),
 * whose parts are one after another what the answer says. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dicomweb.h"
#include "multipart.h"

struct content {
	const struct dicomweb_content *to;
	const struct http_answer *answer;
	struct multipart multipart;
	bool has_begun, is_plain, is_broken;
};

static int take_content_part(const void *bytes, size_t length, void *context)
{
	const struct dicomweb_content *to = context;
	return to->take(bytes, length, to->context);
}

/* What two parts say stays apart. */
static int end_content(void *context)
{
	return take_content_part("\n", 1, context);
}

/* Whatever its type is said to be. */
static bool begins_as_json_text(const char *bytes, size_t length)
{
	size_t at = 0;
	while (at < length && memchr("\xef\xbb\xbf \t\r\n", bytes[at], 7))
		at++;
	return at < length && (bytes[at] == '[' || bytes[at] == '{');
}

static void begin_content(struct content *content, const char *bytes,
			  size_t length)
{
	char *delimiter = multipart_delimiter(content->answer->type);
	content->has_begun = true;
	content->is_plain = !delimiter || begins_as_json_text(bytes, length);
	if (content->is_plain)
		free(delimiter);
	else
		multipart_begin(&content->multipart, delimiter);
}

static int take_content(const void *bytes, size_t length, void *context)
{
	struct content *content = context;
	const struct dicomweb_content *to = content->to;
	if (!content->has_begun)
		begin_content(content, bytes, length);
	if (content->is_plain)
		return to->take(bytes, length, to->context);
	content->is_broken =
		multipart_add(&content->multipart, bytes, length) != 0;
	return content->is_broken ? -1 : 0;
}

static void restart_content(void *context)
{
	struct content *content = context;
	content->has_begun = content->is_broken = false;
	content->to->restart(content->to->context);
}

/* Of multipart content the end is told, too. */
static void refuse_broken_content(struct content *content,
				  struct http_answer *answer)
{
	bool is_cut = answer->outcome == HTTP_ANSWERED && content->has_begun &&
		      !content->is_plain &&
		      !multipart_is_over(&content->multipart);
	if (!is_cut && !content->is_broken)
		return;
	answer->outcome = HTTP_REFUSED;
	snprintf(answer->fault, sizeof answer->fault, "%s",
		 is_cut ? "the multipart content ends too early"
			: "the answer is no multipart content");
}

void dicomweb_ask_json(struct dicomweb *web, const char *url,
		       const struct dicomweb_content *to,
		       unsigned long long limit, struct http_answer *answer)
{
	static const char *const headers[] = {dicomweb_json, NULL};
	struct content content = {.to = to, .answer = answer};
	const struct http_request request = {.method = "GET",
					     .target = url,
					     .headers = headers,
					     .limit = (size_t)limit,
					     .take = take_content,
					     .restart = restart_content,
					     .context = &content};
	content.multipart.take = take_content_part;
	content.multipart.end = end_content;
	content.multipart.context = (void *)to;
	dicomweb_request(web, &request, answer);
	refuse_broken_content(&content, answer);
	multipart_free(&content.multipart);
}
