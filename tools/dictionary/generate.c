/*
 * The standard attributes of the dictionary in DCMTK as a table in C, on
 * standard output: DCMTK takes 10 ms to load its own, which is most of what a
 * run over one file takes.  What it would answer in another way than by the
 * attribute's own entry is left out, and asked of DCMTK as before.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "dcm_dcmtk.h"

struct table {
	struct dcmtk_entry *entries;
	size_t count, capacity;
	/* the keywords that are left out */
	struct dcmtk_entry *others;
	size_t other_count;
	bool has_more[65536]; /* groups with tags that are not in it */
};

static bool same(const struct dcmtk_entry *a, const struct dcmtk_entry *b)
{
	return a->group == b->group && a->element == b->element &&
	       strcmp(a->vr, b->vr) == 0 && a->vm_max == b->vm_max &&
	       a->vr_depends == b->vr_depends &&
	       strcmp(a->keyword, b->keyword) == 0;
}

/* DCMTK's lock is held: it cannot be asked more. */
static void note(const char *keyword, void *context)
{
	struct table *table = context;

	if (strlen(keyword) >= sizeof(table->entries->keyword))
		return;
	if (table->count == table->capacity) {
		table->capacity = table->capacity ? 2 * table->capacity : 8192;
		table->entries =
			xrealloc(table->entries,
				 table->capacity * sizeof(*table->entries));
	}
	strcpy(table->entries[table->count++].keyword, keyword);
}

static void note_range(uint16_t first, uint16_t last, void *context)
{
	struct table *table = context;
	unsigned group;

	for (group = first; group <= last; group++)
		table->has_more[group] = true;
}

static void look_up(struct table *table)
{
	size_t kept = 0, i;

	table->others = xmalloc((table->count + 1) * sizeof(*table->others));
	for (i = 0; i < table->count; i++) {
		struct dcmtk_entry named, tagged;

		if (!dcmtk_entry_named(table->entries[i].keyword, &named))
			continue;
		if (dcmtk_entry_of(named.group, named.element, NULL, &tagged) &&
		    same(&named, &tagged))
			table->entries[kept++] = named;
		else {
			table->others[table->other_count++] = named;
			table->has_more[named.group] = true;
		}
	}
	table->count = kept;
}

static int by_tag(const void *a, const void *b)
{
	const struct dcmtk_entry *x = a, *y = b;

	if (x->group != y->group)
		return x->group < y->group ? -1 : 1;
	return (x->element > y->element) - (x->element < y->element);
}

static int by_keyword(const void *a, const void *b)
{
	const struct dcmtk_entry *const *x = a, *const *y = b;

	return strcmp((*x)->keyword, (*y)->keyword);
}

/* Of a keyword that was visited twice one is enough. */
static void drop_repeated(struct table *table)
{
	size_t kept = 0, i;

	for (i = 0; i < table->count; i++)
		if (!kept ||
		    by_tag(&table->entries[kept - 1], &table->entries[i]) != 0)
			table->entries[kept++] = table->entries[i];
	table->count = kept;
}

static void print(const struct table *table)
{
	const struct dcmtk_entry **sorted =
		xmalloc((table->count + 1) * sizeof(*sorted));
	size_t i;

	puts("/* Made by tools/dictionary/generate from DCMTK's. */");
	puts("static const struct dcmtk_entry standard[] = {");
	for (i = 0; i < table->count; i++) {
		const struct dcmtk_entry *entry = &table->entries[i];

		printf("\t{0x%04x, 0x%04x, \"%s\", %d, %d, \"%s\"},\n",
		       entry->group, entry->element, entry->vr, entry->vm_max,
		       entry->vr_depends, entry->keyword);
		sorted[i] = entry;
	}
	puts("};\n");
	qsort(sorted, table->count, sizeof(const struct dcmtk_entry *),
	      by_keyword);
	puts("/* In the order of keywords. */");
	puts("static const unsigned short by_keyword[] = {");
	for (i = 0; i < table->count; i++)
		printf("\t%td,\n", sorted[i] - table->entries);
	puts("};\n");
	puts("/* Groups with tags that are not in it: from, to. */");
	puts("static const uint16_t has_more[][2] = {");
	for (i = 0; i < 65536; i++) {
		if (!table->has_more[i])
			continue;
		if (!i || !table->has_more[i - 1])
			printf("\t{0x%04zx, ", i);
		if (i == 65535 || !table->has_more[i + 1])
			printf("0x%04zx},\n", i);
	}
	puts("};");
	free(sorted);
}

static int by_name(const void *a, const void *b)
{
	const struct dcmtk_entry *x = a, *y = b;

	return strcmp(x->keyword, y->keyword);
}

static void print_others(struct table *table)
{
	size_t i;

	qsort(table->others, table->other_count, sizeof(*table->others),
	      by_name);
	puts("/* Of which DCMTK is asked, in order; \"\" ends them. */");
	puts("static const char *const others[] = {");
	for (i = 0; i < table->other_count; i++)
		printf("\t\"%s\",\n", table->others[i].keyword);
	puts("\t\"\",\n};");
	free(table->others);
}

int main(void)
{
	static struct table table;

	dcmtk_keywords(note, &table);
	dcmtk_ranges(note_range, &table);
	look_up(&table);
	if (!table.count) {
		fputs("generate: DCMTK has no data dictionary; look at "
		      "DCMDICTPATH\n",
		      stderr);
		return 1;
	}
	qsort(table.entries, table.count, sizeof(*table.entries), by_tag);
	drop_repeated(&table);
	print(&table);
	print_others(&table);
	free(table.entries);
	return ferror(stdout) || fflush(stdout) ? 1 : 0;
}
