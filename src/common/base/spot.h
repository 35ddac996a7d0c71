/*
 * Where a file is: its name in an open folder.  Whoever can write to a folder
 * on the way may exchange it, or put a link there, at any moment; what is done
 * through the spot stays in the folder that was opened.
 */
#ifndef SPOT_H
#define SPOT_H

#include <limits.h>
#include <stdbool.h>
#include <sys/stat.h>

struct spot {
	int folder; /* -1: none */
	char name[NAME_MAX + 1];
};

/*
 * Find a path as it was named.  A symbolic link at its end is followed if it
 * belongs to root, to the caller, or to the owner of what it leads to; else the
 * spot is that of the link.  -1: errno.
 */
int spot_open(struct spot *spot, const char *path);

/*
 * Find a path that is absolute and free of symbolic links: none is followed,
 * on the way (ELOOP) or at the end.  makes_folders: those that lack are made.
 */
int spot_open_real(struct spot *spot, const char *path, bool makes_folders);

/* A folder as it was named, and a name in it, which is not followed if it is a
 * link.  -1: errno. */
int spot_open_folder(struct spot *spot, const char *folder);
int spot_set_name(struct spot *spot, const char *name);

/* May a symbolic link be followed that leads to target?  As
 * fs.protected_symlinks has it (proc(5)), but in any folder. */
bool spot_trusts_link(const struct stat *link, const struct stat *target);

/* Of what is there, be it a link; -1: errno. */
int spot_status(const struct spot *spot, struct stat *out);

/* Is that file there, and no link to it? */
bool spot_has(const struct spot *spot, const struct stat *file);

/* The names in the folder are safe then; -1: errno. */
int spot_flush_folder(const struct spot *spot);

void spot_close(struct spot *spot);

/* strerror(), but of what these functions find on the way. */
const char *spot_fault(int fault);

#endif
