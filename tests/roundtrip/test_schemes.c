/* Coding schemes that no table knows: the dataset explains them. */
#include <check.h>
#include <string.h>

#include "codec.h"
#include "rules_build.h"
#include "run_suite.h"
#include "scheme.h"

#define LENGTH(array) (sizeof(array) / sizeof(array)[0])

static struct dcm_tag sequence[] = {{0x0008, 0x0110, NULL}};
static struct dcm_tag designator[] = {{0x0008, 0x0102, NULL}};
static struct dcm_tag uid[] = {{0x0008, 0x010C, NULL}};
static struct dcm_tag url[] = {{0x0008, 0x0109, NULL}, {0x0008, 0x010E, NULL}};
static struct dcm_tag url_type[] = {{0x0008, 0x0109, NULL},
				    {0x0008, 0x010A, NULL}};
static struct dcm_tag codes[] = {{0x0008, 0x1032, NULL}};

static struct table_row rows[] = {
	{.dicom = "LN", .code = "http://loinc.org"},
	{.dicom = "DCM", .code = "http://dicom.example"},
};

struct fixture {
	struct dataset *dataset;
	dfh_rules rules;
	struct table table;
	struct rule rule;
	struct codec_call call;
};

static void set_up(struct fixture *f)
{
	*f = (struct fixture){.dataset = dataset_new()};
	f->table.rows = rows;
	f->table.row_count = LENGTH(rows);
	f->table.index = table_index_new(&f->table, f->dataset->arena);
	f->rules.schemes = (struct coding_schemes){
		.table = &f->table,
		.unknown = "https://unknown.example/",
		.identification = {.tags = sequence, .depth = 1, .vr = "SQ"},
		.designator = {.tags = designator, .depth = 1, .vr = "SH"},
		.uid = {.tags = uid, .depth = 1, .vr = "UI"},
		.url = {.tags = url, .depth = 2, .vr = "UR"},
		.url_type = {.tags = url_type, .depth = 2, .vr = "CS"},
		.url_type_value = "FHIR",
	};
}

static void read_schemes(struct fixture *f)
{
	f->call = (struct codec_call){
		.rules = &f->rules,
		.rule = &f->rule,
		.type = "Coding",
		.arena = f->dataset->arena,
		.schemes = schemes_of(&f->rules, &f->dataset->root,
				      f->dataset->arena),
	};
}

static struct dcm_item *item_at(struct fixture *f, size_t index)
{
	return dcm_item_need_item(&f->dataset->root, sequence, index);
}

static size_t item_count(struct fixture *f)
{
	struct dcm_element *e = dcm_item_find(&f->dataset->root, sequence);
	return e ? e->item_count : 0;
}

static void use(struct fixture *f, size_t index, const char *text)
{
	dcm_item_set_text(dcm_item_need_item(&f->dataset->root, codes, index),
			  designator, "SH", text);
}

START_TEST(of_the_dataset)
{
	struct fixture f;
	set_up(&f);
	dcm_item_set_text(item_at(&f, 0), designator, "SH", "99A");
	dcm_item_set_text(item_at(&f, 0), uid, "UI", "1.2.3");
	dcm_item_set_text(item_at(&f, 1), designator, "SH", "99B");
	struct dcm_item *other = dcm_item_need_item(item_at(&f, 1), url, 0);
	dcm_item_set_text(other, &url_type[1], "CS", "DOC");
	dcm_item_set_text(other, &url[1], "UR", "http://doc.example");
	other = dcm_item_need_item(item_at(&f, 1), url, 1);
	dcm_item_set_text(other, &url_type[1], "CS", "FHIR");
	dcm_item_set_text(other, &url[1], "UR", "http://b.example");
	/* What the table knows the dataset does not rename. */
	dcm_item_set_text(item_at(&f, 2), designator, "SH", "LN");
	dcm_item_set_text(item_at(&f, 2), uid, "UI", "1.2.9");
	/* Blanks designate nothing. */
	dcm_item_set_text(item_at(&f, 3), designator, "SH", " ");
	dcm_item_set_text(item_at(&f, 3), uid, "UI", "1.2.8");
	dcm_item_set_text(item_at(&f, 4), designator, "SH", " 99 C ");
	dcm_item_set_text(item_at(&f, 4), uid, "UI", "1.2.7");
	read_schemes(&f);
	ck_assert_str_ne(scheme_designator(&f.call, "urn:oid:1.2.8"), " ");
	ck_assert_str_eq(scheme_designator(&f.call, "urn:oid:1.2.7"), "99 C");
	ck_assert_str_eq(scheme_system(&f.call, "99 C"), "urn:oid:1.2.7");
	ck_assert_str_eq(scheme_system(&f.call, "99A"), "urn:oid:1.2.3");
	ck_assert_str_eq(scheme_system(&f.call, "99B"), "http://b.example");
	ck_assert_str_eq(scheme_system(&f.call, "LN"), "http://loinc.org");
	ck_assert_str_eq(scheme_designator(&f.call, "urn:oid:1.2.3"), "99A");
	ck_assert_str_eq(scheme_designator(&f.call, "http://b.example"), "99B");
	ck_assert_str_ne(scheme_designator(&f.call, "urn:oid:1.2.9"), "LN");
	/* 99A means something else here than where this came from. */
	ck_assert_str_ne(
		scheme_designator(&f.call, "https://unknown.example/99A"),
		"99A");
	dataset_free(f.dataset);
}
END_TEST

START_TEST(unknown)
{
	static const char *const designators[] = {
		"99HOSP", "L", "99 A", "a/b%", "\xC3\xA4", "1.2~_-"};
	struct fixture f;
	set_up(&f);
	read_schemes(&f);
	for (size_t i = 0; i < LENGTH(designators); i++) {
		const char *system = scheme_system(&f.call, designators[i]);
		ck_assert_ptr_null(strchr(system, ' '));
		ck_assert_str_eq(scheme_designator(&f.call, system),
				 designators[i]);
	}
	ck_assert_str_eq(scheme_system(&f.call, "99 A"),
			 "https://unknown.example/99%20A");
	ck_assert_ptr_null(scheme_designator(&f.call, NULL));
	/* No designator is behind these. */
	ck_assert_ptr_nonnull(
		scheme_designator(&f.call, "https://unknown.example/"));
	ck_assert_int_eq(
		strncmp(scheme_designator(&f.call,
					  "https://unknown.example/12345678"
					  "901234567"),
			"99", 2),
		0);
	ck_assert_str_ne(
		scheme_designator(&f.call, "https://unknown.example/LN"), "LN");
	dataset_free(f.dataset);
}
END_TEST

START_TEST(new_ones)
{
	struct fixture f;
	set_up(&f);
	read_schemes(&f);
	const char *by_url = scheme_designator(&f.call, "http://new.example");
	const char *by_uid = scheme_designator(&f.call, "urn:oid:1.2.4");
	const char *unused = scheme_designator(&f.call, "http://no.example");
	ck_assert_uint_eq(strlen(by_url), 16);
	ck_assert_str_eq(scheme_designator(&f.call, "http://new.example"),
			 by_url);
	ck_assert_str_eq(scheme_system(&f.call, by_url), "http://new.example");
	ck_assert_str_ne(by_url, by_uid);
	ck_assert_str_ne(by_url, unused);
	use(&f, 0, by_url);
	use(&f, 1, by_uid);
	use(&f, 2, "LN");
	schemes_write(f.call.schemes, &f.dataset->root);
	schemes_write(f.call.schemes, &f.dataset->root);
	ck_assert_uint_eq(item_count(&f), 2);
	/* Another reader, who knows the dataset alone. */
	read_schemes(&f);
	ck_assert_str_eq(scheme_system(&f.call, by_url), "http://new.example");
	ck_assert_str_eq(scheme_system(&f.call, by_uid), "urn:oid:1.2.4");
	schemes_write(f.call.schemes, &f.dataset->root);
	ck_assert_uint_eq(item_count(&f), 2);
	dataset_free(f.dataset);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("schemes");
	TCase *tcase = tcase_create("schemes");
	tcase_add_test(tcase, of_the_dataset);
	tcase_add_test(tcase, unknown);
	tcase_add_test(tcase, new_ones);
	suite_add_tcase(suite, tcase);
	return run_suite(suite) != 0;
}
