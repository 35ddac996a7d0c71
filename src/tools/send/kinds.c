#include "kinds.h"

#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "memory.h"

static void add_entry_kind(const dfh_entry *entry, void *context)
{
	struct kinds *kinds = context;
	array_room(kinds->at, kinds->count);
	kinds->at[kinds->count++] = *entry;
}

void kinds_read(struct kinds *kinds, const dfh_rules *rules)
{
	*kinds = (struct kinds){0};
	dfh_rules_visit_entries(rules, add_entry_kind, kinds);
}

void kinds_free(struct kinds *kinds)
{
	free(kinds->at);
	*kinds = (struct kinds){0};
}

bool kinds_are(const struct kinds *kinds, const char *type, dfh_entry_of of)
{
	for (size_t i = 0; i < kinds->count; i++)
		if (kinds->at[i].of == of &&
		    strcmp(kinds->at[i].type, type) == 0)
			return true;
	return false;
}

bool kinds_are_left(const struct kinds *kinds, const char *type)
{
	for (size_t i = 0; i < kinds->count; i++)
		if (kinds->at[i].is_left &&
		    strcmp(kinds->at[i].type, type) == 0)
			return true;
	return false;
}

bool kinds_have_key(const struct kinds *kinds, const char *type,
		    const char *condition)
{
	for (size_t i = 0; i < kinds->count; i++) {
		const char *key = kinds->at[i].key;
		const char *found = key && strcmp(kinds->at[i].type, type) == 0
					    ? strstr(condition, key)
					    : NULL;
		if (found && found[strlen(key)] == '|')
			return true;
	}
	return false;
}
