/* Extensions that no rule takes: those of a resource or a part of it, and those
 * of its primitive elements, which are in "_name" (FHIR R5 json). */
#include "unmapped.h"

#include <stdio.h>
#include <string.h>

#include "fhir_schema.h"

/* A path has room for so many extensions, and the name of an element. */
enum {
	CHAIN_MAX = 4,
	URL_MAX = 300,
	PATH_SIZE = CHAIN_MAX * (URL_MAX + 20) + 200
};

/* From an object, or one of its elements, an extension in an extension. */
struct extension_chain {
	const char *element; /* NULL: the object itself */
	json_object *at[CHAIN_MAX];
	const char *urls[CHAIN_MAX];
	size_t count;
};

/* A step without a URL is any extension that has the value of the next. */
static bool is_step(const struct fhir_path *path, size_t at, const char *url,
		    json_object *extension)
{
	const struct fhir_step *step = &path->steps[at];
	if (step->extension)
		return same_text(step->extension, url);
	return strcmp(step->name, "extension") == 0 && at + 1 < path->depth &&
	       json_member(extension, path->steps[at + 1].name);
}

static bool leads_there(const struct fhir_path *path, const struct place *place,
			const struct extension_chain *chain)
{
	size_t at = chain->element ? 1 : 0;
	if (!path || path->place != place || path->depth < at + chain->count ||
	    (chain->element &&
	     strcmp(path->steps[0].name, chain->element) != 0))
		return false;
	for (size_t i = 0; i < chain->count; i++)
		if (!is_step(path, at + i, chain->urls[i], chain->at[i]))
			return false;
	return true;
}

/* Then what is in it is told, or not, with that place. */
static bool is_of_place(const struct view *view, const struct place *place,
			const struct extension_chain *chain)
{
	for (size_t i = 0; i < view->rules->place_count; i++) {
		const struct place *other = &view->rules->places[i];

		if (other->is_element &&
		    leads_there(other->via[view->release], place, chain))
			return true;
	}
	return false;
}

static bool is_extension_taken(const struct view *view,
			       const struct place *place,
			       const struct extension_chain *chain)
{
	const dfh_rules *rules = view->rules;
	enum fhir_release release = view->release;
	for (size_t k = 0; k < place->rule_count[release]; k++)
		if (leads_there(
			    place_rule(rules, place, release, k)->fhir[release],
			    place, chain))
			return true;
	for (size_t k = 0; k < place->guest_count[release]; k++)
		if (leads_there(place_guest(rules, place, release, k)
					->otherwise[release],
				place, chain))
			return true;
	return same_text(rules->carried_beside, chain->urls[0]) ||
	       same_text(rules->data_absent, chain->urls[0]);
}

/* Can it stand in a FHIRPath, and is it no more than an address? */
static bool is_address(const char *url)
{
	static const char safe[] = "abcdefghijklmnopqrstuvwxyz"
				   "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				   "0123456789-._~:/?#@!$&()*+,;=%|";
	size_t length = strlen(url);
	return length <= URL_MAX && strspn(url, safe) == length;
}

static void note_one(const struct dfh_import *im, const struct place *place,
		     const struct extension_chain *chain, const char *file)
{
	char path[PATH_SIZE];
	size_t used = (size_t)snprintf(path, sizeof path, "%s%s%s", place->type,
				       chain->element ? "." : "",
				       chain->element ? chain->element : "");
	for (size_t i = 0; i < chain->count; i++) {
		const char *url = chain->urls[i];
		bool named = url && is_address(url);
		used += (size_t)snprintf(path + used, sizeof path - used,
					 ".extension%s%s%s", named ? "('" : "",
					 named ? url : "", named ? "')" : "");
	}
	report_add_path(im->report, REPORT_UNMAPPED, path, file,
			"no rule has it");
}

/* holder: what has the extensions at the end of the chain. */
static void note_all(const struct dfh_import *im, const struct view *view,
		     const struct place *place, struct extension_chain chain,
		     json_object *holder, const char *file)
{
	json_object *all = json_member(holder, "extension");
	size_t at = chain.count++;
	for (size_t i = 0; at < CHAIN_MAX && i < json_count(all); i++) {
		chain.at[at] = json_at(all, i);
		chain.urls[at] = json_text(chain.at[at], "url");
		if (is_of_place(view, place, &chain))
			continue;
		if (!chain.urls[at] || !is_extension_taken(view, place, &chain))
			note_one(im, place, &chain, file);
		else
			note_all(im, view, place, chain, chain.at[at], file);
	}
}

void note_extensions(const struct dfh_import *im, const struct view *view,
		     const struct place *place, json_object *object,
		     const char *file)
{
	note_all(im, view, place, (struct extension_chain){.element = NULL},
		 object, file);
	json_foreach (object, name, member) {
		if (name[0] == '_' &&
		    fhir_element_find(view->release, place->type, name + 1))
			note_all(im, view, place,
				 (struct extension_chain){.element = name + 1},
				 member, file);
	}
}
