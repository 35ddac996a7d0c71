/*
 * That an attribute has a value, whatever it is: a boolean, or a constant.
 */
#include "codecs.h"

#include <string.h>

static const struct codec_port ports[] = {
	{"value", "*", true, false},
	{NULL, NULL, false, false},
};

/* present: what the element is where the attribute has a value; of a boolean it
 * is true. */
static const struct codec_option options[] = {
	{"present", OPTION_TEXT, false},
	{NULL, OPTION_TEXT, false},
};

static bool is_boolean(const struct codec_call *call)
{
	return strcmp(call->type, "boolean") == 0;
}

static json_object *presence_get(const struct codec_call *call,
				 const struct port_value *in)
{
	const char *present = codec_text(call, "present");
	if (in[0].state != VALUE_TEXT || (!present && !is_boolean(call)))
		return NULL;
	return is_boolean(call) ? json_new_boolean(1)
				: json_new_string(present);
}

/* It does not say which value. */
static int presence_put(const struct codec_call *call, json_object *value,
			struct port_value *io)
{
	if (codec_unchanged(call, presence_get, io, value))
		return 0;
	return codec_refuse(call, "says that there is a value, not which");
}

const struct codec presence_codec = {
	.name = "presence",
	.ports = ports,
	.options = options,
	.types = "boolean code string",
	.get = presence_get,
	.put = presence_put,
};
