#include "array.h"
#include "buffer.h"
#include "json_text.h"
#include "report.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct issue {
	enum report_kind kind;
	char *rule, *expression, *attribute, *text, *file;
	size_t count;
	const char **files; /* of the kinds that list them; interned */
	size_t file_count;
};

/* The issue of an attribute that no rule reads. */
struct unread {
	struct dcm_unread what; /* its texts are ours */
	struct issue *issue;
};

struct dfh_report {
	struct lh_table *by_key; /* all but file -> issue */
	struct lh_table *files;	 /* their names, each once */
	size_t losses;
	bool has_values, wants_unmapped;
	struct unread *unread; /* in order */
	size_t unread_count;
	pthread_mutex_t lock; /* while something is added */
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
	free(issue->files);
	free(issue);
}

dfh_report *dfh_report_new(void)
{
	dfh_report *report = xmalloc(sizeof *report);
	*report = (dfh_report){.by_key = lh_by_text(64, free_issue),
			       .files = lh_by_text(64, lh_free_key)};
	pthread_mutex_init(&report->lock, NULL);
	return report;
}

void dfh_report_free(dfh_report *report)
{
	if (!report)
		return;
	for (size_t i = 0; i < report->unread_count; i++) {
		free((char *)report->unread[i].what.within);
		free((char *)report->unread[i].what.tag.creator);
	}
	free(report->unread);
	lh_table_free(report->by_key);
	lh_table_free(report->files);
	pthread_mutex_destroy(&report->lock);
	free(report);
}

size_t dfh_report_losses(const dfh_report *report)
{
	return report->losses;
}

void dfh_report_show_values(dfh_report *report, int show)
{
	report->has_values = show != 0;
}

bool report_has_values(const dfh_report *report)
{
	return report && report->has_values;
}

void dfh_report_want_unmapped(dfh_report *report, int want)
{
	report->wants_unmapped = want != 0;
}

bool report_wants_unmapped(const dfh_report *report)
{
	return report && report->wants_unmapped;
}

enum report_kind report_kind_of(enum note_kind kind)
{
	switch (kind) {
	case NOTE_INVALID:
		return REPORT_INVALID;
	case NOTE_SUPPLIED:
		return REPORT_SUPPLIED;
	case NOTE_KEPT:
		return REPORT_KEPT;
	case NOTE_BOOKKEEPING:
		return REPORT_BOOKKEEPING;
	case NOTE_LOST:
	case NOTE_REFUSED:
	case NOTE_KINDS:
		break;
	}
	return REPORT_LOST;
}

/* What travels beside is not lost, what the rules leave out is not missed, and
 * what was supplied is only said.  Of two that disagree FHIR has one at most.
 */
static bool is_loss(enum report_kind kind)
{
	return kind == REPORT_INVALID || kind == REPORT_LOST ||
	       kind == REPORT_REFUSED || kind == REPORT_DISAGREE ||
	       kind == REPORT_INPUT;
}

/* "ImagingStudy.series.number" for series.number (FHIRPath). */
static char *expression_of(const struct fhir_path *path)
{
	char text[512];
	if (!path)
		return NULL;
	int used = snprintf(text, sizeof text, "%s", path->place->type);
	for (size_t i = 0; i < path->depth && used < (int)sizeof text; i++) {
		const struct fhir_step *step = &path->steps[i];
		used += step->extension
				? snprintf(text + used,
					   sizeof text - (size_t)used,
					   ".extension('%s')", step->extension)
				: snprintf(text + used,
					   sizeof text - (size_t)used, ".%s",
					   step->name);
	}
	return xstrdup(text);
}

static char *copy_or_null(const char *text)
{
	return text ? xstrdup(text) : NULL;
}

static const char *text_or_empty(const char *text)
{
	return text ? text : "";
}

/* Once more, in this file. */
/* What must be looked at is named by all its files, the rest by the first. */
static bool lists_files(enum report_kind kind)
{
	return is_loss(kind) || kind == REPORT_EMPTY ||
	       kind == REPORT_PASSED_OVER;
}

static void list_file(dfh_report *report, struct issue *issue, const char *file)
{
	size_t count = issue->file_count;
	if (!file || !lists_files(issue->kind))
		return;
	struct lh_entry *name = lh_table_lookup_entry(report->files, file);
	if (!name) {
		lh_add(report->files, xstrdup(file), NULL);
		name = lh_table_lookup_entry(report->files, file);
	}
	if (count && issue->files[count - 1] == lh_entry_k(name))
		return;
	array_room(issue->files, count);
	issue->files[issue->file_count++] = lh_entry_k(name);
}

static void count_again(dfh_report *report, struct issue *issue,
			const char *file)
{
	issue->count++;
	list_file(report, issue, file);
	if (!file || !issue->file || strcmp(file, issue->file) >= 0)
		return;
	free(issue->file);
	issue->file = xstrdup(file);
}

static struct issue *add_or_count_issue(dfh_report *report, struct issue found)
{
	struct issue *issue;
	size_t size = strlen(text_or_empty(found.rule)) +
		      strlen(text_or_empty(found.expression)) +
		      strlen(text_or_empty(found.attribute)) +
		      strlen(found.text) + 24;
	char *key = xmalloc(size);
	snprintf(key, size, "%02d\n%s\n%s\n%s\n%s", (int)found.kind,
		 text_or_empty(found.rule), text_or_empty(found.expression),
		 text_or_empty(found.attribute), found.text);
	report->losses += is_loss(found.kind);
	struct lh_entry *entry = lh_table_lookup_entry(report->by_key, key);
	if (!entry) {
		issue = xmalloc(sizeof *issue);
		*issue = (struct issue){
			.kind = found.kind,
			.rule = copy_or_null(found.rule),
			.expression = copy_or_null(found.expression),
			.attribute = copy_or_null(found.attribute),
			.text = xstrdup(found.text),
			.file = copy_or_null(found.file),
			.count = 1,
		};
		lh_add(report->by_key, key, issue);
		list_file(report, issue, found.file);
		return issue;
	}
	issue = (struct issue *)lh_entry_v(entry);
	count_again(report, issue, found.file);
	free(key);
	return issue;
}

struct issue *report_add(dfh_report *report, enum report_kind kind,
			 const struct rule *rule, enum fhir_release release,
			 const char *attribute, const char *file,
			 const char *text)
{
	return report_add_at(report, kind, rule,
			     rule ? rule->fhir[release] : NULL, attribute, file,
			     text);
}

struct issue *report_add_at(dfh_report *report, enum report_kind kind,
			    const struct rule *rule,
			    const struct fhir_path *path, const char *attribute,
			    const char *file, const char *text)
{
	if (!report)
		return NULL;
	char *expression = expression_of(path);
	if (!attribute && rule)
		attribute = rule->attributes;
	pthread_mutex_lock(&report->lock);
	struct issue *issue = add_or_count_issue(
		report, (struct issue){.kind = kind,
				       .rule = (char *)(rule ? rule->id : NULL),
				       .expression = expression,
				       .attribute = (char *)attribute,
				       .text = (char *)text,
				       .file = (char *)file});
	pthread_mutex_unlock(&report->lock);
	free(expression);
	return issue;
}

void report_again(dfh_report *report, struct issue *issue, const char *file)
{
	if (!issue)
		return;
	pthread_mutex_lock(&report->lock);
	report->losses += is_loss(issue->kind);
	count_again(report, issue, file);
	pthread_mutex_unlock(&report->lock);
}

size_t report_take(dfh_report *report, const dfh_report *from,
		   struct repeated **list)
{
	size_t count = (size_t)lh_table_length(from->by_key);
	struct repeated *next = xmalloc((count + 1) * sizeof *next);
	struct lh_entry *entry;
	*list = next;
	pthread_mutex_lock(&report->lock);
	lh_foreach(from->by_key, entry)
	{
		const struct issue *one = lh_entry_v(entry);
		struct issue *issue = add_or_count_issue(report, *one);
		for (size_t i = 1; i < one->count; i++) {
			report->losses += is_loss(issue->kind);
			count_again(report, issue, one->file);
		}
		*next++ =
			(struct repeated){issue, one->count, one->file != NULL};
	}
	pthread_mutex_unlock(&report->lock);
	return count;
}

void report_repeat(dfh_report *report, const struct repeated *list,
		   size_t count, const char *file)
{
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < list[i].times; k++)
			report_again(report, list[i].issue,
				     list[i].in_file ? file : NULL);
}

void report_add_path(dfh_report *report, enum report_kind kind,
		     const char *expression, const char *file, const char *text)
{
	if (!report)
		return;
	pthread_mutex_lock(&report->lock);
	add_or_count_issue(report,
			   (struct issue){.kind = kind,
					  .expression = (char *)expression,
					  .text = (char *)text,
					  .file = (char *)file});
	pthread_mutex_unlock(&report->lock);
}

void dfh_report_add_input(dfh_report *report, int refused, const char *name,
			  const char *text)
{
	report_add_path(report, refused ? REPORT_REFUSED : REPORT_LOST, NULL,
			name, text);
}

/* ---- attributes that no rule reads ---- */

/* The index of it, or where it belongs. */
static size_t unread_index_of(const dfh_report *report,
			      const struct dcm_unread *what, bool *found)
{
	size_t low = 0, high = report->unread_count;
	*found = false;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order =
			dcm_unread_compare(&report->unread[middle].what, what);
		*found = *found || !order;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Behind the others, out of order. */
static void append_unread(dfh_report *report, size_t count,
			  const struct dcm_unread *what, struct issue *issue)
{
	array_room(report->unread, count);
	report->unread[count] = (struct unread){*what, issue};
	report->unread[count].what.within = xstrdup(what->within);
	report->unread[count].what.tag.creator =
		copy_or_null(what->tag.creator);
}

static int compare_unread_tags(const void *a, const void *b)
{
	const struct unread *x = a, *y = b;
	return dcm_unread_compare(&x->what, &y->what);
}

/* Those behind unread_count into their places among the others. */
static void merge_unread(dfh_report *report, size_t total)
{
	size_t old = report->unread_count, new = total - old, to = total;
	struct unread *all = report->unread;
	if (!new)
		return;
	struct unread *added = xmalloc(new * sizeof *added);
	memcpy(added, all + old, new * sizeof *added);
	qsort(added, new, sizeof *added, compare_unread_tags);
	while (new) {
		bool is_old = old && compare_unread_tags(&all[old - 1],
							 &added[new - 1]) > 0;
		all[--to] = is_old ? all[--old] : added[--new];
	}
	free(added);
	report->unread_count = total;
}

static struct issue *add_unread(dfh_report *report,
				const struct dcm_unread *what, const char *file)
{
	struct buffer name = {0};
	char last[128];
	buffer_add(&name, what->within, strlen(what->within));
	buffer_add_text(&name, dcm_tag_name(&what->tag, last));
	struct issue *issue = add_or_count_issue(
		report, (struct issue){.kind = REPORT_UNMAPPED,
				       .attribute = (char *)name.bytes,
				       .text = (char *)"no rule reads it",
				       .file = (char *)file});
	buffer_free(&name);
	return issue;
}

void report_add_unread(dfh_report *report, const struct dcm_unread *list,
		       size_t count, const char *file)
{
	size_t next = 0; /* of two files, elements mostly follow alike */
	if (!report)
		return;
	pthread_mutex_lock(&report->lock);
	size_t total = report->unread_count;
	for (size_t i = 0; i < count; i++) {
		bool found = next < report->unread_count &&
			     dcm_unread_compare(&report->unread[next].what,
						&list[i]) == 0;
		size_t place =
			found ? next
			      : unread_index_of(report, &list[i], &found);
		next = place + found;
		if (found) {
			count_again(report, report->unread[place].issue, file);
			continue;
		}
		append_unread(report, total++, &list[i],
			      add_unread(report, &list[i], file));
	}
	merge_unread(report, total);
	pthread_mutex_unlock(&report->lock);
}

/* ---- its entries, in order ---- */

/* severity and code of FHIR's value sets issue-severity and issue-type */
static const char *const kinds[][3] = {
	[REPORT_INVALID] = {"warning", "value", "invalid in the source"},
	[REPORT_LOST] = {"warning", "not-supported", "lost"},
	[REPORT_BESIDE] = {"information", "informational", "carried beside"},
	[REPORT_DISAGREE] = {"warning", "conflict", "disagreement"},
	[REPORT_SUPPLIED] = {"information", "informational", "supplied"},
	[REPORT_UNMAPPED] = {"information", "not-supported", "not mapped"},
	[REPORT_REFUSED] = {"error", "processing", "refused"},
	[REPORT_EMPTY] = {"warning", "incomplete", "passed over"},
	[REPORT_PASSED_OVER] = {"information", "informational", "passed over"},
	[REPORT_KEPT] = {"information", "informational", "kept"},
	[REPORT_ASIDE] = {"information", "informational", "left aside"},
	[REPORT_BOOKKEEPING] = {"information", "informational", "bookkeeping"},
	[REPORT_INPUT] = {"warning", "incomplete", "input"},
};

static int compare_issue_keys(const void *a, const void *b)
{
	const struct lh_entry *const *x = a, *const *y = b;
	return strcmp((const char *)lh_entry_k(*x),
		      (const char *)lh_entry_k(*y));
}

/* Whatever the order in which threads found them; free the list. */
static struct lh_entry **sorted_issues(const dfh_report *report, size_t *count)
{
	size_t total = (size_t)lh_table_length(report->by_key);
	struct lh_entry **sorted =
		xmalloc((total + 1) * sizeof(struct lh_entry *));
	struct lh_entry *entry;
	*count = 0;
	lh_foreach(report->by_key, entry) sorted[(*count)++] = entry;
	qsort(sorted, *count, sizeof(struct lh_entry *), compare_issue_keys);
	return sorted;
}

static int compare_file_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* In the order of names, each once; free the list. */
static const char **sorted_files(const struct issue *issue, size_t *count)
{
	size_t given = issue->file_count;
	const char **sorted = xmalloc((given + 1) * sizeof *sorted);
	if (given)
		memcpy(sorted, issue->files, given * sizeof *sorted);
	qsort(sorted, given, sizeof *sorted, compare_file_names);
	*count = 0;
	for (size_t i = 0; i < given; i++)
		/* a name is interned: its address tells it */
		if (!*count || sorted[*count - 1] != sorted[i])
			sorted[(*count)++] = sorted[i];
	return sorted;
}

void dfh_report_visit(const dfh_report *report,
		      int (*visit)(const dfh_issue *issue, void *context),
		      void *context)
{
	size_t count;
	int answer = 0;
	struct lh_entry **sorted = sorted_issues(report, &count);
	for (size_t i = 0; i < count && !answer; i++) {
		const struct issue *issue = lh_entry_v(sorted[i]);
		dfh_issue told = {
			.size = sizeof told,
			.kind = kinds[issue->kind][2],
			.is_loss = is_loss(issue->kind),
			.rule = issue->rule,
			.expression = issue->expression,
			.attribute = issue->attribute,
			.text = issue->text,
			.file = issue->file,
			.count = issue->count,
			.severity = kinds[issue->kind][0],
			.code = kinds[issue->kind][1],
		};
		const char **files = sorted_files(issue, &told.file_count);
		told.files = files;
		answer = visit(&told, context);
		free(files);
	}
	free(sorted);
}
