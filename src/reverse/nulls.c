#include "nulls.h"

#include <stdio.h>
#include <string.h>

enum { PATH_SIZE = 256 }; /* what is longer is cut */

/* An object, and the member of the one around that it is in. */
struct object_of_null {
	const struct object_of_null *outer;
	const char *name; /* the outermost: its type */
	json_object *object;
};

static void look(const struct dfh_import *im, const struct object_of_null *at);

/* Where the name ends in the path; all come by, few have a null. */
static size_t path_of_null(const struct object_of_null *at,
			   char path[PATH_SIZE])
{
	size_t length = at->outer ? path_of_null(at->outer, path) : 0;
	int more = snprintf(path + length, PATH_SIZE - length, "%s%s",
			    at->outer ? "." : "", at->name);
	return length + (size_t)more < PATH_SIZE ? length + (size_t)more
						 : PATH_SIZE - 1;
}

static void tell(const struct dfh_import *im, const struct object_of_null *at,
		 const char *name)
{
	const struct object_of_null member = {at, name, NULL};
	char path[PATH_SIZE];
	path_of_null(&member, path);
	report_add_path(im->report, REPORT_INPUT, path, NULL,
			"is null and does not say why, as FHIR has it; it is "
			"taken to be left out");
}

static json_object *beside_of(json_object *object, const char *name)
{
	char beside[PATH_SIZE];
	snprintf(beside, sizeof beside, "_%s", name);
	return json_member(object, beside);
}

static void look_at_value(const struct dfh_import *im,
			  const struct object_of_null *at, const char *name,
			  json_object *value)
{
	const struct object_of_null member = {at, name, value};
	if (json_object_is_type(value, json_type_object))
		look(im, &member);
}

/* Of a list each value has its reason at the same index. */
static void look_at_list(const struct dfh_import *im,
			 const struct object_of_null *at, const char *name,
			 json_object *list)
{
	for (size_t i = 0; i < json_count(list); i++)
		if (json_at(list, i))
			look_at_value(im, at, name, json_at(list, i));
		else if (!json_at(beside_of(at->object, name), i))
			tell(im, at, name);
}

/* As deep as the reader of JSON lets it be.  Reasons, too, are null where there
 * is none. */
static void look(const struct dfh_import *im, const struct object_of_null *at)
{
	json_foreach (at->object, name, value) {
		if (name[0] == '_')
			continue;
		if (json_object_is_type(value, json_type_array))
			look_at_list(im, at, name, value);
		else if (value)
			look_at_value(im, at, name, value);
		else if (!beside_of(at->object, name))
			tell(im, at, name);
	}
}

void note_nulls(const struct dfh_import *im, json_object *resource)
{
	const struct object_of_null whole = {NULL, resource_type(resource),
					     resource};
	json_object *entries = json_member(resource, "entry");
	if (!im->report)
		return;
	if (strcmp(resource_type(resource), "Bundle") != 0)
		look(im, &whole);
	for (size_t i = 0; i < json_count(entries); i++)
		note_nulls(im, json_member(json_at(entries, i), "resource"));
}
