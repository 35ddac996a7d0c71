/* The words in which all forms of the list say the same. */
#include "rules_list.h"

#include <stdlib.h>
#include <string.h>

#include "codec.h"
#include "fhir_path.h"
#include "json_print.h"
#include "rules_build.h"

const char *releases_saying(const struct listing *listing,
			    const char *const text[RELEASES],
			    enum fhir_release release)
{
	const char *names = "";
	size_t count = 0;

	for (enum fhir_release r = 0; text[release] && r < RELEASES; r++) {
		if (!text[r] || strcmp(text[r], text[release]) != 0)
			continue;
		if (r < release)
			return NULL;
		names = arena_printf(listing->arena, "%s%s%s", names,
				     count++ ? ", " : "", release_names[r]);
	}
	return !count ? NULL : count < RELEASES ? names : "";
}

const char *direction_of(const struct rule *rule)
{
	if (rule->can_get && rule->can_put)
		return "both";
	return rule->can_get ? "get" : "put";
}

const char *policy_of(const struct rule *rule)
{
	if (rule->policy == DFH_BELIEVE)
		return rule->believes_image ? "image" : NULL;
	return policy_words[rule->policy - DFH_MERGE];
}

const char *release_text(const struct listing *listing,
			 const char *const text[RELEASES])
{
	const char *all = "";

	for (enum fhir_release r = 0; r < RELEASES; r++) {
		const char *names = releases_saying(listing, text, r);

		if (names)
			all = arena_printf(listing->arena, "%s%s%s%s%s", all,
					   *all ? "; " : "", names,
					   *names ? " " : "", text[r]);
	}
	return all;
}

const char *lines_text(const struct listing *listing,
		       const struct line_list *list)
{
	const char *text = "";

	for (size_t i = 0; i < list->count; i++)
		text = arena_printf(listing->arena, "%s%s%s", text,
				    i ? ", " : "", list->at[i]);
	return text;
}

const char *where_text(const struct listing *listing,
		       const struct listed_rule *listed)
{
	const char *text[RELEASES] = {NULL}, *any = NULL;

	for (enum fhir_release r = 0; r < RELEASES; r++) {
		if (listed->where[r].count)
			text[r] = lines_text(listing, &listed->where[r]);
		any = any ? any : text[r];
	}
	/* A path that a release does not have is not recognised there. */
	for (enum fhir_release r = 0; r < RELEASES; r++)
		if (!listed->path[r])
			text[r] = any;
	return release_text(listing, text);
}

/* ---- tags ---- */

const char *tag_text(const struct listing *listing, const struct dcm_tag *tag)
{
	if (tag->creator)
		return arena_printf(listing->arena, "(%04X,%02X,\"%s\")",
				    tag->group, tag->element, tag->creator);
	return arena_printf(listing->arena, "(%04X,%04X)", tag->group,
			    tag->element);
}

const char *keyword_of(const struct listing *listing, const struct dcm_tag *tag)
{
	char name[128];

	dcm_tag_name(tag, name);
	return *name == '(' ? "" : arena_strdup(listing->arena, name);
}

static const char *name_text(const struct listing *listing,
			     const struct dcm_tag *tag)
{
	const char *keyword = keyword_of(listing, tag);

	return arena_printf(listing->arena, "%s%s%s", keyword,
			    *keyword ? " " : "", tag_text(listing, tag));
}

const char *sequences_text(const struct listing *listing,
			   struct tag_list sequences)
{
	const char *text = "";

	for (size_t i = 0; i < sequences.count; i++)
		text = arena_printf(listing->arena, "%s%s%s", text,
				    i ? "." : "",
				    name_text(listing, &sequences.at[i]));
	return text;
}

const char *homes_text(const struct listing *listing,
		       const struct listed_port *port)
{
	const char *text = "";

	if (port->home_count == 1 && !port->homes[0].count)
		return text;
	for (size_t i = 0; i < port->home_count; i++) {
		bool is_last = i + 1 == port->home_count;
		const char *home =
			port->homes[i].count
				? sequences_text(listing, port->homes[i])
				: "top level";

		text = arena_printf(listing->arena, "%s%s%s", text,
				    !i	      ? ""
				    : is_last ? " or "
					      : ", ",
				    home);
	}
	return text;
}

/* ---- examples ---- */

static const char *json_line(const struct listing *listing, json_object *json)
{
	char *printed = json_printed(
		json, JSON_C_TO_STRING_SPACED | JSON_C_TO_STRING_NOSLASHESCAPE);
	const char *text = arena_strdup(listing->arena, printed);

	free(printed);
	return text;
}

const char *example_dicom(const struct listing *listing,
			  const struct rule *rule,
			  const struct example *example)
{
	const char *text =
		json_text(example->dicom, rule->codec->ports[0].name);

	if (json_member_count(example->dicom) == 1 && text)
		return arena_strdup(listing->arena, text);
	return json_line(listing, example->dicom);
}

const char *example_fhir(const struct listing *listing,
			 const struct example *example,
			 enum fhir_release release)
{
	return example->fhir[release]
		       ? json_line(listing, example->fhir[release])
		       : NULL;
}

json_object *examples_json(const struct rule *rule)
{
	json_object *list = json_new_array();

	for (size_t i = 0; i < rule->example_count; i++) {
		const struct example *example = &rule->examples[i];
		json_object *one = json_new_object();

		json_add(one, "dicom", json_copy(example->dicom));
		for (enum fhir_release r = 0; r < RELEASES; r++)
			if (example->fhir[r])
				json_add(one, release_names[r],
					 json_copy(example->fhir[r]));
		json_append(list, one);
	}
	return list;
}
