/* The list for a terminal: by FHIR path, then by tag. */
#include "rules_list.h"

#include <stdlib.h>
#include <string.h>

#include "codec.h"
#include "rules_build.h"

enum { WIDTH = 96, LABEL = 11, FHIR_COLUMN = 54 };

/* ---- lines ---- */

/* Characters, not bytes (UTF-8). */
static int text_width_of(const char *text, size_t length)
{
	int width = 0;

	for (size_t i = 0; i < length; i++)
		width += ((unsigned char)text[i] & 0xC0) != 0x80;
	return width;
}

/* Print text from column on, in lines that break before one of breaks. */
static void print_wrapped(FILE *out, const char *text, int column,
			  const char *breaks)
{
	int at = column;

	while (*text) {
		size_t length = 1 + strcspn(text + 1, breaks);
		int width = text_width_of(text, length);

		if (at > column && at + width > WIDTH) {
			fprintf(out, "\n%*s", column, "");
			at = column;
			if (*text == ' ') {
				text++;
				length--;
			}
		}
		fprintf(out, "%.*s", (int)length, text);
		at += width;
		text += length;
	}
	fputc('\n', out);
}

static void print_part(FILE *out, const char *label, const char *text)
{
	if (!text || !*text)
		return;
	fprintf(out, "  %-*s ", LABEL - 3, label);
	print_wrapped(out, text, LABEL, " ");
}

/* Once for releases that say the same. */
static void print_text_releases(const struct listing *listing, FILE *out,
				const char *label,
				const char *const text[RELEASES])
{
	for (enum fhir_release r = 0; r < RELEASES; r++) {
		const char *names = releases_saying(listing, text, r);

		if (names)
			print_part(out,
				   arena_printf(listing->arena, "%s%s%s", label,
						*names ? " " : "", names),
				   text[r]);
	}
}

/* ---- by FHIR path ---- */

/* The paths, and at the end of the first line the name of the rule. */
static void print_title(const struct listing *listing,
			const struct listed_rule *listed, FILE *out)
{
	const char *id = listed->rule->id;

	for (enum fhir_release r = 0; r < RELEASES; r++) {
		const char *names = releases_saying(listing, listed->path, r);
		int room;

		if (!names)
			continue;
		room = WIDTH - 2 -
		       fprintf(out, "%s%s%s", names, *names ? " " : "",
			       listed->path[r]);
		if (id) {
			room -= (int)strlen(id);
			fprintf(out, "%*s[%s]", room > 1 ? room : 1, "", id);
		}
		fputc('\n', out);
		id = NULL;
	}
}

static void print_where(const struct listing *listing,
			const struct listed_rule *listed, FILE *out)
{
	const char *where[RELEASES];

	for (enum fhir_release r = 0; r < RELEASES; r++)
		where[r] = lines_text(listing, &listed->where[r]);
	print_text_releases(listing, out, "where", where);
	print_text_releases(listing, out, "or", listed->otherwise);
}

/* How wide it is. */
static int print_attribute(const struct listing *listing, FILE *out, int column,
			   const struct dcm_tag *tag, const char *vr)
{
	const char *keyword = keyword_of(listing, tag);

	return fprintf(out, "%*s%s %s%s%s", column, "", tag_text(listing, tag),
		       vr, *keyword ? " " : "", keyword);
}

/* The sequences that lead to an attribute, but for those that lead to the one
 * before as well; how many there are. */
static size_t print_sequences(const struct listing *listing, FILE *out,
			      int column, struct tag_list path,
			      struct tag_list before)
{
	size_t last = path.count - 1, shared = 0;

	while (shared < last && shared + 1 < before.count &&
	       dcm_tag_compare(&path.at[shared], &before.at[shared]) == 0)
		shared++;
	for (; shared < last; shared++) {
		print_attribute(listing, out, column + 2 * (int)shared,
				&path.at[shared], "SQ");
		fputc('\n', out);
	}
	return last;
}

static void print_ports(const struct listing *listing,
			const struct listed_rule *listed, FILE *out)
{
	struct tag_list before = {0};
	const char *homes = "";

	for (size_t i = 0; i < listed->port_count; i++) {
		const struct listed_port *port = &listed->ports[i];
		const char *home = homes_text(listing, port);
		const struct dcm_tag *tag =
			&port->path.at[port->path.count - 1];
		size_t depth;

		if (strcmp(home, homes) != 0)
			print_part(out, "within", *home ? home : "top level");
		homes = home;
		if (!i)
			fprintf(out, "  DICOM\n");
		depth = print_sequences(listing, out, 4, port->path, before);
		print_attribute(listing, out, 4 + 2 * (int)depth, tag,
				port->vr);
		fprintf(out, "%s\n",
			port->is_written || !listed->rule->can_put ? ""
								   : " (read)");
		before = port->path;
	}
}

static void print_text_examples(const struct listing *listing,
				const struct rule *rule, FILE *out)
{
	for (size_t i = 0; i < rule->example_count; i++) {
		const struct example *example = &rule->examples[i];
		const char *fhir[RELEASES];

		for (enum fhir_release r = 0; r < RELEASES; r++)
			fhir[r] = example_fhir(listing, example, r);
		print_part(out, "example",
			   example_dicom(listing, rule, example));
		print_text_releases(listing, out, "FHIR", fhir);
	}
}

static const char *direction_text(const struct listing *listing,
				  const struct rule *rule)
{
	if (rule->can_get && rule->can_put)
		return NULL;
	return arena_printf(listing->arena, "%s, because %s",
			    direction_of(rule), rule->because);
}

static void print_text_rule(const struct listing *listing,
			    const struct listed_rule *listed, FILE *out)
{
	const struct rule *rule = listed->rule;

	print_title(listing, listed, out);
	print_where(listing, listed, out);
	print_ports(listing, listed, out);
	print_part(out, "derived", listed->derived);
	print_part(out, "only", direction_text(listing, rule));
	print_part(out, "policy", policy_of(rule));
	print_part(out, "loss", rule->loss);
	print_part(out, "codec", rule->codec->name);
	print_part(out, "source", rule->source);
	print_text_examples(listing, rule, out);
	fputc('\n', out);
}

static void print_heading(FILE *out, const char *text)
{
	fprintf(out, "%s\n", text);
	for (int i = text_width_of(text, strlen(text)); i; i--)
		fputc('=', out);
	fprintf(out, "\n\n");
}

static void print_place(const struct listing *listing,
			const struct listed_rule *listed, FILE *out)
{
	const char *via = release_text(listing, listed->via);

	print_wrapped(out,
		      arena_printf(listing->arena, "---- %s, place '%s'%s%s",
				   listed->place->type, listed->place->name,
				   *via ? ", by " : "", via),
		      0, " ");
	fputc('\n', out);
}

static void print_by_path(const struct listing *listing, FILE *out)
{
	const struct place *place = NULL;

	fputs("get leads from DICOM to FHIR, put back; what is only read is "
	      "written by another rule.\n\n",
	      out);
	print_heading(out, "By FHIR path");
	for (size_t i = 0; i < listing->count; i++) {
		const struct listed_rule *listed = &listing->at[i];

		if (listed->place != place)
			print_place(listing, listed, out);
		place = listed->place;
		print_text_rule(listing, listed, out);
	}
}

/* ---- by tag ---- */

struct listed_entry {
	const struct listed_rule *listed;
	const struct listed_port *port;
};

static int compare_paths(struct tag_list a, struct tag_list b)
{
	size_t i = 0;
	int order = 0;

	for (; i < a.count && i < b.count && !order; i++)
		order = dcm_tag_compare(&a.at[i], &b.at[i]);
	return order ? order : (a.count > b.count) - (a.count < b.count);
}

static int compare_listed_entries(const void *left, const void *right)
{
	const struct listed_entry *a = left, *b = right;
	int order = compare_paths(a->port->path, b->port->path);

	return order ? order
		     : (a->listed > b->listed) - (a->listed < b->listed);
}

static const char *entry_path(const struct listing *listing,
			      const struct listed_entry *entry,
			      enum fhir_release r)
{
	const struct rule *rule = entry->listed->rule;
	const char *names = releases_saying(listing, entry->listed->path, r);

	if (!names)
		return NULL;
	return arena_printf(listing->arena, "%s%s%s%s", names,
			    *names ? " " : "", entry->listed->path[r],
			    !rule->can_put	      ? " (get only)"
			    : !rule->can_get	      ? " (put only)"
			    : entry->port->is_written ? ""
						      : " (read)");
}

/* The FHIR paths of an attribute, beside it or, in the lines below, under one
 * another; those of several like observations once. */
static void print_entry(const struct listing *listing,
			const struct listed_entry *entry, bool is_first,
			int used, const char **last, FILE *out)
{
	if (is_first)
		*last = "";
	for (enum fhir_release r = 0; r < RELEASES; r++) {
		const char *path = entry_path(listing, entry, r);

		if (!path || strcmp(path, *last) == 0)
			continue;
		fprintf(out, "%*s", FHIR_COLUMN > used ? FHIR_COLUMN - used : 1,
			"");
		print_wrapped(out, path, FHIR_COLUMN, ". ");
		*last = path;
		used = 0;
	}
}

static void print_entries(const struct listing *listing,
			  const struct listed_entry *entries, size_t count,
			  FILE *out)
{
	struct tag_list before = {0};
	const char *last = "";

	for (size_t i = 0; i < count; i++) {
		const struct listed_port *port = entries[i].port;
		struct tag_list path = port->path;
		const struct dcm_tag *tag = &path.at[path.count - 1];
		bool is_first =
			!before.count || compare_paths(path, before) != 0;
		int used = 0;

		if (is_first) {
			size_t depth =
				print_sequences(listing, out, 0, path, before);

			used = print_attribute(listing, out, 2 * (int)depth,
					       tag, port->vr);
		}
		print_entry(listing, &entries[i], is_first, used, &last, out);
		before = path;
	}
}

static void print_by_tag(const struct listing *listing, FILE *out)
{
	struct listed_entry *entries;
	size_t count = 0;

	for (size_t i = 0; i < listing->count; i++)
		count += listing->at[i].port_count;
	entries = arena_alloc(listing->arena, (count + 1) * sizeof *entries);
	count = 0;
	for (size_t i = 0; i < listing->count; i++)
		for (size_t k = 0; k < listing->at[i].port_count; k++)
			entries[count++] = (struct listed_entry){
				&listing->at[i], &listing->at[i].ports[k]};
	if (count)
		qsort(entries, count, sizeof *entries, compare_listed_entries);
	print_heading(out, "By DICOM tag");
	print_entries(listing, entries, count, out);
}

void list_text(const struct listing *listing, FILE *out)
{
	print_by_path(listing, out);
	print_by_tag(listing, out);
}
