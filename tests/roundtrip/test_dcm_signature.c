/* Digital signatures that a stamp would break. */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dcm.h"
#include "dcm_build.h"
#include "dcm_file.h"
#include "dcm_undo.h"
#include "run_suite.h"

static struct dcm_want all_wants[] = {
	{.tag = {0x0008, 0x1030, NULL}},
	{.tag = {0x0008, 0x1032, NULL}, .whole = true},
	{.tag = {0x0010, 0x0010, NULL}},
};
static const struct dcm_wants wants = {
	all_wants, sizeof(all_wants) / sizeof(*all_wants), NULL};

/* ---- a file with signatures ---- */

static void add_tag(struct bytes *to, const struct form *form, uint16_t group,
		    uint16_t element)
{
	unsigned char bytes[4] = {
		(unsigned char)(group & 0xff),
		(unsigned char)(group >> 8),
		(unsigned char)(element & 0xff),
		(unsigned char)(element >> 8),
	};
	int i;

	for (i = 0; form->big_endian && i < 4; i += 2) {
		unsigned char swap = bytes[i];

		bytes[i] = bytes[i + 1];
		bytes[i + 1] = swap;
	}
	bytes_add(to, bytes, 4);
}

/* MAC parameters by that number, which tell that one tag is signed. */
static void add_parameters(struct bytes *items, const struct form *form,
			   const char id[2], uint16_t group, uint16_t element)
{
	struct bytes item = {0}, tags = {0};

	add_tag(&tags, form, 0x0008, 0x0018);
	add_tag(&tags, form, group, element);
	add_element(&item, form, 0x0400, 0x0005, "US", id, 2);
	add_text(&item, form, 0x0400, 0x0015, "CS", "SHA256");
	add_element(&item, form, 0x0400, 0x0020, "AT", tags.data, tags.length);
	add_item(items, form, &item);
	bytes_free(&tags);
}

static void add_signature(struct bytes *items, const struct form *form,
			  const char id[2], const char *uid)
{
	struct bytes item = {0};

	add_element(&item, form, 0x0400, 0x0005, "US", id, 2);
	add_text(&item, form, 0x0400, 0x0100, "UI", uid);
	add_item(items, form, &item);
}

#define NAME_ID "\1"
#define TEXT_ID "\2"

/* The first code is signed in its item; the dataset's name by one signature,
 * and the study's description by another, behind the pixels. */
static struct bytes build_signed(const struct form *form, bool in_item,
				 bool name, bool text)
{
	static const unsigned char pixels[4] = {1, 2, 3, 4};
	struct bytes dataset = {0}, items = {0}, item = {0}, inner = {0}, file;

	add_text(&dataset, form, 0x0008, 0x0018, "UI", "1.2.3.4");
	add_text(&dataset, form, 0x0008, 0x1030, "LO", "Skull");
	add_text(&item, form, 0x0008, 0x0100, "SH", "A1");
	add_text(&item, form, 0x0008, 0x0104, "LO", "Knee");
	if (in_item) {
		add_parameters(&inner, form, NAME_ID, 0x0008, 0x0104);
		add_sequence(&item, form, 0x4ffe, 0x0001, &inner);
		add_signature(&inner, form, NAME_ID, "1.2.3.9");
		add_sequence(&item, form, 0xfffa, 0xfffa, &inner);
	}
	add_item(&items, form, &item);
	add_sequence(&dataset, form, 0x0008, 0x1032, &items);
	add_text(&dataset, form, 0x0010, 0x0010, "PN", "A^B");
	if (name)
		add_parameters(&items, form, NAME_ID, 0x0010, 0x0010);
	if (text)
		add_parameters(&items, form, TEXT_ID, 0x0008, 0x1030);
	if (name || text)
		add_sequence(&dataset, form, 0x4ffe, 0x0001, &items);
	add_element(&dataset, form, 0x7fe0, 0x0010, "OW", pixels, 4);
	if (name)
		add_signature(&items, form, NAME_ID, "1.2.3.7");
	if (text)
		add_signature(&items, form, TEXT_ID, "1.2.3.8");
	if (name || text)
		add_sequence(&dataset, form, 0xfffa, 0xfffa, &items);
	file = wrap(form, "1.2.840.10008.5.1.4.1.1.2", &dataset);
	bytes_free(&dataset);
	return file;
}

/* ---- edits ---- */

static void set(struct dcm_item *item, uint16_t group, uint16_t element,
		const char *vr, const char *text)
{
	const struct dcm_tag tag = {group, element, NULL};

	dcm_item_set_text(item, &tag, vr, text);
}

static void edit_name(struct dcm_item *root)
{
	set(root, 0x0010, 0x0010, "PN", "Doe^Jane");
}

static void edit_text(struct dcm_item *root)
{
	set(root, 0x0008, 0x1030, "LO", "Thorax");
}

static void edit_code(struct dcm_item *root)
{
	const struct dcm_tag codes = {0x0008, 0x1032, NULL};

	set(dcm_item_need_item(root, &codes, 0), 0x0008, 0x0104, "LO", "Leg");
}

static void add_code(struct dcm_item *root)
{
	const struct dcm_tag codes = {0x0008, 0x1032, NULL};
	struct dcm_item *item = dcm_item_need_item(root, &codes, 1);

	set(item, 0x0008, 0x0100, "SH", "B2");
}

/* What is signed, what is edited, and the name that is refused; which
 * signatures are left where they may go. */
static const struct {
	bool in_item, name, text;
	void (*edit)(struct dcm_item *root);
	const char *refused;
	const char *left[3], *gone[3];
} cases[] = {
	{false, true, true, edit_name, "PatientName", {"1.2.3.8"}, {"1.2.3.7"}},
	{false,
	 true,
	 true,
	 edit_text,
	 "StudyDescription",
	 {"1.2.3.7"},
	 {"1.2.3.8"}},
	{false, true, false, edit_text, NULL, {"1.2.3.7"}, {NULL}},
	{false, true, false, edit_name, "PatientName", {NULL}, {"1.2.3.7"}},
	{true, true, false, edit_text, NULL, {"1.2.3.7", "1.2.3.9"}, {NULL}},
	{true,
	 true,
	 false,
	 edit_code,
	 "ProcedureCodeSequence",
	 {"1.2.3.7"},
	 {"1.2.3.9"}},
	/* the item that is signed stays as it is */
	{true, false, true, add_code, NULL, {"1.2.3.8", "1.2.3.9"}, {NULL}},
};

/* ---- what is left of them ---- */

static bool dataset_has(const struct dcm_item *item, const char *uid)
{
	const struct dcm_tag original = {0x0400, 0x0561, NULL};
	size_t i, k;

	for (i = 0; i < item->count; i++) {
		const struct dcm_element *at = &item->elements[i];

		if (dcm_tag_compare(&at->tag, &original) == 0)
			continue;
		if (at->text && strcmp(at->text, uid) == 0)
			return true;
		for (k = 0; k < at->item_count; k++)
			if (dataset_has(at->items[k], uid))
				return true;
	}
	return false;
}

static void check_left(const char *path, int index, const struct form *form)
{
	static struct dcm_want list[] = {
		{.tag = {0x0008, 0x1032, NULL}, .whole = true},
		{.tag = {0x4ffe, 0x0001, NULL}, .whole = true},
		{.tag = {0xfffa, 0xfffa, NULL}, .whole = true},
	};
	static const struct dcm_wants whole = {list, 3, NULL};
	const struct dcm_source source = {.name = path};
	struct dataset *dataset = dcm_read(&source, &whole, NULL);
	int i;

	ck_assert_ptr_nonnull(dataset);
	for (i = 0; cases[index].left[i]; i++)
		ck_assert_msg(dataset_has(&dataset->root, cases[index].left[i]),
			      "%s: %s is gone", form->name,
			      cases[index].left[i]);
	for (i = 0; cases[index].gone[i]; i++)
		ck_assert_msg(
			!dataset_has(&dataset->root, cases[index].gone[i]),
			"%s: %s is left", form->name, cases[index].gone[i]);
	dataset_free(dataset);
}

/* ---- tests ---- */

static int stamp(const char *path, void (*edit)(struct dcm_item *root),
		 bool removes, bool *removed, dfh_error **error)
{
	const struct dcm_record record = {.time = "20240229000000+0000",
					  .system = "test",
					  .reason = "CORRECT"};
	struct dcm_stamped told = {0};
	const struct dcm_stamping how = {.record = &record,
					 .removes_signatures = removes,
					 .told = &told};
	const struct dcm_source source = {.name = path};
	struct dataset *old = dcm_read(&source, &wants, NULL);
	struct dataset *new;
	int answer;

	ck_assert_ptr_nonnull(old);
	new = dataset_copy(old);
	edit(&new->root);
	answer = dcm_stamp(&(struct dcm_source){.name = path}, path, old, new,
			   &how, error);
	*removed = told.signed_once;
	dataset_free(old);
	dataset_free(new);
	return answer;
}

static void check_same(const char *path, const struct bytes *expected,
		       const char *name)
{
	struct bytes got = load(path);

	ck_assert_msg(got.length == expected->length &&
			      !memcmp(got.data, expected->data, got.length),
		      "%s: the file is not as before", name);
	bytes_free(&got);
}

static void check_case(const struct form *form, int index)
{
	struct bytes file = build_signed(form, cases[index].in_item,
					 cases[index].name, cases[index].text);
	const struct dcm_undoing how = {.system = "test"};
	const char *path = in_folder("file");
	dfh_error *error = NULL;
	size_t undone;
	bool removed;

	save(path, &file);
	if (cases[index].refused) {
		ck_assert_int_eq(
			stamp(path, cases[index].edit, false, &removed, &error),
			-1);
		ck_assert_int_eq(dfh_error_code(error), DFH_REFUSED);
		ck_assert_msg(strstr(dfh_error_text(error),
				     cases[index].refused) != NULL,
			      "%s: %s", form->name, dfh_error_text(error));
		dfh_error_free(error);
		error = NULL;
		check_same(path, &file, form->name);
	}
	ck_assert_msg(stamp(path, cases[index].edit, cases[index].refused,
			    &removed, &error) == 0,
		      "%s: %s", form->name, dfh_error_text(error));
	ck_assert_int_eq(removed, cases[index].refused != NULL);
	check_left(path, index, form);
	ck_assert_msg(dcm_undo(&(struct dcm_source){.name = path}, path, &how,
			       &undone, &error) == 0,
		      "%s", dfh_error_text(error));
	ck_assert_uint_eq(undone, 1);
	check_same(path, &file, form->name);
	unlink(path);
	bytes_free(&file);
}

START_TEST(signatures)
{
	size_t i;

	for (i = 0; i < form_count; i++)
		if (!forms[i].encapsulated)
			check_case(&forms[i], _i);
}
END_TEST

/* An OB in an item that looks like items in each other, deeper than any stack
 * would go. */
static void add_like_items(struct bytes *to, size_t depth)
{
	enum { LEVEL = 12 + 8 };
	size_t rest = depth * LEVEL;

	for (; depth; depth--, rest -= LEVEL) {
		unsigned char bytes[LEVEL] = {0x09, 0x00, 0x01, 0x10, 'O', 'B',
					      0,    0,	  0,	0,    0,   0,
					      0xfe, 0xff, 0,	0xe0};

		dcm_put_u32(bytes + 8, false, (uint32_t)rest - 12);
		dcm_put_u32(bytes + 16, false, (uint32_t)rest - LEVEL);
		bytes_add(to, bytes, LEVEL);
	}
}

START_TEST(value_like_items)
{
	const struct form *form = &forms[0];
	struct bytes dataset = {0}, items = {0}, item = {0}, file;
	const char *path = in_folder("file");
	dfh_error *error = NULL;
	bool removed;

	add_text(&dataset, form, 0x0008, 0x0018, "UI", "1.2.3.4");
	add_text(&item, form, 0x0008, 0x0104, "LO", "Knee");
	add_like_items(&item, 50000);
	add_item(&items, form, &item);
	add_sequence(&dataset, form, 0x0008, 0x1032, &items);
	file = wrap(form, "1.2.840.10008.5.1.4.1.1.2", &dataset);
	save(path, &file);
	ck_assert_msg(stamp(path, edit_code, true, &removed, &error) == 0, "%s",
		      dfh_error_text(error));
	ck_assert(!removed);
	unlink(path);
	bytes_free(&dataset);
	bytes_free(&file);
}
END_TEST

/* Who signs a stamped file signs what the stamp made. */
START_TEST(signed_since)
{
	const struct dcm_undoing how = {.system = "test"};
	const struct form *form = &forms[0];
	struct bytes file = build_signed(form, false, false, false);
	struct bytes signature = {0}, items = {0};
	const char *path = in_folder("file");
	dfh_error *error = NULL;
	size_t undone;
	bool removed;

	save(path, &file);
	ck_assert_int_eq(stamp(path, edit_name, false, &removed, &error), 0);
	bytes_free(&file);
	file = load(path);
	add_signature(&items, form, NAME_ID, "1.2.3.7");
	add_sequence(&signature, form, 0xfffa, 0xfffa, &items);
	bytes_add(&file, signature.data, signature.length);
	save(path, &file);
	ck_assert_int_eq(dcm_undo(&(struct dcm_source){.name = path}, path,
				  &how, &undone, &error),
			 -1);
	ck_assert_int_eq(dfh_error_code(error), DFH_REFUSED);
	check_same(path, &file, form->name);
	dfh_error_free(error);
	unlink(path);
	bytes_free(&signature);
	bytes_free(&file);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("dcm_signature");
	TCase *all = tcase_create("signatures");

	tcase_set_timeout(all, 60);
	tcase_add_checked_fixture(all, make_folder, remove_folder);
	tcase_add_loop_test(all, signatures, 0, sizeof(cases) / sizeof(*cases));
	tcase_add_test(all, signed_since);
	tcase_add_test(all, value_like_items);
	suite_add_tcase(suite, all);
	return run_suite(suite) ? EXIT_FAILURE : EXIT_SUCCESS;
}
