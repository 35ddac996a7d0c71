#include "serve_query.h"

#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "utf8.h"

enum { PARAMETERS_MOST = 100 };

static int hexadecimal(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* One character behind a percent sign; -1: it is none, or NUL. */
static int percent_value(const char *text, size_t left)
{
	int high = left > 1 ? hexadecimal(text[0]) : -1;
	int low = left > 1 ? hexadecimal(text[1]) : -1;
	int value = high < 0 || low < 0 ? -1 : high * 16 + low;
	return value > 0 ? value : -1;
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
