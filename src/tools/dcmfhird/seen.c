#include "seen.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

static const char name[] = "watched";

void seen_read(const struct state_folder *state, struct hashes *seen)
{
	uint64_t hashes[512];
	ssize_t got;
	int fd = openat(state->folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return;
	while ((got = read(fd, hashes, sizeof hashes)) > 0)
		for (size_t i = 0; i < (size_t)got / sizeof *hashes; i++)
			if (hashes[i])
				hashes_add(seen, hashes[i]);
	close(fd);
}

/* With its empty slots, which are 0. */
void seen_write(const struct state_folder *state, const struct hashes *seen)
{
	if (state_write_file(state, ".", name, seen->at,
			     seen->size * sizeof *seen->at) < 0)
		cli_say("%s/%s: %s", state->path, name, strerror(errno));
}
