/* One number, and files of several issuers: where FHIR does not name the issuer
 * as the files do, it can mean the number of one of them, and nothing says of
 * which.  So none of these is stamped, whatever else is taken to be enough. */
#include <stdlib.h>
#include <string.h>

#include "match.h"

/* What files name as the issuer of one number.  Of a second one it is enough
 * that it is there. */
struct issuers {
	char *first;
	bool are_several;
};

static void free_issuers(struct lh_entry *entry)
{
	struct issuers *issuers = (struct issuers *)lh_entry_v(entry);
	free(lh_entry_k(entry));
	free(issuers->first);
	free(issuers);
}

/* All that names the issuer; NULL: nothing does. */
static const char *issuer_text(const struct key_value *value,
			       struct arena *arena)
{
	const char *text = "";
	bool is_named = false;
	for (size_t i = 0; i < value->issuer_count; i++) {
		const char *one = value->issuer[i];
		is_named = is_named || one;
		text = arena_printf(arena, "%s%zu:%s,", text,
				    one ? strlen(one) : 0, one ? one : "");
	}
	return is_named ? text : NULL;
}

static void note_issuer(struct issuers *issuers, const char *text)
{
	if (!issuers->first)
		issuers->first = xstrdup(text);
	else if (strcmp(issuers->first, text) != 0)
		issuers->are_several = true;
}

/* Of a number of that key. */
static struct issuers *issuers_of(const struct search *search, size_t key,
				  const struct key_value *value)
{
	struct dfh_import *im = search->im;
	const char *name = arena_printf(search->dataset->arena, "%zu/%zu/%s",
					key, value->id, value->text);
	void *found = NULL;
	if (!im->issuers)
		im->issuers = lh_by_text(64, free_issuers);
	if (!lh_table_lookup_ex(im->issuers, name, &found)) {
		found = xmalloc(sizeof(struct issuers));
		*(struct issuers *)found = (struct issuers){0};
		lh_add(im->issuers, xstrdup(name), found);
	}
	return found;
}

bool issuers_are_several(const struct search *search,
			 const struct choice *choice, size_t *key)
{
	const dfh_rules *rules = search->im->rules;
	struct arena *arena = search->dataset->arena;
	bool are_several = false;
	for (size_t k = 0; k < rules->match_count; k++) {
		const struct key_values *has = &search->values[k];
		for (size_t i = 0; i < has->count; i++) {
			enum agreement agrees = key_agreement_of(
				&choice->subject->keys[k], &has->at[i]);
			const char *text =
				agrees < AGREES_LESS
					? NULL
					: issuer_text(&has->at[i], arena);
			if (!text)
				continue;
			struct issuers *issuers =
				issuers_of(search, k, &has->at[i]);
			note_issuer(issuers, text);
			if (agrees == AGREES_ISSUED || !issuers->are_several)
				continue;
			are_several = true;
			*key = k;
		}
	}
	return are_several;
}
