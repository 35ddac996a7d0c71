/* Which release are the resources of?  Their shape tells. */
#include <string.h>

#include "codec.h"
#include "fhir_schema.h"
#include "import.h"

static size_t misfits(enum fhir_release release, const char *type,
		      json_object *value);

/* Elements that a type does not have, or that are of another kind. */
static size_t object_misfits(enum fhir_release release, const char *type,
			     json_object *object)
{
	size_t sum = 0;
	json_foreach (object, name, value) {
		if (*name == '_' || strcmp(name, "resourceType") == 0)
			continue;
		const struct fhir_element *element =
			fhir_element_find(release, type, name);
		if (!element) {
			sum++;
			continue;
		}
		bool array = json_object_is_type(value, json_type_array);
		if (array != element->many) {
			sum++;
			continue;
		}
		size_t count = array ? json_count(value) : 1;
		for (size_t i = 0; i < count; i++)
			sum += misfits(release, element->type,
				       array ? json_at(value, i) : value);
	}
	return sum;
}

static size_t misfits(enum fhir_release release, const char *type,
		      json_object *value)
{
	bool is_object = json_object_is_type(value, json_type_object);
	if (is_object && json_text(value, "resourceType"))
		type = json_text(value, "resourceType");
	if (fhir_type_is_primitive(type))
		return is_object;
	return is_object ? object_misfits(release, type, value) : 1;
}

size_t release_misfits(enum fhir_release release, json_object *resource)
{
	return misfits(release, resource_type(resource), resource);
}

bool import_is_ambiguous(const struct dfh_import *im)
{
	return !im->release && im->rules->in_release[FHIR_R4] &&
	       im->rules->in_release[FHIR_R5] &&
	       im->misfits[FHIR_R4] == im->misfits[FHIR_R5];
}

enum fhir_release import_release(const struct dfh_import *im)
{
	dfh_release known = im->release ? im->release : im->recognised;
	if (known)
		return known == DFH_R4 ? FHIR_R4 : FHIR_R5;
	if (!im->rules->in_release[FHIR_R5])
		return FHIR_R4;
	return im->misfits[FHIR_R4] < im->misfits[FHIR_R5] &&
			       im->rules->in_release[FHIR_R4]
		       ? FHIR_R4
		       : FHIR_R5;
}
