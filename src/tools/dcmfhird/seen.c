#include "seen.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "new_file.h"

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
	struct new_file file;
	struct spot spot;
	if (spot_open_folder(&spot, state->path) == 0 &&
	    spot_set_name(&spot, name) == 0 &&
	    new_file_open(&file, &spot) == 0) {
		file.mode = 0600;
		if (new_file_write(&file, seen->at,
				   seen->size * sizeof *seen->at) < 0 ||
		    new_file_flush(&file) < 0 || new_file_place(&file) < 0)
			cli_say("%s/%s: %s", state->path, name,
				strerror(errno));
		new_file_close(&file);
		spot_close(&spot);
	} else {
		cli_say("%s/%s: %s", state->path, name, strerror(errno));
	}
}
