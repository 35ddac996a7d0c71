#include "association.h"

#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "dimse_serve.h"
#include "forward.h"
#include "intake.h"
#include "cli_journal.h"
#include "memory.h"
#include "stamp.h"

/* Of the request, byte by byte as it may come, and of one instance. */
enum { REQUEST_SECONDS = 30, INSTANCE_SECONDS = 3600 };

/* Of the process, as signals are. */
static volatile sig_atomic_t ends;

struct guest {
	const struct daemon *daemon;
	const char *address, *file;
	struct intake intake;
	unsigned long stored, refused;
};

int association_prepare(const struct receiving *receive)
{
	dimse_begin();
	const char *fault = dimse_tls_fault(&receive->tls, true);
	if (fault)
		cli_say("receive: TLS: %s", fault);
	return fault ? -1 : 0;
}

void association_file(const struct daemon *daemon, pid_t process, char *path)
{
	snprintf(path, PATH_MAX, "%s/incoming/%ld", daemon->state->path,
		 (long)process);
}

/* ---- what the association asks ---- */

/* Is it a peer by address and title?  One that says neither is any. */
static bool admits_peer(const char *aet, void *context)
{
	const struct guest *guest = context;
	const struct receiving *receive =
		&guest->daemon->configuration->receive;
	for (size_t i = 0; i < receive->peer_count; i++) {
		const struct peer *peer = &receive->peers[i];
		if ((!peer->aet || strcmp(peer->aet, aet) == 0) &&
		    (!peer->address ||
		     strcmp(peer->address, guest->address) == 0))
			return true;
	}
	return !receive->peer_count;
}

static bool is_to_end(void *context)
{
	(void)context;
	/* a sender that never comes to an end is ended by the signal */
	alarm(INSTANCE_SECONDS);
	return ends;
}

static enum dimse_status status_of_intake(enum intake_result result)
{
	switch (result) {
	case INTAKE_SAFE:
		return DIMSE_STORED;
	case INTAKE_FULL:
		return DIMSE_OUT_OF_RESOURCES;
	case INTAKE_NOT_UNDERSTOOD:
		return DIMSE_NOT_UNDERSTOOD;
	case INTAKE_OTHER:
		return DIMSE_OTHER_INSTANCE;
	case INTAKE_FAILED:
		break;
	}
	return DIMSE_CANNOT_STORE;
}

static enum dimse_status take_instance(const char *aet, const char *instance,
				       void *context)
{
	struct guest *guest = context;
	struct tally *tally = guest->daemon->tally;
	struct taken taken;
	enum dimse_status status = status_of_intake(
		intake_take(&guest->intake, guest->file, instance, &taken));
	unlink(guest->file);
	if (status == DIMSE_STORED) {
		guest->stored++;
		tally->instances++;
		return status;
	}
	guest->refused++;
	tally->instances_refused++;
	cli_journal("refused",
		    "peer=%s instance=%s status=0x%04X reason=\"%s\"", aet,
		    instance, (unsigned int)status, taken.fault);
	return status;
}

/* ---- the process ---- */

static void end_soon(int number)
{
	(void)number;
	ends = 1;
}

static void obey_signals(void)
{
	struct sigaction action = {.sa_handler = end_soon};
	sigset_t none;
	sigaction(SIGTERM, &action, NULL);
	signal(SIGCHLD, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	alarm(REQUEST_SECONDS);
}

/* Where an instance is put for each destination, or for all of them until it is
 * stamped. */
static void add_forwards(struct intake *intake,
			 const struct configuration *configuration)
{
	bool is_stamped = stamp_is_on(configuration);
	intake->forward_count = is_stamped ? 1 : configuration->forward_count;
	intake->forwards =
		xmalloc((intake->forward_count + 1) * sizeof *intake->forwards);
	if (is_stamped)
		strcpy(intake->forwards[0], stamp_folder);
	for (size_t i = 0; i < intake->forward_count && !is_stamped; i++)
		forward_folder(&configuration->forward[i], intake->forwards[i]);
}

void association_answer(const struct daemon *daemon, int connection,
			const char *address)
{
	const struct receiving *receive = &daemon->configuration->receive;
	char file[PATH_MAX], fault[200];
	association_file(daemon, getpid(), file);
	struct guest guest = {
		.daemon = daemon,
		.address = address,
		.file = file,
		.intake = {.state = daemon->state,
			   .reader = dfh_export_new(daemon->rules, NULL, NULL),
			   .reserve = receive->reserve,
			   .keeps_files = receive->keep == KEEP_FILES}};
	const struct dimse_server server = {.aet = receive->aet,
					    .seconds = receive->timeout,
					    .tls = receive->tls,
					    .file = file,
					    .admits = admits_peer,
					    .take = take_instance,
					    .ends = is_to_end,
					    .context = &guest};
	add_forwards(&guest.intake, daemon->configuration);
	obey_signals();
	daemon->tally->associations++;
	int result = dimse_serve(connection, &server, fault, sizeof fault);
	cli_journal("association", "address=%s stored=%lu refused=%lu%s%s%s",
		    address, guest.stored, guest.refused,
		    result < 0 ? " reason=\"" : "", result < 0 ? fault : "",
		    result < 0 ? "\"" : "");
	_exit(0);
}
