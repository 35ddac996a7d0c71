/* The list for programs: JSON, and a line for each attribute. */
#include "rules_list.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "codec.h"
#include "fhir_path.h"
#include "json_print.h"
#include "json_text.h"
#include "rules_build.h"

static const char *or_nothing(const char *text)
{
	return text ? text : "";
}

/* Puts the object. */
static const char *plain_json(const struct listing *listing, json_object *json)
{
	char *line = json_to_line(json);
	const char *text = arena_strdup(listing->arena, line);

	free(line);
	return text;
}

/* ---- lines with tabs ---- */

/* Between them are those of the releases: "r4", "r5". */
static const char *const first_columns[] = {"rule", "place", "type", NULL};
static const char *const last_columns[] = {
	"where",   "via",  "else",	"tag",	    "keyword",
	"vr",	   "in",   "home",	"port",	    "written",
	"codec",   "with", "direction", "because",  "policy",
	"derived", "loss", "source",	"examples", NULL};

static void print_cell(FILE *out, const char *text, char before)
{
	if (before)
		fputc(before, out);
	for (text = or_nothing(text); *text; text++)
		fputc(*text == '\t' || *text == '\n' || *text == '\r' ? ' '
								      : *text,
		      out);
}

static const char *options_text(const struct listing *listing,
				const struct rule *rule)
{
	json_object *all = json_new_object();
	const char *text = "";

	for (size_t i = 0; i < rule->option_count; i++)
		json_add(all, rule->options[i].name,
			 json_copy(rule->options[i].value));
	if (rule->option_count)
		return plain_json(listing, all);
	json_object_put(all);
	return text;
}

static void print_rule_cells(const struct listing *listing,
			     const struct listed_rule *listed, FILE *out)
{
	const struct rule *rule = listed->rule;

	print_cell(out, rule->codec->name, '\t');
	print_cell(out, options_text(listing, rule), '\t');
	print_cell(out, direction_of(rule), '\t');
	print_cell(out, rule->because, '\t');
	print_cell(out, policy_of(rule), '\t');
	print_cell(out, listed->derived, '\t');
	print_cell(out, rule->loss, '\t');
	print_cell(out, rule->source, '\t');
	print_cell(out,
		   rule->example_count
			   ? plain_json(listing, examples_json(rule))
			   : "",
		   '\t');
	fputc('\n', out);
}

static void print_port_line(const struct listing *listing,
			    const struct listed_rule *listed,
			    const struct listed_port *port, FILE *out)
{
	size_t last = port->path.count - 1;
	struct tag_list within = {port->path.at, last};
	const struct dcm_tag *tag = &port->path.at[last];

	print_cell(out, listed->rule->id, '\0');
	print_cell(out, listed->place->name, '\t');
	print_cell(out, listed->place->type, '\t');
	for (enum fhir_release r = 0; r < RELEASES; r++)
		print_cell(out, listed->path[r], '\t');
	print_cell(out, where_text(listing, listed), '\t');
	print_cell(out, release_text(listing, listed->via), '\t');
	print_cell(out, release_text(listing, listed->otherwise), '\t');
	print_cell(out, tag_text(listing, tag), '\t');
	print_cell(out, keyword_of(listing, tag), '\t');
	print_cell(out, port->vr, '\t');
	print_cell(out, sequences_text(listing, within), '\t');
	print_cell(out, homes_text(listing, port), '\t');
	print_cell(out, port->port, '\t');
	print_cell(out, port->is_written ? "yes" : "no", '\t');
	print_rule_cells(listing, listed, out);
}

static void print_column_names(FILE *out)
{
	for (size_t i = 0; first_columns[i]; i++)
		print_cell(out, first_columns[i], i ? '\t' : '\0');
	for (enum fhir_release r = 0; r < RELEASES; r++) {
		fputc('\t', out);
		for (const char *at = release_names[r]; *at; at++)
			fputc(tolower((unsigned char)*at), out);
	}
	for (size_t i = 0; last_columns[i]; i++)
		print_cell(out, last_columns[i], '\t');
	fputc('\n', out);
}

void list_tsv(const struct listing *listing, FILE *out)
{
	print_column_names(out);
	for (size_t i = 0; i < listing->count; i++)
		for (size_t k = 0; k < listing->at[i].port_count; k++)
			print_port_line(listing, &listing->at[i],
					&listing->at[i].ports[k], out);
}

/* ---- JSON ---- */

static json_object *tags_json(const struct listing *listing,
			      struct tag_list tags)
{
	json_object *list = json_new_array();

	for (size_t i = 0; i < tags.count; i++) {
		json_object *one = json_new_object();

		json_add_text(one, "tag", tag_text(listing, &tags.at[i]));
		json_add_text(one, "keyword", keyword_of(listing, &tags.at[i]));
		json_append(list, one);
	}
	return list;
}

static json_object *port_json(const struct listing *listing,
			      const struct listed_port *port)
{
	const struct dcm_tag *tag = &port->path.at[port->path.count - 1];
	struct tag_list within = {port->path.at, port->path.count - 1};
	json_object *out = json_new_object();
	json_object *homes = json_new_array();

	json_add_text(out, "port", port->port);
	json_add_text(out, "tag", tag_text(listing, tag));
	json_add_text(out, "keyword", keyword_of(listing, tag));
	json_add_text(out, "vr", port->vr);
	json_add(out, "written", json_new_boolean(port->is_written));
	json_add(out, "in", tags_json(listing, within));
	for (size_t i = 0; i < port->home_count; i++)
		json_append(homes, tags_json(listing, port->homes[i]));
	json_add(out, "homes", homes);
	return out;
}

static json_object *fhir_json(const struct listed_rule *listed,
			      enum fhir_release r)
{
	const struct line_list *where = &listed->where[r];
	json_object *out = json_new_object();
	json_object *list = json_new_array();

	json_add_text(out, "path", listed->path[r]);
	json_add_text(out, "type", listed->rule->fhir[r]->type);
	for (size_t i = 0; i < where->count; i++)
		json_append(list, json_new_string(where->at[i]));
	json_add(out, "where", list);
	json_add_text(out, "via", listed->via[r]);
	json_add_text(out, "else", listed->otherwise[r]);
	return out;
}

static json_object *rule_json(const struct listing *listing,
			      const struct listed_rule *listed)
{
	const struct rule *rule = listed->rule;
	json_object *out = json_new_object();
	json_object *ports = json_new_array();
	json_object *with = json_new_object();

	json_add_text(out, "rule", rule->id);
	json_add_text(out, "place", listed->place->name);
	for (enum fhir_release r = 0; r < RELEASES; r++)
		if (listed->path[r])
			json_add(out, release_names[r], fhir_json(listed, r));
	for (size_t i = 0; i < listed->port_count; i++)
		json_append(ports, port_json(listing, &listed->ports[i]));
	json_add(out, "dicom", ports);
	json_add_text(out, "codec", rule->codec->name);
	for (size_t i = 0; i < rule->option_count; i++)
		json_add(with, rule->options[i].name,
			 json_copy(rule->options[i].value));
	json_add(out, "with", with);
	json_add_text(out, "direction", direction_of(rule));
	json_add_text(out, "because", rule->because);
	json_add_text(out, "policy", policy_of(rule));
	json_add_text(out, "derived", listed->derived);
	json_add_text(out, "loss", rule->loss);
	/* Of several sources of an element, the one that speaks first is 1. */
	if (rule->sources)
		json_add(out, "source-order",
			 json_new_integer(
				 (int64_t)(rule - listing->rules->rules -
					   (ptrdiff_t)rule->sources->first +
					   1)));
	json_add_text(out, "source", rule->source);
	json_add(out, "examples", examples_json(rule));
	return out;
}

char *list_json_text(const struct listing *listing)
{
	json_object *list = json_new_array();
	char *text;

	for (size_t i = 0; i < listing->count; i++)
		json_append(list, rule_json(listing, &listing->at[i]));
	text = json_printed(list, JSON_C_TO_STRING_PRETTY |
					  JSON_C_TO_STRING_NOSLASHESCAPE);
	json_object_put(list);
	return text;
}

void list_json(const struct listing *listing, FILE *out)
{
	char *text = list_json_text(listing);

	fprintf(out, "%s\n", text);
	free(text);
}
