#include "codecs.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "vr.h"

static const struct codec_port ports[] = {
	{"value", "IS US SS UL SL", true, false},
	{NULL, NULL, false, false},
};

static const struct codec_option options[] = {
	{NULL, OPTION_TEXT, false},
};

static int64_t least_of_type(const char *type)
{
	return strcmp(type, "unsignedInt") == 0	  ? 0
	       : strcmp(type, "positiveInt") == 0 ? 1
						  : INT32_MIN;
}

/* Of the attribute's VR it may be legal all the same: UL. */
static bool is_above_integer(const char *text)
{
	char *end;
	return strtoll(text, &end, 10) > INT32_MAX && !*end;
}

static json_object *integer_get(const struct codec_call *call,
				const struct port_value *in)
{
	const char *text = port_trimmed(call, &in[0]);
	if (!text)
		return NULL;
	int64_t number = strtoll(text, NULL, 10);
	const char *fault = is_above_integer(text) ? "is more than FHIR allows"
						   : vr_fault("IS", 1, text);
	if (!fault && number < least_of_type(call->type))
		fault = "is less than FHIR allows";
	if (!fault)
		return json_new_integer(number);
	codec_note(call, NOTE_INVALID, fault);
	return NULL;
}

static int integer_put(const struct codec_call *call, json_object *value,
		       struct port_value *io)
{
	if (!json_object_is_type(value, json_type_int))
		return codec_refuse(call, "is not an integer");
	int64_t number = json_object_get_int64(value);
	if (number < least_of_type(call->type) || number > INT32_MAX)
		return codec_refuse(call, "is out of range");
	if (!codec_unchanged(call, integer_get, io, value))
		port_set(&io[0], arena_printf(call->arena, "%" PRId64, number));
	return 0;
}

const struct codec integer_codec = {
	.name = "integer",
	.ports = ports,
	.options = options,
	.types = "unsignedInt positiveInt integer",
	.get = integer_get,
	.put = integer_put,
};
