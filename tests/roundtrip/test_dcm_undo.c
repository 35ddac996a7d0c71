/* Undoing stamps: byte for byte what was there before. */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
	ck_assert_msg(dcm_stamp(path, path, old, new, &how, &error) == 0, "%s",
		      dfh_error_text(error));
	dataset_free(old);
	dataset_free(new);
}

static void undo(const char *path, bool (*is_meant)(const char *, void *),
		 size_t expected)
{
	const struct dcm_undoing how = {.system = "test", .is_meant = is_meant};
	dfh_error *error = NULL;
	size_t undone;

	ck_assert_msg(dcm_undo(path, path, &how, &undone, &error) == 0, "%s",
		      dfh_error_text(error));
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

int main(void)
{
	Suite *suite = suite_create("dcm_undo");
	TCase *all = tcase_create("undoing");

	tcase_set_timeout(all, 60);
	tcase_add_checked_fixture(all, make_folder, remove_folder);
	tcase_add_loop_test(all, undoing, 1, (int)stamp_count);
	suite_add_tcase(suite, all);
	return run_suite(suite) ? EXIT_FAILURE : EXIT_SUCCESS;
}
