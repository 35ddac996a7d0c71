/* Orders into the entries of a worklist server: each run replaces what it knows
 * and takes away what it is told is over. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "buffer.h"
#include "error.h"
#include "inputs.h"
#include "sized.h"
#include "worklist_entry.h"
#include "worklist_made.h"
#include "worklist_shelf.h"

struct worklist {
	struct dfh_import *im;
	const struct worklist_rules *rules;
	const dfh_worklist_options *options;
	struct scene *scene;
	struct shelf shelf;
	struct errors errors;
	bool is_child; /* the order at hand is based on another one */
	/* Entries that were there, by the first of each of their numbers. */
	struct lh_table *by_number;
};

static const struct rule *step_rule(const struct worklist_rules *rules)
{
	for (size_t i = 0; i < rules->element_count; i++)
		if (rules->elements[i].several.count)
			return rules->elements[i].rule;
	return NULL;
}

/* The number of the procedure, which the only step of an order has, too. */
static const struct rule *procedure_rule(const struct worklist_rules *rules)
{
	for (size_t i = 0; i < rules->element_count; i++)
		if (rules->elements[i].several.count)
			return rules->elements[i].as;
	return NULL;
}

/* ---- by what entries are known ---- */

/* 1: the numbers are the same; -1: they differ; 0: one has none. */
static int same_entry_number(const struct rule *rule, const struct dataset *a,
			     const struct dataset *b)
{
	for (size_t i = 0; rule->codec->ports[i].name; i++) {
		const char *x = entry_text(a, rule, i);
		const char *y = entry_text(b, rule, i);
		if (i == 0 && (!x || !y))
			return 0;
		if (x && y && strcmp(x, y) != 0)
			return -1;
	}
	return 1;
}

static int same_entry_numbers(const struct worklist_rules *rules,
			      const struct known_by *by, size_t count,
			      const struct dataset *a, const struct dataset *b)
{
	int all = 1;
	for (size_t i = 0; i < count; i++) {
		int one = same_entry_number(rules->elements[by->rules[i]].rule,
					    a, b);
		if (one < 0)
			return -1;
		if (one == 0)
			all = 0;
	}
	return all;
}

/* The surest number that both have decides. */
static bool is_of_order(const struct worklist *worklist,
			const struct dataset *order,
			const struct dataset *entry)
{
	const struct worklist_rules *rules = worklist->rules;
	/* The numbers of a service request are those of all its procedures. */
	if (worklist->is_child &&
	    same_entry_number(procedure_rule(rules), order, entry) < 0)
		return false;
	for (size_t i = 0; i < rules->known_by_count; i++) {
		const struct known_by *by = &rules->known_by[i];
		int same =
			same_entry_numbers(rules, by, by->count, order, entry);
		if (same)
			return same > 0;
	}
	return false;
}

/* ---- found by a number ---- */

/* Indexes of the shelf. */
struct known_entries {
	size_t *at;
	size_t count;
};

static void add_known(struct known_entries *known, size_t at)
{
	array_room(known->at, known->count);
	known->at[known->count++] = at;
}

static void free_known(struct lh_entry *entry)
{
	struct known_entries *known = (struct known_entries *)lh_entry_v(entry);
	free(lh_entry_k(entry));
	free(known->at);
	free(known);
}

/* "2 ACCESSION"; NULL: it has no such number.  free() it. */
static char *number_key(const struct worklist *worklist, size_t by,
			const struct dataset *dataset)
{
	const struct worklist_rules *rules = worklist->rules;
	size_t first = rules->known_by[by].rules[0];
	const char *text = entry_text(dataset, rules->elements[first].rule, 0);
	if (!text)
		return NULL;
	size_t size = strlen(text) + 24;
	char *key = xmalloc(size);
	snprintf(key, size, "%zu %s", by, text);
	return key;
}

static void index_one(struct worklist *worklist, size_t by, size_t at)
{
	char *key = number_key(worklist, by, worklist->shelf.at[at].dataset);
	void *found = NULL;
	if (key && !lh_table_lookup_ex(worklist->by_number, key, &found)) {
		found = xmalloc(sizeof(struct known_entries));
		*(struct known_entries *)found = (struct known_entries){0};
		lh_add(worklist->by_number, xstrdup(key), found);
	}
	if (key)
		add_known(found, at);
	free(key);
}

static void index_numbers(struct worklist *worklist)
{
	worklist->by_number = lh_by_text(64, free_known);
	for (size_t i = 0; i < worklist->shelf.count; i++)
		for (size_t k = 0; k < worklist->rules->known_by_count; k++)
			index_one(worklist, k, i);
}

static int compare_places(const void *left, const void *right)
{
	const size_t *a = left, *b = right;
	return *a < *b ? -1 : *a > *b;
}

/* Those that have a number in common with an order, each once, as they stand on
 * the shelf. */
static struct known_entries with_number(const struct worklist *worklist,
					const struct dataset *order)
{
	struct known_entries known = {0};
	size_t count = 0;
	for (size_t k = 0; k < worklist->rules->known_by_count; k++) {
		char *key = number_key(worklist, k, order);
		void *found = NULL;
		if (key)
			lh_table_lookup_ex(worklist->by_number, key, &found);
		const struct known_entries *some = found;
		for (size_t i = 0; some && i < some->count; i++)
			add_known(&known, some->at[i]);
		free(key);
	}
	if (known.count)
		qsort(known.at, known.count, sizeof *known.at, compare_places);
	for (size_t i = 0; i < known.count; i++)
		if (!i || known.at[i] != known.at[i - 1])
			known.at[count++] = known.at[i];
	known.count = count;
	return known;
}

/* An order that is over may be told by its accession alone, which is enough
 * where that has one procedure. */
static bool is_the_only_one(const struct worklist *worklist,
			    const struct known_by *by,
			    const struct dataset *order)
{
	struct known_entries known = with_number(worklist, order);
	const struct dataset *found = NULL;
	bool is_one = true;
	for (size_t i = 0; i < known.count; i++) {
		const struct dataset *entry =
			worklist->shelf.at[known.at[i]].dataset;
		if (same_entry_numbers(worklist->rules, by, 1, order, entry) <=
		    0)
			continue;
		if (found && same_entry_numbers(worklist->rules, by, by->count,
						found, entry) < 0)
			is_one = false;
		found = entry;
	}
	free(known.at);
	return found && is_one;
}

static bool is_by_part(const struct worklist *worklist,
		       const struct dataset *order, const struct dataset *entry)
{
	const struct worklist_rules *rules = worklist->rules;
	for (size_t i = 0; i < rules->known_by_count; i++) {
		const struct known_by *by = &rules->known_by[i];
		int first = same_entry_numbers(rules, by, 1, order, entry);
		if (by->count == 1 && first)
			return first > 0;
		if (by->count > 1 && first > 0)
			return is_the_only_one(worklist, by, order);
	}
	return false;
}

/* ---- steps ---- */

static const char *entry_text_of(const struct dataset *dataset,
				 const struct rule *rule)
{
	return dataset && rule ? entry_text(dataset, rule, 0) : NULL;
}

static bool is_of_step(const struct worklist *worklist,
		       const struct dataset *entry, const char *step)
{
	return same_text(entry_text_of(entry, step_rule(worklist->rules)),
			 step);
}

/* What is there of an order. */
static struct known_entries known_entries_of(const struct worklist *worklist,
					     const struct dataset *order,
					     bool by_part)
{
	struct known_entries known = with_number(worklist, order);
	size_t count = 0;
	for (size_t i = 0; i < known.count; i++) {
		const struct dataset *entry =
			worklist->shelf.at[known.at[i]].dataset;
		if (is_of_order(worklist, order, entry) ||
		    (by_part && is_by_part(worklist, order, entry)))
			known.at[count++] = known.at[i];
	}
	known.count = count;
	return known;
}

static void remove_all(struct worklist *worklist,
		       const struct known_entries *known)
{
	for (size_t i = 0; i < known->count; i++)
		worklist->shelf.at[known->at[i]].is_gone = true;
}

static void remove_step(struct worklist *worklist,
			const struct known_entries *known, const char *step)
{
	for (size_t i = 0; i < known->count; i++) {
		struct shelved *one = &worklist->shelf.at[known->at[i]];
		if (is_of_step(worklist, one->dataset, step))
			one->is_gone = true;
	}
}

/* ---- one entry ---- */

/* "ServiceRequest/7: no worklist entry: Modality (0008,0060) is missing" */
static void refuse_entry(struct worklist *worklist,
			 const struct worklist_entry *entry)
{
	struct buffer text = {0};
	dfh_error *error = NULL;
	for (size_t i = 0; i < entry->missing_count; i++) {
		const struct dcm_path *path = entry->missing[i];
		const struct dcm_tag *tag = &path->tags[path->depth - 1];
		char name[512];
		snprintf(name, sizeof name, "%s (%04x,%04x)", path->text,
			 tag->group, tag->element);
		report_add(worklist->im->report, REPORT_REFUSED, NULL,
			   worklist->scene->release, name, entry->name,
			   entry->lacks_zone
				   ? "a worklist entry needs it, and without "
				     "a time zone of the site it cannot be told"
				   : "a worklist entry needs it, and the order "
				     "does not give it");
		buffer_add(&text, ", ", i ? 2 : 0);
		buffer_add(&text, name, strlen(name));
	}
	buffer_add(&text, "", 1);
	error_set(&error, DFH_REFUSED, "%s: no worklist entry: it lacks %s%s",
		  entry->name, (const char *)text.bytes,
		  entry->lacks_zone ? "; name the time zone of the site with "
				      "--timezone or in the rules"
				    : "");
	errors_add(&worklist->errors, error);
	buffer_free(&text);
}

/* By what the file is named: the surest number, and the step. */
static const char *identity_of(const struct worklist *worklist,
			       const struct dataset *dataset)
{
	const struct worklist_rules *rules = worklist->rules;
	const char *name = "";
	for (size_t i = 0; i < rules->known_by_count && !*name; i++) {
		const struct known_by *by = &rules->known_by[i];
		const char *all = "";
		for (size_t k = 0; k < by->count && all; k++) {
			const struct rule *rule =
				rules->elements[by->rules[k]].rule;
			const char *text = entry_text(dataset, rule, 0);
			all = text ? arena_printf(dataset->arena, "%s\n%s", all,
						  text)
				   : NULL;
		}
		if (all)
			name = arena_printf(dataset->arena, "%zu%s", i, all);
	}
	const char *procedure = entry_text_of(dataset, procedure_rule(rules));
	const char *step = entry_text_of(dataset, step_rule(rules));
	return arena_printf(dataset->arena, "%s\n%s\n%s", name,
			    procedure ? procedure : "", step ? step : "");
}

static void shelve_entry(struct worklist *worklist,
			 const struct known_entries *known,
			 struct worklist_entry *entry)
{
	const char *step =
		entry_text_of(entry->dataset, step_rule(worklist->rules));
	const char *identity = identity_of(worklist, entry->dataset);
	size_t at = worklist->shelf.count;
	char uid[UID_TEXT];
	dfh_error *error = NULL;
	for (size_t i = 0; i < known->count; i++)
		if (is_of_step(worklist,
			       worklist->shelf.at[known->at[i]].dataset, step))
			at = known->at[i];
	if (at == worklist->shelf.count)
		at = shelf_find(&worklist->shelf,
				shelf_name(identity, entry->dataset->arena));
	struct shelved *one = &worklist->shelf.at[at];
	uid_from_name(one->name, uid);
	free(one->bytes);
	one->is_gone = false;
	one->bytes = dcm_encode_instance(entry->dataset, one->name,
					 worklist->rules->sop_class, uid,
					 &one->length, &error);
	if (!one->bytes)
		report_add(worklist->im->report, REPORT_REFUSED, NULL,
			   worklist->scene->release, NULL, entry->name,
			   "the worklist entry cannot be written");
	errors_add(&worklist->errors, error);
}

/* Were all its appointments called off? */
static bool is_called_off(const struct worklist *worklist)
{
	const struct scene *scene = worklist->scene;
	size_t role = worklist->rules->fixed[ROLE_APPOINTMENT];
	const struct json_list *all = &scene->all[role];
	for (size_t i = 0; i < all->count; i++)
		if (!fits_any(all->at[i], worklist->rules->roles[role].over))
			return false;
	return all->count > 0;
}

static bool is_step_over(const struct worklist *worklist, json_object *step)
{
	size_t role = worklist->rules->fixed[ROLE_STEP];
	return step && fits_any(step, worklist->rules->roles[role].over);
}

/* step NULL: the order is one step.  Its number, as long as the shelf; NULL:
 * unknown. */
static char *make_step(struct worklist *worklist,
		       const struct known_entries *known, json_object *order,
		       json_object *step, size_t steps)
{
	const struct dataset **served =
		xmalloc((known->count + 1) * sizeof *served);
	for (size_t i = 0; i < known->count; i++)
		served[i] = worklist->shelf.at[known->at[i]].dataset;
	const struct entry_options how = {.aet = worklist->options->aet,
					  .step_count = steps,
					  .served = served,
					  .served_count = known->count};
	scene_set(worklist->scene, order, step);
	bool over = is_step_over(worklist, step) || is_called_off(worklist);
	struct worklist_entry *entry = entry_new(worklist->scene, &how, over);
	const char *number =
		entry_text_of(entry->dataset, step_rule(worklist->rules));
	char *copy = number ? xstrdup(number) : NULL;
	if (over)
		remove_step(worklist, known, number);
	else if (entry->missing_count)
		refuse_entry(worklist, entry);
	else
		shelve_entry(worklist, known, entry);
	entry_free(entry);
	free(served);
	return copy;
}

/* ---- one order ---- */

/* What was the only step before there were tasks is not any more. */
static void remove_superseded(struct worklist *worklist,
			      const struct known_entries *known,
			      char *const *steps, size_t count)
{
	for (size_t i = 0; i < known->count; i++) {
		struct shelved *one = &worklist->shelf.at[known->at[i]];
		const char *step =
			entry_text_of(one->dataset, step_rule(worklist->rules));
		bool is_known = !same_text(
			step, entry_text_of(one->dataset,
					    procedure_rule(worklist->rules)));
		for (size_t k = 0; k < count && !is_known; k++)
			is_known = same_text(steps[k], step);
		if (!is_known)
			one->is_gone = true;
	}
}

static void note_aside(const struct worklist *worklist, json_object *order,
		       const char *why)
{
	struct arena *arena = arena_new();
	report_add(worklist->im->report, REPORT_ASIDE, NULL,
		   worklist->scene->release, NULL, order_name(order, arena),
		   why);
	arena_free(arena);
}

static void make_steps(struct worklist *worklist,
		       const struct known_entries *known, json_object *order)
{
	size_t role = worklist->rules->fixed[ROLE_STEP];
	struct json_list steps = {0};
	scene_set(worklist->scene, order, NULL);
	for (size_t i = 0; i < worklist->scene->all[role].count; i++)
		json_list_add(&steps, worklist->scene->all[role].at[i]);
	char **numbers = xmalloc((steps.count + 1) * sizeof *numbers);
	for (size_t i = 0; i < steps.count; i++)
		numbers[i] = make_step(worklist, known, order, steps.at[i],
				       steps.count);
	if (steps.count)
		remove_superseded(worklist, known, numbers, steps.count);
	else if (known->count < 2)
		free(make_step(worklist, known, order, NULL, 0));
	else
		note_aside(worklist, order,
			   "its steps are not here, and their entries stay");
	for (size_t i = 0; i < steps.count; i++)
		free(numbers[i]);
	free(numbers);
	json_list_free(&steps);
}

enum step_standing { STANDS_DUE, STANDS_OVER, STANDS_ASIDE };

/* The scene is set. */
static enum step_standing standing_of(const struct worklist *worklist,
				      json_object *order)
{
	const struct worklist_rules *rules = worklist->rules;
	const struct scene *scene = worklist->scene;
	const struct json_list *parents =
		&scene->all[rules->fixed[ROLE_PARENT]];
	if (fits_any(order, rules->over) ||
	    scene->fit[rules->fixed[ROLE_REPLACEMENT]].count)
		return STANDS_OVER;
	for (size_t i = 0; i < parents->count; i++)
		if (fits_any(parents->at[i], rules->over))
			return STANDS_OVER;
	/* What others are based on is the service request. */
	if (!fits_any(order, rules->due) || fits_any(order, rules->not_due) ||
	    scene_referring(scene, ROLE_SIBLING, order)->count)
		return STANDS_ASIDE;
	return fits_any(order, rules->others) &&
			       !fits_any(order, rules->imaging)
		       ? STANDS_ASIDE
		       : STANDS_DUE;
}

static void take_order(struct worklist *worklist, json_object *order)
{
	const struct entry_options how = {.step_count = 0};
	scene_set(worklist->scene, order, NULL);
	enum step_standing standing = standing_of(worklist, order);
	worklist->is_child =
		worklist->scene->all[worklist->rules->fixed[ROLE_PARENT]]
			.count > 0;
	struct worklist_entry *numbers = entry_new(worklist->scene, &how, true);
	struct known_entries known = known_entries_of(
		worklist, numbers->dataset, standing == STANDS_OVER);
	if (standing == STANDS_DUE)
		make_steps(worklist, &known, order);
	else if (standing == STANDS_OVER)
		remove_all(worklist, &known);
	else
		note_aside(worklist, order,
			   "it is not for a worklist, or not now");
	free(known.at);
	entry_free(numbers);
}

/* ---- all ---- */

/* Whatever the order in which they came: those that are over come last, so that
 * they take away what others made. */
static int compare_orders(const void *left, const void *right)
{
	json_object *a = *(json_object *const *)left;
	json_object *b = *(json_object *const *)right;
	const char *x = json_text(a, "id"), *y = json_text(b, "id");
	return strcmp(x ? x : "", y ? y : "");
}

static void take_all_orders(struct worklist *worklist)
{
	const struct role *role =
		&worklist->rules->roles[worklist->rules->fixed[ROLE_ORDER]];
	struct json_list all = {0};
	fhir_index_type(worklist->im->index, role->type, &all);
	if (all.count)
		qsort(all.at, all.count, sizeof *all.at, compare_orders);
	for (size_t i = 0; i < all.count; i++)
		if (!fhir_index_is_deleted(worklist->im->index, all.at[i]))
			take_order(worklist, all.at[i]);
	json_list_free(&all);
}

int dfh_import_worklist(dfh_import *im, const dfh_worklist_options *given,
			dfh_error **error)
{
	dfh_worklist_options options;
	if (sized_take(&options, sizeof options, given, "dfh_worklist_options",
		       error) < 0)
		return -1;
	if (!im->rules->worklist || !options.folder)
		return error_set(error, DFH_USAGE,
				 options.folder
					 ? "the rules say nothing of worklists"
					 : "no folder is named");
	struct worklist worklist = {
		.im = im, .rules = im->rules->worklist, .options = &options};
	bool writes = !options.is_dry;
	int result = shelf_open(&worklist.shelf, im->rules, options.folder,
				writes, error);
	if (result == 0) {
		import_settle(im);
		index_numbers(&worklist);
		inputs_report(im);
		worklist.scene = scene_new(im);
		take_all_orders(&worklist);
		result = shelf_settle(&worklist.shelf, writes, options.done,
				      options.context, error);
		scene_free(worklist.scene);
		lh_table_free(worklist.by_number);
	}
	shelf_close(&worklist.shelf);
	int refused = errors_end(&worklist.errors, result < 0 ? NULL : error);
	return result < 0 || refused < 0 ? -1 : 0;
}
