/*
 * The shipped rules, compiled when the library was built, with all checks that
 * are made of them: a start has only to see that the file still says the same.
 */
#ifndef RULES_MADE_H
#define RULES_MADE_H

#include <stddef.h>

#include "dcmfhir.h"

/* The rules of a text, which goes by the name of path; NULL: it is not that of
 * which the table was made. */
dfh_rules *rules_made(const char *path, const char *text, size_t length);

#endif
