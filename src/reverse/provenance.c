/* The change of the files as a FHIR Provenance. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "codec.h"
#include "error.h"
#include "import.h"

static json_object *list_of_one(json_object *element)
{
	json_object *list = json_new_array();
	json_append(list, element);
	return list;
}

/* What the rules have, if they have it.  They may be shared by threads, and
 * json-c counts references without a lock: a copy. */
static void add_of_rules(json_object *object, const char *name,
			 json_object *value)
{
	if (value)
		json_add(object, name, json_copy(value));
}

/* By its id, and by the identifier that every server knows it by. */
static json_object *reference_to_resource(json_object *resource)
{
	json_object *reference = json_new_object();
	json_object *list = json_member(resource, "identifier");
	const char *type = resource_type(resource);
	const char *id = json_text(resource, "id");
	char text[256];
	if (id) {
		snprintf(text, sizeof text, "%s/%s", type, id);
		json_add_text(reference, "reference", text);
	}
	json_add_text(reference, "type", type);
	if (json_object_is_type(list, json_type_array) && json_count(list))
		json_add(reference, "identifier",
			 json_object_get(json_at(list, 0)));
	return reference;
}

static json_object *provenance_agent(const dfh_rules *rules)
{
	json_object *agent = json_new_object();
	json_object *who = json_new_object();
	char name[64];
	snprintf(name, sizeof name, "dcmfhir %s", dfh_version());
	add_of_rules(agent, "type", rules->provenance_agent);
	json_add_text(who, "type", "Device");
	json_add_text(who, "display", name);
	json_add(agent, "who", who);
	return agent;
}

static json_object *provenance_entity(const dfh_rules *rules,
				      const char *source)
{
	json_object *entity = json_new_object();
	json_object *what = json_new_object();
	json_add_text(entity, "role", rules->provenance_role);
	json_add_repaired(what, "display", source);
	json_add(entity, "what", what);
	return entity;
}

static void add_reason(json_object *out, enum fhir_release release,
		       const char *reason)
{
	json_object *why = json_new_object();
	json_add_repaired(why, "text", reason);
	/* R5 has it as one of the authorizations. */
	if (fhir_element_find(release, "Provenance", "reason")) {
		json_add(out, "reason", list_of_one(why));
		return;
	}
	json_object *reference = json_new_object();
	json_add(reference, "concept", why);
	json_add(out, "authorization", list_of_one(reference));
}

static bool table_has_resource(struct lh_table *table, json_object *resource)
{
	return table && lh_table_lookup_entry(table, resource);
}

void import_note_change(struct dfh_import *im, const struct view *view)
{
	json_object *resource = view->at[LEVEL_STUDY];
	if (!resource)
		resource = view->at[LEVEL_PATIENT];
	if (!resource)
		resource = view->loose;
	if (!resource)
		return;
	pthread_mutex_lock(&im->lock);
	if (!im->changed)
		im->changed = lh_by_address(64, NULL);
	if (!table_has_resource(im->changed, resource))
		lh_add(im->changed, resource, NULL);
	pthread_mutex_unlock(&im->lock);
}

/* In the order in which they were read, whatever threads did.  The patient of
 * a study is one where a file was matched by the patient alone; several
 * studies can have the same. */
static void add_targets(const struct dfh_import *im, json_object *targets)
{
	const struct subjects *subjects = &im->subjects;
	struct lh_table *told = lh_by_address(64, NULL);
	for (size_t i = 0; i < subjects->count; i++) {
		const struct view *view = &subjects->at[i].view;
		json_object *of[] = {view->at[LEVEL_STUDY],
				     view->at[LEVEL_PATIENT], view->loose};
		for (size_t k = 0; k < sizeof of / sizeof *of; k++) {
			if (!of[k] || !table_has_resource(im->changed, of[k]) ||
			    table_has_resource(told, of[k]))
				continue;
			lh_add(told, of[k], NULL);
			json_append(targets, reference_to_resource(of[k]));
		}
	}
	lh_table_free(told);
}

char *dfh_import_provenance(dfh_import *im, const char *reason,
			    dfh_error **error)
{
	(void)error;
	if (!im->changed)
		return NULL;
	enum fhir_release release = import_release(im);
	json_object *out = json_new_object();
	json_object *targets = json_new_array();
	json_object *sources = json_new_array();
	char now[32];
	time_t seconds = time(NULL);
	struct tm tm;
	strftime(now, sizeof now, "%Y-%m-%dT%H:%M:%SZ",
		 gmtime_r(&seconds, &tm));
	json_add_text(out, "resourceType", "Provenance");
	add_targets(im, targets);
	json_add(out, "target", targets);
	json_add_text(out, "recorded", now);
	if (reason)
		add_reason(out, release, reason);
	add_of_rules(out, "activity", im->rules->provenance_activity);
	json_add(out, "agent", list_of_one(provenance_agent(im->rules)));
	/* An entity must have a role (FHIR R4 and R5, Provenance). */
	for (size_t i = 0; im->rules->provenance_role && i < im->source_count;
	     i++)
		json_append(sources,
			    provenance_entity(im->rules, im->sources[i]));
	if (json_count(sources))
		json_add(out, "entity", sources);
	else
		json_object_put(sources);
	return json_to_pages(out);
}
