/* The folders that a run writes to: what killed runs left there goes first, and
 * they are flushed last. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dcm.h"
#include "error.h"
#include "json_text.h"
#include "new_file.h"
#include "writing.h"

struct dfh_folders {
	struct lh_table *known; /* what they are -> their paths */
	pthread_mutex_t lock;
};

static void free_folder(struct lh_entry *entry)
{
	free(lh_entry_k(entry));
	free(lh_entry_v(entry));
}

dfh_folders *dfh_folders_new(void)
{
	dfh_folders *folders = xmalloc(sizeof *folders);

	folders->known = lh_by_text(64, free_folder);
	pthread_mutex_init(&folders->lock, NULL);
	return folders;
}

void dfh_folders_free(dfh_folders *folders)
{
	if (!folders)
		return;
	lh_table_free(folders->known);
	pthread_mutex_destroy(&folders->lock);
	free(folders);
}

/* A folder is known by what it is; how it was named is kept for the end.  Free
 * both. */
static char *folder_key_of(const struct stat *status)
{
	char key[64];

	snprintf(key, sizeof(key), "%ju:%ju", (uintmax_t)status->st_dev,
		 (uintmax_t)status->st_ino);
	return xstrdup(key);
}

static char *real_folder_of(const char *path)
{
	char *real = realpath(path, NULL);
	char *folder, *slash;

	if (!real && errno == ENOMEM)
		out_of_memory();
	folder = real ? real : xstrdup(path);
	slash = strrchr(folder, '/');
	if (slash)
		slash[slash == folder] = '\0';
	else
		strcpy(folder, ".");
	return folder;
}

static bool is_new_folder(dfh_folders *folders, const struct spot *at,
			  const char *out)
{
	struct stat status;
	bool found = true;
	char *key;

	if (fstat(at->folder, &status) < 0)
		return true;
	key = folder_key_of(&status);
	pthread_mutex_lock(&folders->lock);
	found = lh_table_lookup_entry(folders->known, key);
	if (!found)
		lh_add(folders->known, xstrdup(key), real_folder_of(out));
	pthread_mutex_unlock(&folders->lock);
	free(key);
	return !found;
}

int folders_enter(dfh_folders *folders, const struct spot *at, const char *out,
		  dfh_error **error)
{
	char failed[NAME_MAX + 1];

	if ((folders && !is_new_folder(folders, at, out)) ||
	    new_file_remove_dead(at->folder, failed) == 0)
		return 0;
	return error_set(error, DFH_IO,
			 "%s: not written: %s beside it is left from a run "
			 "that ended early and cannot be removed: %s",
			 out, failed, strerror(errno));
}

/* It must be the folder that was written to. */
static int flush_known_folder(const char *folder, const char *key)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const struct spot spot = {.folder = fd};
	struct stat status;
	char *found = NULL;
	int answer = -1, fault;

	if (fd >= 0 && fstat(fd, &status) == 0)
		found = folder_key_of(&status);
	errno = found ? ESTALE : errno;
	if (found && strcmp(found, key) == 0)
		answer = spot_flush_folder(&spot);
	fault = errno;
	if (fd >= 0)
		close(fd);
	free(found);
	errno = fault;
	return answer;
}

int dfh_folders_flush(dfh_folders *folders, dfh_error **error)
{
	struct lh_entry *entry;
	int result = 0;

	lh_foreach(folders->known, entry)
	{
		const char *folder = lh_entry_v(entry);

		/* the first error is told, and the others are tried */
		if (flush_known_folder(folder, lh_entry_k(entry)) < 0)
			result = error_set(
				result < 0 ? NULL : error, DFH_IO,
				"%s: what is in it is written, but the folder "
				"cannot be flushed: %s",
				folder, strerror(errno));
	}
	return result;
}
