/* A file without a name in TMPDIR, in /var/tmp, or where it is told: for what
 * comes from a server and may be larger than memory.  Nothing of it stays,
 * however the run ends. */
#ifndef SPOOL_H
#define SPOOL_H

#include <stddef.h>
#include <stdint.h>

struct spool {
	int fd;
	uint64_t length;
};

/* -1: errno, and it is said which folder cannot be used. */
int spool_open(struct spool *spool);
/* The same in that folder. */
int spool_open_at(struct spool *spool, const char *folder);
void spool_close(struct spool *spool);

/* At its end.  0, or errno. */
int spool_write(struct spool *spool, const void *bytes, size_t length);

/* All of it is there; 0, or errno. */
int spool_read(const struct spool *spool, uint64_t offset, void *to,
	       size_t length);

/* Keep so much of it. */
int spool_cut(struct spool *spool, uint64_t length);

/* ---- several, for threads ---- */

/* They are opened before nothing but the outputs can be written. */
struct spools;

/* folder NULL: as spool_open().  NULL: it is said why there are none. */
struct spools *spools_new(size_t count, const char *folder);
void spools_free(struct spools *spools);

/* An empty one; there must be one left. */
struct spool *spools_take(struct spools *spools);
void spools_give(struct spools *spools, struct spool *spool);

#endif
