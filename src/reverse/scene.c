#include "scene.h"
#include "array.h"

#include <stdlib.h>
#include <string.h>

/* A value, and the resource whose references in it are meant. */
struct found {
	json_object *value, *in;
};

struct founds {
	struct found *at;
	size_t count;
};

static void add_found(struct founds *list, json_object *value, json_object *in)
{
	array_room(list->at, list->count);
	list->at[list->count++] = (struct found){value, in};
}

bool fits_any(json_object *object, json_object *patterns)
{
	for (size_t i = 0; i < json_count(patterns); i++)
		if (json_matches(object, json_at(patterns, i)))
			return true;
	return false;
}

/* ---- along a way ---- */

static void add_all_found(struct founds *out, json_object *value,
			  json_object *in)
{
	if (!json_object_is_type(value, json_type_array)) {
		if (value)
			add_found(out, value, in);
		return;
	}
	for (size_t i = 0; i < json_count(value); i++)
		add_all_found(out, json_at(value, i), in);
}

static void go_step(const struct scene *scene, const struct way_step *step,
		    const struct founds *from, struct founds *out)
{
	for (size_t i = 0; i < from->count; i++) {
		json_object *value = from->at[i].value, *in = from->at[i].in;
		if (step->name) {
			add_all_found(out, json_member(value, step->name), in);
			continue;
		}
		json_object *to = fhir_index_resolve(scene->im->index, in,
						     value, step->to);
		if (to && same_text(resource_type(to), step->to) &&
		    !fhir_index_is_deleted(scene->im->index, to))
			add_found(out, to, to);
	}
}

/* list is taken over. */
static struct founds go_along_path(const struct scene *scene,
				   const struct way_path *path,
				   struct founds list)
{
	for (size_t i = 0; i < path->count; i++) {
		struct founds next = {0};
		go_step(scene, &path->steps[i], &list, &next);
		free(list.at);
		list = next;
	}
	return list;
}

/* The first that is there. */
static struct founds first_of(const struct scene *scene,
			      const struct way_path *paths, size_t count,
			      const struct found *from)
{
	struct founds list = {0};
	for (size_t i = 0; i < count && !list.count; i++) {
		struct founds one = {0};
		add_found(&one, from->value, from->in);
		free(list.at);
		list = go_along_path(scene, &paths[i], one);
	}
	return list;
}

static bool found_is_of_day(const struct scene *scene, const struct way *way,
			    const struct found *found)
{
	struct founds days = first_of(scene, way->day, way->day_count, found);
	const char *text = days.count ? json_string(days.at[0].value) : NULL;
	bool same = text && scene->day && strncmp(text, scene->day, 10) == 0;
	free(days.at);
	return same || !way->day_count;
}

static void take_found(const struct scene *scene, const struct way *way,
		       const struct found *found, struct json_list *out)
{
	if ((way->is && !fits_any(found->value, way->is)) ||
	    fits_any(found->value, way->not_) ||
	    !found_is_of_day(scene, way, found))
		return;
	if (!way->take_count) {
		json_list_add(out, found->value);
		return;
	}
	struct founds taken =
		first_of(scene, way->take, way->take_count, found);
	for (size_t i = 0; i < taken.count; i++)
		json_list_add(out, taken.at[i].value);
	free(taken.at);
}

void scene_values_of(const struct scene *scene, const struct way *way,
		     struct json_list *out)
{
	const struct json_list *from = &scene->fit[way->role];
	struct founds list = {0};
	for (size_t i = 0; i < from->count; i++)
		add_found(&list, from->at[i], from->at[i]);
	list = go_along_path(scene, &way->path, list);
	for (size_t i = 0; i < list.count; i++)
		take_found(scene, way, &list.at[i], out);
	free(list.at);
}

const struct way *scene_values(const struct scene *scene,
			       const struct ways *ways, struct json_list *out)
{
	for (size_t i = 0; i < ways->count; i++) {
		scene_values_of(scene, &ways->at[i], out);
		if (out->count)
			return &ways->at[i];
	}
	return NULL;
}

/* ---- who refers to whom ---- */

static void free_json_list(struct lh_entry *entry)
{
	struct json_list *list = (struct json_list *)lh_entry_v(entry);
	json_list_free(list);
	free(list);
}

static void add_referring(struct lh_table *table, json_object *to,
			  json_object *from)
{
	struct lh_entry *entry = lh_table_lookup_entry(table, to);
	struct json_list *list =
		entry ? (struct json_list *)lh_entry_v(entry) : NULL;
	if (!list) {
		list = xmalloc(sizeof *list);
		*list = (struct json_list){0};
		lh_add(table, to, list);
	}
	if (!list->count || list->at[list->count - 1] != from)
		json_list_add(list, from);
}

/* A reference by an identifier alone may be to any of the roles. */
static json_object *referred_role(const struct scene *scene,
				  const struct role *role, json_object *from,
				  json_object *reference)
{
	json_object *to = NULL;
	for (size_t i = 0; i < role->of_count && !to; i++)
		to = fhir_index_resolve(
			scene->im->index, from, reference,
			scene->worklist->roles[role->of[i]].type);
	return to;
}

static void enter_references(const struct scene *scene, const struct role *role,
			     struct lh_table *table, json_object *member,
			     json_object *from)
{
	struct founds all = {0};
	add_all_found(&all, member, from);
	for (size_t i = 0; i < all.count; i++) {
		json_object *to =
			referred_role(scene, role, from, all.at[i].value);
		if (to)
			add_referring(table, to, from);
	}
	free(all.at);
}

static struct lh_table *referring_of(const struct scene *scene,
				     const struct role *role)
{
	struct lh_table *table = lh_by_address(64, free_json_list);
	struct json_list all = {0};
	if (role->to_count)
		fhir_index_type(scene->im->index, role->type, &all);
	for (size_t i = 0; i < all.count; i++)
		for (size_t k = 0; k < role->to_count; k++)
			if (!fhir_index_is_deleted(scene->im->index, all.at[i]))
				enter_references(
					scene, role, table,
					json_member(all.at[i], role->to[k]),
					all.at[i]);
	json_list_free(&all);
	return table;
}

const struct json_list *scene_referring(const struct scene *scene,
					enum worklist_role role,
					json_object *to)
{
	static const struct json_list none = {0};
	struct lh_entry *entry = lh_table_lookup_entry(
		scene->referring[scene->worklist->fixed[role]], to);
	return entry ? (const struct json_list *)lh_entry_v(entry) : &none;
}

/* ---- the stage ---- */

struct scene *scene_new(const struct dfh_import *im)
{
	const struct worklist_rules *worklist = im->rules->worklist;
	size_t count = worklist->role_count;
	struct scene *scene = xmalloc(sizeof *scene);
	*scene = (struct scene){
		.im = im,
		.worklist = worklist,
		.release = import_release(im),
		.referring = xmalloc(count * sizeof *scene->referring),
		.all = xmalloc(count * sizeof *scene->all),
		.fit = xmalloc(count * sizeof *scene->fit),
	};
	memset(scene->all, 0, count * sizeof *scene->all);
	memset(scene->fit, 0, count * sizeof *scene->fit);
	for (size_t i = 0; i < count; i++)
		scene->referring[i] = referring_of(scene, &worklist->roles[i]);
	return scene;
}

void scene_free(struct scene *scene)
{
	if (!scene)
		return;
	for (size_t i = 0; i < scene->worklist->role_count; i++) {
		lh_table_free(scene->referring[i]);
		json_list_free(&scene->all[i]);
		json_list_free(&scene->fit[i]);
	}
	free(scene->referring);
	free(scene->all);
	free(scene->fit);
	free(scene);
}

static bool is_listed(const struct json_list *list, json_object *object)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->at[i] == object)
			return true;
	return false;
}

static void enter_role(struct scene *scene, size_t at, json_object *resource)
{
	const struct role *role = &scene->worklist->roles[at];
	if (!same_text(resource_type(resource), role->type) ||
	    fits_any(resource, role->not_) ||
	    is_listed(&scene->all[at], resource))
		return;
	json_list_add(&scene->all[at], resource);
	if (!role->is || fits_any(resource, role->is))
		json_list_add(&scene->fit[at], resource);
}

static void enter_referring(struct scene *scene, size_t at, size_t of)
{
	const struct json_list *to = &scene->all[of];
	for (size_t i = 0; i < to->count; i++) {
		struct lh_entry *entry =
			lh_table_lookup_entry(scene->referring[at], to->at[i]);
		const struct json_list *list =
			entry ? (const struct json_list *)lh_entry_v(entry)
			      : NULL;
		for (size_t k = 0; list && k < list->count; k++)
			enter_role(scene, at, list->at[k]);
	}
}

static void fill_role(struct scene *scene, size_t at)
{
	const struct role *role = &scene->worklist->roles[at];
	struct json_list found = {0};
	if (scene->all[role->unless_several].count > 1)
		return;
	scene_values(scene, &role->from, &found);
	for (size_t i = 0; i < found.count; i++)
		enter_role(scene, at, found.at[i]);
	json_list_free(&found);
	for (size_t i = 0; i < role->of_count && !scene->all[at].count; i++)
		enter_referring(scene, at, role->of[i]);
}

void scene_set(struct scene *scene, json_object *order, json_object *step)
{
	const struct worklist_rules *worklist = scene->worklist;
	scene->day = NULL;
	for (size_t i = 0; i < worklist->role_count; i++) {
		scene->all[i].count = scene->fit[i].count = 0;
		if (i == worklist->fixed[ROLE_ORDER])
			enter_role(scene, i, order);
		else if (i == worklist->fixed[ROLE_STEP] && step)
			enter_role(scene, i, step);
		else
			fill_role(scene, i);
	}
}
