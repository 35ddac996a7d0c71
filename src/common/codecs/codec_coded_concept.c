#include "codecs.h"

#include <string.h>

#include "arena.h"
#include "utf8.h"
#include "vr.h"

enum { MEANING = CODE_VERSION + 1, TEXT, MEANING_MAX = 64 };

static const struct codec_port ports[] = {
	CODE_PORTS,
	{"meaning", "LO", false, false},
	{"text", "LO SH ST LT UT", false, false},
	{NULL, NULL, false, false},
};

static const struct codec_option options[] = {
	{"schemes", OPTION_TABLE, false},
	{NULL, OPTION_TEXT, false},
};

static const char *legal_string(const struct codec_call *call,
				const struct port_value *port)
{
	const char *text = port_trimmed(call, port);
	const char *fault = text ? fhir_text_fault("string", text) : NULL;
	if (fault)
		codec_note(call, NOTE_INVALID, fault);
	return fault ? NULL : text;
}

static json_object *coding_of_code(const struct code *code, const char *meaning)
{
	json_object *coding = json_new_object();
	json_add_text(coding, "system", code->system);
	json_add_text(coding, "version", code->version);
	json_add_text(coding, "code", code->value);
	json_add_text(coding, "display", meaning);
	return coding;
}

/* A meaning without a code is the text of the concept (cod-1), if it has none
 * of its own; only where there is no concept it is a display all the same. */
static json_object *coded_concept_get(const struct codec_call *call,
				      const struct port_value *in)
{
	struct code code;
	const char *meaning = legal_string(call, &in[MEANING]);
	const char *text = legal_string(call, &in[TEXT]);
	bool has_code = code_get(call, "code", in, &code);
	bool is_coding = strcmp(call->type, "Coding") == 0;
	if (!has_code && meaning && text && !is_coding &&
	    !same_text(meaning, text))
		codec_note(call, NOTE_LOST, "a meaning without a code");
	if (!has_code && !text && !is_coding)
		text = meaning;
	json_object *coding = has_code || (meaning && is_coding)
				      ? coding_of_code(&code, meaning)
				      : NULL;
	if (!coding && !text)
		return NULL;
	if (coding && text && is_coding)
		codec_note(call, NOTE_LOST, "a text beside the code");
	return concept_new(call->type, coding, text);
}

/* ---- put ---- */

/* How much a coding is wanted; 0: not at all. */
static int rank_of(const struct codec_call *call, const struct code *old,
		   json_object *coding)
{
	const char *code = json_text(coding, "code");
	const char *system = json_text(coding, "system");
	if (!code || !*code)
		return 0;
	if (old->value && same_text(old->value, code) &&
	    same_text(old->system, system))
		return 5;
	if (!code_has_system(call, code, system))
		return 0;
	return 1 + 2 * scheme_is_known(call, system) +
	       json_object_get_boolean(json_member(coding, "userSelected"));
}

static json_object *best_coding(const struct codec_call *call,
				const struct port_value *io, json_object *value)
{
	struct codec_call quiet = *call;
	struct code old;
	size_t count = coding_count(call->type, value);
	json_object *best = NULL;
	int best_rank = 0;
	quiet.note = NULL;
	code_get(&quiet, "code", io, &old);
	for (size_t i = 0; i < count; i++) {
		json_object *coding = coding_at(call->type, value, i);
		int rank = rank_of(call, &old, coding);
		if (rank > best_rank) {
			best_rank = rank;
			best = coding;
		}
	}
	if (best && count > 1)
		codec_note(call, NOTE_LOST, "a further coding");
	return best;
}

/* As much of a text as a Code Meaning can hold; NULL: nothing of it. */
static const char *cut_meaning(const struct codec_call *call, const char *text)
{
	text = codec_trimmed(call, text);
	if (!text || strchr(text, '\\'))
		return NULL;
	text = codec_trimmed(call,
			     arena_strndup(call->arena, text,
					   utf8_first(text, MEANING_MAX)));
	return text && !vr_fault("LO", 1, text) ? text : NULL;
}

/* Code Meaning is Type 1 (PS3.3 Table 8.8-1): where FHIR has no text for it,
 * the code stands there. */
static int put_meaning(const struct codec_call *call, struct port_value *io,
		       const struct code *code, const char *display,
		       const char *text, bool same_code)
{
	if (!port_given(call, MEANING)) {
		if (display)
			codec_note(call, NOTE_LOST, "the display");
		return 0;
	}
	/* What is too long already stays as it is. */
	if (display && same_text(display, port_trimmed(call, &io[MEANING])))
		return 0;
	const char *meaning = cut_meaning(call, display);
	/* FHIR, where it may be left out, says nothing. */
	if (!meaning && same_code &&
	    (io[MEANING].state == VALUE_TEXT || (!display && !text))) {
		if (display)
			codec_note(call, NOTE_LOST,
				   "the display is no Code Meaning");
		return 0;
	}
	const char *from = meaning ? display : text;
	if (!meaning)
		meaning = cut_meaning(call, text);
	if (display && from != display)
		codec_note(call, NOTE_LOST, "the display is no Code Meaning");
	if (meaning && !same_text(meaning, codec_trimmed(call, from)))
		codec_note(call, NOTE_LOST,
			   "the Code Meaning is cut to 64 characters");
	else if (meaning && from != display)
		codec_note(call, NOTE_LOST,
			   "the text becomes the Code Meaning");
	if (meaning)
		return port_put(call, io, MEANING, meaning);
	codec_note(call, NOTE_BOOKKEEPING,
		   "no text for the Code Meaning: it is the code");
	return port_put(call, io, MEANING, cut_meaning(call, code->value));
}

static int put_coding(const struct codec_call *call, struct port_value *io,
		      json_object *coding, const char *text)
{
	struct codec_call quiet = *call;
	struct code old, new,
		code = {
			.value = json_text(coding, "code"),
			.system = json_text(coding, "system"),
			.version = json_text(coding, "version"),
		};
	quiet.note = NULL;
	code_get(&quiet, "code", io, &old);
	if (code_put(call, io, &code) < 0)
		return -1;
	code_get(&quiet, "code", io, &new);
	if (put_meaning(call, io, &code, json_text(coding, "display"), text,
			same_text(old.value, new.value) &&
				same_text(old.system, new.system)) < 0)
		return -1;
	codec_note_rest(call, coding, "Coding", "system version code display");
	/* Text that says what the display says is no loss. */
	if (text && !port_given(call, TEXT) &&
	    !(io[MEANING].state == VALUE_TEXT &&
	      strcmp(io[MEANING].text, text) == 0))
		codec_note(call, NOTE_LOST, "a text beside the code");
	return 0;
}

static int coded_concept_put(const struct codec_call *call, json_object *value,
			     struct port_value *io)
{
	const char *text = concept_text(call->type, value);
	if (codec_unchanged(call, coded_concept_get, io, value))
		return 0;
	json_object *coding = best_coding(call, io, value);
	if (!coding && (!text || !*text || !port_given(call, TEXT)))
		return codec_refuse(call,
				    "a concept without a code of a system");
	if (coding) {
		if (put_coding(call, io, coding, text) < 0)
			return -1;
	} else {
		if (coding_count(call->type, value))
			codec_note(call, NOTE_LOST,
				   "a coding without a code of a system");
		code_clear(io);
		port_set(&io[MEANING], NULL);
	}
	if (port_given(call, TEXT) && port_put(call, io, TEXT, text) < 0)
		return -1;
	concept_note_rest(call, value);
	return 0;
}

const struct codec coded_concept_codec = {
	.name = "coded-concept",
	.ports = ports,
	.options = options,
	.types = "Coding CodeableConcept CodeableReference",
	.owns_item = true,
	.get = coded_concept_get,
	.put = coded_concept_put,
};
