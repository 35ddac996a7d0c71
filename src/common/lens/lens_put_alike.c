/* put of one value that all items must agree in, such as that of the frames. */
#include <string.h>

#include "lens_one.h"

/* Of two of which the one says all of the other. */
static bool adds_only_displays(json_object *more, json_object *less)
{
	bool only = true;
	for (size_t i = 0; i < json_count(more) && only; i++)
		only = adds_only_displays(json_at(more, i), json_at(less, i));
	if (!json_object_is_type(more, json_type_object))
		return only;
	json_foreach (more, name, value) {
		json_object *other = json_member(less, name);
		only = only && (other ? adds_only_displays(value, other)
				      : strcmp(name, "display") == 0);
	}
	return only;
}

/* What an item would say after a put, or NULL; taken: it would be one. */
static json_object *said_after(const struct lens *lens, const struct rule *rule,
			       const struct scope *item, json_object *value,
			       bool *taken)
{
	const struct lens quiet = lens_quiet(lens);
	struct dcm_item copy = {.arena = item->root->arena};
	struct json_list got = {0};
	dcm_item_copy(&copy, item->item);
	const struct scope apart = scope_in(item, &copy);
	*taken = lens_put_one(&quiet, rule, &apart, value);
	if (*taken)
		lens_get_one(&quiet, rule, &apart, &got);
	json_object *said = got.count == 1 ? json_object_get(got.at[0]) : NULL;
	lens_values_free(&got);
	return said;
}

/* The value with the meaning of its code that stays in an item, which the
 * others shall have too; else the value alone.  plain: what is said of it where
 * nothing was.  NULL: one of the items refuses it, and that is noted. */
static json_object *fullest_value(const struct lens *lens,
				  const struct rule *rule,
				  const struct scope_list *items,
				  json_object *value, json_object *plain)
{
	json_object *out = json_object_get(value);
	bool taken = true;
	for (size_t i = 0; i < items->count && taken; i++) {
		json_object *said =
			said_after(lens, rule, &items->at[i], value, &taken);
		if (!taken)
			lens_put_one(lens, rule, &items->at[i], value);
		if (said && !json_object_equal(said, plain) &&
		    json_says_all(said, out) && adds_only_displays(said, out)) {
			json_object_put(out);
			out = json_object_get(said);
		}
		json_object_put(said);
	}
	if (taken)
		return out;
	json_object_put(out);
	return NULL;
}

/* What one item refuses is in none. */
void lens_put_alike(const struct lens *lens, const struct rule *rule,
		    const struct scope *scope, const struct json_list *values)
{
	struct scope_list items = scopes_of(&rule->each, scope);
	struct dcm_item none = {.arena = scope->root->arena};
	const struct scope empty = scope_in(scope, &none);
	bool taken;
	json_object *plain =
		said_after(lens, rule, &empty, values->at[0], &taken);
	json_object *alike =
		fullest_value(lens, rule, &items, values->at[0], plain);
	for (size_t i = 0; i < items.count && alike; i++)
		lens_put_one(lens, rule, &items.at[i], alike);
	json_object_put(plain);
	json_object_put(alike);
	if (values->count > 1)
		lens_note(lens, rule, NOTE_LOST, "DICOM has room for one");
	if (!items.count)
		lens_note(lens, rule, NOTE_LOST,
			  "the dataset has no items that it could go into");
	scope_list_free(&items);
}
