/* An instance that is to be stamped, to be read at an offset: a file, or a part
 * of what came from a server. */
#ifndef SOURCES_H
#define SOURCES_H

#include "dcmfhir.h"

struct opened {
	dfh_source source; /* it borrows this struct, which must stay */
	int fd;		   /* of a file alone; -1: it is not ours */
	int read_from;
	unsigned long long offset;
};

/* -1: it is no regular file, or cannot be opened: errno. */
int source_open_file(struct opened *opened, const char *path);

/* A part of an open file; name is borrowed. */
void source_open_part(struct opened *opened, int fd, unsigned long long offset,
		      unsigned long long length, const char *name);

void source_close(struct opened *opened);

#endif
