#include "codecs.h"

#include <string.h>

#include "vr.h"

static const struct codec_port ports[] = {
	{"value", "AE CS LO LT PN SH ST UC UI UR UT", true, false},
	{NULL, NULL, false, false},
};

static const struct codec_option options[] = {
	{NULL, OPTION_TEXT, false},
};

/* Several values are not one text, unless the rule goes through them. */
static bool is_several(const struct codec_call *call, const char *text)
{
	const struct dcm_path *path = &call->rule->ports[0].path;
	return call->rule->codec == &text_codec && path->depth &&
	       path->vm_max != 1 && vr_is_multiple(path->vr) &&
	       strchr(text, '\\');
}

static json_object *get(const struct codec_call *call,
			const struct port_value *in)
{
	const char *text = port_trimmed(call, &in[0]);
	if (!text || !text[strspn(text, " \t\r\n\f")])
		return NULL;
	if (is_several(call, text)) {
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

static int put(const struct codec_call *call, json_object *value,
	       struct port_value *io)
{
	const char *text = json_string(value);
	if (!text || !text[strspn(text, " \t\r\n\f")])
		return codec_refuse(call, "is not a text");
	if (codec_unchanged(call, get, io, value))
		return 0;
	return port_put(call, io, 0, text);
}

const struct codec text_codec = {
	.name = "text",
	.ports = ports,
	.options = options,
	.types = "string markdown code id uri url canonical oid uuid",
	.get = get,
	.put = put,
};
