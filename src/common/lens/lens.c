#include "conditions.h"
#include "dcm_number.h"
#include "lens.h"
#include "lens_one.h"
#include "lens_policy.h"

#include <stdlib.h>
#include <string.h>

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

static struct codec_call lens_call_of(const struct note_target *target,
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
		.replaces = !lens->stamps ||
			    lens_policy(lens, target->rule) == DFH_OVERWRITE,
		.stamps = lens->stamps,
		.note = pass_note,
		.note_context = (void *)target,
	};
}

struct lens lens_quiet(const struct lens *lens)
{
	struct lens quiet = *lens;
	quiet.note = NULL;
	quiet.note_at = NULL;
	return quiet;
}

/* false: none of them has a value. */
static bool read_here(const struct lens *lens, const struct rule *rule,
		      const struct scope *scope, struct port_value *ports)
{
	bool any = false;
	for (size_t i = 0; i < codec_port_count(rule->codec); i++) {
		ports[i] = rule->ports[i].port
				   ? scope_read(scope, &rule->ports[i].path,
						lens->arena)
				   : (struct port_value){VALUE_ABSENT, NULL};
		any = any || ports[i].state == VALUE_TEXT;
	}
	return any;
}

/* What the only item does not say for itself is said of it at the top level. */
static void lens_read_ports(const struct lens *lens, const struct rule *rule,
			    const struct scope *scope, struct port_value *ports)
{
	struct port_value at_top[CODEC_PORTS_MAX];
	struct scope top = scope_root(scope->root);
	if (!read_here(lens, rule, scope, ports) && rule->of_only_item &&
	    scope->is_only && !scope->is_top_level &&
	    read_here(lens, rule, &top, at_top))
		memcpy(ports, at_top,
		       codec_port_count(rule->codec) * sizeof *ports);
}

void lens_ports(const struct lens *lens, const struct rule *rule,
		const struct scope *scope, struct port_value *ports)
{
	lens_read_ports(lens, rule, scope, ports);
}

bool lens_when(const struct lens *lens, const struct rule *rule,
	       const struct scope *scope, struct moment *out)
{
	struct port_value ports[CODEC_PORTS_MAX];
	struct note_target target = {lens, rule};
	const struct fhir_path *path = rule->fhir[lens->release];
	if (!path || !rule->codec->when)
		return false;
	struct codec_call call = lens_call_of(&target, path->type);
	lens_read_ports(lens, rule, scope, ports);
	return rule->codec->when(&call, ports, out);
}

/* ---- which rules take part ---- */

bool lens_applies(const struct rule *rule, const struct scope *scope)
{
	bool yields =
		scope->is_top_level && !(scope->is_only && rule->of_only_item);
	const struct rule *other = yields ? rule->yields_at_top : NULL;
	return conditions_hold(&rule->conditions, scope->root) &&
	       !(other && conditions_hold(&other->conditions, scope->root));
}

/* ---- get ---- */

static void get_ports(const struct lens *lens, const struct rule *rule,
		      const struct port_value *ports, struct json_list *out)
{
	struct note_target target = {lens, rule};
	struct codec_call call =
		lens_call_of(&target, rule->fhir[lens->release]->type);
	json_object *value = rule->codec->get(&call, ports);
	if (!value)
		return;
	if (!rule->codec->list) {
		json_list_add(out, value);
		return;
	}
	for (size_t i = 0; i < json_count(value); i++)
		json_list_add(out, json_object_get(json_at(value, i)));
	json_object_put(value);
}

void lens_get_one(const struct lens *lens, const struct rule *rule,
		  const struct scope *scope, struct json_list *out)
{
	struct port_value ports[CODEC_PORTS_MAX];
	lens_read_ports(lens, rule, scope, ports);
	get_ports(lens, rule, ports, out);
}

void lens_get_without(const struct lens *lens, const struct rule *rule,
		      const struct scope *scope, size_t port,
		      struct json_list *out)
{
	struct port_value ports[CODEC_PORTS_MAX];
	lens_read_ports(lens, rule, scope, ports);
	ports[port] = (struct port_value){VALUE_ABSENT, NULL};
	get_ports(lens, rule, ports, out);
}

/* Of several items, such as frames, one value if it is that of all, the one
 * that says most; else none. */
static void keep_agreed_value(struct json_list *values, size_t items)
{
	bool all = values->count == items;
	size_t fullest = 0;
	for (size_t i = 1; i < values->count; i++)
		if (json_says_all(values->at[i], values->at[fullest]))
			fullest = i;
	for (size_t i = 0; i < values->count; i++)
		all = all && json_says_all(values->at[fullest], values->at[i]);
	json_object *one = all ? json_object_get(values->at[fullest]) : NULL;
	for (size_t i = 0; i < values->count; i++)
		json_object_put(values->at[i]);
	if (all)
		values->at[0] = one;
	values->count = all ? 1 : 0;
}

void lens_get(const struct lens *lens, const struct rule *rule,
	      const struct scope *scope, struct json_list *out)
{
	if (!rule->fhir[lens->release])
		return;
	struct scope_list inner = scopes_of(&rule->each, scope);
	for (size_t i = 0; i < inner.count; i++)
		if (lens_applies(rule, &inner.at[i]))
			lens_get_one(lens, rule, &inner.at[i], out);
	if (rule->among == AMONG_AGREE && inner.count > 1)
		keep_agreed_value(out, inner.count);
	scope_list_free(&inner);
}

bool lens_has_value(const struct lens *lens, const struct rule *rule,
		    const struct scope *scope)
{
	struct scope_list inner = scopes_of(&rule->each, scope);
	bool found = false;
	for (size_t i = 0; i < inner.count && !found; i++)
		for (size_t k = 0; k < codec_port_count(rule->codec) && !found;
		     k++)
			found = rule->ports[k].port &&
				!rule->ports[k].read_only &&
				scope_read(&inner.at[i], &rule->ports[k].path,
					   lens->arena)
						.state == VALUE_TEXT;
	scope_list_free(&inner);
	return found;
}

bool lens_is_target(const struct lens *lens, const struct rule *rule,
		    const struct scope *scope)
{
	const struct sources *sources = rule->sources;
	if (!sources)
		return true;
	for (size_t i = 0; rule->among != AMONG_EARLIEST && i < sources->count;
	     i++) {
		const struct rule *one =
			&lens->rules->rules[sources->first + i];
		if (lens_has_value(lens, one, scope))
			return one == rule;
	}
	return rule == &lens->rules->rules[sources->home];
}

void lens_values_free(struct json_list *values)
{
	for (size_t i = 0; i < values->count; i++)
		json_object_put(values->at[i]);
	json_list_free(values);
}

/* ---- put ---- */

void lens_note(const struct lens *lens, const struct rule *rule,
	       enum note_kind kind, const char *text)
{
	struct note_target target = {lens, rule};
	pass_note(&target, kind, text);
}

void lens_note_at(const struct lens *lens, const struct rule *rule,
		  const struct rule_port *port, enum note_kind kind,
		  const char *text)
{
	if (lens->note_at)
		lens->note_at(lens->note_context, rule, &port->path, kind,
			      text);
	else
		lens_note(lens, rule, kind, text);
}

/* Do two accounts of the ports mean the same in FHIR?  Then the old one, with
 * its spelling, stays. */
static bool same_meaning(const struct lens *lens, const struct rule *rule,
			 const struct port_value *old,
			 const struct port_value *new)
{
	const struct lens quiet = lens_quiet(lens);
	struct note_target target = {&quiet, rule};
	struct codec_call call =
		lens_call_of(&target, rule->fhir[lens->release]->type);
	json_object *a = rule->codec->get(&call, old);
	json_object *b = a ? rule->codec->get(&call, new) : NULL;
	bool same = a && b && json_object_equal(a, b);
	json_object_put(a);
	json_object_put(b);
	return same;
}

static bool is_port_beside(const struct rule *rule, const struct dcm_path *path,
			   const struct dcm_tag *tag)
{
	for (size_t i = 0; i < codec_port_count(rule->codec); i++) {
		const struct dcm_path *port = &rule->ports[i].path;
		if (rule->ports[i].port && port->depth == path->depth &&
		    dcm_tag_compare(&port->tags[port->depth - 1], tag) == 0)
			return true;
	}
	return false;
}

/* A new value in an item of which the old one was all: what else was said of
 * that does not hold for this. */
static void forget_rest(const struct rule *rule, const struct scope *scope,
			const struct dcm_path *path)
{
	/* A text beside the sequence stands in an item of others. */
	if (!rule->codec->owns_item || path->depth < 2 ||
	    path->depth != rule->ports[0].path.depth)
		return;
	struct dcm_item *item = scope_holder(scope, path);
	for (size_t i = item ? item->count : 0; i > 0; i--) {
		struct dcm_tag tag = item->elements[i - 1].tag;
		if (!is_port_beside(rule, path, &tag))
			dcm_item_remove(item, &tag);
	}
}

/* Do the ports say the same to FHIR? */
static bool same_in_fhir(const struct codec_call *call,
			 const struct port_value *a, const struct port_value *b)
{
	struct codec_call quiet = *call;
	quiet.note = NULL;
	json_object *x = call->rule->codec->get(&quiet, a);
	json_object *y = call->rule->codec->get(&quiet, b);
	bool same = json_object_equal(x, y);
	json_object_put(x);
	json_object_put(y);
	return same;
}

/* What stands beside a list belongs to the first of it. */
static void leave_hidden(const struct lens *lens, const struct scope *scope,
			 const struct codec_call *call,
			 const struct port_value *old, struct port_value *new)
{
	const struct rule *rule = call->rule;
	struct port_value full[CODEC_PORTS_MAX];
	memcpy(full, new, sizeof full);
	for (size_t i = 0; i < codec_port_count(rule->codec); i++)
		if (scope_hides(scope, &rule->ports[i].path))
			new[i] = old[i];
	if (same_in_fhir(call, full, new))
		return;
	for (size_t i = 0; i < codec_port_count(rule->codec); i++)
		if (scope_hides(scope, &rule->ports[i].path) &&
		    full[i].state == VALUE_TEXT)
			lens_note_at(lens, rule, &rule->ports[i], NOTE_LOST,
				     "DICOM has room for one");
}

/* Does the value make the one port what it is, where nothing is yet? */
static bool leads_back(const struct lens *lens, const struct rule *rule,
		       const struct scope *scope, json_object *value,
		       const struct port_value *port)
{
	static const struct port_value absent = {VALUE_ABSENT, NULL};
	const struct lens back = {.rules = lens->rules,
				  .release = lens->release,
				  .arena = lens->arena};
	struct port_value made = absent;
	struct note_target target = {&back, rule};
	struct codec_call call =
		lens_call_of(&target, rule->fhir[lens->release]->type);
	return rule->codec->put(&call, value, &made) == 0 &&
	       lens_same_value(&made, port) &&
	       lens_may_write(&back, rule, scope, 0, &absent, &made) > 0;
}

/* Is the value of the one port its text, all of it?  The digits of a DS say
 * more than its number, and other numbers are no text. */
static bool is_plain_text(const struct rule *rule, const struct scope *scope)
{
	const struct dcm_path *path = &rule->ports[0].path;
	const struct dcm_element *element = scope_element(scope, path);
	return element && element->text && strcmp(element->vr, "DS") != 0 &&
	       !dcm_number_is(path->vr);
}

bool lens_get_back(const struct lens *lens, const struct rule *rule,
		   const struct scope *scope, struct json_list *out)
{
	struct port_value ports[CODEC_PORTS_MAX];
	lens_read_ports(lens, rule, scope, ports);
	get_ports(lens, rule, ports, out);
	return out->count == 1 && is_plain_text(rule, scope) &&
	       (json_object_is_type(out->at[0], json_type_string) ||
		json_object_is_type(out->at[0], json_type_int)) &&
	       leads_back(lens, rule, scope, out->at[0], ports);
}

/* value: one, or for a list codec the array of all.  false: refused. */
bool lens_put_one(const struct lens *lens, const struct rule *rule,
		  const struct scope *scope, json_object *value)
{
	struct port_value old[CODEC_PORTS_MAX], new[CODEC_PORTS_MAX];
	bool write[CODEC_PORTS_MAX];
	struct note_target target = {lens, rule};
	struct codec_call call =
		lens_call_of(&target, rule->fhir[lens->release]->type);
	lens_read_ports(lens, rule, scope, old);
	memcpy(new, old, sizeof new);
	if (rule->codec->put(&call, value, new) < 0)
		return false;
	if (scope->list_index)
		leave_hidden(lens, scope, &call, old, new);
	if (same_meaning(lens, rule, old, new) ||
	    lens_keeps(lens, rule, old, new))
		return true;
	for (size_t i = 0; i < codec_port_count(rule->codec); i++) {
		/* Type 2 (PS3.5 7.4.3) */
		if (rule->ports[i].type == 2 && old[i].state != VALUE_ABSENT &&
		    new[i].state == VALUE_ABSENT)
			new[i].state = VALUE_EMPTY;
		int may =
			lens_may_write(lens, rule, scope, i, &old[i], &new[i]);
		if (may < 0)
			return false;
		write[i] = may > 0;
	}
	for (size_t i = 0; i < codec_port_count(rule->codec); i++)
		if (write[i]) {
			scope_write(scope, &rule->ports[i].path, &new[i]);
			forget_rest(rule, scope, &rule->ports[i].path);
		}
	return true;
}
