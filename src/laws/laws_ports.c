/*
 * The laws of a codec alone, on the ports of one position: the lens above it
 * takes care that nothing is touched that says the same, and would hide its
 * faults.
 */
#include <stdlib.h>
#include <string.h>

#include "codecs.h"
#include "laws.h"
#include "vr.h"

bool law_of_put(const struct trial *trial)
{
	return trial->rule->can_put;
}

/* ---- GetPut ---- */

void law_tell(FILE *why, const char *what, json_object *json)
{
	if (why)
		fprintf(why, "; %s %s", what, law_text(json));
	json_object_put(json);
}

static bool same_port(const struct port_value *a, const struct port_value *b)
{
	return a->state == b->state &&
	       (a->state != VALUE_TEXT || strcmp(a->text, b->text) == 0);
}

/* As it comes back through a server: written, and read again. */
static json_object *sent_by_wire(json_object *value)
{
	return json_tokener_parse(law_text(value));
}

static bool leaves_alone(struct bench *bench, const struct trial *trial,
			 json_object *value, const struct port_value *ports,
			 FILE *why)
{
	struct port_value after[CODEC_PORTS_MAX];
	const struct rule *rule = trial->rule;
	struct codec_call call = bench_call(bench, trial);
	memcpy(after, ports, sizeof after);
	memset(bench->notes, 0, sizeof bench->notes);
	bool holds = rule->codec->put(&call, value, after) == 0 &&
		     !bench->notes[NOTE_REFUSED] && !bench->notes[NOTE_LOST];
	if (!holds && why)
		fprintf(why, "; put refuses, or loses of, %s", law_text(value));
	for (size_t i = 0; holds && rule->codec->ports[i].name; i++)
		holds = !rule->ports[i].port || same_port(&ports[i], &after[i]);
	if (!holds && why) {
		law_tell(why, "get makes", json_object_get(value));
		law_tell(why, "and put makes of that",
			 json_of_ports(rule, after));
	}
	return holds;
}

bool law_fits(const struct trial *trial, json_object *value)
{
	if (!trial->rule->codec->list)
		return fhir_is_legal(trial->release, trial->path->type, value);
	if (!json_object_is_type(value, json_type_array))
		return false;
	for (size_t i = 0; i < json_count(value); i++)
		if (!fhir_is_legal(trial->release, trial->path->type,
				   json_at(value, i)))
			return false;
	return json_count(value) > 0;
}

static enum verdict check_value(struct bench *bench, const struct trial *trial,
				const struct port_value *ports,
				json_object *value, FILE *why)
{
	json_object *dressed = trial->rule->codec->list
				       ? json_object_get(value)
				       : fhir_path_dressed(trial->path, value);
	json_object *undressed = sent_by_wire(value);
	json_object *wire = sent_by_wire(dressed);
	enum verdict verdict = LAW_HOLDS;
	if (!law_fits(trial, value)) {
		law_tell(why, "get makes what is not legal FHIR:",
			 json_object_get(value));
		verdict = LAW_FAILS;
	} else if (!leaves_alone(bench, trial, undressed, ports, why) ||
		   !leaves_alone(bench, trial, wire, ports, why)) {
		verdict = LAW_FAILS;
	}
	json_object_put(undressed);
	json_object_put(wire);
	json_object_put(dressed);
	return verdict;
}

static enum verdict check_get_put(const struct trial *trial, json_object *test,
				  FILE *why)
{
	struct bench bench;
	struct port_value ports[CODEC_PORTS_MAX];
	bench_open(&bench, trial, test);
	bench_ports(&bench, trial, test, 0, ports);
	struct codec_call call = bench_call(&bench, trial);
	json_object *value = trial->rule->codec->get(&call, ports);
	enum verdict verdict =
		value ? check_value(&bench, trial, ports, value, why)
		      : LAW_IS_IDLE;
	json_object_put(value);
	bench_close(&bench);
	return verdict;
}

/* ---- what get makes, put takes, without a base too ---- */

/* Is every value that is written legal? */
static bool are_legal(const struct rule *rule, const struct port_value *ports)
{
	for (size_t i = 0; rule->codec->ports[i].name; i++) {
		const struct dcm_path *path = &rule->ports[i].path;
		int vm_max = rule->each.kind == EACH_VALUE ? 1 : path->vm_max;
		if (rule->ports[i].port && ports[i].text &&
		    vr_fault(path->vr, vm_max, ports[i].text))
			return false;
	}
	return true;
}

/* Is a port there, or one of the other forms of a code? */
static bool is_port_there(const struct rule *rule,
			  const struct port_value *ports, size_t index)
{
	bool there = ports[index].text;
	if (strcmp(rule->codec->ports[index].name, "value") != 0)
		return there;
	for (size_t i = 0; rule->codec->ports[i].name; i++) {
		const char *name = rule->codec->ports[i].name;
		there = there || (ports[i].text && (strcmp(name, "long") == 0 ||
						    strcmp(name, "urn") == 0));
	}
	return there;
}

/* Are the ports there that the codec cannot do without? */
static bool are_complete(const struct rule *rule,
			 const struct port_value *ports)
{
	bool any = false;
	for (size_t i = 0; rule->codec->ports[i].name; i++) {
		if (!rule->codec->ports[i].required)
			continue;
		if (!is_port_there(rule, ports, i))
			return false;
		any = any || !rule->ports[i].read_only;
	}
	return any;
}

static void keep_read_only_ports(const struct rule *rule,
				 const struct port_value *from,
				 struct port_value *to)
{
	for (size_t i = 0; rule->codec->ports[i].name; i++)
		if (!rule->ports[i].port)
			to[i] = (struct port_value){VALUE_ABSENT, NULL};
		else if (rule->ports[i].read_only)
			to[i] = from[i];
}

bool laws_departs(const struct bench *bench, const struct trial *trial,
		  enum note_kind kind)
{
	return bench->notes[kind] && trial->rule->codec->departs & 1u << kind;
}

bool laws_is_told(const struct bench *bench, const struct trial *trial)
{
	return bench->notes[NOTE_LOST] ||
	       laws_departs(bench, trial, NOTE_KEPT) ||
	       laws_departs(bench, trial, NOTE_BOOKKEEPING);
}

static bool is_created(struct bench *bench, const struct trial *trial,
		       const struct port_value *ports, json_object *value,
		       FILE *why)
{
	struct port_value made[CODEC_PORTS_MAX] = {0};
	const struct rule *rule = trial->rule;
	struct codec_call call = bench_call(bench, trial);
	keep_read_only_ports(rule, ports, made);
	bool taken = rule->codec->put(&call, value, made) == 0 &&
		     !bench->notes[NOTE_REFUSED];
	keep_read_only_ports(rule, ports, made);
	json_object *again = taken && are_legal(rule, made)
				     ? rule->codec->get(&call, made)
				     : NULL;
	/* What a note tells may be more than was sent, as a text that becomes
	 * the Code Meaning, but nothing of it is gone. */
	bool same =
		again &&
		(says_the_same(bench, trial, value, again, NULL) ||
		 (laws_is_told(bench, trial) && json_says_all(again, value)) ||
		 laws_departs(bench, trial, NOTE_SUPPLIED));
	if (!same && why) {
		law_tell(why, "get makes", json_object_get(value));
		law_tell(why,
			 taken ? "put makes of that"
			       : "put refuses that; it makes",
			 json_of_ports(rule, made));
		law_tell(why, "and get makes of that", json_object_get(again));
	}
	json_object_put(again);
	return same;
}

static enum verdict check_get_create(const struct trial *trial,
				     json_object *test, FILE *why)
{
	struct bench bench;
	struct port_value ports[CODEC_PORTS_MAX];
	enum verdict verdict = LAW_IS_IDLE;
	bench_open(&bench, trial, test);
	bench_ports(&bench, trial, test, 0, ports);
	struct codec_call call = bench_call(&bench, trial);
	json_object *value = are_complete(trial->rule, ports) &&
					     are_legal(trial->rule, ports)
				     ? trial->rule->codec->get(&call, ports)
				     : NULL;
	if (value && !bench.notes[NOTE_INVALID] && !bench.notes[NOTE_LOST]) {
		bool created = is_created(&bench, trial, ports, value, why);
		/* What is not to be made of nothing, a code without its scheme,
		 * is told; that it travels beside is another law. */
		bool told = bench.notes[NOTE_REFUSED] || bench.notes[NOTE_LOST];
		verdict = created ? LAW_HOLDS : told ? LAW_IS_IDLE : LAW_FAILS;
	}
	json_object_put(value);
	bench_close(&bench);
	return verdict;
}

/* ---- no more is changed than has to be ---- */

/* Did the port say so already, in other words? */
static bool said_so(const struct codec_call *call, json_object *got,
		    const struct port_value *old, const struct port_value *new,
		    size_t index)
{
	struct port_value reverted[CODEC_PORTS_MAX];
	memcpy(reverted, new, sizeof reverted);
	reverted[index] = old[index];
	json_object *without = call->rule->codec->get(call, reverted);
	/* By text: 1.5 is not 1.50. */
	bool same = strcmp(law_text(without), law_text(got)) == 0;
	json_object_put(without);
	return same;
}

static enum verdict check_change(struct bench *bench, const struct trial *trial,
				 json_object *test, json_object *value,
				 FILE *why)
{
	struct port_value old[CODEC_PORTS_MAX], new[CODEC_PORTS_MAX];
	const struct rule *rule = trial->rule;
	struct codec_call call = bench_call(bench, trial);
	bench_ports(bench, trial, test, 0, old);
	memcpy(new, old, sizeof new);
	if (rule->codec->put(&call, value, new) < 0)
		return LAW_IS_IDLE;
	keep_read_only_ports(rule, old, new);
	json_object *got = rule->codec->get(&call, new);
	json_object *had = rule->codec->get(&call, old);
	/* The lens leaves alone what says the same as a whole. */
	if (json_object_equal(got, had))
		memcpy(new, old, sizeof new);
	json_object_put(had);
	enum verdict verdict = got ? LAW_HOLDS : LAW_IS_IDLE;
	for (size_t i = 0; got && rule->codec->ports[i].name; i++) {
		if (!old[i].text || !new[i].text ||
		    same_port(&old[i], &new[i]) ||
		    !said_so(&call, got, old, new, i))
			continue;
		if (why)
			fprintf(why, "; '%s' said so already",
				rule->codec->ports[i].name);
		law_tell(why, "and put makes", json_of_ports(rule, new));
		verdict = LAW_FAILS;
		break;
	}
	json_object_put(got);
	return verdict;
}

static enum verdict check_least(const struct trial *trial, json_object *test,
				FILE *why)
{
	struct bench bench;
	json_object *values = json_member(test, "values");
	bool array = json_object_is_type(values, json_type_array) &&
		     json_count(values);
	json_object *value = !array			? NULL
			     : trial->rule->codec->list ? values
							: json_at(values, 0);
	if (!value || !law_fits(trial, value))
		return LAW_IS_IDLE;
	bench_open(&bench, trial, test);
	enum verdict verdict = check_change(&bench, trial, test, value, why);
	bench_close(&bench);
	return verdict;
}

/* ---- the laws ---- */

const struct law law_get_put = {
	.name = "GetPut",
	.share = 1,
	.concerns = law_of_put,
	.make = make_get_put,
	.check = check_get_put,
};

const struct law law_get_create = {
	.name = "GetCreate",
	.share = 1,
	.is_choosy = true,
	.concerns = law_of_put,
	.make = make_get_put,
	.check = check_get_create,
};

const struct law law_least = {
	.name = "least change",
	.share = 1,
	.concerns = law_of_put,
	.make = make_put_get,
	.check = check_least,
};
