/*
 * PN and HumanName.  Each component group is a name of its own with the
 * standard representation extension, and the middle component a given name
 * with the standard qualifier, so that the way back is exact.  A component is
 * one element even if it holds several names: where to cut is not known.
 */
#include "codecs.h"

#include <stdint.h>
#include <string.h>

#include "arena.h"
#include "vr.h"

enum { FAMILY, GIVEN, MIDDLE, PREFIX, SUFFIX, COMPONENTS };
enum { GROUPS = 3, GROUP_MAX = 64 };

static const struct codec_port ports[] = {
	{"value", "PN LO SH ST UT", true, false},
	{NULL, NULL, false, false},
};

static const struct codec_option options[] = {
	{"representation", OPTION_TEXT, true}, /* url of the extension */
	{"alphabetic", OPTION_TEXT, true},     /* and its three codes */
	{"ideographic", OPTION_TEXT, true},
	{"phonetic", OPTION_TEXT, true},
	{"qualifier", OPTION_TEXT, true}, /* url of the extension */
	{"middle", OPTION_TEXT, true},	  /* and its code */
	{"prefer", OPTION_LIST, false},	  /* uses, the best first */
	{"avoid", OPTION_LIST, false},	  /* uses to take only if alone */
	{NULL, OPTION_TEXT, false},
};

/* In the order of the groups. */
static const char *const group_options[GROUPS] = {"alphabetic", "ideographic",
						  "phonetic"};

/* ---- DICOM -> FHIR ---- */

static json_object *extension_new(const char *url, const char *code)
{
	json_object *extension = json_new_object();
	json_object *list = json_new_array();
	json_add_text(extension, "url", url);
	json_add_text(extension, "valueCode", code);
	json_append(list, extension);
	return list;
}

static void add_element(json_object *name, const char *member, const char *text)
{
	json_object *list = json_member(name, member);
	if (!text)
		return;
	if (!list) {
		list = json_new_array();
		json_add(name, member, list);
	}
	json_append(list, json_new_string(text));
}

static void add_given(const struct codec_call *call, json_object *name,
		      const char *given, const char *middle)
{
	add_element(name, "given", given);
	add_element(name, "given", middle);
	if (!middle)
		return;
	json_object *beside = json_new_array();
	json_object *qualified = json_new_object();
	if (given)
		json_append(beside, NULL);
	json_add(qualified, "extension",
		 extension_new(codec_text(call, "qualifier"),
			       codec_text(call, "middle")));
	json_append(beside, qualified);
	json_add(name, "_given", beside);
}

/* Cut text in place at each separator; true: there are more than count. */
static bool cut(char *text, char separator, char **parts, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		parts[i] = text;
		if (!text)
			continue;
		text = strchr(text, separator);
		if (text)
			*text++ = '\0';
	}
	return text != NULL;
}

struct group {
	const char *parts[COMPONENTS]; /* NULL: empty */
	bool is_empty;
};

static struct group read_group(const struct codec_call *call, char *text)
{
	struct group group = {.is_empty = true};
	char *parts[COMPONENTS];
	if (cut(text, '^', parts, COMPONENTS))
		codec_note(call, NOTE_INVALID, "more than five components");
	for (int i = 0; i < COMPONENTS; i++) {
		struct port_value part = {parts[i] ? VALUE_TEXT : VALUE_ABSENT,
					  parts[i]};
		group.parts[i] = port_trimmed(call, &part);
		group.is_empty = group.is_empty && !group.parts[i];
	}
	return group;
}

/* code: of the representation, or NULL. */
static json_object *group_name(const struct codec_call *call,
			       const struct group *group, const char *code)
{
	json_object *name = json_new_object();
	if (code)
		json_add(name, "extension",
			 extension_new(codec_text(call, "representation"),
				       code));
	json_add_text(name, "family", group->parts[FAMILY]);
	add_given(call, name, group->parts[GIVEN], group->parts[MIDDLE]);
	add_element(name, "prefix", group->parts[PREFIX]);
	add_element(name, "suffix", group->parts[SUFFIX]);
	return name;
}

static json_object *group_names(const struct codec_call *call,
				const struct group groups[GROUPS])
{
	/* Only where there are several kinds need they be told apart. */
	bool several = !groups[1].is_empty || !groups[2].is_empty;
	json_object *names = NULL;
	for (int i = 0; i < GROUPS; i++) {
		if (groups[i].is_empty)
			continue;
		if (!names)
			names = json_new_array();
		json_append(
			names,
			group_name(call, &groups[i],
				   several ? codec_text(call, group_options[i])
					   : NULL));
	}
	return names;
}

static json_object *get(const struct codec_call *call,
			const struct port_value *in)
{
	char *texts[GROUPS];
	struct group groups[GROUPS];
	const char *text = port_trimmed(call, &in[0]);
	if (!text)
		return NULL;
	const char *fault = fhir_text_fault("string", text);
	if (fault) {
		codec_note(call, NOTE_INVALID, fault);
		return NULL;
	}
	if (strchr(text, '\\'))
		codec_note(call, NOTE_INVALID, "more than one name");
	char *copy = arena_strndup(call->arena, text, strcspn(text, "\\"));
	if (cut(copy, '=', texts, GROUPS))
		codec_note(call, NOTE_INVALID, "more than three groups");
	for (int i = 0; i < GROUPS; i++)
		groups[i] = read_group(call, texts[i]);
	return group_names(call, groups);
}

/* ---- FHIR -> DICOM ---- */

/* The code that an extension gives, or NULL. */
static const char *extension_code(json_object *element, const char *url)
{
	json_object *list = json_member(element, "extension");
	if (!url || !json_object_is_type(list, json_type_array))
		return NULL;
	for (size_t i = 0; i < json_count(list); i++) {
		json_object *extension = json_at(list, i);
		const char *code = json_text(extension, "valueCode");
		if (code && same_text(json_text(extension, "url"), url))
			return code;
	}
	return NULL;
}

/* 0..2; -1: none of the three. */
static int group_of(const struct codec_call *call, json_object *name)
{
	const char *code =
		extension_code(name, codec_text(call, "representation"));
	if (!code)
		return 0;
	for (int i = 0; i < GROUPS; i++)
		if (same_text(code, codec_text(call, group_options[i])))
			return i;
	return -1;
}

/* Where a use stands in a list of them; at its end: nowhere. */
static size_t rank_in(json_object *uses, const char *use)
{
	size_t count = json_count(uses);
	size_t i = 0;
	while (i < count &&
	       !(use && same_text(use, json_string(json_at(uses, i)))))
		i++;
	return i;
}

/* The lower the better: the preferred uses, others and none, those to avoid.
 */
static size_t preference(const struct codec_call *call, json_object *name)
{
	json_object *avoid = codec_json(call, "avoid");
	const char *use = json_text(name, "use");
	size_t rank = rank_in(codec_json(call, "prefer"), use);
	bool avoided = json_object_is_type(avoid, json_type_array) &&
		       rank_in(avoid, use) < json_count(avoid);
	return avoided ? SIZE_MAX : rank;
}

/* The name that goes to a group, or NULL. */
static json_object *pick(const struct codec_call *call, json_object *names,
			 int group)
{
	json_object *best = NULL;
	for (size_t i = 0; i < json_count(names); i++) {
		json_object *name = json_at(names, i);
		if (!json_object_is_type(name, json_type_object) ||
		    group_of(call, name) != group)
			continue;
		if (!best || preference(call, name) < preference(call, best))
			best = name;
	}
	return best;
}

struct component {
	char *text; /* of the names that it has, with blanks between */
	size_t length, capacity;
	int count;
};

static void append(const struct codec_call *call, struct component *to,
		   const char *text)
{
	text = codec_trimmed(call, text);
	if (!text)
		return;
	size_t size = strlen(text), need = to->length + size + 2;
	if (need > to->capacity) {
		char *grown = arena_alloc(call->arena, 2 * need);
		if (to->length)
			memcpy(grown, to->text, to->length);
		to->text = grown;
		to->capacity = 2 * need;
	}
	if (to->length)
		to->text[to->length++] = ' ';
	memcpy(to->text + to->length, text, size + 1);
	to->length += size;
	to->count++;
}

static void append_list(const struct codec_call *call, json_object *name,
			const char *member, struct component *to)
{
	json_object *list = json_member(name, member);
	if (!json_object_is_type(list, json_type_array))
		return;
	for (size_t i = 0; i < json_count(list); i++)
		append(call, to, json_string(json_at(list, i)));
}

/* Is this, beside a given name, what says that it is the middle one?  What
 * else is there has no form. */
static bool is_middle(const struct codec_call *call, json_object *beside)
{
	const char *code =
		extension_code(beside, codec_text(call, "qualifier"));
	bool middle = code && same_text(code, codec_text(call, "middle"));
	json_object *list = json_member(beside, "extension");
	if (beside &&
	    (!middle || json_member_count(beside) > 1 || json_count(list) > 1 ||
	     json_member_count(json_at(list, 0)) > 2))
		codec_note(call, NOTE_LOST, "what is beside a given name");
	return middle;
}

static void append_given(const struct codec_call *call, json_object *name,
			 struct component *parts)
{
	json_object *list = json_member(name, "given");
	json_object *beside = json_member(name, "_given");
	for (size_t i = 0; i < json_count(list) || i < json_count(beside);
	     i++) {
		bool middle = is_middle(call, json_at(beside, i));
		const char *text = json_string(json_at(list, i));
		if (middle && !text)
			codec_note(call, NOTE_LOST,
				   "what is beside a given name");
		if (!middle && parts[MIDDLE].count && text)
			codec_note(call, NOTE_LOST,
				   "the order of the given names");
		append(call, &parts[middle ? MIDDLE : GIVEN], text);
	}
}

static bool is_component(const char *text)
{
	return !strpbrk(text, "^=\\") && !vr_fault("PN", 1, text);
}

/* "" if the name is empty, NULL if it does not fit. */
static const char *compose(const struct codec_call *call, json_object *name)
{
	struct component parts[COMPONENTS] = {{0}};
	const char *group = "";
	int carets = 0;
	bool joined = false;
	append(call, &parts[FAMILY], json_text(name, "family"));
	append_given(call, name, parts);
	append_list(call, name, "prefix", &parts[PREFIX]);
	append_list(call, name, "suffix", &parts[SUFFIX]);
	int sum = 0;
	for (int i = 0; i < COMPONENTS; i++)
		sum += parts[i].count;
	if (!sum && json_text(name, "text")) {
		append(call, &parts[FAMILY], json_text(name, "text"));
		codec_note(call, NOTE_LOST,
			   "a name without parts becomes the family name");
	}
	for (int i = 0; i < COMPONENTS; i++, carets++) {
		if (!parts[i].count)
			continue;
		if (!is_component(parts[i].text))
			return NULL;
		joined = joined || parts[i].count > 1;
		group = arena_printf(call->arena, "%s%.*s%s", group, carets,
				     "^^^^", parts[i].text);
		carets = 0;
	}
	if (joined)
		codec_note(call, NOTE_LOST, "parts of a name become one");
	return text_length(group) <= GROUP_MAX ? group : NULL;
}

static void note_lost(const struct codec_call *call, json_object *names,
		      json_object *const used[GROUPS])
{
	bool further = false;
	for (size_t i = 0; i < json_count(names); i++) {
		json_object *name = json_at(names, i);
		if (name != used[0] && name != used[1] && name != used[2])
			further = true;
	}
	if (further)
		codec_note(call, NOTE_LOST, "a further name");
	for (int i = 0; i < GROUPS; i++) {
		if (!used[i])
			continue;
		json_object *list = json_member(used[i], "extension");
		bool ours = extension_code(used[i],
					   codec_text(call, "representation"));
		if (json_count(list) > (ours ? 1u : 0u) ||
		    json_member_count(json_at(list, 0)) > 2)
			codec_note(call, NOTE_LOST, "an extension of a name");
		codec_note_rest(call, used[i], "HumanName",
				"family given _given prefix suffix extension");
	}
}

static int put(const struct codec_call *call, json_object *value,
	       struct port_value *io)
{
	json_object *used[GROUPS];
	const char *text = "";
	int equals = 0;
	if (!json_object_is_type(value, json_type_array))
		return codec_refuse(call, "is not a list of names");
	if (codec_unchanged(call, get, io, value))
		return 0;
	for (int i = 0; i < GROUPS; i++, equals++) {
		used[i] = pick(call, value, i);
		const char *group = used[i] ? compose(call, used[i]) : "";
		if (!group)
			return codec_refuse(call, "the name does not fit");
		if (!*group) {
			if (used[i])
				codec_note(call, NOTE_LOST,
					   "a name without a name in it");
			continue;
		}
		text = arena_printf(call->arena, "%s%.*s%s", text, equals,
				    "==", group);
		equals = 0;
	}
	if (!*text)
		return codec_refuse(call, "a name without a name in it");
	note_lost(call, value, used);
	return port_put(call, io, 0, text);
}

/* Is each component group that the one has also in the other, and the same? */
static bool refines(const struct port_value *fine,
		    const struct port_value *coarse)
{
	const char *a = fine->text ? fine->text : "";
	const char *b = coarse->text ? coarse->text : "";
	for (;;) {
		size_t x = strcspn(a, "="), y = strcspn(b, "=");
		if (y && (x != y || strncmp(a, b, y) != 0))
			return false;
		if (!b[y])
			return true;
		a += x + (a[x] == '=');
		b += y + 1;
	}
}

const struct codec human_name_codec = {
	.name = "human-name",
	.ports = ports,
	.options = options,
	.types = "HumanName",
	.list = true,
	.refines = refines,
	.get = get,
	.put = put,
};
