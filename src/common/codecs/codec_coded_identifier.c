#include "codecs.h"

static const struct codec_port ports[] = {
	CODE_PORTS,
	{NULL, NULL, false, false},
};

static const struct codec_option options[] = {
	{"schemes", OPTION_TABLE, false},
	{"assigner", OPTION_BOOLEAN, false},
	{NULL, OPTION_TEXT, false},
};

static json_object *coded_identifier_get(const struct codec_call *call,
					 const struct port_value *in)
{
	struct code code;
	if (!code_get(call, "string", in, &code))
		return NULL;
	if (code.version)
		codec_note(call, NOTE_LOST,
			   "an identifier has no version of its scheme");
	json_object *identifier = json_new_object();
	json_add_text(identifier, "system", code.system);
	json_add_text(identifier, "value", code.value);
	return identifier;
}

static int coded_identifier_put(const struct codec_call *call,
				json_object *value, struct port_value *io)
{
	struct code code = {
		.value = json_text(value, "value"),
		.system = json_text(value, "system"),
	};
	if (!code.value || !*code.value)
		return codec_refuse(call, "an identifier without a value");
	if (codec_unchanged(call, coded_identifier_get, io, value))
		return 0;
	bool elsewhere = codec_flag(call, "assigner");
	codec_note_rest(call, value, "Identifier",
			elsewhere ? "system value assigner" : "system value");
	if (elsewhere && json_member(value, "assigner"))
		codec_note(call, NOTE_BOOKKEEPING,
			   "another rule has who assigned it");
	return code_put(call, io, &code);
}

const struct codec coded_identifier_codec = {
	.name = "coded-identifier",
	.ports = ports,
	.options = options,
	.types = "Identifier",
	.owns_item = true,
	/* `assigner`: another rule has it. */
	.departs = 1u << NOTE_BOOKKEEPING,
	.get = coded_identifier_get,
	.put = coded_identifier_put,
};
