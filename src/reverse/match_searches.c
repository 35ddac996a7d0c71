/* How a FHIR server is asked whose a dataset is: by each number that it can be
 * matched by, as the rules say. */
#include <stdlib.h>
#include <string.h>

#include "match_key.h"
#include "search_value.h"
#include "source.h"

/* In the arena. */
static const char *search_for_value(const struct match_key *key,
				    const char *value, struct arena *arena)
{
	const char *at = strstr(key->search, MATCH_VALUE);
	char *encoded = search_value(value);
	const char *search =
		arena_printf(arena, "%.*s%s%s", (int)(at - key->search),
			     key->search, encoded, at + sizeof MATCH_VALUE - 1);
	free(encoded);
	return search;
}

struct asked_searches {
	const char **searches;
	size_t count;
};

static bool is_asked(const struct asked_searches *asked, const char *search)
{
	for (size_t i = 0; i < asked->count; i++)
		if (strcmp(asked->searches[i], search) == 0)
			return true;
	return false;
}

/* 0: go on. */
static int visit_values(const struct match_key *key,
			const struct dataset *dataset,
			struct asked_searches *asked,
			int (*visit)(const char *search, void *context),
			void *context)
{
	struct key_values values = {0};
	int result = 0;
	if (!key->search)
		return 0;
	key_read(key, dataset, dataset->arena, &values);
	for (size_t i = 0; i < values.count && result == 0; i++) {
		const char *search = search_for_value(key, values.at[i].text,
						      dataset->arena);
		if (asked->count == DFH_SEARCHES_MAX || is_asked(asked, search))
			continue;
		asked->searches[asked->count++] = search;
		result = visit(search, context);
	}
	return result;
}

int dfh_rules_visit_searches(const dfh_rules *rules, const dfh_source *given,
			     int (*visit)(const char *search, void *context),
			     void *context, dfh_error **error)
{
	const char *searches[DFH_SEARCHES_MAX];
	struct asked_searches asked = {.searches = searches};
	struct dcm_source source;
	if (source_take(&source, given, error) < 0)
		return -1;
	struct dataset *dataset = dcm_read(&source, &rules->wants, error);
	if (!dataset)
		return -1;
	int result = 0;
	for (size_t k = 0; k < rules->match_count && result == 0; k++)
		result = visit_values(&rules->match[k], dataset, &asked, visit,
				      context);
	dataset_free(dataset);
	return 0;
}
