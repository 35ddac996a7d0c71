/* Which resources have entries of their own, for who delivers them. */
#include "rules.h"

static dfh_entry_of entry_kind_of(const struct place *place)
{
	if (!place->key_count)
		return DFH_ENTRY_OTHER;
	if (place->level == LEVEL_PATIENT)
		return DFH_ENTRY_PATIENT;
	return place->level == LEVEL_STUDY ? DFH_ENTRY_STUDY : DFH_ENTRY_OTHER;
}

void dfh_rules_visit_entries(const dfh_rules *rules,
			     void (*visit)(const dfh_entry *entry,
					   void *context),
			     void *context)
{
	for (size_t i = 0; i < rules->place_count; i++) {
		const struct place *place = &rules->places[i];
		const dfh_entry entry = {
			.size = sizeof entry,
			.type = place->type,
			.of = entry_kind_of(place),
			.updates = place->entry == ENTRY_UPDATE,
			.is_left = place->entry_is_left,
			.is_conditional =
				conditions_are_any(&place->conditions),
			.key = place->entry_key};
		if (place->is_resource && place->entry != ENTRY_CONTAINED)
			visit(&entry, context);
	}
}
