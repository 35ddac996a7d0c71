/*
 * An identifier and its issuer: the Hierarchic Designator macro (PS3.3 Table
 * 10-17) and the Issuer of Patient ID macro (Table 10-18), which are the parts
 * of HL7 v2's CX.
 */
#include "codecs.h"

#include <ctype.h>
#include <string.h>

#include "arena.h"
#include "fhir_path.h"
#include "vr.h"

enum { VALUE, LOCAL, UNIVERSAL, UNIVERSAL_TYPE, TYPE, KIND };

static const struct codec_port ports[] = {
	{"value", "LO SH ST UT UC", true, false},
	{"local", "LO SH ST UT", false, false},
	{"universal", "UT LO SH UI UR", false, false},
	{"universal-type", "CS", false, false},
	{"type", "CS SH LO", false, false},
	{"kind", "CS", false, false},
	{NULL, NULL, false, false},
};

static const struct codec_option options[] = {
	{"universal-types", OPTION_TABLE, false}, /* type -> start of URI */
	{"issuers", OPTION_TABLE, false},	  /* local -> system */
	{"type-system", OPTION_TEXT, false},	  /* of the type's code */
	{"type", OPTION_TEXT, false},		  /* where there is none */
	{"kind", OPTION_TEXT, false},		  /* what is written there */
	{"home", OPTION_TEXT, false}, /* of which kind the home system is */
	{NULL, OPTION_TEXT, false},
};

struct issuer {
	const char *system, *name; /* each may be NULL */
};

/* ---- DICOM -> FHIR ---- */

/* UUIDs are written in small letters (RFC 4122 3). */
static const char *lower_uuid(const struct codec_call *call, const char *text)
{
	static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
	size_t i = 0;
	for (; form[i] && text[i]; i++)
		if (form[i] == 'x' ? !isxdigit((unsigned char)text[i])
				   : text[i] != '-')
			return text;
	if (form[i] || text[i])
		return text;
	char *lower = arena_strdup(call->arena, text);
	for (char *p = lower; *p; p++)
		*p = (char)tolower((unsigned char)*p);
	return lower;
}

static const char *universal_system(const struct codec_call *call,
				    const struct port_value *in)
{
	const struct table *types = codec_table(call, "universal-types");
	const char *id = port_trimmed(call, &in[UNIVERSAL]);
	const char *type = port_trimmed(call, &in[UNIVERSAL_TYPE]);
	if (!id)
		return NULL;
	const struct table_row *row =
		types && type ? table_by_dicom(types, type) : NULL;
	if (!row || !row->code) {
		codec_note(call, type ? NOTE_LOST : NOTE_INVALID,
			   type ? "a universal id that has no URI"
				: "a universal id without its type");
		return NULL;
	}
	const char *system = arena_printf(call->arena, "%s%s", row->code,
					  lower_uuid(call, id));
	const char *fault = fhir_text_fault("uri", system);
	if (fault)
		codec_note(call, NOTE_INVALID, fault);
	return fault ? NULL : system;
}

static struct issuer issuer_of(const struct codec_call *call,
			       const struct port_value *in)
{
	const struct table *issuers = codec_table(call, "issuers");
	struct issuer issuer = {.name = port_trimmed(call, &in[LOCAL])};
	const struct table_row *row = NULL;
	if (issuer.name && fhir_text_fault("string", issuer.name)) {
		codec_note(call, NOTE_INVALID,
			   fhir_text_fault("string", issuer.name));
		issuer.name = NULL;
	}
	if (issuer.name && issuers)
		row = table_by_dicom(issuers, issuer.name);
	/* What a site says of its issuers is more than what the file says. */
	issuer.system = row ? row->code : universal_system(call, in);
	/* Nor has a system of the table another name, which could not come
	 * back. */
	if (!row && issuer.system && issuers)
		row = table_by_code(issuers, NULL, issuer.system);
	if (row)
		issuer.name = row->dicom;
	return issuer;
}

/* The system of those that the dataset names no issuer of; or NULL. */
static const char *home_of(const struct codec_call *call)
{
	return rules_home_system(call->rules, codec_text(call, "home"));
}

static bool names_issuer(const struct codec_call *call,
			 const struct port_value *in)
{
	return port_trimmed(call, &in[LOCAL]) ||
	       port_trimmed(call, &in[UNIVERSAL]);
}

static const char *type_of(const struct codec_call *call,
			   const struct port_value *in)
{
	const char *type = port_trimmed(call, &in[TYPE]);
	return type ? type : codec_text(call, "type");
}

static void add_type(const struct codec_call *call, json_object *identifier,
		     const char *code)
{
	if (!code)
		return;
	const char *fault = fhir_text_fault("code", code);
	if (fault) {
		codec_note(call, NOTE_INVALID, fault);
		return;
	}
	json_object *coding = json_new_object();
	json_add_text(coding, "system", codec_text(call, "type-system"));
	json_add_text(coding, "code", code);
	json_add(identifier, "type",
		 concept_new("CodeableConcept", coding, NULL));
}

static json_object *identifier_get(const struct codec_call *call,
				   const struct port_value *in)
{
	const char *value = port_trimmed(call, &in[VALUE]);
	if (!value)
		return NULL;
	const char *fault = fhir_text_fault("string", value);
	if (fault) {
		codec_note(call, NOTE_INVALID, fault);
		return NULL;
	}
	struct issuer issuer = issuer_of(call, in);
	json_object *identifier = json_new_object();
	add_type(call, identifier, type_of(call, in));
	json_add_text(identifier, "system",
		      names_issuer(call, in) ? issuer.system : home_of(call));
	json_add_text(identifier, "value", value);
	if (issuer.name) {
		json_object *assigner = json_new_object();
		json_add_text(assigner, "display", issuer.name);
		json_add(identifier, "assigner", assigner);
	}
	return identifier;
}

/* ---- FHIR -> DICOM ---- */

/* The row whose form the system has; of several the one that says most. */
static const struct table_row *universal_row(const struct codec_call *call,
					     const char *system)
{
	const struct table *types = codec_table(call, "universal-types");
	const struct table_row *best = NULL;
	for (size_t i = 0; types && i < types->row_count; i++) {
		const struct table_row *row = &types->rows[i];
		if (row->code &&
		    strncmp(system, row->code, strlen(row->code)) == 0 &&
		    system[strlen(row->code)] &&
		    (!best || strlen(row->code) > strlen(best->code)))
			best = row;
	}
	return best;
}

static int put_universal(const struct codec_call *call, struct port_value *io,
			 const char *system)
{
	const struct table_row *row =
		system ? universal_row(call, system) : NULL;
	const char *id =
		row ? lower_uuid(call, system + strlen(row->code)) : NULL;
	/* what get would not take back */
	if (row && fhir_text_fault("uri", arena_printf(call->arena, "%s%s",
						       row->code, id)))
		row = NULL;
	if (!port_given(call, UNIVERSAL) || !port_given(call, UNIVERSAL_TYPE))
		row = NULL;
	if (system && !row)
		codec_note(call, NOTE_LOST, "the system of the identifier");
	if (port_put(call, io, UNIVERSAL, row ? id : NULL) < 0)
		return -1;
	port_set(&io[UNIVERSAL_TYPE], row ? row->dicom : NULL);
	return 0;
}

/* The name under which the site knows the system, or else what FHIR says; not
 * if the site knows that name for another system. */
static const char *local_name(const struct codec_call *call, const char *system,
			      const char *name)
{
	const struct table *issuers = codec_table(call, "issuers");
	const struct table_row *of_system =
		system && issuers ? table_by_code(issuers, NULL, system) : NULL;
	const struct table_row *of_name =
		name && issuers ? table_by_dicom(issuers, name) : NULL;
	const char *local = of_system ? of_system->dicom : name;
	if (!of_system && system && of_name && of_name->code)
		local = NULL;
	if (name && !same_text(name, local))
		codec_note(call, NOTE_LOST, "the assigner's display");
	return local;
}

static bool fits_port(const struct codec_call *call, size_t port,
		      const char *text)
{
	const struct dcm_path *path = &call->rule->ports[port].path;
	return !vr_fault(path->vr, path->vm_max, text);
}

static int put_issuer(const struct codec_call *call, struct port_value *io,
		      json_object *value)
{
	struct codec_call quiet = *call;
	quiet.note = NULL;
	const struct table *issuers = codec_table(call, "issuers");
	const char *system = json_text(value, "system");
	const char *name = codec_trimmed(
		call, json_text(json_member(value, "assigner"), "display"));
	struct issuer old = issuer_of(&quiet, io);
	/* The home system stands for no issuer. */
	if (system && same_text(system, home_of(call)))
		system = NULL;
	if (same_text(old.system, system) && same_text(old.name, name))
		return 0;
	name = local_name(call, system, name);
	/* A name that the site knows says the system too. */
	const struct table_row *row =
		name && issuers ? table_by_dicom(issuers, name) : NULL;
	if (same_text(old.name, name) &&
	    same_text(old.system, !system && row ? row->code : system))
		return 0;
	/* Where the name says it, the system need not be said. */
	if (system && issuers && table_by_code(issuers, NULL, system))
		system = NULL;
	if (name && !port_given(call, LOCAL)) {
		codec_note(call, NOTE_LOST, "the assigner");
		name = NULL;
	}
	/* The system says whose number it is without its name, too. */
	if (name && system && !fits_port(call, LOCAL, name)) {
		codec_note(call, NOTE_LOST,
			   "the assigner's display, which is too long, or of "
			   "characters that have no place there");
		name = NULL;
	}
	if (port_put(call, io, LOCAL, name) < 0)
		return -1;
	return put_universal(call, io, system);
}

/* The coding of a type that is in the rule's system, or NULL. */
static json_object *type_coding(const struct codec_call *call,
				json_object *type)
{
	static const char holder[] = "CodeableConcept";
	const char *system = codec_text(call, "type-system");
	for (size_t i = 0; i < coding_count(holder, type); i++) {
		json_object *coding = coding_at(holder, type, i);
		if (json_text(coding, "code") &&
		    (!system || same_text(json_text(coding, "system"), system)))
			return coding;
	}
	return NULL;
}

/* The coding that the rule's `is` wants, of a type that has it. */
static json_object *coding_like(json_object *type, json_object *pattern)
{
	static const char holder[] = "CodeableConcept";
	json_object *wanted = coding_count(holder, pattern)
				      ? coding_at(holder, pattern, 0)
				      : NULL;
	for (size_t i = 0; wanted && i < coding_count(holder, type); i++)
		if (json_matches(coding_at(holder, type, i), wanted))
			return coding_at(holder, type, i);
	return NULL;
}

/* Note what a type says besides one coding and, if the rule has it, a text. */
static void note_type_rest(const struct codec_call *call, json_object *type,
			   json_object *coding, const char *known)
{
	const char *text = concept_text("CodeableConcept", type);
	if (coding_count("CodeableConcept", type) > (coding ? 1u : 0u))
		codec_note(call, NOTE_LOST, "a further type");
	if (text && !same_text(text, json_text(coding, "display")) &&
	    !same_text(text, known))
		codec_note(call, NOTE_BOOKKEEPING, "the text of the type");
	codec_note_rest(call, coding, "Coding", "system code display");
	codec_note_rest(call, type, "CodeableConcept", "coding text");
}

/* Is the type the rule's, and not the value's? */
static bool is_rules_own(const struct codec_call *call, json_object *type)
{
	if (!type)
		return false;
	json_object *is = codec_is(call), *wanted = json_member(is, "type");
	bool own = wanted && json_matches(type, wanted);
	if (own)
		note_type_rest(call, type, coding_like(type, wanted),
			       json_text(wanted, "text"));
	json_object_put(is);
	return own;
}

static void put_type(const struct codec_call *call, struct port_value *io,
		     json_object *value)
{
	json_object *type = json_member(value, "type");
	if (is_rules_own(call, type))
		return;
	json_object *coding = type_coding(call, type);
	const char *code = json_text(coding, "code");
	bool is_default = same_text(code, codec_text(call, "type"));
	if (code && !is_default &&
	    (!port_given(call, TYPE) || !vr_is_code_string(code)))
		code = NULL;
	if (type && !code)
		codec_note(call, NOTE_LOST, "the type of the identifier");
	else if (type)
		note_type_rest(call, type, coding, NULL);
	/* The default goes without saying, unless another is said. */
	const char *said = code ? code : codec_text(call, "type");
	if (!same_text(said, type_of(call, io)))
		port_set(&io[TYPE], said);
}

/* Where it is displayed, that is its name, and the rest is how FHIR finds it.
 */
static void note_assigner_rest(const struct codec_call *call,
			       json_object *assigner)
{
	static const char finding[] = "display reference type identifier";
	if (!json_text(assigner, "display")) {
		codec_note_rest(call, assigner, "Reference", "");
		return;
	}
	if (json_member(assigner, "reference") ||
	    json_member(assigner, "type") ||
	    json_member(assigner, "identifier"))
		codec_note(call, NOTE_BOOKKEEPING,
			   "how the assigner is found stays in FHIR");
	codec_note_rest(call, assigner, "Reference", finding);
}

static int identifier_put(const struct codec_call *call, json_object *value,
			  struct port_value *io)
{
	const char *text = json_text(value, "value");
	if (!text || !*text)
		return codec_refuse(call, "an identifier without a value");
	if (codec_unchanged(call, identifier_get, io, value))
		return 0;
	bool creates = io[VALUE].state != VALUE_TEXT;
	if (port_put(call, io, VALUE, text) < 0 ||
	    put_issuer(call, io, value) < 0)
		return -1;
	put_type(call, io, value);
	if (creates && io[KIND].state != VALUE_TEXT)
		port_set(&io[KIND], codec_text(call, "kind"));
	codec_note_rest(call, value, "Identifier",
			"type system value assigner");
	note_assigner_rest(call, json_member(value, "assigner"));
	return 0;
}

const struct codec identifier_codec = {
	.name = "identifier",
	.ports = ports,
	.options = options,
	.types = "Identifier",
	.needs = "value",
	.get = identifier_get,
	.put = identifier_put,
};
