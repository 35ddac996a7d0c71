/* Looking up rows, by binary search. */
#include <stdlib.h>
#include <string.h>

#include "rules_build.h"

struct table_entry {
	const char *key;
	size_t number; /* order in the file: the first one wins */
	const struct table_row *row;
};

struct table_index {
	struct table_entry *by_dicom, *by_code;
	size_t dicom_count, code_count;
};

static int compare_table_entries(const void *left, const void *right)
{
	const struct table_entry *a = left, *b = right;
	int order = strcmp(a->key, b->key);

	if (order)
		return order;
	return a->number < b->number ? -1 : a->number > b->number;
}

static void add_table_entry(struct table_entry *entries, size_t *count,
			    const char *key, const struct table_row *row)
{
	if (!key)
		return;
	entries[*count] = (struct table_entry){key, *count, row};
	++*count;
}

struct table_index *table_index_new(const struct table *table,
				    struct arena *arena)
{
	struct table_index *index = arena_alloc(arena, sizeof *index);

	index->by_dicom =
		arena_alloc(arena, (table->row_count + table->also_count + 1) *
					   sizeof *index->by_dicom);
	index->by_code =
		arena_alloc(arena, (table->row_count + table->formerly_count +
				    1) * sizeof *index->by_code);
	for (size_t i = 0; i < table->row_count; i++) {
		const struct table_row *row = &table->rows[i];

		add_table_entry(index->by_dicom, &index->dicom_count,
				row->dicom, row);
		add_table_entry(index->by_code, &index->code_count, row->code,
				row);
	}
	for (size_t i = 0; i < table->also_count; i++)
		add_table_entry(index->by_dicom, &index->dicom_count,
				table->also[i].dicom, &table->also[i]);
	for (size_t i = 0; i < table->formerly_count; i++)
		add_table_entry(index->by_code, &index->code_count,
				table->formerly[i].code, &table->formerly[i]);
	qsort(index->by_dicom, index->dicom_count, sizeof *index->by_dicom,
	      compare_table_entries);
	qsort(index->by_code, index->code_count, sizeof *index->by_code,
	      compare_table_entries);
	return index;
}

/* The first entry whose key is not less than key. */
static size_t lower_bound(const struct table_entry *entries, size_t count,
			  const char *key)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(entries[middle].key, key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct table_row *table_by_dicom(const struct table *table,
				       const char *dicom)
{
	const struct table_index *index = table->index;
	size_t at;

	if (!dicom)
		return NULL;
	at = lower_bound(index->by_dicom, index->dicom_count, dicom);
	if (at == index->dicom_count ||
	    strcmp(index->by_dicom[at].key, dicom) != 0)
		return NULL;
	return index->by_dicom[at].row;
}

static bool row_has_system(const struct table *table,
			   const struct table_row *row, const char *system)
{
	const char *own = row->system ? row->system : table->system;

	if (!system || !*system)
		return true;
	return own && strcmp(own, system) == 0;
}

const struct table_row *table_by_code(const struct table *table,
				      const char *system, const char *code)
{
	const struct table_index *index = table->index;
	size_t at;

	if (!code)
		return NULL;
	at = lower_bound(index->by_code, index->code_count, code);
	for (; at < index->code_count; at++) {
		const struct table_entry *entry = &index->by_code[at];

		if (strcmp(entry->key, code) != 0)
			return NULL;
		if (row_has_system(table, entry->row, system))
			return entry->row;
	}
	return NULL;
}

bool table_is_silent(const struct table *table, const char *dicom)
{
	for (size_t i = 0; i < table->silent_count; i++)
		if (strcmp(table->silent[i], dicom) == 0)
			return true;
	return false;
}

const char *table_choice(const struct table *table, const char *key)
{
	const struct table_row *row;

	if (!key)
		return table->none_value ? table->none_value
					 : table->default_value;
	row = table_by_dicom(table, key);
	return row && row->code ? row->code : table->default_value;
}
