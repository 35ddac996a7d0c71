#include "dcm_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "error.h"
#include "read_at.h"

enum { WINDOW_SIZE = 16 * 1024 };

void dcm_put_u16(unsigned char *bytes, bool big_endian, uint16_t value)
{
	bytes[big_endian ? 1 : 0] = (unsigned char)(value & 0xff);
	bytes[big_endian ? 0 : 1] = (unsigned char)(value >> 8);
}

void dcm_put_u32(unsigned char *bytes, bool big_endian, uint32_t value)
{
	dcm_put_u16(bytes + (big_endian ? 2 : 0), big_endian,
		    (uint16_t)(value & 0xffff));
	dcm_put_u16(bytes + (big_endian ? 0 : 2), big_endian,
		    (uint16_t)(value >> 16));
}

static int open_dicom_file(struct dcm_file *file, const int *fd,
			   dfh_error **error)
{
	struct stat status;

	/* O_NONBLOCK: opening a FIFO must not wait for its writer */
	file->fd =
		fd ? *fd : open(file->name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	file->is_borrowed = fd != NULL;
	if (file->fd < 0 || fstat(file->fd, &status) < 0) {
		int fault = errno;

		dcm_file_close(file);
		return error_because(error, DFH_CANNOT_READ, "%s: %s",
				     file->name, strerror(fault));
	}
	if (!S_ISREG(status.st_mode)) {
		dcm_file_close(file);
		return error_because(error, DFH_CANNOT_READ,
				     "%s: is not a regular file", file->name);
	}
	file->size = (uint64_t)status.st_size;
	return 0;
}

int dcm_file_open(struct dcm_file *file, const struct dcm_source *source,
		  dfh_error **error)
{
	memset(file, 0, sizeof(*file));
	file->name = source->name;
	file->source = *source;
	file->fd = -1;
	if (!source->bytes && !source->read_at) {
		if (open_dicom_file(file, source->fd, error) < 0)
			return -1;
	} else {
		file->bytes = source->bytes;
		file->size = source->length;
	}
	file->stored_size = file->size;
	file->limit = memory_limit(source->limit, file->size);
	return 0;
}

void dcm_file_close(struct dcm_file *file)
{
	if (file->fd >= 0 && !file->is_borrowed)
		close(file->fd);
	file->fd = -1;
	free(file->head);
	file->head = NULL;
	file->head_length = 0;
	free(file->window);
	file->window = NULL;
	free(file->inflated);
	file->inflated = NULL;
	free(file->doubled.at);
	file->doubled = (struct dcm_doubled){0};
	dcm_scan_free(&file->scan);
}

static bool read_from_source(struct dcm_file *file, uint64_t offset,
			     unsigned char *to, size_t length)
{
	const struct dcm_source *source = &file->source;

	file->fault = source->read_at(offset, to, length, source->context);
	/* what errno does not have is no reason to go on */
	if (file->fault < 0)
		file->fault = EIO;
	return !file->fault;
}

static bool read_file_at(struct dcm_file *file, uint64_t offset,
			 unsigned char *to, size_t length)
{
	if (file->source.read_at)
		return read_from_source(file, offset, to, length);
	/* EIO: it has become shorter since it was opened */
	file->fault = read_at(file->fd, offset, to, length);
	return !file->fault;
}

/* Where bytes that are in memory begin; NULL: not all of them are. */
static const unsigned char *in_memory(const struct dcm_file *file,
				      uint64_t offset, size_t length)
{
	if (file->bytes)
		return file->bytes + offset;
	if (file->head && offset + length <= file->head_length)
		return file->head + offset;
	if (file->window && offset >= file->window_offset &&
	    offset + length <= file->window_offset + file->window_length)
		return file->window + (offset - file->window_offset);
	return NULL;
}

/* Read on from what is there of the head, so that it has no gap. */
static const unsigned char *read_head(struct dcm_file *file, uint64_t offset,
				      size_t ahead)
{
	size_t end = (size_t)offset + ahead;

	if (end > WINDOW_SIZE)
		end = WINDOW_SIZE;
	if (end > file->size)
		end = (size_t)file->size;
	if (!file->head)
		file->head = xmalloc(WINDOW_SIZE);
	if (!read_file_at(file, file->head_length,
			  file->head + file->head_length,
			  end - file->head_length))
		return NULL;
	file->head_length = end;
	return file->head + offset;
}

static const unsigned char *read_window(struct dcm_file *file, uint64_t offset,
					size_t ahead)
{
	uint64_t rest = file->size - offset;

	if (ahead > WINDOW_SIZE)
		ahead = WINDOW_SIZE;
	if (ahead > rest)
		ahead = (size_t)rest;
	if (!file->window)
		file->window = xmalloc(WINDOW_SIZE);
	file->window_length = 0;
	if (!read_file_at(file, offset, file->window, ahead))
		return NULL;
	file->window_offset = offset;
	file->window_length = ahead;
	return file->window;
}

const unsigned char *dcm_file_view(struct dcm_file *file, uint64_t offset,
				   size_t length, size_t ahead)
{
	const unsigned char *at;

	if (offset > file->size || file->size - offset < length)
		return NULL;
	at = in_memory(file, offset, length);
	if (at)
		return at;
	if (ahead < length)
		ahead = length;
	return offset + length <= WINDOW_SIZE
		       ? read_head(file, offset, ahead)
		       : read_window(file, offset, ahead);
}

const unsigned char *dcm_file_rest(const struct dcm_file *file, uint64_t offset,
				   size_t *length)
{
	uint64_t end = file->bytes ? file->size
		       : offset < file->head_length
			       ? file->head_length
			       : file->window_offset + file->window_length;
	const unsigned char *at =
		offset < end ? in_memory(file, offset, 1) : NULL;

	*length = at ? (size_t)(end - offset) : 0;
	return at;
}

int dcm_file_read(struct dcm_file *file, uint64_t offset, void *to,
		  size_t length, dfh_error **error)
{
	const unsigned char *at;

	if (!length)
		return 0;
	at = in_memory(file, offset, length);
	if (at) {
		memcpy(to, at, length);
		return 0;
	}
	if (read_file_at(file, offset, to, length))
		return 0;
	return error_because(error, DFH_CANNOT_READ, "%s: %s", file->name,
			     strerror(file->fault));
}
