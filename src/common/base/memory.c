#include "memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dcmfhir.h"

void out_of_memory(void)
{
	fputs("dcmfhir: out of memory\n", stderr);
	exit(DFH_IO);
}

void *xmalloc(size_t size)
{
	void *memory = malloc(size ? size : 1);

	if (!memory)
		out_of_memory();
	return memory;
}

void *xrealloc(void *old, size_t size)
{
	void *memory = realloc(old, size ? size : 1);

	if (!memory)
		out_of_memory();
	return memory;
}

char *xstrdup(const char *text)
{
	size_t size = strlen(text) + 1;

	return memcpy(xmalloc(size), text, size);
}
