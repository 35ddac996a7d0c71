/* Standard input, output and error: there before the first file is opened, and
 * known to be written when all is done. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

/* Where one is closed, the next file that is opened would get its number, and
 * messages would be written into it.  What is put in its place cannot be read
 * or written either, so that what it would have been for still fails; but there
 * is nowhere to say that messages are lost. */
static void fill_descriptor(int number)
{
	static const int modes[] = {O_WRONLY, O_RDONLY, O_RDWR};
	int fd;

	if (fcntl(number, F_GETFD) >= 0 || errno != EBADF)
		return;
	fd = open("/dev/null", modes[number]);
	/* without /dev: any number that is taken will do */
	if (fd < 0)
		fd = open("/", O_PATH);
	if (fd != number)
		_exit(DFH_IO);
}

void cli_begin(const char *name)
{
	for (int number = 0; number <= STDERR_FILENO; number++)
		fill_descriptor(number);
	/* until there is something to tell (cli_progress.c) */
	signal(SIGUSR1, SIG_IGN);
	/* argv[0] can be anything */
	program_invocation_short_name = (char *)name;
}

void cli_silence(void)
{
	int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);

	if (fd < 0 || dup2(fd, STDERR_FILENO) < 0)
		_exit(DFH_USAGE);
	close(fd);
}

int cli_flush_standard_output(int status)
{
	errno = 0;
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	cli_say("standard output: %s",
		errno ? strerror(errno) : "cannot be written");
	clearerr(stdout);
	return status > DFH_IO ? status : DFH_IO;
}
