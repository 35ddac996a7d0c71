#include "codecs.h"

#include <string.h>

#include "vr.h"

static const struct codec_port ports[] = {
	{"value", "AE CS LO LT PN SH ST UC UI UR UT", true, false},
	{"long", "LO LT ST UC UT", false, false},
	{NULL, NULL, false, false},
};

enum { VALUE, LONG };

static const struct codec_option options[] = {
	{NULL, OPTION_TEXT, false},
};

/* Several values are not one text, unless the rule goes through them. */
static bool is_several(const struct codec_call *call, size_t port,
		       const char *text)
{
	const struct dcm_path *path = &call->rule->ports[port].path;
	return call->rule->codec == &text_codec && path->depth &&
	       path->vm_max != 1 && vr_is_multiple(path->vr) &&
	       strchr(text, '\\');
}

/* codec_choice.c uses this one for each of its ports. */
static bool has_long(const struct codec_call *call)
{
	return call->rule->codec == &text_codec && port_given(call, LONG);
}

static bool is_blank_text(const char *text)
{
	return !text || !text[strspn(text, " \t\r\n\f")];
}

/* Which of them says it. */
static size_t speaking_port(const struct codec_call *call,
			    const struct port_value *in)
{
	return has_long(call) && is_blank_text(port_trimmed(call, &in[VALUE]))
		       ? LONG
		       : VALUE;
}

static bool port_has_room(const struct codec_call *call, size_t port,
			  const char *text)
{
	return !vr_fault(call->rule->ports[port].path.vr, 1, text);
}

static json_object *text_get(const struct codec_call *call,
			     const struct port_value *in)
{
	size_t port = speaking_port(call, in);
	const char *text = port_trimmed(call, &in[port]);
	if (is_blank_text(text))
		return NULL;
	if (port == VALUE && has_long(call) &&
	    !is_blank_text(port_trimmed(call, &in[LONG])) &&
	    !same_text(text, port_trimmed(call, &in[LONG])))
		codec_note(call, NOTE_LOST,
			   "a longer text that says something else");
	if (is_several(call, port, text)) {
		codec_note(call, NOTE_INVALID,
			   "several values where FHIR has room for one");
		return NULL;
	}
	const char *fault = fhir_text_fault(call->type, text);
	if (fault) {
		codec_note(call, NOTE_INVALID, fault);
		return NULL;
	}
	return json_new_string(text);
}

/* It stays where the old one is, if it has room there. */
static size_t port_for(const struct codec_call *call,
		       const struct port_value *io, const char *text)
{
	struct codec_call quiet = *call;
	quiet.note = NULL;
	if (!has_long(call))
		return VALUE;
	if (speaking_port(call, io) == LONG &&
	    !is_blank_text(port_trimmed(call, &io[LONG])))
		return LONG;
	return port_has_room(call, VALUE, codec_trimmed(&quiet, text)) ? VALUE
								       : LONG;
}

static int text_put(const struct codec_call *call, json_object *value,
		    struct port_value *io)
{
	const char *text = json_string(value);
	if (is_blank_text(text))
		return codec_refuse(call, "is not a text");
	if (codec_unchanged(call, text_get, io, value))
		return 0;
	size_t port = port_for(call, io, text);
	if (has_long(call))
		port_set(&io[port == LONG ? VALUE : LONG], NULL);
	return port_put(call, io, port, text);
}

const struct codec text_codec = {
	.name = "text",
	.ports = ports,
	.options = options,
	.types = "string markdown code id uri url canonical oid uuid",
	.get = text_get,
	.put = text_put,
};
