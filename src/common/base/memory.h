/* Memory that is there: who asks for it need not ask whether it got it. */
#ifndef MEMORY_H
#define MEMORY_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What is done when there is none. */
void out_of_memory(void) __attribute__((noreturn));

/* malloc, realloc and strdup that never return NULL. */
void *xmalloc(size_t size);
void *xrealloc(void *old, size_t size);
char *xstrdup(const char *text);

#ifdef __cplusplus
}
#endif
#endif
