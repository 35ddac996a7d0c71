/* Walks over folders and DICOMDIRs. */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dcm.h"
#include "dcm_build.h"
#include "run_suite.h"

static const struct dcm_wants wants = {NULL, 0, NULL};

struct visited {
	char text[2000];
	size_t left;
};

static int visit(const char *path, int found_by_walk, void *context)
{
	struct visited *visited = context;

	strcat(visited->text, found_by_walk ? " " : " =");
	strcat(visited->text, path + strlen(in_folder("")));
	return --visited->left == 0;
}

static void save_dicomdir(const char *path)
{
	static const char *const ids[] = {"IMAGES\\CT2", "MISSING",
					  "IMAGES\\CT1 ", "IMAGES\\CT2", NULL};
	struct bytes items = {0}, item = {0}, dataset = {0}, file;
	size_t i;

	for (i = 0; i < 5; i++) {
		if (ids[i])
			add_text(&item, &forms[0], 0x0004, 0x1500, "CS",
				 ids[i]);
		add_item(&items, &forms[0], &item);
	}
	add_sequence(&dataset, &forms[0], 0x0004, 0x1220, &items);
	file = wrap(&forms[0], "1.2.840.10008.1.3.10", &dataset);
	save(path, &file);
	bytes_free(&dataset);
	bytes_free(&file);
}

/* In the reverse order of their names. */
static const char *const entries[] = {"z", "images/ct2.;1", "images/CT1", "a"};

START_TEST(walking)
{
	struct visited visited = {.left = 100};
	struct dcm_source source = {.name = in_folder("DICOMDIR")};
	const struct bytes empty = {0};
	dfh_error *error = NULL;
	size_t i;

	ck_assert_int_eq(mkdir(in_folder("images"), 0777), 0);
	for (i = 0; i < 4; i++)
		save(in_folder(entries[i]), &empty);
	ck_assert_int_eq(symlink("..", in_folder("images/loop")), 0);
	ck_assert_int_eq(symlink("../a", in_folder("images/b")), 0);
	ck_assert_int_eq(mkfifo(in_folder("fifo"), 0666), 0);
	save_dicomdir(source.name);

	ck_assert_int_eq(dfh_walk(in_folder(""), visit, &visited, NULL), 0);
	ck_assert_str_eq(visited.text,
			 " DICOMDIR a images/CT1 images/b images/ct2.;1 z");
	*visited.text = '\0';
	ck_assert_int_eq(dfh_walk(source.name, visit, &visited, NULL), 0);
	ck_assert_str_eq(visited.text, " =MISSING =images/CT1 =images/ct2.;1");
	*visited.text = '\0';
	visited.left = 2;
	ck_assert_int_eq(dfh_walk(in_folder(""), visit, &visited, NULL), 0);
	ck_assert_str_eq(visited.text, " DICOMDIR a");
	ck_assert_int_eq(
		dfh_walk(in_folder("nothing"), visit, &visited, &error), -1);
	ck_assert_int_eq(dfh_error_code(error), DFH_IO);
	dfh_error_free(error);

	error = NULL;
	ck_assert_int_eq(dfh_looks_like_dicom(source.name, NULL), 0);
	ck_assert_ptr_null(dcm_read(&source, &wants, &error));
	ck_assert_ptr_nonnull(strstr(dfh_error_text(error), "is a DICOMDIR"));
	dfh_error_free(error);

	for (i = 0; i < 4; i++)
		unlink(in_folder(entries[i]));
	unlink(source.name);
	unlink(in_folder("fifo"));
	unlink(in_folder("images/b"));
	unlink(in_folder("images/loop"));
	rmdir(in_folder("images"));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("walk");
	TCase *all = tcase_create("walking");

	tcase_add_checked_fixture(all, make_folder, remove_folder);
	tcase_add_test(all, walking);
	suite_add_tcase(suite, all);
	return run_suite(suite) ? EXIT_FAILURE : EXIT_SUCCESS;
}
