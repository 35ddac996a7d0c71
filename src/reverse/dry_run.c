#include "dry_run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "json_text.h"
#include "json_value.h"

static void print_line(FILE *out, char sign, const dfh_difference *d,
		       const char *value)
{
	if (!value)
		return;
	const char *const parts[] = {d->path, d->vr, d->keyword};
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
	putc('\n', out);
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

static void differs(const dfh_difference *difference, void *context)
{
	struct dry_run *run = context;
	if (run->as_json) {
		add_change(run->changes, difference);
		return;
	}
	if (!run->told) {
		fputs("--- ", run->out);
		cli_print(run->out, run->file);
		putc('\n', run->out);
	}
	run->told = true;
	print_line(run->out, '-', difference, difference->was);
	print_line(run->out, '+', difference, difference->is);
}

void dry_run_begin(struct dry_run *run, FILE *out, const char *file,
		   bool as_json, dfh_stamp_options *options)
{
	*run = (struct dry_run){.out = out, .file = file, .as_json = as_json};
	if (as_json)
		run->changes = json_new_array();
	options->differs = differs;
	options->context = run;
}

void dry_run_end(struct dry_run *run, bool good)
{
	if (run->as_json && good) {
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
