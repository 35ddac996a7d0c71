#include "nulls.h"

#include <stdio.h>
#include <string.h>

enum { PATH_SIZE = 256 }; /* what is longer is cut */

struct place_of_null {
	const struct dfh_import *im;
	char path[PATH_SIZE];
};

static void look(struct place_of_null *at, json_object *value);

static void tell(const struct place_of_null *at)
{
	report_add_path(at->im->report, REPORT_INPUT, at->path, NULL,
			"is null and does not say why, as FHIR has it; it is "
			"taken to be left out");
}

/* Of a list each value has its reason at the same index. */
static void look_at_list(struct place_of_null *at, json_object *list,
			 json_object *beside)
{
	for (size_t i = 0; i < json_count(list); i++)
		if (json_at(list, i))
			look(at, json_at(list, i));
		else if (!json_at(beside, i))
			tell(at);
}

static json_object *beside_of(json_object *object, const char *name)
{
	char beside[PATH_SIZE];
	snprintf(beside, sizeof beside, "_%s", name);
	return json_member(object, beside);
}

/* Reasons, too, are null where there is none. */
static void look_at_member(struct place_of_null *at, json_object *object,
			   const char *name, json_object *value)
{
	size_t length = strlen(at->path);
	if (name[0] == '_')
		return;
	snprintf(at->path + length, PATH_SIZE - length, ".%s", name);
	if (json_object_is_type(value, json_type_array))
		look_at_list(at, value, beside_of(object, name));
	else if (value)
		look(at, value);
	else if (!beside_of(object, name))
		tell(at);
	at->path[length] = '\0';
}

/* As deep as the reader of JSON lets it be. */
static void look(struct place_of_null *at, json_object *value)
{
	json_foreach (value, name, member)
		look_at_member(at, value, name, member);
}

static void look_in(const struct dfh_import *im, json_object *resource)
{
	struct place_of_null at = {.im = im};
	snprintf(at.path, sizeof at.path, "%s", resource_type(resource));
	look(&at, resource);
}

void note_nulls(const struct dfh_import *im, json_object *resource)
{
	json_object *entries = json_member(resource, "entry");
	if (!im->report)
		return;
	if (strcmp(resource_type(resource), "Bundle") != 0)
		look_in(im, resource);
	for (size_t i = 0; i < json_count(entries); i++)
		note_nulls(im, json_member(json_at(entries, i), "resource"));
}
