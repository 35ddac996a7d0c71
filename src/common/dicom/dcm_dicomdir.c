#include "dcm.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "dcm_file.h"
#include "dcm_put.h"
#include "error.h"

struct list {
	char **files;
	size_t count, capacity;
};

static void add(struct list *list, char *file)
{
	if (list->count == list->capacity) {
		list->capacity = 2 * list->capacity + 64;
		list->files = xrealloc(list->files,
				       list->capacity * sizeof(*list->files));
	}
	list->files[list->count++] = file;
}

static char *joined(const char *folder, const char *name)
{
	size_t length = strlen(folder), size = length + strlen(name) + 2;
	char *path = xmalloc(size);

	memcpy(path, folder, length);
	path[length++] = '/';
	strcpy(path + length, name);
	return path;
}

/* Names on ISO 9660 media may be shown in lower case, or with the dot and the
 * version that the file system adds. */
static bool same_name(const char *wanted, const char *found)
{
	size_t length = strlen(wanted);

	if (strncasecmp(wanted, found, length) != 0)
		return false;
	found += length;
	if (*found == '.')
		found++;
	return !*found || strcmp(found, ";1") == 0;
}

/* The path of a component beside the others; frees folder. */
static char *descend(char *folder, const char *component)
{
	char *path = joined(folder, component), *best = NULL;
	struct dirent *entry;
	DIR *directory = NULL;

	if (access(path, F_OK) != 0)
		directory = opendir(folder);
	/* of several that match, always the same one */
	while (directory && (entry = readdir(directory)))
		if (same_name(component, entry->d_name) &&
		    (!best || strcmp(entry->d_name, best) < 0)) {
			free(best);
			best = xstrdup(entry->d_name);
		}
	if (directory)
		closedir(directory);
	if (best) {
		free(path);
		path = joined(folder, best);
	}
	free(best);
	free(folder);
	return path;
}

static char *folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *folder = xstrdup(slash ? path : ".");

	if (slash)
		folder[slash - path] = '\0';
	return folder;
}

/* Referenced File ID (0004,1500): one component a value. */
static int add_file(struct list *list, const char *dicomdir, char *components,
		    dfh_error **error)
{
	char *path = folder_of(dicomdir), *rest = components, *component;

	while ((component = strsep(&rest, "\\"))) {
		component += strspn(component, " ");
		component[dcm_value_trim(component, strlen(component))] = '\0';
		if (!*component || strchr(component, '/') ||
		    strcmp(component, ".") == 0 ||
		    strcmp(component, "..") == 0) {
			free(path);
			return error_set(error, DFH_REFUSED,
					 "%s: is damaged: it has an invalid "
					 "ReferencedFileID",
					 dicomdir);
		}
		path = descend(path, component);
	}
	add(list, path);
	return 0;
}

static int add_record(struct list *list, const char *dicomdir,
		      struct dcmtk_item *record, dfh_error **error)
{
	struct dcmtk_element *element = dcmtk_find(record, 0x0004, 0x1500);
	struct dcmtk_info info;
	char *value;
	int answer = 0;

	if (!element)
		return 0;
	dcmtk_look(element, &info);
	value = dcmtk_value_copy(element, &info);
	if (value && dcm_value_trim(value, info.length))
		answer = add_file(list, dicomdir, value, error);
	free(value);
	return answer;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Several records may refer to the same file. */
static void sort_unique(struct list *list)
{
	size_t i, kept = 0;

	if (list->count)
		qsort(list->files, list->count, sizeof(*list->files),
		      compare_names);
	for (i = 0; i < list->count; i++)
		if (kept && strcmp(list->files[kept - 1], list->files[i]) == 0)
			free(list->files[i]);
		else
			list->files[kept++] = list->files[i];
	list->count = kept;
}

static int list_files(struct dcm_file *file, struct list *list,
		      dfh_error **error)
{
	struct dcmtk_item *dataset = dcm_file_parse(file, NULL, false, error);
	struct dcmtk_element *records;
	struct dcmtk_info info;
	int answer = 0;
	size_t i;

	if (!dataset)
		return -1;
	records = dcmtk_find(dataset, 0x0004, 0x1220);
	memset(&info, 0, sizeof(info));
	if (records)
		dcmtk_look(records, &info);
	for (i = 0; answer == 0 && i < info.items; i++)
		answer = add_record(list, file->name, dcmtk_item_at(records, i),
				    error);
	dcmtk_free(dataset);
	sort_unique(list);
	return answer;
}

int dcm_dicomdir_files(const char *path, bool *is_dicomdir, char ***files,
		       size_t *count, dfh_error **error)
{
	const struct dcm_source source = {.name = path};
	struct list list = {0};
	struct dcm_file file;
	dfh_error *fault = NULL;
	int answer;

	*is_dicomdir = false;
	*files = NULL;
	*count = 0;
	if (dcm_file_open(&file, &source, error) < 0)
		return -1;
	answer = dcm_file_scan(&file, &fault);
	*is_dicomdir = file.is_dicomdir;
	if (answer == 0 && file.is_dicomdir)
		answer = list_files(&file, &list, &fault);
	/* what is not DICOM is no DICOMDIR either, and no more than that */
	if (!file.is_dicomdir && dfh_error_code(fault) == DFH_REFUSED)
		answer = 0;
	if (answer < 0)
		error_set(error, dfh_error_code(fault), "%s",
			  dfh_error_text(fault));
	dfh_error_free(fault);
	dcm_file_close(&file);
	if (answer < 0) {
		while (list.count)
			free(list.files[--list.count]);
		free(list.files);
		return -1;
	}
	*files = list.files;
	*count = list.count;
	return 0;
}
