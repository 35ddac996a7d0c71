/* --since: only the studies of which files are new, changed or gone; and those
 * by URL of which the metadata say something else. */
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

void since_mark(struct study_set *set, uint32_t study)
{
	if (study == STATE_NO_STUDY)
		return;
	if (study >= set->size) {
		size_t old = set->size;
		set->size = 2 * (size_t)study + 64;
		set->has =
			cli_memory(realloc(set->has, set->size * sizeof(bool)));
		memset(set->has + old, 0, (set->size - old) * sizeof(bool));
	}
	set->has[study] = true;
}

bool since_has(const struct study_set *set, uint32_t study)
{
	return study < set->size && set->has[study];
}

bool since_is_url(const struct state_file *file)
{
	return http_is_url(file->path);
}

/* ---- looking at files ---- */

static void look_at_file(struct since *since, size_t file)
{
	const char *path = since->conversion->files.at[file].path;
	struct state_file *now = &since->now[file];
	struct stat st;
	*now = (struct state_file){.path = path, .study = STATE_NO_STUDY};
	/* How many instances there are does not tell what was corrected. */
	if (since_is_url(now) || stat(path, &st) < 0)
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
	if (now->study != STATE_NO_STUDY)
		roots_give(&since->conversion->roots, file);
}

void since_look(struct since *since)
{
	for (size_t i = 0; i < since->conversion->files.count; i++)
		look_at_file(since, i);
}

/* ---- reading ---- */

struct read {
	uint64_t digest;
	char *study;
	bool added;
};

/* Of a URL that is known all must be seen before: what then has changed is
 * fetched again. */
static bool is_news(const struct since *since, const struct state_file *now,
		    const struct read *read)
{
	const struct state_file *then = state_find(&since->state, now->path);
	if (!then || since->all)
		return true;
	return !since_is_url(now) &&
	       (then->digest != read->digest || then->study == STATE_NO_STUDY ||
		strcmp(since->then[then->study], read->study) != 0);
}

/* What the state says all the same is not added, unless its study changed. */
static void *make_read(void *context, size_t file, dfh_record *record)
{
	struct since *since = context;
	struct read *read = cli_memory(malloc(sizeof *read));
	read->digest = dfh_record_digest(record);
	read->study = cli_memory(strdup(dfh_record_study(record)));
	read->added = is_news(since, &since->now[file], read);
	if (read->added)
		dfh_export_add_record(since->conversion->export, record);
	else
		dfh_record_free(record);
	return read;
}

static void take_read(void *context, size_t file, void *made)
{
	struct since *since = context;
	struct read *read = made;
	struct state_file *now = &since->now[file];
	uint32_t study = state_study(&since->state, read->study);
	now->is_mixed = now->is_mixed ||
			(now->study != STATE_NO_STUDY && now->study != study);
	now->study = study;
	now->digest += read->digest;
	if (since_is_url(now))
		now->size++;
	if (read->added) {
		since_mark(&since->changed, study);
		since_mark(&since->added, study);
		since->known[file] = ADDED;
	}
	free(read->study);
	free(read);
}

static void end_file(void *context, size_t file)
{
	struct since *since = context;
	struct state_file *now = &since->now[file];
	struct state_file *then = state_find(&since->state, now->path);
	bool added = since->known[file] == ADDED;
	if (then)
		then->seen = true;
	if (!added)
		since->known[file] = KEPT;
	if (then &&
	    (added || (since_is_url(now) && (then->digest != now->digest ||
					     then->size != now->size)))) {
		since_mark(&since->changed, now->study);
		since_mark(&since->changed, then->study);
		/* it became another patient's */
		if (since_is_url(now))
			since_mark(&since->not_gone, then->study);
	}
}

/* It is read from its beginning. */
static void forget_file_content(struct state_file *now)
{
	now->digest = 0;
	now->study = STATE_NO_STUDY;
	now->is_mixed = false;
	if (since_is_url(now))
		now->size = 0;
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
	since_mark(&since->changed, then->study);
}

void since_read(struct since *since)
{
	size_t all = since->conversion->files.count, count = 0;
	size_t *which = cli_memory(malloc((all + 1) * sizeof *which));
	for (size_t i = 0; i < all; i++)
		if (since->known[i] == UNKNOWN) {
			forget_file_content(&since->now[i]);
			which[count++] = i;
		}
	read_files(&(struct files_reading){.conversion = since->conversion,
					   .only_files = true,
					   .which = which,
					   .count = count,
					   .make = make_read,
					   .take = take_read,
					   .end = end_file,
					   .pass_over = pass_over,
					   .context = since});
	/* What was refused is not tried again in this run. */
	for (size_t i = 0; i < count; i++) {
		size_t file = which[i];
		const struct state_file *then =
			state_find(&since->state, since->now[file].path);
		if (since->known[file] != UNKNOWN)
			continue;
		since->known[file] = REFUSED_NOW;
		if (then)
			since_mark(&since->not_gone, then->study);
	}
	free(which);
}
