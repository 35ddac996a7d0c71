#include "fhir_schema.h"

#include <stdlib.h>
#include <string.h>

#include "fhir_schema_table.h"

static int compare_type(const void *name, const void *type)
{
	return strcmp(name, ((const struct fhir_type *)type)->name);
}

static int compare_element(const void *name, const void *element)
{
	return strcmp(name, ((const struct fhir_element *)element)->name);
}

static const struct fhir_type *find_type(enum fhir_release release,
					 const char *name)
{
	const struct fhir_types *types = &fhir_schema_types[release];

	return bsearch(name, types->list, types->count, sizeof(*types->list),
		       compare_type);
}

const struct fhir_element *fhir_elements_of(enum fhir_release release,
					    const char *type, size_t *count)
{
	const struct fhir_type *found = find_type(release, type);

	*count = found ? found->count : 0;
	return found ? &fhir_schema_elements[found->first] : NULL;
}

const struct fhir_element *
fhir_element_among(const struct fhir_element *elements, size_t count,
		   const char *name)
{
	return elements ? bsearch(name, elements, count, sizeof(*elements),
				  compare_element)
			: NULL;
}

const struct fhir_element *fhir_element_find(enum fhir_release release,
					     const char *type, const char *name)
{
	size_t count;
	const struct fhir_element *elements =
		fhir_elements_of(release, type, &count);

	return fhir_element_among(elements, count, name);
}

bool fhir_type_is_primitive(const char *type)
{
	/* No name is a primitive in one release and not in the other. */
	const struct fhir_type *found = NULL;

	/* as all that come by in a resource do but these */
	if (*type >= 'A' && *type <= 'Z')
		return false;
	for (enum fhir_release r = RELEASES; !found && r > 0; r--)
		found = find_type(r - 1, type);
	return found && found->kind == FHIR_PRIMITIVE;
}

bool fhir_type_is_resource(enum fhir_release release, const char *type)
{
	const struct fhir_type *found = find_type(release, type);

	return found && found->kind == FHIR_RESOURCE;
}

bool fhir_type_is_any_resource(const char *type)
{
	bool is_any = false;

	for (enum fhir_release r = 0; !is_any && r < RELEASES; r++)
		is_any = fhir_type_is_resource(r, type);
	return is_any;
}
