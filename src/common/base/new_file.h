/*
 * A file that is written beside its place, under a name that only such files
 * have, and moved there when it is complete: at any moment the old file or the
 * whole new one is there.  Every output of both tools is written so.
 */
#ifndef NEW_FILE_H
#define NEW_FILE_H

#include <stddef.h>

#include "spot.h"

struct new_file {
	int fd; /* for reading, too */
	struct spot at;
	char temporary[NAME_MAX + 1]; /* "": none */
	mode_t mode;	/* when it is complete; before, it is 0600 */
	mode_t allowed; /* of what replaces nothing: 0640 by the umask */
	bool replaces;	/* a regular file is there */
	struct stat old; /* ... and this is it */
	char kept[NAME_MAX + 1]; /* the other name of it that was made, or "" */
	bool placed;
	bool exchanged; /* the temporary name is that of the old file */
};

/*
 * Begin the file that is to be at a spot (which is copied).  A link there is
 * replaced; a folder is EISDIR, any other special file ENOTSUP.  The temporary
 * file is locked as long as it is open, which tells it from those of runs that
 * were killed.  -1: errno, and nothing is left.
 */
int new_file_open(struct new_file *file, const struct spot *at);

/* All of it; -1: errno. */
int new_file_write(struct new_file *file, const void *bytes, size_t length);

/* Give it the owner, the ACL and the mode of what it replaces, as far as that
 * can be: where it cannot, nobody gets more than he had. */
void new_file_take_access(struct new_file *file);

/* Its mode, and all that is in memory to the disk; -1: errno. */
int new_file_flush(struct new_file *file);

/* What is there keeps this other name in the same folder. */
int new_file_keep_old(struct new_file *file, const char *name);

/* Move it to its place.  Its name is safe after spot_flush_folder(). */
int new_file_place(struct new_file *file);

/* Exchange it with what is there, which then has the temporary name and can
 * still be looked at; again, to take it back.  EINVAL: this file system cannot
 * do that. */
int new_file_exchange(struct new_file *file);

/* Remove the old file that was exchanged. */
int new_file_drop_old(struct new_file *file);

/* Close it; remove what was not placed. */
void new_file_close(struct new_file *file);

/* ---- what killed runs left ---- */

/* Is it the name of a file that is being written, or was when its run was
 * killed? */
bool new_file_is_temporary(const char *name);

/* Remove them from a folder; what belongs to another user only if we may.  -1:
 * errno, and which one. */
int new_file_remove_dead(int folder, char failed[NAME_MAX + 1]);

#endif
