#include "order_subjects.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bundle.h"
#include "kinds.h"
#include "memory.h"

/* A server that includes none of so many is left. */
enum { ASKED_MOST = 50 };

struct order_subjects {
	char *base; /* without a slash at its end */
	struct kinds kinds;
	json_object *known;  /* members: URLs of the patients that came */
	json_object *wanted; /* the same of those that were referred to */
	bool has_unknown;    /* who is not even referred to */
};

struct order_subjects *order_subjects_new(const char *base,
					  const dfh_rules *rules)
{
	struct order_subjects *subjects = xmalloc(sizeof *subjects);
	size_t length = strlen(base);
	while (length && base[length - 1] == '/')
		length--;
	*subjects = (struct order_subjects){
		.base = xprintf("%.*s", (int)length, base),
		.known = json_new_object(),
		.wanted = json_new_object()};
	kinds_read(&subjects->kinds, rules);
	return subjects;
}

void order_subjects_free(struct order_subjects *subjects)
{
	if (!subjects)
		return;
	kinds_free(&subjects->kinds);
	json_object_put(subjects->known);
	json_object_put(subjects->wanted);
	free(subjects->base);
	free(subjects);
}

/* ---- URLs ---- */

/* "Patient/1", to be freed; of a resource without an id, "Patient/". */
static char *own_reference(json_object *resource)
{
	const char *id = json_text(resource, "id");
	return xprintf("%s/%s", json_text(resource, "resourceType"),
		       id ? id : "");
}

/* Where what an entry refers to is (FHIR, Bundle: resolving references): at the
 * server that its fullUrl names; to be freed. */
static char *root_of_entry(const struct order_subjects *subjects,
			   json_object *entry)
{
	json_object *resource = json_member(entry, "resource");
	const char *url = json_text(entry, "fullUrl");
	char *own = own_reference(resource);
	size_t length = url ? strlen(url) : 0, tail = strlen(own) + 1;
	bool has_own = json_text(resource, "id") && length > tail &&
		       url[length - tail] == '/' &&
		       strcmp(url + length - tail + 1, own) == 0;
	free(own);
	return has_own ? xprintf("%.*s", (int)(length - tail), url)
		       : xstrdup(subjects->base);
}

/* A set of URLs, none of which names a version. */
static void add_url(json_object *set, const char *root, const char *reference)
{
	bool is_whole =
		http_is_url(reference) || strncmp(reference, "urn:", 4) == 0;
	char *url = is_whole ? xstrdup(reference)
			     : xprintf("%s/%s", root, reference);
	char *version = strstr(url, "/_history/");
	if (version)
		*version = '\0';
	json_add(set, url, json_new_boolean(true));
	free(url);
}

/* ---- what came ---- */

static void take_patient(struct order_subjects *subjects, json_object *entry)
{
	json_object *resource = json_member(entry, "resource");
	const char *url = json_text(entry, "fullUrl");
	char *own = own_reference(resource);
	if (url || json_text(resource, "id"))
		add_url(subjects->known, subjects->base, url ? url : own);
	free(own);
}

static bool is_patient_type(const struct order_subjects *subjects,
			    const char *type)
{
	return kinds_are(&subjects->kinds, type, DFH_ENTRY_PATIENT);
}

/* One that is named by a number alone is whom the number means. */
static bool has_number(const struct order_subjects *subjects,
		       json_object *subject)
{
	const char *type = json_text(subject, "type");
	const char *number =
		json_text(json_member(subject, "identifier"), "value");
	return number && *number && (!type || is_patient_type(subjects, type));
}

void order_subjects_take(json_object *entry, bool is_match, void *context)
{
	struct order_subjects *subjects = context;
	json_object *resource = json_member(entry, "resource");
	const char *type = json_text(resource, "resourceType");
	/* where FHIR's patterns of requests and events have it */
	json_object *subject = json_member(resource, "subject");
	const char *reference = json_text(subject, "reference");
	if (is_patient_type(subjects, type)) {
		take_patient(subjects, entry);
		return;
	}
	if (!is_match && !subject &&
	    !kinds_are(&subjects->kinds, type, DFH_ENTRY_STUDY))
		return;
	if (reference) {
		char *root = root_of_entry(subjects, entry);
		add_url(subjects->wanted, root, reference);
		free(root);
	} else if (!has_number(subjects, subject)) {
		subjects->has_unknown = true;
	}
}

/* ---- who did not come ---- */

/* Behind the own base, as in "Patient/1"; NULL: it is no patient there. */
static const char *own_patient(const struct order_subjects *subjects,
			       const char *url)
{
	size_t length = strlen(subjects->base);
	if (strncmp(url, subjects->base, length) != 0 || url[length] != '/')
		return NULL;
	const char *target = url + length + 1, *slash = strchr(target, '/');
	if (!slash || !slash[1])
		return NULL;
	for (const char *at = slash + 1; *at; at++)
		if (!isalnum((unsigned char)*at) && *at != '-' && *at != '.')
			return NULL;
	char *type = xprintf("%.*s", (int)(slash - target), target);
	bool is_patient = is_patient_type(subjects, type);
	free(type);
	return is_patient ? target : NULL;
}

/* What is no FHIR at all may be a matter of the moment. */
static bool is_fhir_answer(struct http_answer *answer, void *context)
{
	json_object **resource = context;
	json_object_put(*resource);
	*resource = json_of_text((const char *)answer->body.bytes,
				 answer->body.length);
	return json_text(*resource, "resourceType") != NULL;
}

static bool is_at(json_object *resource, const char *target)
{
	char *own = own_reference(resource);
	bool is = strcmp(own, target) == 0;
	free(own);
	return is;
}

static int import_patient(const char *url, json_object *resource,
			  const struct order_subjects *subjects, dfh_import *im)
{
	json_object *bundle = json_new_object(), *entry = json_new_object();
	json_object *entries = json_new_array();
	json_add_text(bundle, "resourceType", "Bundle");
	json_add_text(bundle, "type", "searchset");
	json_add_text(entry, "fullUrl", url);
	json_add(entry, "resource", json_object_get(resource));
	json_append(entries, entry);
	json_add(bundle, "entry", entries);
	int result = import_answer(im, subjects->base, bundle);
	json_object_put(bundle);
	return result;
}

static enum order_subjects_are
read_patient(const struct order_subjects *subjects, struct http *http,
	     const char *url, dfh_import *im, struct ask_fault *fault)
{
	const char *target = own_patient(subjects, url);
	enum order_subjects_are are = SUBJECTS_ARE_UNKNOWN;
	json_object *resource = NULL;
	if (!target)
		return are;
	if (ask_fhir(http, target, is_fhir_answer, &resource, fault) < 0) {
		if (fault->outcome != HTTP_REFUSED || ask_finds_nobody(fault))
			are = SUBJECTS_ARE_NOT_TOLD;
	} else if (is_at(resource, target) &&
		   import_patient(url, resource, subjects, im) == 0) {
		are = SUBJECTS_ARE_KNOWN;
	}
	json_object_put(resource);
	return are;
}

enum order_subjects_are order_subjects_ask(struct order_subjects *subjects,
					   struct http *http, dfh_import *im,
					   struct ask_fault *fault)
{
	enum order_subjects_are are = subjects->has_unknown
					      ? SUBJECTS_ARE_UNKNOWN
					      : SUBJECTS_ARE_KNOWN;
	int asked = 0;
	json_foreach (subjects->wanted, url, value) {
		(void)value;
		if (are != SUBJECTS_ARE_KNOWN)
			break;
		if (json_member(subjects->known, url))
			continue;
		are = asked++ < ASKED_MOST
			      ? read_patient(subjects, http, url, im, fault)
			      : SUBJECTS_ARE_UNKNOWN;
	}
	return are;
}
