/* The codecs that there are, and what they share among themselves. */
#ifndef CODECS_H
#define CODECS_H

#include "codec.h"
#include "scheme.h"

extern const struct codec presence_codec, text_codec, choice_codec, uid_codec,
	integer_codec, quantity_codec, age_codec, date_time_codec,
	human_name_codec, identifier_codec, coded_identifier_codec,
	coded_concept_codec, term_codec, address_codec;

/* ---- the rule that is at hand ---- */

/* Options of the rule's `with`; NULL if not given. */
const char *codec_text(const struct codec_call *call, const char *name);
const struct table *codec_table(const struct codec_call *call,
				const char *name);
json_object *codec_json(const struct codec_call *call, const char *name);
bool codec_flag(const struct codec_call *call, const char *name);

void codec_note(const struct codec_call *call, enum note_kind kind,
		const char *text);

/* Set one port: NULL or "" empties it if it was there, and leaves it absent
 * otherwise.  What is the same but for its padding stays as it was. */
void port_set(struct port_value *port, const char *text);
/* The text without blanks around it, in the arena; NULL if there is none. */
const char *port_trimmed(const struct codec_call *call,
			 const struct port_value *port);

/* ---- ports ---- */

bool port_given(const struct codec_call *call, size_t index);

/* A FHIR text without the blanks around it, which would be padding, and are
 * noted; NULL if nothing is left. */
const char *codec_trimmed(const struct codec_call *call, const char *text);

/* Set one port, without blanks around the text.  -1, and a note, if it holds a
 * backslash and would be read back as two values. */
int port_put(const struct codec_call *call, struct port_value *io, size_t index,
	     const char *text);

/* The same for a text that may be several values. */
void port_put_list(const struct codec_call *call, struct port_value *io,
		   size_t index, const char *text);

/* ---- notes ---- */

/* Always -1. */
int codec_refuse(const struct codec_call *call, const char *text);

/* What FHIR says about a value, and no header has to: its use and the like. */
bool codec_is_bookkeeping(const char *element);
extern const char codec_bookkeeping_note[];

/* Note the members of an object of a FHIR type that are not among `carried`,
 * which are separated by blanks. */
void codec_note_rest(const struct codec_call *call, json_object *object,
		     const char *type, const char *carried);

/* GetPut: does get make this very value of the old ports? */
bool codec_unchanged(const struct codec_call *call,
		     json_object *(*get)(const struct codec_call *call,
					 const struct port_value *in),
		     const struct port_value *io, json_object *value);

/* The part of the rule's `is` that falls on the value itself: what the rule,
 * not the codec, writes and recognises.  A new reference, perhaps empty. */
json_object *codec_is(const struct codec_call *call);

/* ---- FHIR values ---- */

/* A Coding, a CodeableConcept or a CodeableReference as another of these; other
 * types as they are.  A new reference. */
json_object *coded_as(const char *from, json_object *value, const char *to);

/* NULL, or why a FHIR primitive of this type cannot hold the text. */
const char *fhir_text_fault(const char *type, const char *text);

/* A Coding, or what holds some: a CodeableConcept, a CodeableReference. */
size_t coding_count(const char *type, json_object *value);
json_object *coding_at(const char *type, json_object *value, size_t index);
const char *concept_text(const char *type, json_object *value);
/* Takes over the coding.  coding and text may be NULL.  Where the type has no
 * text of its own, a text without a coding is its display. */
json_object *concept_new(const char *type, json_object *coding,
			 const char *text);
/* Note all members that are no coding and no text. */
void concept_note_rest(const struct codec_call *call, json_object *value);

/* ---- code sequences, PS3.3 Table 8.8-1 (codec_code.c) ---- */

enum { CODE_VALUE, CODE_LONG, CODE_URN, CODE_SCHEME, CODE_VERSION };

/* As declared by the codecs whose ports begin with these five. */
#define CODE_PORTS                                                             \
	{"value", "SH LO", true, false}, {"long", "UC LT UT", false, false},   \
		{"urn", "UR UT", false, false},                                \
		{"scheme", "SH", false, false},                                \
	{                                                                      \
		"version", "SH LO", false, false                               \
	}

struct code {
	const char *value, *system, *version; /* each may be NULL */
};

/* type: what its value becomes in FHIR, "code" or "string".  false: there is
 * no code. */
bool code_get(const struct codec_call *call, const char *type,
	      const struct port_value *in, struct code *out);
/* Into value, long or urn, as its form demands, with its scheme. */
int code_put(const struct codec_call *call, struct port_value *io,
	     const struct code *code);
/* Can it be written as a code: is it one of a system, or a URN? */
bool code_has_system(const struct codec_call *call, const char *code,
		     const char *system);
void code_clear(struct port_value *io);

/* Has the system a designator already (scheme.c)? */
bool scheme_is_known(const struct codec_call *call, const char *system);

#endif
