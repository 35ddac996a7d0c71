#include "search_value.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "memory.h"

char *search_value(const char *text)
{
	static const char safe[] = "-._~:/", signs[] = "\\$,|";
	char *out = xmalloc(6 * strlen(text) + 1), *end = out;
	for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
		bool plain = (*p >= '0' && *p <= '9') ||
			     (*p >= 'A' && *p <= 'Z') ||
			     (*p >= 'a' && *p <= 'z') ||
			     strchr(safe, (char)*p) != NULL;
		if (strchr(signs, (char)*p))
			end += sprintf(end, "%%5C");
		if (plain)
			*end++ = (char)*p;
		else
			end += sprintf(end, "%%%02X", *p);
	}
	*end = '\0';
	return out;
}
