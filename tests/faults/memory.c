/*
 * Loaded before libc (LD_PRELOAD): of what the tool asks memory for, what has
 * the number MEMORY_AT gets none, and with MEMORY_ON nothing after it does.  It
 * is told by the file MEMORY_FIRED; at the end the file MEMORY_COUNT has how
 * often memory was asked for.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "instead_of_malloc.h"

static atomic_long calls;
static long at;
static bool on;
static const char *fired, *counted;

static void tell(const char *path, const char *text)
{
	long fd = syscall(SYS_openat, AT_FDCWD, path,
			  O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (fd < 0 || syscall(SYS_write, fd, text, strlen(text)) < 0)
		abort();
	syscall(SYS_close, fd);
}

/* What is loaded before main() asks for memory is not the tool's. */
__attribute__((constructor)) static void begin(void)
{
	const char *number = getenv("MEMORY_AT");

	if (!strstr(program_invocation_short_name, "dcm"))
		return;
	fired = getenv("MEMORY_FIRED");
	counted = getenv("MEMORY_COUNT");
	on = getenv("MEMORY_ON");
	atomic_store(&calls, 0);
	at = number ? atol(number) : 0;
}

__attribute__((destructor)) static void end(void)
{
	char text[32];

	if (!counted)
		return;
	snprintf(text, sizeof text, "%ld\n", (long)atomic_load(&calls));
	tell(counted, text);
}

static bool fails(void)
{
	long number = atomic_fetch_add(&calls, 1) + 1;

	if (!at || (number != at && !(on && number > at)))
		return false;
	if (number == at && fired)
		tell(fired, "");
	errno = ENOMEM;
	return true;
}
