/* --since: only the studies of which files are new, changed or gone. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "since.h"

/* A file that was written this shortly before it was looked at may change
 * again without its time telling. */
static const int64_t second = 1000000000;
enum { RECENT = 2 };

/* ---- studies ---- */

void since_mark_changed(struct since *since, uint32_t study)
{
	if (study == STATE_NO_STUDY)
		return;
	if (study >= since->changed_size) {
		size_t old = since->changed_size;
		since->changed_size = 2 * (size_t)study + 64;
		since->changed = cli_memory(realloc(
			since->changed, since->changed_size * sizeof(bool)));
		memset(since->changed + old, 0,
		       (since->changed_size - old) * sizeof(bool));
	}
	since->changed[study] = true;
}

bool since_is_changed(const struct since *since, uint32_t study)
{
	return study < since->changed_size && since->changed[study];
}

/* ---- looking at files ---- */

static void look(struct since *since, size_t file)
{
	const char *path = since->conversion->files.at[file].path;
	struct state_file *now = &since->now[file];
	struct stat st;
	*now = (struct state_file){.path = path, .study = STATE_NO_STUDY};
	if (stat(path, &st) < 0)
		return; /* which is said when it is read */
	now->size = (uint64_t)st.st_size;
	now->mtime = (int64_t)st.st_mtim.tv_sec * second + st.st_mtim.tv_nsec;
	if (now->mtime > since->begin - RECENT * second)
		now->mtime = 0;
	struct state_file *then = state_find(&since->state, path);
	if (!then || !now->mtime || then->mtime != now->mtime ||
	    then->size != now->size)
		return;
	then->seen = true;
	now->digest = then->digest;
	now->study = then->study;
	since->known[file] = KEPT;
}

void since_look(struct since *since)
{
	for (size_t i = 0; i < since->conversion->files.count; i++)
		look(since, i);
}

/* ---- reading ---- */

struct read {
	uint64_t digest;
	char *study;
	bool added;
};

/* What the state says all the same is not added, unless its study changed. */
static void *make(void *context, size_t file, dfh_record *record)
{
	struct since *since = context;
	struct read *read = cli_memory(malloc(sizeof *read));
	const struct state_file *then =
		state_find(&since->state, since->now[file].path);
	read->digest = dfh_record_digest(record);
	read->study = cli_memory(strdup(dfh_record_study(record)));
	read->added = !then || then->digest != read->digest ||
		      then->study == STATE_NO_STUDY ||
		      strcmp(since->then[then->study], read->study) != 0 ||
		      since->all;
	if (read->added)
		dfh_export_add_record(since->conversion->export, record);
	else
		dfh_record_free(record);
	return read;
}

static void take(void *context, size_t file, void *made)
{
	struct since *since = context;
	struct read *read = made;
	struct state_file *now = &since->now[file];
	struct state_file *then = state_find(&since->state, now->path);
	now->digest = read->digest;
	now->study = state_study(&since->state, read->study);
	if (then)
		then->seen = true;
	if (read->added) {
		since_mark_changed(since, now->study);
		since_mark_changed(since, then ? then->study : STATE_NO_STUDY);
	}
	since->known[file] = read->added ? ADDED : KEPT;
	free(read->study);
	free(read);
}

static void pass_over(void *context, size_t file)
{
	struct since *since = context;
	struct state_file *then =
		state_find(&since->state, since->now[file].path);
	since->known[file] = KEPT;
	if (!then)
		return;
	then->seen = true;
	since_mark_changed(since, then->study);
}

void since_read(struct since *since)
{
	size_t all = since->conversion->files.count, count = 0;
	size_t *which = cli_memory(malloc((all + 1) * sizeof *which));
	for (size_t i = 0; i < all; i++)
		if (since->known[i] == UNKNOWN)
			which[count++] = i;
	read_files(&(struct reading){.conversion = since->conversion,
				     .only_files = true,
				     .which = which,
				     .count = count,
				     .make = make,
				     .take = take,
				     .pass_over = pass_over,
				     .context = since});
	/* What was refused is not tried again in this run. */
	for (size_t i = 0; i < count; i++)
		if (since->known[which[i]] == UNKNOWN)
			since->known[which[i]] = REFUSED_NOW;
	free(which);
}
