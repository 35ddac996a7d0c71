#include "assemble.h"
#include "array.h"
#include "conditions.h"
#include "only_item.h"
#include "scheme.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- values ---- */

struct assembly_note_context {
	struct assembly *assembly;
	const struct instance *instance;
};

/* Report it, and remember it for instances that say the same. */
static void report_and_remember(struct assembly *assembly,
				const struct instance *instance,
				const struct rule *rule, enum report_kind kind,
				const char *text)
{
	struct issue *issue =
		report_add(assembly->report, kind, rule, assembly->release,
			   NULL, instance->file, text);
	if (!assembly->own || !own_is_shared(assembly->own, rule))
		return;
	array_room(assembly->said, assembly->said_count);
	assembly->said[assembly->said_count++] = issue;
}

static void take_lens_note(void *context, const struct rule *rule,
			   enum note_kind kind, const char *text)
{
	const struct assembly_note_context *c = context;
	/* What FHIR has no form for is found, and told, by the comparison of
	 * what comes back with what was read. */
	if (kind == NOTE_LOST)
		return;
	report_and_remember(c->assembly, c->instance, rule,
			    report_kind_of(kind), text);
}

struct place_values {
	struct account *of_rule; /* for each rule of the rule set */
	bool any; /* of a rule that works both ways, if the place has one: not
		     only the time of an observation that was not made */
};

static bool comes_back(const struct rule *rule)
{
	return rule->can_put && rule->derive.kind == DERIVE_NONE;
}

/* Of several sources of an element the first that has a value speaks. */
static struct place_values get_values(const struct lens *lens,
				      const struct place *place,
				      const struct scope *scope)
{
	const dfh_rules *rules = lens->rules;
	struct place_values values = {
		.of_rule = xmalloc(rules->rule_count * sizeof *values.of_rule)};
	memset(values.of_rule, 0, rules->rule_count * sizeof *values.of_rule);
	bool any_one_way = false, has_both_ways = false;
	for (size_t k = 0; k < place->rule_count[lens->release]; k++) {
		size_t i = place->rules[lens->release][k];
		const struct rule *rule = &rules->rules[i];
		has_both_ways = has_both_ways || comes_back(rule);
		if (!rule->can_get || !lens_applies(rule, scope) ||
		    (rule->sources && accounts_speak(rules, values.of_rule, i)))
			continue;
		account_read(lens, rule, scope, &values.of_rule[i]);
		bool has = values.of_rule[i].values.count != 0;
		any_one_way = any_one_way || has;
		values.any = values.any || (has && comes_back(rule));
	}
	values.any = values.any || (any_one_way && !has_both_ways);
	return values;
}

/* Elements that are derived are written when all is known (transaction.c). */
static void write_values(const struct lens *lens,
			 const struct place_values *values, json_object *object,
			 struct json_known *known)
{
	accounts_write(lens->rules, lens->release, values->of_rule, object,
		       known);
}

/* ---- places ---- */

static void add_link(struct assembly *assembly, struct node *from,
		     const struct fhir_path *via, struct node *to)
{
	/* What is shared is complete, and this one's link travels beside. */
	if (from->home != assembly ||
	    (*counts_of(&assembly->linked, from, via, to))++)
		return;
	array_room(from->links, from->link_count);
	from->links[from->link_count++] = (struct link){via, to};
}

/* Instances that say different things of one thing: each gets its own back,
 * and that is said. */
static void note_difference(const struct rule *rule, void *context)
{
	const struct assembly_note_context *c = context;
	if (!c->assembly->report)
		return;
	report_and_remember(
		c->assembly, c->instance, rule, REPORT_DISAGREE,
		rule->among == AMONG_AGREE
			? "instances say different things; none is in FHIR"
			: "instances say different things; one of them is in "
			  "FHIR");
}

/* Takes the values over.  What is shared holds those of all studies already. */
static void add_to_node(struct assembly *assembly, struct node *node,
			struct place_values *values,
			const struct instance *instance)
{
	struct assembly_note_context context = {assembly, instance};
	if (!node->accounts) {
		node->accounts = values->of_rule;
		accounts_disputed(assembly->rules, node->accounts,
				  note_difference, &context);
		return;
	}
	if (node->home == assembly)
		accounts_take(assembly->rules, node->accounts, values->of_rule,
			      note_difference, &context);
	else
		accounts_compare(assembly->rules, node->accounts,
				 values->of_rule, note_difference, &context);
	accounts_free(assembly->rules, values->of_rule);
}

/* Is there something of a rule that works both ways, even if it is no good? */
static bool has_main_value(const struct lens *lens, const struct place *place,
			   const struct scope *scope)
{
	for (size_t k = 0; k < place->rule_count[lens->release]; k++) {
		const struct rule *rule =
			place_rule(lens->rules, place, lens->release, k);
		if (rule->can_put && rule->can_get &&
		    lens_has_value(lens, rule, scope))
			return true;
	}
	return false;
}

/* Who gave out the numbers of what is here; NULL: nobody is named. */
static char *within_of(const struct place *place, const struct scope *scope)
{
	struct arena *arena = arena_new();
	struct port_value value = {VALUE_ABSENT, NULL};
	if (place->entry_within.depth)
		value = scope_read(scope, &place->entry_within, arena);
	char *text = value.text ? xstrdup(value.text) : NULL;
	arena_free(arena);
	return text;
}

/* What leads to the places that a place without a key leads to. */
static struct met_nodes *leaders_of(const struct assembly *assembly,
				    const struct fhir_path *via)
{
	return via && !via->place->key_count
		       ? &assembly->here[via->place - assembly->rules->places]
		       : NULL;
}

static void set_refs(const struct assembly *assembly, struct node *node)
{
	const struct place *place = node->place;
	if (node->refs || !place->ref_count)
		return;
	node->refs = xmalloc(place->ref_count * sizeof(struct node *));
	for (size_t i = 0; i < place->ref_count; i++) {
		const struct place *to = place->refs[i].to;
		const struct met_nodes *here =
			&assembly->here[to - assembly->rules->places];
		node->refs[i] =
			!to->key_count && here->count ? here->at[0] : NULL;
	}
}

/* From where it is referred to as what the place is for: who requests may also
 * be who refers. */
static void lead_to(struct assembly *assembly, const struct place *place,
		    struct node *node, struct node *const at[LEVELS])
{
	const struct fhir_path *via = place->via[assembly->release];
	const struct met_nodes *leaders = leaders_of(assembly, via);
	met_nodes_add(&assembly->here[place - assembly->rules->places], node);
	for (size_t i = 0; leaders && i < leaders->count; i++)
		add_link(assembly, leaders->at[i], via, node);
	if (via && !leaders && at[via->place->level])
		add_link(assembly, at[via->place->level], via, node);
}

/* What stands between a resource and those that refer to it is there for it
 * alone, in the study. */
static struct node *carrier_of(struct assembly *assembly,
			       const struct place *place,
			       const struct node *for_node,
			       struct node *const at[LEVELS])
{
	size_t size =
		strlen(place->name) + strlen(for_node->identity) + sizeof "\n";
	char *identity = xmalloc(size);
	snprintf(identity, size, "%s\n%s", place->name, for_node->identity);
	struct node *node = assembly_find(assembly, identity);
	if (!node) {
		node = node_add(assembly, place, identity, json_new_object(),
				NULL);
		node->owner = at[LEVEL_STUDY];
		memcpy(node->at, at, sizeof node->at);
		set_refs(assembly, node);
	}
	free(identity);
	node_meet(assembly, node);
	lead_to(assembly, place, node, at);
	return node;
}

/* Those that refer to it do. */
static void lead_on_to(struct assembly *assembly, const struct place *place,
		       struct node *node, struct node *const at[LEVELS])
{
	const struct fhir_path *via = place->via[assembly->release];
	if (!via || !via->place->carries) {
		lead_to(assembly, place, node, at);
		return;
	}
	met_nodes_add(&assembly->here[place - assembly->rules->places], node);
	if (!assembly->survey)
		add_link(assembly, carrier_of(assembly, via->place, node, at),
			 via, node);
}

/* false: there is nothing, of which nothing is noted either: not the time of an
 * observation that was not made. */
static bool read_position(const struct lens *lens, const struct place *place,
			  const struct scope *scope, struct place_values *out)
{
	const struct lens quiet = lens_quiet(lens);
	struct place_values values = get_values(&quiet, place, scope);
	accounts_free(lens->rules, values.of_rule);
	if (!values.any && !has_main_value(lens, place, scope))
		return false;
	*out = get_values(lens, place, scope);
	if (!out->any)
		accounts_free(lens->rules, out->of_rule);
	return out->any;
}

static void add_position(struct assembly *assembly, const struct lens *lens,
			 const struct place *place,
			 const struct instance *instance,
			 const struct scope *scope, struct node *at[LEVELS])
{
	struct place_values values;
	if (!read_position(lens, place, scope, &values))
		return;
	json_object *object = json_new_object();
	struct json_known known = {0};
	write_values(lens, &values, object, &known);
	char *within = within_of(place, scope);
	/* What has no identifier of its own is the study's, or that of the
	 * resource that leads to it. */
	const struct met_nodes *leaders =
		leaders_of(assembly, place->via[lens->release]);
	if (assembly->survey && !place->is_element &&
	    !(leaders && leaders->count) &&
	    !is_known(lens, place, object, values.of_rule, within)) {
		free(within);
		accounts_free(lens->rules, values.of_rule);
		json_known_free(&known);
		json_object_put(object);
		return;
	}
	json_object *of_only = only_item_values(lens, place, values.of_rule);
	char *identity = content_identity(lens, place, instance, object,
					  values.of_rule, within);
	struct node *node = assembly_find(assembly, identity);
	if (!node)
		node = find_same(assembly, lens, place, instance, object,
				 values.of_rule, within);
	if (node) {
		if (node->home == assembly)
			write_values(lens, &values, node->object, &node->known);
		add_to_node(assembly, node, &values, instance);
		json_known_free(&known);
		json_object_put(object);
		free(within);
	} else {
		node = node_add(assembly, place, identity, object, NULL);
		node->known = known;
		node->owner = at[LEVEL_STUDY];
		node->leader =
			leaders && leaders->count ? leaders->at[0] : NULL;
		node->accounts = values.of_rule;
		node->within = within;
		memcpy(node->at, at, sizeof node->at);
		set_refs(assembly, node);
	}
	if (node->home == assembly)
		name_node(assembly, node, instance);
	node_meet(assembly, node);
	only_item_meet(assembly, node, scope, of_only);
	free(identity);
	lead_on_to(assembly, place, node, at);
}

static void add_keyed(struct assembly *assembly, const struct lens *lens,
		      const struct place *place,
		      const struct instance *instance, struct node *at[LEVELS])
{
	struct node *node = node_keyed(assembly, place, instance, at);
	struct scope scope = scope_root(&instance->dataset->root);
	at[place->level] = node;
	if (!node)
		return;
	node_meet(assembly, node);
	if (node->home == assembly)
		memcpy(node->at, at, sizeof node->at);
	struct place_values values = get_values(lens, place, &scope);
	if (place->level == LEVEL_INSTANCE) {
		write_values(lens, &values, node->object, &node->known);
		accounts_free(lens->rules, values.of_rule);
	} else {
		add_to_node(assembly, node, &values, instance);
	}
}

/* A contained patient is contained in the first study that has him. */
static void set_owner(const struct assembly *assembly, struct node *at[LEVELS])
{
	if (at[LEVEL_PATIENT] && !at[LEVEL_PATIENT]->owner &&
	    at[LEVEL_PATIENT]->home == assembly)
		at[LEVEL_PATIENT]->owner = at[LEVEL_STUDY];
}

/* ---- what several studies share ---- */

static bool refers_below_patient(const struct place *place)
{
	for (size_t i = 0; i < place->ref_count; i++)
		if (place->refs[i].to->level > LEVEL_PATIENT)
			return true;
	return false;
}

/* Who has an identifier, and an entry by it: a person is the same in every
 * study, an order in those of its patient. */
static bool is_surveyed(const struct place *place, enum fhir_release release,
			enum survey kind)
{
	const struct fhir_path *via = place->via[release];
	bool of_patient =
		place->ref_count || (via && via->place->key_count &&
				     via->place->level == LEVEL_PATIENT);
	if (!place->in_release[release] || refers_below_patient(place))
		return false;
	/* What an order leads to is complete with it, and what is in it. */
	if (via && (place->is_element || !via->place->key_count) &&
	    is_surveyed(via->place, release, kind))
		return true;
	if (place->key_count)
		return kind == SURVEY_PATIENT && place->level == LEVEL_PATIENT;
	return place->entry == ENTRY_CREATE_UNLESS &&
	       of_patient == (kind == SURVEY_PATIENT);
}

static struct lens lens_of_instance(const struct assembly *assembly,
				    const struct instance *instance,
				    struct arena *arena)
{
	return (struct lens){
		.rules = assembly->rules,
		.release = assembly->release,
		.arena = arena,
		.zone = assembly->zone,
		.schemes = schemes_of(assembly->rules, &instance->dataset->root,
				      arena),
	};
}

static void add_scopes_of_place(struct assembly *assembly,
				const struct lens *lens,
				const struct place *place,
				const struct instance *instance,
				struct node *at[LEVELS])
{
	struct scope root = scope_root(&instance->dataset->root);
	struct scope_list scopes = scopes_of(&place->each, &root);
	for (size_t k = 0; k < scopes.count; k++)
		add_position(assembly, lens, place, instance, &scopes.at[k],
			     at);
	scope_list_free(&scopes);
}

/* First the levels, because the others are found from there. */
static void add_places(struct assembly *assembly, const struct lens *lens,
		       const struct instance *instance, enum survey kind)
{
	const dfh_rules *rules = assembly->rules;
	struct node *at[LEVELS] = {0};
	for (size_t i = 0; i < rules->place_count; i++)
		assembly->here[i].count = 0;
	for (int pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < rules->place_count; i++) {
			const struct place *place = &rules->places[i];
			if (!place->in_release[lens->release] ||
			    (place->key_count != 0) != (pass == 0) ||
			    (kind &&
			     !is_surveyed(place, lens->release, kind)) ||
			    !conditions_hold(&place->conditions,
					     &instance->dataset->root))
				continue;
			if (place->key_count)
				add_keyed(assembly, lens, place, instance, at);
			else
				add_scopes_of_place(assembly, lens, place,
						    instance, at);
		}
		set_owner(assembly, at);
	}
	memcpy(assembly->last, at, sizeof at);
}

void assembly_survey(struct assembly *assembly, const struct instance *instance,
		     enum survey kind)
{
	struct arena *arena = arena_new();
	struct lens lens = lens_of_instance(assembly, instance, arena);
	assembly->survey = kind;
	assembly->report = NULL;
	add_places(assembly, &lens, instance, kind);
	arena_free(arena);
}

bool assembly_survey_end(struct assembly *assembly, dfh_report *report)
{
	assembly_write_accounts(assembly);
	/* A patient without an identifier is contained in each study, and so
	 * are his orders. */
	for (size_t i = 0; i < assembly->node_count; i++)
		if (assembly->nodes[i]->home == assembly &&
		    assembly->nodes[i]->place->is_resource &&
		    !assembly->nodes[i]->leader &&
		    !node_may_be_entry(assembly->nodes[i]))
			return false;
	assembly->report = report;
	assembly_complete_resources(assembly);
	return assembly->node_count > 0;
}

/* ---- instances ---- */

/*
 * The first of those that say the same makes the resources.  The second finds
 * them, and what it adds to them (where rules write into what others wrote)
 * the third finds too: from then on nothing but the instance itself is new.
 */
enum { ADDED_IN_FULL = 2 };

void assembly_add(struct assembly *assembly, const struct instance *instance,
		  bool is_same)
{
	const struct own *own = assembly->own;
	struct assembly_note_context context = {assembly, instance};
	struct arena *arena = arena_new();
	struct lens lens = lens_of_instance(assembly, instance, arena);
	lens.note = take_lens_note;
	lens.note_context = &context;
	assembly->same_count = is_same ? assembly->same_count + 1 : 0;
	if (assembly->same_count >= ADDED_IN_FULL && own && own->place &&
	    own->place->in_release[assembly->release]) {
		assembly_add_alike(assembly, &lens, instance);
	} else {
		assembly->said_count = 0;
		add_places(assembly, &lens, instance, SURVEY_NONE);
	}
	met_nodes_add(&assembly->instances, assembly->last[LEVEL_INSTANCE]);
	arena_free(arena);
}
