#include "read_at.h"

#include <errno.h>
#include <unistd.h>

int read_at(int fd, uint64_t offset, void *to, size_t length)
{
	char *at = to;

	while (length) {
		ssize_t got = pread(fd, at, length, (off_t)offset);

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
