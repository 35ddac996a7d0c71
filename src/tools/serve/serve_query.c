#include "serve_query.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "utf8.h"

enum { PARAMETERS_MOST = 100 };

/* One character behind a percent sign; 0: it is none, or NUL. */
static int percent_value(const char *text, size_t left)
{
	char digits[3] = "";
	if (left < 2 || !isxdigit((unsigned char)text[0]) ||
	    !isxdigit((unsigned char)text[1]))
		return 0;
	memcpy(digits, text, 2);
	return (int)strtoul(digits, NULL, 16);
}

char *serve_decoded(const char *text, size_t length, bool plus)
{
	char *out = xmalloc(length + 1), *end = out;
	bool good = true;
	for (size_t i = 0; good && i < length; i++) {
		int value = (unsigned char)text[i];
		if (text[i] == '%') {
			value = percent_value(text + i + 1, length - i - 1);
			i += 2;
		} else if (plus && text[i] == '+') {
			value = ' ';
		}
		good = value > 0;
		*end++ = (char)value;
	}
	*end = '\0';
	if (good && utf8_is_text(out, (size_t)(end - out)))
		return out;
	free(out);
	return NULL;
}

static bool add_parameter(struct serve_query *query, const char *text,
			  size_t length)
{
	const char *equals = memchr(text, '=', length);
	size_t name = equals ? (size_t)(equals - text) : length;
	size_t skip = equals ? name + 1 : length;
	struct serve_parameter parameter = {
		.name = serve_decoded(text, name, true),
		.value = serve_decoded(text + skip, length - skip, true)};
	if (parameter.name && parameter.value &&
	    query->count < PARAMETERS_MOST) {
		array_room(query->at, query->count);
		query->at[query->count++] = parameter;
		return true;
	}
	free(parameter.name);
	free(parameter.value);
	return false;
}

bool serve_query_read(struct serve_query *query, const char *text,
		      size_t length)
{
	while (length) {
		const char *end = memchr(text, '&', length);
		size_t part = end ? (size_t)(end - text) : length;
		if (part && !add_parameter(query, text, part))
			return false;
		part += end != NULL;
		text += part;
		length -= part;
	}
	return true;
}

void serve_query_free(struct serve_query *query)
{
	for (size_t i = 0; i < query->count; i++) {
		free(query->at[i].name);
		free(query->at[i].value);
	}
	free(query->at);
	*query = (struct serve_query){0};
}

const char *serve_query_value(struct serve_query *query, const char *name)
{
	for (size_t i = 0; i < query->count; i++)
		if (strcmp(query->at[i].name, name) == 0) {
			query->at[i].is_used = true;
			return query->at[i].value;
		}
	return NULL;
}
