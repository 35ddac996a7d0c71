/*
 * Loaded before libc (LD_PRELOAD): of the calls that can put a file in danger,
 * the one with the number FAULT_AT fails with FAULT_ERRNO ("ENOSPC", "EIO" ...); or
 * with "FLIP", that write() silently writes another last byte.
 * That it did so is told by the file FAULT_FIRED, whose text names the call.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

static atomic_long calls;

/* The shell that starts the tool is left alone. */
static bool is_tool(void)
{
	return strstr(program_invocation_short_name, "fhir2dcm") != NULL;
}

static void tell(const char *name)
{
	const char *path = getenv("FAULT_FIRED");
	long fd;

	if (!path)
		return;
	fd = syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT, 0600);
	if (fd < 0 || syscall(SYS_write, fd, name, strlen(name)) < 0)
		abort();
	syscall(SYS_close, fd);
}

static bool flips(void)
{
	const char *error = getenv("FAULT_ERRNO");

	return error && strcmp(error, "FLIP") == 0;
}

static int number_of(const char *error)
{
	static const struct {
		const char *name;
		int number;
	} errors[] = {{"EIO", EIO},
		      {"EDQUOT", EDQUOT},
		      {"EROFS", EROFS},
		      {"ESTALE", ESTALE}};
	size_t i;

	for (i = 0; error && i < sizeof(errors) / sizeof(*errors); i++)
		if (strcmp(errors[i].name, error) == 0)
			return errors[i].number;
	return ENOSPC;
}

static bool fails(const char *name)
{
	const char *at = getenv("FAULT_AT"), *error = getenv("FAULT_ERRNO");

	if (flips() && strcmp(name, "write") != 0)
		return false;
	if (!at || !is_tool() || atomic_fetch_add(&calls, 1) + 1 != atol(at))
		return false;
	tell(name);
	errno = number_of(error);
	return true;
}

/* What the next library has under a name. */
#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static bool is_message(int fd)
{
	return fd == STDOUT_FILENO || fd == STDERR_FILENO;
}

static ssize_t write_flipped(int fd, const void *bytes, size_t length)
{
	unsigned char *copy = malloc(length + 1);
	ssize_t done;

	if (!copy)
		abort();
	memcpy(copy, bytes, length);
	copy[length ? length - 1 : 0] ^= 1;
	done = NEXT(write)(fd, copy, length);
	free(copy);
	return done;
}

ssize_t write(int fd, const void *bytes, size_t length)
{
	if (is_message(fd) || !fails("write"))
		return NEXT(write)(fd, bytes, length);
	return flips() ? write_flipped(fd, bytes, length) : -1;
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset)
{
	return fails("pwrite") ? -1 : NEXT(pwrite)(fd, bytes, length, offset);
}

ssize_t copy_file_range(int from, off_t *from_offset, int to, off_t *to_offset,
			size_t length, unsigned int flags)
{
	return fails("copy_file_range")
		       ? -1
		       : NEXT(copy_file_range)(from, from_offset, to, to_offset,
					       length, flags);
}

int fsync(int fd)
{
	return fails("fsync") ? -1 : NEXT(fsync)(fd);
}

int renameat(int from, const char *old, int to, const char *new)
{
	return fails("renameat") ? -1 : NEXT(renameat)(from, old, to, new);
}

int renameat2(int from, const char *old, int to, const char *new,
	      unsigned int flags)
{
	return fails("renameat2") ? -1
				  : NEXT(renameat2)(from, old, to, new, flags);
}

int linkat(int from, const char *old, int to, const char *new, int flags)
{
	return fails("linkat") ? -1 : NEXT(linkat)(from, old, to, new, flags);
}

int unlinkat(int folder, const char *name, int flags)
{
	return fails("unlinkat") ? -1 : NEXT(unlinkat)(folder, name, flags);
}

int mkdirat(int folder, const char *name, mode_t mode)
{
	return fails("mkdirat") ? -1 : NEXT(mkdirat)(folder, name, mode);
}

int fstatat(int folder, const char *name, struct stat *out, int flags)
{
	return fails("fstatat") ? -1 : NEXT(fstatat)(folder, name, out, flags);
}

int fchown(int fd, uid_t user, gid_t group)
{
	return fails("fchown") ? -1 : NEXT(fchown)(fd, user, group);
}

int flock(int fd, int operation)
{
	return fails("flock") ? -1 : NEXT(flock)(fd, operation);
}

int fchmod(int fd, mode_t mode)
{
	return fails("fchmod") ? -1 : NEXT(fchmod)(fd, mode);
}

int open(const char *path, int flags, ...)
{
	va_list arguments;
	mode_t mode;

	va_start(arguments, flags);
	mode = flags & O_CREAT ? va_arg(arguments, mode_t) : 0;
	va_end(arguments);
	return fails("open") ? -1 : NEXT(open)(path, flags, mode);
}

int openat(int folder, const char *path, int flags, ...)
{
	va_list arguments;
	mode_t mode;

	va_start(arguments, flags);
	mode = flags & O_CREAT ? va_arg(arguments, mode_t) : 0;
	va_end(arguments);
	return fails("openat") ? -1 : NEXT(openat)(folder, path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
	va_list arguments;
	mode_t mode;

	va_start(arguments, flags);
	mode = flags & O_CREAT ? va_arg(arguments, mode_t) : 0;
	va_end(arguments);
	return fails("open") ? -1 : NEXT(open64)(path, flags, mode);
}
