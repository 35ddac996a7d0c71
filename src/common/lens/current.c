#include "current.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "json_text.h"
#include "memory.h"

static bool is_any_pattern(json_object *element, json_object *patterns)
{
	size_t count = json_count(patterns);
	for (size_t i = 0; i < count; i++)
		if (json_matches(element, json_at(patterns, i)))
			return true;
	return false;
}

/* ---- absent ---- */

/* What stands beside a primitive: "_family". */
static bool stands_for_nothing(json_object *beside, json_object *value)
{
	if (!json_object_is_type(beside, json_type_array))
		return beside && !value && json_member(beside, "extension");
	for (size_t i = 0; i < json_count(beside); i++)
		if (stands_for_nothing(json_at(beside, i),
				       i < json_count(value) ? json_at(value, i)
							     : NULL))
			return true;
	return false;
}

static bool element_has_extension(json_object *element, const char *url)
{
	json_object *list = json_member(element, "extension");
	for (size_t i = 0; url && i < json_count(list); i++)
		if (same_text(json_text(json_at(list, i), "url"), url))
			return true;
	return false;
}

bool element_is_absent(const dfh_rules *rules, json_object *element)
{
	if (!json_object_is_type(element, json_type_object))
		return false;
	if (element_has_extension(element, rules->data_absent))
		return true;
	json_foreach (element, name, value) {
		if (name[0] == '_' &&
		    stands_for_nothing(value, json_member(element, name + 1)))
			return true;
		if (json_object_is_type(value, json_type_object) &&
		    element_is_absent(rules, value))
			return true;
	}
	return false;
}

/* ---- current ---- */

enum current_standing { NEVER, SECOND_BEST, CURRENT };

struct current_candidate {
	json_object *element;
	enum current_standing standing;
	size_t preference;
	long rank;
	size_t index;
};

static const struct current *current_find(const dfh_rules *rules,
					  const char *type)
{
	for (size_t i = 0; i < rules->current_count; i++)
		if (strcmp(rules->current[i].type, type) == 0)
			return &rules->current[i];
	return NULL;
}

/* How a date or dateTime stands to today: one that names a month or year alone
 * is neither over nor to come while that lasts.  0, too: nothing is said. */
static int compare_to_today(json_object *date, const char *today)
{
	const char *text = json_string(date);
	if (!text || !today)
		return 0;
	size_t length = strlen(text);
	return strncmp(text, today, length < 10 ? length : 10);
}

static json_object *member_at(json_object *element, const struct fhir_step *at,
			      size_t depth)
{
	for (size_t i = 0; i < depth; i++)
		element = json_member(element, at[i].name);
	return element;
}

/* Not yet, or not any more. */
static bool is_of_another_time(const struct current *by, json_object *element,
			       const char *today)
{
	json_object *begins = member_at(element, by->begins, by->begins_depth);
	json_object *ended = member_at(element, by->ended, by->ended_depth);
	return (by->begins_depth && compare_to_today(begins, today) > 0) ||
	       (by->ended_depth && compare_to_today(ended, today) < 0);
}

static struct current_candidate candidate_of_element(const struct current *by,
						     json_object *element,
						     const char *today,
						     size_t index)
{
	json_object *rank = member_at(element, by->rank, by->rank_depth);
	struct current_candidate one = {element, CURRENT, 0, LONG_MAX, index};
	size_t count = json_count(by->prefer);
	if (is_any_pattern(element, by->never))
		one.standing = NEVER;
	else if (is_any_pattern(element, by->aside) ||
		 is_of_another_time(by, element, today))
		one.standing = SECOND_BEST;
	while (one.preference < count &&
	       !json_matches(element, json_at(by->prefer, one.preference)))
		one.preference++;
	if (json_object_is_type(rank, json_type_int))
		one.rank = json_object_get_int(rank);
	return one;
}

static int compare_candidates(const void *left, const void *right)
{
	const struct current_candidate *a = left, *b = right;
	if (a->standing != b->standing)
		return a->standing > b->standing ? -1 : 1;
	if (a->preference != b->preference)
		return a->preference < b->preference ? -1 : 1;
	if (a->rank != b->rank)
		return a->rank < b->rank ? -1 : 1;
	return a->index < b->index ? -1 : a->index > b->index;
}

bool element_is_current(const dfh_rules *rules, const char *type,
			json_object *element, const char *today)
{
	const struct current *by = current_find(rules, type);
	return !element_is_absent(rules, element) &&
	       (!by || candidate_of_element(by, element, today, 0).standing ==
			       CURRENT);
}

void current_of(const dfh_rules *rules, const struct fhir_path *path,
		const char *today, bool alone, struct json_list *slots)
{
	const struct current *by =
		path->slot < 0
			? NULL
			: current_find(rules, path->steps[path->slot].type);
	if (!by || !slots->count)
		return;
	struct current_candidate *all = xmalloc(slots->count * sizeof *all);
	for (size_t i = 0; i < slots->count; i++)
		all[i] = candidate_of_element(by, slots->at[i], today, i);
	qsort(all, slots->count, sizeof *all, compare_candidates);
	enum current_standing least =
		alone && all[0].standing != CURRENT ? SECOND_BEST : CURRENT;
	size_t count = 0;
	while (count < slots->count && all[count].standing >= least) {
		slots->at[count] = all[count].element;
		count++;
	}
	slots->count = count;
	free(all);
}
