/* The folder of a worklist server: which of its files are ours, and what they
 * say. */
#ifndef WORKLIST_SHELF_H
#define WORKLIST_SHELF_H

#include "import.h"
#include "spot.h"

struct shelved {
	char *name; /* of the file */
	struct dataset *dataset;
	unsigned char *bytes; /* as they are to be; NULL: it stays */
	size_t length;
	bool is_new, is_gone;
};

struct shelf {
	const char *folder;
	struct spot spot; /* folder -1: it is not there */
	int lock;	  /* of the servers; -1: none */
	struct shelved *at;
	size_t count;
	struct lh_table *by_name; /* to their indexes */
};

/* Open it, made if it is to be written to, and read what is ours.  -1: it
 * cannot be read. */
int shelf_open(struct shelf *shelf, const dfh_rules *rules, const char *folder,
	       bool writes, dfh_error **error);

/* A name of ours, of what the entry is known by; in the arena. */
const char *shelf_name(const char *known_by, struct arena *arena);

/* The file of this name; it need not have been there.  By index: adding more
 * moves them. */
size_t shelf_find(struct shelf *shelf, const char *name);

/* Write what is new or changed, remove what is gone.  done is called with each
 * path and whether it was written; may be NULL. */
int shelf_settle(struct shelf *shelf, bool writes,
		 void (*done)(const char *path, int written, void *context),
		 void *context, dfh_error **error);

void shelf_close(struct shelf *shelf);

#endif
