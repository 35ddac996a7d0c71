#include "spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

/* Where a file system has no files without a name, it loses it at once. */
static int open_in(const char *folder)
{
	static const char name[] = "/dcmfhirXXXXXX";
	int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR))
		return fd;
	char *path = cli_memory(malloc(strlen(folder) + sizeof name));
	strcat(strcpy(path, folder), name);
	fd = mkostemp(path, O_CLOEXEC);
	if (fd >= 0)
		unlink(path);
	free(path);
	return fd;
}

int spool_open(struct spool *spool)
{
	const char *folder = getenv("TMPDIR");
	if (!folder || !*folder)
		folder = "/var/tmp";
	*spool = (struct spool){.fd = open_in(folder)};
	if (spool->fd >= 0)
		return 0;
	cli_say("%s: %m; TMPDIR says where files may lie for a while", folder);
	return -1;
}

void spool_close(struct spool *spool)
{
	if (spool->fd >= 0)
		close(spool->fd);
	spool->fd = -1;
}

int spool_write(struct spool *spool, const void *bytes, size_t length)
{
	const char *at = bytes;
	while (length) {
		ssize_t put =
			pwrite(spool->fd, at, length, (off_t)spool->length);
		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return put < 0 ? errno : ENOSPC;
		at += put;
		length -= (size_t)put;
		spool->length += (uint64_t)put;
	}
	return 0;
}

int spool_read(const struct spool *spool, uint64_t offset, void *to,
	       size_t length)
{
	char *at = to;
	while (length) {
		ssize_t got = pread(spool->fd, at, length, (off_t)offset);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got < 0 ? errno : EIO;
		at += got;
		offset += (uint64_t)got;
		length -= (size_t)got;
	}
	return 0;
}

int spool_cut(struct spool *spool, uint64_t length)
{
	spool->length = length;
	return ftruncate(spool->fd, (off_t)length) < 0 ? errno : 0;
}
