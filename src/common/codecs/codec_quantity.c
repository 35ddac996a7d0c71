#include "codecs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "decimal.h"
#include "vr.h"

static const struct codec_port ports[] = {
	{"value", "DS IS", true, false},
	{NULL, NULL, false, false},
};

/* units: [[code, power], ...]: the number in that unit is the attribute's
 * times ten to that power.  get writes the first.
 * factors: [[code, factor], ...]: the attribute's number is that in this unit
 * times the factor. */
static const struct codec_option options[] = {
	{"system", OPTION_TEXT, true},	 {"units", OPTION_LIST, true},
	{"factors", OPTION_LIST, false}, {"positive", OPTION_BOOLEAN, false},
	{NULL, OPTION_TEXT, false},
};

/* The prefixes of UCUM, from yocto to yotta. */
enum { POWER_MAX = 24, DS_MAX = 16 };

struct unit {
	const char *code;
	int power;
};

static bool is_power(json_object *power)
{
	return json_object_is_type(power, json_type_int) &&
	       abs(json_object_get_int(power)) <= POWER_MAX;
}

static bool is_factor(json_object *number)
{
	struct arena *arena = arena_new();
	struct decimal factor;
	bool is = decimal_of_json(number, arena, &factor) && !factor.negative &&
		  !decimal_is_zero(&factor);
	arena_free(arena);
	return is;
}

static bool is_unit(json_object *unit, bool (*is_number)(json_object *))
{
	return json_object_is_type(unit, json_type_array) &&
	       json_count(unit) == 2 && json_string(json_at(unit, 0)) &&
	       is_number(json_at(unit, 1));
}

static const char *list_fault(const char *option, json_object *list)
{
	bool by_factor = strcmp(option, "factors") == 0;
	size_t count = json_count(list);
	for (size_t i = 0; i < count; i++) {
		json_object *unit = json_at(list, i);
		if (!is_unit(unit, by_factor ? is_factor : is_power))
			return by_factor ? "a unit is [code, factor], with a "
					   "factor above zero"
					 : "a unit is [code, power], with a "
					   "power of ten from -24 to 24";
		for (size_t k = 0; k < i; k++)
			if (json_object_equal(json_at(unit, 0),
					      json_at(json_at(list, k), 0)))
				return "a unit is here twice";
	}
	return count ? NULL : "no unit is here";
}

static bool unit_at(const struct codec_call *call, size_t index,
		    struct unit *out)
{
	json_object *units = codec_json(call, "units");
	if (index >= json_count(units))
		return false;
	json_object *unit = json_at(units, index);
	out->code = json_string(json_at(unit, 0));
	out->power = json_object_get_int(json_at(unit, 1));
	return true;
}

/* A number with its digits kept. */
static json_object *json_number(const char *text)
{
	errno = 0;
	if (!strpbrk(text, ".E")) {
		long long whole = strtoll(text, NULL, 10);
		if (!errno)
			return json_new_integer(whole);
	}
	return json_new_number(strtod(text, NULL), text);
}

static const char *sign_fault(const struct codec_call *call,
			      const struct decimal *number)
{
	return codec_flag(call, "positive") &&
			       (number->negative || decimal_is_zero(number))
		       ? "is not more than zero"
		       : NULL;
}

static json_object *get(const struct codec_call *call,
			const struct port_value *in)
{
	struct unit unit;
	struct decimal number;
	const char *text = port_trimmed(call, &in[0]);
	if (!text || !unit_at(call, 0, &unit))
		return NULL;
	const char *fault = decimal_read(text, call->arena, &number)
				    ? sign_fault(call, &number)
				    : "is not a decimal number (DS)";
	if (fault) {
		codec_note(call, NOTE_INVALID, fault);
		return NULL;
	}
	number = decimal_shift(number, unit.power);
	text = decimal_text(&number, call->arena);
	if (!decimal_read(text, call->arena, &number)) {
		codec_note(call, NOTE_INVALID, "is beyond all measure");
		return NULL;
	}
	json_object *quantity = json_new_object();
	json_add(quantity, "value", json_number(text));
	json_add_text(quantity, "unit", unit.code);
	json_add_text(quantity, "system", codec_text(call, "system"));
	json_add_text(quantity, "code", unit.code);
	return quantity;
}

/* The unit of a Quantity, as a code; NULL: it is of another system. */
static const char *unit_of(const struct codec_call *call, json_object *value)
{
	const char *code = json_text(value, "code");
	const char *system = json_text(value, "system");
	if (system && !same_text(system, codec_text(call, "system")))
		return NULL;
	if (!code)
		code = json_text(value, "unit");
	return code;
}

/* From the number in a unit to that of the attribute.  false: the rule has not
 * this unit. */
static bool convert(const struct codec_call *call, const char *code,
		    struct decimal *number)
{
	struct unit unit;
	struct decimal factor;
	json_object *factors = codec_json(call, "factors");
	for (size_t i = 0; unit_at(call, i, &unit); i++)
		if (strcmp(unit.code, code) == 0) {
			*number = decimal_shift(*number, -unit.power);
			return true;
		}
	for (size_t i = 0; i < json_count(factors); i++) {
		json_object *one = json_at(factors, i);
		if (strcmp(json_string(json_at(one, 0)), code) != 0 ||
		    !decimal_of_json(json_at(one, 1), call->arena, &factor))
			continue;
		*number = decimal_times(number, &factor, call->arena);
		return true;
	}
	return false;
}

/* As the text of a DS or IS; NULL: there is no legal one. */
static const char *legal_text(const struct codec_call *call,
			      struct decimal number)
{
	struct decimal rounded = number;
	const char *vr = call->rule->ports[0].path.vr;
	bool is_long = strcmp(vr, "DS") == 0 &&
		       strlen(decimal_text(&number, call->arena)) > DS_MAX;
	if (is_long &&
	    (!decimal_round(&number, DS_MAX, call->arena, &rounded) ||
	     decimal_is_zero(&rounded)))
		return NULL;
	const char *text = decimal_text(&rounded, call->arena);
	if (vr_fault(vr, 1, text))
		return NULL;
	if (is_long)
		codec_note(call, NOTE_LOST,
			   "the number is rounded to the 16 characters of DS");
	return text;
}

static int put(const struct codec_call *call, json_object *value,
	       struct port_value *io)
{
	struct unit unit;
	struct decimal number, old;
	json_object *member = json_member(value, "value");
	if (codec_unchanged(call, get, io, value))
		return 0;
	if (!decimal_of_json(member, call->arena, &number))
		return codec_refuse(call, "a quantity without a number");
	if (json_member(value, "comparator"))
		return codec_refuse(call, "only a bound of the quantity");
	const char *code = unit_of(call, value);
	if (!code || !convert(call, code, &number))
		return codec_refuse(call, "a unit that the rule has not");
	const char *fault = sign_fault(call, &number);
	if (fault)
		return codec_refuse(call, fault);
	const char *text = legal_text(call, number);
	if (!text)
		return codec_refuse(call, "the number has no DICOM form");
	if (unit_at(call, 0, &unit) && strcmp(unit.code, code) != 0)
		codec_note(call, NOTE_BOOKKEEPING,
			   "the quantity is kept in another unit");
	codec_note_rest(call, value, "Quantity", "value unit system code");
	/* 80 and 80.0 are one number, and the dataset's digits stay. */
	const char *was = port_trimmed(call, &io[0]);
	if (!was || !decimal_read(was, call->arena, &old) ||
	    !decimal_same(&old, &number))
		port_set(&io[0], text);
	return 0;
}

const struct codec quantity_codec = {
	.name = "quantity",
	.ports = ports,
	.options = options,
	.types = "Quantity SimpleQuantity Age Duration Distance",
	.departs = 1u << NOTE_BOOKKEEPING, /* another unit */
	.list_fault = list_fault,
	.get = get,
	.put = put,
};
