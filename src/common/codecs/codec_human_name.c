/*
 * PN and HumanName.  Each component group is a name of its own with the
 * standard representation extension, and the middle component a given name
 * with the standard qualifier, so that the way back is exact.  A component is
 * one element even if it holds several names: where to cut is not known.
 */
#include "codecs.h"

#include <string.h>

#include "arena.h"
#include "script.h"
#include "vr.h"
#include "utf8.h"

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
	/* A second given name without a qualifier is the middle one. */
	{"second-is-middle", OPTION_BOOLEAN, false},
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

static void add_name_element(json_object *name, const char *member,
			     const char *text)
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
	add_name_element(name, "given", given);
	add_name_element(name, "given", middle);
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
static bool cut_at_separator(char *text, char separator, char **parts,
			     size_t count)
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

struct name_group {
	const char *parts[COMPONENTS]; /* NULL: empty */
	bool is_empty;
};

static struct name_group read_name_group(const struct codec_call *call,
					 char *text)
{
	struct name_group group = {.is_empty = true};
	char *parts[COMPONENTS];
	if (cut_at_separator(text, '^', parts, COMPONENTS))
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
			       const struct name_group *group, const char *code)
{
	json_object *name = json_new_object();
	if (code)
		json_add(name, "extension",
			 extension_new(codec_text(call, "representation"),
				       code));
	json_add_text(name, "family", group->parts[FAMILY]);
	add_given(call, name, group->parts[GIVEN], group->parts[MIDDLE]);
	add_name_element(name, "prefix", group->parts[PREFIX]);
	add_name_element(name, "suffix", group->parts[SUFFIX]);
	return name;
}

/* The group that a name belongs to by its letters alone (PS3.5 6.2.1.2, H, I,
 * J). */
static int group_of_script(enum script script)
{
	return script == SCRIPT_HAN				  ? 1
	       : script == SCRIPT_KANA || script == SCRIPT_HANGUL ? 2
								  : 0;
}

/* Of the letters of the name itself: a title is often of another script. */
static enum script script_of_group(const struct name_group *group)
{
	enum script all = SCRIPT_NONE;
	for (int i = FAMILY; i <= MIDDLE; i++) {
		enum script one = group->parts[i] ? script_of(group->parts[i])
						  : SCRIPT_NONE;
		all = one > all ? one : all;
	}
	return all;
}

static json_object *group_names(const struct codec_call *call,
				const struct name_group groups[GROUPS])
{
	/* They need be told apart only where there are several kinds, or one
	 * that its letters do not tell. */
	bool several = !groups[1].is_empty || !groups[2].is_empty ||
		       group_of_script(script_of_group(&groups[0])) != 0;
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

/* The first name, cut into its groups; text is not NULL. */
static void read_groups(const struct codec_call *call, const char *text,
			struct name_group groups[GROUPS])
{
	char *texts[GROUPS];
	char *copy = arena_strndup(call->arena, text, strcspn(text, "\\"));
	if (cut_at_separator(copy, '=', texts, GROUPS))
		codec_note(call, NOTE_INVALID, "more than three groups");
	for (int i = 0; i < GROUPS; i++)
		groups[i] = read_name_group(call, texts[i]);
}

static json_object *human_name_get(const struct codec_call *call,
				   const struct port_value *in)
{
	struct name_group groups[GROUPS];
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
	read_groups(call, text, groups);
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

/* What the dataset has: its groups, and how they are written. */
struct before {
	struct name_group groups[GROUPS];
	enum script scripts[GROUPS];
	const char *texts[GROUPS]; /* NULL: empty */
	bool is_absent;		   /* there is no attribute */
};

static struct before read_before(const struct codec_call *call,
				 const struct port_value *port)
{
	struct codec_call quiet = *call;
	struct before before = {.groups = {{.is_empty = true},
					   {.is_empty = true},
					   {.is_empty = true}}};
	const char *text = port_trimmed(call, port);
	char *texts[GROUPS];
	quiet.note = NULL;
	before.is_absent = port->state == VALUE_ABSENT;
	if (!text || call->replaces || strchr(text, '\\'))
		return before;
	read_groups(&quiet, text, before.groups);
	cut_at_separator(arena_strdup(call->arena, text), '=', texts, GROUPS);
	for (int i = 0; i < GROUPS; i++) {
		if (before.groups[i].is_empty)
			continue;
		before.texts[i] = texts[i];
		before.scripts[i] = script_of_group(&before.groups[i]);
	}
	return before;
}

static enum script script_of_text(const char *text)
{
	return text ? script_of(text) : SCRIPT_NONE;
}

/* Of all the letters that a name has. */
static enum script script_of_json(json_object *value)
{
	json_object *list = json_member(value, "given");
	enum script all = script_of_text(json_text(value, "family"));
	for (size_t i = 0; i < json_count(list); i++) {
		enum script one = script_of_text(json_string(json_at(list, i)));
		all = one > all ? one : all;
	}
	return all == SCRIPT_NONE ? script_of_text(json_text(value, "text"))
				  : all;
}

/* 0..2; -1: none of the three.  A name that does not say which it is goes
 * where the dataset has its script, else to where that belongs. */
static int name_group_of(const struct codec_call *call, json_object *name,
			 const struct before *before)
{
	const char *code =
		extension_code(name, codec_text(call, "representation"));
	for (int i = 0; code && i < GROUPS; i++)
		if (same_text(code, codec_text(call, group_options[i])))
			return i;
	if (code)
		return -1;
	enum script script = script_of_json(name);
	for (int i = 0; script && script != SCRIPT_OTHER && i < GROUPS; i++)
		if (before->scripts[i] == script)
			return i;
	return group_of_script(script);
}

/* The name that goes to a group, or NULL: the first. */
static json_object *pick_name(const struct codec_call *call, json_object *names,
			      int group, const struct before *before)
{
	for (size_t i = 0; i < json_count(names); i++) {
		json_object *name = json_at(names, i);
		if (json_object_is_type(name, json_type_object) &&
		    name_group_of(call, name, before) == group)
			return name;
	}
	return NULL;
}

struct component {
	char *text; /* of the names that it has, with blanks between */
	size_t length, capacity;
	int count;
};

static void append_to_component(const struct codec_call *call,
				struct component *to, const char *text)
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
		append_to_component(call, to, json_string(json_at(list, i)));
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

/* after_first: a further given name is the middle one. */
static void append_given(const struct codec_call *call, json_object *name,
			 bool after_first, struct component *parts)
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
		middle = middle || (after_first && parts[GIVEN].count);
		append_to_component(call, &parts[middle ? MIDDLE : GIVEN],
				    text);
	}
}

static bool is_component(const char *text)
{
	return !strpbrk(text, "^=\\") && !vr_fault("PN", 1, text);
}

/* The components of a name, with as few notes as it needs. */
static void gather_components(const struct codec_call *call, json_object *name,
			      const struct name_group *before,
			      struct component parts[COMPONENTS])
{
	bool second =
		!json_member(name, "_given") &&
		(before->parts[MIDDLE] || codec_flag(call, "second-is-middle"));
	append_to_component(call, &parts[FAMILY], json_text(name, "family"));
	append_given(call, name, second, parts);
	append_list(call, name, "prefix", &parts[PREFIX]);
	append_list(call, name, "suffix", &parts[SUFFIX]);
}

/* "" if the name is empty, NULL if it does not fit. */
static const char *compose_group(const struct codec_call *call,
				 json_object *name,
				 const struct name_group *before)
{
	struct component parts[COMPONENTS] = {{0}};
	const char *group = "";
	int carets = 0;
	bool joined = false;
	gather_components(call, name, before, parts);
	int sum = 0;
	for (int i = 0; i < COMPONENTS; i++)
		sum += parts[i].count;
	if (!sum && json_text(name, "text")) {
		append_to_component(call, &parts[FAMILY],
				    json_text(name, "text"));
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
	return utf8_count(group, strlen(group)) <= GROUP_MAX ? group : NULL;
}

/* ---- the same words ---- */

static bool is_alike_component(const struct codec_call *call, const char *a,
			       const char *b)
{
	return text_is_alike(a ? a : "", b ? b : "", call->arena);
}

/* Words with one blank between them. */
static const char *words_of_components(const struct codec_call *call,
				       const char *const *parts, size_t count)
{
	struct component all = {0};
	struct codec_call quiet = *call;
	quiet.note = NULL;
	for (size_t i = 0; i < count; i++) {
		const char *at = parts[i];
		while (at && *(at += strspn(at, " ,"))) {
			size_t length = strcspn(at, " ,");
			append_to_component(
				&quiet, &all,
				arena_strndup(call->arena, at, length));
			at += length;
		}
	}
	return all.count ? all.text : "";
}

/* A name that is a text alone: in either order of given and family names. */
static bool is_text_alike(const struct codec_call *call, const char *text,
			  const struct name_group *before)
{
	const char *const *p = before->parts;
	const char *const first[] = {p[PREFIX], p[GIVEN], p[MIDDLE], p[FAMILY],
				     p[SUFFIX]};
	const char *const last[] = {p[FAMILY], p[PREFIX], p[GIVEN], p[MIDDLE],
				    p[SUFFIX]};
	const char *words = words_of_components(call, &text, 1);
	return is_alike_component(
		       call, words,
		       words_of_components(call, first, COMPONENTS)) ||
	       is_alike_component(call, words,
				  words_of_components(call, last, COMPONENTS));
}

/* Has the dataset the same words in the same order?  Where a middle name is
 * not said to be one, it is as good as a further given name. */
static bool is_name_as_before(const struct codec_call *call, json_object *name,
			      const struct name_group *before)
{
	struct component parts[COMPONENTS] = {{0}};
	struct codec_call quiet = *call;
	quiet.note = NULL;
	if (before->is_empty)
		return false;
	gather_components(&quiet, name, before, parts);
	int sum = 0;
	for (int i = 0; i < COMPONENTS; i++)
		sum += parts[i].count;
	if (!sum)
		return json_text(name, "text") &&
		       is_text_alike(call, json_text(name, "text"), before);
	for (int i = 0; i < COMPONENTS; i++)
		if (i != GIVEN && i != MIDDLE &&
		    !is_alike_component(call, parts[i].text, before->parts[i]))
			return false;
	if (json_member(name, "_given"))
		return is_alike_component(call, parts[GIVEN].text,
					  before->parts[GIVEN]) &&
		       is_alike_component(call, parts[MIDDLE].text,
					  before->parts[MIDDLE]);
	const char *const given[] = {parts[GIVEN].text, parts[MIDDLE].text};
	return is_alike_component(
		call, words_of_components(call, given, 2),
		words_of_components(call, &before->parts[GIVEN], 2));
}

static void note_lost_of_names(const struct codec_call *call,
			       json_object *names,
			       json_object *const used[GROUPS])
{
	bool further = false;
	for (size_t i = 0; i < json_count(names); i++) {
		json_object *name = json_at(names, i);
		if (name != used[0] && name != used[1] && name != used[2])
			further = true;
	}
	if (further)
		codec_note(call, NOTE_BOOKKEEPING,
			   "a further name of the same group");
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

/* The group as it will be; NULL: it does not fit.  *changed: it is another. */
static const char *group_text(const struct codec_call *call, json_object *name,
			      const struct before *before, int i, bool *changed)
{
	const char *old = before->texts[i] ? before->texts[i] : "";
	if (!name || is_name_as_before(call, name, &before->groups[i]))
		return old;
	const char *group = compose_group(call, name, &before->groups[i]);
	if (group && !*group) {
		codec_note(call, NOTE_LOST, "a name without a name in it");
		return old;
	}
	*changed = true;
	/* Sets other than Unicode have composed letters alone. */
	const char *composed = group && !before->is_absent
				       ? text_composed(group, call->arena)
				       : group;
	if (!same_text(composed, group))
		codec_note(call, NOTE_BOOKKEEPING,
			   "letters are composed, as Unicode has them");
	return composed;
}

static int human_name_put(const struct codec_call *call, json_object *value,
			  struct port_value *io)
{
	json_object *used[GROUPS];
	const char *text = "";
	int equals = 0;
	bool changed = false, stays = false, given = false;
	if (!json_object_is_type(value, json_type_array))
		return codec_refuse(call, "is not a list of names");
	if (codec_unchanged(call, human_name_get, io, value))
		return 0;
	struct before before = read_before(call, &io[0]);
	for (int i = 0; i < GROUPS; i++, equals++) {
		used[i] = pick_name(call, value, i, &before);
		if (used[i] && i &&
		    !extension_code(used[i],
				    codec_text(call, "representation")))
			codec_note(call, NOTE_BOOKKEEPING,
				   "the letters of a name tell its group");
		const char *group =
			group_text(call, used[i], &before, i, &changed);
		if (!group)
			return codec_refuse(call, "the name does not fit");
		stays = stays || (!used[i] && *group);
		given = given || (used[i] && *group);
		if (!*group)
			continue;
		text = arena_printf(call->arena, "%s%.*s%s", text, equals,
				    "==", group);
		equals = 0;
	}
	if (!given)
		return codec_refuse(call, "a name without a name in it");
	if (changed && stays)
		codec_note(call, NOTE_KEPT,
			   "the groups of the name that FHIR does not give "
			   "stay");
	note_lost_of_names(call, value, used);
	return changed ? port_put(call, io, 0, text) : 0;
}

/* Is each component group that the one has also in the other, and the same? */
static bool human_name_refines(const struct port_value *fine,
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
	.departs = 1u << NOTE_KEPT | 1u << NOTE_BOOKKEEPING,
	.list = true,
	.refines = human_name_refines,
	.get = human_name_get,
	.put = human_name_put,
};
