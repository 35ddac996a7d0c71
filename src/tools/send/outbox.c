#include "outbox.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "array.h"
#include "cli.h"
#include "cli_lock.h"
#include "digest.h"
#include "json_print.h"
#include "memory.h"
#include "new_file.h"

static const char entry_end[] = ".bundle", answer_end[] = ".answer.json";
static const char lock_name[] = "lock", aside_name[] = "damaged";
/* How an entry begins: this, R4 or R5, the length and digest of the rest. */
static const char mark[] = "dcmfhir-outbox-1";

struct outbox {
	char *path;
	int folder, lock;
	char **names; /* without their end */
	size_t count, at;
};

static int fail_outbox(const struct outbox *outbox, const char *name)
{
	cli_say("%s/%s: %s", outbox->path, name, strerror(errno));
	return -1;
}

/* ---- one run at a time ---- */

static void say_outbox_holder(const struct outbox *outbox)
{
	char holder[LOCK_HOLDER];
	cli_lock_holder(outbox->lock, holder);
	cli_say("%s: another run has it: %s", outbox->path,
		*holder ? holder : "it has just begun");
}

static void name_holder(const struct outbox *outbox)
{
	char text[LOCK_HOLDER], host[128] = "", when[32];
	time_t now = time(NULL);
	struct tm local;
	gethostname(host, sizeof host - 1);
	strftime(when, sizeof when, "%Y-%m-%d %H:%M:%S",
		 localtime_r(&now, &local));
	snprintf(text, sizeof text, "process %ld on %s since %s\n",
		 (long)getpid(), host, when);
	/* What cannot be written is not said. */
	cli_lock_name(outbox->lock, text);
}

static int take_outbox_lock(struct outbox *outbox)
{
	outbox->lock = openat(outbox->folder, lock_name,
			      O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (outbox->lock < 0)
		return fail_outbox(outbox, lock_name);
	if (flock(outbox->lock, LOCK_EX | LOCK_NB) == 0) {
		name_holder(outbox);
		return 0;
	}
	if (errno == EWOULDBLOCK)
		say_outbox_holder(outbox);
	else
		fail_outbox(outbox, lock_name);
	return -1;
}

/* ---- what is there ---- */

static bool ends_with(const char *name, const char *end)
{
	size_t length = strlen(name), tail = strlen(end);
	return length > tail && strcmp(name + length - tail, end) == 0;
}

static void add_outbox_name(struct outbox *outbox, char *name)
{
	array_room(outbox->names, outbox->count);
	outbox->names[outbox->count++] = name;
}

/* Is it a file of ours that is no entry? */
static bool is_other(const char *name)
{
	return *name == '.' || strcmp(name, lock_name) == 0 ||
	       strcmp(name, aside_name) == 0 || ends_with(name, answer_end) ||
	       new_file_is_temporary(name);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void move_aside(struct outbox *outbox, const char *file)
{
	mkdirat(outbox->folder, aside_name, 0700);
	int aside = openat(outbox->folder, aside_name,
			   O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (aside < 0 || renameat(outbox->folder, file, aside, file) < 0)
		fail_outbox(outbox, file);
	else
		cli_say("%s/%s: is no whole entry, and was moved to %s/%s",
			outbox->path, file, outbox->path, aside_name);
	if (aside >= 0)
		close(aside);
}

static int list_outbox(struct outbox *outbox)
{
	int fd = openat(outbox->folder, ".", O_RDONLY | O_CLOEXEC);
	DIR *folder = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *found;
	if (!folder)
		return fail_outbox(outbox, ".");
	while ((found = readdir(folder))) {
		const char *name = found->d_name;
		if (is_other(name))
			continue;
		add_outbox_name(outbox, xstrdup(name));
	}
	closedir(folder);
	return 0;
}

/* A folder of other files, such as an archive of images, would be emptied: what
 * is no entry is moved aside. */
static int refuse_foreign(const struct outbox *outbox)
{
	if (faccessat(outbox->folder, lock_name, F_OK, AT_SYMLINK_NOFOLLOW) ==
	    0)
		return 0;
	for (size_t i = 0; i < outbox->count; i++) {
		if (ends_with(outbox->names[i], entry_end))
			continue;
		cli_say("%s is no outbox, for it holds %s: name a folder of "
			"its own",
			outbox->path, outbox->names[i]);
		return -1;
	}
	return 0;
}

static int list_sorted(struct outbox *outbox)
{
	if (list_outbox(outbox) < 0)
		return -1;
	if (outbox->count)
		qsort(outbox->names, outbox->count, sizeof *outbox->names,
		      by_name);
	return 0;
}

char *outbox_next(struct outbox *outbox)
{
	while (outbox->at < outbox->count) {
		char *name = outbox->names[outbox->at++];
		if (!ends_with(name, entry_end)) {
			move_aside(outbox, name);
			continue;
		}
		return memory_of(
			strndup(name, strlen(name) - strlen(entry_end)));
	}
	return NULL;
}

static void forget_names(struct outbox *outbox)
{
	for (size_t i = 0; i < outbox->count; i++)
		free(outbox->names[i]);
	free(outbox->names);
	outbox->names = NULL;
	outbox->count = 0;
}

/* ---- opening ---- */

static int open_all(struct outbox *outbox)
{
	char failed[NAME_MAX + 1] = "";
	if (mkdir(outbox->path, 0700) < 0 && errno != EEXIST) {
		cli_say("%s: %s", outbox->path, strerror(errno));
		return -1;
	}
	outbox->folder = open(outbox->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (outbox->folder < 0) {
		cli_say("%s: %s", outbox->path, strerror(errno));
		return -1;
	}
	if (list_sorted(outbox) < 0 || refuse_foreign(outbox) < 0)
		return -1;
	forget_names(outbox);
	if (take_outbox_lock(outbox) < 0)
		return -1;
	if (new_file_remove_dead(outbox->folder, failed) < 0)
		return fail_outbox(outbox, failed);
	return list_sorted(outbox);
}

int outbox_open(const char *path, struct outbox **out)
{
	struct outbox *outbox = xmalloc(sizeof *outbox);
	*outbox = (struct outbox){
		.path = xstrdup(path), .folder = -1, .lock = -1};
	*out = NULL;
	if (open_all(outbox) < 0) {
		outbox_close(outbox);
		return DFH_IO;
	}
	*out = outbox;
	return DFH_OK;
}

void outbox_close(struct outbox *outbox)
{
	if (!outbox)
		return;
	if (outbox->folder >= 0)
		close(outbox->folder);
	if (outbox->lock >= 0)
		close(outbox->lock);
	forget_names(outbox);
	free(outbox->path);
	free(outbox);
}

/* ---- entries ---- */

static char *outbox_file_name(const char *name, const char *end)
{
	char *file = xmalloc(strlen(name) + strlen(end) + 1);
	sprintf(file, "%s%s", name, end);
	return file;
}

static int write_whole(const struct outbox *outbox, const char *file,
		       const char *head, const char *text, size_t length)
{
	struct new_file beside;
	struct spot spot;
	if (spot_open_folder(&spot, outbox->path) < 0 ||
	    spot_set_name(&spot, file) < 0)
		return fail_outbox(outbox, file);
	if (new_file_open(&beside, &spot) < 0) {
		spot_close(&spot);
		return fail_outbox(outbox, file);
	}
	beside.mode = 0600;
	bool good = new_file_write(&beside, head, strlen(head)) == 0 &&
		    new_file_write(&beside, text, length) == 0 &&
		    new_file_flush(&beside) == 0 &&
		    new_file_place(&beside) == 0 &&
		    spot_flush_folder(&spot) == 0;
	if (!good)
		fail_outbox(outbox, file);
	new_file_close(&beside);
	spot_close(&spot);
	return good ? 0 : -1;
}

int outbox_put(struct outbox *outbox, const char *name, dfh_release release,
	       const char *text, size_t length)
{
	char digest[DIGEST_SIZE], head[256];
	char *file = outbox_file_name(name, entry_end);
	digest_bytes(text, length, digest);
	snprintf(head, sizeof head, "%s R%d %zu %s\n", mark, (int)release,
		 length, digest);
	int result = write_whole(outbox, file, head, text, length);
	free(file);
	return result;
}

/* Behind the first line; NULL: it is not whole. */
static const char *checked_content(const char *text, size_t length,
				   dfh_release *release)
{
	const char *line_end = memchr(text, '\n', length);
	char digest[DIGEST_SIZE] = "", said[DIGEST_SIZE] = "";
	size_t size, head = line_end ? (size_t)(line_end + 1 - text) : 0;
	int number;
	char line[256];
	if (!head || head > sizeof line)
		return NULL;
	memcpy(line, text, head - 1);
	line[head - 1] = '\0';
	if (strncmp(line, mark, sizeof mark - 1) != 0 ||
	    sscanf(line + sizeof mark - 1, " R%d %zu %64s", &number, &size,
		   said) != 3 ||
	    size != length - head)
		return NULL;
	digest_bytes(text + head, size, digest);
	*release = (dfh_release)number;
	return strcmp(digest, said) == 0 ? text + head : NULL;
}

static char *read_whole(const struct outbox *outbox, const char *file,
			size_t *length)
{
	struct stat status;
	int fd = openat(outbox->folder, file,
			O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	char *text = NULL;
	ssize_t got = 0;
	*length = 0;
	if (fd >= 0 && fstat(fd, &status) == 0 && S_ISREG(status.st_mode))
		text = xmalloc((size_t)status.st_size + 1);
	while (text && *length < (size_t)status.st_size &&
	       (got = read(fd, text + *length,
			   (size_t)status.st_size - *length)) > 0)
		*length += (size_t)got;
	if (fd >= 0)
		close(fd);
	return text;
}

char *outbox_get(struct outbox *outbox, const char *name, dfh_release *release,
		 size_t *length)
{
	char *file = outbox_file_name(name, entry_end);
	size_t size;
	char *text = read_whole(outbox, file, &size);
	const char *rest = text ? checked_content(text, size, release) : NULL;
	if (rest) {
		*length = size - (size_t)(rest - text);
		memmove(text, rest, *length);
		text[*length] = '\0';
	} else {
		free(text);
		text = NULL;
		move_aside(outbox, file);
	}
	free(file);
	return text;
}

void outbox_set_aside(struct outbox *outbox, const char *name)
{
	char *file = outbox_file_name(name, entry_end);
	move_aside(outbox, file);
	free(file);
}

int outbox_drop(struct outbox *outbox, const char *name)
{
	char *file = outbox_file_name(name, entry_end);
	char *answer = outbox_file_name(name, answer_end);
	int result = 0;
	if (unlinkat(outbox->folder, file, 0) < 0 && errno != ENOENT)
		result = fail_outbox(outbox, file);
	if (unlinkat(outbox->folder, answer, 0) < 0 && errno != ENOENT)
		result = fail_outbox(outbox, answer);
	free(file);
	free(answer);
	return result;
}

void outbox_answer(struct outbox *outbox, const char *name, json_object *answer)
{
	char *file = outbox_file_name(name, answer_end);
	char *text = json_to_pages(answer);
	write_whole(outbox, file, "", text, strlen(text));
	free(text);
	free(file);
}
