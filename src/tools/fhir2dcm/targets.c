#include "targets.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "http.h"
#include "json_text.h"

static bool is_below_root(const struct cli_file *file)
{
	return file->path[file->root] != '\0';
}

char *target_of(const struct targets *targets, size_t index)
{
	const struct cli_file *file = &targets->files->at[index];
	const char *path = file->path;
	if (!targets->into_folder)
		return cli_memory(strdup(targets->output));
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	if (is_below_root(file)) {
		name = path + file->root;
		while (*name == '/')
			name++;
	}
	/* of a URL it is the UID */
	const char *end = http_is_url(path) ? ".dcm" : "";
	size_t size = strlen(targets->output) + strlen(name) + 8;
	char *out = cli_memory(malloc(size));
	snprintf(out, size, "%s/%s%s", targets->output, name, end);
	return out;
}

void targets_find(struct targets *targets)
{
	size_t count = targets->files->count;
	for (size_t i = 0; i < count; i++)
		targets->into_folder = targets->into_folder ||
				       is_below_root(&targets->files->at[i]);
	if (!targets->output || count < 2)
		return;
	struct lh_table *last = lh_by_text(1024, lh_free_key);
	targets->before = cli_memory(calloc(count, sizeof *targets->before));
	for (size_t i = 0; i < count; i++) {
		char *target = target_of(targets, i);
		struct lh_entry *entry = lh_table_lookup_entry(last, target);
		if (entry) {
			targets->before[i] = (uintptr_t)lh_entry_v(entry);
			lh_entry_set_val(entry, (void *)(uintptr_t)(i + 1));
			free(target);
		} else {
			lh_add(last, target, (void *)(uintptr_t)(i + 1));
		}
	}
	lh_table_free(last);
}

void targets_free(struct targets *targets)
{
	free(targets->before);
	targets->before = NULL;
}

static bool is_one_file(const char *a, const char *b)
{
	struct stat x, y;
	return strcmp(a, b) == 0 ||
	       (stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev &&
		x.st_ino == y.st_ino);
}

/* What is not DICOM and passed over takes no place. */
static bool takes_place(const struct cli_file *file)
{
	dfh_error *error = NULL;
	bool takes = !file->found_by_walk ||
		     dfh_looks_like_dicom(file->path, &error) != 0;
	dfh_error_free(error);
	return takes;
}

const char *target_taken_by(const struct targets *targets, size_t index)
{
	const struct cli_file *at = targets->files->at;
	size_t i = targets->before ? targets->before[index] : 0;
	for (; i; i = targets->before[i - 1])
		if (!is_one_file(at[i - 1].path, at[index].path) &&
		    takes_place(&at[i - 1]))
			return at[i - 1].path;
	return NULL;
}
