/* The text of an instance, into a tree. */
#include "dcm_json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* About what a token takes in the tree. */
enum { COST = 96 };

static enum json_token next_within_limit(struct dcm_json_tree *tree)
{
	enum json_token token = json_next(tree->pull);

	tree->cost += COST + tree->pull->text_length;
	if (tree->limit && tree->cost > tree->limit)
		return json_reject(tree->pull, DCM_JSON_TOO_LARGE);
	return token;
}

static const char *tree_text_of(struct dcm_json_tree *tree)
{
	size_t size = tree->pull->text_length + 1; /* a NUL may be in it */

	return memcpy(arena_alloc(tree->arena, size),
		      json_token_text(tree->pull), size);
}

/* ---- where ---- */

static void enter_member(struct dcm_json_tree *tree, const char *name)
{
	tree->places[tree->depth++] = (struct dcm_json_place){name, 0};
}

/* Of the member at hand. */
static void enter_value(struct dcm_json_tree *tree, size_t number)
{
	tree->places[tree->depth - 1].number = number;
}

static void leave_member(struct dcm_json_tree *tree)
{
	tree->depth--;
}

void dcm_json_path(const struct dcm_json_tree *tree, char path[DCM_JSON_PATH])
{
	enum { INDEX = 24 }; /* and what tells that there is more */
	size_t length = 0;

	*path = '\0';
	for (size_t i = 0; i < tree->depth; i++) {
		const struct dcm_json_place *place = &tree->places[i];

		if (length + strlen(place->name) + INDEX > DCM_JSON_PATH) {
			strcpy(path + length, "...");
			return;
		}
		length += (size_t)sprintf(path + length, "%s%s", i ? "." : "",
					  place->name);
		if (place->number)
			length += (size_t)sprintf(path + length, "[%zu]",
						  place->number - 1);
	}
}

static void refuse_attribute(struct dcm_json_tree *tree, const char *fault)
{
	if (tree->fault)
		return;
	tree->fault = fault;
	dcm_json_path(tree, tree->where);
}

/* ---- names ---- */

static bool tag_of_digits(const char *name, struct dcm_tag *tag)
{
	unsigned long number;

	if (strlen(name) != 8 || strspn(name, "0123456789abcdefABCDEF") != 8)
		return false;
	number = strtoul(name, NULL, 16);
	*tag = (struct dcm_tag){(uint16_t)(number >> 16),
				(uint16_t)(number & 0xffff), NULL};
	return true;
}

static bool tag_of_keyword(struct dcm_json_tree *tree, const char *name,
			   struct dcm_tag *tag)
{
	struct dcm_entry entry;

	if (*name < 'A' || *name > 'Z' ||
	    !dcm_entry_find(name, tree->arena, &entry) || entry.tag.creator)
		return false;
	*tag = entry.tag;
	return true;
}

/* Command sets, file meta information, delimiters, padding and group lengths
 * are no part of the dataset, and pixels are not read. */
static bool is_outside_dataset(const struct dcm_tag *tag)
{
	return tag->group <= 2 || tag->group == 0x7fe0 ||
	       tag->group >= 0xfffc || !tag->element;
}

/* ---- values ---- */

static bool read_json_item(struct dcm_json_tree *tree,
			   struct dcm_json_item *out,
			   struct dcm_json_value *value);

static bool read_attribute_value(struct dcm_json_tree *tree,
				 enum json_token token,
				 struct dcm_json_value *out)
{
	switch (token) {
	case JSON_STRING:
	case JSON_NUMBER:
		out->kind = token == JSON_NUMBER  ? DCM_JSON_NUMBER
			    : tree->pull->is_half ? DCM_JSON_HALF
						  : DCM_JSON_TEXT;
		out->text = tree_text_of(tree);
		out->length = tree->pull->text_length;
		return true;
	case JSON_TRUE:
	case JSON_FALSE:
		out->kind = DCM_JSON_TRUTH;
		return true;
	case JSON_OBJECT:
		out->kind = DCM_JSON_OBJECT;
		out->item = arena_alloc(tree->arena, sizeof(*out->item));
		return read_json_item(tree, out->item, out);
	case JSON_ARRAY:
		out->kind = DCM_JSON_LIST;
		return json_skip_rest(tree->pull, token);
	default:
		return token == JSON_NULL;
	}
}

/* An array of values, or one value alone. */
static bool read_values(struct dcm_json_tree *tree,
			struct dcm_json_attribute *attribute)
{
	struct dcm_json_value **end = &attribute->values;
	enum json_token token = next_within_limit(tree);
	bool is_array = token == JSON_ARRAY;

	if (is_array) {
		enter_value(tree, 1);
		token = next_within_limit(tree);
	}
	while (token != JSON_ARRAY_END) {
		*end = arena_alloc(tree->arena, sizeof(**end));
		if (!read_attribute_value(tree, token, *end))
			return false;
		attribute->count++;
		if (!is_array)
			break;
		end = &(*end)->next;
		enter_value(tree, attribute->count + 1);
		token = next_within_limit(tree);
	}
	enter_value(tree, 0);
	/* {} alone is empty; in an array it may be an empty item */
	if (!is_array && dcm_json_is_empty(attribute->values))
		attribute->count = 0;
	return true;
}

/* A text, as a member of an attribute or a name. */
static bool read_text(struct dcm_json_tree *tree, const char **out,
		      bool *is_other)
{
	enum json_token token = next_within_limit(tree);

	*out = NULL;
	if (token == JSON_STRING && !tree->pull->is_half &&
	    !memchr(json_token_text(tree->pull), '\0',
		    tree->pull->text_length)) {
		*out = tree_text_of(tree);
		return true;
	}
	*is_other |= token != JSON_NULL;
	return json_skip_rest(tree->pull, token);
}

/* ---- attributes ---- */

static struct dcm_json_attribute *add_attribute(struct dcm_json_tree *tree,
						const struct dcm_tag *tag,
						struct dcm_json_item *to)
{
	struct dcm_json_attribute *new = arena_alloc(tree->arena, sizeof(*new));

	new->tag = *tag;
	new->order = to->count++;
	new->next = to->attributes;
	to->attributes = new;
	return new;
}

static bool read_vr(struct dcm_json_tree *tree,
		    struct dcm_json_attribute *attribute)
{
	bool is_other = false;
	const char *vr;

	if (!read_text(tree, &vr, &is_other))
		return false;
	if (vr && strlen(vr) == 2 &&
	    (!*attribute->vr || strcmp(attribute->vr, vr) == 0))
		memcpy(attribute->vr, vr, 2);
	else
		attribute->wrong_vr |= is_other || (vr && *vr);
	return true;
}

/* Of the same member twice each is an attribute: one that is there twice.  Some
 * write the members in other letters. */
static bool read_attribute_member(struct dcm_json_tree *tree, const char *name,
				  struct dcm_json_item *to,
				  struct dcm_json_attribute **attribute)
{
	struct dcm_json_attribute *this = *attribute;
	bool is_other = false;

	if (strcasecmp(name, "vr") == 0)
		return read_vr(tree, this);
	if (strcasecmp(name, "Value") == 0) {
		if (this->values)
			this = *attribute = add_attribute(tree, &this->tag, to);
		return read_values(tree, this);
	}
	if (strcasecmp(name, "BulkDataURI") == 0)
		return read_text(tree, &this->uri, &is_other);
	if (strcasecmp(name, "InlineBinary") != 0)
		return json_skip(tree->pull);
	if (this->inline_binary)
		this = *attribute = add_attribute(tree, &this->tag, to);
	if (!read_text(tree, &this->inline_binary, &is_other))
		return false;
	if (is_other)
		this->inline_binary = "?"; /* which is no base 64 */
	return true;
}

/* A VR is that of all values that the object has. */
static void spread_vr(struct dcm_json_attribute *from,
		      const struct dcm_json_attribute *last)
{
	char vr[3] = "";

	for (struct dcm_json_attribute *at = from; at; at = at->next) {
		if (*at->vr)
			memcpy(vr, at->vr, sizeof(vr));
		if (at == last)
			break;
	}
	for (struct dcm_json_attribute *at = from; at; at = at->next) {
		memcpy(at->vr, vr, sizeof(vr));
		if (at == last)
			break;
	}
}

static bool read_attribute(struct dcm_json_tree *tree,
			   const struct dcm_tag *tag, struct dcm_json_item *to)
{
	struct dcm_json_attribute *first = add_attribute(tree, tag, to);
	struct dcm_json_attribute *at = first;
	struct dcm_entry entry;
	enum json_token token;

	tree->is_dataset |= dcm_entry_of(tag, &entry);
	while ((token = next_within_limit(tree)) == JSON_NAME) {
		const char *name = tree_text_of(tree);

		tree->is_dataset |= strcmp(name, "vr") == 0;
		if (!read_attribute_member(tree, name, to, &at))
			return false;
	}
	spread_vr(at, first);
	return token == JSON_OBJECT_END;
}

static bool read_tag(struct dcm_json_tree *tree, const struct dcm_tag *tag,
		     bool has_digits, struct dcm_json_item *to)
{
	enum json_token token;

	if (is_outside_dataset(tag))
		return json_skip(tree->pull);
	token = next_within_limit(tree);
	if (token == JSON_OBJECT)
		return read_attribute(tree, tag, to);
	if (token == JSON_NULL && has_digits)
		add_attribute(tree, tag, to);
	else if (has_digits)
		refuse_attribute(tree, "is no attribute, for it is no object");
	return json_skip_rest(tree->pull, token);
}

/* ---- items, and names, whose members are groups ---- */

static int json_name_group_of(const char *name)
{
	static const char *const names[DCM_JSON_GROUPS] = {
		"Alphabetic", "Ideographic", "Phonetic"};

	for (int i = 0; i < DCM_JSON_GROUPS; i++)
		if (strcmp(name, names[i]) == 0)
			return i;
	return -1;
}

static bool read_json_name_group(struct dcm_json_tree *tree, int group,
				 struct dcm_json_value *value)
{
	const char *text;

	if (!read_text(tree, &text, &value->has_others))
		return false;
	if (value->groups[group] && text &&
	    strcmp(value->groups[group], text) != 0)
		value->has_others = true;
	value->groups[group] = text;
	value->has_groups = true;
	return true;
}

/* value: what the object is the value of; NULL: it is the dataset. */
static bool read_json_item(struct dcm_json_tree *tree,
			   struct dcm_json_item *out,
			   struct dcm_json_value *value)
{
	enum json_token token;
	struct dcm_tag tag;

	while ((token = next_within_limit(tree)) == JSON_NAME) {
		const char *name = tree_text_of(tree);
		int group = value ? json_name_group_of(name) : -1;
		bool has_digits = tag_of_digits(name, &tag), good;

		if (group >= 0) {
			good = read_json_name_group(tree, group, value);
		} else if (has_digits || tag_of_keyword(tree, name, &tag)) {
			enter_member(tree, name);
			good = read_tag(tree, &tag, has_digits, out);
			if (good)
				leave_member(tree);
		} else {
			if (value)
				value->has_others = true;
			good = json_skip(tree->pull);
		}
		if (!good)
			return false;
	}
	return token == JSON_OBJECT_END;
}

bool dcm_json_tree_read(struct dcm_json_tree *tree, enum json_token token,
			struct dcm_json_item *out)
{
	if (token == JSON_OBJECT)
		return read_json_item(tree, out, NULL);
	refuse_attribute(tree, "is no dataset, for it is no object");
	return json_skip_rest(tree->pull, token);
}
