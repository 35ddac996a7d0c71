/* Undoing stamps: byte for byte what was there before. */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dcm_file.h"
#include "dcm_undo.h"
#include "stamps.h"
#include "run_suite.h"

static bool is_second(const char *time, void *context)
{
	(void)context;
	return strcmp(time, "20240301000000+0000") == 0;
}

static void record(const char *path, void (*edit)(struct dcm_item *root),
		   const char *time)
{
	const struct dcm_record kept = {.time = time,
					.system = "test",
					.source = "ward",
					.reason = "COERCE",
					.comment = "they asked for it",
					.equipment = true};
	const struct dcm_stamping how = {.record = &kept};
	struct dataset *old = stamp_read_assuming(path, NULL);
	struct dataset *new = dataset_copy(old);
	dfh_error *error = NULL;

	edit(&new->root);
	ck_assert_msg(dcm_stamp(&(struct dcm_source){.name = path}, path, old,
				new, &how, &error) == 0,
		      "%s", dfh_error_text(error));
	dataset_free(old);
	dataset_free(new);
}

static void undo(const char *path, bool (*is_meant)(const char *, void *),
		 size_t expected)
{
	const struct dcm_undoing how = {.system = "test", .is_meant = is_meant};
	dfh_error *error = NULL;
	size_t undone;

	ck_assert_msg(dcm_undo(&(struct dcm_source){.name = path}, path, &how,
			       &undone, &error) == 0,
		      "%s", dfh_error_text(error));
	ck_assert_uint_eq(undone, expected);
}

static void check_same(const char *path, const struct bytes *expected,
		       const char *what, const struct form *form)
{
	struct bytes got = load(path);

	ck_assert_msg(got.length == expected->length &&
			      !memcmp(got.data, expected->data, got.length),
		      "%s: %s", form->name, what);
	bytes_free(&got);
}

static void other_id(struct dcm_item *root)
{
	stamp_set(root, 0x0010, 0x0020, "LO", "4711");
}

/* No other set of the tests holds it: the file must widen. */
static void thai_id(struct dcm_item *root)
{
	stamp_set(root, 0x0010, 0x0020, "LO", "สวัสดี");
}

/* Two stamps; the second undone, then the first. */
static void check_undo(const struct form *form, const struct stamp *stamp,
		       void (*again)(struct dcm_item *root))
{
	struct bytes before = build(form, &stamp->before), once;
	const char *path = in_folder("from");

	save(path, &before);
	record(path, stamp->edit, "20240229000000+0000");
	once = load(path);
	ck_assert_uint_gt(once.length, before.length);
	record(path, again, "20240301000000+0000");
	undo(path, is_second, 1);
	check_same(path, &once, "the second stamp is not undone", form);
	undo(path, NULL, 1);
	check_same(path, &before, "the first stamp is not undone", form);
	undo(path, NULL, 0);
	check_same(path, &before, "nothing to undo changes something", form);
	record(path, stamp->edit, "20240229000000+0000");
	record(path, again, "20240301000000+0000");
	undo(path, NULL, 2);
	check_same(path, &before, "both stamps are not undone", form);
	unlink(path);
	bytes_free(&before);
	bytes_free(&once);
}

START_TEST(undoing)
{
	size_t i;

	for (i = 0; i < form_count; i++) {
		check_undo(&forms[i], &stamps[_i], other_id);
		check_undo(&forms[i], &stamps[_i], thai_id);
	}
}
END_TEST

/* ---- what only looks like sequences ---- */

static void add_stamp(struct bytes *items, const struct form *form,
		      const char *system, uint16_t group, uint16_t element)
{
	struct bytes item = {0}, modified = {0}, inner = {0};

	add_element(&inner, form, group, element, "LO", NULL, 0);
	add_item(&modified, form, &inner);
	add_sequence(&item, form, 0x0400, 0x0550, &modified);
	add_text(&item, form, 0x0400, 0x0562, "DT", "20240101000000+0000");
	add_text(&item, form, 0x0400, 0x0563, "LO", system);
	add_text(&item, form, 0x0400, 0x0565, "CS", "COERCE");
	add_item(items, form, &item);
}

/* By the dictionary a sequence holds the next one, but there are no items. */
static void add_like_sequences(struct bytes *to, size_t depth)
{
	for (; depth; depth--) {
		unsigned char bytes[8] = {0x40, 0x00, 0x75, 0x02};

		dcm_put_u32(bytes + 4, false, (uint32_t)(depth - 1) * 8);
		bytes_add(to, bytes, sizeof(bytes));
	}
}

/* An undo of the character set looks at what another changed later: deeper
 * than any stack would go. */
START_TEST(sequences_without_items)
{
	const struct form *form = &forms[3];
	const struct dcm_undoing how = {.system = "test"};
	struct bytes dataset = {0}, items = {0}, file;
	const char *path = in_folder("from");
	dfh_error *error = NULL;
	size_t undone;

	ck_assert(!form->explicit_vr);
	add_text(&dataset, form, 0x0008, 0x0018, "UI", "1.2.3.4");
	add_like_sequences(&dataset, 100000);
	add_stamp(&items, form, "test", 0x0008, 0x0005);
	add_stamp(&items, form, "other", 0x0040, 0x0275);
	add_sequence(&dataset, form, 0x0400, 0x0561, &items);
	file = wrap(form, "1.2.840.10008.5.1.4.1.1.2", &dataset);
	save(path, &file);
	/* not known to mean the same in the set of before */
	ck_assert_int_eq(dcm_undo(&(struct dcm_source){.name = path}, path,
				  &how, &undone, &error),
			 -1);
	ck_assert_int_eq(dfh_error_code(error), DFH_REFUSED);
	dfh_error_free(error);
	unlink(path);
	bytes_free(&dataset);
	bytes_free(&file);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("dcm_undo");
	TCase *all = tcase_create("undoing");

	tcase_set_timeout(all, 60);
	tcase_add_checked_fixture(all, make_folder, remove_folder);
	tcase_add_loop_test(all, undoing, 1, (int)stamp_count);
	tcase_add_test(all, sequences_without_items);
	suite_add_tcase(suite, all);
	return run_suite(suite) ? EXIT_FAILURE : EXIT_SUCCESS;
}
