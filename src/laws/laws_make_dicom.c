/* Values of DICOM: legal, odd but legal, and such as real files have. */
#include <string.h>

#include "laws.h"

#define LENGTH(array) (sizeof(array) / sizeof(array)[0])
#define ONE_OF(maker, list)                                                    \
	((list)[random_below((maker)->random, LENGTH(list))])

static const char *make_digits(const struct maker *maker, size_t count)
{
	char *text = arena_alloc(maker->arena, count + 1);
	for (size_t i = 0; i < count; i++)
		text[i] = (char)('0' + random_below(maker->random, 10));
	return text;
}

static const char *make_date(const struct maker *maker)
{
	static const char *const odd[] = {
		"20240229", "19000228", "00010101", "99991231",	  "2024.02.29",
		"19700131", "20230229", "19000229", "00000101",	  "2024",
		"202402",   "20241301", "2024022",  "29.02.2024", "20240229 "};
	if (random_chance(maker->random, 35))
		return ONE_OF(maker, odd);
	return arena_printf(maker->arena, "%04zu%02zu%02zu",
			    1890 + random_below(maker->random, 200),
			    1 + random_below(maker->random, 12),
			    1 + random_below(maker->random, 28));
}

static const char *make_time(const struct maker *maker)
{
	static const char *const odd[] = {
		"07",	   "0708",	     "235960.123456", "235960",
		"000000",  "240000",	     "2460",	      "7",
		"070",	   "10:20:30",	     "10:20",	      "10:20:30.5",
		"102030.", "102030.1234567", "1020.5",	      "10203"};
	size_t fraction = random_below(maker->random, 7);
	if (random_chance(maker->random, 40))
		return ONE_OF(maker, odd);
	return arena_printf(maker->arena, "%02zu%02zu%02zu%s%s",
			    random_below(maker->random, 24),
			    random_below(maker->random, 60),
			    random_below(maker->random, 60),
			    fraction ? "." : "", make_digits(maker, fraction));
}

static const char *make_zone(const struct maker *maker)
{
	static const char *const odd[] = {
		"+0000", "-0000",  "+1400", "-1200", "+1401", "-1201", "+0530",
		"Z",	 "+01:00", "0100",  "+1",    "-0930", "+0099"};
	if (random_chance(maker->random, 40))
		return ONE_OF(maker, odd);
	return arena_printf(maker->arena, "%c%02zu%s",
			    random_chance(maker->random, 50) ? '+' : '-',
			    random_below(maker->random, 13),
			    random_chance(maker->random, 80) ? "00" : "30");
}

static const char *make_date_time(const struct maker *maker)
{
	static const char *const odd[] = {
		"2024",	      "202402",		"20240229+0100",
		"2024022925", "20240230101112", "20240229101112.1234567"};
	static const char *const zones[] = {"",	     "+0100", "-0730",
					    "+0000", "-0000", "+1500"};
	if (random_chance(maker->random, 20))
		return ONE_OF(maker, odd);
	return arena_printf(maker->arena, "%s%s%s", make_date(maker),
			    make_time(maker), ONE_OF(maker, zones));
}

static const char *make_age(const struct maker *maker)
{
	static const char *const odd[] = {"000D",  "999W", "001M", "7Y",
					  "42Y",   "Y",	   "042",  "042y",
					  "1000Y", "42 Y", "-01Y", "042X"};
	if (random_chance(maker->random, 30))
		return ONE_OF(maker, odd);
	return arena_printf(maker->arena, "%s%c", make_digits(maker, 3),
			    "DWMY"[random_below(maker->random, 4)]);
}

static const char *make_dicom_decimal(const struct maker *maker)
{
	static const char *const odd[] = {"+1.50E1",
					  "0",
					  "0.0",
					  "-0",
					  "1.",
					  ".5",
					  "1e3",
					  "1E-3",
					  "+7",
					  "007.50",
					  "1.5E+02",
					  "72.500",
					  "-3.5",
					  "E5",
					  ".",
					  "1,5",
					  "1E",
					  "1234567890.12345",
					  "12345678901234567",
					  "0.000000000001",
					  "1E9999",
					  "1E99999",
					  "NaN",
					  "1 2"};
	size_t fraction = random_below(maker->random, 5);
	if (random_chance(maker->random, 40))
		return ONE_OF(maker, odd);
	return arena_printf(maker->arena, "%zu%s%s",
			    random_below(maker->random, 300),
			    fraction ? "." : "", make_digits(maker, fraction));
}

static const char *make_dicom_integer(const struct maker *maker)
{
	static const char *const odd[] = {"-3",
					  "+07",
					  "0",
					  "-0",
					  "00",
					  "2147483647",
					  "2147483648",
					  "-2147483648",
					  "-2147483649",
					  "000000000012",
					  "0000000000012",
					  "1.0",
					  "1E3",
					  "7a",
					  "+",
					  "99999999999"};
	if (random_chance(maker->random, 40))
		return ONE_OF(maker, odd);
	return arena_printf(
		maker->arena, "%zu",
		random_below(maker->random, random_chance(maker->random, 80)
						    ? 300
						    : 3000000000));
}

static const char *make_odd_uid(const struct maker *maker)
{
	static const char *const odd[] = {"1.02.3", "1..2",  ".1",
					  "1.",	    "1.2a",  "3.1",
					  "1",	    "1.2 3", "urn:oid:1.2"};
	if (random_chance(maker->random, 15))
		return ONE_OF(maker, odd);
	return make_uid(maker);
}

static const char *make_code_string(const struct maker *maker)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 _";
	size_t length = random_chance(maker->random, 85)
				? 1 + random_below(maker->random, 6)
				: 15 + random_below(maker->random, 3);
	char *text = arena_alloc(maker->arena, length + 1);
	for (size_t i = 0; i < length; i++)
		text[i] = letters[random_below(maker->random,
					       sizeof letters - 1)];
	return random_chance(maker->random, 85) ? text
						: make_text(maker, length);
}

static const char *make_component(const struct maker *maker)
{
	static const char *const names[] = {
		"Adams",  "John Robert",  "Quincy",   "Rev.", "B.A. M.Div.",
		"O'Neil", "van der Berg", "Dr. med.", "山田", "やまだ",
		"Björk",  "Κώστας",	  " ",	      ""};
	return random_chance(maker->random, 70)
		       ? ONE_OF(maker, names)
		       : make_text(maker, make_length(maker));
}

static const char *make_name(const struct maker *maker)
{
	static const char *const odd[] = {
		"=漢字",
		"==かな",
		"Adams^John Robert Quincy^^Rev.^B.A. M.Div.",
		"Adams^",
		"Adams^^^^",
		"^^^Dr.",
		"A^B^C^D^E^F",
		"A=B=C=D",
		"^",
		"=",
		"A==",
		"Yamada^Tarou=山田^太郎=やまだ^たろう",
		"A^B=",
		"^=^",
		" A ^ B ",
		"A^ ^B",
		"A^\"^B"};
	const char *name = "";
	size_t groups = random_chance(maker->random, 70)
				? 1
				: 1 + random_below(maker->random, 3);
	if (random_chance(maker->random, 20))
		return ONE_OF(maker, odd);
	for (size_t i = 0; i < groups; i++) {
		size_t parts = 1 + random_below(maker->random, 5);
		for (size_t k = 0; k < parts; k++)
			name = arena_printf(maker->arena, "%s%s%s", name,
					    k	? "^"
					    : i ? "="
						: "",
					    make_component(maker));
	}
	return name;
}

/* LO, SH and their like: what the rule speaks of, or any text. */
static const char *make_dicom_line(const struct maker *maker)
{
	return make_text(maker, make_length(maker));
}

static const char *make_lines(const struct maker *maker)
{
	static const char *const breaks[] = {"\r\n", "\n", "\t", "\f"};
	const char *text = make_dicom_line(maker);
	return random_chance(maker->random, 80)
		       ? text
		       : arena_printf(maker->arena, "%s%s%s", text,
				      ONE_OF(maker, breaks),
				      make_dicom_line(maker));
}

static const char *make_any_uri(const struct maker *maker)
{
	return random_chance(maker->random, 85) ? make_uri(maker)
						: make_dicom_line(maker);
}

static const struct {
	const char *vrs;
	const char *(*make)(const struct maker *maker);
} makers[] = {
	{"AS", make_age},	  {"CS AE", make_code_string},
	{"DA", make_date},	  {"DS FL FD", make_dicom_decimal},
	{"DT", make_date_time},	  {"IS US SS UL SL", make_dicom_integer},
	{"PN", make_name},	  {"TM", make_time},
	{"UI", make_odd_uid},	  {"UR", make_any_uri},
	{"LT ST UT", make_lines},
};

static const char *make_dicom_value(const struct maker *maker, const char vr[3],
				    const struct codec_port *port)
{
	const char *word = NULL;
	if (port && port->shared)
		return make_zone(maker);
	if (random_chance(maker->random, 50))
		word = make_word(maker, &maker->words->terms);
	else if (random_chance(maker->random, 15))
		word = make_word(maker, &maker->words->codes);
	else if (random_chance(maker->random, 10))
		word = make_word(maker, &maker->words->systems);
	if (word)
		return word;
	for (size_t i = 0; i < LENGTH(makers); i++)
		if (strstr(makers[i].vrs, vr))
			return makers[i].make(maker);
	return make_dicom_line(maker);
}

/* A value as a dataset has it: no padding at its end (dataset.h). */
static const char *without_padding(const struct maker *maker, const char *text)
{
	size_t length = strlen(text);
	while (length && text[length - 1] == ' ')
		length--;
	return arena_strndup(maker->arena, text, length);
}

const char *make_dicom(const struct maker *maker, const char vr[3], int vm_max,
		       const struct codec_port *port)
{
	const char *text = make_dicom_value(maker, vr, port);
	if (random_chance(maker->random, 5))
		text = arena_printf(maker->arena, " %s", text);
	if (random_chance(maker->random, 2))
		text = arena_printf(maker->arena, "%s\a", text);
	while (random_chance(maker->random, vm_max == 1 ? 3 : 40))
		text = arena_printf(maker->arena, "%s\\%s", text,
				    random_chance(maker->random, 85)
					    ? make_dicom_value(maker, vr, port)
					    : "");
	return without_padding(maker, text);
}
