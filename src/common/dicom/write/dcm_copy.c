/* A part of one file into another, by the kernel where that is faster. */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "dcm_output.h"

/* Pages and blocks of file systems; reads and writes at once. */
enum { BLOCK = 4096, COPIED_AT_ONCE = 256 * 1024 };

/* Below it, a copy by the kernel costs more calls than it saves. */
enum { WORTH_THE_KERNEL = 64 * 1024 };

/* The disk begins to write while we go on: the flush at the end, which must be
 * waited for, then has less to do. */
enum { BEGUN_AT_ONCE = 8 * 1024 * 1024 };

static void begin_flush(struct dcm_output *out, uint64_t *begun, uint64_t to)
{
	if (to - *begun < BEGUN_AT_ONCE)
		return;
	/* not more than a hint: the flush tells what goes wrong */
	(void)sync_file_range(out->file.fd, (off_t)*begun, (off_t)(to - *begun),
			      SYNC_FILE_RANGE_WRITE);
	*begun = to;
}

/* Read and write so that the writes end at whole blocks: writing then costs
 * what it costs the kernel, wherever the reads begin. */
static int copy_by_hand(struct dcm_output *out, struct dcm_file *file,
			uint64_t offset, uint64_t length, uint64_t to,
			dfh_error **error)
{
	size_t size = length < COPIED_AT_ONCE ? (size_t)length : COPIED_AT_ONCE;
	unsigned char *buffer;
	uint64_t begun = to;
	int answer = 0;
	void *aligned;

	/* aligned: between addresses that are not, copies take longer */
	buffer = posix_memalign(&aligned, BLOCK, size ? size : 1) == 0
			 ? aligned
			 : xmalloc(size ? size : 1);

	while (answer == 0 && length) {
		size_t part = COPIED_AT_ONCE - (size_t)(to % COPIED_AT_ONCE);

		if (part > size)
			part = size;
		if (part > length)
			part = (size_t)length;
		answer = dcm_file_read(file, offset, buffer, part, error);
		if (answer == 0)
			answer = dcm_output_write(out, buffer, part, error);
		offset += part;
		to += part;
		length -= part;
		begin_flush(out, &begun, to);
	}
	free(buffer);
	return answer;
}

/* The server copies, and nothing goes over the network. */
static bool is_remote(int fd)
{
	struct statfs status;

	if (fstatfs(fd, &status) < 0)
		return false;
	switch ((unsigned long)status.f_type) {
	case NFS_SUPER_MAGIC:
	case SMB_SUPER_MAGIC:
	case 0xff534d42: /* CIFS */
	case 0xfe534d42: /* SMB2 */
	case 0x00c36400: /* CEPH */
		return true;
	default:
		return false;
	}
}

/*
 * How much of it the kernel copies by itself: all, or less where file systems
 * do not allow it.  Where blocks can be shared, none is copied at all.
 */
static uint64_t copy_range(struct dcm_output *out, struct dcm_file *file,
			   uint64_t offset, uint64_t length, uint64_t to,
			   int *fault)
{
	const uint64_t most = BEGUN_AT_ONCE;
	off_t from = (off_t)offset;
	uint64_t done = 0, begun = to;

	while (done < length) {
		uint64_t rest = length - done;
		ssize_t copied =
			copy_file_range(file->fd, &from, out->file.fd, NULL,
					(size_t)(rest < most ? rest : most), 0);

		if (copied < 0 && errno == EINTR)
			continue;
		if (copied < 0)
			*fault = errno;
		if (copied <= 0)
			break;
		done += (uint64_t)copied;
		begin_flush(out, &begun, to + done);
	}
	return done;
}

/* Will reading and writing fail too? */
static bool is_final(int fault)
{
	return fault == ENOSPC || fault == EDQUOT || fault == EIO ||
	       fault == EFBIG;
}

int dcm_output_copy(struct dcm_output *out, struct dcm_file *file,
		    uint64_t offset, uint64_t length, dfh_error **error)
{
	off_t to = lseek(out->file.fd, 0, SEEK_CUR);
	uint64_t first = 0, done = 0;
	int fault = 0;

	if (file->bytes)
		return dcm_output_write(out, file->bytes + offset,
					(size_t)length, error);
	if (to < 0)
		return dcm_output_fail(out, errno, error);
	if (length < WORTH_THE_KERNEL)
		return copy_by_hand(out, file, offset, length, (uint64_t)to,
				    error);
	/*
	 * Where source and target do not begin at the same place of a block,
	 * the kernel moves piece by piece and takes half as long again as
	 * reading and writing does.
	 */
	if ((offset - (uint64_t)to) % BLOCK == 0)
		first = (BLOCK - offset % BLOCK) % BLOCK;
	else if (!is_remote(out->file.fd))
		return copy_by_hand(out, file, offset, length, (uint64_t)to,
				    error);
	if (copy_by_hand(out, file, offset, first, (uint64_t)to, error) < 0)
		return -1;
	done = first + copy_range(out, file, offset + first, length - first,
				  (uint64_t)to + first, &fault);
	if (is_final(fault))
		return dcm_output_fail(out, fault, error);
	return copy_by_hand(out, file, offset + done, length - done,
			    (uint64_t)to + done, error);
}
