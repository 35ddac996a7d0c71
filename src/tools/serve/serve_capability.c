/* GET /metadata: the CapabilityStatement, without which no client asks. */
#include <string.h>

#include "memory.h"
#include "serve_inner.h"
#include "serve_parameters.h"

static json_object *text_array(const char *const *texts)
{
	json_object *array = json_new_array();
	for (; *texts; texts++)
		json_append(array, json_new_string(*texts));
	return array;
}

static json_object *coded(const char *member, const char *code)
{
	json_object *object = json_new_object();
	json_add_text(object, member, code);
	return object;
}

static json_object *type_of_statement(const char *type, bool is_searched)
{
	static const char *const includes[] = {
		"ImagingStudy:endpoint", "ImagingStudy:subject",
		"ImagingStudy:patient", "ImagingStudy:basedon", NULL};
	json_object *object = coded("type", type);
	json_object *interactions = json_new_array();
	json_append(interactions, coded("code", "read"));
	if (is_searched)
		json_append(interactions, coded("code", "search-type"));
	json_add(object, "interaction", interactions);
	if (!is_searched)
		return object;
	json_add(object, "searchInclude", text_array(includes));
	json_object *parameters = json_new_array();
	for (const struct serve_search_parameter *at = serve_parameters;
	     at->name; at++) {
		if (strpbrk(at->name, ":.") || at->name[0] == '_')
			continue;
		json_object *parameter = coded("name", at->name);
		json_add_text(parameter, "type", at->type);
		json_append(parameters, parameter);
	}
	json_add(object, "searchParam", parameters);
	return object;
}

static bool has_type(json_object *resources, const char *type)
{
	for (size_t i = 0; i < json_count(resources); i++)
		if (same_text(json_text(json_at(resources, i), "type"), type))
			return true;
	return false;
}

static void add_served_type(const dfh_entry *entry, void *context)
{
	json_object *resources = context;
	if (!has_type(resources, entry->type))
		json_append(resources,
			    type_of_statement(entry->type,
					      entry->of == DFH_ENTRY_STUDY));
}

static json_object *security_of(const struct serve *serve)
{
	json_object *security = json_new_object();
	json_add_text(security, "description",
		      serve->tokens ? "A bearer token (RFC 6750), as SMART App "
				      "Launch has them"
				    : "Whoever can connect is let in");
	return security;
}

void serve_capability(const struct serve *serve, dfh_release release,
		      struct serve_reply *reply)
{
	static const char *const formats[] = {"application/fhir+json", "json",
					      NULL};
	json_object *statement = json_new_object(), *rest = json_new_object();
	json_object *resources = json_new_array();
	json_object *rests = json_new_array(), *software = json_new_object(),
		    *implementation = json_new_object();
	char *url = xprintf("%s/fhir/%s", serve->options.base,
			    dfh_release_name(release));
	json_add_text(statement, "resourceType", "CapabilityStatement");
	json_add_text(statement, "status", "active");
	json_add_text(statement, "date", serve->started);
	json_add_text(statement, "kind", "instance");
	json_add_text(software, "name", "dcmfhird");
	json_add_text(software, "version", dfh_version());
	json_add(statement, "software", software);
	json_add_text(implementation, "description",
		      "Imaging studies, read-only");
	json_add_text(implementation, "url", url);
	json_add(statement, "implementation", implementation);
	json_add_text(statement, "fhirVersion", dfh_release_version(release));
	json_add(statement, "format", text_array(formats));
	dfh_rules_visit_entries(serve->options.rules, add_served_type,
				resources);
	json_add_text(rest, "mode", "server");
	json_add(rest, "security", security_of(serve));
	json_add(rest, "resource", resources);
	json_append(rests, rest);
	json_add(statement, "rest", rests);
	serve_give(reply, statement);
	json_object_put(statement);
	free(url);
}
