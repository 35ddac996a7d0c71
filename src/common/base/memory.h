/*
 * Memory that is there: who asks for it need not ask whether it got it, for
 * what asks for more than there is does not return.
 */
#ifndef MEMORY_H
#define MEMORY_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What is done when there is none: dfh_set_out_of_memory(). */
void out_of_memory(void) __attribute__((noreturn));

/* For what may return NULL: the pointer, if it is none. */
void *memory_of(void *pointer);

/* malloc, realloc and strdup that never return NULL. */
void *xmalloc(size_t size);
void *xrealloc(void *old, size_t size);
char *xstrdup(const char *text);

/* As vsprintf, as long as it comes out, in what take(from, size) gives. */
char *printed_in(void *(*take)(void *from, size_t size), void *from,
		 const char *format, va_list arguments)
	__attribute__((format(printf, 3, 0)));

/* As sprintf, as long as it comes out; to be freed. */
char *xprintf(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Of one input of that size: what it may make the library take, if `set` is 0,
 * which is none.  No real one comes near it, and a small one cannot make much
 * of itself. */
uint64_t memory_limit(uint64_t set, uint64_t size);

/* The function of dfh_set_out_of_memory(); NULL: none.  The library and each
 * tool have one of their own. */
void memory_set_handler(void (*handler)(void));

#ifdef __cplusplus
}
#endif
#endif
