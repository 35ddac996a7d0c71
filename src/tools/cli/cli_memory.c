/*
 * malloc and its kin, which do not come back without memory.  Not all that the
 * tools use asks whether it got some: libdcmdata writes through NULL while it
 * reads its dictionary, libfyaml takes it for the end of a text.  So the tools
 * have these before libc's (ISO C 7.1.3 forbids it, POSIX systems do it).
 */
#include <dlfcn.h>
#include <stddef.h>

#include "memory.h"

/* Sanitizers have their own. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) ||     \
	__has_feature(memory_sanitizer)
#define SANITIZED
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED
#endif

#ifndef SANITIZED

void *malloc(size_t size);
void *calloc(size_t count, size_t size);
void *realloc(void *old, size_t size);

/* What the next library has under a name; POSIX lets it be a function. */
static void find_next_function(const char *name, void *function)
{
	*(void **)function = dlsym(RTLD_NEXT, name);
	if (!*(void **)function)
		out_of_memory();
}

/* Asked for by several threads at once, each finds the same. */
void *malloc(size_t size)
{
	static void *(*of_libc)(size_t size);

	if (!of_libc)
		find_next_function("malloc", &of_libc);
	return memory_of(of_libc(size ? size : 1));
}

void *calloc(size_t count, size_t size)
{
	static void *(*of_libc)(size_t count, size_t size);

	if (!of_libc)
		find_next_function("calloc", &of_libc);
	return memory_of(count && size ? of_libc(count, size) : of_libc(1, 1));
}

void *realloc(void *old, size_t size)
{
	static void *(*of_libc)(void *old, size_t size);

	if (!of_libc)
		find_next_function("realloc", &of_libc);
	/* of no bytes it frees, or gives NULL */
	return size ? memory_of(of_libc(old, size)) : of_libc(old, size);
}

#endif
