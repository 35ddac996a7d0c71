/* Memory that is given back all at once: a dataset, a rule set. */
#ifndef ARENA_H
#define ARENA_H

#include <stddef.h>

#include "memory.h"

#ifdef __cplusplus
extern "C" {
#endif

struct arena;

struct arena *arena_new(void);
void arena_free(struct arena *arena);

/* Zeroed, aligned for any type.  Never NULL. */
void *arena_alloc(struct arena *arena, size_t size);
/* Not zeroed: for long lists, whose elements are set one by one. */
void *arena_room(struct arena *arena, size_t size);
char *arena_strdup(struct arena *arena, const char *text);
char *arena_strndup(struct arena *arena, const char *text, size_t length);
char *arena_printf(struct arena *arena, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#ifdef __cplusplus
}
#endif
#endif
