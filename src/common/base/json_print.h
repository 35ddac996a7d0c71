/* JSON as text, byte for byte as json-c prints it, which does not see when it
 * runs out of memory and cuts the text; nor is the value written to. */
#ifndef JSON_PRINT_H
#define JSON_PRINT_H

#include "buffer.h"
#include "json_text.h"

/* Add the text without a NUL; flags are those of json-c. */
void json_print(json_object *value, int flags, struct buffer *out);

/* A string, in its quotes. */
void json_print_string(const char *bytes, size_t length, int flags,
		       struct buffer *out);

/* The text, to be freed. */
char *json_printed(json_object *value, int flags);

#endif
