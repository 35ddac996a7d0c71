#include "worklist_shelf.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "array.h"
#include "dcm_output.h"
#include "digest.h"
#include "error.h"
#include "new_file.h"
#include "writing.h"

static const char first[] = "dcmfhir-", last[] = ".wl";

/* 128 bits of a digest, in hexadecimal. */
enum { NAME_DIGITS = 32 };

const char *shelf_name(const char *known_by, struct arena *arena)
{
	char digest[DIGEST_SIZE];
	if (digest_bytes(known_by, strlen(known_by), digest) < 0)
		return NULL;
	return arena_printf(arena, "%s%.*s%s", first, NAME_DIGITS, digest,
			    last);
}

static bool is_ours(const char *name)
{
	const size_t begin = strlen(first);
	return strncmp(name, first, begin) == 0 &&
	       strspn(name + begin, "0123456789abcdef") == NAME_DIGITS &&
	       strcmp(name + begin + NAME_DIGITS, last) == 0;
}

static size_t add_shelved(struct shelf *shelf, const char *name)
{
	array_room(shelf->at, shelf->count);
	shelf->at[shelf->count] = (struct shelved){.name = xstrdup(name)};
	return shelf->count++;
}

static void remember_shelved(struct shelf *shelf, size_t at)
{
	lh_add(shelf->by_name, xstrdup(shelf->at[at].name),
	       (void *)(uintptr_t)at);
}

size_t shelf_find(struct shelf *shelf, const char *name)
{
	void *found = NULL;
	if (lh_table_lookup_ex(shelf->by_name, name, &found))
		return (size_t)(uintptr_t)found;
	size_t at = add_shelved(shelf, name);
	shelf->at[at].is_new = true;
	remember_shelved(shelf, at);
	return at;
}

/* ---- opening ---- */

static int fail_shelf(const struct shelf *shelf, const char *name,
		      dfh_error **error)
{
	return error_set(error, DFH_IO, "%s%s%s: %s", shelf->folder,
			 *name ? "/" : "", name, strerror(errno));
}

/* The servers lock this file while they read (wlmscpfs(1)); where a folder is
 * without it they answer nothing. */
static int take_shelf_lock(struct shelf *shelf, dfh_error **error)
{
	shelf->lock = openat(shelf->spot.folder, "lockfile",
			     O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0664);
	if (shelf->lock < 0 || flock(shelf->lock, LOCK_EX) < 0)
		return fail_shelf(shelf, "lockfile", error);
	return 0;
}

static void read_shelved(struct shelf *shelf, const dfh_rules *rules, size_t at)
{
	struct shelved *one = &shelf->at[at];
	int fd = openat(shelf->spot.folder, one->name,
			O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct dcm_source source = {.name = one->name, .fd = &fd};
	/* What cannot be read is known by its name alone. */
	if (fd >= 0)
		one->dataset = dcm_read(&source, &rules->wants, NULL);
	if (fd >= 0)
		close(fd);
	if (!one->dataset)
		one->dataset = dataset_new();
}

static int compare_shelved_names(const void *a, const void *b)
{
	return strcmp(((const struct shelved *)a)->name,
		      ((const struct shelved *)b)->name);
}

static int read_shelf(struct shelf *shelf, const dfh_rules *rules,
		      dfh_error **error)
{
	int fd = openat(shelf->spot.folder, ".", O_RDONLY | O_CLOEXEC);
	DIR *list = fd >= 0 ? fdopendir(fd) : NULL;
	if (!list)
		return fail_shelf(shelf, "", error);
	for (struct dirent *one; (one = readdir(list));)
		if (is_ours(one->d_name))
			add_shelved(shelf, one->d_name);
	closedir(list);
	if (shelf->count)
		qsort(shelf->at, shelf->count, sizeof *shelf->at,
		      compare_shelved_names);
	for (size_t i = 0; i < shelf->count; i++) {
		remember_shelved(shelf, i);
		read_shelved(shelf, rules, i);
	}
	return 0;
}

int shelf_open(struct shelf *shelf, const dfh_rules *rules, const char *folder,
	       bool writes, dfh_error **error)
{
	*shelf = (struct shelf){.folder = folder,
				.spot.folder = -1,
				.lock = -1,
				.by_name = lh_by_text(64, lh_free_key)};
	if (spot_open_folder(&shelf->spot, folder) < 0)
		return !writes && errno == ENOENT
			       ? 0
			       : fail_shelf(shelf, "", error);
	if (writes && (folders_enter(NULL, &shelf->spot, folder, error) < 0 ||
		       take_shelf_lock(shelf, error) < 0))
		return -1;
	return read_shelf(shelf, rules, error);
}

/* ---- settling ---- */

static bool has_bytes(const struct shelf *shelf, const struct shelved *one)
{
	char was[DIGEST_SIZE], is[DIGEST_SIZE];
	int fd = openat(shelf->spot.folder, one->name,
			O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	bool same = fd >= 0 && digest_file(fd, was) == 0 &&
		    digest_bytes(one->bytes, one->length, is) == 0 &&
		    strcmp(was, is) == 0;
	if (fd >= 0)
		close(fd);
	return same;
}

/* A server that runs as somebody else must be able to read it. */
enum { ENTRY_MODE = 0644 };

static int write_shelved(struct shelf *shelf, const struct shelved *one,
			 dfh_error **error)
{
	struct new_file file;
	if (spot_set_name(&shelf->spot, one->name) < 0 ||
	    new_file_open(&file, &shelf->spot) < 0)
		return fail_shelf(shelf, one->name, error);
	file.allowed = ENTRY_MODE;
	int result = new_file_write(&file, one->bytes, one->length);
	if (result == 0) {
		new_file_take_access(&file);
		result = new_file_flush(&file);
	}
	if (result == 0)
		result = new_file_place(&file);
	if (result < 0)
		fail_shelf(shelf, one->name, error);
	new_file_close(&file);
	return result;
}

static int settle_one(struct shelf *shelf, const struct shelved *one,
		      bool writes, bool *changed, dfh_error **error)
{
	*changed = one->is_gone ? !one->is_new
				: one->bytes && !has_bytes(shelf, one);
	if (!*changed || !writes)
		return 0;
	if (!one->is_gone)
		return write_shelved(shelf, one, error);
	return unlinkat(shelf->spot.folder, one->name, 0) < 0 && errno != ENOENT
		       ? fail_shelf(shelf, one->name, error)
		       : 0;
}

int shelf_settle(struct shelf *shelf, bool writes,
		 void (*done)(const char *path, int written, void *context),
		 void *context, dfh_error **error)
{
	for (size_t i = 0; i < shelf->count; i++) {
		const struct shelved *one = &shelf->at[i];
		bool changed;
		if (settle_one(shelf, one, writes, &changed, error) < 0)
			return -1;
		if (!changed || !done)
			continue;
		size_t size = strlen(shelf->folder) + strlen(one->name) + 2;
		char *path = xmalloc(size);
		snprintf(path, size, "%s/%s", shelf->folder, one->name);
		done(path, !one->is_gone, context);
		free(path);
	}
	if (writes && spot_flush_folder(&shelf->spot) < 0)
		return fail_shelf(shelf, "", error);
	return 0;
}

void shelf_close(struct shelf *shelf)
{
	for (size_t i = 0; i < shelf->count; i++) {
		free(shelf->at[i].name);
		free(shelf->at[i].bytes);
		dataset_free(shelf->at[i].dataset);
	}
	free(shelf->at);
	if (shelf->by_name)
		lh_table_free(shelf->by_name);
	if (shelf->lock >= 0)
		close(shelf->lock);
	spot_close(&shelf->spot);
	*shelf = (struct shelf){.spot.folder = -1, .lock = -1};
}
