/*
 * What the Bundle does not say of an instance: the way back is gone in memory,
 * and where it does not lead to what was read, the original is put beside.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "assemble.h"
#include "beside.h"
#include "differ.h"
#include "mapped.h"
#include "put.h"
#include "scheme.h"

static void find_nodes(const struct assembly *assembly,
		       const struct instance *instance, struct node *at[LEVELS])
{
	for (int level = 0; level < LEVELS; level++) {
		const struct place *place =
			view_level_place(assembly->rules, (enum level)level);
		char *identity =
			place ? instance_identity(place, instance) : NULL;
		at[level] = identity ? assembly_find(assembly, identity) : NULL;
		free(identity);
	}
}

/* ---- one instance ---- */

struct differ {
	const struct assembly *assembly;
	const struct fhir_index *index;
	struct carried *carried;
	struct mapped *mapped;
	/* Of the last one in full: what is not its own. */
	struct differing last;
};

static void add_kind(struct differing *to, struct beside_kind *kind)
{
	array_room(to->kinds, to->count);
	to->kinds[to->count++] = kind;
}

static void add_all_kinds(const struct differ *differ, struct differing *to,
			  struct beside_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		add_kind(to, carried_kind(differ->carried, &list->at[i]));
	free(list->at);
}

static void compare_all(const struct differ *differ,
			const struct instance *instance, struct differing *to)
{
	struct beside_list list = {.with_digits = true};
	struct dataset *mapped = mapped_of(differ->mapped, to->at);
	beside_compare(differ->assembly->rules, instance->dataset, mapped,
		       &list);
	/* The creator of a private one is the dataset's. */
	add_all_kinds(differ, to, &list);
	dataset_free(mapped);
}

/* What the rules of instances alone make of one: of its own that is all. */
static struct dataset *mapped_own(const struct differ *differ,
				  const struct differing *to)
{
	const struct assembly *assembly = differ->assembly;
	const dfh_rules *rules = assembly->rules;
	struct dataset *mapped = dataset_new();
	struct view view = {.rules = rules,
			    .release = assembly->release,
			    .index = differ->index};
	for (int level = LEVEL_STUDY; level < LEVELS; level++)
		view.at[level] = to->at[level] ? to->at[level]->object : NULL;
	struct lens lens = {
		.rules = rules,
		.release = assembly->release,
		.arena = mapped->arena,
		.schemes = schemes_of(rules, &mapped->root, mapped->arena),
	};
	put_place(&lens, &view, assembly->own->place, mapped, true);
	for (size_t i = 0; i < rules->type2_count; i++) {
		const struct dcm_path *path = &rules->type2[i];
		if (path->depth == 1 && own_has(assembly->own, path->tags))
			dcm_item_need(&mapped->root, path->tags, path->vr);
	}
	return mapped;
}

/* A coding scheme that is explained is not an instance's own. */
static bool explains_schemes(const struct differ *differ,
			     const struct dataset *mapped)
{
	const struct dcm_path *path =
		&differ->assembly->rules->schemes.identification;
	return path->depth && dcm_item_find(&mapped->root, path->tags);
}

/* What is not its own is as in the one before, the rest in its place among
 * that, in the order of tags. */
static bool compare_own(const struct differ *differ,
			const struct instance *instance, struct differing *to)
{
	const struct own *own = differ->assembly->own;
	const struct differing *last = &differ->last;
	struct dataset *mapped = mapped_own(differ, to);
	size_t next = 0;
	bool good = !explains_schemes(differ, mapped);
	for (size_t i = 0; good && i < own->count; i++) {
		struct beside_list list = {.with_digits = true};
		beside_compare_one(differ->assembly->rules, &own->tags[i],
				   instance->dataset, mapped, &list);
		while (list.count && next < last->count &&
		       dcm_tag_compare(&last->kinds[next]->beside.top,
				       &own->tags[i]) < 0)
			add_kind(to, last->kinds[next++]);
		add_all_kinds(differ, to, &list);
	}
	while (good && next < last->count)
		add_kind(to, last->kinds[next++]);
	dataset_free(mapped);
	return good;
}

static void remember_differing(struct differ *differ,
			       const struct differing *this)
{
	const struct own *own = differ->assembly->own;
	differ->last.count = 0;
	differ->last.at[LEVEL_INSTANCE] = this->at[LEVEL_INSTANCE];
	for (size_t i = 0; own && i < this->count; i++)
		if (!own_has(own, &this->kinds[i]->beside.top))
			add_kind(&differ->last, this->kinds[i]);
}

/* One without a UID is nowhere in the Bundle, and comes back otherwise. */
static bool are_alike(const struct differing *a, const struct differing *b)
{
	return !a->at[LEVEL_INSTANCE] == !b->at[LEVEL_INSTANCE];
}

static void compare_instance(struct differ *differ,
			     const struct instance *instance, bool is_same,
			     struct differing *to)
{
	const struct own *own = differ->assembly->own;
	find_nodes(differ->assembly, instance, to->at);
	if (is_same && own && own->place && are_alike(&differ->last, to) &&
	    compare_own(differ, instance, to))
		return;
	to->count = 0;
	compare_all(differ, instance, to);
	remember_differing(differ, to);
}

/* Nothing of its own travels beside, and all else as of the one before. */
static bool compare_alike(const struct differ *differ, size_t i,
			  struct differing *all)
{
	struct node *node = differ->assembly->instances.at[i];
	const size_t size = differ->last.count * sizeof *all[i].kinds;
	if (!i || !node || !node->comes_back ||
	    !differ->last.at[LEVEL_INSTANCE])
		return false;
	memcpy(all[i].at, all[i - 1].at, sizeof all[i].at);
	all[i].at[LEVEL_INSTANCE] = node;
	/* no more are added to these */
	if (differ->last.count)
		all[i].kinds = memcpy(xmalloc(size), differ->last.kinds, size);
	all[i].count = differ->last.count;
	return true;
}

/* Into instance, which holds one that is like the one before. */
static bool take_compared(const struct instances *instances, size_t i,
			  struct instance *instance)
{
	if (i)
		return store_take_next(instances->store, instances->from + i,
				       instance);
	store_take(instances->store, instances->from, instance);
	return false;
}

void assembly_carry_beside(const struct assembly *assembly, json_object *bundle,
			   const struct instances *instances)
{
	size_t count = instances->to - instances->from;
	struct fhir_index *index = fhir_index_new();
	struct differing *all = xmalloc((count + 1) * sizeof *all);
	struct differ differ = {.assembly = assembly,
				.index = index,
				.carried = carried_new(assembly),
				.mapped = mapped_new(assembly, index)};
	struct instance instance;
	fhir_index_add(index, bundle);
	fhir_index_settle(index);
	for (size_t i = 0; i < count; i++) {
		const char *file =
			store_file(instances->store, instances->from + i);
		all[i] = (struct differing){0};
		if (!compare_alike(&differ, i, all)) {
			bool is_same = take_compared(instances, i, &instance);
			compare_instance(&differ, &instance, is_same, &all[i]);
		}
		carried_report(differ.carried, &all[i], file, instance.dataset);
	}
	if (count)
		instance_clear(&instance);
	if (assembly_carries(assembly))
		carried_place(differ.carried, all, count);
	for (size_t i = 0; i < count; i++)
		free(all[i].kinds);
	free(all);
	free(differ.last.kinds);
	carried_free(differ.carried);
	mapped_free(differ.mapped);
	fhir_index_free(index);
}
