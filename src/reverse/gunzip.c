#include "gunzip.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "error.h"
#include "memory.h"

/* What one call of zlib takes and gives at most. */
enum { AT_ONCE = 1 << 20 };

struct text {
	char *at;
	size_t length, capacity;
};

bool is_gzip(const char *bytes, size_t length)
{
	/* RFC 1952 2.3.1 */
	return length > 2 && memcmp(bytes, "\x1f\x8b\x08", 3) == 0;
}

static void make_room_for_text(struct text *text)
{
	if (text->capacity - text->length >= AT_ONCE)
		return;
	text->capacity = 2 * text->capacity + AT_ONCE;
	text->at = xrealloc(text->at, text->capacity);
}

/* zlib's last answer; Z_STREAM_END is the good one, Z_MEM_ERROR: too much. */
static int inflate_into(struct text *text, z_stream *stream, const char *bytes,
			size_t length, uint64_t limit)
{
	size_t at = 0;
	int answer = Z_OK;
	while (answer == Z_OK || (answer == Z_STREAM_END && at < length)) {
		size_t left = length - at;
		if (answer == Z_STREAM_END && inflateReset(stream) != Z_OK)
			return Z_STREAM_ERROR;
		make_room_for_text(text);
		stream->next_in = (unsigned char *)bytes + at;
		stream->avail_in = left < AT_ONCE ? (uInt)left : AT_ONCE;
		stream->next_out = (unsigned char *)text->at + text->length;
		stream->avail_out = AT_ONCE;
		uInt given = stream->avail_in;
		answer = inflate(stream, Z_NO_FLUSH);
		at += given - stream->avail_in;
		text->length += AT_ONCE - stream->avail_out;
		if (text->length > limit)
			return Z_MEM_ERROR;
	}
	return answer;
}

static void fail_gunzip(const char *name, int answer, uint64_t limit,
			dfh_error **error)
{
	if (answer == Z_MEM_ERROR)
		error_because(error, DFH_TOO_LARGE,
			      "%s: would be more than %llu bytes without its "
			      "compression, which is the limit; raise it if "
			      "the file is to be trusted",
			      name, (unsigned long long)limit);
	else
		error_because(error, DFH_NOT_FHIR,
			      "%s: is compressed by gzip, and %s", name,
			      answer == Z_BUF_ERROR ? "ends too early"
						    : "damaged");
}

char *gunzip(const char *name, const char *bytes, size_t length, uint64_t limit,
	     size_t *out_length, dfh_error **error)
{
	struct text text = {0};
	z_stream stream = {0};
	/* 16: with the header of gzip */
	if (inflateInit2(&stream, 16 + MAX_WBITS) != Z_OK)
		out_of_memory();
	int answer = inflate_into(&text, &stream, bytes, length, limit);
	inflateEnd(&stream);
	if (answer != Z_STREAM_END) {
		fail_gunzip(name, answer, limit, error);
		free(text.at);
		return NULL;
	}
	*out_length = text.length;
	return text.at;
}
