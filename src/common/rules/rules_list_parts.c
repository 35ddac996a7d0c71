/* The words in which all forms of the list say the same. */
#include "rules_list.h"

#include <stdlib.h>
#include <string.h>

#include "codec.h"
#include "fhir_path.h"
#include "json_print.h"
#include "rules_build.h"

bool same_in_releases(const char *const text[RELEASES])
{
	return text[FHIR_R4] && same_text(text[FHIR_R4], text[FHIR_R5]);
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
	const char *r4 = text[FHIR_R4], *r5 = text[FHIR_R5];

	if (same_in_releases(text))
		return r4;
	if (r4 && r5)
		return arena_printf(listing->arena, "R4 %s; R5 %s", r4, r5);
	if (r4)
		return arena_printf(listing->arena, "R4 %s", r4);
	return r5 ? arena_printf(listing->arena, "R5 %s", r5) : "";
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
	const char *text[RELEASES] = {NULL};

	for (enum fhir_release r = FHIR_R4; r <= FHIR_R5; r++)
		if (listed->where[r].count)
			text[r] = lines_text(listing, &listed->where[r]);
	/* A path that one release does not have is not recognised there. */
	if (!listed->path[FHIR_R4])
		text[FHIR_R4] = text[FHIR_R5];
	if (!listed->path[FHIR_R5])
		text[FHIR_R5] = text[FHIR_R4];
	return text[FHIR_R4] || text[FHIR_R5] ? release_text(listing, text)
					      : "";
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
		for (enum fhir_release r = FHIR_R4; r <= FHIR_R5; r++)
			if (example->fhir[r])
				json_add(one, release_names[r],
					 json_copy(example->fhir[r]));
		json_append(list, one);
	}
	return list;
}
