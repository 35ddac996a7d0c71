/* The folders that a run writes to: what killed runs left there goes first, and
 * they are flushed last. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "dcm.h"
#include "json_text.h"
#include "writing.h"

struct dfh_folders {
	struct lh_table *known; /* by their paths */
	pthread_mutex_t lock;
};

dfh_folders *dfh_folders_new(void)
{
	dfh_folders *folders = xmalloc(sizeof *folders);

	folders->known = lh_by_text(64, lh_free_key);
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

/* Of a file, links followed; free it. */
static char *folder_of(const char *path)
{
	char *real = realpath(path, NULL);
	char *folder = real ? real : xstrdup(path);
	char *slash = strrchr(folder, '/');

	if (slash)
		slash[slash == folder] = '\0';
	else
		strcpy(folder, ".");
	return folder;
}

static bool is_new(dfh_folders *folders, const char *folder)
{
	bool found;

	pthread_mutex_lock(&folders->lock);
	found = lh_table_lookup_entry(folders->known, folder);
	if (!found)
		lh_add(folders->known, xstrdup(folder), NULL);
	pthread_mutex_unlock(&folders->lock);
	return !found;
}

int folders_enter(dfh_folders *folders, const char *path, dfh_error **error)
{
	char *folder = folder_of(path);
	int result = 0;

	if (!folders || is_new(folders, folder))
		result = dcm_remove_dead(folder, error);
	free(folder);
	return result;
}

int dfh_folders_flush(dfh_folders *folders, dfh_error **error)
{
	struct lh_entry *entry;
	int result = 0;

	lh_foreach(folders->known, entry)
	{
		/* the first error is told, and the others are tried */
		if (dcm_flush_folder(lh_entry_k(entry),
				     result < 0 ? NULL : error) < 0)
			result = -1;
	}
	return result;
}
