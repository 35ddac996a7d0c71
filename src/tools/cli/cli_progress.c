/* How far long work is, and signals that ask for it or for its end. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"

enum { DRAWN_EVERY_MS = 200 };

/* Signals are of the process, so this is too.  A thread waits for them and
 * draws the line; the threads that work only count. */
static struct {
	const struct cli_progress *counts;
	struct timespec begin;
	pthread_t watcher;
	sigset_t signals, before;
	bool runs, draws;
	atomic_bool ends;
	atomic_int caught; /* SIGINT or SIGTERM */
	pthread_mutex_t lock;
	bool is_drawn; /* under the lock */
} progress = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* ---- the line ---- */

static double seconds_since(const struct timespec *begin)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - begin->tv_sec) +
	       (double)(now.tv_nsec - begin->tv_nsec) / 1e9;
}

static void print_duration(double seconds)
{
	unsigned long all = (unsigned long)(seconds + 0.5);

	if (all >= 3600)
		fprintf(stderr, "%lu:%02lu:%02lu", all / 3600, all / 60 % 60,
			all % 60);
	else
		fprintf(stderr, "%lu:%02lu", all / 60, all % 60);
}

static void print_progress_line(void)
{
	const struct cli_progress *counts = progress.counts;
	size_t files = counts->files, total = counts->total;
	size_t instances = counts->instances, studies = counts->studies;
	double passed = seconds_since(&progress.begin);
	double rate = passed > 0 ? (double)files / passed : 0;

	fprintf(stderr, "%zu", files);
	if (total)
		fprintf(stderr, " of %zu", total);
	fputs(" files", stderr);
	if (instances)
		fprintf(stderr, ", %zu instances", instances);
	if (studies)
		fprintf(stderr, ", %zu studies", studies);
	if (counts->delivered)
		fprintf(stderr, ", %zu delivered", (size_t)counts->delivered);
	fprintf(stderr, ", %.*f files/s", rate < 10 ? 1 : 0, rate);
	size_t done = files, all = total;

	if (counts->work_total) {
		done = counts->work;
		all = counts->work_total;
	}
	if (done && all > done) {
		fputs(", ", stderr);
		print_duration(passed * (double)(all - done) / (double)done);
		fputs(" left", stderr);
	}
}

static void erase_progress_line(void)
{
	if (progress.is_drawn)
		fputs("\r\033[K", stderr);
	progress.is_drawn = false;
}

static void draw_progress_line(void)
{
	pthread_mutex_lock(&progress.lock);
	flockfile(stderr);
	fputc('\r', stderr);
	print_progress_line();
	fputs("\033[K", stderr);
	fflush(stderr);
	funlockfile(stderr);
	progress.is_drawn = true;
	pthread_mutex_unlock(&progress.lock);
}

static void say_line(void)
{
	pthread_mutex_lock(&progress.lock);
	flockfile(stderr);
	erase_progress_line();
	fprintf(stderr, "%s: ", program_invocation_short_name);
	print_progress_line();
	fputc('\n', stderr);
	funlockfile(stderr);
	pthread_mutex_unlock(&progress.lock);
}

void cli_lock_stderr(void)
{
	pthread_mutex_lock(&progress.lock);
	erase_progress_line();
}

void cli_unlock_stderr(void)
{
	pthread_mutex_unlock(&progress.lock);
}

/* ---- the thread ---- */

/* Once: what runs is finished.  Twice: the user does not want to wait. */
static void take_end(int number)
{
	if (!progress.caught) {
		progress.caught = number;
		return;
	}
	signal(number, SIG_DFL);
	pthread_sigmask(SIG_UNBLOCK, &progress.signals, NULL);
	raise(number);
}

static void *watch_signals(void *nothing)
{
	const struct timespec wait = {DRAWN_EVERY_MS / 1000,
				      DRAWN_EVERY_MS % 1000 * 1000000L};

	while (!progress.ends) {
		int number = sigtimedwait(&progress.signals, NULL, &wait);

		if (progress.ends)
			break;
		if (number == SIGUSR1)
			say_line();
		else if (number > 0)
			take_end(number);
		else if (errno == EAGAIN && progress.draws)
			draw_progress_line();
	}
	return nothing;
}

void cli_progress_begin(const struct cli_progress *counts, bool quiet)
{
	progress.counts = counts;
	progress.draws = !quiet && isatty(STDERR_FILENO);
	progress.ends = false;
	clock_gettime(CLOCK_MONOTONIC, &progress.begin);
	sigemptyset(&progress.signals);
	sigaddset(&progress.signals, SIGUSR1);
	sigaddset(&progress.signals, SIGINT);
	sigaddset(&progress.signals, SIGTERM);
	/* blocked also in the threads that are started after it */
	pthread_sigmask(SIG_BLOCK, &progress.signals, &progress.before);
	progress.runs = pthread_create(&progress.watcher, NULL, watch_signals,
				       NULL) == 0;
	if (!progress.runs)
		pthread_sigmask(SIG_SETMASK, &progress.before, NULL);
}

void cli_progress_end(void)
{
	if (!progress.runs)
		return;
	progress.runs = false;
	progress.ends = true;
	/* so that it does not wait for its time to be over */
	pthread_kill(progress.watcher, SIGUSR1);
	pthread_join(progress.watcher, NULL);
	pthread_mutex_lock(&progress.lock);
	erase_progress_line();
	pthread_mutex_unlock(&progress.lock);
	pthread_sigmask(SIG_SETMASK, &progress.before, NULL);
}

bool cli_interrupted(void)
{
	return progress.caught != 0;
}

int cli_end(int status)
{
	int number = progress.caught;

	status = cli_flush_standard_output(status);
	if (!number)
		return status;
	signal(number, SIG_DFL);
	raise(number);
	return 128 + number;
}
