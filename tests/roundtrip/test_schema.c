#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "fhir_schema.h"
#include "fhir_schema_table.h"
#include "run_suite.h"

#define LENGTH(array) (sizeof(array) / sizeof(array)[0])

enum { ONE, MANY };

/* type NULL: the release has no such element. */
static const struct expected {
	enum fhir_release release;
	const char *parent, *name, *type;
	unsigned char min;
	int many;
} expected[] = {
	{FHIR_R4, "ImagingStudy", "series", "ImagingStudy.series", 0, MANY},
	{FHIR_R5, "ImagingStudy", "series", "ImagingStudy.series", 0, MANY},
	{FHIR_R4, "ImagingStudy", "modality", "Coding", 0, MANY},
	{FHIR_R5, "ImagingStudy", "modality", "CodeableConcept", 0, MANY},
	{FHIR_R4, "ImagingStudy", "status", "code", 1, ONE},
	{FHIR_R5, "ImagingStudy", "subject", "Reference", 1, ONE},
	{FHIR_R4, "ImagingStudy", "interpreter", "Reference", 0, MANY},
	{FHIR_R5, "ImagingStudy", "interpreter", NULL, 0, ONE},
	{FHIR_R4, "ImagingStudy", "procedure", NULL, 0, ONE},
	{FHIR_R5, "ImagingStudy", "procedure", "CodeableReference", 0, MANY},
	{FHIR_R4, "ImagingStudy", "contained", "Resource", 0, MANY},
	{FHIR_R4, "ImagingStudy", "resourceType", NULL, 0, ONE},
	{FHIR_R4, "ImagingStudy.series", "modality", "Coding", 1, ONE},
	{FHIR_R5, "ImagingStudy.series", "modality", "CodeableConcept", 1, ONE},
	{FHIR_R4, "ImagingStudy.series", "bodySite", "Coding", 0, ONE},
	{FHIR_R5, "ImagingStudy.series", "bodySite", "CodeableReference", 0,
	 ONE},
	{FHIR_R5, "ImagingStudy.series", "performer",
	 "ImagingStudy.series.performer", 0, MANY},
	{FHIR_R4, "ImagingStudy.series.instance", "uid", "id", 1, ONE},
	/* Each name of a choice, none of them required by itself. */
	{FHIR_R4, "Observation", "valueQuantity", "Quantity", 0, ONE},
	{FHIR_R5, "Observation", "valueQuantity", "Quantity", 0, ONE},
	{FHIR_R5, "Observation", "valueCodeableConcept", "CodeableConcept", 0,
	 ONE},
	{FHIR_R4, "Observation", "value", NULL, 0, ONE},
	{FHIR_R4, "Observation", "value[x]", NULL, 0, ONE},
	{FHIR_R4, "Extension", "valueDateTime", "dateTime", 0, ONE},
	{FHIR_R4, "Extension", "valueInteger64", NULL, 0, ONE},
	{FHIR_R5, "Extension", "valueInteger64", "integer64", 0, ONE},
	{FHIR_R5, "Extension", "url", "uri", 1, ONE},
	{FHIR_R4, "Patient", "id", "id", 0, ONE},
	{FHIR_R5, "Patient", "id", "id", 0, ONE},
	{FHIR_R4, "Patient", "name", "HumanName", 0, MANY},
	{FHIR_R5, "Patient", "name", "HumanName", 0, MANY},
	{FHIR_R5, "HumanName", "given", "string", 0, MANY},
	{FHIR_R5, "HumanName", "id", "string", 0, ONE},
	{FHIR_R5, "CodeableReference", "concept", "CodeableConcept", 0, ONE},
	/* The content of another element. */
	{FHIR_R4, "Bundle.entry", "link", "Bundle.link", 0, MANY},
	{FHIR_R5, "Bundle.entry", "link", "Bundle.link", 0, MANY},
	{FHIR_R5, "Bundle.entry", "resource", "Resource", 0, ONE},
	{FHIR_R4, "Composition.section", "section", "Composition.section", 0,
	 MANY},
	/* What stands beside a primitive, in _birthDate. */
	{FHIR_R4, "date", "extension", "Extension", 0, MANY},
	{FHIR_R5, "date", "id", "string", 0, ONE},
	{FHIR_R5, "date", "value", NULL, 0, ONE},
	/* Names are exact, and the first and the last are found too. */
	{FHIR_R4, "Patient", "Name", NULL, 0, ONE},
	{FHIR_R4, "Patient", "", NULL, 0, ONE},
	{FHIR_R4, "patient", "name", NULL, 0, ONE},
	{FHIR_R4, "NoSuchType", "name", NULL, 0, ONE},
	{FHIR_R5, "", "", NULL, 0, ONE},
	{FHIR_R5, "Address", "city", "string", 0, ONE},
	{FHIR_R4, "xhtml", "id", "string", 0, ONE},
};

static const struct {
	const char *type;
	bool primitive, resource_r4, resource_r5;
} kinds[] = {
	{"string", true, false, false},
	{"dateTime", true, false, false},
	{"integer64", true, false, false},
	{"xhtml", true, false, false},
	{"HumanName", false, false, false},
	{"Element", false, false, false},
	{"ImagingStudy", false, true, true},
	{"ImagingStudy.series", false, false, false},
	{"Media", false, true, false},
	{"Bundle", false, true, true},
	{"Resource", false, false, false},
	{"NoSuchType", false, false, false},
	{"", false, false, false},
};

START_TEST(element)
{
	const struct expected *want = &expected[_i];
	const struct fhir_element *found =
		fhir_element_find(want->release, want->parent, want->name);

	if (!want->type) {
		ck_assert_msg(!found, "%s.%s", want->parent, want->name);
		return;
	}
	ck_assert_msg(found != NULL, "%s.%s", want->parent, want->name);
	ck_assert_str_eq(found->name, want->name);
	ck_assert_str_eq(found->type, want->type);
	ck_assert_int_eq(found->min, want->min);
	ck_assert_int_eq(found->many, want->many == MANY);
}
END_TEST

START_TEST(kind)
{
	const char *type = kinds[_i].type;

	ck_assert_int_eq(fhir_type_is_primitive(type), kinds[_i].primitive);
	ck_assert_int_eq(fhir_type_is_resource(FHIR_R4, type),
			 kinds[_i].resource_r4);
	ck_assert_int_eq(fhir_type_is_resource(FHIR_R5, type),
			 kinds[_i].resource_r5);
}
END_TEST

/* Every type that can be reached from a type is in the table, in order, and
 * each of its elements is found again. */
static void walk(enum fhir_release release, const char *type, int depth)
{
	size_t count, i;
	const struct fhir_element *all =
		fhir_elements_of(release, type, &count);

	ck_assert_msg(all != NULL, "%s", type);
	ck_assert_uint_gt(count, 0);
	for (i = 0; i < count; i++) {
		ck_assert_ptr_eq(fhir_element_find(release, type, all[i].name),
				 &all[i]);
		if (i > 0)
			ck_assert_int_lt(strcmp(all[i - 1].name, all[i].name),
					 0);
		if (depth > 0)
			walk(release, all[i].type, depth - 1);
	}
}

START_TEST(reachable)
{
	walk((enum fhir_release)_i, "Bundle", 3);
	walk((enum fhir_release)_i, "ImagingStudy", 3);
	walk((enum fhir_release)_i, "Patient", 3);
}
END_TEST

/* What is asked of names without a look at the table. */
START_TEST(letters_of_primitives)
{
	const struct fhir_types *types = &fhir_schema_types[_i];

	for (size_t i = 0; i < types->count; i++) {
		const char *name = types->list[i].name;
		const struct fhir_element one = {.type = name};
		bool primitive = types->list[i].kind == FHIR_PRIMITIVE;

		ck_assert_msg(fhir_type_is_primitive(name) == primitive, "%s",
			      name);
		ck_assert_msg(fhir_element_is_primitive(&one) == primitive,
			      "%s", name);
	}
}
END_TEST

START_TEST(elements_of_unknown)
{
	size_t count = 1;

	ck_assert_ptr_null(
		fhir_elements_of(FHIR_R4, "CodeableReference", &count));
	ck_assert_uint_eq(count, 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("schema");
	TCase *tcase = tcase_create("schema");

	tcase_add_loop_test(tcase, element, 0, (int)LENGTH(expected));
	tcase_add_loop_test(tcase, kind, 0, (int)LENGTH(kinds));
	tcase_add_loop_test(tcase, reachable, FHIR_R4, FHIR_R5 + 1);
	tcase_add_loop_test(tcase, letters_of_primitives, FHIR_R4, FHIR_R5 + 1);
	tcase_add_test(tcase, elements_of_unknown);
	suite_add_tcase(suite, tcase);
	return run_suite(suite) ? EXIT_FAILURE : EXIT_SUCCESS;
}
