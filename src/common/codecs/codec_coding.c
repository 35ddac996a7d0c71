/* The three FHIR types that hold codings, behind one view. */
#include "codecs.h"

#include <string.h>

static bool is_coding(const char *type)
{
	return strcmp(type, "Coding") == 0;
}

static bool is_codeable_reference(const char *type)
{
	return strcmp(type, "CodeableReference") == 0;
}

/* The CodeableConcept in a value, or NULL. */
static json_object *concept_in(const char *type, json_object *value)
{
	if (is_coding(type))
		return NULL;
	return is_codeable_reference(type) ? json_member(value, "concept")
					   : value;
}

size_t coding_count(const char *type, json_object *value)
{
	if (is_coding(type))
		return json_object_is_type(value, json_type_object) ? 1 : 0;
	json_object *codings = json_member(concept_in(type, value), "coding");
	return json_count(codings);
}

json_object *coding_at(const char *type, json_object *value, size_t index)
{
	if (is_coding(type))
		return value;
	return json_at(json_member(concept_in(type, value), "coding"), index);
}

const char *concept_text(const char *type, json_object *value)
{
	return json_text(concept_in(type, value), "text");
}

json_object *concept_new(const char *type, json_object *coding,
			 const char *text)
{
	if (is_coding(type)) {
		if (coding)
			return coding;
		coding = json_new_object();
		json_add_text(coding, "display", text);
		return coding;
	}
	json_object *concept = json_new_object();
	if (coding) {
		json_object *codings = json_new_array();
		json_append(codings, coding);
		json_add(concept, "coding", codings);
	}
	json_add_text(concept, "text", text);
	if (!is_codeable_reference(type))
		return concept;
	json_object *reference = json_new_object();
	json_add(reference, "concept", concept);
	return reference;
}

void concept_note_rest(const struct codec_call *call, json_object *value)
{
	if (is_coding(call->type))
		return;
	if (is_codeable_reference(call->type))
		codec_note_rest(call, value, "CodeableReference", "concept");
	codec_note_rest(call, concept_in(call->type, value), "CodeableConcept",
			"coding text");
}

json_object *coded_as(const char *from, json_object *value, const char *to)
{
	if (strcmp(from, to) == 0)
		return json_object_get(value);
	json_object *concept = concept_in(from, value);
	json_object *coding = coding_at(from, value, 0);
	bool has_code = json_member(coding, "code") != NULL;
	/* A display alone is the text of a concept, and the other way about. */
	const char *text = !coding    ? json_text(concept, "text")
			   : has_code ? NULL
				      : json_text(coding, "display");
	if (is_coding(from) || is_coding(to))
		return concept_new(
			to, has_code ? json_object_get(coding) : NULL, text);
	if (!is_codeable_reference(to))
		return json_object_get(concept);
	json_object *reference = json_new_object();
	json_add(reference, "concept", json_object_get(concept));
	return reference;
}
