/* Where an instance belongs, and before which other it comes. */
#include "instance.h"

#include <stdlib.h>
#include <string.h>

#include "scope.h"
#include "uuid.h"
#include "view.h"

void instance_clear(struct instance *instance)
{
	for (int level = 0; level < LEVELS; level++)
		free(instance->keys[level]);
	free(instance->file);
	dataset_free(instance->dataset);
}

void dfh_record_free(dfh_record *record)
{
	if (!record)
		return;
	instance_clear(&record->instance);
	free(record->study);
	free(record);
}

/* ---- keys ---- */

/* The values of a place's key; "" if there are none. */
static char *place_key_of(const struct place *place,
			  const struct dataset *dataset)
{
	struct scope root = scope_root((struct dcm_item *)&dataset->root);
	struct buffer key = {0};
	for (size_t i = 0; place && i < place->key_count; i++) {
		struct port_value value =
			scope_read(&root, &place->key[i], dataset->arena);
		const char *text = value.text ? value.text : "";
		/* The first part is what identifies, the others qualify it. */
		if (i == 0 && !*text)
			break;
		if (i)
			buffer_add(&key, KEY_SEPARATOR, strlen(KEY_SEPARATOR));
		buffer_add(&key, text, strlen(text));
	}
	buffer_add(&key, "", 1);
	return (char *)key.bytes;
}

static void add_item_text(struct buffer *text, const struct dcm_item *item)
{
	for (size_t i = 0; i < item->count; i++) {
		const struct dcm_element *e = &item->elements[i];
		char name[128];
		dcm_tag_name(&e->tag, name);
		buffer_add(text, name, strlen(name));
		buffer_add(text, "=", 1);
		if (e->text)
			buffer_add(text, e->text, strlen(e->text));
		for (size_t k = 0; k < e->item_count; k++)
			add_item_text(text, e->items[k]);
		buffer_add(text, "\n", 1);
	}
}

/* A dataset without a Study Instance UID is a study by itself, told apart by
 * its instance or else by all that it says: it must not meet others. */
static char *key_alone(const struct instance *instance)
{
	const char *uid = instance->keys[LEVEL_INSTANCE];
	struct buffer text = {0};
	char uuid[UUID_TEXT];
	if (*uid)
		buffer_add(&text, uid, strlen(uid));
	else
		add_item_text(&text, &instance->dataset->root);
	buffer_add(&text, "", 1);
	uuid_from_name((const char *)text.bytes, uuid);
	free(text.bytes);
	return xstrdup(uuid);
}

dfh_record *record_new(const dfh_rules *rules, struct dataset *dataset,
		       const char *file)
{
	dfh_record *record = xmalloc(sizeof *record);
	*record = (dfh_record){
		.instance = {.dataset = dataset, .file = xstrdup(file)}};
	char **keys = record->instance.keys;
	for (int level = 0; level < LEVELS; level++)
		keys[level] = place_key_of(
			view_level_place(rules, (enum level)level), dataset);
	record->is_alone = !*keys[LEVEL_STUDY];
	if (record->is_alone) {
		free(keys[LEVEL_STUDY]);
		keys[LEVEL_STUDY] = key_alone(&record->instance);
	}
	return record;
}

/* ---- the order of instances ---- */

static int compare_item_contents(const struct dcm_item *a,
				 const struct dcm_item *b);

static int compare_text(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "");
}

static int compare_element_contents(const struct dcm_element *a,
				    const struct dcm_element *b)
{
	int order = dcm_tag_compare(&a->tag, &b->tag);
	if (!order)
		order = compare_text(a->text, b->text);
	if (!order)
		order = (a->length > b->length) - (a->length < b->length);
	if (!order && a->length)
		order = memcmp(a->bytes, b->bytes, a->length);
	if (!order)
		order = (a->item_count > b->item_count) -
			(a->item_count < b->item_count);
	for (size_t i = 0; !order && i < a->item_count; i++)
		order = compare_item_contents(a->items[i], b->items[i]);
	return order;
}

static int compare_item_contents(const struct dcm_item *a,
				 const struct dcm_item *b)
{
	int order = 0;
	for (size_t i = 0; !order && i < a->count && i < b->count; i++)
		order = compare_element_contents(&a->elements[i],
						 &b->elements[i]);
	return order ? order : (a->count > b->count) - (a->count < b->count);
}

int instance_compare_keys(const struct instance *a, const struct instance *b)
{
	int order = 0;
	for (int level = 0; !order && level < LEVELS; level++)
		order = strcmp(a->keys[level], b->keys[level]);
	return order;
}

int instance_compare_values(const struct instance *a, const struct instance *b)
{
	return compare_item_contents(&a->dataset->root, &b->dataset->root);
}
