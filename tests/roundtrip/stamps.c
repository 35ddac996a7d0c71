#include "stamps.h"

#include <check.h>

static struct dcm_want all_wants[] = {
	{.tag = {0x0008, 0x0005, NULL}},
	{.tag = {0x0008, 0x0016, NULL}},
	{.tag = {0x0008, 0x0018, NULL}},
	{.tag = {0x0008, 0x0060, NULL}},
	{.tag = {0x0008, 0x1030, NULL}},
	{.tag = {0x0008, 0x1032, NULL}, .whole = true},
	{.tag = {0x0009, 0x0001, "ACME 1.0"}, .vr = "LO"},
	{.tag = {0x0009, 0x0002, "ZENITH"}},
	{.tag = {0x0010, 0x0010, NULL}},
	{.tag = {0x0010, 0x0020, NULL}},
	{.tag = {0x0010, 0x0030, NULL}},
	{.tag = {0x0028, 0x0010, NULL}},
};
static const struct dcm_wants wants = {
	all_wants, sizeof(all_wants) / sizeof(*all_wants), NULL};

struct dataset *stamp_read_assuming(const char *path, const char *charset)
{
	struct dcm_source source = {.name = path};
	struct dcm_wants assuming = wants;
	dfh_error *error = NULL;
	struct dataset *dataset;

	assuming.assumed_charset = charset;
	dataset = dcm_read(&source, &assuming, &error);
	ck_assert_msg(dataset != NULL, "%s", dfh_error_text(error));
	return dataset;
}

struct dataset *stamp_read(const char *path)
{
	return stamp_read_assuming(path, NULL);
}

void stamp_set(struct dcm_item *item, uint16_t group, uint16_t element,
	       const char *vr, const char *text)
{
	const struct dcm_tag tag = {group, element, NULL};

	dcm_item_set_text(item, &tag, vr, text);
}

static const struct dcm_tag codes = {0x0008, 0x1032, NULL};

/* ---- stamping: the bytes must be those of a file built that way ---- */

void nothing(struct dcm_item *root)
{
	(void)root;
}

void edit_name(struct dcm_item *root)
{
	stamp_set(root, 0x0010, 0x0010, "PN", "Doe^Jane");
}

void edit_latin_name(struct dcm_item *root)
{
	stamp_set(root, 0x0010, 0x0010, "PN", "Möbius^Zoë");
}

void edit_japanese_name(struct dcm_item *root)
{
	stamp_set(root, 0x0010, 0x0010, "PN", "山田^太郎");
}

void edit_id(struct dcm_item *root)
{
	stamp_set(root, 0x0010, 0x0020, "LO", "ID 7");
}

static void no_id(struct dcm_item *root)
{
	const struct dcm_tag tag = {0x0010, 0x0020, NULL};

	dcm_item_remove(root, &tag);
}

static void empty_id(struct dcm_item *root)
{
	stamp_set(root, 0x0010, 0x0020, "LO", "");
}

void meaning(struct dcm_item *root)
{
	stamp_set(dcm_item_need_item(root, &codes, 0), 0x0008, 0x0104, "LO",
		  "Leg");
}

static void second(struct dcm_item *root)
{
	struct dcm_item *item = dcm_item_need_item(root, &codes, 1);

	stamp_set(item, 0x0008, 0x0100, "SH", "B2");
	stamp_set(item, 0x0008, 0x0102, "SH", "99TEST");
	stamp_set(item, 0x0008, 0x0104, "LO", "Arm");
}

static void no_first(struct dcm_item *root)
{
	struct dcm_element *sequence = dcm_item_find(root, &codes);

	sequence->items++;
	sequence->item_count--;
	stamp_set(sequence->items[0], 0x0008, 0x0100, "SH", "A1");
}

static void no_items(struct dcm_item *root)
{
	dcm_item_find(root, &codes)->item_count = 0;
}

void private_value(struct dcm_item *root)
{
	const struct dcm_tag tag = {0x0009, 0x0001, "ACME 1.0"};

	dcm_item_set_text(root, &tag, "LO", "other");
}

const struct stamp stamps[] = {
	{nothing,
	 {LATIN,
	  "Sch\xe4"
	  "del",
	  "Knie", "Arm", "p", "A^B", "1"},
	 {LATIN,
	  "Sch\xe4"
	  "del",
	  "Knie", "Arm", "p", "A^B", "1"}},
	{edit_name,
	 {LATIN,
	  "Sch\xe4"
	  "del",
	  "Knie", NULL, "p", "A^B^C", "1"},
	 {LATIN,
	  "Sch\xe4"
	  "del",
	  "Knie", NULL, "p", "Doe^Jane", "1"}},
	{edit_name,
	 {NULL, NULL, NULL, NULL, NULL, NULL, NULL},
	 {NULL, NULL, NULL, NULL, NULL, "Doe^Jane", NULL}},
	{edit_latin_name,
	 {LATIN,
	  "Sch\xe4"
	  "del",
	  "K\xf6rper", NULL, "p", "A^B", "1"},
	 {LATIN,
	  "Sch\xe4"
	  "del",
	  "K\xf6rper", NULL, "p",
	  "M\xf6"
	  "bius^Zo\xeb",
	  "1"}},
	{edit_japanese_name,
	 {LATIN,
	  "Sch\xe4"
	  "del",
	  "K\xf6rper", "Arm", "p", "A^B", "1"},
	 {UTF8, "Schädel", "Körper", "Arm", "p", "山田^太郎", "1"}},
	{edit_japanese_name,
	 {LATIN, "x", "Knie", NULL, "gr\xfcn", "A^B", "1"},
	 {UTF8, "x", "Knie", NULL, "grün", "山田^太郎", "1"}},
	{edit_japanese_name,
	 {NULL, "Skull", "Body", NULL, NULL, NULL, NULL},
	 {UTF8, "Skull", "Body", NULL, NULL, "山田^太郎", NULL}},
	{edit_japanese_name,
	 {UTF8, "Schädel", "Körper", NULL, "p", "A^B", "1"},
	 {UTF8, "Schädel", "Körper", NULL, "p", "山田^太郎", "1"}},
	/* An item in a set of its own is right in that. */
	{edit_japanese_name,
	 {LATIN, "x", "K\xf6rper", "ISO_IR 144:\xba\xde\xdb", "p", "A^B",
	  "1"},
	 {UTF8, "x", "Körper", "ISO_IR 144:\xba\xde\xdb", "p",
	  "山田^太郎", "1"}},
	{edit_id,
	 {LATIN, "x", "Knie", NULL, "p", "A^B", NULL},
	 {LATIN, "x", "Knie", NULL, "p", "A^B", "ID 7"}},
	{edit_id,
	 {LATIN, "x", "Knie", NULL, "p", "A^B", ""},
	 {LATIN, "x", "Knie", NULL, "p", "A^B", "ID 7"}},
	{no_id,
	 {LATIN, "x", "Knie", NULL, "p", "A^B", "1"},
	 {LATIN, "x", "Knie", NULL, "p", "A^B", NULL}},
	{empty_id,
	 {LATIN, "x", "Knie", NULL, "p", "A^B", "1"},
	 {LATIN, "x", "Knie", NULL, "p", "A^B", ""}},
	{meaning,
	 {LATIN, "x", "Knie", "Arm", "p", "A^B", "1"},
	 {LATIN, "x", "Leg", "Arm", "p", "A^B", "1"}},
	{second,
	 {LATIN, "x", "Knie", NULL, "p", "A^B", "1"},
	 {LATIN, "x", "Knie", "Arm", "p", "A^B", "1"}},
	{no_first,
	 {LATIN, "x", "Knie", "Arm", "p", "A^B", "1"},
	 {LATIN, "x", "Arm", NULL, "p", "A^B", "1"}},
	{no_items,
	 {LATIN, "x", "Knie", "Arm", "p", "A^B", "1"},
	 {LATIN, "x", NULL, NULL, "p", "A^B", "1"}},
	{private_value,
	 {LATIN, "x", "Knie", NULL, "secret", "A^B", "1"},
	 {LATIN, "x", "Knie", NULL, "other", "A^B", "1"}},
	{private_value,
	 {LATIN, "x", "Knie", NULL, NULL, "A^B", "1"},
	 {LATIN, "x", "Knie", NULL, "other", "A^B", "1"}},
};
const size_t stamp_count = sizeof(stamps) / sizeof(*stamps);
