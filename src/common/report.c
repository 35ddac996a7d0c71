#include "report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/linkhash.h>

struct issue {
	enum report_kind kind;
	char *rule, *expression, *attribute, *text, *file;
	size_t count;
};

struct dfh_report {
	struct lh_table *by_key; /* all but file -> issue */
	size_t losses;
};

static void free_issue(struct lh_entry *entry)
{
	struct issue *issue = (struct issue *)lh_entry_v(entry);
	free(lh_entry_k(entry));
	free(issue->rule);
	free(issue->expression);
	free(issue->attribute);
	free(issue->text);
	free(issue->file);
	free(issue);
}

dfh_report *dfh_report_new(void)
{
	dfh_report *report = xmalloc(sizeof *report);
	report->by_key = lh_kchar_table_new(64, free_issue);
	report->losses = 0;
	return report;
}

void dfh_report_free(dfh_report *report)
{
	if (!report)
		return;
	lh_table_free(report->by_key);
	free(report);
}

size_t dfh_report_losses(const dfh_report *report)
{
	return report->losses;
}

enum report_kind report_kind_of(enum note_kind kind)
{
	return kind == NOTE_INVALID ? REPORT_INVALID : REPORT_LOST;
}

/* "ImagingStudy.series.number" for series.number (FHIRPath). */
static char *expression_of(const struct rule *rule, dfh_release release)
{
	char text[512];
	const struct fhir_path *path = rule ? rule->fhir[release] : NULL;
	if (!path)
		return NULL;
	int used = snprintf(text, sizeof text, "%s", path->place->type);
	for (size_t i = 0; i < path->depth && used < (int)sizeof text; i++) {
		const struct fhir_step *step = &path->steps[i];
		used += step->extension
			    ? snprintf(text + used, sizeof text - (size_t)used,
				       ".extension('%s')", step->extension)
			    : snprintf(text + used, sizeof text - (size_t)used,
				       ".%s", step->name);
	}
	return xstrdup(text);
}

static char *copy(const char *text)
{
	return text ? xstrdup(text) : NULL;
}

static const char *or_empty(const char *text)
{
	return text ? text : "";
}

void report_add(dfh_report *report, enum report_kind kind,
		const struct rule *rule, dfh_release release,
		const char *attribute, const char *file, const char *text)
{
	char key[1024];
	if (!report)
		return;
	snprintf(key, sizeof key, "%d\n%s\n%s\n%s", (int)kind,
		 rule ? rule->id : "", or_empty(attribute), text);
	if (kind != REPORT_BESIDE)
		report->losses++;
	struct lh_entry *entry = lh_table_lookup_entry(report->by_key, key);
	if (entry) {
		struct issue *issue = (struct issue *)lh_entry_v(entry);
		issue->count++;
		if (file && issue->file && strcmp(file, issue->file) < 0) {
			free(issue->file);
			issue->file = xstrdup(file);
		}
		return;
	}
	struct issue *issue = xmalloc(sizeof *issue);
	*issue = (struct issue){
	    .kind = kind,
	    .rule = copy(rule ? rule->id : NULL),
	    .expression = expression_of(rule, release),
	    .attribute = copy(attribute),
	    .text = xstrdup(text),
	    .file = copy(file),
	    .count = 1,
	};
	lh_table_insert(report->by_key, xstrdup(key), issue);
}

/* ---- the OperationOutcome ---- */

/* severity and code of FHIR's value sets issue-severity and issue-type */
static const char *const kinds[][3] = {
    [REPORT_INVALID] = {"warning", "value", "invalid in the source"},
    [REPORT_LOST] = {"warning", "not-supported", "lost"},
    [REPORT_BESIDE] = {"information", "informational", "carried beside"},
    [REPORT_DISAGREE] = {"warning", "conflict", "disagreement"},
    [REPORT_REFUSED] = {"error", "processing", "refused"},
};

static json_object *issue_json(const struct issue *issue)
{
	json_object *out = json_object_new_object();
	const char *const *kind = kinds[issue->kind];
	char details[1024];
	json_add_text(out, "severity", kind[0]);
	json_add_text(out, "code", kind[1]);
	snprintf(details, sizeof details, "%s%s%s%s%s: %s%s%s", kind[2],
		 issue->rule ? ": rule " : "", or_empty(issue->rule),
		 issue->attribute ? ", " : "", or_empty(issue->attribute),
		 issue->text, issue->file ? "; " : "", or_empty(issue->file));
	char count[64] = "";
	if (issue->count > 1)
		snprintf(count, sizeof count, " and others (%zu in all)",
			 issue->count);
	char *diagnostics = xmalloc(strlen(details) + strlen(count) + 1);
	strcpy(diagnostics, details);
	strcat(diagnostics, count);
	json_add_text(out, "diagnostics", diagnostics);
	free(diagnostics);
	if (issue->expression) {
		json_object *list = json_object_new_array();
		json_object_array_add(
		    list, json_object_new_string(issue->expression));
		json_object_object_add(out, "expression", list);
	}
	return out;
}

static int by_key(const void *a, const void *b)
{
	const struct lh_entry *const *x = a, *const *y = b;
	return strcmp((const char *)lh_entry_k(*x),
		      (const char *)lh_entry_k(*y));
}

char *dfh_report_json(const dfh_report *report)
{
	size_t count = 0, total = (size_t)lh_table_length(report->by_key);
	struct lh_entry **sorted =
	    xmalloc((total + 1) * sizeof(struct lh_entry *));
	struct lh_entry *entry;
	lh_foreach(report->by_key, entry) sorted[count++] = entry;
	qsort(sorted, count, sizeof(struct lh_entry *), by_key);
	json_object *outcome = json_object_new_object();
	json_object *issues = json_object_new_array();
	json_add_text(outcome, "resourceType", "OperationOutcome");
	for (size_t i = 0; i < count; i++)
		json_object_array_add(
		    issues, issue_json((struct issue *)lh_entry_v(sorted[i])));
	if (!count) {
		struct issue none = {.kind = REPORT_BESIDE,
				     .text = (char *)"nothing was lost"};
		json_object *issue = issue_json(&none);
		json_object_object_add(issue, "diagnostics",
				       json_object_new_string(none.text));
		json_object_array_add(issues, issue);
	}
	free(sorted);
	json_object_object_add(outcome, "issue", issues);
	char *text = xstrdup(json_object_to_json_string_ext(
	    outcome, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
			 JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(outcome);
	return text;
}
