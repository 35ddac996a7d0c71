/* --since: the studies that changed are converted, whole; the state is written
 * when they are. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "hash.h"
#include "since.h"

/* ---- the state ---- */

static void describe_maker(const struct dcm2fhir_options *options,
			   const dfh_rules *rules, char out[256])
{
	const char *endpoint = options->endpoint;
	uint64_t where =
		endpoint ? hash_bytes(HASH_START, endpoint, strlen(endpoint))
			 : 0;
	snprintf(out, 256,
		 "by dcmfhir %s rules %016llx %s timezone %.64s endpoint "
		 "%" PRIx64 "%s",
		 dfh_version(), dfh_rules_digest(rules),
		 dfh_release_name(options->release),
		 options->timezone ? options->timezone : "-", where,
		 options->plain ? " plain" : "");
}

/* An exit status. */
static int load_state(struct state *state, const char *path, const char *by)
{
	switch (state_load(state, path, by)) {
	case STATE_FOREIGN:
		cli_say("%s: is no state file, and is left alone: name another "
			"one with --since",
			path);
		return DFH_USAGE;
	case STATE_UNREADABLE:
		return DFH_IO;
	case STATE_BROKEN:
		cli_say("%s: is broken: everything is converted again", path);
		break;
	case STATE_STALE:
		cli_say("%s: was made with other rules, options or another "
			"version: everything is converted again",
			path);
		break;
	case STATE_LOADED:
	case STATE_ABSENT:
		break;
	}
	return DFH_OK;
}

/* ---- the studies ---- */

/* A folder of which the state has studies gives none: it may not be mounted.
 * Then nothing is known of what is in it. */
static void say_vanished(struct since *since)
{
	const struct state *state = &since->state;
	const struct roots *roots = &since->conversion->roots;
	for (size_t i = 0; i < roots->count; i++) {
		const struct root *root = &roots->at[i];
		size_t files = 0;
		for (size_t k = 0; !root->gives && k < state->count; k++)
			files += state->files[k].study != STATE_NO_STUDY &&
				 root_holds(root, state->files[k].path);
		if (!files || since->conversion->options->allow_empty)
			continue;
		cli_say("%s: has none of the %zu files that it had before: is "
			"it "
			"mounted?  --allow-empty if they are gone",
			root->path, files);
		convert_worst(since->conversion, DFH_IO);
	}
}

/* Of what was not found, unless not everything could be looked at: then
 * nothing is known of it.  Nor is it of a URL that no query found: another one
 * may have been asked. */
static void mark_gone(struct since *since)
{
	struct state *state = &since->state;
	since->partial = since->conversion->status == DFH_IO;
	for (size_t i = 0; i < state->count; i++)
		if (!state->files[i].seen && !since->partial &&
		    !since_is_url(&state->files[i]))
			since_mark(&since->changed, state->files[i].study);
}

/* A study is converted whole: what did not change of it is read, too.  A file
 * that then proves to be of another study changes that one. */
static void read_changed(struct since *since)
{
	size_t all = since->conversion->files.count, count;
	since->all = true;
	do {
		count = 0;
		for (size_t i = 0; i < all; i++) {
			if (since->known[i] != KEPT ||
			    !since_has(&since->changed, since->now[i].study))
				continue;
			since->known[i] = UNKNOWN;
			count++;
		}
		since_read(since);
	} while (count && !cli_interrupted());
}

struct study_order {
	const char *study;
	uint32_t index;
};

static int compare_study_order(const void *a, const void *b)
{
	const struct study_order *x = a, *y = b;
	return strcmp(x->study, y->study);
}

/* The studies that Bundles are made of, in the order of these; true for each
 * in `has`. */
static struct study_order *order_of(const struct since *since, size_t *count,
				    bool *has)
{
	const struct state *state = &since->state;
	struct study_order *order =
		cli_memory(malloc((state->study_count + 1) * sizeof *order));
	*count = 0;
	for (uint32_t i = 0; i < state->study_count; i++) {
		has[i] = since_has(&since->added, i);
		if (has[i])
			order[(*count)++] =
				(struct study_order){state->studies[i], i};
	}
	qsort(order, *count, sizeof *order, compare_study_order);
	return order;
}

/* Studies that changed but have no files any more. */
static void say_gone(const struct since *since, const bool *has)
{
	size_t gone = 0;
	for (uint32_t i = 0; i < since->state.study_count; i++)
		gone += since_has(&since->changed, i) && !has[i] &&
			!since_has(&since->not_gone, i);
	if (gone && !since->conversion->options->quiet)
		cli_say("%zu stud%s no files any more, which FHIR is not told",
			gone, gone == 1 ? "y has" : "ies have");
}

/* ---- the new state ---- */

/* The next run goes on from here: of studies that were not written it must
 * find again what changed. */
static void save_state(struct since *since, const bool *open, const char *by)
{
	const struct state *state = &since->state;
	size_t all = since->conversion->files.count, count = 0;
	struct state_file *files =
		cli_memory(malloc((all + state->count + 1) * sizeof *files));
	for (size_t i = 0; i < state->count; i++) {
		const struct state_file *then = &state->files[i];
		bool is_open =
			then->study != STATE_NO_STUDY && open[then->study];
		if (is_open ||
		    (!then->seen && (since->partial || since_is_url(then))))
			files[count++] = *then;
	}
	for (size_t i = 0; i < all; i++) {
		const struct state_file *now = &since->now[i];
		const struct state_file *then = state_find(state, now->path);
		bool is_open =
			(now->study != STATE_NO_STUDY && open[now->study]) ||
			(then && then->study != STATE_NO_STUDY &&
			 open[then->study]);
		if (since->known[i] >= KEPT && !is_open && !now->is_mixed)
			files[count++] = *now;
	}
	convert_worst(since->conversion,
		      state_save(state, files, count,
				 since->conversion->options->since, by));
	free(files);
}

/* ---- all of it ---- */

static void write_changed(struct since *since, const char *by)
{
	struct conversion *conversion = since->conversion;
	size_t count, studies = since->state.study_count;
	bool *has = cli_memory(calloc(studies + 1, sizeof *has));
	bool *open = cli_memory(calloc(studies + 1, sizeof *open));
	struct study_order *order = order_of(since, &count, has);
	int before = conversion->status;
	conversion->status = DFH_OK;
	size_t written = write_bundles(conversion);
	close_output(conversion, true);
	bool failed = conversion->status == DFH_IO;
	deliver_all(conversion);
	convert_worst(conversion, before);
	if (cli_interrupted())
		cli_say("interrupted; %zu of %zu studies are written whole: "
			"run it again for the others",
			written < count ? written : count, count);
	else
		say_gone(since, has);
	for (size_t i = 0; i < count; i++)
		open[order[i].index] = i >= written ||
				       (conversion->delivery &&
					!delivery_has(conversion->delivery, i));
	/* A study without files is not written, and not forgotten before the
	 * others are. */
	for (uint32_t i = 0; i < studies && cli_interrupted(); i++)
		open[i] = open[i] || (since_has(&since->changed, i) && !has[i]);
	if (!failed)
		save_state(since, open, by);
	free(order);
	free(open);
	free(has);
}

static void run_since(struct since *since, const char *by)
{
	struct conversion *conversion = since->conversion;
	size_t count = conversion->files.count;
	since->now = cli_memory(calloc(count + 1, sizeof *since->now));
	since->known = cli_memory(calloc(count + 1, sizeof *since->known));
	since_look(since);
	since_read(since);
	if (!cli_interrupted())
		say_vanished(since);
	if (!cli_interrupted())
		mark_gone(since);
	if (!cli_interrupted())
		read_changed(since);
	if (!cli_interrupted()) {
		say_passed_over(conversion);
		write_changed(since, by);
	} else {
		cli_say("interrupted; nothing was written: run it again");
	}
	free(since->now);
	free(since->known);
	free(since->changed.has);
	free(since->added.has);
	free(since->not_gone.has);
}

void convert_since(struct conversion *conversion, const dfh_rules *rules)
{
	char by[256];
	struct timespec now;
	struct since since = {.conversion = conversion};
	clock_gettime(CLOCK_REALTIME, &now);
	since.begin = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
	describe_maker(conversion->options, rules, by);
	int status = load_state(&since.state, conversion->options->since, by);
	convert_worst(conversion, status);
	if (status != DFH_OK)
		return;
	size_t size = (since.state.study_count + 1) * sizeof(char *);
	char **then = cli_memory(malloc(size));
	if (since.state.study_count)
		memcpy(then, since.state.studies,
		       since.state.study_count * sizeof *then);
	since.then = then;
	run_since(&since, by);
	free(then);
	state_free(&since.state);
}
