#include "codecs.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "decimal.h"

static const struct codec_port ports[] = {
	{"value", "AS", true, false},
	{NULL, NULL, false, false},
};

/* table: the letter of AS -> the code of the unit. */
static const struct codec_option options[] = {
	{"system", OPTION_TEXT, true},
	{"table", OPTION_TABLE, true},
	{NULL, OPTION_TEXT, false},
};

/* nnnD, nnnW, nnnM or nnnY (PS3.5 6.2); real files also leave out zeros. */
static json_object *age_get(const struct codec_call *call,
			    const struct port_value *in)
{
	const char *text = port_trimmed(call, &in[0]);
	if (!text)
		return NULL;
	size_t digits = strspn(text, "0123456789");
	const struct table_row *row =
		table_by_dicom(codec_table(call, "table"), text + digits);
	if (!digits || digits > 3 || !row || !row->code) {
		codec_note(call, NOTE_INVALID, "is not an age (AS)");
		return NULL;
	}
	json_object *age = json_new_object();
	json_add(age, "value", json_new_integer(atoi(text)));
	json_add_text(age, "unit", row->display ? row->display : row->code);
	json_add_text(age, "system", codec_text(call, "system"));
	json_add_text(age, "code", row->code);
	return age;
}

/* A whole number from 0 to 999; -1: it is none. */
static int whole_number(const struct codec_call *call, json_object *member)
{
	struct decimal number;
	if (!decimal_of_json(member, call->arena, &number) ||
	    number.has_exponent)
		return -1;
	const char *text = decimal_text(&number, call->arena);
	size_t digits = strspn(text, "0123456789");
	const char *rest = text + digits;
	if (*rest == '.')
		rest += 1 + strspn(rest + 1, "0");
	if (!digits || digits > 3 || *rest)
		return -1;
	if (text[digits])
		codec_note(call, NOTE_LOST, "the zeros behind the point");
	return atoi(text);
}

static int age_put(const struct codec_call *call, json_object *value,
		   struct port_value *io)
{
	const char *system = json_text(value, "system");
	const char *code = json_text(value, "code");
	if (codec_unchanged(call, age_get, io, value))
		return 0;
	int number = whole_number(call, json_member(value, "value"));
	if (number < 0)
		return codec_refuse(call, "is no whole number up to 999");
	if (json_member(value, "comparator"))
		return codec_refuse(call, "only a bound of the age");
	if (!code)
		code = json_text(value, "unit");
	if (system && !same_text(system, codec_text(call, "system")))
		code = NULL;
	const struct table_row *row =
		code ? table_by_code(codec_table(call, "table"), NULL, code)
		     : NULL;
	if (!row)
		return codec_refuse(call, "a unit that the table has not");
	codec_note_rest(call, value, "Quantity", "value unit system code");
	port_set(&io[0],
		 arena_printf(call->arena, "%03d%s", number, row->dicom));
	return 0;
}

const struct codec age_codec = {
	.name = "age",
	.ports = ports,
	.options = options,
	.says = "value unit system code",
	.types = "Quantity SimpleQuantity Age Duration",
	.get = age_get,
	.put = age_put,
};
