/* What tables make of terms, where FHIR knows all the codes that may be. */
#include "rules_build.h"

#include <string.h>

#include "codec.h"

static const char *codes_of(const struct fhir_path *path)
{
	return path && path->depth ? path->steps[path->depth - 1].codes : NULL;
}

static void check_row_codes(struct build *build, const struct fhir_path *path,
			    const struct table_row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (rows[i].code && !has_word(codes_of(path), rows[i].code))
			diag_fault(build->diag, &rows[i].mark, 1,
				   "'%s' is no code of %s; %s", rows[i].code,
				   path->text, codes_of(path));
}

static void check_table(struct build *build, const struct fhir_path *path,
			const struct table *table)
{
	check_row_codes(build, path, table->rows, table->row_count);
	check_row_codes(build, path, table->also, table->also_count);
	if (table->others != OTHERS_NONE)
		diag_fault(build->diag, &table->mark, 1,
			   "'others' makes codes that %s may not have; say "
			   "'none'",
			   path->text);
}

static void check_option(struct build *build, const struct fhir_path *path,
			 const struct option *option)
{
	const char *text = json_string(option->value);

	if (option->table)
		check_table(build, path, option->table);
	else if (text && !has_word(codes_of(path), text))
		diag_fault(build->diag, &option->mark, (int)strlen(text),
			   "'%s' is no code of %s; %s", text, path->text,
			   codes_of(path));
}

/* Does it write what the file says, whatever the rule says? */
static bool writes_any(const struct codec *codec)
{
	return !codec->options[0].name;
}

void build_check_codes(struct build *build, const struct rule *rule)
{
	for (enum fhir_release r = 0; r < RELEASES; r++) {
		const struct fhir_path *path = rule->fhir[r];

		if (!codes_of(path) || !rule->codec)
			continue;
		for (size_t i = 0; i < rule->option_count; i++)
			check_option(build, path, &rule->options[i]);
		if (writes_any(rule->codec))
			diag_fault(
				build->diag, &rule->mark, (int)strlen(rule->id),
				"codec %s writes any text into %s, which "
				"has codes of its own: use codec 'term' and "
				"a table; %s",
				rule->codec->name, path->text, codes_of(path));
	}
}
