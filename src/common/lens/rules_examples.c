/* The examples of every rule, run both ways. */
#include <string.h>

#include "codec.h"
#include "dataset.h"
#include "error.h"
#include "fhir_path.h"
#include "json_print.h"
#include "rules_build.h"
#include "scheme.h"

struct example_run {
	const dfh_rules *rules;
	struct diag *diag;
	struct dataset *dataset; /* an empty one */
	const char *note;	 /* the last that the codec said */
};

static void take_example_note(void *context, enum note_kind kind,
			      const char *text)
{
	struct example_run *run = context;

	(void)kind;
	run->note = arena_strdup(run->dataset->arena, text);
}

static struct codec_call example_call_of(struct example_run *run,
					 const struct rule *rule,
					 enum fhir_release release)
{
	struct arena *arena = run->dataset->arena;

	run->note = NULL;
	return (struct codec_call){
		.rules = run->rules,
		.rule = rule,
		.release = release,
		.type = rule->fhir[release]->type,
		.arena = arena,
		.schemes = schemes_of(run->rules, &run->dataset->root, arena),
		.note = take_example_note,
		.note_context = run,
	};
}

static const char *as_text(json_object *json, struct arena *arena)
{
	char *line = json ? json_printed(json,
					 JSON_C_TO_STRING_PLAIN |
						 JSON_C_TO_STRING_NOSLASHESCAPE)
			  : NULL;
	const char *text = line ? arena_strdup(arena, line) : "nothing";

	free(line);
	return text;
}

/* Does the example say the same of all releases?  Then its faults are told
 * once. */
static bool is_common(const struct rule *rule, const struct example *example)
{
	const struct fhir_path *first = rule->fhir[0];
	bool is_common = first != NULL;

	for (enum fhir_release r = 1; is_common && r < RELEASES; r++)
		is_common = rule->fhir[r] &&
			    strcmp(first->type, rule->fhir[r]->type) == 0 &&
			    json_same(example->fhir[0], example->fhir[r]);
	return is_common;
}

static void tell_example_fault(struct example_run *run, const struct rule *rule,
			       const struct example *example,
			       enum fhir_release release, const char *text)
{
	diag_fault(run->diag, &example->mark, 1,
		   "example of rule '%s'%s: %s%s%s", rule->id,
		   is_common(rule, example)
			   ? ""
			   : arena_printf(run->dataset->arena, " in %s",
					  release_names[release]),
		   text, run->note ? "; " : "", run->note ? run->note : "");
}

/* ---- get ---- */

static void read_example_ports(const struct rule *rule,
			       const struct example *example, bool only_read,
			       struct port_value *ports)
{
	for (size_t i = 0; rule->codec->ports[i].name; i++) {
		const char *text =
			json_text(example->dicom, rule->codec->ports[i].name);

		ports[i] = (struct port_value){VALUE_ABSENT, NULL};
		if ((only_read && !rule->ports[i].read_only) || !text)
			continue;
		ports[i].state = VALUE_EMPTY;
		if (!*text)
			continue;
		ports[i].state = VALUE_TEXT;
		ports[i].text = text;
	}
}

static bool run_get(struct example_run *run, const struct rule *rule,
		    const struct example *example, enum fhir_release release)
{
	struct codec_call call = example_call_of(run, rule, release);
	struct port_value ports[CODEC_PORTS_MAX];
	json_object *value, *dressed;
	bool good;

	read_example_ports(rule, example, false, ports);
	value = rule->codec->get(&call, ports);
	/* What `is` says of the value is written with it. */
	dressed = value && !rule->codec->list
			  ? fhir_path_dressed(rule->fhir[release], value)
			  : json_object_get(value);
	good = json_same(dressed, example->fhir[release]);
	if (!good)
		tell_example_fault(
			run, rule, example, release,
			arena_printf(run->dataset->arena,
				     "get gives %s, not %s",
				     as_text(dressed, run->dataset->arena),
				     as_text(example->fhir[release],
					     run->dataset->arena)));
	json_object_put(dressed);
	json_object_put(value);
	return good;
}

/* ---- put ---- */

/* What get says well and put does not bring back may be meant so. */
static const char *loss_hint(bool got_well)
{
	return got_well ? "; add 'loss:' if that is meant" : "";
}

static const char *port_text(const struct port_value *port)
{
	return port->state == VALUE_TEXT && port->text ? port->text : "";
}

static void compare_ports(struct example_run *run, const struct rule *rule,
			  const struct example *example,
			  enum fhir_release release,
			  const struct port_value *got, bool got_well)
{
	struct port_value wanted[CODEC_PORTS_MAX];

	read_example_ports(rule, example, false, wanted);
	for (size_t i = 0; rule->codec->ports[i].name; i++) {
		if (rule->ports[i].read_only ||
		    strcmp(port_text(&got[i]), port_text(&wanted[i])) == 0)
			continue;
		tell_example_fault(
			run, rule, example, release,
			arena_printf(
				run->dataset->arena,
				"put gives '%s' in '%s', not '%s'%s",
				port_text(&got[i]), rule->codec->ports[i].name,
				port_text(&wanted[i]), loss_hint(got_well)));
	}
}

static void run_put(struct example_run *run, const struct rule *rule,
		    const struct example *example, enum fhir_release release,
		    bool got_well)
{
	struct codec_call call = example_call_of(run, rule, release);
	struct port_value ports[CODEC_PORTS_MAX];

	read_example_ports(rule, example, true, ports);
	if (rule->codec->put(&call, example->fhir[release], ports) == 0)
		compare_ports(run, rule, example, release, ports, got_well);
	else
		tell_example_fault(run, rule, example, release,
				   arena_printf(run->dataset->arena,
						"put gives nothing%s",
						loss_hint(got_well)));
}

/* ---- all ---- */

static void run_example(struct example_run *run, const struct rule *rule,
			const struct example *example)
{
	for (enum fhir_release r = 0; r < RELEASES; r++) {
		if (!rule->fhir[r] || !example->fhir[r])
			continue;
		bool good = !rule->can_get || run_get(run, rule, example, r);

		/* A declared loss is what put cannot bring back. */
		if (rule->can_put && !rule->loss)
			run_put(run, rule, example, r, good);
	}
}

int dfh_rules_run_examples(const dfh_rules *rules, dfh_error **error)
{
	/* Examples hold whatever systems a site calls its home. */
	struct dfh_rules homeless = *rules;
	struct example_run run = {.rules = &homeless, .diag = diag_new()};
	int result;

	homeless.home_count = 0;
	for (size_t i = 0; i < rules->rule_count; i++) {
		const struct rule *rule = &rules->rules[i];

		for (size_t k = 0; k < rule->example_count; k++) {
			run.dataset = dataset_new();
			run_example(&run, rule, &rule->examples[k]);
			dataset_free(run.dataset);
		}
	}
	result = diag_finish(run.diag, error);
	diag_free(run.diag);
	return result;
}
