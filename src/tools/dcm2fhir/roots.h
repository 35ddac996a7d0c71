/*
 * The folders that arguments name, and whether anything in them is DICOM.  One
 * that gives nothing may be an archive that is not mounted.
 */
#ifndef ROOTS_H
#define ROOTS_H

#include <stdbool.h>
#include <stddef.h>

struct root {
	char *path;
	size_t from, to; /* its files, in the list of all */
	bool gives;	 /* one of them is DICOM, or was refused as such */
};

struct roots {
	struct root *at;
	size_t count;
};

/* What an argument, which is listed now, brought; no folder is passed over. */
void roots_add(struct roots *roots, const char *path, size_t from, size_t to);

/* This file of the list is more than a file that is not DICOM. */
void roots_give(struct roots *roots, size_t file);

/* Is the file in this folder, by its name? */
bool root_holds(const struct root *root, const char *path);

void roots_free(struct roots *roots);

#endif
