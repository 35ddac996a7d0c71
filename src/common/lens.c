#include "lens.h"

#include <stdlib.h>
#include <string.h>

#include "vr.h"

struct note_target {
	const struct lens *lens;
	const struct rule *rule;
};

static void pass_note(void *context, enum note_kind kind, const char *text)
{
	const struct note_target *target = context;
	if (target->lens->note)
		target->lens->note(target->lens->note_context, target->rule,
				   kind, text);
}

static struct codec_call call_of(const struct note_target *target,
				 const char *type)
{
	const struct lens *lens = target->lens;
	return (struct codec_call){
	    .rules = lens->rules,
	    .rule = target->rule,
	    .release = lens->release,
	    .type = type,
	    .arena = lens->arena,
	    .schemes = lens->schemes,
	    .zone = lens->zone,
	    .note = pass_note,
	    .note_context = (void *)target,
	};
}

static size_t port_count(const struct rule *rule)
{
	size_t count = 0;
	while (rule->codec->ports[count].name)
		count++;
	return count;
}

static void read_ports(const struct lens *lens, const struct rule *rule,
		       const struct scope *scope, struct port_value *ports)
{
	for (size_t i = 0; i < port_count(rule); i++)
		ports[i] =
		    rule->ports[i].port
			? scope_read(scope, &rule->ports[i].path, lens->arena)
			: (struct port_value){VALUE_ABSENT, NULL};
}

/* ---- which rules take part ---- */

static bool writes_at_top(const struct rule *rule, const struct dcm_tag *tag)
{
	const struct fhir_path *path =
	    rule->fhir[DFH_R5] ? rule->fhir[DFH_R5] : rule->fhir[DFH_R4];
	if (!rule->can_put || rule->each.kind != EACH_NONE ||
	    path->place->each.kind != EACH_NONE)
		return false;
	for (size_t i = 0; i < port_count(rule); i++)
		if (rule->ports[i].port && !rule->ports[i].read_only &&
		    dcm_tag_compare(&rule->ports[i].path.tags[0], tag) == 0)
			return true;
	return false;
}

bool lens_applies(const struct lens *lens, const struct rule *rule,
		  const struct scope *scope)
{
	if (!scope->is_top_level)
		return true;
	for (size_t i = 0; i < port_count(rule); i++) {
		if (!rule->ports[i].port)
			continue;
		const struct dcm_tag *tag = &rule->ports[i].path.tags[0];
		for (size_t k = 0; k < lens->rules->rule_count; k++)
			if (&lens->rules->rules[k] != rule &&
			    writes_at_top(&lens->rules->rules[k], tag))
				return false;
	}
	return true;
}

/* ---- get ---- */

static void get_one(const struct lens *lens, const struct rule *rule,
		    const struct scope *scope, struct json_list *out)
{
	struct port_value ports[CODEC_PORTS_MAX];
	struct note_target target = {lens, rule};
	struct codec_call call =
	    call_of(&target, rule->fhir[lens->release]->type);
	read_ports(lens, rule, scope, ports);
	json_object *value = rule->codec->get(&call, ports);
	if (!value)
		return;
	if (!rule->codec->list) {
		json_list_add(out, value);
		return;
	}
	for (size_t i = 0; i < json_object_array_length(value); i++)
		json_list_add(
		    out, json_object_get(json_object_array_get_idx(value, i)));
	json_object_put(value);
}

void lens_get(const struct lens *lens, const struct rule *rule,
	      const struct scope *scope, struct json_list *out)
{
	if (!rule->fhir[lens->release])
		return;
	struct scope_list inner = scopes_of(&rule->each, scope);
	for (size_t i = 0; i < inner.count; i++)
		if (lens_applies(lens, rule, &inner.at[i]))
			get_one(lens, rule, &inner.at[i], out);
	scope_list_free(&inner);
}

void lens_values_free(struct json_list *values)
{
	for (size_t i = 0; i < values->count; i++)
		json_object_put(values->at[i]);
	json_list_free(values);
}

/* ---- put ---- */

static void note(const struct lens *lens, const struct rule *rule,
		 enum note_kind kind, const char *text)
{
	struct note_target target = {lens, rule};
	pass_note(&target, kind, text);
}

/* Several rules may write one attribute, the zone, and must then agree: the
 * first that has it decides, for a zone is never converted. */
static bool agrees(const struct port_value *old, const struct port_value *new)
{
	return old->state != VALUE_TEXT || new->state != VALUE_TEXT ||
	       strcmp(old->text, new->text) == 0;
}

static bool same_value(const struct port_value *a, const struct port_value *b)
{
	return a->state == b->state &&
	       (a->state != VALUE_TEXT || strcmp(a->text, b->text) == 0);
}

/* Is the port written, and may it be?  -1: the whole value must be refused. */
static int may_write(const struct lens *lens, const struct rule *rule, size_t i,
		     const struct port_value *old, const struct port_value *new)
{
	const struct rule_port *port = &rule->ports[i];
	if (!port->port || port->read_only || same_value(old, new))
		return 0;
	if (port->shared && new->state != VALUE_TEXT)
		return 0;
	if (port->shared && !agrees(old, new)) {
		note(lens, rule, NOTE_REFUSED,
		     "the dataset has another offset from UTC");
		return -1;
	}
	if (lens->keeps_uids && strcmp(port->path.vr, "UI") == 0 &&
	    old->state == VALUE_TEXT)
		return 0;
	/* A rule that never reads only fills what is empty. */
	if (!rule->can_get && old->state == VALUE_TEXT)
		return 0;
	const char *fault =
	    new->state == VALUE_TEXT
		? vr_fault(port->path.vr, port->path.vm_max, new->text)
		: NULL;
	if (fault) {
		note(lens, rule, NOTE_REFUSED, fault);
		return -1;
	}
	return 1;
}

/* value: one, or for a list codec the array of all. */
static void put_one(const struct lens *lens, const struct rule *rule,
		    const struct scope *scope, json_object *value)
{
	struct port_value old[CODEC_PORTS_MAX], new[CODEC_PORTS_MAX];
	bool write[CODEC_PORTS_MAX];
	struct note_target target = {lens, rule};
	struct codec_call call =
	    call_of(&target, rule->fhir[lens->release]->type);
	read_ports(lens, rule, scope, old);
	memcpy(new, old, sizeof new);
	if (rule->codec->put(&call, value, new) < 0)
		return;
	for (size_t i = 0; i < port_count(rule); i++) {
		int may = may_write(lens, rule, i, &old[i], &new[i]);
		if (may < 0)
			return;
		write[i] = may > 0;
	}
	for (size_t i = 0; i < port_count(rule); i++)
		if (write[i])
			scope_write(scope, &rule->ports[i].path, &new[i]);
}

static json_object *array_of(const struct json_list *values)
{
	json_object *array = json_object_new_array();
	for (size_t i = 0; i < values->count; i++)
		json_object_array_add(array, json_object_get(values->at[i]));
	return array;
}

static bool same_values(const struct lens *lens, const struct rule *rule,
			const struct json_list *got,
			const struct json_list *values)
{
	if (got->count != values->count)
		return false;
	for (size_t i = 0; i < got->count; i++) {
		json_object *dressed =
		    fhir_path_dressed(rule->fhir[lens->release], got->at[i]);
		bool same = json_object_equal(dressed, values->at[i]) ||
			    json_object_equal(got->at[i], values->at[i]);
		json_object_put(dressed);
		if (!same)
			return false;
	}
	return true;
}

/* An item whose value FHIR did not change keeps everything else in it. */
static struct dcm_item *item_for(const struct lens *lens,
				 const struct rule *rule,
				 const struct scope *scope,
				 struct dcm_item **old, size_t old_count,
				 json_object *value)
{
	for (size_t k = 0; k < old_count; k++) {
		if (!old[k])
			continue;
		struct scope inner = {.root = scope->root, .item = old[k]};
		struct json_list got = {0};
		struct json_list one = {.at = &value, .count = 1};
		get_one(lens, rule, &inner, &got);
		bool same = same_values(lens, rule, &got, &one);
		lens_values_free(&got);
		if (same) {
			struct dcm_item *item = old[k];
			old[k] = NULL;
			return item;
		}
	}
	struct dcm_item *item = arena_alloc(scope->root->arena, sizeof *item);
	item->arena = scope->root->arena;
	struct scope inner = {.root = scope->root, .item = item};
	put_one(lens, rule, &inner, value);
	return item;
}

static void put_items(const struct lens *lens, const struct rule *rule,
		      const struct scope *scope, const struct json_list *values)
{
	const struct dcm_path *path = &rule->each.paths[0];
	struct dcm_element *sequence = scope_element(scope, path);
	size_t old_count = sequence ? sequence->item_count : 0;
	struct dcm_item **old =
	    xmalloc((old_count + 1) * sizeof(struct dcm_item *));
	struct dcm_item **items = arena_alloc(
	    scope->root->arena, values->count * sizeof(struct dcm_item *));
	size_t count = 0;
	if (old_count)
		memcpy(old, sequence->items, old_count * sizeof *old);
	for (size_t i = 0; i < values->count; i++) {
		struct dcm_item *item =
		    item_for(lens, rule, scope, old, old_count, values->at[i]);
		if (item->count)
			items[count++] = item;
	}
	free(old);
	if (!count)
		return;
	scope_write(scope, path, &(struct port_value){VALUE_EMPTY, NULL});
	sequence = scope_element(scope, path);
	sequence->items = items;
	sequence->item_count = count;
}

static void put_values(const struct lens *lens, const struct rule *rule,
		       const struct scope *scope,
		       const struct json_list *values)
{
	const struct dcm_path *path = &rule->each.paths[0];
	scope_write(scope, path, &(struct port_value){VALUE_EMPTY, NULL});
	for (size_t i = 0; i < values->count; i++) {
		struct scope inner = *scope;
		inner.value_of = path;
		inner.value_index = (int)i;
		put_one(lens, rule, &inner, values->at[i]);
	}
}

size_t lens_home(const struct each *each, const struct dcm_item *root,
		 struct arena *arena)
{
	struct scope top = scope_root((struct dcm_item *)root);
	/* A home that is in use stays the home. */
	for (size_t i = 0; i < each->count; i++) {
		const struct dcm_element *used =
		    each->paths[i].depth ? scope_element(&top, &each->paths[i])
					 : NULL;
		if (used && used->item_count)
			return i;
	}
	struct port_value key = scope_read(&top, &each->by, arena);
	const char *name = table_choice(each->table, key.text);
	for (size_t i = 0; i < each->count; i++)
		if (name && strcmp(each->paths[i].text, name) == 0)
			return i;
	return 0;
}

static void put_one_of(const struct lens *lens, const struct rule *rule,
		       const struct scope *scope,
		       const struct json_list *values)
{
	size_t home = lens_home(&rule->each, scope->root, lens->arena);
	const struct dcm_path *path = &rule->each.paths[home];
	for (size_t i = 0; i < values->count; i++) {
		struct scope inner = *scope;
		inner.is_top_level = path->depth == 0;
		if (inner.is_top_level && i > 0) {
			note(lens, rule, NOTE_LOST,
			     "the top level has room for one");
			return;
		}
		if (path->depth)
			inner.item =
			    dcm_item_need_item(scope->root, &path->tags[0], i);
		put_one(lens, rule, &inner, values->at[i]);
	}
}

/* All values together for every item that another rule made. */
static void put_in_every_item(const struct lens *lens, const struct rule *rule,
			      const struct scope *scope,
			      const struct json_list *values)
{
	struct scope_list items = scopes_of(&rule->each, scope);
	json_object *array = array_of(values);
	for (size_t i = 0; i < items.count; i++)
		put_one(lens, rule, &items.at[i], array);
	json_object_put(array);
	scope_list_free(&items);
}

void lens_put(const struct lens *lens, const struct rule *rule,
	      const struct scope *scope, const struct json_list *values)
{
	if (!values->count || !rule->can_put || !rule->fhir[lens->release])
		return;
	if (rule->codec->list && rule->each.kind == EACH_ITEM) {
		put_in_every_item(lens, rule, scope, values);
		return;
	}
	struct json_list got = {0};
	struct lens quiet = *lens;
	quiet.note = NULL;
	lens_get(&quiet, rule, scope, &got);
	bool same = same_values(lens, rule, &got, values);
	lens_values_free(&got);
	if (same)
		return;
	switch (rule->each.kind) {
	case EACH_ITEM:
		put_items(lens, rule, scope, values);
		return;
	case EACH_VALUE:
		put_values(lens, rule, scope, values);
		return;
	case EACH_ONE_OF:
		put_one_of(lens, rule, scope, values);
		return;
	case EACH_NONE:
	case EACH_JOIN:
		break;
	}
	json_object *value = rule->codec->list ? array_of(values)
					       : json_object_get(values->at[0]);
	if (!rule->codec->list && values->count > 1)
		note(lens, rule, NOTE_LOST, "DICOM has room for one");
	put_one(lens, rule, scope, value);
	json_object_put(value);
}
