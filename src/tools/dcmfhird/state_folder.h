/*
 * The folder of all that must survive a kill: mode 0700, one daemon at a time,
 * and of a version, so that another one knows what it finds.
 */
#ifndef STATE_FOLDER_H
#define STATE_FOLDER_H

struct state_folder {
	int folder; /* open, to be worked in with openat(2) */
	int lock;   /* held as long as any process has it open */
	char *path;
};

/* Made if it is not there.  An exit status; what fails, or who has it, is said.
 */
int state_open(const char *path, struct state_folder **out);
void state_close(struct state_folder *state);

#endif
