#include "codecs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dcm_number.h"
#include "decimal.h"
#include "vr.h"

enum { VALUE, UNIT, SCHEME, MEANING };

static const struct codec_port ports[] = {
	{"value", "DS IS US SS UL SL FL FD", true, false},
	{"unit", "SH LO", false, false},
	{"unit-scheme", "SH", false, false},
	{"unit-meaning", "LO", false, false},
	{NULL, NULL, false, false},
};

/* units: [[code, power, text], ...]: the number in that unit is the attribute's
 * times ten to that power.  get writes the first, with its text: the code where
 * none is given, nothing where it is empty.
 * factors: [[code, factor], ...]: the attribute's number is that in this unit
 * times the factor. */
static const struct codec_option options[] = {
	{"system", OPTION_TEXT, true},
	{"units", OPTION_LIST, false},
	{"factors", OPTION_LIST, false},
	{"positive", OPTION_BOOLEAN, false},
	{"unit-scheme", OPTION_TEXT, false},
	{NULL, OPTION_TEXT, false},
};

static const char *rule_fault(const struct rule *rule)
{
	bool has_units = false;
	for (size_t i = 0; i < rule->option_count; i++)
		has_units = has_units ||
			    strcmp(rule->options[i].name, "units") == 0;
	if (has_units == (rule->ports[UNIT].port != NULL))
		return has_units ? "the unit is that of the port 'unit', or "
				   "one of 'units', but not both"
				 : "codec quantity needs the option 'units' "
				   "under 'with', or the port 'unit'";
	return NULL;
}

/* The prefixes of UCUM, from yocto to yotta. */
enum { POWER_MAX = 24, DS_MAX = 16 };

struct unit {
	const char *code, *text;
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

/* most: how many parts it may have. */
static bool is_unit(json_object *unit, size_t most,
		    bool (*is_number)(json_object *))
{
	size_t count = json_count(unit);
	return json_object_is_type(unit, json_type_array) && count >= 2 &&
	       count <= most && json_string(json_at(unit, 0)) &&
	       is_number(json_at(unit, 1)) &&
	       (count == 2 || json_string(json_at(unit, 2)));
}

static const char *quantity_list_fault(const char *option, json_object *list)
{
	bool by_factor = strcmp(option, "factors") == 0;
	size_t count = json_count(list);
	for (size_t i = 0; i < count; i++) {
		json_object *unit = json_at(list, i);
		if (by_factor ? !is_unit(unit, 2, is_factor)
			      : !is_unit(unit, 3, is_power))
			return by_factor ? "a unit is [code, factor], with a "
					   "factor above zero"
					 : "a unit is [code, power] or [code, "
					   "power, text], with a power of ten "
					   "from -24 to 24";
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
	out->text = json_count(unit) > 2 ? json_string(json_at(unit, 2))
					 : out->code;
	out->power = json_object_get_int(json_at(unit, 1));
	return true;
}

/* The unit of the number: what the dataset says, or the first of the rule. */
static bool unit_of_ports(const struct codec_call *call,
			  const struct port_value *in, struct unit *out)
{
	if (!port_given(call, UNIT))
		return unit_at(call, 0, out);
	*out = (struct unit){.code = port_trimmed(call, &in[UNIT]),
			     .text = port_trimmed(call, &in[MEANING])};
	const char *scheme = port_trimmed(call, &in[SCHEME]);
	const char *own = codec_text(call, "unit-scheme");
	bool is_other = scheme && own && strcmp(scheme, own) != 0;
	if (is_other || !out->code || fhir_text_fault("code", out->code)) {
		codec_note(call, NOTE_INVALID,
			   "the unit is no code of the rule's scheme");
		return false;
	}
	if (!out->text || !port_given(call, MEANING))
		out->text = out->code;
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

static json_object *quantity_get(const struct codec_call *call,
				 const struct port_value *in)
{
	struct unit unit;
	struct decimal number;
	const char *text = port_trimmed(call, &in[VALUE]);
	if (!text || !unit_of_ports(call, in, &unit))
		return NULL;
	const char *fault = decimal_read(text, call->arena, &number)
				    ? sign_fault(call, &number)
				    : "is not a decimal number";
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
	if (*unit.text)
		json_add_text(quantity, "unit", unit.text);
	json_add_text(quantity, "system", codec_text(call, "system"));
	json_add_text(quantity, "code", unit.code);
	return quantity;
}

/* The unit of a Quantity, as a code, or where it has none as its text; NULL: it
 * is of another system. */
static const char *unit_of_quantity(const struct codec_call *call,
				    json_object *value, bool *by_text)
{
	const char *code = json_text(value, "code");
	const char *system = json_text(value, "system");
	if (system && !same_text(system, codec_text(call, "system")))
		return NULL;
	*by_text = !code;
	return code ? code : json_text(value, "unit");
}

static bool is_called(const struct unit *unit, const char *name, bool by_text)
{
	return strcmp(unit->code, name) == 0 ||
	       (by_text && strcmp(unit->text, name) == 0);
}

/* From the number in a unit to that of the attribute.  false: the rule has not
 * this unit. */
static bool convert_from_unit(const struct codec_call *call, const char *code,
			      bool by_text, struct decimal *number)
{
	struct unit unit;
	struct decimal factor;
	json_object *factors = codec_json(call, "factors");
	for (size_t i = 0; unit_at(call, i, &unit); i++)
		if (is_called(&unit, code, by_text)) {
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

/* As a DS; NULL: it has no room for it. */
static const char *rounded_text(const struct codec_call *call,
				struct decimal number)
{
	struct decimal rounded = number;
	const char *text = decimal_text(&number, call->arena);
	if (strlen(text) <= DS_MAX)
		return text;
	if (!decimal_round(&number, DS_MAX, call->arena, &rounded) ||
	    decimal_is_zero(&rounded))
		return NULL;
	codec_note(call, NOTE_LOST,
		   "the number is rounded to the 16 characters of DS");
	return decimal_text(&rounded, call->arena);
}

/* As a number of floating point; NULL: it has no room for it. */
static const char *nearest_text(const struct codec_call *call, const char *vr,
				struct decimal number)
{
	struct decimal nearest;
	const char *text = dcm_number_nearest(
		vr, decimal_text(&number, call->arena), call->arena);
	if (!text || !decimal_read(text, call->arena, &nearest) ||
	    (decimal_is_zero(&nearest) && !decimal_is_zero(&number)))
		return NULL;
	if (!decimal_same(&nearest, &number))
		codec_note(call, NOTE_LOST,
			   "the number is rounded to the digits of its VR");
	return text;
}

/* As a whole number without a point, if it is one. */
static const char *whole_text(const struct codec_call *call,
			      struct decimal number)
{
	const struct decimal one = {.digits = "1", .count = 1, .point = 1};
	number = decimal_times(&number, &one, call->arena);
	return decimal_text(&number, call->arena);
}

/* As the text of the attribute's VR; NULL: there is no legal one. */
static const char *legal_number_text(const struct codec_call *call,
				     struct decimal number)
{
	const char *vr = call->rule->ports[0].path.vr, *text;
	if (dcm_number_is_float(vr))
		return nearest_text(call, vr, number);
	text = strcmp(vr, "DS") == 0 ? rounded_text(call, number)
				     : whole_text(call, number);
	if (!text || (dcm_number_is(vr) ? dcm_number_fault(vr, text)
					: vr_fault(vr, 1, text)))
		return NULL;
	return text;
}

/* The unit goes where the dataset has it; it is a code of the rule's system. */
static int put_unit(const struct codec_call *call, json_object *value,
		    struct port_value *io)
{
	const char *code = json_text(value, "code");
	const char *text = json_text(value, "unit");
	if (!code ||
	    !same_text(json_text(value, "system"), codec_text(call, "system")))
		return codec_refuse(call, "a unit that is no code of the "
					  "rule's system");
	port_set(&io[UNIT], code);
	if (port_given(call, SCHEME))
		port_set(&io[SCHEME], codec_text(call, "unit-scheme"));
	if (port_given(call, MEANING))
		port_set(&io[MEANING], text ? text : code);
	return 0;
}

static int quantity_put(const struct codec_call *call, json_object *value,
			struct port_value *io)
{
	struct unit unit;
	struct decimal number, old;
	bool by_text = false;
	json_object *member = json_member(value, "value");
	if (codec_unchanged(call, quantity_get, io, value))
		return 0;
	if (!decimal_of_json(member, call->arena, &number))
		return codec_refuse(call, "a quantity without a number");
	if (json_member(value, "comparator"))
		return codec_refuse(call, "only a bound of the quantity");
	const char *code = unit_of_quantity(call, value, &by_text);
	bool own_unit = port_given(call, UNIT);
	if (!own_unit &&
	    (!code || !convert_from_unit(call, code, by_text, &number)))
		return codec_refuse(call, "a unit that the rule has not");
	const char *fault = sign_fault(call, &number);
	if (fault)
		return codec_refuse(call, fault);
	const char *text = legal_number_text(call, number);
	if (!text)
		return codec_refuse(call, "the number has no DICOM form");
	if (own_unit && put_unit(call, value, io) < 0)
		return -1;
	if (unit_at(call, 0, &unit) && !is_called(&unit, code, by_text))
		codec_note(call, NOTE_BOOKKEEPING,
			   "the quantity is kept in another unit");
	if (unit_at(call, 0, &unit) && !*unit.text && json_text(value, "unit"))
		codec_note(call, NOTE_BOOKKEEPING,
			   "the unit has no text by the rules");
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
	.says = "value unit system code",
	.departs = 1u << NOTE_BOOKKEEPING, /* another unit */
	.list_fault = quantity_list_fault,
	.rule_fault = rule_fault,
	.get = quantity_get,
	.put = quantity_put,
};
