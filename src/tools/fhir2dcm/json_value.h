/* Values in the lines of JSON that the tool prints. */
#ifndef JSON_VALUE_H
#define JSON_VALUE_H

#include "json_make.h"

/* A text that need not be UTF-8, or null. */
void json_add_value(json_object *object, const char *name, const char *value);

#endif
