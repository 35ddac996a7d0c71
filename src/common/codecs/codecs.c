#include "codecs.h"

#include <string.h>

#include "arena.h"
#include "fhir_path.h"
#include "fhir_schema.h"
#include "vr.h"

static const struct codec *const all[] = {
	&text_codec,	      &choice_codec,
	&uid_codec,	      &integer_codec,
	&quantity_codec,      &age_codec,
	&date_time_codec,     &human_name_codec,
	&identifier_codec,    &coded_identifier_codec,
	&coded_concept_codec, &term_codec,
	&address_codec,	      &presence_codec,
};

const struct codec *const *codec_all(size_t *count)
{
	*count = sizeof all / sizeof all[0];
	return all;
}

const struct codec *codec_find(const char *name)
{
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		if (strcmp(all[i]->name, name) == 0)
			return all[i];
	return NULL;
}

/* ---- options ---- */

static const struct option *option_find(const struct codec_call *call,
					const char *name)
{
	for (size_t i = 0; i < call->rule->option_count; i++)
		if (strcmp(call->rule->options[i].name, name) == 0)
			return &call->rule->options[i];
	return NULL;
}

const char *codec_text(const struct codec_call *call, const char *name)
{
	return json_string(codec_json(call, name));
}

const struct table *codec_table(const struct codec_call *call, const char *name)
{
	const struct option *option = option_find(call, name);
	return option ? option->table : NULL;
}

json_object *codec_json(const struct codec_call *call, const char *name)
{
	const struct option *option = option_find(call, name);
	return option ? option->value : NULL;
}

bool codec_flag(const struct codec_call *call, const char *name)
{
	return json_object_get_boolean(codec_json(call, name));
}

/* ---- notes ---- */

void codec_note(const struct codec_call *call, enum note_kind kind,
		const char *text)
{
	if (call->note)
		call->note(call->note_context, kind, text);
}

int codec_refuse(const struct codec_call *call, const char *text)
{
	codec_note(call, NOTE_REFUSED, text);
	return -1;
}

/* What FHIR says about a value, of which the header holds the value. */
static const char bookkeeping[] = "use period rank text";
const char codec_bookkeeping_note[] = "use, period or text of it stay in FHIR";

bool codec_is_bookkeeping(const char *element)
{
	return has_word(bookkeeping, element);
}

void codec_note_rest(const struct codec_call *call, json_object *object,
		     const char *type, const char *carried)
{
	if (!call->note || !json_object_is_type(object, json_type_object))
		return;
	json_foreach (object, name, value) {
		const char *element = name + (name[0] == '_');
		if (!*name || !value || has_word(carried, name))
			continue;
		if (codec_is_bookkeeping(element)) {
			codec_note(call, NOTE_BOOKKEEPING,
				   codec_bookkeeping_note);
			continue;
		}
		/* Only a name that is FHIR's own surely is no patient data. */
		bool known = fhir_element_find(call->release, type, element);
		codec_note(call, NOTE_LOST,
			   known ? arena_printf(call->arena,
						"%s.%s has no DICOM form", type,
						element)
				 : "an element that FHIR does not have");
	}
}

/* ---- ports ---- */

/* The text without the blanks around it, and its length. */
static const char *unpadded_text(const char *text, size_t *length)
{
	text += strspn(text, " ");
	*length = strlen(text);
	while (*length && text[*length - 1] == ' ')
		--*length;
	return text;
}

/* Blanks around a value mean nothing (PS3.5 6.2). */
static bool same_but_padding(const char *a, const char *b)
{
	size_t of_a, of_b;
	a = unpadded_text(a, &of_a);
	b = unpadded_text(b, &of_b);
	return of_a == of_b && memcmp(a, b, of_a) == 0;
}

void port_set(struct port_value *port, const char *text)
{
	if (port->state == VALUE_TEXT && text &&
	    same_but_padding(port->text, text))
		return;
	if (text && *text)
		*port = (struct port_value){VALUE_TEXT, text};
	else if (port->state != VALUE_ABSENT)
		*port = (struct port_value){VALUE_EMPTY, NULL};
}

const char *port_trimmed(const struct codec_call *call,
			 const struct port_value *port)
{
	if (port->state != VALUE_TEXT)
		return NULL;
	size_t length;
	const char *text = unpadded_text(port->text, &length);
	return length ? arena_strndup(call->arena, text, length) : NULL;
}

bool port_given(const struct codec_call *call, size_t index)
{
	return call->rule->ports[index].port != NULL;
}

const char *codec_trimmed(const struct codec_call *call, const char *text)
{
	struct port_value value = {text ? VALUE_TEXT : VALUE_ABSENT, text};
	const char *trimmed = port_trimmed(call, &value);
	if (text && *text && !same_text(trimmed, text))
		codec_note(call, NOTE_LOST, "blanks around a text");
	return trimmed;
}

void port_put_list(const struct codec_call *call, struct port_value *io,
		   size_t index, const char *text)
{
	port_set(&io[index], codec_trimmed(call, text));
}

int port_put(const struct codec_call *call, struct port_value *io, size_t index,
	     const char *text)
{
	if (text && port_given(call, index) && strchr(text, '\\') &&
	    vr_is_multiple(call->rule->ports[index].path.vr))
		return codec_refuse(call, "a backslash would make two values");
	port_put_list(call, io, index, text);
	return 0;
}

bool codec_unchanged(const struct codec_call *call,
		     json_object *(*get)(const struct codec_call *call,
					 const struct port_value *in),
		     const struct port_value *io, json_object *value)
{
	struct codec_call quiet = *call;
	quiet.note = NULL;
	json_object *old = get(&quiet, io);
	bool same = old && json_object_equal(old, value);
	/* What the rule's `is` says of the value comes with it. */
	const struct fhir_path *path = call->rule->fhir[call->release];
	if (old && !same && path && path->is) {
		json_object *dressed = fhir_path_dressed(path, old);
		same = json_object_equal(dressed, value);
		json_object_put(dressed);
	}
	json_object_put(old);
	return same;
}

json_object *codec_is(const struct codec_call *call)
{
	json_object *empty = json_new_object();
	const struct fhir_path *path = call->rule->fhir[call->release];
	if (!path)
		return empty;
	json_object *is = fhir_path_dressed(path, empty);
	json_object_put(empty);
	return is;
}

static bool has_space(const char *text)
{
	return text[strcspn(text, " \t\r\n\f\v")] != '\0';
}

static const char *code_fault(const char *text)
{
	size_t length = strlen(text);
	if (text[0] == ' ' || text[length - 1] == ' ' || strstr(text, "  ") ||
	    strpbrk(text, "\t\r\n"))
		return "has blanks that a FHIR code must not have";
	return NULL;
}

static const char *id_fault(const char *text)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "abcdefghijklmnopqrstuvwxyz"
				      "0123456789-.";
	return strlen(text) > 64 || text[strspn(text, allowed)]
		       ? "is no FHIR id"
		       : NULL;
}

static const char oid_prefix[] = "urn:oid:", uuid_prefix[] = "urn:uuid:";

static bool codec_text_begins_with(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* urn:oid:[0-2](\.(0|[1-9][0-9]*))+ */
static const char *oid_fault(const char *text)
{
	static const char fault[] = "is no FHIR oid";
	const char *at = text + strlen(oid_prefix);
	if (!codec_text_begins_with(text, oid_prefix) || *at < '0' ||
	    *at > '2' || !at[1])
		return fault;
	for (at++; *at; at += strspn(at, "0123456789"))
		if (*at++ != '.' || *at < '0' || *at > '9' ||
		    (*at == '0' && at[1] >= '0' && at[1] <= '9'))
			return fault;
	return NULL;
}

/* urn:uuid:, and letters of lower case */
static const char *uuid_fault(const char *text)
{
	static const char form[] = "00000000-0000-0000-0000-000000000000";
	static const char fault[] = "is no FHIR uuid";
	const char *at = text + strlen(uuid_prefix);
	if (!codec_text_begins_with(text, uuid_prefix) ||
	    strlen(at) != strlen(form))
		return fault;
	for (size_t i = 0; form[i]; i++)
		if (form[i] == '-' ? at[i] != '-'
				   : !strchr("0123456789abcdef", at[i]))
			return fault;
	return NULL;
}

/* A URI that says to be of one of these is. */
static const char *uri_fault(const char *text)
{
	if (has_space(text))
		return "has blanks, which no URI has";
	if (codec_text_begins_with(text, oid_prefix))
		return oid_fault(text);
	return codec_text_begins_with(text, uuid_prefix) ? uuid_fault(text)
							 : NULL;
}

const char *fhir_text_fault(const char *type, const char *text)
{
	for (const char *p = text; *p; p++)
		if ((unsigned char)*p < ' ' && !strchr("\t\r\n", *p))
			return "has a control character that FHIR forbids";
	if (!text[strspn(text, " \t\r\n")])
		return "has nothing but blanks";
	if (strcmp(type, "code") == 0)
		return code_fault(text);
	if (strcmp(type, "id") == 0)
		return id_fault(text);
	if (strcmp(type, "oid") == 0)
		return oid_fault(text);
	if (strcmp(type, "uuid") == 0)
		return uuid_fault(text);
	return has_word("uri url canonical", type) ? uri_fault(text) : NULL;
}
