/* The folders that a run writes to: what killed runs left there goes first, and
 * they are flushed last. */
#include <stdlib.h>
#include <string.h>

#include <json-c/linkhash.h>

#include "import.h"
#include "writing.h"

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

int folder_sweep(const char *path, dfh_error **error)
{
	char *folder = folder_of(path);
	int result = dcm_remove_dead(folder, error);

	free(folder);
	return result;
}

int import_sweep(struct dfh_import *im, const char *path, dfh_error **error)
{
	char *folder = folder_of(path);
	bool is_new;

	pthread_mutex_lock(&im->lock);
	if (!im->swept)
		im->swept = lh_kchar_table_new(64, lh_free_key);
	is_new = !lh_table_lookup_entry(im->swept, folder);
	if (is_new)
		lh_table_insert(im->swept, xstrdup(folder), NULL);
	pthread_mutex_unlock(&im->lock);
	int result = is_new ? dcm_remove_dead(folder, error) : 0;
	free(folder);
	return result;
}

int dfh_import_flush(dfh_import *im, dfh_error **error)
{
	struct lh_entry *entry;
	int result = 0;

	if (!im->swept)
		return 0;
	lh_foreach(im->swept, entry)
	{
		/* the first error is told, and the others are tried */
		if (dcm_flush_folder(lh_entry_k(entry),
				     result < 0 ? NULL : error) < 0)
			result = -1;
	}
	return result;
}
