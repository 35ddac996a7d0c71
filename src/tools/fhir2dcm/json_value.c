#include "json_value.h"

#include <stdlib.h>

#include "cli.h"
#include "utf8.h"

void json_add_value(json_object *object, const char *name, const char *value)
{
	char *text = NULL;
	if (value) {
		text = cli_memory(malloc(utf8_repaired_size(value)));
		utf8_repair(value, text);
	}
	json_add(object, name, text ? json_new_string(text) : NULL);
	free(text);
}
