#include "memory.h"

#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dcmfhir.h"

static _Atomic(void (*)(void)) handler;

void memory_set_handler(void (*set)(void))
{
	atomic_store(&handler, set);
}

static void say(const char *text)
{
	ssize_t written = write(STDERR_FILENO, text, strlen(text));

	(void)written; /* there is nobody else to tell */
}

/* Nothing here may want memory, or a lock that another thread can hold: so the
 * process ends as if it was killed, and not through exit(). */
void out_of_memory(void)
{
	void (*told)(void) = atomic_load(&handler);

	if (told)
		told();
	say(program_invocation_short_name);
	say(": out of memory\n");
	_exit(DFH_IO);
}

void *memory_of(void *pointer)
{
	if (!pointer)
		out_of_memory();
	return pointer;
}

void *xmalloc(size_t size)
{
	return memory_of(malloc(size ? size : 1));
}

void *xrealloc(void *old, size_t size)
{
	return memory_of(realloc(old, size ? size : 1));
}

char *xprintf(const char *format, ...)
{
	va_list arguments;
	char *text, small[256];
	int length;

	va_start(arguments, format);
	length = vsnprintf(small, sizeof(small), format, arguments);
	va_end(arguments);
	if (length < 0)
		out_of_memory();
	text = xmalloc((size_t)length + 1);
	if ((size_t)length < sizeof(small))
		return memcpy(text, small, (size_t)length + 1);
	va_start(arguments, format);
	vsnprintf(text, (size_t)length + 1, format, arguments);
	va_end(arguments);
	return text;
}

char *xstrdup(const char *text)
{
	size_t size = strlen(text) + 1;

	return memcpy(xmalloc(size), text, size);
}

uint64_t memory_limit(uint64_t set, uint64_t size)
{
	const uint64_t least = (uint64_t)64 << 20;
	const unsigned int times = 64;

	if (set)
		return set;
	return size > least / times ? size * times : least;
}
