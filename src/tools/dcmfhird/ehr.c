#include "ehr.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ask_pages.h"
#include "cli.h"
#include "http.h"
#include "memory.h"
#include "order_subjects.h"
#include "silences.h"

/* A number that is on more pages is nobody's.  Between two tries at a server
 * that is away.  So many studies at once. */
enum { PAGES_MOST = 20, PAUSE_FIRST = 1, PAUSE_MOST = 30, KEPT = 64 };

/* The answers about the datasets that have the same numbers. */
struct answers {
	char *question; /* the searches, a line each; NULL: a free place */
	enum ehr_says says;
	dfh_import *im;
	dfh_report *report;
	double until; /* when they are too old */
	char fault[256];
};

struct ehr {
	const struct daemon *daemon;
	struct http *http;
	struct answers kept[KEPT];
	size_t next; /* the oldest one, where none is free */
	struct silences silences;
	double pause, away_until;
	size_t losses; /* of answers that are forgotten */
	char fault[256];
};

struct ehr *ehr_new(const struct daemon *daemon)
{
	const struct stamping *stamp = &daemon->configuration->stamp;
	const struct http_options how = {
		.base = stamp->from,
		.cacert = stamp->cacert,
		.headers = stamp->headers,
		.token_file = stamp->token_file,
		.client_file = stamp->client,
		.timeout = (unsigned int)stamp->timeout,
		.retry_for = (unsigned int)stamp->retry_for,
		.stops = cli_interrupted};
	struct ehr *ehr = xmalloc(sizeof *ehr);
	*ehr = (struct ehr){.daemon = daemon, .pause = PAUSE_FIRST};
	if (http_new(&how, &ehr->http) == DFH_OK)
		return ehr;
	free(ehr);
	return NULL;
}

static void forget_answers(struct ehr *ehr, struct answers *answers)
{
	if (answers->report)
		ehr->losses += dfh_report_losses(answers->report);
	dfh_import_free(answers->im);
	dfh_report_free(answers->report);
	free(answers->question);
	*answers = (struct answers){0};
}

void ehr_forget(struct ehr *ehr)
{
	for (size_t i = 0; i < KEPT; i++)
		forget_answers(ehr, &ehr->kept[i]);
	silences_clear(&ehr->silences);
	ehr->away_until = 0;
}

void ehr_free(struct ehr *ehr)
{
	if (!ehr)
		return;
	ehr_forget(ehr);
	http_free(ehr->http);
	free(ehr);
}

void ehr_end_round(struct ehr *ehr)
{
	silences_end_round(&ehr->silences);
}

bool ehr_is_away(const struct ehr *ehr)
{
	return http_seconds() < ehr->away_until;
}

size_t ehr_losses(const struct ehr *ehr)
{
	size_t losses = ehr->losses;
	for (size_t i = 0; i < KEPT; i++)
		if (ehr->kept[i].report)
			losses += dfh_report_losses(ehr->kept[i].report);
	return losses;
}

/* ---- the question ---- */

static int add_search(const char *search, void *context)
{
	char **question = context;
	char *longer = xprintf("%s%s\n", *question, search);
	free(*question);
	*question = longer;
	return 0;
}

/* The searches of a dataset, to be freed; none where it has no numbers. */
static char *question_of(const struct ehr *ehr, const dfh_source *source,
			 char fault[256])
{
	dfh_error *error = NULL;
	char *question = xstrdup("");
	if (dfh_rules_visit_searches(ehr->daemon->rules, source, add_search,
				     &question, &error) == 0)
		return question;
	dfh_error_free(error);
	free(question);
	snprintf(fault, 256, "the file cannot be read");
	return NULL;
}

/* ---- the answers ---- */

static struct answers *find_question(struct ehr *ehr, const char *question)
{
	for (size_t i = 0; i < KEPT; i++)
		if (ehr->kept[i].question &&
		    strcmp(ehr->kept[i].question, question) == 0)
			return &ehr->kept[i];
	return NULL;
}

/* Those that are not too old. */
static struct answers *find_answers(struct ehr *ehr, const char *question)
{
	double now = http_seconds();
	for (size_t i = 0; i < KEPT; i++)
		if (ehr->kept[i].question && now >= ehr->kept[i].until)
			forget_answers(ehr, &ehr->kept[i]);
	return find_question(ehr, question);
}

/* A free one, or that of the oldest answers. */
static struct answers *choose_answers(struct ehr *ehr)
{
	struct answers *oldest = &ehr->kept[ehr->next];
	for (size_t i = 0; i < KEPT; i++)
		if (!ehr->kept[i].question)
			return &ehr->kept[i];
	ehr->next = (ehr->next + 1) % KEPT;
	forget_answers(ehr, oldest);
	return oldest;
}

static struct answers *new_answers(struct ehr *ehr, const char *question)
{
	struct answers *answers = choose_answers(ehr);
	const struct dfh_import_options how = {
		.size = sizeof how,
		.timezone = ehr->daemon->configuration->timezone,
		.report = dfh_report_new()};
	dfh_error *error = NULL;
	*answers = (struct answers){.question = xstrdup(question),
				    .report = how.report};
	answers->im = dfh_import_new(ehr->daemon->rules, &how, &error);
	if (!answers->im)
		cli_fail(error);
	return answers;
}

/* Whoever does not answer one question may well answer others, but not who
 * cannot be reached. */
static enum ehr_says note_silence(struct ehr *ehr, const char *question,
				  const struct ask_fault *why)
{
	if (!ask_finds_nobody(why)) {
		silences_add(&ehr->silences, question, why->text);
		return EHR_FAILS;
	}
	snprintf(ehr->fault, sizeof ehr->fault, "%s", why->text);
	ehr->away_until = http_seconds() + ehr->pause;
	ehr->pause = fmin(2 * ehr->pause, PAUSE_MOST);
	return EHR_IS_AWAY;
}

/* 0: all of it was answered. */
static int ask_searches(struct ehr *ehr, const char *question, dfh_import *im,
			struct order_subjects *subjects, struct ask_fault *why)
{
	int result = 0;
	for (const char *end; result == 0 && *question; question = end + 1) {
		end = strchr(question, '\n');
		char *text = xprintf("%.*s", (int)(end - question), question);
		const struct paged_search search = {
			.base = ehr->daemon->configuration->stamp.from,
			.text = text,
			.pages = PAGES_MOST,
			.visit = order_subjects_take,
			.context = subjects};
		result = ask_pages(ehr->http, &search, im, why);
		free(text);
	}
	return result;
}

/* What was found, and whose it is. */
static enum order_subjects_are ask_with_subjects(struct ehr *ehr,
						 const char *question,
						 dfh_import *im,
						 struct ask_fault *why)
{
	struct order_subjects *subjects = order_subjects_new(
		ehr->daemon->configuration->stamp.from, ehr->daemon->rules);
	enum order_subjects_are are = SUBJECTS_ARE_NOT_TOLD;
	if (ask_searches(ehr, question, im, subjects, why) == 0)
		are = order_subjects_ask(subjects, ehr->http, im, why);
	order_subjects_free(subjects);
	return are;
}

/* Answers that are had are kept. */
static enum ehr_says ask_anew(struct ehr *ehr, const char *question)
{
	struct answers *answers = new_answers(ehr, question);
	struct ask_fault why = {.outcome = HTTP_IMPOSSIBLE,
				.text = "there is no room for its answer"};
	enum order_subjects_are are = SUBJECTS_ARE_NOT_TOLD;
	double cache = (double)ehr->daemon->configuration->stamp.cache;
	if (answers->im)
		are = ask_with_subjects(ehr, question, answers->im, &why);
	if (are == SUBJECTS_ARE_NOT_TOLD) {
		forget_answers(ehr, answers);
		return note_silence(ehr, question, &why);
	}
	silences_remove(&ehr->silences, question);
	ehr->pause = PAUSE_FIRST;
	answers->until = http_seconds() + cache;
	answers->says =
		are == SUBJECTS_ARE_KNOWN ? EHR_ANSWERS : EHR_IS_UNCLEAR;
	if (are == SUBJECTS_ARE_UNKNOWN)
		snprintf(answers->fault, sizeof answers->fault,
			 "not stamped: whose the order is is not known, for "
			 "its subject is no patient that the server has");
	return answers->says;
}

/* Unless the answers are there, or it is left alone. */
static enum ehr_says ask_if_needed(struct ehr *ehr, const char *question,
				   struct answers **answers)
{
	const struct silence *silence = silences_find(&ehr->silences, question);
	*answers = find_answers(ehr, question);
	if (*answers)
		return (*answers)->says;
	if (silence && http_seconds() < silence->until)
		return EHR_FAILS;
	if (*question && ehr_is_away(ehr))
		return EHR_IS_AWAY;
	enum ehr_says says = ask_anew(ehr, question);
	*answers = find_question(ehr, question);
	return says;
}

enum ehr_says ehr_ask(struct ehr *ehr, const dfh_source *source,
		      dfh_import **im, char fault[256])
{
	char *question = question_of(ehr, source, fault);
	struct answers *answers;
	*im = NULL;
	if (!question)
		return EHR_NOT_ASKED;
	enum ehr_says says = ask_if_needed(ehr, question, &answers);
	if (answers)
		*im = answers->im;
	const char *text = answers ? answers->fault : ehr->fault;
	if (says == EHR_FAILS)
		text = silences_find(&ehr->silences, question)->fault;
	snprintf(fault, 256, "%s", text);
	free(question);
	return says;
}
