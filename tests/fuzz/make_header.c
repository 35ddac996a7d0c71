#include "make_header.h"

#include <stdlib.h>
#include <string.h>

/* What makes DCMTK read the whole header must not be in every one. */
static bool rarely(struct random *random)
{
	return random_below(random, 500) == 0;
}

/* ---- values ---- */

static const char *pick(struct random *random, const char *const *list,
			size_t count)
{
	return list[random_below(random, count)];
}

static void add_words(struct bytes *to, struct random *random)
{
	/* in several character sets; what is wrong in all of them; padding */
	static const char *const words[] = {
		"A",
		"Doe^Jane",
		"1.2.840.99.1",
		"20240131",
		"120000.5",
		"\\",
		"a\\b\\c",
		"  lead",
		"trail  ",
		"M\xfcller",
		"M\xc3\xbcller",
		"\xd4\xcf^\xb2\xc2",
		"\x1b$B;3ED\x1b(B=\x1b$B",
		"\x1b)I\xd4",
		"\xff\xfe",
		"tab\there",
		"~",
	};
	const char *word = pick(random, words, sizeof(words) / sizeof(*words));

	bytes_add(to, word, strlen(word));
	if (random_chance(random, 3))
		bytes_add(to, "\0x", 2);
	while (random_chance(random, 15))
		bytes_add(to, random_chance(random, 50) ? " " : "\0", 1);
}

static struct bytes make_value(struct random *random, const char *vr)
{
	struct bytes value = {0};

	bytes_add(&value, "", 0);
	if (random_chance(random, 10))
		return value;
	if (strstr("AE AS CS DA DS DT IS LO LT PN SH ST TM UC UI UR UT", vr)) {
		do
			add_words(&value, random);
		while (random_chance(random, 20));
	} else {
		size_t count = 8 * (1 + random_below(random, 3));

		while (count--) {
			unsigned char byte =
				(unsigned char)random_below(random, 256);

			bytes_add(&value, &byte, 1);
		}
	}
	if ((value.length & 1) && !rarely(random))
		bytes_add(&value, " ", 1);
	return value;
}

/* ---- elements ---- */

static void add_random(struct bytes *to, struct random *random,
		       const struct form *form, uint16_t group,
		       uint16_t element, const char *vr)
{
	struct bytes value = make_value(random, vr);

	/* add_element knows these by their long form only */
	if (strstr("OD OF OL OV SV UR UV", vr))
		vr = rarely(random) ? "UN" : "OB";
	add_element(to, form, group, element, vr, value.data, value.length);
	bytes_free(&value);
}

static const char *random_vr(struct random *random)
{
	static const char *const vrs[] = {"LO", "CS", "UI", "US", "OB", "SS",
					  "PN", "FL", "SH", "UT", "OW", "DS"};

	return pick(random, vrs, sizeof(vrs) / sizeof(*vrs));
}

static void add_list(struct bytes *to, struct random *random,
		     const struct form *form, const struct dcm_want *wants,
		     size_t count, int depth);

static void add_items(struct bytes *to, struct random *random,
		      const struct form *form, const struct dcm_want *want,
		      uint16_t element, int depth)
{
	struct bytes items = {0};

	bytes_add(&items, "", 0);
	while (random_chance(random, depth ? 40 : 70)) {
		struct bytes inner = {0};

		bytes_add(&inner, "", 0);
		if (random_chance(random, 10))
			add_random(&inner, random, form, 8, 5, "CS");
		add_list(&inner, random, form, want->in_items,
			 want->in_items_count, depth + 1);
		add_item(&items, form, &inner);
	}
	add_sequence(to, form, want->tag.group, element, &items);
}

/* (gggg,10) names the block of what is wanted, mostly. */
static void add_private(struct bytes *to, struct random *random,
			const struct form *form, const struct dcm_want *want,
			int depth)
{
	uint16_t block = (uint16_t)(random_chance(random, 90) ? 0x10 : 0x11);
	uint16_t element = (uint16_t)(block << 8 | want->tag.element);

	if (want->in_items_count || want->whole)
		add_items(to, random, form, want, element, depth);
	else
		add_random(to, random, form, want->tag.group, element,
			   random_vr(random));
}

static void add_creators(struct bytes *to, struct random *random,
			 const struct form *form, const struct dcm_want *want)
{
	if (random_chance(random, 90))
		add_text(to, form, want->tag.group, 0x10, "LO",
			 want->tag.creator);
	if (random_chance(random, 50))
		add_text(to, form, want->tag.group, 0x11, "LO", "ANOTHER 2");
}

static void add_want(struct bytes *to, struct random *random,
		     const struct form *form, const struct dcm_want *want,
		     int depth)
{
	struct dcm_entry entry;

	if (want->tag.creator) {
		add_private(to, random, form, want, depth);
		return;
	}
	if (!dcm_entry_of(&want->tag, &entry))
		strcpy(entry.vr, *want->vr ? want->vr : "UN");
	if (rarely(random))
		strcpy(entry.vr, random_vr(random));
	if (strcmp(entry.vr, "SQ") == 0)
		add_items(to, random, form, want, want->tag.element, depth);
	else
		add_random(to, random, form, want->tag.group, want->tag.element,
			   entry.vr);
}

/* Wanted ones, and here and there one behind them that nobody wants. */
static void add_list(struct bytes *to, struct random *random,
		     const struct form *form, const struct dcm_want *wants,
		     size_t count, int depth)
{
	for (size_t i = 0; i < count; i++) {
		const struct dcm_tag *tag = &wants[i].tag;
		const struct dcm_want other = {
			.tag = {tag->group, (uint16_t)(tag->element + 1), NULL},
			.whole = true};
		bool is_free =
			i + 1 == count ||
			dcm_tag_compare(&other.tag, &wants[i + 1].tag) < 0;

		if (tag->creator &&
		    (!i || wants[i - 1].tag.group != tag->group))
			add_creators(to, random, form, &wants[i]);
		if (!random_chance(random, 60))
			continue;
		add_want(to, random, form, &wants[i], depth);
		if (tag->creator || !is_free || !random_chance(random, 30))
			continue;
		if (depth < 4 && random_chance(random, 20))
			add_items(to, random, form, &other, other.tag.element,
				  depth);
		else
			add_random(to, random, form, tag->group,
				   other.tag.element, random_vr(random));
	}
}

struct bytes make_header(struct random *random, const struct dcm_wants *wants)
{
	static const char *const terms[] = {"ISO_IR 100",	"ISO_IR 192",
					    "ISO_IR 13",	"GB18030",
					    "\\ISO 2022 IR 87", "ISO_IR 999"};
	size_t at = random_chance(random, 75)
			    ? random_below(random, 3)
			    : random_below(random, form_count);
	const struct form *form = &forms[at];
	struct bytes dataset = {0}, file;

	bytes_add(&dataset, "", 0);
	if (random_chance(random, 70))
		add_text(&dataset, form, 8, 5, "CS",
			 pick(random, terms, sizeof(terms) / sizeof(*terms)));
	add_list(&dataset, random, form, wants->list, wants->count, 0);
	if (random_chance(random, 80))
		add_element(&dataset, form, 0x7fe0, 0x0010, "OW", "pixels!", 8);
	file = wrap(form, "1.2.840.10008.5.1.4.1.1.2", &dataset);
	bytes_free(&dataset);
	return file;
}

/* ---- damage ---- */

/* Put bytes in the place of some. */
static void splice(struct bytes *file, size_t at, size_t length,
		   const void *bytes, size_t count)
{
	struct bytes out = {0};

	bytes_add(&out, file->data, at);
	bytes_add(&out, bytes, count);
	bytes_add(&out, file->data + at + length, file->length - at - length);
	bytes_free(file);
	*file = out;
}

static void flip(struct random *random, struct bytes *file, size_t from,
		 size_t length)
{
	size_t at = from + random_below(random, length);

	if (at < file->length)
		file->data[at] ^= (unsigned char)(1 << random_below(random, 8));
}

static void change_length(struct random *random, struct bytes *file, size_t at,
			  bool is_long)
{
	static const uint32_t lengths[] = {
		0, 1, 2, 8, 0xfffe, 0xffff, 0xfffffffe, 0xffffffff, 16};
	size_t size = is_long ? 4 : 2, offset = at + (is_long ? 8 : 6);
	uint32_t length = 0;

	if (offset + size > file->length)
		return;
	if (random_chance(random, 50)) {
		memcpy(&length, file->data + offset, size);
		length += (uint32_t)random_below(random, 9) - 4;
	} else {
		length = lengths[random_below(random, 9)];
	}
	memcpy(file->data + offset, &length, size);
}

static void change_vr(struct random *random, struct bytes *file, size_t at)
{
	static const char *const vrs[] = {"SQ", "UN", "OB", "OW", "UT", "LO",
					  "US", "AT", "OV", "UC", "??", "PN"};

	if (at + 6 <= file->length)
		memcpy(file->data + at + 4, pick(random, vrs, 12), 2);
}

static void add_delimiter(struct random *random, struct bytes *file, size_t at)
{
	static const unsigned char tags[3][8] = {
		{0xfe, 0xff, 0x00, 0xe0, 0, 0, 0, 0},
		{0xfe, 0xff, 0x0d, 0xe0, 0, 0, 0, 0},
		{0xfe, 0xff, 0xdd, 0xe0, 0, 0, 0, 0}};

	splice(file, at, 0, tags[random_below(random, 3)], 8);
}

/* Where elements and items begin, as far as the walk finds out; else any
 * place.  Items: behind a random distance, where there may be one. */
static size_t boundary(struct random *random, const struct bytes *file,
		       size_t *length, bool *is_long)
{
	const struct dcm_source source = {
		.name = "memory", .bytes = file->data, .length = file->length};
	struct dcm_scan scan;
	size_t at = random_below(random, file->length);

	*length = 1 + random_below(random, 16);
	*is_long = random_chance(random, 50);
	if (dcm_scan(&source, &scan, NULL) == 0) {
		if (scan.count && !scan.deflated) {
			const struct dcm_extent *one =
				&scan.elements[random_below(random,
							    scan.count)];
			at = (size_t)one->offset;
			*length = (size_t)one->length;
			*is_long = *length > 6 &&
				   strchr("OSU", file->data[at + 4]) &&
				   !file->data[at + 6] && !file->data[at + 7];
			if (*length > 20 && random_chance(random, 30))
				at += 2 * random_below(random, *length / 2);
		}
		dcm_scan_free(&scan);
	}
	if (at + *length > file->length)
		*length = file->length - at;
	return at;
}

void damage_header(struct random *random, struct bytes *file)
{
	size_t length, at;
	bool is_long;

	if (file->length < 2)
		return;
	at = boundary(random, file, &length, &is_long);
	switch (random_below(random, 9)) {
	case 0:
		flip(random, file, 0, file->length);
		break;
	case 1:
		flip(random, file, at, 12);
		break;
	case 2:
		change_length(random, file, at, is_long);
		break;
	case 3:
		change_vr(random, file, at);
		break;
	case 4: /* cut */
		file->length = random_below(random, file->length) + 1;
		break;
	case 5: { /* once more, somewhere */
		size_t other_length;
		size_t other = boundary(random, file, &other_length, &is_long);
		struct bytes copy = {0};

		bytes_add(&copy, file->data + at, length);
		splice(file, other, 0, copy.data, copy.length);
		bytes_free(&copy);
		break;
	}
	case 6: /* gone */
		splice(file, at, length, "", 0);
		break;
	case 7:
		add_delimiter(random, file, at);
		break;
	default:
		splice(file, at, 0, "\0\0\0\0\0\0\0\0",
		       1 + random_below(random, 8));
	}
}
