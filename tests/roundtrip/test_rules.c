/*
 * Rule files: the shipped one and one of a site load well and mean what they
 * say; each of bad-rules/NAME.yaml gives the faults of NAME.err.  With
 * REGENERATE set in the environment the .err files are written instead.
 */
#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "codec.h"
#include "error.h"
#include "run_suite.h"

enum { SIZE_MAX_TEXT = 64 * 1024 };

static char here[4096]; /* tests/roundtrip */
static struct dirent **bad_files;
static int bad_count;

static const char *below(const char *name)
{
	static char path[8192];

	snprintf(path, sizeof path, "%s/%s", here, name);
	return path;
}

static dfh_rules *load(const char *path)
{
	dfh_error *error = NULL;
	dfh_rules *rules = dfh_rules_load(path, &error);

	ck_assert_msg(rules != NULL, "%s", dfh_error_text(error));
	ck_assert_msg(dfh_rules_run_examples(rules, &error) == 0, "%s",
		      dfh_error_text(error));
	return rules;
}

static const struct rule *find(const dfh_rules *rules, const char *id)
{
	for (size_t i = 0; i < rules->rule_count; i++)
		if (strcmp(rules->rules[i].id, id) == 0)
			return &rules->rules[i];
	return NULL;
}

/* ---- paths and patterns ---- */

/* steps: names, with "+" behind an array; is: JSON or "". */
static const struct path_case {
	const char *id;
	enum fhir_release release;
	const char *place, *steps, *type;
	int slot;
	const char *is;
} paths[] = {
	{"accession", FHIR_R4, "study", "identifier+", "Identifier", 0,
	 "{\"type\":{\"coding\":[{\"system\":\"http://terminology.hl7.org/"
	 "CodeSystem/v2-0203\",\"code\":\"ACSN\"}]}}"},
	{"accession", FHIR_R5, "study", "basedOn+ identifier", "Identifier", 0,
	 "{\"identifier\":{\"type\":{\"coding\":[{"
	 "\"system\":\"http://terminology.hl7.org/CodeSystem/"
	 "v2-0203\",\"code\":"
	 "\"ACSN\"}]}}}"},
	{"study-uid", FHIR_R5, "study", "identifier+ value", "string", 0,
	 "{\"system\":\"urn:dicom:uid\"}"},
	{"procedure", FHIR_R4, "study", "procedureCode+", "CodeableConcept", 0,
	 ""},
	{"procedure", FHIR_R5, "study", "procedure+ concept", "CodeableConcept",
	 0, ""},
	{"series-modality", FHIR_R4, "series", "modality", "Coding", -1, ""},
	{"series-modality", FHIR_R5, "series", "modality", "CodeableConcept",
	 -1, ""},
	{"sop-class", FHIR_R4, "instance", "sopClass code", "code", -1,
	 "{\"sopClass\":{\"system\":\"urn:ietf:rfc:3986\"}}"},
	{"patient-birth-time", FHIR_R4, "patient",
	 "birthDate extension+ valueDateTime", "dateTime", -1, ""},
	{"ethnic-group", FHIR_R5, "patient",
	 "extension+ extension+ valueString", "string", -1, ""},
	{"weight", FHIR_R4, "weight", "valueQuantity", "Quantity", -1, ""},
};

START_TEST(paths_of_shipped_rules)
{
	const struct path_case *c = &paths[_i];
	dfh_rules *rules = load(below("../../rules.yaml"));
	const struct rule *rule = find(rules, c->id);
	const struct fhir_path *path;
	char steps[256] = "";

	ck_assert_ptr_nonnull(rule);
	path = rule->fhir[c->release];
	ck_assert_ptr_nonnull(path);
	for (size_t i = 0; i < path->depth; i++) {
		strcat(steps, i ? " " : "");
		strcat(steps, path->steps[i].name);
		strcat(steps, path->steps[i].many ? "+" : "");
	}
	ck_assert_str_eq(path->place->name, c->place);
	ck_assert_str_eq(steps, c->steps);
	ck_assert_str_eq(path->type, c->type);
	ck_assert_int_eq(path->slot, c->slot);
	ck_assert_str_eq(
		path->is ? json_object_to_json_string_ext(
				   path->is,
				   JSON_C_TO_STRING_PLAIN |
					   JSON_C_TO_STRING_NOSLASHESCAPE)
			 : "",
		c->is);
	dfh_rules_free(rules);
}
END_TEST

START_TEST(extension_on_primitive)
{
	dfh_rules *rules = load(below("../../rules.yaml"));
	const struct rule *time = find(rules, "patient-birth-time");
	const struct fhir_step *step = &time->fhir[FHIR_R4]->steps[1];

	ck_assert(step->on_primitive);
	ck_assert_str_eq(step->extension, "http://hl7.org/fhir/"
					  "StructureDefinition/"
					  "patient-birthTime");
	ck_assert(!find(rules, "ethnic-group")
			   ->fhir[FHIR_R4]
			   ->steps[0]
			   .on_primitive);
	dfh_rules_free(rules);
}
END_TEST

/* ---- places ---- */

static const struct place *place_named(const dfh_rules *rules, const char *name)
{
	for (size_t i = 0; i < rules->place_count; i++)
		if (strcmp(rules->places[i].name, name) == 0)
			return &rules->places[i];
	ck_abort_msg("no place %s", name);
}

START_TEST(places_of_shipped_rules)
{
	dfh_rules *rules = load(below("../../rules.yaml"));
	const struct place *series = place_named(rules, "series");
	const struct place *operators = place_named(rules, "operator");
	const struct place *order = place_named(rules, "order");

	ck_assert_str_eq(series->type, "ImagingStudy.series");
	ck_assert(!series->is_resource && series->per);
	ck_assert_int_eq(series->level, LEVEL_SERIES);
	ck_assert_ptr_eq(series->in[FHIR_R5]->place,
			 place_named(rules, "study"));
	ck_assert_int_eq(operators->level, LEVEL_SERIES);
	ck_assert_int_eq(operators->each.kind, EACH_JOIN);
	ck_assert_int_eq(operators->via[FHIR_R4]->slot, 0);
	ck_assert_ptr_nonnull(
		strstr(json_object_to_json_string(operators->via[FHIR_R4]->is),
		       "\"SPRF\""));
	ck_assert_int_eq(order->each.kind, EACH_ONE_OF);
	ck_assert_uint_eq(order->each.count, 3);
	ck_assert_uint_eq(order->each.paths[2].depth, 0);
	ck_assert_str_eq(table_choice(order->each.table, NULL), ".");
	ck_assert_int_eq(order->entry, ENTRY_CREATE_UNLESS);
	for (size_t i = 0; i < rules->place_count; i++)
		for (size_t r = 0; r < RELEASES; r++) {
			const struct place *place = &rules->places[i];

			/* R5 has no ImagingStudy.interpreter. */
			ck_assert_int_eq(place->in_release[r],
					 r == FHIR_R4 ||
						 strcmp(place->name,
							"interpreter") != 0);
			if (place->in[r])
				ck_assert(place->in[r]->place < place);
			if (place->via[r])
				ck_assert(place->via[r]->place < place);
		}
	dfh_rules_free(rules);
}
END_TEST

/* ---- what is read ---- */

/* The wants are a tree in the order of tags; path: keywords with dots. */
static const struct dcm_want *find_want(const dfh_rules *rules,
					const char *path)
{
	const struct dcm_want *list = rules->wants.list, *want = NULL;
	size_t count = rules->wants.count;
	char text[256], *rest = text, *name, out[128];

	snprintf(text, sizeof text, "%s", path);
	while ((name = strsep(&rest, "."))) {
		want = NULL;
		for (size_t i = 0; i < count; i++)
			if (strcmp(dcm_tag_name(&list[i].tag, out), name) == 0)
				want = &list[i];
		if (!want)
			return NULL;
		list = want->in_items;
		count = want->in_items_count;
	}
	return want;
}

static const struct want_case {
	const char *path;
	bool there, whole;
} wants[] = {
	{"PatientName", true, false},
	{"SOPClassUID", true, false},
	{"TimezoneOffsetFromUTC", true, false},
	{"Manufacturer", true, false},
	{"ProcedureCodeSequence", true, true},
	{"CodingSchemeIdentificationSequence", true, true},
	{"ReferringPhysicianIdentificationSequence", true, true},
	{"RequestAttributesSequence.AccessionNumber", true, false},
	{"ReferencedRequestSequence.AccessionNumber", true, false},
	{"RequestAttributesSequence.RequestedProcedureCodeSequence", true,
	 true},
	{"RequestAttributesSequence.ReasonForRequestedProcedureCodeSequence."
	 "CodeValue",
	 true, false},
	{"ReasonForTheRequestedProcedure", true, false},
	{"SpecimenDescriptionSequence.SpecimenUID", true, false},
	{"PixelData", false, false},
	{"SpecimenUID", false, false},
};

START_TEST(wants_of_shipped_rules)
{
	dfh_rules *rules = load(below("../../rules.yaml"));
	const struct dcm_want *want = find_want(rules, wants[_i].path);

	ck_assert_int_eq(want != NULL, wants[_i].there);
	if (want)
		ck_assert_int_eq(want->whole, wants[_i].whole);
	for (size_t i = 1; i < rules->wants.count; i++)
		ck_assert_int_lt(dcm_tag_compare(&rules->wants.list[i - 1].tag,
						 &rules->wants.list[i].tag),
				 0);
	dfh_rules_free(rules);
}
END_TEST

/* ---- tables ---- */

static const char *dicom_of(const struct table *table, const char *system,
			    const char *code)
{
	const struct table_row *row = table_by_code(table, system, code);

	return row ? row->dicom : "";
}

static const char *code_of(const struct table *table, const char *dicom)
{
	const struct table_row *row = table_by_dicom(table, dicom);

	return row ? row->code : "";
}

START_TEST(tables_of_shipped_rules)
{
	const char *sct = "http://snomed.info/sct";
	dfh_rules *rules = load(below("../../rules.yaml"));
	const struct rule *body_part = find(rules, "body-part");
	const struct table *body =
		rules->rules[body_part->sources->home].options[0].table;
	const struct table *title =
		find(rules, "instance-title")->options[0].table;

	ck_assert_str_eq(code_of(body, "CHEST"), "816094009");
	ck_assert_str_eq(code_of(body, "THORAX"), "816094009");
	ck_assert_str_eq(code_of(body, "chest"), "");
	ck_assert_str_eq(dicom_of(body, sct, "816094009"), "CHEST");
	ck_assert_str_eq(dicom_of(body, NULL, "816094009"), "CHEST");
	ck_assert_str_eq(dicom_of(body, "", "43799004"), "CHEST");
	ck_assert_str_eq(dicom_of(body, "http://loinc.org", "816094009"), "");
	ck_assert_str_eq(dicom_of(body, sct, "C3669027"), "");
	ck_assert_str_eq(dicom_of(body, NULL, "C3669027"), "DISTALPHALANX");
	ck_assert_str_eq(table_choice(title, NULL), "image");
	ck_assert_str_eq(table_choice(title, "1.2.3"), "image");
	ck_assert_str_eq(table_choice(title, "1.2.840.10008.5.1.4.1.1.88.11"),
			 "concept");
	dfh_rules_free(rules);
}
END_TEST

/* ---- rules ---- */

START_TEST(parts_of_shipped_rules)
{
	dfh_rules *rules = load(below("../../rules.yaml"));
	const struct rule *modality = find(rules, "study-modality");
	const struct rule *count = find(rules, "number-of-instances");
	const struct rule *weight = find(rules, "weight-time");
	const struct rule *meaning = find(rules, "referrer-code-meaning");
	const struct rule *accession = find(rules, "accession");

	ck_assert_uint_ge(rules->rule_count, 50);
	ck_assert_int_eq(modality->each.kind, EACH_VALUE);
	ck_assert_int_eq(modality->derive.kind, DERIVE_DISTINCT);
	ck_assert_uint_eq(modality->derive.of[FHIR_R4]->depth, 2);
	ck_assert_uint_eq(modality->derive.except_count[FHIR_R5], 0);
	ck_assert_uint_gt(modality->derive.except_count[FHIR_R4], 20);
	ck_assert_str_eq(count->derive.of[FHIR_R4]->steps[1].name, "instance");
	ck_assert(weight->can_get && !weight->can_put);
	ck_assert(weight->ports[0].read_only);
	ck_assert(!meaning->can_get && meaning->can_put);
	ck_assert_int_eq(meaning->each.kind, EACH_ITEM);
	ck_assert_str_eq(accession->otherwise[FHIR_R5]->place->name, "order");
	ck_assert_ptr_nonnull(strstr(
		json_object_to_json_string(accession->otherwise[FHIR_R5]->is),
		"\"ACSN\""));
	ck_assert_uint_eq(json_count(find(rules, "patient-id")->prefer), 3);
	dfh_rules_free(rules);
}
END_TEST

/* ---- a site's rules ---- */

START_TEST(site_rules)
{
	dfh_rules *shipped = load(below("../../rules.yaml"));
	dfh_rules *site = load(below("site-rules/site.yaml"));
	const struct rule *room = find(site, "scanner-room");
	const struct rule *id = find(site, "patient-id");

	ck_assert_uint_eq(site->rule_count, shipped->rule_count);
	ck_assert_ptr_null(find(site, "ethnic-group"));
	ck_assert_str_eq(find(site, "study-description")->fhir[FHIR_R4]->text,
			 "study.note.text");
	ck_assert_str_eq(room->ports[0].path.tags[0].creator,
			 "HOSPITAL.EXAMPLE 1");
	ck_assert_str_eq(site->timezone, "Europe/Berlin");
	ck_assert_ptr_null(shipped->timezone);
	ck_assert_uint_eq(site->type2_count, shipped->type2_count + 1);
	for (size_t i = 0; i < id->option_count; i++)
		if (strcmp(id->options[i].name, "issuers") == 0)
			ck_assert_str_eq(code_of(id->options[i].table, "RIS"),
					 "https://hospital.example/orders");
	dfh_rules_free(site);
	dfh_rules_free(shipped);
}
END_TEST

START_TEST(several_includes)
{
	dfh_rules *rules = load(below("site-rules/several.yaml"));

	ck_assert(!rules->in_release[FHIR_R4] && rules->in_release[FHIR_R5]);
	ck_assert_ptr_null(find(rules, "scanner-room"));
	ck_assert_ptr_null(find(rules, "accession")->fhir[FHIR_R4]);
	ck_assert_str_eq(find(rules, "study-description")->fhir[FHIR_R5]->text,
			 "study.note.text");
	dfh_rules_free(rules);
}
END_TEST

/* ---- faults ---- */

static void read_text(const char *path, char *text)
{
	FILE *file = fopen(path, "r");
	size_t length;

	ck_assert_msg(file != NULL, "%s is missing", path);
	length = fread(text, 1, SIZE_MAX_TEXT - 1, file);
	text[length] = '\0';
	fclose(file);
}

static void write_text(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	ck_assert_ptr_nonnull(file);
	fprintf(file, "%s\n", text);
	ck_assert_int_eq(fclose(file), 0);
}

static char *faults_of(const char *path)
{
	dfh_error *error = NULL;
	dfh_rules *rules = dfh_rules_load(path, &error);
	size_t length;
	char *text;

	if (rules)
		ck_assert_msg(dfh_rules_run_examples(rules, &error) < 0,
			      "%s has no fault", path);
	dfh_rules_free(rules);
	ck_assert_int_eq(dfh_error_code(error), DFH_USAGE);
	length = strlen(dfh_error_text(error));
	text = malloc(length + 2);
	ck_assert_ptr_nonnull(text);
	snprintf(text, length + 2, "%s", dfh_error_text(error));
	dfh_error_free(error);
	return text;
}

START_TEST(bad_rules)
{
	static char golden[SIZE_MAX_TEXT];
	const char *name = bad_files[_i]->d_name;
	char path[512], *faults;

	ck_assert_int_eq(chdir(below("bad-rules")), 0);
	faults = faults_of(name);
	snprintf(path, sizeof path, "%.*s.err", (int)strlen(name) - 5, name);
	if (getenv("REGENERATE"))
		write_text(path, faults);
	read_text(path, golden);
	strcat(faults, "\n");
	ck_assert_str_eq(faults, golden);
	free(faults);
}
END_TEST

START_TEST(missing_file)
{
	char *faults = faults_of("no-such-rules.yaml");

	ck_assert_str_eq(faults, "no-such-rules.yaml: cannot open: No such "
				 "file or directory");
	free(faults);
}
END_TEST

START_TEST(too_large_file)
{
	char path[] = "/tmp/test_rules.XXXXXX", *faults;
	int file = mkstemp(path);

	ck_assert_int_ge(file, 0);
	ck_assert_int_eq(ftruncate(file, 9 * 1024 * 1024), 0);
	close(file);
	faults = faults_of(path);
	unlink(path);
	ck_assert_ptr_nonnull(strstr(faults, "larger than 8 MiB"));
	free(faults);
}
END_TEST

static int is_yaml(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');

	return dot && strcmp(dot, ".yaml") == 0;
}

static Suite *suite(void)
{
	Suite *suite = suite_create("rules");
	TCase *good = tcase_create("good");
	TCase *bad = tcase_create("bad");

	tcase_add_loop_test(good, paths_of_shipped_rules, 0,
			    (int)(sizeof paths / sizeof *paths));
	tcase_add_test(good, extension_on_primitive);
	tcase_add_test(good, places_of_shipped_rules);
	tcase_add_loop_test(good, wants_of_shipped_rules, 0,
			    (int)(sizeof wants / sizeof *wants));
	tcase_add_test(good, tables_of_shipped_rules);
	tcase_add_test(good, parts_of_shipped_rules);
	tcase_add_test(good, site_rules);
	tcase_add_test(good, several_includes);
	tcase_add_loop_test(bad, bad_rules, 0, bad_count);
	tcase_add_test(bad, missing_file);
	tcase_add_test(bad, too_large_file);
	suite_add_tcase(suite, good);
	suite_add_tcase(suite, bad);
	return suite;
}

int main(void)
{
	const char *source = getenv("srcdir");
	char folder[1024];

	snprintf(folder, sizeof folder, "%s/tests/roundtrip",
		 source ? source : ".");
	if (!realpath(folder, here))
		return 99;
	bad_count = scandir(below("bad-rules"), &bad_files, is_yaml, alphasort);
	if (bad_count <= 0)
		return 99;
	int failed = run_suite(suite());
	for (int i = 0; i < bad_count; i++)
		free(bad_files[i]);
	free(bad_files);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
