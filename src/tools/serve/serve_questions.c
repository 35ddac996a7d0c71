/* What a server of DICOMweb is asked, so that it finds all that can fit: what
 * FHIR asks for more exactly is looked at in the studies. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "array.h"
#include "dicomweb.h"
#include "serve_criteria.h"

enum { QUESTIONS_MOST = 50, VALUE_MOST = 64, DAY = 24 * 3600 };

void serve_questions_free(struct serve_questions *questions)
{
	for (size_t i = 0; i < questions->count; i++)
		free(questions->at[i].terms);
	free(questions->at);
	*questions = (struct serve_questions){0};
}

static bool has_question(const struct serve_questions *questions,
			 const char *terms)
{
	for (size_t i = 0; i < questions->count; i++)
		if (strcmp(questions->at[i].terms, terms) == 0)
			return true;
	return false;
}

/* The terms are taken over. */
static void add_question(struct serve_questions *questions, int level,
			 char *terms)
{
	questions->are_too_many =
		questions->are_too_many || questions->count == QUESTIONS_MOST;
	if (questions->are_too_many || has_question(questions, terms)) {
		free(terms);
		return;
	}
	array_room(questions->at, questions->count);
	questions->at[questions->count++] =
		(struct serve_question){level, terms};
}

/* ---- tokens ---- */

/* As the attribute has it; is_id: only UIDs are meant.  NULL: no value of that
 * kind. */
static char *value_for(const struct serve_key *key,
		       const struct serve_token *token, bool is_id)
{
	const char *code = serve_bare_uid(token->code);
	bool is_uid = strcmp(key->vr, "UI") == 0;
	if (is_id && !is_uid)
		return NULL;
	if (token->system && *token->system && key->system &&
	    strcmp(token->system, key->system) != 0)
		return NULL;
	if (!*code || strlen(code) > VALUE_MOST || strchr(code, '\\') ||
	    (is_uid && !serve_is_uid(code)))
		return NULL;
	return http_encoded(code);
}

/* Only a UID is called a URN of an OID. */
static bool is_of_uid(const struct serve_criterion *criterion,
		      const struct serve_token *token)
{
	const char *name = criterion->parameter->name;
	return strcmp(name, "_id") == 0 ||
	       (strcmp(name, "identifier") == 0 &&
		serve_bare_uid(token->code) != token->code);
}

static void ask_token(const struct serve_keys *keys,
		      const struct serve_token *token, bool is_id,
		      struct serve_questions *questions)
{
	for (size_t i = 0; i < keys->count; i++) {
		const struct serve_key *key = &keys->at[i];
		char *value = value_for(key, token, is_id);
		if (value)
			add_question(questions, key->level,
				     xprintf("%s=%s", key->tag, value));
		free(value);
	}
}

/* ---- dates ---- */

/* A day before and after, for zones differ, and a study can have begun in
 * another one than it is asked for in. */
static void narrow_days(const struct serve_date *date, double *from, double *to)
{
	const struct serve_period *period = &date->period;
	double begin = period->begin - DAY, end = period->end + DAY;
	const char *prefix = date->prefix;
	bool is_open = strcmp(prefix, "ne") == 0;
	if (strcmp(prefix, "gt") == 0 || strcmp(prefix, "ge") == 0 ||
	    strcmp(prefix, "sa") == 0)
		end = INFINITY;
	else if (strcmp(prefix, "lt") == 0 || strcmp(prefix, "le") == 0 ||
		 strcmp(prefix, "eb") == 0)
		begin = -INFINITY;
	*from = is_open ? -INFINITY : begin;
	*to = is_open ? INFINITY : end;
}

static void print_day(double seconds, char day[16])
{
	time_t at = (time_t)seconds;
	struct tm utc;
	*day = '\0';
	if (isfinite(seconds) && gmtime_r(&at, &utc) && utc.tm_year < 8100)
		snprintf(day, 16, "%04d%02d%02d", utc.tm_year % 8100 + 1900,
			 utc.tm_mon % 12 + 1, utc.tm_mday % 32);
}

static char *range_term(const struct serve_key *key, double from, double to)
{
	char first[16], last[16];
	print_day(from, first);
	print_day(to, last);
	return *first || *last ? xprintf("%s=%s-%s", key->tag, first, last)
			       : NULL;
}

/* All criteria of the element narrow one range, for a key stands once in a
 * query; of several values of one, the widest.  false: any day will do. */
static bool ask_dates(const struct serve_criteria *criteria, size_t index,
		      struct serve_questions *questions)
{
	const struct serve_criterion *first = &criteria->at[index];
	double from = -INFINITY, to = INFINITY;
	for (size_t i = index; i < criteria->count; i++) {
		const struct serve_criterion *criterion = &criteria->at[i];
		double begin = INFINITY, end = -INFINITY;
		if (criterion->parameter != first->parameter)
			continue;
		for (size_t j = 0; j < criterion->count; j++) {
			double a, b;
			narrow_days(&criterion->dates[j], &a, &b);
			begin = fmin(begin, a);
			end = fmax(end, b);
		}
		from = fmax(from, begin);
		to = fmin(to, end);
	}
	char *term = range_term(&first->keys->at[0], from, to);
	bool narrows = term || from > to;
	if (term && from <= to)
		add_question(questions, first->keys->at[0].level, term);
	else
		free(term);
	return narrows;
}

/* ---- all of them ---- */

/* Did one before it ask by the same attributes?  A key stands once in a query.
 */
static bool is_asked_by(const struct serve_criteria *criteria, size_t index)
{
	const char *tag = criteria->at[index].keys->at[0].tag;
	for (size_t i = 0; i < index; i++) {
		const struct serve_keys *keys = criteria->at[i].keys;
		if (keys->count && strcmp(keys->at[0].tag, tag) == 0)
			return true;
	}
	return false;
}

/* Of one criterion.  false: it says nothing of what is to be asked. */
static bool ask_criterion(const struct serve_criteria *criteria, size_t index,
			  struct serve_questions *questions)
{
	const struct serve_criterion *criterion = &criteria->at[index];
	const struct serve_whom *whom = &criterion->whom;
	if (!criterion->keys->count || is_asked_by(criteria, index))
		return false;
	if (criterion->dates)
		return ask_dates(criteria, index, questions);
	for (size_t i = 0; i < criterion->count; i++) {
		if (!*criterion->tokens[i].code)
			return false; /* any of a system */
		ask_token(criterion->keys, &criterion->tokens[i],
			  is_of_uid(criterion, &criterion->tokens[i]),
			  questions);
	}
	for (size_t i = 0; i < whom->count; i++)
		ask_token(criterion->keys, &whom->tokens[i], false, questions);
	return true;
}

/* Each of one list with each of the other. */
static void combine_questions(struct serve_questions *all,
			      struct serve_questions *more)
{
	struct serve_questions both = {.are_too_many = all->are_too_many ||
						       more->are_too_many,
				       .are_whole = all->are_whole};
	for (size_t i = 0; i < all->count; i++)
		for (size_t j = 0; j < more->count; j++) {
			const struct serve_question *a = &all->at[i];
			const struct serve_question *b = &more->at[j];
			add_question(&both,
				     a->level > b->level ? a->level : b->level,
				     xprintf("%s%s%s", a->terms,
					     *a->terms ? "&" : "", b->terms));
		}
	serve_questions_free(all);
	serve_questions_free(more);
	*all = both;
}

/* Ask by those attributes that servers sum up, or by all others. */
static void ask_by(const struct serve_criteria *criteria, bool are_summed_up,
		   struct serve_questions *questions)
{
	for (size_t i = 0; i < criteria->count; i++) {
		struct serve_questions more = {0};
		if (criteria->at[i].keys->are_summed_up == are_summed_up &&
		    ask_criterion(criteria, i, &more))
			combine_questions(questions, &more);
		else
			serve_questions_free(&more);
	}
}

void serve_questions_of(const struct serve_criteria *criteria,
			struct serve_questions *questions)
{
	*questions = (struct serve_questions){0};
	add_question(questions, DICOMWEB_STUDIES, xstrdup(""));
	ask_by(criteria, false, questions);
	if (questions->count == 1 && !*questions->at[0].terms) {
		ask_by(criteria, true, questions);
		questions->are_whole =
			questions->count && *questions->at[0].terms;
	}
}

bool serve_question_study(const struct serve_question *question,
			  char uid[SERVE_UID])
{
	static const char key[] = "0020000D=";
	const char *at = question->terms;
	while (at && strncmp(at, key, sizeof key - 1) != 0) {
		at = strchr(at, '&');
		at += at != NULL;
	}
	if (!at)
		return false;
	at += sizeof key - 1;
	size_t length = strcspn(at, "&");
	if (length >= SERVE_UID)
		return false;
	memcpy(uid, at, length);
	uid[length] = '\0';
	return serve_is_uid(uid);
}
