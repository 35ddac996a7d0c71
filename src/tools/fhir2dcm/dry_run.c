#include "dry_run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "json_text.h"
#include "json_value.h"

/* As diff(1) colours them (ECMA-48 8.3.117). */
static const char *colour_of(const struct dry_run *run, char sign)
{
	if (!run->form.in_colour)
		return "";
	return sign == '-' ? "\033[31m" : sign == '+' ? "\033[32m" : "\033[1m";
}

static const char *end_of_colour(const struct dry_run *run)
{
	return run->form.in_colour ? "\033[0m" : "";
}

static void print_difference_line(const struct dry_run *run, char sign,
				  const dfh_difference *d, const char *value)
{
	FILE *out = run->out;
	if (!value)
		return;
	const char *const parts[] = {d->path, d->vr, d->keyword};
	fputs(colour_of(run, sign), out);
	putc(sign, out);
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		if (i)
			putc(' ', out);
		cli_print(out, parts[i]);
	}
	if (*value) {
		fputs(" [", out);
		cli_print(out, value);
		putc(']', out);
	}
	fprintf(out, "%s\n", end_of_colour(run));
}

static void add_change(json_object *changes, const dfh_difference *d)
{
	json_object *one = json_new_object();
	json_add_value(one, "path", d->path);
	json_add_value(one, "keyword", d->keyword);
	json_add_value(one, "vr", d->vr);
	json_add_value(one, "old", d->was);
	json_add_value(one, "new", d->is);
	json_append(changes, one);
}

void dry_run_differs(const dfh_difference *difference, void *context)
{
	struct dry_run *run = context;
	if (run->form.as_json) {
		add_change(run->changes, difference);
		return;
	}
	if (!run->told) {
		fprintf(run->out, "%s--- ", colour_of(run, ' '));
		cli_print(run->out, run->file);
		fprintf(run->out, "%s\n", end_of_colour(run));
	}
	run->told = true;
	print_difference_line(run, '-', difference, difference->was);
	print_difference_line(run, '+', difference, difference->is);
}

void dry_run_begin(struct dry_run *run, FILE *out, const char *file,
		   const struct dry_run_form *form)
{
	*run = (struct dry_run){.out = out, .file = file, .form = *form};
	if (form->as_json)
		run->changes = json_new_array();
}

void dry_run_end(struct dry_run *run, bool good)
{
	if (run->form.as_json && good) {
		json_object *line = json_new_object();
		json_add_value(line, "file", run->file);
		json_add(line, "changes", json_object_get(run->changes));
		char *text = json_to_line(line);
		cli_print_as(run->out, CLI_JSON, text);
		putc('\n', run->out);
		free(text);
	}
	json_object_put(run->changes);
}
