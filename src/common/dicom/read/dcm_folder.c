/* The files of a folder, of the folders below it, and of its DICOMDIR. */
#include "dcmfhir.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "arena.h"
#include "dcm_file.h"
#include "error.h"
#include "new_file.h"
#include "source.h"

struct folder_walk {
	int (*visit)(const char *path, int found_by_walk, void *context);
	void *context;
	bool stopped;
	struct errors errors; /* what could not be read */
};

/* The folders that the walk is in, so that it does not enter a link to one of
 * them again. */
struct folder_chain {
	const struct folder_chain *outer;
	dev_t device;
	ino_t inode;
};

static void fail_walk(struct folder_walk *walk, const char *path, int fault)
{
	dfh_error *error = NULL;

	error_set(&error, DFH_IO, "%s: %s", path, strerror(fault));
	errors_add(&walk->errors, error);
}

static void visit_walked_path(struct folder_walk *walk, const char *path,
			      bool found_by_walk)
{
	if (!walk->stopped)
		walk->stopped =
			walk->visit(path, found_by_walk, walk->context) != 0;
}

struct folder_entry {
	char *name;
	bool is_file; /* the folder says so: it need not be asked again */
};

static int compare_entry_names(const void *a, const void *b)
{
	const struct folder_entry *x = a, *y = b;

	return strcmp(x->name, y->name);
}

/* Sorted; NULL: not readable. */
static struct folder_entry *entries_in(const char *path, size_t *count)
{
	DIR *directory = opendir(path);
	struct dirent *entry;
	size_t capacity = 64;
	struct folder_entry *entries;

	*count = 0;
	if (!directory)
		return NULL;
	entries = xmalloc(capacity * sizeof(*entries));
	while ((entry = readdir(directory))) {
		if (strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0 ||
		    new_file_is_temporary(entry->d_name))
			continue;
		if (*count == capacity) {
			capacity *= 2;
			entries =
				xrealloc(entries, capacity * sizeof(*entries));
		}
		entries[(*count)++] = (struct folder_entry){
			xstrdup(entry->d_name), entry->d_type == DT_REG};
	}
	closedir(directory);
	qsort(entries, *count, sizeof(*entries), compare_entry_names);
	return entries;
}

static char *join_folder(const char *folder, const char *name)
{
	size_t length = strlen(folder), size = length + strlen(name) + 2;
	char *path = xmalloc(size);

	memcpy(path, folder, length);
	if (length && path[length - 1] != '/')
		path[length++] = '/';
	strcpy(path + length, name);
	return path;
}

static void walk_folder(struct folder_walk *walk, const char *path,
			const struct stat *status,
			const struct folder_chain *outer);

static void walk_entry(struct folder_walk *walk, const char *path, bool is_file,
		       const struct folder_chain *chain)
{
	struct stat status;

	if (is_file)
		visit_walked_path(walk, path, true);
	else if (stat(path, &status) < 0)
		fail_walk(walk, path, errno);
	else if (S_ISDIR(status.st_mode))
		walk_folder(walk, path, &status, chain);
	else if (S_ISREG(status.st_mode))
		visit_walked_path(walk, path, true);
	/* sockets, devices and FIFOs are passed over */
}

static void walk_folder(struct folder_walk *walk, const char *path,
			const struct stat *status,
			const struct folder_chain *outer)
{
	const struct folder_chain chain = {outer, status->st_dev,
					   status->st_ino};
	const struct folder_chain *in;
	struct folder_entry *entries;
	size_t count, i;

	for (in = outer; in; in = in->outer)
		if (in->device == chain.device && in->inode == chain.inode)
			return;
	entries = entries_in(path, &count);
	if (!entries) {
		fail_walk(walk, path, errno);
		return;
	}
	for (i = 0; i < count; i++) {
		char *entry = join_folder(path, entries[i].name);

		if (!walk->stopped)
			walk_entry(walk, entry, entries[i].is_file, &chain);
		free(entry);
		free(entries[i].name);
	}
	free(entries);
}

static void walk_file(struct folder_walk *walk, const char *path)
{
	bool is_dicomdir = false;
	char **files = NULL;
	size_t count = 0, i;
	dfh_error *error = NULL;

	/* what cannot be read is left to the visitor to say */
	(void)dcm_sniff_path(path, &is_dicomdir, NULL);
	if (is_dicomdir) {
		if (dcm_dicomdir_files(path, &is_dicomdir, &files, &count,
				       &error) < 0) {
			errors_add(&walk->errors, error);
			return;
		}
	}
	if (!is_dicomdir)
		visit_walked_path(walk, path, false);
	for (i = 0; i < count; i++) {
		visit_walked_path(walk, files[i], false);
		free(files[i]);
	}
	free(files);
}

int dfh_walk(const char *path,
	     int (*visitor)(const char *path, int found_by_walk, void *context),
	     void *context, dfh_error **error)
{
	struct folder_walk walk = {visitor, context, false, {0}};
	struct stat status;

	if (path_given(path, error) < 0)
		return -1;
	if (stat(path, &status) < 0)
		fail_walk(&walk, path, errno);
	else if (S_ISDIR(status.st_mode))
		walk_folder(&walk, path, &status, NULL);
	else if (S_ISREG(status.st_mode))
		walk_file(&walk, path);
	else
		return error_set(error, DFH_IO, "%s: is not a regular file",
				 path);
	return errors_end(&walk.errors, error);
}

int dfh_looks_like_dicom(const char *path, dfh_error **error)
{
	bool is_dicomdir;
	int answer;

	if (path_given(path, error) < 0)
		return -1;
	answer = dcm_sniff_path(path, &is_dicomdir, error);

	return answer > 0 && is_dicomdir ? 0 : answer;
}
