/* The end of each test program. */
#ifndef RUN_SUITE_H
#define RUN_SUITE_H

#include <check.h>

/* How many tests failed. */
static inline int run_suite(Suite *suite)
{
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed;
}

#endif
