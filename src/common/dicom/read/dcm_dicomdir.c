#include "dcm.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "array.h"
#include "dcm_file.h"
#include "dcm_put.h"
#include "error.h"

struct referenced_files {
	char **files;
	size_t count;
};

static void add_listed_file(struct referenced_files *list, char *file)
{
	array_room(list->files, list->count);
	list->files[list->count++] = file;
}

static char *join_component(const char *folder, const char *name)
{
	size_t length = strlen(folder), size = length + strlen(name) + 2;
	char *path = xmalloc(size);

	memcpy(path, folder, length);
	path[length++] = '/';
	strcpy(path + length, name);
	return path;
}

/* The names in a folder; of one, for files that are referred to one after the
 * other are mostly in the same. */
struct folder_listing {
	char *folder; /* NULL: none was listed */
	struct referenced_files names;
};

static void listing_clear(struct folder_listing *listing)
{
	while (listing->names.count)
		free(listing->names.files[--listing->names.count]);
	free(listing->names.files);
	free(listing->folder);
	*listing = (struct folder_listing){0};
}

static int compare_spelling(const void *a, const void *b)
{
	const char *x = *(char *const *)a, *y = *(char *const *)b;
	int order = strcasecmp(x, y);

	return order ? order : strcmp(x, y);
}

static void list_folder(struct folder_listing *listing, const char *folder)
{
	struct dirent *entry;
	DIR *directory;

	if (listing->folder && strcmp(listing->folder, folder) == 0)
		return;
	listing_clear(listing);
	listing->folder = xstrdup(folder);
	directory = opendir(folder);
	while (directory && (entry = readdir(directory)))
		add_listed_file(&listing->names, xstrdup(entry->d_name));
	if (directory)
		closedir(directory);
	if (listing->names.count)
		qsort(listing->names.files, listing->names.count,
		      sizeof(*listing->names.files), compare_spelling);
}

/* Of names that are spelt so but for case, the first; or NULL. */
static const char *find_name(const struct folder_listing *listing,
			     const char *name)
{
	size_t low = 0, high = listing->names.count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcasecmp(listing->names.files[middle], name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < listing->names.count &&
			       strcasecmp(listing->names.files[low], name) == 0
		       ? listing->names.files[low]
		       : NULL;
}

/* Names on ISO 9660 media may be shown in lower case, or with the dot and the
 * version that the file system adds.  Of several, always the same one. */
static const char *shown_name(const struct folder_listing *listing,
			      const char *wanted)
{
	static const char *const ends[] = {"", ".", ";1", ".;1"};
	const char *best = NULL;
	size_t i;

	for (i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		size_t size = strlen(wanted) + strlen(ends[i]) + 1;
		char *name = xmalloc(size);
		const char *found;

		snprintf(name, size, "%s%s", wanted, ends[i]);
		found = find_name(listing, name);
		if (found && (!best || strcmp(found, best) < 0))
			best = found;
		free(name);
	}
	return best;
}

/* The path of a component beside the others; frees folder. */
static char *find_component(struct folder_listing *listing, char *folder,
			    const char *component)
{
	char *path = join_component(folder, component);

	if (access(path, F_OK) != 0) {
		const char *name;

		list_folder(listing, folder);
		name = shown_name(listing, component);
		if (name) {
			free(path);
			path = join_component(folder, name);
		}
	}
	free(folder);
	return path;
}

static char *folder_of_dicomdir(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *folder = xstrdup(slash ? path : ".");

	if (slash)
		folder[slash - path] = '\0';
	return folder;
}

/* Referenced File ID (0004,1500): one component a value. */
static int add_referenced_file(struct referenced_files *list,
			       struct folder_listing *listing,
			       const char *dicomdir, char *components,
			       dfh_error **error)
{
	char *path = folder_of_dicomdir(dicomdir), *rest = components,
	     *component;

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
		path = find_component(listing, path, component);
	}
	add_listed_file(list, path);
	return 0;
}

static int add_directory_record(struct referenced_files *list,
				struct folder_listing *listing,
				const char *dicomdir, struct dcmtk_item *record,
				dfh_error **error)
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
		answer = add_referenced_file(list, listing, dicomdir, value,
					     error);
	free(value);
	return answer;
}

static int compare_file_paths(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Several records may refer to the same file. */
static void sort_unique(struct referenced_files *list)
{
	size_t i, kept = 0;

	if (list->count)
		qsort(list->files, list->count, sizeof(*list->files),
		      compare_file_paths);
	for (i = 0; i < list->count; i++)
		if (kept && strcmp(list->files[kept - 1], list->files[i]) == 0)
			free(list->files[i]);
		else
			list->files[kept++] = list->files[i];
	list->count = kept;
}

static int list_referenced_files(struct dcm_file *file,
				 struct referenced_files *list,
				 dfh_error **error)
{
	struct dcmtk_item *dataset = dcm_file_parse(file, NULL, false, error);
	struct dcmtk_element *records;
	struct dcmtk_item *record = NULL;
	struct folder_listing listing = {0};
	int answer = 0;

	if (!dataset)
		return -1;
	records = dcmtk_find(dataset, 0x0004, 0x1220);
	while (answer == 0 && records &&
	       (record = dcmtk_item_next(records, record)))
		answer = add_directory_record(list, &listing, file->name,
					      record, error);
	listing_clear(&listing);
	dcmtk_free(dataset);
	sort_unique(list);
	return answer;
}

int dcm_dicomdir_files(const char *path, bool *is_dicomdir, char ***files,
		       size_t *count, dfh_error **error)
{
	const struct dcm_source source = {.name = path};
	struct referenced_files list = {0};
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
		answer = list_referenced_files(&file, &list, &fault);
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
