/* The places in a template's values. */
#ifndef TEMPLATE_TEXT_H
#define TEMPLATE_TEXT_H

#include "template.h"

enum { TEXT_MAX = 1024 };

/* All places filled; line tells values of one level apart. */
void template_text(const char *value, const struct variant *variant,
		   unsigned long line, char out[TEXT_MAX]);

/* A number that depends on nothing but what it is made of. */
unsigned long template_number(const struct variant *variant, enum level level,
			      unsigned long line);

#endif
