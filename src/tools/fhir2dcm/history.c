#include "history.h"

#include <stdio.h>
#include <stdlib.h>

#include "cli.h"
#include "json_text.h"
#include "json_value.h"

struct history_telling {
	const struct history *how;
	const char *path;
};

/* ---- for people ---- */

static const char *known_or_question_mark(const char *text)
{
	return *text ? text : "?";
}

static void print_attributes(const dfh_change *change, bool values)
{
	for (size_t i = 0; i < change->attribute_count; i++) {
		const char *was = change->previous[i];
		fputs(values ? "\n  " : " ", stdout);
		cli_print(stdout, change->attributes[i]);
		if (values && was) {
			fputs(" [", stdout);
			cli_print(stdout, was);
			putchar(']');
		}
	}
	putchar('\n');
}

static void print_change(const struct history_telling *telling,
			 const dfh_change *change)
{
	cli_print(stdout, telling->path);
	const char *const texts[] = {change->time, change->system,
				     change->reason};
	putchar(':');
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		putchar(' ');
		cli_print(stdout, known_or_question_mark(texts[i]));
	}
	if (*change->source) {
		fputs(" from ", stdout);
		cli_print(stdout, change->source);
	}
	if (*change->comment) {
		fputs(" (", stdout);
		cli_print(stdout, change->comment);
		putchar(')');
	}
	putchar(':');
	print_attributes(change, telling->how->values);
}

/* ---- for programs ---- */

static void print_json(const struct history_telling *telling,
		       const dfh_change *change)
{
	json_object *line = json_new_object();
	json_object *list = json_new_array();
	json_add_value(line, "file", telling->path);
	json_add_value(line, "time", change->time);
	json_add_value(line, "system", change->system);
	json_add_value(line, "reason", change->reason);
	json_add_value(line, "source", change->source);
	json_add_value(line, "comment", change->comment);
	for (size_t i = 0; i < change->attribute_count; i++) {
		json_object *one = json_new_object();
		json_add_value(one, "keyword", change->attributes[i]);
		if (telling->how->values)
			json_add_value(one, "old", change->previous[i]);
		json_append(list, one);
	}
	json_add(line, "attributes", list);
	char *text = json_to_line(line);
	cli_print_as(stdout, CLI_JSON, text);
	putchar('\n');
	free(text);
}

static int print_told_change(const dfh_change *change, void *context)
{
	const struct history_telling *telling = context;
	if (telling->how->as_json)
		print_json(telling, change);
	else
		print_change(telling, change);
	return 0;
}

int history_tell(const char *path, const dfh_source *source,
		 const struct history *how)
{
	struct history_telling telling = {how, path};
	dfh_error *error = NULL;
	int result =
		source ? dfh_history_source(source, print_told_change, &telling,
					    &error)
		       : dfh_history(path, print_told_change, &telling, &error);
	return result < 0 ? cli_fail(error) : DFH_OK;
}
