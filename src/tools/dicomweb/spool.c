#include "spool.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "read_at.h"

/* Where a file system has no files without a name, it loses it at once. */
static int open_in(const char *folder)
{
	static const char name[] = "/dcmfhirXXXXXX";
	int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR))
		return fd;
	char *path = cli_memory(malloc(strlen(folder) + sizeof name));
	strcat(strcpy(path, folder), name);
	fd = mkostemp(path, O_CLOEXEC);
	if (fd >= 0)
		unlink(path);
	free(path);
	return fd;
}

int spool_open(struct spool *spool)
{
	const char *folder = getenv("TMPDIR");
	if (folder && *folder)
		return spool_open_at(spool, folder);
	return spool_open_at(spool, "/var/tmp");
}

int spool_open_at(struct spool *spool, const char *folder)
{
	*spool = (struct spool){.fd = open_in(folder)};
	if (spool->fd >= 0)
		return 0;
	cli_say("%s: %m; TMPDIR says where files may lie for a while", folder);
	return -1;
}

void spool_close(struct spool *spool)
{
	if (spool->fd >= 0)
		close(spool->fd);
	spool->fd = -1;
}

int spool_write(struct spool *spool, const void *bytes, size_t length)
{
	const char *at = bytes;
	while (length) {
		ssize_t put =
			pwrite(spool->fd, at, length, (off_t)spool->length);
		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return put < 0 ? errno : ENOSPC;
		at += put;
		length -= (size_t)put;
		spool->length += (uint64_t)put;
	}
	return 0;
}

int spool_read(const struct spool *spool, uint64_t offset, void *to,
	       size_t length)
{
	return read_at(spool->fd, offset, to, length);
}

int spool_cut(struct spool *spool, uint64_t length)
{
	spool->length = length;
	return ftruncate(spool->fd, (off_t)length) < 0 ? errno : 0;
}

/* ---- several ---- */

struct spools {
	struct spool *at;
	bool *taken;
	size_t count;
	pthread_mutex_t lock;
};

struct spools *spools_new(size_t count, const char *folder)
{
	struct spools *spools = cli_memory(malloc(sizeof *spools));
	*spools = (struct spools){
		.at = cli_memory(malloc(count * sizeof *spools->at)),
		.taken = cli_memory(calloc(count, sizeof *spools->taken))};
	pthread_mutex_init(&spools->lock, NULL);
	for (; spools->count < count; spools->count++) {
		struct spool *spool = &spools->at[spools->count];
		if ((folder ? spool_open_at(spool, folder)
			    : spool_open(spool)) < 0)
			break;
	}
	if (spools->count == count)
		return spools;
	spools_free(spools);
	return NULL;
}

void spools_free(struct spools *spools)
{
	if (!spools)
		return;
	for (size_t i = 0; i < spools->count; i++)
		spool_close(&spools->at[i]);
	free(spools->at);
	free(spools->taken);
	pthread_mutex_destroy(&spools->lock);
	free(spools);
}

struct spool *spools_take(struct spools *spools)
{
	size_t i = 0;
	pthread_mutex_lock(&spools->lock);
	while (spools->taken[i])
		i++;
	spools->taken[i] = true;
	pthread_mutex_unlock(&spools->lock);
	return &spools->at[i];
}

void spools_give(struct spools *spools, struct spool *spool)
{
	spool_cut(spool, 0);
	pthread_mutex_lock(&spools->lock);
	spools->taken[spool - spools->at] = false;
	pthread_mutex_unlock(&spools->lock);
}
