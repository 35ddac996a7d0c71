/* Tables in C on standard output, for rules_made.c. */
#ifndef TABLES_H
#define TABLES_H

#include <stddef.h>

#include "json_make.h"

/* Texts, each once. */
struct texts {
	struct lh_table *at;
	size_t size;
};

void texts_open(struct texts *texts);
void texts_close(struct texts *texts);
/* Where a text begins among them. */
size_t texts_add(struct texts *texts, const char *text);
void texts_print(const struct texts *texts);

/* The numbers of all values that an array holds, and the array itself, by
 * their addresses: what a value holds has a lower number. */
struct lh_table *json_numbers(json_object *array);
/* ... as tables. */
void json_print_tables(struct lh_table *numbers, struct texts *texts);

#endif
