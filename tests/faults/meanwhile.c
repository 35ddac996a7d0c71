/*
 * Loaded before libc (LD_PRELOAD): before the call MEANWHILE_CALL ("fsync") of
 * the number MEANWHILE_AT the shell runs MEANWHILE, as if somebody else did
 * that at this moment.  The call itself goes on as it would have.  Of open(),
 * those count that read a file whose path ends with MEANWHILE_FILE.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static atomic_long calls;

/* What the next library has under a name. */
#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static void meanwhile(const char *name)
{
	const char *call = getenv("MEANWHILE_CALL");
	const char *at = getenv("MEANWHILE_AT");
	const char *what = getenv("MEANWHILE");

	if (!call || !what || strcmp(call, name) != 0 ||
	    strstr(program_invocation_short_name, "fhir") == NULL ||
	    atomic_fetch_add(&calls, 1) + 1 != (at ? atol(at) : 1))
		return;
	unsetenv("LD_PRELOAD");
	if (system(what) != 0)
		abort();
}

int fsync(int fd)
{
	meanwhile("fsync");
	return NEXT(fsync)(fd);
}

int fdatasync(int fd)
{
	meanwhile("fdatasync");
	return NEXT(fdatasync)(fd);
}

int renameat(int from, const char *old, int to, const char *new)
{
	meanwhile("rename");
	return NEXT(renameat)(from, old, to, new);
}

int renameat2(int from, const char *old, int to, const char *new,
	      unsigned int flags)
{
	meanwhile("rename");
	return NEXT(renameat2)(from, old, to, new, flags);
}

int unlinkat(int folder, const char *name, int flags)
{
	meanwhile("unlink");
	return NEXT(unlinkat)(folder, name, flags);
}

int flock(int fd, int operation)
{
	meanwhile("flock");
	return NEXT(flock)(fd, operation);
}

ssize_t write(int fd, const void *bytes, size_t length)
{
	if (fd > STDERR_FILENO)
		meanwhile("write");
	return NEXT(write)(fd, bytes, length);
}

static void meanwhile_open(const char *path, int flags)
{
	const char *file = getenv("MEANWHILE_FILE");
	size_t length = strlen(path), end = file ? strlen(file) : 0;

	if (!(flags & (O_CREAT | O_PATH | O_DIRECTORY)) && length >= end &&
	    (!file || strcmp(path + length - end, file) == 0))
		meanwhile("open");
}

int open(const char *path, int flags, ...)
{
	va_list arguments;
	mode_t mode;

	va_start(arguments, flags);
	mode = flags & O_CREAT ? va_arg(arguments, mode_t) : 0;
	va_end(arguments);
	meanwhile_open(path, flags);
	return NEXT(open)(path, flags, mode);
}

int openat(int folder, const char *path, int flags, ...)
{
	va_list arguments;
	mode_t mode;

	va_start(arguments, flags);
	mode = flags & O_CREAT ? va_arg(arguments, mode_t) : 0;
	va_end(arguments);
	meanwhile_open(path, flags);
	return NEXT(openat)(folder, path, flags, mode);
}
