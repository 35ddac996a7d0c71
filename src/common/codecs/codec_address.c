#include "codecs.h"

#include <string.h>

#include "arena.h"
#include "buffer.h"
#include "vr.h"

static const struct codec_port ports[] = {
	{"value", "LO ST LT UT", true, false},
	{NULL, NULL, false, false},
};

static const struct codec_option options[] = {
	{NULL, OPTION_TEXT, false},
};

static json_object *address_get(const struct codec_call *call,
				const struct port_value *in)
{
	struct codec_call inner = *call;
	inner.type = "string";
	json_object *text = text_codec.get(&inner, in);
	if (!text)
		return NULL;
	json_object *address = json_new_object();
	json_add(address, "text", text);
	return address;
}

static void add_address_part(struct buffer *sum, const char *part)
{
	if (!part || !*part)
		return;
	buffer_add(sum, ", ", sum->length ? 2 : 0);
	buffer_add(sum, part, strlen(part));
}

/* The parts in the order of FHIR's own page of the type; NULL: none. */
static const char *address_parts_text(const struct codec_call *call,
				      json_object *value)
{
	static const char *const names[] = {"city", "district", "state",
					    "postalCode", "country"};
	json_object *lines = json_member(value, "line");
	struct buffer sum = {0};
	if (json_object_is_type(lines, json_type_array))
		for (size_t i = 0; i < json_count(lines); i++)
			add_address_part(&sum, json_string(json_at(lines, i)));
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		add_address_part(&sum, json_text(value, names[i]));
	const char *text =
		sum.length ? arena_strndup(call->arena, (char *)sum.bytes,
					   sum.length)
			   : NULL;
	buffer_free(&sum);
	return text;
}

static int address_put(const struct codec_call *call, json_object *value,
		       struct port_value *io)
{
	const char *text = json_text(value, "text");
	if (codec_unchanged(call, address_get, io, value))
		return 0;
	if (text && *text) {
		codec_note_rest(call, value, "Address", "text");
	} else {
		text = address_parts_text(call, value);
		if (!text)
			return codec_refuse(call, "an address without text");
		codec_note(call, NOTE_LOST,
			   "the parts of the address become one text");
		codec_note_rest(call, value, "Address",
				"line city district state postalCode country");
	}
	const char *fault = vr_fault(call->rule->ports[0].path.vr, 1, text);
	if (fault && !strchr(text, '\\'))
		return codec_refuse(call, fault);
	return port_put(call, io, 0, text);
}

const struct codec address_codec = {
	.name = "address",
	.ports = ports,
	.options = options,
	.types = "Address",
	.get = address_get,
	.put = address_put,
};
