/* Tables: their rows, and that none is there twice. */
#include <stdlib.h>
#include <string.h>

#include "rules_build.h"

enum { ROW_DICOM, ROW_CODE, ROW_DISPLAY, ROW_SYSTEM, ROW_CELLS };

const struct table *build_find_table(struct build *build,
				     const struct yaml_node *node)
{
	const char *name = node_text(build, node);
	struct nearest nearest;
	size_t at;

	if (!name)
		return NULL;
	at = build_named(build, &build->tables, name);
	if (at != SIZE_MAX)
		return &build->rules->tables[at];
	nearest = nearest_to(name);
	for (size_t i = 0; i < build->rules->table_count; i++)
		nearest_offer(&nearest, build->rules->tables[i].name);
	node_fault(build, node, "no table '%s'%s", name,
		   nearest_hint(&nearest, build->arena));
	return NULL;
}

/* ---- rows ---- */

static bool build_row(struct build *build, const struct yaml_node *node,
		      struct table_row *row)
{
	const char *cells[ROW_CELLS] = {NULL};

	if (!node_is_list(build, node))
		return false;
	if (!node->count || node->count > ROW_CELLS) {
		node_fault(build, node,
			   "a row is [DICOM value, code, display, system], of "
			   "which only the first must be");
		return false;
	}
	for (size_t i = 0; i < node->count; i++) {
		/* The form of a UUID URI may well be "". */
		if (node->items[i]->kind == YAML_TEXT && !node->items[i]->plain)
			cells[i] = node->items[i]->text;
		else
			cells[i] = node_text(build, node->items[i]);
		if (!cells[i])
			return false;
	}
	row->dicom = cells[ROW_DICOM];
	row->code = cells[ROW_CODE];
	row->display = cells[ROW_DISPLAY];
	row->system = cells[ROW_SYSTEM];
	row->mark = node->items[ROW_DICOM]->mark;
	return true;
}

static void build_rows(struct build *build, const struct yaml_node *list,
		       struct table_row **rows, size_t *count)
{
	if (!list || yaml_is_null(list) || !node_is_list(build, list))
		return;
	*rows = arena_alloc(build->arena, (list->count + 1) * sizeof **rows);
	for (size_t i = 0; i < list->count; i++)
		if (build_row(build, list->items[i], &(*rows)[*count]))
			++*count;
}

/* ---- rows that are there twice ---- */

struct cell {
	const char *system, *text;
	const struct table_row *row;
	const struct yaml_node *node;
	bool in_rows;
	size_t number;
};

struct cells {
	struct cell *at;
	size_t count;
};

static void add_cells(struct cells *cells, const struct yaml_node *list,
		      const struct table *table, const struct table_row *rows,
		      size_t row_count, size_t column, bool in_rows)
{
	size_t next = 0;

	if (!row_count)
		return;
	cells->at = xrealloc(cells->at,
			     (cells->count + row_count) * sizeof *cells->at);
	/* Rows with faults were left out of rows, but not of the list. */
	for (size_t i = 0; i < list->count && next < row_count; i++) {
		const struct yaml_node *node = list->items[i];
		const struct table_row *row = &rows[next];
		struct cell cell = {.row = row, .in_rows = in_rows};

		if (node->kind != YAML_LIST || !node->count ||
		    node->items[0]->text != row->dicom)
			continue;
		next++;
		if (node->count <= column)
			continue;
		cell.node = node->items[column];
		cell.text = cell.node->text;
		cell.number = cells->count;
		if (column == ROW_CODE)
			cell.system = row->system ? row->system : table->system;
		cells->at[cells->count++] = cell;
	}
}

static int compare_cells(const void *left, const void *right)
{
	const struct cell *a = left, *b = right;
	int order = strcmp(a->text, b->text);

	if (!order)
		order = strcmp(a->system ? a->system : "",
			       b->system ? b->system : "");
	if (order)
		return order;
	return a->number < b->number ? -1 : a->number > b->number;
}

static void tell_twice(struct build *build, const struct cell *cell,
		       const struct cell *first, size_t column)
{
	if (column == ROW_DICOM)
		node_fault(build, cell->node,
			   "%s has a row already, in line %d%s", cell->text,
			   first->node->mark.line,
			   cell->in_rows ? "; move it to 'formerly'" : "");
	else if (cell->in_rows)
		node_fault(build, cell->node,
			   "code %s is already the row of %s; move it to "
			   "'also'",
			   cell->text, first->row->dicom);
	else
		node_fault(build, cell->node, "code %s already means %s",
			   cell->text, first->row->dicom);
}

static void check_twice(struct build *build, struct cells *cells, size_t column)
{
	size_t first = 0;

	if (cells->count)
		qsort(cells->at, cells->count, sizeof *cells->at,
		      compare_cells);
	for (size_t i = 1; i < cells->count; i++) {
		const struct cell *a = &cells->at[first], *b = &cells->at[i];

		if (strcmp(a->text, b->text) != 0 ||
		    strcmp(a->system ? a->system : "",
			   b->system ? b->system : "") != 0)
			first = i;
		else
			tell_twice(build, b, a, column);
	}
	free(cells->at);
}

static void check_table_rows(struct build *build, const struct yaml_node *node,
			     const struct table *table)
{
	const struct yaml_node *rows = yaml_get(node, "rows");
	struct cells dicom = {0}, code = {0};

	add_cells(&dicom, rows, table, table->rows, table->row_count, ROW_DICOM,
		  true);
	add_cells(&dicom, yaml_get(node, "also"), table, table->also,
		  table->also_count, ROW_DICOM, false);
	check_twice(build, &dicom, ROW_DICOM);
	/* Where keys choose among a few words, these come again. */
	if (table->default_value || table->none_value)
		return;
	add_cells(&code, rows, table, table->rows, table->row_count, ROW_CODE,
		  true);
	add_cells(&code, yaml_get(node, "formerly"), table, table->formerly,
		  table->formerly_count, ROW_CODE, false);
	check_twice(build, &code, ROW_CODE);
}

/* ---- rows that lead nowhere ---- */

static bool is_row(const struct table *table, const struct table_row *row)
{
	return row && row >= table->rows &&
	       row < table->rows + table->row_count;
}

/* What `also` makes of a term must be the code of a row, or there is no way
 * back; and the term of `formerly` must be one that is known. */
static void check_ends(struct build *build, const struct table *table)
{
	/* Where keys choose, there is no way back. */
	if (table->default_value || table->none_value)
		return;
	for (size_t i = 0; i < table->also_count; i++) {
		const struct table_row *row = &table->also[i];
		const char *system = row->system ? row->system : table->system;

		if (row->code &&
		    !is_row(table, table_by_code(table, system, row->code)))
			diag_fault(build->diag, &row->mark,
				   (int)strlen(row->dicom),
				   "no row has the code of %s, so that nothing "
				   "leads back to it; move it to 'rows'",
				   row->dicom);
	}
	for (size_t i = 0; i < table->formerly_count; i++) {
		const struct table_row *row = &table->formerly[i];

		if (!table_by_dicom(table, row->dicom))
			diag_fault(build->diag, &row->mark,
				   (int)strlen(row->dicom),
				   "no row has %s, so that it has no code of "
				   "today",
				   row->dicom);
	}
}

/* Terms that say nothing: a value of unknown side is no side. */
static void build_silent(struct build *build, const struct yaml_node *list,
			 struct table *table)
{
	if (!list || yaml_is_null(list) || !node_is_list(build, list))
		return;
	table->silent = arena_alloc(build->arena,
				    (list->count + 1) * sizeof *table->silent);
	for (size_t i = 0; i < list->count; i++) {
		const char *term = node_text(build, list->items[i]);

		if (term)
			table->silent[table->silent_count++] = term;
	}
}

/* ---- tables ---- */

static void build_table(struct build *build, const struct yaml_pair *pair,
			struct table *table)
{
	static const char *const keys[] = {"system",   "rows",	 "also",
					   "formerly", "others", "default",
					   "none",     "silent", NULL};
	static const char *const others[] = {"none", "code", "text", NULL};
	const struct yaml_node *node = pair->value, *part;
	int word;

	table->name = pair->key->text;
	table->mark = pair->key->mark;
	if (node_is_map(build, node)) {
		node_check_keys(build, node, keys);
		if ((part = yaml_get(node, "system")))
			table->system = node_text(build, part);
		if ((part = yaml_get(node, "default")))
			table->default_value = node_text(build, part);
		if ((part = yaml_get(node, "none")))
			table->none_value = node_text(build, part);
		if ((part = yaml_get(node, "others"))) {
			word = node_word(build, part, others);
			if (word > 0)
				table->others = (enum table_others)word;
		}
		build_rows(build, yaml_get(node, "rows"), &table->rows,
			   &table->row_count);
		build_rows(build, yaml_get(node, "also"), &table->also,
			   &table->also_count);
		build_rows(build, yaml_get(node, "formerly"), &table->formerly,
			   &table->formerly_count);
		build_silent(build, yaml_get(node, "silent"), table);
		check_table_rows(build, node, table);
	}
	table->index = table_index_new(table, build->arena);
	check_ends(build, table);
}

void build_tables(struct build *build)
{
	struct dfh_rules *rules = build->rules;

	rules->tables = arena_alloc(build->arena, (build->tables.count +
						   1) * sizeof *rules->tables);
	rules->table_count = build->tables.count;
	for (size_t i = 0; i < build->tables.count; i++)
		build_table(build, &build->tables.at[i], &rules->tables[i]);
}
