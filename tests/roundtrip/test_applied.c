/* Which rules a change is told with, for the log. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "applied.h"
#include "run_suite.h"

static const struct dcm_tag codes = {0x0008, 0x1032, NULL};
static const struct dcm_tag requests = {0x0040, 0x0275, NULL};

static void set(struct dcm_item *item, uint16_t group, uint16_t element,
		const char *vr, const char *text)
{
	const struct dcm_tag tag = {group, element, NULL};

	dcm_item_set_text(item, &tag, vr, text);
}

static void name(struct dcm_item *root)
{
	set(root, 0x0010, 0x0010, "PN", "Changed");
}

static void code(struct dcm_item *root)
{
	set(dcm_item_need_item(root, &codes, 0), 0x0008, 0x0104, "LO", "CT");
}

/* No rule has it: it comes from beside. */
static void context_identifier(struct dcm_item *root)
{
	set(dcm_item_need_item(root, &codes, 0), 0x0008, 0x010f, "CS", "82");
}

static void empty_item(struct dcm_item *root)
{
	dcm_item_need_item(root, &codes, 0);
}

static void empty_sequence(struct dcm_item *root)
{
	dcm_item_set_text(root, &codes, "SQ", "");
}

static void empty_request(struct dcm_item *root)
{
	dcm_item_need_item(root, &requests, 0);
}

static void of_no_rule(struct dcm_item *root)
{
	set(root, 0x0018, 0x0015, "CS", "CHEST?");
	set(root, 0x0028, 0x0010, "LO", "x");
}

static const struct {
	void (*edit)(struct dcm_item *root);
	const char *told[2]; /* "rule attribute" */
} changes[] = {
	{name, {"patient-name PatientName"}},
	{code, {"procedure ProcedureCodeSequence.CodeMeaning"}},
	{context_identifier,
	 {"procedure ProcedureCodeSequence.ContextIdentifier"}},
	{empty_item, {"procedure ProcedureCodeSequence"}},
	{empty_sequence, {"procedure ProcedureCodeSequence"}},
	{empty_request, {"reason RequestAttributesSequence"}},
	{of_no_rule, {"body-part BodyPartExamined", "- Rows"}},
};

struct told {
	const char *const *wanted;
	size_t met;
	char all[4096];
};

static void visit(const char *rule, const char *attribute, void *context)
{
	struct told *told = context;
	char line[256];
	size_t i;

	snprintf(line, sizeof(line), "%s %s", rule ? rule : "-", attribute);
	for (i = 0; i < 2 && told->wanted[i]; i++)
		told->met += strcmp(line, told->wanted[i]) == 0;
	snprintf(told->all + strlen(told->all),
		 sizeof(told->all) - strlen(told->all), "%s; ", line);
}

START_TEST(telling)
{
	dfh_rules *rules = dfh_rules_load(getenv("DCMFHIR_RULES"), NULL);
	struct dataset *before = dataset_new(), *after = dataset_new();
	struct told told = {changes[_i].told, 0, ""};
	size_t wanted = changes[_i].told[1] ? 2 : 1;

	ck_assert_ptr_nonnull(rules);
	changes[_i].edit(&after->root);
	tell_applied(rules, before, after, visit, &told);
	ck_assert_msg(told.met == wanted, "%s is not told, but %s",
		      changes[_i].told[0], told.all);
	/* what is gone is told as what is new */
	told = (struct told){changes[_i].told, 0, ""};
	tell_applied(rules, after, before, visit, &told);
	ck_assert_uint_eq(told.met, wanted);
	tell_applied(rules, after, after, visit, &told);
	ck_assert_uint_eq(told.met, wanted);
	dataset_free(before);
	dataset_free(after);
	dfh_rules_free(rules);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("applied");
	TCase *all = tcase_create("telling");

	tcase_add_loop_test(all, telling, 0,
			    sizeof(changes) / sizeof(*changes));
	suite_add_tcase(suite, all);
	return run_suite(suite) ? EXIT_FAILURE : EXIT_SUCCESS;
}
