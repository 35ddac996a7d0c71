/* Texts in an arena, whatever gives it its room (tools/rules-image/recorder.c
 * has another that does). */
#include <stdarg.h>
#include <string.h>

#include "arena.h"

char *arena_strndup(struct arena *arena, const char *text, size_t length)
{
	size_t size = strnlen(text, length);
	char *copy = arena_room(arena, size + 1);

	memcpy(copy, text, size);
	copy[size] = '\0';
	return copy;
}

char *arena_strdup(struct arena *arena, const char *text)
{
	return arena_strndup(arena, text, strlen(text));
}

static void *take_arena_room(void *from, size_t size)
{
	return arena_room(from, size);
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
	va_list arguments;
	char *text;

	va_start(arguments, format);
	text = printed_in(take_arena_room, arena, format, arguments);
	va_end(arguments);
	return text;
}
