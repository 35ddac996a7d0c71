#include "codecs.h"

#include <ctype.h>
#include <string.h>

#include "arena.h"
#include "vr.h"

static const struct codec_port ports[] = {
	{"value", "CS SH LO IS US SS UL SL", true, false},
	{NULL, NULL, false, false},
};

static const struct codec_option options[] = {
	{"table", OPTION_TABLE, true},
	{NULL, OPTION_TEXT, false},
};

/* The code alone, which for a boolean is "true" or "false". */
static bool is_code_type(const struct codec_call *call)
{
	return strcmp(call->type, "code") == 0 ||
	       strcmp(call->type, "boolean") == 0;
}

static const char *code_text(const struct codec_call *call, json_object *value)
{
	if (strcmp(call->type, "boolean") != 0)
		return json_string(value);
	return !json_object_is_type(value, json_type_boolean) ? NULL
	       : json_object_get_boolean(value)		      ? "true"
							      : "false";
}

static json_object *json_of_code(const struct codec_call *call,
				 const char *code)
{
	bool is_true = strcmp(code, "true") == 0;
	if (strcmp(call->type, "boolean") != 0)
		return json_new_string(code);
	return is_true || strcmp(code, "false") == 0 ? json_new_boolean(is_true)
						     : NULL;
}

static const char *row_system(const struct table *table,
			      const struct table_row *row)
{
	return row->system ? row->system : table->system;
}

static json_object *coded_value(const struct codec_call *call,
				const char *system, const char *code,
				const char *display)
{
	const char *fault = fhir_text_fault("code", code);
	if (fault) {
		codec_note(call, NOTE_INVALID, fault);
		return NULL;
	}
	if (is_code_type(call))
		return json_of_code(call, code);
	json_object *coding = json_new_object();
	json_add_text(coding, "system", system);
	json_add_text(coding, "code", code);
	json_add_text(coding, "display", display);
	return concept_new(call->type, coding, NULL);
}

/* A CS is in capitals (PS3.5 6.2), but not in every file. */
static const struct table_row *row_of(const struct codec_call *call,
				      const struct table *table,
				      const char *term)
{
	const struct table_row *row = table_by_dicom(table, term);
	char *capitals = row ? NULL : arena_strdup(call->arena, term);
	for (char *p = capitals; p && *p; p++)
		*p = (char)toupper((unsigned char)*p);
	return row ? row : table_by_dicom(table, capitals);
}

static json_object *term_get(const struct codec_call *call,
			     const struct port_value *in)
{
	const struct table *table = codec_table(call, "table");
	const char *term = port_trimmed(call, &in[0]);
	if (!term || table_is_silent(table, term))
		return NULL;
	const struct table_row *row = row_of(call, table, term);
	if (row && row->code)
		return coded_value(call, row_system(table, row), row->code,
				   row->display);
	bool one = !strchr(term, '\\');
	if (one && table->others == OTHERS_CODE)
		return coded_value(call, table->system, term, NULL);
	if (one && table->others == OTHERS_TEXT && !is_code_type(call) &&
	    !fhir_text_fault("string", term))
		return concept_new(call->type, NULL, term);
	codec_note(call, NOTE_INVALID, "a term that the table has not");
	return NULL;
}

/* ---- put ---- */

struct term {
	const char *text;
	const struct table_row *row; /* or NULL: it stands for itself */
	bool by_text;		     /* not by a code */
};

static bool by_code(const struct table *table, const char *system,
		    const char *code, struct term *out)
{
	if (!code || !*code)
		return false;
	out->row = table_by_code(table, system, code);
	out->text = out->row ? out->row->dicom : code;
	out->by_text = false;
	if (out->row)
		return true;
	return table->others == OTHERS_CODE && vr_is_code_string(code) &&
	       (!system || !table->system || same_text(system, table->system));
}

/* A text that is a term: of an open table any, else one that has a row. */
static bool by_text(const struct codec_call *call, const struct table *table,
		    const char *text, struct term *out)
{
	if (!text || !vr_is_code_string(text))
		return false;
	text = codec_trimmed(call, text);
	*out = (struct term){.text = text, .by_text = true};
	return table->others == OTHERS_TEXT ||
	       table_by_dicom(table, text) != NULL;
}

/* The index of the coding that names a term; -1: none does. */
static int find_coded(const struct codec_call *call, const struct table *table,
		      json_object *value, struct term *out)
{
	size_t count = coding_count(call->type, value);
	for (size_t i = 0; i < count; i++) {
		json_object *coding = coding_at(call->type, value, i);
		if (by_code(table, json_text(coding, "system"),
			    json_text(coding, "code"), out))
			return (int)i;
	}
	return -1;
}

/* The index of the coding whose display is a term, or -1: the text is.  -2:
 * none of them. */
static int find_term_text(const struct codec_call *call,
			  const struct table *table, json_object *value,
			  struct term *out)
{
	size_t count = coding_count(call->type, value);
	if (by_text(call, table, concept_text(call->type, value), out))
		return -1;
	for (size_t i = 0; i < count; i++) {
		json_object *coding = coding_at(call->type, value, i);
		if (by_text(call, table, json_text(coding, "display"), out))
			return (int)i;
	}
	return -2;
}

/* used: the index of the coding that was taken; -1: the text was. */
static void note_lost_of_concept(const struct codec_call *call,
				 json_object *value, int used,
				 const struct term *term)
{
	size_t count = coding_count(call->type, value);
	const char *text = concept_text(call->type, value);
	if (count > (used >= 0 ? 1u : 0u))
		codec_note(call, NOTE_LOST, "a further coding");
	concept_note_rest(call, value);
	if (used < 0)
		return;
	json_object *coding = coding_at(call->type, value, (size_t)used);
	/* Only a row has a display of its own. */
	codec_note_rest(call, coding, "Coding",
			term->by_text ? "display"
			: term->row   ? "system code display"
				      : "system code");
	if (text && !same_text(text, json_text(coding, "display")))
		codec_note(call, NOTE_LOST, "a text beside the code");
}

/* Of several terms with one code the dataset keeps its own. */
static bool has_same_code(const struct codec_call *call,
			  const struct table *table, const struct term *term,
			  const struct port_value *io)
{
	const char *old = port_trimmed(call, &io[0]);
	const struct table_row *a = old ? row_of(call, table, old) : NULL;
	const struct table_row *b = table_by_dicom(table, term->text);
	return a && b && a->code && same_text(a->code, b->code) &&
	       same_text(row_system(table, a), row_system(table, b));
}

static int term_put(const struct codec_call *call, json_object *value,
		    struct port_value *io)
{
	const struct table *table = codec_table(call, "table");
	struct term term;
	if (codec_unchanged(call, term_get, io, value))
		return 0;
	if (is_code_type(call)) {
		if (!by_code(table, NULL, code_text(call, value), &term))
			return codec_refuse(call,
					    "a code that the table has not");
	} else {
		int used = find_coded(call, table, value, &term);
		if (used < 0)
			used = find_term_text(call, table, value, &term);
		if (used < -1)
			return codec_refuse(call,
					    "a code that the table has not");
		note_lost_of_concept(call, value, used, &term);
	}
	if (!has_same_code(call, table, &term, io))
		port_set(&io[0], term.text);
	return 0;
}

const struct codec term_codec = {
	.name = "term",
	.ports = ports,
	.options = options,
	.types = "code boolean Coding CodeableConcept CodeableReference",
	.get = term_get,
	.put = term_put,
};
