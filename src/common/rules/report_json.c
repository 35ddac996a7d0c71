/* A report as an OperationOutcome. */
#include "buffer.h"
#include "dcm.h"
#include "json_text.h"
#include "report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REPORT_ENTRY "https://dcmfhir.org/fhir/StructureDefinition/report-entry"

static const char *or_empty(const char *text)
{
	return text ? text : "";
}

/* ---- the sentence ---- */

static void add_diagnostics(json_object *out, const dfh_issue *issue)
{
	struct buffer sentence = {0};
	char count[64] = "";
	if (issue->count > 1)
		snprintf(count, sizeof count, " and others (%zu in all)",
			 issue->count);
	const char *const parts[] = {issue->kind,
				     issue->rule ? ": rule " : "",
				     or_empty(issue->rule),
				     issue->attribute ? ", " : "",
				     or_empty(issue->attribute),
				     ": ",
				     issue->text,
				     issue->file ? "; " : "",
				     or_empty(issue->file),
				     count};
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		buffer_add(&sentence, parts[i], strlen(parts[i]));
	buffer_add(&sentence, "", 1);
	json_add_repaired(out, "diagnostics", (const char *)sentence.bytes);
	buffer_free(&sentence);
}

/* ---- its fields ---- */

/* "(0040,0275).(0008,0050)+..." for keywords, as far as the dictionary has
 * them; private attributes are named by their tags already. */
static void add_tags(struct buffer *out, const char *attribute)
{
	struct arena *arena = arena_new();
	for (const char *at = attribute; *at;) {
		size_t length = strcspn(at, ".+");
		size_t name = strcspn(at, ".[+");
		struct dcm_entry entry;
		char tag[16];
		const char *text = arena_strndup(arena, at, name);
		if (dcm_entry_find(text, arena, &entry) && !entry.tag.creator) {
			snprintf(tag, sizeof tag, "(%04x,%04x)",
				 entry.tag.group, entry.tag.element);
			text = tag;
		}
		buffer_add(out, text, strlen(text));
		buffer_add(out, at + name, length - name);
		at += length;
		if (*at)
			buffer_add(out, at++, 1);
	}
	buffer_add(out, "", 1);
	arena_free(arena);
}

static json_object *field_new(json_object *fields, const char *url)
{
	json_object *field = json_new_object();
	json_add_text(field, "url", url);
	json_append(fields, field);
	return field;
}

static void add_issue_field(json_object *fields, const char *url,
			    const char *text)
{
	if (text && *text)
		json_add_repaired(field_new(fields, url), "valueString", text);
}

static void add_fields(json_object *out, const dfh_issue *issue)
{
	json_object *extensions = json_new_array(), *fields = json_new_array();
	struct buffer tags = {0};
	add_issue_field(fields, "kind", issue->kind);
	add_issue_field(fields, "rule", issue->rule);
	add_issue_field(fields, "attribute", issue->attribute);
	if (issue->attribute) {
		add_tags(&tags, issue->attribute);
		add_issue_field(fields, "tag", (const char *)tags.bytes);
		buffer_free(&tags);
	}
	json_add(field_new(fields, "count"), "valueInteger",
		 json_new_integer((int64_t)issue->count));
	if (!issue->file_count)
		add_issue_field(fields, "file", issue->file);
	for (size_t i = 0; i < issue->file_count; i++)
		add_issue_field(fields, "file", issue->files[i]);
	json_object *entry = field_new(extensions, REPORT_ENTRY);
	json_add(entry, "extension", fields);
	json_add(out, "extension", extensions);
}

/* ---- the OperationOutcome ---- */

static json_object *issue_new(const char *severity, const char *code)
{
	json_object *out = json_new_object();
	json_add_text(out, "severity", severity);
	json_add_text(out, "code", code);
	return out;
}

static int add_issue(const dfh_issue *issue, void *issues)
{
	json_object *out = issue_new(issue->severity, issue->code);
	add_fields(out, issue);
	add_diagnostics(out, issue);
	if (issue->expression) {
		json_object *list = json_new_array();
		json_append(list, json_new_string(issue->expression));
		json_add(out, "expression", list);
	}
	json_append(issues, out);
	return 0;
}

char *dfh_report_json(const dfh_report *report)
{
	json_object *outcome = json_new_object();
	json_object *issues = json_new_array();
	json_add_text(outcome, "resourceType", "OperationOutcome");
	dfh_report_visit(report, add_issue, issues);
	if (!json_count(issues)) {
		json_object *none = issue_new("information", "informational");
		json_add_text(none, "diagnostics", "nothing was lost");
		json_append(issues, none);
	}
	json_add(outcome, "issue", issues);
	return json_to_pages(outcome);
}
