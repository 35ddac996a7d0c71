#include "series.h"

#include <stdio.h>
#include <string.h>

/* Good values, bad ones, and such that travel beside. */
static const char *value_for(struct random *random, const char *vr)
{
	static const char *const all[] = {
		"",	   "A",	       "Doe^Jane",     "20240131",
		"2024013", "120000.5", "1.2.840.99.1", "CT",
		"7",	   "007",      "a\\b",	       " lead",
		"+0100",   "M",	       "045Y",	       "CHEST"};
	if (strcmp(vr, "UI") == 0)
		return random_chance(random, 50) ? "1.2.840.99.1"
						 : "1.2.840.99.2";
	return all[random_below(random, sizeof all / sizeof *all)];
}

void series_fill(struct random *random, struct dcm_item *item,
		 const struct dcm_want *wants, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct dcm_tag *tag = &wants[i].tag;
		struct dcm_entry entry;
		if (!random_chance(random, 50) || !dcm_entry_of(tag, &entry))
			continue;
		if (strcmp(entry.vr, "SQ") != 0) {
			dcm_item_set_text(item, tag, entry.vr,
					  value_for(random, entry.vr));
			continue;
		}
		dcm_item_need(item, tag, "SQ");
		for (size_t k = 0; random_chance(random, 60); k++)
			series_fill(random, dcm_item_need_item(item, tag, k),
				    wants[i].in_items, wants[i].in_items_count);
	}
}

static void set_number(struct dcm_item *item, uint16_t group, uint16_t element,
		       const char *vr, const char *format, unsigned int number)
{
	const struct dcm_tag tag = {group, element, NULL};
	char text[64];
	snprintf(text, sizeof text, format, number);
	dcm_item_set_text(item, &tag, vr, text);
}

void series_number(struct dcm_item *item, unsigned int study,
		   unsigned int series, unsigned int instance)
{
	set_number(item, 0x0020, 0x000d, "UI", "1.2.%u", study);
	set_number(item, 0x0020, 0x000e, "UI", "1.2.3.%u", series);
	set_number(item, 0x0008, 0x0018, "UI", "1.2.3.4.%u",
		   100 * series + instance);
	set_number(item, 0x0020, 0x0013, "IS", "%u", instance);
}

void series_vary(struct random *random, const dfh_rules *rules,
		 const struct own *own, struct dcm_item *item)
{
	const struct dcm_wants *wants = &rules->wants;
	const struct dcm_want *want =
		&wants->list[random_below(random, wants->count)];
	struct dcm_entry entry;
	const struct dcm_tag *tag = &want->tag;
	if (own->count && random_chance(random, 70))
		tag = &own->tags[random_below(random, own->count)];
	if (!dcm_entry_of(tag, &entry) || strcmp(entry.vr, "SQ") == 0)
		return;
	if (random_chance(random, 20))
		dcm_item_remove(item, tag);
	else
		dcm_item_set_text(item, tag, entry.vr,
				  value_for(random, entry.vr));
}
