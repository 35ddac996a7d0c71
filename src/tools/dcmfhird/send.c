#include "send.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "delivery.h"
#include "export_study.h"
#include "studies.h"

/* Between two looks at what is due. */
static const double LOOK_SECONDS = 0.5;

bool send_is_on(const struct configuration *configuration)
{
	return configuration->send.is_on;
}

/* ---- what waits ---- */

static bool is_outbox_entry(const char *name)
{
	const char *end = strrchr(name, '.');
	return end && strcmp(end, ".bundle") == 0;
}

static bool something_waits(const struct state_folder *state)
{
	DIR *folder = state_read_folder(state->folder, "outbox");
	struct dirent *found;
	bool waits = false;
	while (folder && !waits && (found = readdir(folder)))
		waits = is_outbox_entry(found->d_name);
	if (folder)
		closedir(folder);
	return waits;
}

/* ---- a round ---- */

static struct delivery_options delivery_options_of(const struct daemon *daemon,
						   const char *outbox)
{
	const struct sending *send = &daemon->configuration->send;
	return (struct delivery_options){
		.http = {.base = send->to,
			 .cacert = send->cacert,
			 .headers = send->headers,
			 .token_file = send->token_file,
			 .client_file = send->client,
			 .timeout = (unsigned int)send->timeout,
			 .retry_for = (unsigned int)send->retry_for,
			 .stops = cli_interrupted},
		.rules = daemon->rules,
		.release = send->release,
		.outbox = outbox,
		.jobs = (int)send->jobs,
		.delivered = &daemon->tally->studies_delivered};
}

/* A study that is due, into the outbox.  false: no other one. */
static bool export_one(const struct daemon *daemon, struct delivery *delivery,
		       const char *study)
{
	switch (export_study(daemon, study, delivery)) {
	case EXPORTED:
		++daemon->tally->studies_exported;
		studies_done(daemon->state, study);
		return true;
	case NOT_EXPORTED:
		++daemon->tally->studies_held;
		studies_hold(daemon->state, study);
		return true;
	default:
		studies_again(daemon->state, study);
		return false;
	}
}

/* First `study`, then what becomes due meanwhile; "" is none.  What waits in
 * the outbox goes first, where its time has come. */
static void send_round(struct turn *turn, char study[STUDY_NAME], bool again)
{
	const struct daemon *daemon = turn->daemon;
	struct delivery *delivery;
	char outbox[PATH_MAX];
	snprintf(outbox, sizeof outbox, "%s/outbox", daemon->state->path);
	struct delivery_options options = delivery_options_of(daemon, outbox);
	options.leaves_waiting = !again;
	if (delivery_begin(&options, &delivery) != DFH_OK) {
		if (*study)
			studies_again(daemon->state, study);
		turn_pause(turn, (double)daemon->configuration->send.again);
		return;
	}
	bool goes_on = !*study || export_one(daemon, delivery, study);
	while (goes_on && turn_goes_on(turn) &&
	       studies_take(daemon->state, studies_quiet(daemon->configuration),
			    study))
		goes_on = export_one(daemon, delivery, study);
	delivery_end(delivery);
	delivery_free(delivery);
	/* the outbox takes nothing: the disk is full */
	if (!goes_on)
		turn_pause(turn, (double)daemon->configuration->send.again);
}

/* What was refused or put off is offered again from time to time, not with each
 * study that comes. */
void send_run(struct turn *turn)
{
	const struct daemon *daemon = turn->daemon;
	double next = http_seconds();
	while (turn_goes_on(turn)) {
		char study[STUDY_NAME] = "";
		bool is_due = studies_take(daemon->state,
					   studies_quiet(daemon->configuration),
					   study);
		bool again = http_seconds() >= next &&
			     something_waits(daemon->state);
		if (is_due || again)
			send_round(turn, study, again);
		if (again)
			next = http_seconds() +
			       (double)daemon->configuration->send.again;
		if (!is_due)
			turn_pause(turn, LOOK_SECONDS);
	}
}
