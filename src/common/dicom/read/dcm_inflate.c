/*
 * Deflated datasets (PS3.5 A.5).  Some kilobytes may claim to be gigabytes: all
 * of the stream is looked at, but no more of it is kept than is wanted.
 */
#include "dcm_file.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "error.h"

enum { AT_ONCE = 64 * 1024 };

struct inflater {
	struct dcm_file *file; /* as it is stored */
	uint64_t at;	       /* what comes next of it */
	z_stream stream;
	unsigned char *bytes; /* what is kept */
	size_t length, capacity, most;
	uint64_t total;
};

static void keep_inflated(struct inflater *in, const unsigned char *bytes,
			  size_t length)
{
	in->total += length;
	if (length > in->most - in->length)
		length = in->most - in->length;
	if (length > in->capacity - in->length) {
		in->capacity = in->capacity < in->most / 2 ? in->capacity * 2
							   : in->most;
		if (in->capacity < in->length + length)
			in->capacity = in->length + length;
		in->bytes = xrealloc(in->bytes, in->capacity);
	}
	if (length)
		memcpy(in->bytes + in->length, bytes, length);
	in->length += length;
}

/* Z_ERRNO: it cannot be read. */
static int fill_input(struct inflater *in, unsigned char *from,
		      dfh_error **error)
{
	uint64_t rest = in->file->stored_size - in->at;
	size_t length = rest < AT_ONCE ? (size_t)rest : AT_ONCE;

	if (dcm_file_read(in->file, in->at, from, length, error) < 0)
		return Z_ERRNO;
	in->at += length;
	in->stream.next_in = from;
	in->stream.avail_in = (uInt)length;
	return Z_OK;
}

/* Returns zlib's last answer; Z_STREAM_END is the good one.  What cannot be
 * kept ends it, unless all is to be looked at: with Z_MEM_ERROR, or well if
 * that was done before. */
static int inflate_all(struct inflater *in, bool all, dfh_error **error)
{
	unsigned char *from = xmalloc((size_t)2 * AT_ONCE);
	unsigned char *to = from + AT_ONCE;
	int answer = Z_OK;

	/* negative: no zlib header around the stream */
	if (inflateInit2(&in->stream, -MAX_WBITS) != Z_OK)
		out_of_memory();
	do {
		if (!in->stream.avail_in)
			answer = fill_input(in, from, error);
		if (answer != Z_OK)
			break;
		in->stream.next_out = to;
		in->stream.avail_out = AT_ONCE;
		answer = inflate(&in->stream, Z_NO_FLUSH);
		keep_inflated(in, to, AT_ONCE - in->stream.avail_out);
		if (in->total > in->most && in->file->whole_size)
			answer = Z_STREAM_END;
		else if (in->total > in->most && !all)
			answer = Z_MEM_ERROR;
	} while (answer == Z_OK);
	inflateEnd(&in->stream);
	free(from);
	return answer;
}

static int inflate_fault(const struct dcm_file *file, int answer,
			 dfh_error **error)
{
	if (answer == Z_MEM_ERROR)
		return dcm_file_refuse_large(file, error);
	if (answer == Z_OK || answer == Z_BUF_ERROR)
		return error_because(error, DFH_TRUNCATED,
				     "%s: ends before it should: its deflated "
				     "dataset is cut off at byte %llu",
				     file->name,
				     (unsigned long long)file->stored_size);
	return error_because(error, DFH_DAMAGED,
			     "%s: is damaged: its deflated dataset is invalid",
			     file->name);
}

int dcm_file_inflate(struct dcm_file *file, uint64_t offset, uint64_t most,
		     bool all, dfh_error **error)
{
	struct inflater in = {.file = file,
			      .at = offset,
			      .most = (size_t)(offset + most),
			      .capacity = (size_t)offset + 4096};
	int answer;

	if (offset > file->limit)
		return dcm_file_refuse_large(file, error);
	/* as it is stored, if it is inflated again */
	file->bytes = file->source.bytes;
	file->size = file->stored_size;
	in.bytes = xmalloc(in.capacity);
	in.length = in.total = (size_t)offset;
	answer = dcm_file_read(file, 0, in.bytes, (size_t)offset, error) < 0
			 ? Z_ERRNO
			 : inflate_all(&in, all, error);
	if (answer != Z_STREAM_END) {
		free(in.bytes);
		return answer == Z_ERRNO ? -1
					 : inflate_fault(file, answer, error);
	}
	free(file->inflated);
	file->bytes = file->inflated = in.bytes;
	file->size = in.length;
	if (!file->whole_size)
		file->whole_size = in.total;
	return 0;
}

unsigned char *dcm_deflate(const unsigned char *bytes, size_t length,
			   size_t *deflated)
{
	z_stream stream = {0};
	unsigned char *out;
	size_t bound;

	if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -MAX_WBITS,
			 8, Z_DEFAULT_STRATEGY) != Z_OK)
		out_of_memory();
	bound = deflateBound(&stream, (uLong)length);
	out = xmalloc(bound + 1);
	/* zlib does not write to its input, it only forgot to say so */
	stream.next_in = (unsigned char *)(uintptr_t)bytes;
	stream.avail_in = (uInt)length;
	stream.next_out = out;
	stream.avail_out = (uInt)bound;
	(void)deflate(&stream, Z_FINISH);
	*deflated = stream.total_out;
	deflateEnd(&stream);
	/* the stream is padded to an even length (PS3.5 A.5) */
	if (*deflated & 1)
		out[(*deflated)++] = 0;
	return out;
}
