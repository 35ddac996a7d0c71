/* Decimal numbers as they are written: no digit is added or taken away. */
#ifndef DECIMAL_H
#define DECIMAL_H

#include <stdbool.h>

#include "arena.h"
#include "json_make.h"

struct decimal {
	bool negative;
	const char *digits; /* without sign and point */
	int count;
	int point; /* how many of the digits stand before it */
	bool has_exponent;
	int exponent;
};

/* Of DS (PS3.5 6.2) or of a JSON number.  false: it is neither. */
bool decimal_read(const char *text, struct arena *arena, struct decimal *out);

/* Of a number as it is written; false: it is none. */
bool decimal_of_json(json_object *number, struct arena *arena,
		     struct decimal *out);

/* Multiplied by a power of ten. */
struct decimal decimal_shift(struct decimal number, int power);

/* The product, with all its digits but zeros at the end of a fraction, and
 * without an exponent. */
struct decimal decimal_times(const struct decimal *a, const struct decimal *b,
			     struct arena *arena);

/* The nearest number whose text has at most so many characters, half away from
 * zero; false: its whole part, or its exponent, leaves no room. */
bool decimal_round(const struct decimal *number, size_t most,
		   struct arena *arena, struct decimal *out);

/* Is it the same number, however it is written: 80, 80.0, 8E1? */
bool decimal_same(const struct decimal *a, const struct decimal *b);

/* In JSON's form, which is also legal for DS. */
const char *decimal_text(const struct decimal *number, struct arena *arena);

bool decimal_is_zero(const struct decimal *number);

#endif
