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

/* ---- reckoning ---- */

static struct decimal without_zeros(struct decimal number)
{
	while (number.count > number.point && number.count > 1 &&
	       number.digits[number.count - 1] == '0')
		number.count--;
	return number;
}

struct decimal decimal_times(const struct decimal *a, const struct decimal *b,
			     struct arena *arena)
{
	int count = a->count + b->count;
	char *digits = arena_alloc(arena, (size_t)count + 1);
	for (int i = 0; i < count; i++)
		digits[i] = '0';
	for (int i = a->count - 1; i >= 0; i--) {
		int carry = 0;
		for (int k = b->count - 1; k >= 0; k--) {
			int sum = digits[i + k + 1] - '0' + carry +
				  (a->digits[i] - '0') * (b->digits[k] - '0');
			digits[i + k + 1] = (char)('0' + sum % 10);
			carry = sum / 10;
		}
		digits[i] = (char)('0' + carry);
	}
	return without_zeros((struct decimal){
		.negative = a->negative != b->negative,
		.digits = digits,
		.count = count,
		.point = a->point + b->point + a->exponent + b->exponent,
	});
}

/* Only so many of its digits; one more than there is room for may come of
 * it. */
static struct decimal round_to_digits(const struct decimal *number, int count,
				      struct arena *arena)
{
	char *digits = arena_alloc(arena, (size_t)count + 2);
	struct decimal out = *number;
	bool up = digit_at(number, count) >= '5';
	digits[0] = '0';
	for (int i = 0; i < count; i++)
		digits[i + 1] = digit_at(number, i);
	for (int i = count; up && i >= 0; i--) {
		up = digits[i] == '9';
		digits[i] = up ? '0' : (char)(digits[i] + 1);
	}
	out.digits = digits;
	out.count = count + 1;
	out.point = number->point + 1;
	return without_zeros(out);
}

bool decimal_round(const struct decimal *number, size_t most,
		   struct arena *arena, struct decimal *out)
{
	*out = *number;
	for (int count = number->count; strlen(decimal_text(out, arena)) > most;
	     count--) {
		if (count < number->point || count < 0)
			return false;
		*out = round_to_digits(number, count, arena);
	}
	return true;
}

/* Where its first digit that is not 0 is, and how many follow it up to the last
 * such. */
static void find_digits(const struct decimal *number, int *first, int *count)
{
	int end = number->count;
	*first = 0;
	while (*first < end && number->digits[*first] == '0')
		(*first)++;
	while (end > *first && number->digits[end - 1] == '0')
		end--;
	*count = end - *first;
}

bool decimal_same(const struct decimal *a, const struct decimal *b)
{
	int first_a, count_a, first_b, count_b;
	find_digits(a, &first_a, &count_a);
	find_digits(b, &first_b, &count_b);
	if (!count_a || !count_b)
		return count_a == count_b;
	return a->negative == b->negative && count_a == count_b &&
	       a->point - first_a + a->exponent ==
		       b->point - first_b + b->exponent &&
	       memcmp(a->digits + first_a, b->digits + first_b,
		      (size_t)count_a) == 0;
}
