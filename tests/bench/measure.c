/* Run a command and append what it cost to a table of samples. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const char usage[] =
	"usage: measure [-s STDOUT] SAMPLES NAME COUNT COMMAND...\n"
	"Appends to SAMPLES: NAME, COUNT, seconds by the clock, seconds of "
	"the\n"
	"processor for it and for the system, KiB of memory at the peak; with\n"
	"tabs between them.  STDOUT is /dev/null if it is not named.\n";

static double now(void)
{
	struct timespec at;
	clock_gettime(CLOCK_MONOTONIC, &at);
	return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

static double seconds(struct timeval time)
{
	return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

static void become(const char *output, char **command)
{
	int file = open(output, O_WRONLY | O_CREAT | O_TRUNC, 0666);
	if (file < 0 || dup2(file, STDOUT_FILENO) < 0) {
		perror(output);
		_exit(126);
	}
	close(file);
	execvp(command[0], command);
	perror(command[0]);
	_exit(127);
}

/* The exit status; 128 and the signal if one ended it. */
static int run(const char *output, char **command, double *clock,
	       struct rusage *used)
{
	int status = 0;
	double start = now();
	/* its memory is not to begin with a copy of this one's */
	pid_t child = vfork();
	if (child == 0)
		become(output, command);
	while (child > 0 && wait4(child, &status, 0, used) < 0)
		if (errno != EINTR)
			return 126;
	*clock = now() - start;
	if (child < 0)
		return 126;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int main(int argc, char **argv)
{
	const char *output = "/dev/null";
	int option;
	while ((option = getopt(argc, argv, "+s:")) == 's')
		output = optarg;
	char **words = argv + optind;
	if (option != -1 || argc - optind < 4) {
		fputs(usage, stderr);
		return 2;
	}
	struct rusage used = {0};
	double clock = 0;
	int status = run(output, words + 3, &clock, &used);
	if (status) {
		fprintf(stderr, "measure: %s: exit status %d\n", words[3],
			status);
		return status;
	}
	FILE *samples = fopen(words[0], "a");
	if (!samples) {
		perror(words[0]);
		return 3;
	}
	fprintf(samples, "%s\t%s\t%.9f\t%.6f\t%.6f\t%ld\n", words[1], words[2],
		clock, seconds(used.ru_utime), seconds(used.ru_stime),
		used.ru_maxrss);
	return fclose(samples) == 0 ? 0 : 3;
}
