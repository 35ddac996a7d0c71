#include "mapped.h"

#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "beside.h"
#include "buffer.h"
#include "codec.h"
#include "put.h"
#include "scheme.h"

/* Before there are so many that are made in full, parts do not pay. */
enum { MADE_IN_FULL = 4 };

/* Parts that are kept: a study has few kinds of instances. */
enum { KEPT = 4 };

/* An attribute of the top level that a rule reads or writes. */
struct use {
	struct dcm_tag tag;
	enum level level; /* of the resources that it is about */
	size_t place;	  /* its index among the rules' */
	bool late, writes, is_sequence;
	const struct table *chooses; /* it is read to choose a home; or NULL */
};

/* What late rules see of the levels below theirs. */
struct seen {
	struct dcm_tag tag;
	const struct table *chooses; /* NULL: the value itself */
};

struct mapped_tags {
	struct dcm_tag *at;
	size_t count;
};

/* A dataset that is made as far as a level, and for what. */
struct mapped_part {
	struct node *study, *series;
	char *key; /* what the rules of these levels find of those below */
	struct dataset *dataset;
	struct schemes *schemes;
};

struct mapped {
	const struct assembly *assembly;
	const struct fhir_index *index;
	size_t made;
	bool looked, is_apart; /* can the levels be told apart? */
	struct use *uses;
	size_t use_count;
	struct mapped_tags late; /* written last, for study and series */
	struct seen *seen;	 /* by those rules, of what is below */
	size_t seen_count;
	struct mapped_part study;	/* early rules of the study */
	struct mapped_part series;	/* early rules of the series, too */
	struct mapped_part whole[KEPT]; /* and the late rules of both */
	struct mapped_part
		studies[KEPT]; /* the late rules of the study alone */
	size_t next_whole, next_study;
};

struct mapped *mapped_new(const struct assembly *assembly,
			  const struct fhir_index *index)
{
	struct mapped *mapped = xmalloc(sizeof *mapped);
	*mapped = (struct mapped){.assembly = assembly, .index = index};
	return mapped;
}

static void part_clear(struct mapped_part *part)
{
	dataset_free(part->dataset);
	free(part->key);
	*part = (struct mapped_part){0};
}

void mapped_free(struct mapped *mapped)
{
	if (!mapped)
		return;
	for (size_t i = 0; i < KEPT; i++) {
		part_clear(&mapped->whole[i]);
		part_clear(&mapped->studies[i]);
	}
	part_clear(&mapped->series);
	part_clear(&mapped->study);
	free(mapped->uses);
	free(mapped->late.at);
	free(mapped->seen);
	free(mapped);
}

/* ---- which rules meet in an attribute ---- */

static void add_use(struct mapped *mapped, const struct dcm_tag *tag,
		    bool is_sequence, struct use use)
{
	array_room(mapped->uses, mapped->use_count);
	use.tag = *tag;
	use.is_sequence = is_sequence;
	mapped->uses[mapped->use_count++] = use;
}

static void add_path_use(struct mapped *mapped, const struct dcm_path *path,
			 struct use use)
{
	if (path->depth)
		add_use(mapped, path->tags,
			path->depth > 1 || strcmp(path->vr, "SQ") == 0, use);
}

/* What is read to choose a home. */
static void add_choice(struct mapped *mapped, const struct each *each,
		       struct use use)
{
	use.writes = false;
	use.chooses = each->table;
	add_path_use(mapped, &each->by, use);
}

static void add_condition_uses(struct mapped *mapped,
			       const struct conditions *conditions,
			       struct use use)
{
	use.writes = false;
	for (size_t i = 0; i < conditions->when_count; i++)
		add_path_use(mapped, &conditions->when[i].path, use);
	for (size_t i = 0; i < conditions->unless_count; i++)
		add_path_use(mapped, &conditions->unless[i].path, use);
}

static void add_position_uses(struct mapped *mapped,
			      const struct positions *positions,
			      bool is_sequence, struct use use)
{
	for (size_t i = 0; i < positions->count; i++)
		add_use(mapped, positions->at[i].tags,
			is_sequence || positions->at[i].depth > 1, use);
}

static void add_ports(struct mapped *mapped, const struct rule *rule,
		      struct use use)
{
	const struct dcm_path *schemes =
		&mapped->assembly->rules->schemes.identification;
	const bool writes = use.writes;

	for (size_t i = 0; rule->codec->ports[i].name; i++) {
		const struct rule_port *port = &rule->ports[i];

		if (!port->port)
			continue;
		use.writes = writes && !port->read_only;
		add_position_uses(mapped, &port->at,
				  strcmp(port->path.vr, "SQ") == 0, use);
		/* It may explain a coding scheme. */
		if (use.writes && schemes->depth &&
		    strcmp(port->port->name, "scheme") == 0)
			add_use(mapped, schemes->tags, false, use);
	}
}

static void add_rule_uses(struct mapped *mapped, const struct rule *rule)
{
	const enum fhir_release release = mapped->assembly->release;
	const struct fhir_path *path = rule->fhir[release];
	const struct fhir_path *other = rule->otherwise[release];
	const struct place *place = path->place;
	struct use use = {
		.level = put_level(place, release),
		.place = (size_t)(place - mapped->assembly->rules->places),
		.late = place->each.kind != EACH_NONE || put_is_late(rule),
		.writes = rule->can_put,
	};
	if (other && put_level(other->place, release) != use.level)
		mapped->is_apart = false;
	add_condition_uses(mapped, &place->conditions, use);
	add_condition_uses(mapped, &rule->conditions, use);
	for (size_t i = 0; i < place->each.count; i++)
		add_path_use(mapped, &place->each.paths[i], use);
	add_choice(mapped, &place->each, use);
	add_choice(mapped, &rule->each, use);
	add_position_uses(mapped, &rule->through,
			  rule->each.kind != EACH_NONE &&
				  strcmp(rule->each.paths->vr, "SQ") == 0,
			  use);
	add_ports(mapped, rule, use);
}

/* Is the one applied before the other if all are, but not if the levels are
 * one after the other? */
static bool changes_order(const struct use *a, const struct use *b)
{
	return a->late == b->late && a->level != b->level &&
	       (a->level < b->level) != (a->place < b->place);
}

/* Does what they do depend on the one being done on its own? */
static bool are_entangled(const struct mapped *mapped, const struct use *a,
			  const struct use *b)
{
	const struct dcm_path *schemes =
		&mapped->assembly->rules->schemes.identification;
	if (a->level == b->level || (!a->writes && !b->writes))
		return false;
	/* Schemes are written at the end, in the order of the rules. */
	bool is_schemes =
		schemes->depth && dcm_tag_compare(&a->tag, schemes->tags) == 0;
	if (is_schemes)
		return changes_order(a, b);
	return a->is_sequence || b->is_sequence || changes_order(a, b);
}

/* Those of an instance come too late, for what explains them is written. */
static bool is_scheme_of_end(const struct mapped *mapped, const struct use *use)
{
	const struct dcm_path *schemes =
		&mapped->assembly->rules->schemes.identification;
	return schemes->depth && use->writes &&
	       dcm_tag_compare(&use->tag, schemes->tags) == 0 &&
	       use->level == LEVEL_INSTANCE && use->late;
}

static void add_distinct_tag(struct mapped_tags *tags,
			     const struct dcm_tag *tag)
{
	for (size_t i = 0; i < tags->count; i++)
		if (dcm_tag_compare(&tags->at[i], tag) == 0)
			return;
	array_room(tags->at, tags->count);
	tags->at[tags->count++] = *tag;
}

static void add_seen(struct mapped *mapped, const struct use *use)
{
	for (size_t i = 0; i < mapped->seen_count; i++)
		if (dcm_tag_compare(&mapped->seen[i].tag, &use->tag) == 0) {
			if (mapped->seen[i].chooses != use->chooses)
				mapped->seen[i].chooses = NULL;
			return;
		}
	array_room(mapped->seen, mapped->seen_count);
	mapped->seen[mapped->seen_count++] =
		(struct seen){use->tag, use->chooses};
}

static int compare_uses(const void *a, const void *b)
{
	const struct use *x = a, *y = b;
	return dcm_tag_compare(&x->tag, &y->tag);
}

static void look_at_uses(struct mapped *mapped, const struct use *a,
			 const struct use *b)
{
	if (are_entangled(mapped, a, b))
		mapped->is_apart = false;
	if (a->late && a->level < b->level && !b->late && b->writes)
		add_seen(mapped, a);
}

static void look_at_rules(struct mapped *mapped)
{
	const dfh_rules *rules = mapped->assembly->rules;
	mapped->is_apart = true;
	for (size_t i = 0; i < rules->rule_count; i++)
		if (rules->rules[i].fhir[mapped->assembly->release])
			add_rule_uses(mapped, &rules->rules[i]);
	if (!mapped->use_count)
		return;
	qsort(mapped->uses, mapped->use_count, sizeof *mapped->uses,
	      compare_uses);
	for (size_t i = 0, to; i < mapped->use_count; i = to) {
		for (to = i; to < mapped->use_count &&
			     !compare_uses(&mapped->uses[i], &mapped->uses[to]);
		     to++) {
			const struct use *use = &mapped->uses[to];
			if (is_scheme_of_end(mapped, use))
				mapped->is_apart = false;
			if (use->late && use->writes &&
			    use->level < LEVEL_INSTANCE)
				add_distinct_tag(&mapped->late, &use->tag);
		}
		for (size_t a = i; a < to; a++)
			for (size_t b = i; b < to; b++)
				look_at_uses(mapped, &mapped->uses[a],
					     &mapped->uses[b]);
	}
	if (rules->schemes.identification.depth)
		add_distinct_tag(&mapped->late,
				 rules->schemes.identification.tags);
}

/* ---- parts ---- */

static struct view view_of(const struct mapped *mapped,
			   struct node *const at[LEVELS])
{
	const struct assembly *assembly = mapped->assembly;
	const struct place *patient =
		view_level_place(assembly->rules, LEVEL_PATIENT);
	struct view view = {.rules = assembly->rules,
			    .release = assembly->release,
			    .index = mapped->index};
	for (int level = LEVEL_STUDY; level < LEVELS; level++)
		view.at[level] = at[level] ? at[level]->object : NULL;
	if (at[LEVEL_STUDY] && patient)
		view.at[LEVEL_PATIENT] =
			view_referred(&view, at[LEVEL_STUDY]->place,
				      view.at[LEVEL_STUDY], patient);
	return view;
}

static struct lens lens_of_mapped(const struct mapped *mapped,
				  struct dataset *dataset,
				  struct schemes *schemes)
{
	return (struct lens){
		.rules = mapped->assembly->rules,
		.release = mapped->assembly->release,
		.arena = dataset->arena,
		.schemes = schemes,
	};
}

/* What is in it is borrowed. */
static struct dataset *borrowed_copy_of(const struct dataset *from)
{
	struct dataset *copy = dataset_new();
	const struct dcm_item *root = &from->root;
	size_t size = root->count * sizeof *root->elements;
	if (!size)
		return copy;
	copy->root.elements =
		memcpy(arena_alloc(copy->arena, size), root->elements, size);
	copy->root.count = copy->root.capacity = root->count;
	return copy;
}

/* Onto a dataset, which is taken over; the schemes of what was made before
 * come first. */
static void part_make(const struct mapped *mapped, struct mapped_part *part,
		      struct dataset *dataset, const struct mapped_part *before,
		      struct node *const at[LEVELS], enum level level,
		      bool late)
{
	const dfh_rules *rules = mapped->assembly->rules;
	struct view view = view_of(mapped, at);
	struct schemes *schemes =
		before ? schemes_copy(before->schemes, dataset->arena)
		       : schemes_of(rules, &dataset->root, dataset->arena);
	struct lens lens = lens_of_mapped(mapped, dataset, schemes);
	put_level_of(&lens, &view, dataset, level, late);
	part->study = at[LEVEL_STUDY];
	part->series = level == LEVEL_STUDY ? NULL : at[LEVEL_SERIES];
	part->dataset = dataset;
	part->schemes = schemes;
}

static bool is_for(const struct mapped_part *part,
		   struct node *const at[LEVELS], bool series, const char *key)
{
	return part->dataset && part->study == at[LEVEL_STUDY] &&
	       (!series || part->series == at[LEVEL_SERIES]) &&
	       (!key || strcmp(part->key, key) == 0);
}

static bool is_late(const struct mapped *mapped, const struct dcm_tag *tag)
{
	for (size_t i = 0; i < mapped->late.count; i++)
		if (dcm_tag_compare(&mapped->late.at[i], tag) == 0)
			return true;
	return false;
}

/* Type 2 in items, and the digests of those sequences that are as they will
 * be: what late rules write, or all else. */
static void part_end(const struct mapped *mapped, struct mapped_part *part,
		     bool late)
{
	const dfh_rules *rules = mapped->assembly->rules;
	struct dcm_item *root = &part->dataset->root;
	for (size_t i = 0; i < rules->type2_count; i++)
		if (rules->type2[i].depth > 1 &&
		    is_late(mapped, rules->type2[i].tags) == late)
			put_type2_one(&rules->type2[i], part->dataset);
	for (size_t i = 0; i < root->count; i++) {
		struct dcm_element *e = &root->elements[i];
		if (e->item_count && is_late(mapped, &e->tag) == late)
			e->digest = arena_strdup(part->dataset->arena,
						 items_digest(e).text);
	}
}

static void clear_whole(struct mapped *mapped)
{
	for (size_t i = 0; i < KEPT; i++)
		part_clear(&mapped->whole[i]);
}

static void forget_series(struct mapped *mapped)
{
	clear_whole(mapped);
	part_clear(&mapped->series);
}

static void clear_studies(struct mapped *mapped)
{
	for (size_t i = 0; i < KEPT; i++)
		part_clear(&mapped->studies[i]);
}

static void forget_study(struct mapped *mapped)
{
	forget_series(mapped);
	clear_studies(mapped);
	part_clear(&mapped->study);
}

/* The late rules of a study come after the early ones of the series: where
 * these want coding schemes explained, they are made for each series. */
static bool has_schemes(const struct mapped_part *series,
			const struct mapped_part *study)
{
	return series->dataset &&
	       schemes_last(series->schemes) != schemes_last(study->schemes);
}

static struct dataset *early_dataset(struct mapped *mapped,
				     struct node *const at[LEVELS])
{
	struct mapped_part *study = &mapped->study, *series = &mapped->series;
	if (!is_for(study, at, false, NULL)) {
		forget_study(mapped);
		part_make(mapped, study, dataset_new(), NULL, at, LEVEL_STUDY,
			  false);
		part_end(mapped, study, false);
	}
	if (!is_for(series, at, true, NULL)) {
		bool had_schemes = has_schemes(series, study);
		forget_series(mapped);
		part_make(mapped, series, borrowed_copy_of(study->dataset),
			  study, at, LEVEL_SERIES, false);
		if (had_schemes || has_schemes(series, study))
			clear_studies(mapped);
		part_end(mapped, series, false);
	}
	return series->dataset;
}

/* What the late rules of study and series see of those below. */
static char *seen_key_of(const struct mapped *mapped,
			 const struct dataset *dataset)
{
	struct buffer key = {0};
	for (size_t i = 0; i < mapped->seen_count; i++) {
		const struct seen *seen = &mapped->seen[i];
		const struct dcm_element *e =
			dcm_item_find(&dataset->root, &seen->tag);
		const char *text = e && e->text ? e->text : "";
		if (seen->chooses)
			text = table_choice(seen->chooses, text);
		buffer_add(&key, e ? "+" : "-", 1);
		if (text)
			buffer_add(&key, text, strlen(text));
		buffer_add(&key, "\n", 1);
	}
	buffer_add(&key, "", 1);
	return (char *)key.bytes;
}

/* A copy that outlives the instance, but for its sequences: late rules do not
 * touch those of levels below. */
static struct dataset *kept_copy(const struct dataset *from)
{
	struct dataset *copy = borrowed_copy_of(from);
	struct dcm_item *root = &copy->root;
	for (size_t i = 0; i < root->count; i++) {
		struct dcm_element *e = &root->elements[i];
		if (e->text)
			e->text = arena_strdup(copy->arena, e->text);
	}
	return copy;
}

static struct mapped_part *find_part(struct mapped_part parts[KEPT],
				     struct node *const at[LEVELS], bool series,
				     const char *key)
{
	for (size_t i = 0; i < KEPT; i++)
		if (is_for(&parts[i], at, series, key))
			return &parts[i];
	return NULL;
}

static struct mapped_part *late_study(struct mapped *mapped,
				      struct node *const at[LEVELS],
				      const struct dataset *instance,
				      const char *key)
{
	struct mapped_part *part = find_part(mapped->studies, at, false, key);
	if (part)
		return part;
	part = &mapped->studies[mapped->next_study++ % KEPT];
	clear_whole(mapped); /* they borrow from it */
	part_clear(part);
	part_make(mapped, part, kept_copy(instance), &mapped->series, at,
		  LEVEL_STUDY, true);
	part->key = xstrdup(key);
	part_end(mapped, part, true);
	return part;
}

static const struct dataset *late_dataset(struct mapped *mapped,
					  struct node *const at[LEVELS],
					  const struct dataset *instance)
{
	char *key = seen_key_of(mapped, instance);
	struct mapped_part *part = find_part(mapped->whole, at, true, key);
	if (!part) {
		struct mapped_part *study =
			late_study(mapped, at, instance, key);
		struct dataset *dataset = kept_copy(instance);
		for (size_t i = 0; i < mapped->late.count; i++)
			dcm_item_borrow(&dataset->root, &study->dataset->root,
					&mapped->late.at[i]);
		part = &mapped->whole[mapped->next_whole++ % KEPT];
		part_clear(part);
		part_make(mapped, part, dataset, study, at, LEVEL_SERIES, true);
		schemes_write(part->schemes, &dataset->root);
		part->key = xstrdup(key);
		part_end(mapped, part, true);
	}
	free(key);
	return part->dataset;
}

/* ---- an instance ---- */

/* NULL: it has coding schemes of its own to explain, and is made in full. */
static struct dataset *in_parts(struct mapped *mapped,
				struct node *const at[LEVELS])
{
	const dfh_rules *rules = mapped->assembly->rules;
	struct dataset *dataset = borrowed_copy_of(early_dataset(mapped, at));
	struct view view = view_of(mapped, at);
	struct schemes *schemes = mapped->series.schemes;
	const void *known = schemes_last(schemes);
	struct lens lens = lens_of_mapped(mapped, dataset, schemes);
	put_level_of(&lens, &view, dataset, LEVEL_INSTANCE, false);
	if (schemes_last(schemes) != known) {
		forget_series(mapped);
		dataset_free(dataset);
		return NULL;
	}
	const struct dataset *whole = late_dataset(mapped, at, dataset);
	for (size_t i = 0; i < mapped->late.count; i++)
		dcm_item_borrow(&dataset->root, &whole->root,
				&mapped->late.at[i]);
	put_level_of(&lens, &view, dataset, LEVEL_INSTANCE, true);
	for (size_t i = 0; i < rules->type2_count; i++)
		if (rules->type2[i].depth == 1)
			put_type2_one(&rules->type2[i], dataset);
	return dataset;
}

static struct dataset *in_full(const struct mapped *mapped,
			       struct node *const at[LEVELS])
{
	const dfh_rules *rules = mapped->assembly->rules;
	struct dataset *dataset = dataset_new();
	struct view view = view_of(mapped, at);
	struct lens lens = lens_of_mapped(
		mapped, dataset,
		schemes_of(rules, &dataset->root, dataset->arena));
	put_view(&lens, &view, dataset, true);
	put_type2(rules, dataset);
	return dataset;
}

struct dataset *mapped_of(struct mapped *mapped, struct node *const at[LEVELS])
{
	if (mapped->made++ < MADE_IN_FULL)
		return in_full(mapped, at);
	if (!mapped->looked)
		look_at_rules(mapped);
	mapped->looked = true;
	struct dataset *made = mapped->is_apart ? in_parts(mapped, at) : NULL;
	return made ? made : in_full(mapped, at);
}
