#include "lens_policy.h"
#include "lens_one.h"

#include <string.h>

#include "dcm_number.h"
#include "vr.h"

dfh_policy lens_policy(const struct lens *lens, const struct rule *rule)
{
	if (rule && rule->policy != DFH_BELIEVE)
		return rule->policy;
	if (lens->policy != DFH_BELIEVE)
		return lens->policy;
	bool is_of_study = rule && lens->is_of_study &&
			   lens->is_of_study[rule - lens->rules->rules];
	return rule && rule->believes_image && !is_of_study ? DFH_SUPPLEMENT
							    : DFH_MERGE;
}

bool lens_only_fills(const struct lens *lens, const struct rule *rule)
{
	return lens->stamps && lens_policy(lens, rule) == DFH_SUPPLEMENT;
}

static bool port_is_written(const struct rule_port *port)
{
	return port->port && !port->read_only && !port->shared;
}

bool lens_same_value(const struct port_value *a, const struct port_value *b)
{
	return a->state == b->state &&
	       (a->state != VALUE_TEXT || strcmp(a->text, b->text) == 0);
}

/* What a dataset is found by is not made empty. */
static bool is_found_by(const struct rule *rule)
{
	for (size_t i = 0; i < codec_port_count(rule->codec); i++)
		if (rule->ports[i].port && rule->ports[i].is_key)
			return true;
	return false;
}

/* ---- who issued an identifier ---- */

static size_t port_at(const struct rule *rule, const struct dcm_path *path)
{
	size_t i = 0;
	while (i < codec_port_count(rule->codec) &&
	       !(rule->ports[i].port &&
		 strcmp(rule->ports[i].path.text, path->text) == 0))
		i++;
	return i;
}

/* Has the same number an issuer that is not the new one's? */
static bool has_another_issuer(const struct rule *rule,
			       const struct match_id *id,
			       const struct port_value *old,
			       const struct port_value *new)
{
	size_t count = codec_port_count(rule->codec);
	size_t value = port_at(rule, &id->paths[0]);
	bool issued = false, agrees = false, differs = false;
	if (value == count || old[value].state != VALUE_TEXT ||
	    !lens_same_value(&old[value], &new[value]))
		return false;
	for (size_t p = 1; p < id->count; p++) {
		size_t i = port_at(rule, &id->paths[p]);
		if (i == count || old[i].state != VALUE_TEXT)
			continue;
		issued = true;
		agrees = agrees || lens_same_value(&old[i], &new[i]);
		differs = differs || (new[i].state == VALUE_TEXT &&
				      !lens_same_value(&old[i], &new[i]));
	}
	return issued && (differs || !agrees);
}

/* A number of another issuer is another number, and would be somebody else's:
 * the issuer that the dataset names stays, as long as nobody says that FHIR is
 * right. */
static bool keeps_issuer(const struct lens *lens, const struct rule *rule,
			 const struct port_value *old,
			 const struct port_value *new)
{
	const dfh_rules *rules = lens->rules;
	for (size_t k = 0; !lens->forced && k < rules->match_count; k++)
		for (size_t i = 0; i < rules->match[k].id_count; i++)
			if (has_another_issuer(rule, &rules->match[k].ids[i],
					       old, new))
				return true;
	return false;
}

/* ---- the value as a whole ---- */

/* A value that is spread over several attributes is one value: of a date and
 * its time, neither is filled in beside another one's other half, and a time
 * goes with its date. */
bool lens_keeps(const struct lens *lens, const struct rule *rule,
		const struct port_value *old, const struct port_value *new)
{
	dfh_policy policy = lens_policy(lens, rule);
	bool replaces = false, blanks = false, fills = false;
	if (lens->stamps && is_found_by(rule) &&
	    keeps_issuer(lens, rule, old, new)) {
		lens_note(lens, rule, NOTE_KEPT,
			  "the issuer that the dataset names stays");
		return true;
	}
	if (!lens->stamps || (policy == DFH_OVERWRITE && !is_found_by(rule)))
		return false;
	for (size_t i = 0; i < codec_port_count(rule->codec); i++) {
		if (!port_is_written(&rule->ports[i]) ||
		    lens_same_value(&old[i], &new[i]))
			continue;
		if (old[i].state != VALUE_TEXT)
			fills = fills || new[i].state == VALUE_TEXT;
		else if (new[i].state == VALUE_TEXT)
			replaces = true;
		else
			blanks = true;
	}
	if (policy != DFH_SUPPLEMENT)
		return blanks && !replaces && !fills;
	if (replaces && rule->can_get)
		lens_note(lens, rule, NOTE_KEPT,
			  "the dataset has a value, and only what is empty is "
			  "filled");
	return replaces || blanks;
}

/* ---- one port ---- */

/* Several rules may write one attribute, the zone, and must then agree: the
 * first that has it decides. */
static bool values_agree(const struct port_value *old,
			 const struct port_value *new)
{
	return old->state != VALUE_TEXT || new->state != VALUE_TEXT ||
	       strcmp(old->text, new->text) == 0;
}

/* What identifies the instance, its series, its study or its class stands at
 * the top, and does not even become known by stamping. */
static bool is_fixed_uid(const struct lens *lens, const struct rule_port *port,
			 const struct scope *scope,
			 const struct port_value *old)
{
	bool at_top = port->path.depth == 1 &&
		      (port->path.from_root || scope->item == scope->root);
	return lens->stamps && strcmp(port->path.vr, "UI") == 0 &&
	       (at_top || old->state == VALUE_TEXT);
}

static const char *new_value_fault(const struct lens *lens,
				   const struct rule_port *port,
				   const struct port_value *old,
				   const struct port_value *new)
{
	if (new->state == VALUE_TEXT && dcm_number_is(port->path.vr))
		return dcm_number_fault(port->path.vr, new->text);
	if (new->state == VALUE_TEXT)
		return vr_fault(port->path.vr, port->path.vm_max, new->text);
	if (lens->stamps && port->type == 1 && old->state == VALUE_TEXT)
		return "must not become empty (Type 1)";
	return NULL;
}

int lens_may_write(const struct lens *lens, const struct rule *rule,
		   const struct scope *scope, size_t i,
		   const struct port_value *old, const struct port_value *new)
{
	const struct rule_port *port = &rule->ports[i];
	if (!port->port || port->read_only || lens_same_value(old, new))
		return 0;
	if (port->shared && new->state != VALUE_TEXT)
		return 0;
	if (port->shared && !values_agree(old, new)) {
		lens_note_at(lens, rule, port, NOTE_REFUSED,
			     "the dataset has another offset from UTC");
		return -1;
	}
	if (is_fixed_uid(lens, port, scope, old)) {
		lens_note_at(lens, rule, port, NOTE_KEPT,
			     "a UID is never stamped");
		return 0;
	}
	/* A rule that never reads only fills what is empty. */
	if (!rule->can_get && old->state == VALUE_TEXT)
		return 0;
	const char *fault = new_value_fault(lens, port, old, new);
	if (fault)
		lens_note_at(lens, rule, port, NOTE_REFUSED, fault);
	return fault ? -1 : 1;
}

/* ---- blanking ---- */

/* Does the rule read what is at this port, as things are?  Of a choice of
 * attributes only that which was chosen goes. */
static bool is_read(const struct lens *lens, const struct rule *rule,
		    const struct scope *scope, size_t port)
{
	const struct lens quiet = lens_quiet(lens);
	struct json_list all = {0}, without = {0};
	lens_get_one(&quiet, rule, scope, &all);
	lens_get_without(&quiet, rule, scope, port, &without);
	bool same = all.count == without.count;
	for (size_t i = 0; same && i < all.count; i++)
		same = json_object_equal(all.at[i], without.at[i]);
	lens_values_free(&all);
	lens_values_free(&without);
	return !same;
}

/* The value goes; so does the sequence that was there for it, in which it may
 * be an attribute that must not be empty. */
static void blank_port(const struct scope *scope, const struct rule_port *port)
{
	static const struct port_value empty = {VALUE_EMPTY, NULL};
	struct dcm_path outer = port->path;
	if (port->path.depth > 1) {
		outer.depth = 1;
		memcpy(outer.vr, "SQ", sizeof outer.vr);
	}
	scope_write(scope, &outer, &empty);
}

static void blank_at(const struct lens *lens, const struct rule *rule,
		     const struct scope *scope)
{
	bool blank[CODEC_PORTS_MAX] = {false};
	for (size_t i = 0; i < codec_port_count(rule->codec); i++) {
		const struct rule_port *port = &rule->ports[i];
		if (!port_is_written(port) ||
		    strcmp(port->path.vr, "UI") == 0 ||
		    scope_read(scope, &port->path, lens->arena).state !=
			    VALUE_TEXT ||
		    (rule->codec->alternatives &&
		     !is_read(lens, rule, scope, i)))
			continue;
		blank[i] = port->type != 1;
		if (!blank[i])
			lens_note_at(lens, rule, port, NOTE_REFUSED,
				     "must not become empty (Type 1)");
	}
	for (size_t i = 0; i < codec_port_count(rule->codec); i++)
		if (blank[i])
			blank_port(scope, &rule->ports[i]);
}

void lens_blank(const struct lens *lens, const struct rule *rule,
		const struct scope *scope)
{
	static const struct port_value empty = {VALUE_EMPTY, NULL};
	const struct each *each = &rule->each;
	if (!lens->stamps || lens_policy(lens, rule) != DFH_OVERWRITE ||
	    !rule->can_get || !rule->can_put || is_found_by(rule) ||
	    rule->derive.kind != DERIVE_NONE ||
	    !lens_has_value(lens, rule, scope))
		return;
	const struct dcm_path *path = each->count ? &each->paths[0] : NULL;
	bool whole = each->kind == EACH_VALUE ||
		     (each->kind == EACH_ITEM && path->depth == 1 &&
		      !path->items && !rule->codec->list);
	if (whole) {
		scope_write(scope, &each->paths[0], &empty);
		return;
	}
	struct scope_list inner = scopes_of(each, scope);
	for (size_t i = 0; i < inner.count; i++)
		if (lens_applies(rule, &inner.at[i]))
			blank_at(lens, rule, &inner.at[i]);
	scope_list_free(&inner);
}
