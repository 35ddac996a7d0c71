/* The end of each test program. */
#ifndef RUN_SUITE_H
#define RUN_SUITE_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "dcmfhir.h"

/* How many tests failed. */
static inline int run_suite(Suite *suite)
{
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed;
}

/* The same of tests that need the rules, which are *rules meanwhile.  The exit
 * status. */
static inline int run_suite_with_rules(Suite *suite, dfh_rules **rules)
{
	dfh_error *error = NULL;
	*rules = dfh_rules_load(getenv("DCMFHIR_RULES"), &error);
	if (!*rules) {
		fprintf(stderr, "%s\n", dfh_error_text(error));
		return 2;
	}
	int failed = run_suite(suite);
	dfh_rules_free(*rules);
	return failed ? 1 : 0;
}

#endif
