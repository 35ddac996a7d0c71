#include "sources.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "read_at.h"

static int read_source_at(unsigned long long offset, void *to, size_t length,
			  void *context)
{
	const struct opened *opened = context;
	return read_at(opened->read_from, opened->offset + offset, to, length);
}

void source_open_part(struct opened *opened, int fd, unsigned long long offset,
		      unsigned long long length, const char *name)
{
	*opened = (struct opened){.fd = -1, .read_from = fd, .offset = offset};
	opened->source = (dfh_source){.size = sizeof opened->source,
				      .name = name,
				      .read_at = read_source_at,
				      .context = opened,
				      .length = length};
}

int source_open_file(struct opened *opened, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat status;
	if (fd < 0)
		return -1;
	if (fstat(fd, &status) < 0 || !S_ISREG(status.st_mode)) {
		close(fd);
		errno = EINVAL;
		return -1;
	}
	source_open_part(opened, fd, 0, (unsigned long long)status.st_size,
			 path);
	opened->fd = fd;
	return 0;
}

void source_close(struct opened *opened)
{
	if (opened->fd >= 0)
		close(opened->fd);
	opened->fd = -1;
}
