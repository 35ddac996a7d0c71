#include "quarantine_commands.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"
#include "memory.h"
#include "quarantine.h"
#include "stamp.h"

/* ---- list ---- */

struct held_instance {
	struct held why;
	long long since;
};

/* By study and reason, the first one first. */
static int compare_held(const void *a, const void *b)
{
	const struct held_instance *x = a, *y = b;
	int order = strcmp(x->why.study, y->why.study);
	if (!order)
		order = strcmp(x->why.word, y->why.word);
	if (!order)
		order = strcmp(x->why.text, y->why.text);
	return order ? order : (x->since > y->since) - (x->since < y->since);
}

static bool is_held_alike(const struct held *a, const struct held *b)
{
	return strcmp(a->study, b->study) == 0 &&
	       strcmp(a->word, b->word) == 0 && strcmp(a->text, b->text) == 0;
}

/* A line for those of a study that are held for the same reason. */
static void print_held(const struct held_instance *first, size_t count)
{
	long long age = (long long)time(NULL) - first->since;
	age = age > 0 ? age : 0;
	printf("study=%s instances=%zu age=%lld:%02lld:%02lld reason=%s "
	       "text=\"%s\"\n",
	       first->why.study, count, age / 3600, age / 60 % 60, age % 60,
	       first->why.word, first->why.text);
}

static int list_quarantine(const struct state_folder *state)
{
	struct arrivals all;
	arrivals_list(state, quarantine_folder, &all);
	struct held_instance *held = xmalloc((all.count + 1) * sizeof *held);
	for (size_t i = 0; i < all.count; i++) {
		held[i].since = arrival_seconds(all.names[i]);
		quarantine_reason(state, all.names[i], &held[i].why);
	}
	qsort(held, all.count, sizeof *held, compare_held);
	for (size_t i = 0, first = 0; i < all.count; i++) {
		if (i + 1 < all.count &&
		    is_held_alike(&held[first].why, &held[i + 1].why))
			continue;
		print_held(&held[first], i + 1 - first);
		first = i + 1;
	}
	free(held);
	arrivals_free(&all);
	return DFH_OK;
}

/* ---- release, drop ---- */

/* Is it of one of the studies, or one of the instances, that were named?  Each
 * that has any is marked. */
static bool is_one_named(const struct state_folder *state, const char *name,
			 const struct quarantine_request *request, bool *has)
{
	char instance[ARRIVAL_NAME];
	struct held why;
	bool is = request->all;
	arrival_instance(name, instance);
	quarantine_reason(state, name, &why);
	for (int i = 0; i < request->count; i++) {
		if (strcmp(request->names[i], why.study) != 0 &&
		    strcmp(request->names[i], instance) != 0)
			continue;
		is = has[i] = true;
	}
	return is;
}

static const char *way_of(const struct quarantine_request *request)
{
	if (request->command == QUARANTINE_DROP)
		return NULL;
	return request->unstamped ? stamp_unstamped_folder : stamp_again_folder;
}

static int take_named(const struct state_folder *state,
		      const struct quarantine_request *request, bool *has)
{
	struct arrivals all;
	size_t taken = 0;
	int status = DFH_OK;
	arrivals_list(state, quarantine_folder, &all);
	for (size_t i = 0; i < all.count && status == DFH_OK; i++) {
		if (!is_one_named(state, all.names[i], request, has))
			continue;
		if (quarantine_take(state, all.names[i], way_of(request)) ==
		    0) {
			taken++;
			continue;
		}
		/* another one took it meanwhile */
		if (errno == ENOENT)
			continue;
		cli_say("%s/%s/%s: %s", state->path, quarantine_folder,
			all.names[i], strerror(errno));
		status = DFH_IO;
	}
	printf("%s instances=%zu\n",
	       request->command == QUARANTINE_DROP ? "dropped" : "released",
	       taken);
	arrivals_free(&all);
	return status;
}

/* A name that is none of them is said, and the others are done. */
static int take_from_quarantine(const struct state_folder *state,
				const struct quarantine_request *request)
{
	bool *has = xmalloc(((size_t)request->count + 1) * sizeof *has);
	for (int i = 0; i < request->count; i++)
		has[i] = false;
	int status = take_named(state, request, has);
	for (int i = 0; i < request->count; i++) {
		if (has[i] || status == DFH_IO)
			continue;
		cli_say("'%s' is no study and no instance in the quarantine",
			request->names[i]);
		status = DFH_REFUSED;
	}
	free(has);
	return status;
}

int quarantine_command(const struct configuration *configuration,
		       const struct quarantine_request *request)
{
	/* nobody would take what is released */
	if (request->command == QUARANTINE_RELEASE &&
	    !stamp_is_on(configuration)) {
		cli_say("nothing is released while 'stamp' is not configured");
		return DFH_REFUSED;
	}
	struct state_folder state = {
		.path = (char *)(uintptr_t)configuration->state};
	state.folder = open(state.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (state.folder < 0) {
		cli_say("%s: %s", state.path, strerror(errno));
		return DFH_IO;
	}
	int status = request->command == QUARANTINE_LIST
			     ? list_quarantine(&state)
			     : take_from_quarantine(&state, request);
	close(state.folder);
	return status;
}
