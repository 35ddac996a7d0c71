/* Which release are the resources of?  Their shape tells. */
#include <stdio.h>
#include <string.h>

#include "codec.h"
#include "fhir_schema.h"
#include "import.h"

static size_t object_misfits(enum fhir_release release, const char *type,
			     json_object *object);

static size_t value_misfits(enum fhir_release release,
			    const struct fhir_element *element,
			    json_object *value)
{
	bool is_object = json_object_is_type(value, json_type_object);
	if (fhir_element_is_primitive(element))
		return is_object;
	return is_object ? object_misfits(release, element->type, value) : 1;
}

/* Elements that a type does not have, or that are of another kind. */
static size_t members_misfits(enum fhir_release release,
			      const struct fhir_element *elements, size_t known,
			      json_object *object)
{
	size_t sum = 0;
	json_foreach (object, name, value) {
		if (*name == '_' || strcmp(name, "resourceType") == 0)
			continue;
		const struct fhir_element *element =
			fhir_element_among(elements, known, name);
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
			sum += value_misfits(release, element,
					     array ? json_at(value, i) : value);
	}
	return sum;
}

/* Of what no place has need of the table knows nothing. */
static bool is_known_type(const char *type)
{
	size_t count;
	bool is_known = false;
	for (enum fhir_release r = 0; !is_known && r < RELEASES; r++)
		is_known = fhir_elements_of(r, type, &count);
	return is_known;
}

static size_t object_misfits(enum fhir_release release, const char *type,
			     json_object *object)
{
	const char *named = json_text(object, "resourceType");
	size_t known;
	if (named)
		type = named;
	if (fhir_type_is_primitive(type))
		return 1;
	const struct fhir_element *elements =
		fhir_elements_of(release, type, &known);
	return elements || is_known_type(type)
		       ? members_misfits(release, elements, known, object)
		       : 0;
}

size_t release_misfits(enum fhir_release release, json_object *resource)
{
	return object_misfits(release, resource_type(resource), resource);
}

bool release_fits_all(json_object *resource)
{
	for (enum fhir_release r = 0; r < RELEASES; r++)
		if (release_misfits(r, resource))
			return false;
	return true;
}

bool release_fits_any(json_object *resource)
{
	for (enum fhir_release r = 0; r < RELEASES; r++)
		if (!release_misfits(r, resource))
			return true;
	return false;
}

/* ---- values of a kind that no release has ---- */

static bool is_of_kind(const struct fhir_element *element, json_object *value)
{
	bool array = json_object_is_type(value, json_type_array);
	json_object *one = array ? json_at(value, 0) : value;
	return element->many == array &&
	       fhir_element_is_primitive(element) !=
		       json_object_is_type(one, json_type_object);
}

/* What stands for a value that is not there. */
static json_object *absent_new(const char *url)
{
	json_object *beside = json_new_object(), *list = json_new_array();
	json_object *extension = json_new_object();
	json_add_text(extension, "url", url);
	json_add_text(extension, "valueCode", "error");
	json_append(list, extension);
	json_add(beside, "extension", list);
	return beside;
}

/* How many there were. */
static size_t blank_in(const char *type, json_object *object, const char *url);

static size_t blank_each(const char *type, json_object *value, const char *url)
{
	size_t sum = 0;
	if (!json_object_is_type(value, json_type_array))
		return blank_in(type, value, url);
	for (size_t i = 0; i < json_count(value); i++)
		sum += blank_in(type, json_at(value, i), url);
	return sum;
}

/* HumanName, not Patient or ImagingStudy.series: what is wrong there stands by
 * itself, and who compares it sees that. */
static bool is_data_type(const char *type)
{
	return !strchr(type, '.') && !fhir_type_is_any_resource(type);
}

/* The element as the release has it that the value fits, or else any; NULL:
 * there is none. */
static const struct fhir_element *
element_for(const char *type, const char *name, json_object *value)
{
	const struct fhir_element *found = NULL;
	for (enum fhir_release r = 0; r < RELEASES; r++) {
		const struct fhir_element *one =
			fhir_element_find(r, type, name);
		if (one && (!found || is_of_kind(one, value)))
			found = one;
	}
	return found;
}

static size_t blank_in(const char *type, json_object *object, const char *url)
{
	const char *lost = NULL;
	char beside[128];
	size_t sum = 0;
	if (!json_object_is_type(object, json_type_object) ||
	    !is_known_type(type))
		return 0;
	json_foreach (object, name, value) {
		const struct fhir_element *element =
			*name == '_' ? NULL : element_for(type, name, value);
		if (!element || !value)
			continue;
		if (is_of_kind(element, value) || !is_data_type(type)) {
			sum += blank_each(element->type, value, url);
			continue;
		}
		lost = element->name;
		json_object_object_del(object, name);
		sum++;
	}
	if (lost) {
		snprintf(beside, sizeof beside, "_%s", lost);
		json_add(object, beside, absent_new(url));
	}
	return sum;
}

static bool all_misfit(const struct dfh_import *im)
{
	bool all = true;
	for (enum fhir_release r = 0; all && r < RELEASES; r++)
		all = im->misfits[r];
	return all;
}

void release_blank(const struct dfh_import *im, json_object *resource)
{
	if (!im->rules->data_absent || !all_misfit(im) ||
	    !blank_in(resource_type(resource), resource,
		      im->rules->data_absent))
		return;
	report_add_path(im->report, REPORT_INPUT, resource_type(resource), NULL,
			"has elements in another shape than FHIR has them, "
			"which are not taken");
}

/* ---- the release of all ---- */

/* Of those that the rules are for the one that fits best, and of equals the
 * one that goes before. */
static enum fhir_release best_release(const struct dfh_import *im)
{
	enum fhir_release best = RELEASES;
	for (enum fhir_release r = 0; r < RELEASES; r++) {
		if (!im->rules->in_release[r])
			continue;
		if (best == RELEASES || im->misfits[r] < im->misfits[best] ||
		    (im->misfits[r] == im->misfits[best] &&
		     fhir_release_is_before(r, best)))
			best = r;
	}
	return best;
}

bool release_may_be(const struct dfh_import *im, enum fhir_release release)
{
	return im->rules->in_release[release] &&
	       im->misfits[release] == im->misfits[best_release(im)];
}

bool import_is_ambiguous(const struct dfh_import *im)
{
	size_t count = 0;
	for (enum fhir_release r = 0; !im->release && r < RELEASES; r++)
		count += release_may_be(im, r);
	return count > 1;
}

enum fhir_release import_release(const struct dfh_import *im)
{
	dfh_release known = im->release ? im->release : im->recognised;
	enum fhir_release release;
	if (!known || fhir_release_of(known, &release, NULL) < 0)
		return best_release(im);
	return release;
}
