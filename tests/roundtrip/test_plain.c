/*
 * Plain FHIR of every case: no extension of ours, and whatever does not come
 * back is told as lost.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "case_way.h"
#include "run_suite.h"

static struct case_folder *cases;
static int case_count;
static dfh_rules *rules;

/* The lines of a report of one kind, without the kind. */
static char *lines_of(const dfh_report *report, const char *kind)
{
	char *all = case_report(report), *out = NULL, *next = all;
	size_t size, length = strlen(kind);
	FILE *file = open_memstream(&out, &size);
	for (char *line; (line = strsep(&next, "\n"));)
		if (strncmp(line, kind, length) == 0)
			fprintf(file, "%s\n", line + length);
	fclose(file);
	free(all);
	return out;
}

static char *export(const struct case_folder *it, dfh_release release,
		    bool plain, dfh_report *report)
{
	dfh_export_options options = {
		.size = sizeof options,
		.release = release,
		.report = report,
		.plain = plain,
	};
	return case_export(rules, it, &options, false);
}

/* What would travel beside is what is lost without. */
START_TEST(told)
{
	const struct case_folder *it = &cases[_i / RELEASES];
	dfh_release release = _i % 2 ? DFH_R5 : DFH_R4;
	dfh_report *whole = dfh_report_new(), *plain = dfh_report_new();
	case_encode_all(it);
	free(export(it, release, false, whole));
	char *text = export(it, release, true, plain);
	char *beside = lines_of(whole, "carried beside");
	char *lost = lines_of(plain, "lost");
	char *still = lines_of(plain, "carried beside");
	ck_assert_msg(!strstr(text, rules->carried_beside),
		      "%s: has the extension", it->name);
	ck_assert_msg(strcmp(beside, lost) == 0,
		      "%s: beside would be\n%sbut lost is\n%s", it->name,
		      beside, lost);
	ck_assert_str_eq(still, "");
	free(text);
	free(beside);
	free(lost);
	free(still);
	dfh_report_free(whole);
	dfh_report_free(plain);
}
END_TEST

/* Is a loss of the attribute, or of one in it, told?  lost: lines of "RULE
 * ATTRIBUTE" */
static bool is_told(const char *lost, const struct dcm_tag *tag)
{
	char name[128];
	dcm_tag_name(tag, name);
	size_t length = strlen(name);
	/* A tag that no dictionary knows has its VR: "(0010,2161,SQ)". */
	if (*name == '(')
		name[--length] = '\0';
	for (const char *p = lost; (p = strstr(p, name)); p += length)
		if (p > lost && p[-1] == ' ' &&
		    strchr(*name == '(' ? ",)" : ".\n", p[length]))
			return true;
	return false;
}

static void check_elements(const char *case_name, const char *lost,
			   const struct dataset *a, const struct dataset *b)
{
	for (size_t i = 0; i < a->root.count; i++) {
		const struct dcm_element *e = &a->root.elements[i];
		const struct dcm_element *other =
			dcm_item_find(&b->root, &e->tag);
		char name[128];
		ck_assert_msg((other && dcm_element_equal(e, other)) ||
				      is_told(lost, &e->tag),
			      "%s: %s is lost in silence", case_name,
			      dcm_tag_name(&e->tag, name));
	}
}

/* An instance may have lost its UID too. */
static const char *header_of(const struct case_paths *paths,
			     const struct dataset *original)
{
	const char *path =
		case_rebuilt(paths, case_value(original, 0x0008, 0x0018));
	return path ? path : case_rebuilt(paths, "");
}

START_TEST(lost)
{
	const struct case_folder *it = &cases[_i / RELEASES];
	dfh_report *report = dfh_report_new();
	struct case_paths paths;
	case_encode_all(it);
	char *text = export(it, _i % 2 ? DFH_R5 : DFH_R4, true, report);
	char *names = lines_of(report, "lost");
	dfh_import *im = case_import_text(rules, it->name, text, NULL);
	case_rebuild(im, it->name, &paths);
	for (int i = 0; i < it->dump_count; i++) {
		struct dataset *original =
			case_dataset(case_file(i).at, &rules->wants);
		const char *path = header_of(&paths, original);
		struct dataset *made = path ? case_dataset(path, &rules->wants)
					    : dataset_new();
		const char *uid = case_value(original, 0x0008, 0x0018);
		case_drop_new(rules, original, made);
		/* Without a UID it has no header of its own among others. */
		if (path || *uid)
			check_elements(it->name, names, original, made);
		if (path)
			check_elements(it->name, names, made, original);
		dataset_free(original);
		dataset_free(made);
	}
	free(text);
	free(names);
	dfh_import_free(im);
	dfh_report_free(report);
}
END_TEST

int main(void)
{
	case_temp_open();
	rules = case_rules();
	cases = case_folders("cases", &case_count);
	Suite *suite = suite_create("plain");
	TCase *tcase = tcase_create("plain");
	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, told, 0, case_count * RELEASES);
	tcase_add_loop_test(tcase, lost, 0, case_count * RELEASES);
	suite_add_tcase(suite, tcase);
	int failed = run_suite(suite);
	dfh_rules_free(rules);
	free(cases);
	case_temp_close();
	return failed != 0;
}
