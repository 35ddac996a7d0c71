#include "fhir_path.h"
#include "array.h"
#include "memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

void json_list_add(struct json_list *list, json_object *object)
{
	array_room(list->at, list->count);
	list->at[list->count++] = object;
}

void json_list_free(struct json_list *list)
{
	free(list->at);
	*list = (struct json_list){0};
}

/* ---- patterns ---- */

static bool array_has_match(json_object *array, json_object *pattern)
{
	for (size_t i = 0; i < json_count(array); i++)
		if (json_matches(json_at(array, i), pattern))
			return true;
	return false;
}

bool json_matches(json_object *object, json_object *pattern)
{
	if (json_object_is_type(pattern, json_type_object)) {
		if (!json_object_is_type(object, json_type_object))
			return false;
		json_foreach (pattern, name, wanted) {
			/* A display is for people; the code decides. */
			json_object *found;
			if (strcmp(name, "display") == 0)
				continue;
			if (!json_object_object_get_ex(object, name, &found) ||
			    !json_matches(found, wanted))
				return false;
		}
		return true;
	}
	if (json_object_is_type(pattern, json_type_array)) {
		if (!json_object_is_type(object, json_type_array))
			return false;
		for (size_t i = 0; i < json_count(pattern); i++)
			if (!array_has_match(object, json_at(pattern, i)))
				return false;
		return true;
	}
	return json_object_equal(object, pattern);
}

static bool same_words(const char *text, const char *pattern)
{
	static const char blank[] = " \t\r\n";
	size_t length = strlen(pattern);
	text += strspn(text, blank);
	return strncasecmp(text, pattern, length) == 0 &&
	       text[length + strspn(text + length, blank)] == '\0';
}

static bool members_resemble(json_object *object, json_object *pattern)
{
	json_foreach (pattern, name, wanted)
		if (strcmp(name, "display") != 0 &&
		    !json_resembles(json_member(object, name), wanted))
			return false;
	return true;
}

bool json_resembles(json_object *object, json_object *pattern)
{
	char room[JSON_SCALAR_ROOM], of_pattern[JSON_SCALAR_ROOM];
	if (json_object_is_type(pattern, json_type_array)) {
		for (size_t i = 0; i < json_count(pattern); i++)
			if (!json_resembles(object, json_at(pattern, i)))
				return false;
		return true;
	}
	if (json_object_is_type(object, json_type_array)) {
		for (size_t i = 0; i < json_count(object); i++)
			if (json_resembles(json_at(object, i), pattern))
				return true;
		return false;
	}
	if (json_object_is_type(pattern, json_type_object))
		return members_resemble(object, pattern);
	return object && same_words(json_scalar(object, room),
				    json_scalar(pattern, of_pattern));
}

void json_fill(json_object *object, json_object *pattern)
{
	if (!json_object_is_type(object, json_type_object) ||
	    !json_object_is_type(pattern, json_type_object))
		return;
	json_foreach (pattern, name, wanted) {
		json_object *found;
		if (!json_object_object_get_ex(object, name, &found))
			json_add(object, name, json_copy(wanted));
		else
			json_fill(found, wanted);
	}
}

/* ---- steps ---- */

/* The JSON member that a step stands for: an extension of a primitive is in
 * the member with an underscore before the primitive's name (FHIR JSON). */
static json_object *extension_holder(json_object *object,
				     const struct fhir_path *path, size_t step,
				     bool make)
{
	if (!path->steps[step].on_primitive)
		return object;
	char name[128];
	snprintf(name, sizeof name, "_%s", path->steps[step - 1].name);
	json_object *holder = NULL;
	if (!json_object_object_get_ex(object, name, &holder) && make) {
		holder = json_new_object();
		json_add(object, name, holder);
	}
	return holder;
}

static json_object *extension_by_url(json_object *holder, const char *url,
				     bool make)
{
	json_object *array = NULL, *element;
	if (!json_object_is_type(holder, json_type_object))
		return NULL;
	json_object_object_get_ex(holder, "extension", &array);
	size_t count = json_count(array);
	for (size_t i = 0; i < count; i++) {
		element = json_at(array, i);
		if (same_text(json_text(element, "url"), url))
			return element;
	}
	if (!make)
		return NULL;
	if (!array) {
		array = json_new_array();
		json_add(holder, "extension", array);
	}
	element = json_new_object();
	json_add(element, "url", json_new_string(url));
	json_append(array, element);
	return element;
}

/* A primitive that only carries an extension is passed over: the extension
 * step after it finds the way. */
static bool is_step_passed_over(const struct fhir_path *path, size_t step)
{
	return step + 1 < path->depth && path->steps[step + 1].on_primitive;
}

static bool is_extension(const struct fhir_path *path, size_t step)
{
	return path->steps[step].extension != NULL;
}

/* An extension of which there are several, each for itself. */
static bool extension_repeats(const struct fhir_path *path, size_t step)
{
	return is_extension(path, step) && path->slot == (int)step;
}

/* ---- reading ---- */

static void collect_at_path(json_object *object, const struct fhir_path *path,
			    size_t step, size_t end, struct json_list *out);

static void collect_extensions(json_object *object,
			       const struct fhir_path *path, size_t step,
			       size_t end, struct json_list *out)
{
	json_object *holder = extension_holder(object, path, step, false);
	json_object *array = json_object_is_type(holder, json_type_object)
				     ? json_member(holder, "extension")
				     : NULL;
	size_t count = json_object_is_type(array, json_type_array)
			       ? json_count(array)
			       : 0;
	for (size_t i = 0; i < count; i++)
		if (same_text(json_text(json_at(array, i), "url"),
			      path->steps[step].extension))
			collect_at_path(json_at(array, i), path, step + 1, end,
					out);
}

static void collect_at_path(json_object *object, const struct fhir_path *path,
			    size_t step, size_t end, struct json_list *out)
{
	if (step == end) {
		json_list_add(out, object);
		return;
	}
	if (is_step_passed_over(path, step)) {
		collect_at_path(object, path, step + 1, end, out);
		return;
	}
	json_object *next = NULL;
	if (extension_repeats(path, step)) {
		collect_extensions(object, path, step, end, out);
		return;
	}
	if (is_extension(path, step)) {
		next = extension_by_url(
			extension_holder(object, path, step, false),
			path->steps[step].extension, false);
	} else if (json_object_is_type(object, json_type_object)) {
		json_object_object_get_ex(object, path->steps[step].name,
					  &next);
	}
	if (!next)
		return;
	if (!json_object_is_type(next, json_type_array) ||
	    !path->steps[step].many) {
		collect_at_path(next, path, step + 1, end, out);
		return;
	}
	for (size_t i = 0; i < json_count(next); i++)
		collect_at_path(json_at(next, i), path, step + 1, end, out);
}

void fhir_path_slots(json_object *object, const struct fhir_path *path,
		     struct json_list *out)
{
	if (object)
		collect_at_path(object, path, 0, (size_t)(path->slot + 1), out);
}

json_object *fhir_path_value(json_object *slot, const struct fhir_path *path)
{
	struct json_list found = {0};
	if (slot)
		collect_at_path(slot, path, (size_t)(path->slot + 1),
				path->depth, &found);
	json_object *value = found.count ? found.at[0] : NULL;
	json_list_free(&found);
	return value;
}

/* ---- writing ---- */

static json_object *member_or_new(json_object *object, const char *name,
				  bool array)
{
	json_object *member = NULL;
	if (!json_object_object_get_ex(object, name, &member)) {
		member = array ? json_new_array() : json_new_object();
		json_add(object, name, member);
	}
	return member;
}

/* Go down one step, making what is missing. */
static json_object *descend_step(json_object *object,
				 const struct fhir_path *path, size_t step)
{
	if (is_step_passed_over(path, step))
		return object;
	if (is_extension(path, step))
		return extension_by_url(
			extension_holder(object, path, step, true),
			path->steps[step].extension, true);
	json_object *next = member_or_new(object, path->steps[step].name,
					  path->steps[step].many);
	if (!path->steps[step].many)
		return next;
	if (json_count(next) == 0)
		json_append(next, json_new_object());
	return json_at(next, 0);
}

static void set_at_path(json_object *object, const struct fhir_path *path,
			size_t from, json_object *value)
{
	for (size_t step = from; step + 1 < path->depth; step++)
		object = descend_step(object, path, step);
	json_add(object, path->steps[path->depth - 1].name,
		 json_object_get(value));
}

void fhir_path_write(json_object *object, const struct fhir_path *path,
		     json_object *value, struct json_known *known)
{
	if (path->slot < 0) {
		if (!fhir_path_value(object, path))
			set_at_path(object, path, 0, value);
		if (path->is)
			json_fill(object, path->is);
		if (path->also)
			json_fill(object, path->also);
		return;
	}
	size_t slot = (size_t)path->slot;
	for (size_t step = 0; step < slot; step++)
		object = descend_step(object, path, step);
	if (is_extension(path, slot))
		object = extension_holder(object, path, slot, true);
	json_object *array =
		member_or_new(object, path->steps[slot].name, true);
	json_object *element;
	json_object *dressed = fhir_path_dressed(path, value);
	if (slot + 1 == path->depth) {
		element = json_object_get(dressed);
	} else {
		/* The pattern first: a system reads well before its value. */
		element =
			path->also ? json_copy(path->also) : json_new_object();
		if (path->is)
			json_fill(element, path->is);
		set_at_path(element, path, slot + 1, dressed);
	}
	json_object_put(dressed);
	if (json_known_has(known, array, element))
		json_object_put(element);
	else
		json_append(array, element);
}

json_object *fhir_path_dressed(const struct fhir_path *path, json_object *value)
{
	json_object *dressed = json_copy(value);
	json_object *part = path->is;
	for (size_t step = (size_t)(path->slot + 1); part && step < path->depth;
	     step++)
		if (!json_object_object_get_ex(part, path->steps[step].name,
					       &part))
			part = NULL;
	if (part)
		json_fill(dressed, part);
	return dressed;
}
