/*
 * Does what came back say what was sent?  Member by member, number by digit.
 * What means the same in other words is told apart here, and nowhere else:
 *
 *   a display, or the name of a unit, is the table's: the code decides
 *   two codes of one table that stand for one term, the older and the newer
 *   a text that is a term of the table, and the code of that term
 *   what is left out of a code that the table has, and is filled in
 *   Z and +00:00; the same instant by the clock of the dataset
 *   the prefix of a URN in capitals, or left out where a UID stands
 *   where a note tells it: without a use, a period, a rank or a text
 *   what equals what the dataset said before: another clock, more zeros
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "utf8.h"
#include <strings.h>

#include "codecs.h"
#include "decimal.h"
#include "laws.h"
#include "moment.h"

struct same {
	const struct trial *trial;
	struct arena *arena;
	bool in_type; /* of an identifier, whose code is the rule's */
	json_object *had, *before;
	bool by_value; /* numbers, not digit by digit */
	bool is_noted; /* that FHIR's own bookkeeping is not carried */
};

static bool is_same_json(const struct same *same, const char *name,
			 json_object *sent, json_object *got);

/* ---- numbers and times ---- */

static bool same_json_number(const struct same *same, json_object *sent,
			     json_object *got)
{
	struct decimal a, b;
	if (!decimal_of_json(sent, same->arena, &a) ||
	    !decimal_of_json(got, same->arena, &b))
		return false;
	if (same->by_value)
		return decimal_same(&a, &b);
	return strcmp(decimal_text(&a, same->arena),
		      decimal_text(&b, same->arena)) == 0;
}

/* -00:00 has a meaning in RFC 3339, but none in FHIR. */
static const char *with_zone_in_digits(const struct same *same,
				       const char *text)
{
	size_t length = strlen(text);
	if (length > 11 && text[10] == 'T' && text[length - 1] == 'Z')
		return arena_printf(same->arena, "%.*s+00:00", (int)length - 1,
				    text);
	if (length > 16 && strcmp(text + length - 6, "-00:00") == 0)
		return arena_printf(same->arena, "%.*s+00:00", (int)length - 6,
				    text);
	return text;
}

/* ---- what tables say ---- */

static const struct table_row *row_of_code(const struct same *same,
					   const char *code)
{
	const struct table_list *tables = &same->trial->own->tables;
	const struct table_row *row = NULL;
	for (size_t i = 0; i < tables->count && !row; i++)
		row = table_by_code(tables->at[i], NULL, code);
	return row;
}

static bool stand_for_one_term(const struct same *same, const char *sent,
			       const char *got)
{
	const struct table_row *a = row_of_code(same, sent);
	const struct table_row *b = row_of_code(same, got);
	return a && b && strcmp(a->dicom, b->dicom) == 0;
}

/* Is it a term of a table whose code is among the codes of got? */
static bool is_term_of(const struct same *same, const char *text,
		       json_object *got)
{
	const struct table_list *tables = &same->trial->own->tables;
	const struct table_row *row = NULL;
	for (size_t i = 0; i < tables->count && !row; i++)
		row = table_by_dicom(tables->at[i], text);
	return row && row->code && strstr(law_text(got), row->code);
}

static bool is_prefixed(const struct same *same, const char *sent,
			const char *got)
{
	const struct word_list *systems = &same->trial->own->systems;
	for (size_t i = 0; i < systems->count; i++) {
		const char *system = systems->at[i];
		size_t length = strlen(system);
		/* bare, where a URN of that prefix is due */
		if (strcmp(system, "urn:oid:") == 0 && isdigit(sent[0]) &&
		    strncmp(got, system, length) == 0 &&
		    strcmp(sent, got + length) == 0)
			return true;
		if (strncasecmp(sent, system, length) == 0 &&
		    strncmp(got, system, length) == 0 &&
		    (strcmp(sent + length, got + length) == 0 ||
		     (strstr(system, "uuid:") &&
		      strcasecmp(sent + length, got + length) == 0)))
			return true;
	}
	return false;
}

static bool same_text_of(const struct same *same, const char *name,
			 const char *sent, const char *got)
{
	const struct words *own = same->trial->own;
	if (strcmp(sent, got) == 0)
		return true;
	if (strcmp(name, "display") == 0)
		return words_have(&own->displays, got);
	if (strcmp(name, "unit") == 0)
		return words_have(&own->codes, got);
	if (strcmp(name, "code") == 0)
		return stand_for_one_term(same, sent, got);
	if (strcmp(name, "system") == 0 || !*name)
		if (is_prefixed(same, sent, got) ||
		    stand_for_one_term(same, sent, got))
			return true;
	return strcmp(with_zone_in_digits(same, sent),
		      with_zone_in_digits(same, got)) == 0;
}

/* ---- objects ---- */

/* A coding that only has a display is a text. */
static bool is_text_only(json_object *codings, json_object *got)
{
	json_object *first = json_object_is_type(codings, json_type_array) &&
					     json_count(codings) == 1
				     ? json_at(codings, 0)
				     : NULL;
	const char *text = json_text(got, "text");
	const char *display = json_text(first, "display");
	return text && display && json_member_count(first) == 1 &&
	       strcmp(text, display) == 0;
}

/* The first group of a name is the alphabetic one: that need not be said. */
static bool is_first_group(const struct same *same, json_object *extensions)
{
	const struct rule *rule = same->trial->rule;
	json_object *first =
		json_count(extensions) == 1 ? json_at(extensions, 0) : NULL;
	size_t said = 0;
	for (size_t i = 0; first && i < rule->option_count; i++) {
		const char *name = rule->options[i].name;
		const char *value = json_string(rule->options[i].value);
		if (strcmp(name, "alphabetic") == 0)
			said += same_text(value, json_text(first, "valueCode"));
		if (strcmp(name, "representation") == 0)
			said += same_text(value, json_text(first, "url"));
	}
	return said == 2 && json_member_count(first) == 2;
}

/* May a member of what was sent be missing, because the rest says it? */
static bool goes_without_saying(const struct same *same, const char *name,
				json_object *of, json_object *got)
{
	json_object *sent = json_member(of, name);
	const char *text = json_string(sent);
	if (strcmp(name, "coding") == 0)
		return is_text_only(sent, got);
	if (strcmp(name, "extension") == 0)
		return is_first_group(same, sent);
	if (!text)
		return false;
	if (same->in_type && strcmp(name, "display") == 0)
		return true;
	/* A text that is its coding's display says no more than that. */
	if (strcmp(name, "text") == 0 &&
	    strstr(law_text(json_member(of, "coding")), law_text(sent)))
		return true;
	if (strcmp(name, "text") == 0)
		return is_term_of(same, text, got) ||
		       strstr(law_text(got), law_text(sent));
	return strcmp(name, "display") == 0 && is_term_of(same, text, got);
}

/* May a member be filled in?  Only by what the rule itself says. */
static bool may_be_added(const struct same *same, json_object *value)
{
	const struct words *own = same->trial->own;
	const char *text = json_string(value);
	if (json_object_is_type(value, json_type_array)) {
		for (size_t i = 0; i < json_count(value); i++)
			if (!may_be_added(same, json_at(value, i)))
				return false;
		return true;
	}
	if (json_object_is_type(value, json_type_object)) {
		json_foreach (value, name, member) {
			(void)name;
			if (!may_be_added(same, member))
				return false;
		}
		return true;
	}
	return text && (words_have(&own->codes, text) ||
			words_have(&own->terms, text) ||
			words_have(&own->systems, text) ||
			words_have(&own->displays, text));
}

/* Where FHIR leaves out the display, the dataset's meaning of the same code
 * stays. */
static bool is_old_display(const struct same *same, const char *name,
			   json_object *display, json_object *got)
{
	json_object *code = json_member(got, "code");
	if (strcmp(name, "display") != 0 || !code)
		return false;
	for (size_t i = 0; i < json_count(same->before); i++) {
		const char *one = law_text(json_at(same->before, i));
		if (strstr(one, law_text(display)) &&
		    strstr(one, law_text(code)))
			return true;
	}
	return false;
}

/* Code Meaning is Type 1 (PS3.3 Table 8.8-1): where FHIR leaves out the display
 * the code stands there, as much of it as LO has room for. */
static bool is_code_as_display(const char *name, json_object *display,
			       json_object *got)
{
	enum { LO_MAX = 64 };
	const char *code = json_text(got, "code"), *text = json_string(display);
	if (strcmp(name, "display") != 0 || !code || !text)
		return false;
	size_t length = utf8_first(code, LO_MAX);
	while (length && code[length - 1] == ' ')
		length--;
	return strlen(text) == length && strncmp(code, text, length) == 0;
}

/* Codes of two systems for one term of a table. */
static bool is_system_of_term(const struct same *same, const char *name,
			      json_object *sent, json_object *got)
{
	const char *a = json_text(sent, "code"), *b = json_text(got, "code");
	return strcmp(name, "system") == 0 && a && b &&
	       stand_for_one_term(same, a, b);
}

static bool is_one_of(const char *name, const char *const *names)
{
	for (; *names; names++)
		if (strcmp(name + (name[0] == '_'), *names) == 0)
			return true;
	return false;
}

/* What FHIR alone needs to know: of a Reference that says what it leads to, how
 * that is found. */
static bool is_bookkeeping(const char *name, json_object *sent)
{
	static const char *const names[] = {"use", "period", "rank", "text",
					    NULL};
	static const char *const finding[] = {"reference", "type", "identifier",
					      NULL};
	bool is_reference = json_member(sent, "display") &&
			    !json_member(sent, "value") &&
			    !json_member(sent, "code");
	return is_one_of(name, names) ||
	       (is_reference && is_one_of(name, finding));
}

static bool same_objects(const struct same *same, json_object *sent,
			 json_object *got)
{
	json_foreach (sent, name, value) {
		if (is_system_of_term(same, name, sent, got))
			continue;
		json_object *other = json_member(got, name);
		struct same inner = *same;
		inner.in_type = same->in_type || strcmp(name, "type") == 0;
		if (other ? !is_same_json(&inner, name, value, other)
			  : !goes_without_saying(same, name, sent, got) &&
				    !(same->is_noted &&
				      is_bookkeeping(name, sent)))
			return false;
	}
	json_foreach (got, key, more) {
		bool is_text = strcmp(key, "text") == 0 &&
			       is_text_only(json_member(sent, "coding"), got);
		if (!json_member(sent, key) && !is_text &&
		    !is_old_display(same, key, more, got) &&
		    !is_code_as_display(key, more, got) &&
		    !may_be_added(same, more))
			return false;
	}
	return true;
}

static bool same_arrays(const struct same *same, const char *name,
			json_object *sent, json_object *got)
{
	size_t count = json_count(sent);
	if (json_count(got) != count)
		return false;
	for (size_t i = 0; i < count; i++)
		if (!is_same_json(same, name, json_at(sent, i),
				  json_at(got, i)))
			return false;
	return true;
}

static bool is_json_numeric(json_object *value)
{
	return json_object_is_type(value, json_type_int) ||
	       json_object_is_type(value, json_type_double);
}

static bool is_same_json(const struct same *same, const char *name,
			 json_object *sent, json_object *got)
{
	if (is_json_numeric(sent) && is_json_numeric(got))
		return same_json_number(same, sent, got);
	if (!sent || !got ||
	    json_object_get_type(sent) != json_object_get_type(got))
		return sent == got;
	if (json_object_is_type(sent, json_type_object))
		return same_objects(same, sent, got);
	if (json_object_is_type(sent, json_type_array))
		return same_arrays(same, name, sent, got);
	if (json_object_is_type(sent, json_type_string))
		return same_text_of(same, name, json_object_get_string(sent),
				    json_object_get_string(got));
	return json_object_equal(sent, got);
}

/* ---- what the dataset said before ---- */

static bool is_same_moment(json_object *a, json_object *b)
{
	struct moment x, y;
	const char *s = json_string(a), *t = json_string(b);
	return s && t && moment_read_fhir(s, &x) && moment_read_fhir(t, &y) &&
	       moment_same_instant(&x, &y);
}

/* Who names the day takes nothing away from the time. */
static bool is_day_of_moment(json_object *a, json_object *b)
{
	const char *s = json_string(a), *t = json_string(b);
	return s && t && strlen(s) == 10 && strlen(t) > 10 && t[10] == 'T' &&
	       strncmp(s, t, 10) == 0;
}

/* The order of names has no meaning. */
static bool same_name_lists(const struct same *same, json_object *sent,
			    json_object *got)
{
	size_t count = json_count(sent);
	json_object *left = json_copy(got);
	for (size_t i = 0; i < count; i++) {
		size_t k = 0, of_left = json_count(left);
		while (k < of_left && !is_same_json(same, "", json_at(sent, i),
						    json_at(left, k)))
			k++;
		if (k < of_left)
			json_object_array_del_idx(left, k, 1);
	}
	bool all = !json_count(left) && json_count(got) == count;
	json_object_put(left);
	return all;
}

/* Only a decimal string has zeros at its end. */
static bool keeps_digits(const struct rule *rule)
{
	return strcmp(rule->ports[0].path.vr, "DS") == 0;
}

bool says_the_same(const struct bench *bench, const struct trial *trial,
		   json_object *sent, json_object *got, json_object *had)
{
	struct same same = {.trial = trial,
			    .arena = arena_new(),
			    .had = had,
			    .before = bench->before,
			    .by_value = !keeps_digits(trial->rule),
			    .is_noted = bench->notes[NOTE_BOOKKEEPING]};
	bool result = json_object_is_type(sent, json_type_array)
			      ? same_name_lists(&same, sent, got)
			      : is_same_json(&same, "", sent, got) ||
					is_same_moment(sent, got);
	/* What put takes for no change leaves what was there: an equal number,
	 * however many zeros it has, too. */
	same.by_value = true;
	if (!result && had && strcmp(law_text(got), law_text(had)) == 0)
		result = is_same_json(&same, "", sent, got) ||
			 is_same_moment(sent, had) ||
			 is_day_of_moment(sent, had);
	arena_free(same.arena);
	return result;
}
