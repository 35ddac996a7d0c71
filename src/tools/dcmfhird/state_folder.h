/*
 * The folder of all that must survive a kill: mode 0700, one daemon at a time,
 * and of a version, so that another one knows what it finds.
 */
#ifndef STATE_FOLDER_H
#define STATE_FOLDER_H

#include <dirent.h>
#include <stddef.h>

struct state_folder {
	int folder; /* open, to be worked in with openat(2) */
	int lock;   /* held as long as any process has it open */
	char *path;
};

/* Made if it is not there.  An exit status; what fails, or who has it, is said.
 */
int state_open(const char *path, struct state_folder **out);
void state_close(struct state_folder *state);

/* Make a folder below it, if it is not there, without what killed runs were
 * writing in it; its name is on the disk.  -1: errno. */
int state_make_folder(const struct state_folder *state, const char *name);

/* A folder below the state, which is open, to be read and closed; NULL: it is
 * not there, or errno. */
DIR *state_read_folder(int state, const char *name);

/* A file of a folder below it (".": its own), in the place of what is there:
 * one or the other is whole on the disk, whatever is killed.  Its name is safe
 * when the folder is flushed.  -1: errno. */
int state_write_file(const struct state_folder *state, const char *folder,
		     const char *name, const void *bytes, size_t length);

#endif
