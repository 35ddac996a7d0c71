#include "serve_known.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DIGEST = 16, NAME_SIZE = SERVE_UID + 8 };

bool serve_is_uid(const char *text)
{
	size_t length = strlen(text);
	return length && length < SERVE_UID &&
	       strspn(text, "0123456789.") == length && *text != '.' &&
	       text[length - 1] != '.' && !strstr(text, "..");
}

bool serve_is_uuid(const char *text)
{
	static const char shape[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
	for (size_t i = 0; i < sizeof shape; i++) {
		bool good =
			shape[i] == 'x'
				? text[i] && strchr("0123456789abcdef", text[i])
				: text[i] == shape[i];
		if (!good)
			return false;
	}
	return true;
}

/* What a small file holds; "": it is not there. */
static void read_known(int folder, const char *name, char *to, size_t size)
{
	int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	ssize_t got = fd < 0 ? 0 : read(fd, to, size - 1);
	if (fd >= 0)
		close(fd);
	to[got > 0 ? got : 0] = '\0';
}

/* What cannot be written is told anew the next time. */
static void write_known(int folder, const char *name, const char *text)
{
	int fd = openat(folder, name,
			O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
			0600);
	if (fd < 0)
		return;
	if (write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		unlinkat(folder, name, 0);
	close(fd);
}

/* "UUID", "UUID-1", ... */
static void name_place(const char *id, int place, char name[NAME_SIZE])
{
	if (place)
		snprintf(name, NAME_SIZE, "%s-%d", id, place);
	else
		snprintf(name, NAME_SIZE, "%s", id);
}

/* Where all places are taken, the last one is for the study that came last. */
void serve_know(int folder, const char *id, const char *study)
{
	char name[NAME_SIZE], known[SERVE_UID];
	int free_place = -1;
	if (!serve_is_uuid(id))
		return;
	for (int place = 0; place < SERVE_PLACES; place++) {
		bool is_taken = serve_known(folder, id, place, known);
		if (is_taken && strcmp(known, study) == 0)
			return;
		if (!is_taken && free_place < 0)
			free_place = place;
	}
	if (free_place < 0)
		free_place = SERVE_PLACES - 1;
	name_place(id, free_place, name);
	write_known(folder, name, study);
}

bool serve_known(int folder, const char *id, int place, char study[SERVE_UID])
{
	char name[NAME_SIZE];
	*study = '\0';
	if (serve_is_uuid(id)) {
		name_place(id, place, name);
		read_known(folder, name, study, SERVE_UID);
	}
	return serve_is_uid(study);
}

void serve_forget(int folder, const char *id, int place)
{
	char name[NAME_SIZE];
	name_place(id, place, name);
	unlinkat(folder, name, 0);
}

time_t serve_seen_since(int folder, const char *study, const char *release,
			const char *digest)
{
	char name[NAME_SIZE], seen[DIGEST + 1];
	struct stat status;
	snprintf(name, sizeof name, "%s-%s", study, release);
	read_known(folder, name, seen, sizeof seen);
	if (strcmp(seen, digest) != 0)
		write_known(folder, name, digest);
	if (fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0)
		return status.st_mtim.tv_sec;
	return time(NULL);
}
