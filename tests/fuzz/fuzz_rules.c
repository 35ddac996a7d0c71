/* A rule file: loaded, and if it is one, listed and tried. */
#include <stdlib.h>

#include "fuzz.h"
#include "laws_check.h"

static void use(const dfh_rules *rules, size_t length)
{
	static const char *const formats[] = {"text", "tsv", "json", "html"};
	dfh_error *error = NULL;

	free(dfh_rules_list(rules, formats[length % 4], &error));
	dfh_error_free(error);
	error = NULL;
	dfh_rules_run_examples(rules, &error);
	dfh_error_free(error);
	error = NULL;
	laws_check(rules, length, 2, &error);
	dfh_error_free(error);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	const char *path = fuzz_save("rules.yaml", bytes, length);
	dfh_error *error = NULL;
	dfh_rules *rules = dfh_rules_load(path, &error);

	if (rules)
		use(rules, length);
	else
		fuzz_read(dfh_error_text(error));
	dfh_error_free(error);
	dfh_rules_free(rules);
	fuzz_clean();
	return 0;
}
