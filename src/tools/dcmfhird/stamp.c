#include "stamp.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "arrivals.h"
#include "cli.h"
#include "ehr.h"
#include "forward.h"
#include "header_source.h"
#include "http.h"
#include "cli_journal.h"
#include "json_text.h"
#include "quarantine.h"

const char stamp_folder[] = "stamp", stamp_again_folder[] = "stamp/again",
	   stamp_unstamped_folder[] = "stamp/unstamped";
static const char ready_folder[] = "stamp/ready";

static const char no_room[] = "the quarantine is full";

/* Between two looks; after one that left something where it was; and between
 * two lines of the log that say so. */
static const double LOOK_SECONDS = 0.5, AGAIN_SECONDS = 5, TELL_SECONDS = 60;

struct stamper {
	struct turn *turn;
	const struct state_folder *state;
	const struct stamping *how;
	struct ehr *ehr;
	unsigned long long quarantined; /* bytes */
	json_object *without_room;	/* members: whom it has no room for */
	double told;			/* when it was said that some wait */
	size_t waits;			/* instances, in this round */
	char fault[256];		/* why */
};

bool stamp_is_on(const struct configuration *configuration)
{
	return configuration->stamp.is_on;
}

int stamp_make(const struct daemon *daemon)
{
	const char *const all[] = {stamp_folder, stamp_again_folder,
				   stamp_unstamped_folder, ready_folder};
	const struct state_folder *state = daemon->state;
	if (!stamp_is_on(daemon->configuration))
		return 0;
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		if (state_make_folder(state, all[i]) == 0)
			continue;
		cli_say("%s/%s: %s", state->path, all[i], strerror(errno));
		return -1;
	}
	if (quarantine_make(state) == 0)
		return 0;
	cli_say("%s/%s: %s", state->path, quarantine_folder, strerror(errno));
	return -1;
}

/* ---- an instance stays, for now ---- */

static void leave(struct stamper *stamper, const char *fault)
{
	stamper->waits++;
	snprintf(stamper->fault, sizeof stamper->fault, "%s", fault);
}

static void tell_waiting(struct stamper *stamper, size_t all)
{
	double now = http_seconds();
	if (stamper->told && now < stamper->told + TELL_SECONDS)
		return;
	stamper->told = now;
	cli_journal("stamp-waits", "waiting=%zu reason=\"%s\"", all,
		    stamper->fault);
}

/* ---- it goes out ---- */

/* To each destination, under the same name: one that has it already is left. */
static int give_to_destinations(const struct stamper *stamper, const char *name)
{
	const struct configuration *configuration =
		stamper->turn->daemon->configuration;
	char ready[PATH_MAX], folder[PATH_MAX];
	snprintf(ready, sizeof ready, "%s/%s", ready_folder, name);
	for (size_t i = 0; i < configuration->forward_count; i++) {
		forward_folder(&configuration->forward[i], folder);
		if (arrival_link(stamper->state, stamper->state->folder, ready,
				 name, folder) < 0 &&
		    errno != EEXIST)
			return -1;
	}
	return 0;
}

/* What is ready is wanted here no more; then it goes. */
static void send_ready(struct stamper *stamper, const char *name)
{
	if ((arrival_remove(stamper->state, name, stamp_folder) < 0 &&
	     errno != ENOENT) ||
	    give_to_destinations(stamper, name) < 0 ||
	    arrival_remove(stamper->state, name, ready_folder) < 0)
		leave(stamper, strerror(errno));
}

/* As it came, which is told. */
static void pass(struct stamper *stamper, const char *name, const char *from,
		 const char *reason)
{
	char instance[ARRIVAL_NAME];
	if (arrival_move(stamper->state, name, from, ready_folder) < 0) {
		if (errno != ENOENT)
			leave(stamper, strerror(errno));
		return;
	}
	arrival_instance(name, instance);
	stamper->turn->daemon->tally->instances_passed++;
	cli_journal("passed-unstamped", "instance=%s reason=%s", instance,
		    reason);
	send_ready(stamper, name);
}

/* ---- it is held ---- */

static const char *word_of(const dfh_error *error)
{
	static const struct {
		enum dfh_reason reason;
		const char *word;
	} words[] = {{DFH_NO_MATCH, "unknown"},
		     {DFH_AMBIGUOUS, "ambiguous"},
		     {DFH_CONTRADICTION, "contradiction"},
		     {DFH_SIGNED, "signed"},
		     {DFH_UNFIT, "unfit"},
		     {DFH_WITHDRAWN, "withdrawn"},
		     {DFH_NO_SUBJECT, "subject"}};
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (dfh_error_reason(error) == words[i].reason)
			return words[i].word;
	return "refused";
}

/* The first line of it, behind the name of the file. */
static void take_refusal_text(char *to, size_t size, const dfh_error *error)
{
	const char *text = dfh_error_text(error);
	const char *file = dfh_error_file(error);
	size_t length = file ? strlen(file) : 0;
	if (length && strncmp(text, file, length) == 0 && text[length] == ':')
		text += length + 1;
	text += strspn(text, " ");
	snprintf(to, size, "%.*s", (int)strcspn(text, "\n"), text);
	for (char *quote = to; (quote = strchr(quote, '"'));)
		*quote = '\'';
}

static void hold(struct stamper *stamper, const char *name,
		 unsigned long long size, const struct held *why)
{
	char instance[ARRIVAL_NAME];
	if (stamper->quarantined + size > stamper->how->quarantine) {
		leave(stamper, no_room);
		json_add(stamper->without_room, name, json_new_boolean(true));
		return;
	}
	if (quarantine_put(stamper->state, name, stamp_folder, why) < 0) {
		leave(stamper, strerror(errno));
		return;
	}
	stamper->quarantined += size;
	stamper->turn->daemon->tally->instances_quarantined++;
	arrival_instance(name, instance);
	cli_journal("quarantined", "study=%s instance=%s reason=%s text=\"%s\"",
		    why->study, instance, why->word, why->text);
}

static void hold_refused(struct stamper *stamper, const char *name,
			 unsigned long long size, const char *study,
			 const dfh_error *error)
{
	struct held why = {"-", "", ""};
	if (*study)
		studies_name(study, why.study);
	snprintf(why.word, sizeof why.word, "%s", word_of(error));
	take_refusal_text(why.text, sizeof why.text, error);
	hold(stamper, name, size, &why);
}

/* ---- it is stamped ---- */

static void take_refusal(struct stamper *stamper, const char *name,
			 unsigned long long size, const dfh_stamped *stamped,
			 const dfh_error *error)
{
	if (dfh_error_code(error) != DFH_REFUSED)
		leave(stamper, "it cannot be read or written");
	else if (dfh_error_reason(error) == DFH_NO_MATCH &&
		 stamper->how->unknown == UNSTAMPED_PASS)
		pass(stamper, name, stamp_folder, "unknown");
	else
		hold_refused(stamper, name, size, stamped->study, error);
}

/* By all that the EHR says of it; the copy is whole in ready/, or not there. */
static void stamp_by(struct stamper *stamper, dfh_import *im, const char *name,
		     const char *path, unsigned long long size)
{
	const dfh_writing writing = {.size = sizeof writing, .verify = 1};
	const dfh_stamp_options how = {.size = sizeof how, .writing = &writing};
	dfh_stamped stamped = {.size = sizeof stamped};
	char ready[PATH_MAX], instance[ARRIVAL_NAME], study[STUDY_NAME];
	size_t losses = ehr_losses(stamper->ehr);
	dfh_error *error = NULL;
	snprintf(ready, sizeof ready, "%s/%s/%s", stamper->state->path,
		 ready_folder, name);
	if (dfh_import_stamp(im, path, ready, &how, &stamped, &error) < 0) {
		take_refusal(stamper, name, size, &stamped, error);
		dfh_error_free(error);
		return;
	}
	arrival_instance(name, instance);
	studies_name(stamped.study, study);
	stamper->turn->daemon->tally->instances_stamped++;
	cli_journal("stamped",
		    "study=%s instance=%s match=%s changed=%zu lost=%zu", study,
		    instance, stamped.match, stamped.changed,
		    ehr_losses(stamper->ehr) - losses);
	send_ready(stamper, name);
}

/* One that is away may mean nothing, but one that fails at this has not said
 * that it may pass.  Whoever is to end did not learn which. */
static void take_silence(struct stamper *stamper, const char *name,
			 enum ehr_says says, const char *fault)
{
	if (!turn_goes_on(stamper->turn))
		return;
	if (says == EHR_IS_AWAY && stamper->how->away == UNSTAMPED_PASS)
		pass(stamper, name, stamp_folder, "away");
	else
		leave(stamper, fault);
}

/* Why the EHR cannot be believed of it, unless it is held for itself. */
static void hold_unclear(struct stamper *stamper, dfh_import *im,
			 const char *name, const char *path,
			 unsigned long long size, const char *fault)
{
	const dfh_stamp_options how = {.size = sizeof how};
	dfh_stamped stamped = {.size = sizeof stamped};
	struct held why = {"-", "subject", ""};
	dfh_error *error = NULL;
	if (dfh_import_stamp(im, path, NULL, &how, &stamped, &error) < 0 &&
	    dfh_error_code(error) == DFH_REFUSED &&
	    dfh_error_reason(error) != DFH_NO_MATCH) {
		hold_refused(stamper, name, size, stamped.study, error);
	} else {
		if (*stamped.study)
			studies_name(stamped.study, why.study);
		snprintf(why.text, sizeof why.text, "%s", fault);
		hold(stamper, name, size, &why);
	}
	dfh_error_free(error);
}

static void stamp_one(struct stamper *stamper, const char *name)
{
	struct held unreadable = {"-", "unreadable", ""};
	char path[PATH_MAX], fault[256];
	dfh_source source;
	dfh_import *im;
	snprintf(path, sizeof path, "%s/%s/%s", stamper->state->path,
		 stamp_folder, name);
	if (header_open(&source, path) < 0) {
		if (errno != ENOENT)
			leave(stamper, strerror(errno));
		return;
	}
	unsigned long long size = source.length;
	enum ehr_says says = ehr_ask(stamper->ehr, &source, &im, fault);
	header_close(&source);
	if (says == EHR_ANSWERS) {
		stamp_by(stamper, im, name, path, size);
	} else if (says == EHR_IS_UNCLEAR) {
		hold_unclear(stamper, im, name, path, size, fault);
	} else if (says == EHR_IS_AWAY || says == EHR_FAILS) {
		take_silence(stamper, name, says, fault);
	} else {
		snprintf(unreadable.text, sizeof unreadable.text, "%s", fault);
		hold(stamper, name, size, &unreadable);
	}
}

/* ---- a round ---- */

static void send_all_ready(struct stamper *stamper)
{
	struct arrivals all;
	arrivals_list(stamper->state, ready_folder, &all);
	for (size_t i = 0; i < all.count && turn_goes_on(stamper->turn); i++)
		send_ready(stamper, all.names[i]);
	arrivals_free(&all);
}

/* What was released: as it is, or once more by what is said of it now. */
static void take_released(struct stamper *stamper)
{
	struct arrivals all;
	arrivals_list(stamper->state, stamp_unstamped_folder, &all);
	for (size_t i = 0; i < all.count; i++)
		pass(stamper, all.names[i], stamp_unstamped_folder, "released");
	arrivals_free(&all);
	arrivals_list(stamper->state, stamp_again_folder, &all);
	if (all.count)
		ehr_forget(stamper->ehr);
	for (size_t i = 0; i < all.count; i++)
		if (arrival_move(stamper->state, all.names[i],
				 stamp_again_folder, stamp_folder) < 0)
			leave(stamper, strerror(errno));
	arrivals_free(&all);
}

/* Whoever found no room is not asked about until there is more. */
static void measure_quarantine(struct stamper *stamper)
{
	unsigned long long before = stamper->quarantined;
	stamper->quarantined = quarantine_size(stamper->state);
	if (stamper->quarantined < before)
		json_empty(stamper->without_room);
}

/* While the EHR is left alone, what waits for it is not looked at. */
static void stamp_all(struct stamper *stamper)
{
	struct arrivals all;
	bool waits = stamper->how->away == UNSTAMPED_HOLD;
	arrivals_list(stamper->state, stamp_folder, &all);
	if (all.count)
		measure_quarantine(stamper);
	size_t i = 0;
	for (; i < all.count && turn_goes_on(stamper->turn); i++) {
		if (waits && ehr_is_away(stamper->ehr))
			break;
		if (json_member(stamper->without_room, all.names[i]))
			leave(stamper, no_room);
		else
			stamp_one(stamper, all.names[i]);
	}
	if (i == all.count)
		ehr_end_round(stamper->ehr);
	if (stamper->waits && turn_goes_on(stamper->turn))
		tell_waiting(stamper, all.count);
	arrivals_free(&all);
}

void stamp_run(struct turn *turn)
{
	const struct daemon *daemon = turn->daemon;
	struct stamper stamper = {.turn = turn,
				  .state = daemon->state,
				  .how = &daemon->configuration->stamp,
				  .without_room = json_new_object(),
				  .ehr = ehr_new(daemon)};
	while (stamper.ehr && turn_goes_on(turn)) {
		stamper.waits = 0;
		send_all_ready(&stamper);
		take_released(&stamper);
		stamp_all(&stamper);
		turn_pause(turn, stamper.waits ? AGAIN_SECONDS : LOOK_SECONDS);
	}
	ehr_free(stamper.ehr);
	json_object_put(stamper.without_room);
}
