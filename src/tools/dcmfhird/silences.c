#include "silences.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "http.h"

enum { SILENCE_FIRST = 5, SILENCE_MOST = 600 };

/* Where it is, or is to be. */
static size_t place_of_question(const struct silences *silences,
				const char *question, bool *is_there)
{
	size_t from = 0, to = silences->count;
	*is_there = false;
	while (from < to && !*is_there) {
		size_t middle = from + (to - from) / 2;
		int order = strcmp(silences->at[middle]->question, question);
		*is_there = order == 0;
		if (order < 0)
			from = middle + 1;
		else
			to = middle;
	}
	return to;
}

static void free_silence(struct silence *silence)
{
	free(silence->question);
	free(silence);
}

const struct silence *silences_find(struct silences *silences,
				    const char *question)
{
	bool is_there;
	size_t place = place_of_question(silences, question, &is_there);
	if (!is_there)
		return NULL;
	silences->at[place]->is_wanted = true;
	return silences->at[place];
}

static struct silence *insert_silence(struct silences *silences, size_t place,
				      const char *question)
{
	struct silence *silence = xmalloc(sizeof *silence);
	*silence = (struct silence){.question = xstrdup(question)};
	array_room(silences->at, silences->count);
	memmove(&silences->at[place + 1], &silences->at[place],
		(silences->count++ - place) * sizeof(struct silence *));
	silences->at[place] = silence;
	return silence;
}

const struct silence *silences_add(struct silences *silences,
				   const char *question, const char *fault)
{
	bool is_there;
	size_t place = place_of_question(silences, question, &is_there);
	struct silence *silence =
		is_there ? silences->at[place]
			 : insert_silence(silences, place, question);
	silence->pause = is_there ? fmin(2 * silence->pause, SILENCE_MOST)
				  : SILENCE_FIRST;
	silence->until = http_seconds() + silence->pause;
	silence->is_wanted = true;
	snprintf(silence->fault, sizeof silence->fault, "%s", fault);
	return silence;
}

void silences_remove(struct silences *silences, const char *question)
{
	bool is_there;
	size_t place = place_of_question(silences, question, &is_there);
	if (!is_there)
		return;
	free_silence(silences->at[place]);
	memmove(&silences->at[place], &silences->at[place + 1],
		(--silences->count - place) * sizeof(struct silence *));
}

void silences_end_round(struct silences *silences)
{
	size_t kept = 0;
	for (size_t i = 0; i < silences->count; i++) {
		struct silence *silence = silences->at[i];
		if (silence->is_wanted)
			silences->at[kept++] = silence;
		else
			free_silence(silence);
	}
	silences->count = kept;
	for (size_t i = 0; i < kept; i++)
		silences->at[i]->is_wanted = false;
}

void silences_clear(struct silences *silences)
{
	while (silences->count)
		free_silence(silences->at[--silences->count]);
	free(silences->at);
	silences->at = NULL;
}
