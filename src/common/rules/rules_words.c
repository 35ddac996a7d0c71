/* What is legal in a rule file, but perhaps not meant. */
#include "rules_words.h"

#include <stdio.h>
#include <string.h>

#include "codec.h"
#include "dcm_number.h"
#include "rules_build.h"
#include "vr.h"

/* Several values are none, unless the rule goes through them; whoever says
 * under `loss` what does not come back knows it. */
static bool takes_one_of_several(const struct rule *rule,
				 const struct rule_port *port)
{
	const struct place *place = rule_place(rule);
	struct dcm_entry entry;

	/* Of one that the dictionary does not know nobody has said it. */
	return !rule->loss && port->port && port->path.depth && port->path.vm_max != 1 &&
	       dcm_entry_of(&port->path.tags[port->path.depth - 1], &entry) &&
	       entry.vm_max != 1 &&
	       (vr_is_multiple(port->path.vr) ||
		dcm_number_is(port->path.vr)) &&
	       rule->can_get && rule->derive.kind == DERIVE_NONE &&
	       rule->each.kind != EACH_VALUE && !rule->codec->alternatives &&
	       strcmp(rule->codec->name, "presence") != 0 &&
	       (!place || place->each.kind != EACH_JOIN);
}

static void tell_several(FILE *out, const struct rule *rule)
{
	for (size_t i = 0; rule->codec->ports[i].name; i++) {
		const struct rule_port *port = &rule->ports[i];

		if (takes_one_of_several(rule, port))
			fprintf(out,
				"%s:%d:%d: note: %s may have several values, "
				"which are none here: say 'each: %s' to go "
				"through them, or %s[1] for the first, or "
				"under 'loss' that they are left\n",
				port->mark.file, port->mark.line,
				port->mark.column, port->path.text,
				port->path.text, port->path.text);
	}
}

/* Who includes a file need not answer for it. */
char *rules_words(const dfh_rules *rules)
{
	const char *file = rules->files[rules->file_count - 1];
	char *text = NULL;
	size_t size;
	FILE *out = memory_of(open_memstream(&text, &size));

	for (size_t i = 0; i < rules->rule_count; i++)
		if (strcmp(rules->rules[i].mark.file, file) == 0)
			tell_several(out, &rules->rules[i]);
	if (fclose(out) != 0)
		out_of_memory();
	return text;
}

char *rules_all_well(const dfh_rules *rules)
{
	char *text = NULL;
	size_t size, examples = 0;
	FILE *out = memory_of(open_memstream(&text, &size));

	for (size_t i = 0; i < rules->rule_count; i++)
		examples += rules->rules[i].example_count;
	fprintf(out,
		"%s: %zu rules in %zu places, and %zu examples; all is well\n",
		rules->files[rules->file_count - 1], rules->rule_count,
		rules->place_count, examples);
	if (fclose(out) != 0)
		out_of_memory();
	return text;
}
