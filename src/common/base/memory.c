#include "memory.h"

#include <errno.h>
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

static void say_out_of_memory(const char *text)
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
	say_out_of_memory(program_invocation_short_name);
	say_out_of_memory(": out of memory\n");
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

char *printed_in(void *(*take)(void *from, size_t size), void *from,
		 const char *format, va_list arguments)
{
	char *text, small[256];
	va_list again;
	int length;

	va_copy(again, arguments);
	length = vsnprintf(small, sizeof(small), format, again);
	va_end(again);
	if (length < 0)
		out_of_memory();
	text = take(from, (size_t)length + 1);
	if ((size_t)length < sizeof(small))
		return memcpy(text, small, (size_t)length + 1);
	vsnprintf(text, (size_t)length + 1, format, arguments);
	return text;
}

static void *take_from_heap(void *from, size_t size)
{
	(void)from;
	return xmalloc(size);
}

char *xprintf(const char *format, ...)
{
	va_list arguments;
	char *text;

	va_start(arguments, format);
	text = printed_in(take_from_heap, NULL, format, arguments);
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
