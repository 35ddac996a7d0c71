#include "receive.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "association.h"
#include "cli.h"
#include "forward.h"
#include "cli_journal.h"
#include "listen.h"
#include "memory.h"
#include "stamp.h"

/* Those that are to end have so long to finish an instance. */
enum { GRACE_SECONDS = 5 };

/* Of the process that listens, as signals are. */
static volatile sig_atomic_t ends;

struct receiver {
	const struct daemon *daemon;
	int listener;
	pid_t *guests; /* 0: a free place */
	size_t places, count;
};

/* ---- guests ---- */

static void forget_guest(struct receiver *receiver, pid_t process, int status)
{
	char file[PATH_MAX];
	for (size_t i = 0; i < receiver->places; i++) {
		if (receiver->guests[i] != process)
			continue;
		receiver->guests[i] = 0;
		receiver->count--;
	}
	association_file(receiver->daemon, process, file);
	unlink(file);
	if (WIFSIGNALED(status) && WTERMSIG(status) != SIGKILL)
		cli_journal("association-died", "process=%ld signal=%d",
			    (long)process, WTERMSIG(status));
}

static void forget_dead(struct receiver *receiver)
{
	int status;
	pid_t process;
	while ((process = waitpid(-1, &status, WNOHANG)) > 0)
		forget_guest(receiver, process, status);
}

static void signal_all(const struct receiver *receiver, int number)
{
	for (size_t i = 0; i < receiver->places; i++)
		if (receiver->guests[i])
			kill(receiver->guests[i], number);
}

static void end_all(struct receiver *receiver)
{
	static const struct timespec nap = {.tv_nsec = 50 * 1000 * 1000};
	signal_all(receiver, SIGTERM);
	for (int naps = 0; receiver->count && naps < GRACE_SECONDS * 20;
	     naps++) {
		nanosleep(&nap, NULL);
		forget_dead(receiver);
	}
	signal_all(receiver, SIGKILL);
}

/* ---- connections ---- */

/* Whoever is not among the peers by his address is not listened to. */
static bool is_peer_address(const struct receiving *receive,
			    const char *address)
{
	for (size_t i = 0; i < receive->peer_count; i++)
		if (!receive->peers[i].address ||
		    strcmp(receive->peers[i].address, address) == 0)
			return true;
	return !receive->peer_count;
}

static void take_in(struct receiver *receiver, int connection,
		    const char *address)
{
	pid_t parent = getpid(), process = fork();
	if (process == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(0);
		close(receiver->listener);
		association_answer(receiver->daemon, connection, address);
	}
	if (process < 0) {
		cli_say("receive: %s", strerror(errno));
		return;
	}
	size_t place = 0;
	while (receiver->guests[place])
		place++;
	receiver->guests[place] = process;
	receiver->count++;
}

static void accept_one(struct receiver *receiver)
{
	char address[INET6_ADDRSTRLEN + 32];
	int connection =
		listen_accept(receiver->listener, address, sizeof address);
	if (connection < 0)
		return;
	if (is_peer_address(&receiver->daemon->configuration->receive,
			    address)) {
		take_in(receiver, connection, address);
	} else {
		receiver->daemon->tally->associations_refused++;
		cli_journal("unknown-peer", "address=%s", address);
	}
	close(connection);
}

/* ---- the process that listens ---- */

static void note_signal(int number)
{
	if (number == SIGTERM)
		ends = 1;
}

/* Signals come only while it waits. */
static sigset_t signals_while_waiting(void)
{
	struct sigaction action = {.sa_handler = note_signal};
	sigset_t all, while_waiting;
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGCHLD, &action, NULL);
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	sigemptyset(&while_waiting);
	sigaddset(&while_waiting, SIGINT);
	sigaddset(&while_waiting, SIGHUP);
	sigaddset(&while_waiting, SIGUSR1);
	return while_waiting;
}

static void listen_for_all(struct receiver *receiver)
{
	sigset_t while_waiting = signals_while_waiting();
	struct pollfd door = {.fd = receiver->listener, .events = POLLIN};
	while (!ends) {
		/* Whoever comes when all places are taken waits in the queue of
		 * the kernel. */
		bool has_room = receiver->count < receiver->places;
		int ready = ppoll(&door, has_room, NULL, &while_waiting);
		if (ready > 0)
			accept_one(receiver);
		forget_dead(receiver);
	}
	close(receiver->listener);
	end_all(receiver);
}

/* What those left that were killed. */
static int clear_incoming(const struct state_folder *state)
{
	if (state_make_folder(state, "incoming") < 0)
		return -1;
	DIR *folder = state_read_folder(state->folder, "incoming");
	struct dirent *found;
	while (folder && (found = readdir(folder)))
		if (found->d_name[0] != '.')
			unlinkat(dirfd(folder), found->d_name, 0);
	if (folder)
		closedir(folder);
	return folder ? 0 : -1;
}

int receive_begin(const struct daemon *daemon, pid_t *out)
{
	const struct receiving *receive = &daemon->configuration->receive;
	*out = 0;
	if (!receive->is_on)
		return DFH_OK;
	struct receiver receiver = {.daemon = daemon,
				    .places = (size_t)receive->associations};
	receiver.listener =
		listen_at("receive", receive->address, receive->port);
	if (receiver.listener < 0)
		return DFH_IO;
	if (clear_incoming(daemon->state) < 0) {
		cli_say("%s/incoming: %s", daemon->state->path,
			strerror(errno));
		close(receiver.listener);
		return DFH_IO;
	}
	if (forward_make(daemon) < 0 || stamp_make(daemon) < 0 ||
	    association_prepare(receive) < 0) {
		close(receiver.listener);
		return DFH_IO;
	}
	pid_t parent = getpid();
	*out = fork();
	if (*out == 0) {
		/* the terminal's is for the daemon, who then ends this */
		signal(SIGINT, SIG_IGN);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(0);
		receiver.guests =
			xmalloc(receiver.places * sizeof *receiver.guests);
		memset(receiver.guests, 0,
		       receiver.places * sizeof *receiver.guests);
		listen_for_all(&receiver);
		_exit(0);
	}
	close(receiver.listener);
	if (*out > 0)
		return DFH_OK;
	cli_say("receive: %s", strerror(errno));
	return DFH_IO;
}

bool receive_is_dead(pid_t receiver)
{
	return receiver && waitpid(receiver, NULL, WNOHANG) == receiver;
}

void receive_end(pid_t receiver)
{
	if (!receiver)
		return;
	kill(receiver, SIGTERM);
	waitpid(receiver, NULL, 0);
}
