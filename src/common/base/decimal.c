#include "decimal.h"

#include <ctype.h>
#include <string.h>

#include "json_text.h"

enum { EXPONENT_MAX = 9999, DIGITS_MAX = 400 };

static int read_digits(const char **at, char *digits, int count)
{
	for (; isdigit((unsigned char)**at) && count < DIGITS_MAX; (*at)++)
		digits[count++] = **at;
	return count;
}

static bool read_exponent(const char **at, struct decimal *out)
{
	if (**at != 'e' && **at != 'E')
		return true;
	(*at)++;
	bool negative = **at == '-';
	if (**at == '-' || **at == '+')
		(*at)++;
	if (!isdigit((unsigned char)**at))
		return false;
	for (; isdigit((unsigned char)**at); (*at)++) {
		out->exponent = out->exponent * 10 + (**at - '0');
		if (out->exponent > EXPONENT_MAX)
			return false;
	}
	if (negative)
		out->exponent = -out->exponent;
	out->has_exponent = true;
	return true;
}

bool decimal_read(const char *text, struct arena *arena, struct decimal *out)
{
	char *digits = arena_alloc(arena, DIGITS_MAX + 1);
	*out = (struct decimal){.digits = digits};
	while (*text == ' ')
		text++;
	out->negative = *text == '-';
	if (*text == '-' || *text == '+')
		text++;
	out->count = out->point = read_digits(&text, digits, 0);
	if (*text == '.') {
		text++;
		out->count = read_digits(&text, digits, out->count);
	}
	if (!out->count || !read_exponent(&text, out))
		return false;
	while (*text == ' ')
		text++;
	return *text == '\0';
}

bool decimal_of_json(json_object *number, struct arena *arena,
		     struct decimal *out)
{
	if (!json_object_is_type(number, json_type_int) &&
	    !json_object_is_type(number, json_type_double))
		return false;
	char room[JSON_SCALAR_ROOM];
	return decimal_read(json_scalar(number, room), arena, out);
}

struct decimal decimal_shift(struct decimal number, int power)
{
	/* Who writes an exponent says how many digits are significant. */
	if (number.has_exponent)
		number.exponent += power;
	else
		number.point += power;
	return number;
}

bool decimal_is_zero(const struct decimal *number)
{
	for (int i = 0; i < number->count; i++)
		if (number->digits[i] != '0')
			return false;
	return true;
}

static char digit_at(const struct decimal *number, int index)
{
	return index >= 0 && index < number->count ? number->digits[index]
						   : '0';
}

const char *decimal_text(const struct decimal *number, struct arena *arena)
{
	int from = 0, point = number->point;
	int end = number->count > point ? number->count : point;
	size_t size = (size_t)(number->count + (point < 0 ? -point : point));
	char *text = arena_alloc(arena, size + 8);
	char *to = text;
	/* Neither JSON nor people want zeros in front. */
	while (from < point - 1 && digit_at(number, from) == '0')
		from++;
	if (number->negative)
		*to++ = '-';
	if (point <= 0) {
		*to++ = '0';
		from = point;
	}
	for (int i = from; i < end; i++) {
		if (i == point)
			*to++ = '.';
		*to++ = digit_at(number, i);
	}
	if (!number->has_exponent)
		return text;
	return arena_printf(arena, "%sE%d", text, number->exponent);
}
