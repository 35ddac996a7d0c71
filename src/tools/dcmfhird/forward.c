#include "forward.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arrivals.h"
#include "array.h"
#include "cli.h"
#include "dimse_send.h"
#include "http.h"
#include "cli_journal.h"
#include "memory.h"

/* Of one association; and between two tries at one that is away. */
enum { FILES_MOST = 500, PAUSE_FIRST = 1, PAUSE_MOST = 60 };

/* So often an association may end at a file while others go. */
enum { BREAKS_MOST = 3, PAUSE_OF_BREAKER = 5 };

static const double LOOK_SECONDS = 0.5;

bool forward_is_on(const struct configuration *configuration)
{
	return configuration->forward_count != 0;
}

/* ---- folders ---- */

void forward_folder(const struct destination *destination,
		    char folder[PATH_MAX])
{
	char text[400], name[STUDY_NAME];
	snprintf(text, sizeof text, "%s-%s-%ld", destination->aet,
		 destination->address, destination->port);
	studies_name(text, name);
	snprintf(folder, PATH_MAX, "forward/%s", name);
}

static int make_one(const struct daemon *daemon,
		    const struct destination *destination)
{
	char folder[PATH_MAX], refused[PATH_MAX];
	const char *fault = dimse_tls_fault(&destination->tls, false);
	if (fault) {
		cli_say("forward: %s: TLS: %s", destination->aet, fault);
		return -1;
	}
	forward_folder(destination, folder);
	snprintf(refused, sizeof refused, "%.400s/refused", folder);
	if (state_make_folder(daemon->state, folder) == 0 &&
	    state_make_folder(daemon->state, refused) == 0)
		return 0;
	cli_say("%s/%s: %s", daemon->state->path, folder, strerror(errno));
	return -1;
}

int forward_make(const struct daemon *daemon)
{
	const struct configuration *configuration = daemon->configuration;
	int result = 0;
	if (!forward_is_on(configuration))
		return 0;
	if (state_make_folder(daemon->state, "forward") < 0) {
		cli_say("%s/forward: %s", daemon->state->path, strerror(errno));
		return -1;
	}
	for (size_t i = 0; i < configuration->forward_count && result == 0; i++)
		result = make_one(daemon, &configuration->forward[i]);
	return result;
}

/* ---- files ---- */

/* A file during which the association ended: it goes when no other one is to
 * go, for it may be what the destination does not bear. */
struct breaker {
	char *file;	 /* its path */
	unsigned breaks; /* while others went */
	size_t others;	 /* that had gone by the last one */
};

/* What goes to one destination at once. */
struct forward_batch {
	struct turn *turn;
	const struct destination *destination;
	char folder[PATH_MAX];	 /* below the state */
	char *files[FILES_MOST]; /* their paths */
	size_t count;
	size_t waiting; /* with what goes another time */
	bool is_full;	/* the destination has no room */
	bool has_again; /* one broke that had before: that holds up nobody */
	/* Of all batches; the one that was tried the longest ago is first. */
	struct breaker *breakers;
	size_t breaker_count, gone;
	double breakers_until; /* when they may be tried again */
};

/* Their count: it is none of them. */
static size_t find_breaker(const struct forward_batch *batch, const char *file)
{
	size_t place = 0;
	while (place < batch->breaker_count &&
	       strcmp(batch->breakers[place].file, file) != 0)
		place++;
	return place;
}

static void remove_breaker(struct forward_batch *batch, const char *file)
{
	size_t place = find_breaker(batch, file);
	if (place == batch->breaker_count)
		return;
	free(batch->breakers[place].file);
	memmove(&batch->breakers[place], &batch->breakers[place + 1],
		(--batch->breaker_count - place) * sizeof *batch->breakers);
}

/* What waits, as paths: what broke nothing, or one that did, alone. */
static void list_batch(struct forward_batch *batch)
{
	const struct state_folder *state = batch->turn->daemon->state;
	struct arrivals all;
	arrivals_list(state, batch->folder, &all);
	batch->count = 0;
	batch->waiting = all.count;
	for (size_t i = 0; i < all.count && batch->count < FILES_MOST; i++) {
		char *file = xprintf("%s/%s/%s", state->path, batch->folder,
				     all.names[i]);
		if (find_breaker(batch, file) == batch->breaker_count)
			batch->files[batch->count++] = file;
		else
			free(file);
	}
	if (!batch->count && batch->breaker_count &&
	    http_seconds() >= batch->breakers_until)
		batch->files[batch->count++] = xstrdup(batch->breakers->file);
	arrivals_free(&all);
}

static void forget_batch(struct forward_batch *batch)
{
	while (batch->count)
		free(batch->files[--batch->count]);
}

/* ---- answers ---- */

static void move_to_refused(const struct forward_batch *batch, const char *file)
{
	char *to = xprintf("%s/%s/refused%s", batch->turn->daemon->state->path,
			   batch->folder, strrchr(file, '/'));
	if (rename(file, to) < 0)
		cli_say("%s: %s", file, strerror(errno));
	free(to);
}

static void refuse_file(const struct forward_batch *batch, const char *file,
			const char *why)
{
	batch->turn->daemon->tally->forwards_refused++;
	cli_journal("forward-refused", "aet=%s file=%s %s",
		    batch->destination->aet, strrchr(file, '/') + 1, why);
	move_to_refused(batch, file);
}

/* PS3.4 B.2.3: 0xBxxx is a warning about what was stored, 0xA7xx is no room. */
static bool settle_file(size_t index, unsigned int status, void *context)
{
	struct forward_batch *batch = context;
	const char *file = batch->files[index];
	char why[32];
	if ((status & 0xFF00) != 0xA700) {
		remove_breaker(batch, file);
		batch->gone += status != DIMSE_NO_FILE;
	}
	if (status == 0 || (status & 0xF000) == 0xB000) {
		if (unlink(file) < 0)
			cli_say("%s: %s", file, strerror(errno));
		batch->turn->daemon->tally->instances_forwarded++;
		return true;
	}
	if ((status & 0xFF00) == 0xA700) {
		batch->is_full = true;
		return false;
	}
	snprintf(why, sizeof why, "status=0x%04X", status);
	refuse_file(batch, file, why);
	return true;
}

/* To the end of the breakers; or aside, where others went before each time. */
static void note_breaker(size_t index, void *context)
{
	struct forward_batch *batch = context;
	const char *file = batch->files[index];
	size_t place = find_breaker(batch, file);
	struct breaker breaker = {.breaks = 1, .others = batch->gone};
	char why[80];
	if (!turn_goes_on(batch->turn))
		return;
	batch->has_again = place < batch->breaker_count;
	if (batch->has_again) {
		const struct breaker *before = &batch->breakers[place];
		breaker.breaks =
			before->breaks + (batch->gone > before->others);
	}
	remove_breaker(batch, file);
	batch->breakers_until = http_seconds() + PAUSE_OF_BREAKER;
	if (breaker.breaks >= BREAKS_MOST) {
		snprintf(why, sizeof why,
			 "reason=\"the association ended at it %u times, and "
			 "others went\"",
			 breaker.breaks);
		refuse_file(batch, file, why);
		return;
	}
	cli_journal("forward-broken", "aet=%s file=%s", batch->destination->aet,
		    strrchr(file, '/') + 1);
	breaker.file = xstrdup(file);
	array_room(batch->breakers, batch->breaker_count);
	batch->breakers[batch->breaker_count++] = breaker;
}

static bool batch_ends(void *context)
{
	const struct forward_batch *batch = context;
	return !turn_goes_on(batch->turn);
}

/* ---- one destination ---- */

/* What waits, an association of it.  -1: the destination does not take it now,
 * which is said. */
static int send_batch(struct forward_batch *batch)
{
	const struct destination *to = batch->destination;
	const struct dimse_client client = {.address = to->address,
					    .port = to->port,
					    .calling = to->calling,
					    .called = to->aet,
					    .tls = to->tls,
					    .seconds = to->timeout,
					    .settle = settle_file,
					    .breaks = note_breaker,
					    .ends = batch_ends,
					    .context = batch};
	char fault[200];
	batch->is_full = batch->has_again = false;
	int result = dimse_send(&client, (const char *const *)batch->files,
				batch->count, fault, sizeof fault);
	if ((result == 0 || batch->has_again) && !batch->is_full)
		return 0;
	cli_journal("forward-waits", "aet=%s waiting=%zu reason=\"%s\"",
		    to->aet, batch->waiting,
		    batch->is_full ? "it has no room" : fault);
	return -1;
}

struct one {
	struct turn *turn;
	const struct destination *destination;
};

static void *run_one(void *context)
{
	struct one *one = context;
	struct forward_batch batch = {.turn = one->turn,
				      .destination = one->destination};
	double pause = PAUSE_FIRST;
	forward_folder(one->destination, batch.folder);
	while (turn_goes_on(one->turn)) {
		list_batch(&batch);
		bool is_empty = !batch.count;
		int result = is_empty ? 0 : send_batch(&batch);
		forget_batch(&batch);
		if (result < 0) {
			turn_pause(one->turn, pause);
			pause = fmin(2 * pause, PAUSE_MOST);
		} else {
			pause = PAUSE_FIRST;
			if (is_empty)
				turn_pause(one->turn, LOOK_SECONDS);
		}
	}
	while (batch.breaker_count)
		free(batch.breakers[--batch.breaker_count].file);
	free(batch.breakers);
	return NULL;
}

/* Each for itself: one that is away does not hold up the others. */
void forward_run(struct turn *turn)
{
	const struct configuration *configuration = turn->daemon->configuration;
	size_t count = configuration->forward_count;
	struct one *ones = xmalloc(count * sizeof *ones);
	pthread_t *threads = xmalloc(count * sizeof *threads);
	size_t started = 0;
	for (; started < count; started++) {
		ones[started] =
			(struct one){turn, &configuration->forward[started]};
		if (pthread_create(&threads[started], NULL, run_one,
				   &ones[started]) != 0)
			break;
	}
	if (started < count)
		cli_say("forward: no thread for %s",
			configuration->forward[started].aet);
	for (size_t i = 0; i < started; i++)
		pthread_join(threads[i], NULL);
	free(threads);
	free(ones);
}
