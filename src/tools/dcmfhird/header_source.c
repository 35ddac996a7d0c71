#include "header_source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

#include "read_at.h"

/* The context of the source is its descriptor. */
int header_descriptor(const dfh_source *source)
{
	return (int)(intptr_t)source->context;
}

static int header_read_at(unsigned long long offset, void *to, size_t length,
			  void *context)
{
	return read_at((int)(intptr_t)context, offset, to, length);
}

/* The descriptor is taken over. */
static int header_begin(dfh_source *source, const char *path, int fd)
{
	struct stat status;
	if (fd < 0)
		return -1;
	if (fstat(fd, &status) < 0) {
		close(fd);
		return -1;
	}
	*source = (dfh_source){.size = sizeof *source,
			       .name = path,
			       .read_at = header_read_at,
			       .context = (void *)(intptr_t)fd,
			       .length = (unsigned long long)status.st_size,
			       .without_pixels = 1};
	return 0;
}

int header_open(dfh_source *source, const char *path)
{
	return header_begin(source, path, open(path, O_RDONLY | O_CLOEXEC));
}

int header_open_at(dfh_source *source, int folder, const char *name)
{
	return header_begin(
		source, name,
		openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
}

void header_close(dfh_source *source)
{
	close(header_descriptor(source));
}
