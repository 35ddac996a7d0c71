/*
 * The list for a browser: a row for each attribute of each rule, so that it
 * can be sorted by FHIR path and by tag alike.
 */
#include "rules_list.h"

#include <ctype.h>
#include <string.h>

#include "codec.h"
#include "rules_build.h"
#include "rules_list_page.h"

/* ---- text ---- */

static void print_character(FILE *out, char character)
{
	switch (character) {
	case '&':
		fputs("&amp;", out);
		break;
	case '<':
		fputs("&lt;", out);
		break;
	case '>':
		fputs("&gt;", out);
		break;
	case '"':
		fputs("&quot;", out);
		break;
	default:
		fputc(character, out);
	}
}

static void print_text(FILE *out, const char *text)
{
	for (; *text; text++)
		print_character(out, *text);
}

/* Paths and keywords are long words; they may break where their parts do. */
static void print_name(FILE *out, const char *text)
{
	for (size_t i = 0; text[i]; i++) {
		if (i && (text[i] == '.' || text[i] == '(' ||
			  (isupper((unsigned char)text[i]) &&
			   islower((unsigned char)text[i - 1]))))
			fputs("<wbr>", out);
		print_character(out, text[i]);
	}
}

static void print_note(FILE *out, const char *label, const char *class,
		       const char *text)
{
	if (!text || !*text)
		return;
	fprintf(out, "<span class=\"note %s\"><span class=\"label\">%s</span> ",
		class, label);
	print_text(out, text);
	fputs("</span>\n", out);
}

/* Once if both releases say the same. */
static void print_releases(const struct listing *listing, FILE *out,
			   const char *label, const char *const text[RELEASES])
{
	if (same_in_releases(text)) {
		print_note(out, label, "", text[FHIR_R4]);
		return;
	}
	for (enum fhir_release r = FHIR_R4; r <= FHIR_R5; r++)
		print_note(out,
			   arena_printf(listing->arena, "%s (%s)", label,
					release_names[r]),
			   "", text[r]);
}

/* ---- FHIR side ---- */

static void print_path(FILE *out, const char *release, const char *path)
{
	fputs("<div>", out);
	if (release)
		fprintf(out, "<span class=\"release\">%s</span>", release);
	fputs("<span class=\"path\">", out);
	print_name(out, path);
	fputs("</span></div>\n", out);
}

static void print_fhir(const struct listing *listing,
		       const struct listed_rule *listed, FILE *out)
{
	bool same = same_in_releases(listed->path);
	const char *where[RELEASES];

	fputs("<td><div class=\"once\">\n", out);
	for (enum fhir_release r = FHIR_R4; r <= FHIR_R5; r++)
		if (listed->path[r] && !(same && r == FHIR_R5))
			print_path(out, same ? NULL : release_names[r],
				   listed->path[r]);
	for (enum fhir_release r = FHIR_R4; r <= FHIR_R5; r++)
		where[r] = lines_text(listing, &listed->where[r]);
	print_releases(listing, out, "where", where);
	print_releases(listing, out, "by", listed->via);
	print_releases(listing, out, "or", listed->otherwise);
	fputs("</div></td>\n", out);
}

/* ---- DICOM side ---- */

static void print_tag(const struct listing *listing, FILE *out,
		      const struct dcm_tag *tag)
{
	fputs("<span class=\"tag\">", out);
	print_text(out, tag_text(listing, tag));
	fputs("</span> <span class=\"keyword\">", out);
	print_name(out, keyword_of(listing, tag));
	fputs("</span>", out);
}

static bool is_below(const struct listed_port *port, struct tag_list path)
{
	if (port->path.count < path.count)
		return false;
	for (size_t i = 0; i < path.count; i++)
		if (dcm_tag_compare(&port->path.at[i], &path.at[i]) != 0)
			return false;
	return true;
}

/* Is this the first port of the rule in this sequence (or of this tag)? */
static bool is_first(const struct listed_rule *listed, size_t index,
		     size_t depth)
{
	struct tag_list path = {listed->ports[index].path.at, depth};

	for (size_t i = 0; i < index; i++)
		if (is_below(&listed->ports[i], path))
			return false;
	return true;
}

static void print_read(FILE *out, const struct listed_rule *listed,
		       const struct listed_port *port)
{
	if (!port->is_written && listed->rule->can_put)
		fputs(" <span class=\"vr\">read only</span>", out);
}

/* What the rule has in a sequence: attributes and further sequences. */
static void print_within(const struct listing *listing,
			 const struct listed_rule *listed, size_t from,
			 size_t depth, FILE *out)
{
	struct tag_list within = {listed->ports[from].path.at, depth};

	fputs("\n<ul>", out);
	for (size_t i = from; i < listed->port_count; i++) {
		const struct listed_port *port = &listed->ports[i];

		if (port->path.count <= depth || !is_below(port, within) ||
		    !is_first(listed, i, depth + 1))
			continue;
		fputs("\n<li>", out);
		print_tag(listing, out, &port->path.at[depth]);
		if (port->path.count > depth + 1) {
			print_within(listing, listed, i, depth + 1, out);
		} else {
			fprintf(out, " <span class=\"vr\">%s</span>", port->vr);
			print_read(out, listed, port);
		}
		fputs("</li>", out);
	}
	fputs("</ul>\n", out);
}

static void print_dicom(const struct listing *listing,
			const struct listed_rule *listed, size_t index,
			FILE *out)
{
	const struct listed_port *port = &listed->ports[index];
	bool is_sequence = port->path.count > 1;

	fputs("<td>", out);
	print_tag(listing, out, &port->path.at[0]);
	if (is_sequence)
		print_within(listing, listed, index, 1, out);
	else
		print_read(out, listed, port);
	print_note(out, "in", "", homes_text(listing, port));
	fprintf(out, "</td>\n<td class=\"vr\">%s</td>\n",
		is_sequence ? "SQ" : port->vr);
}

/* ---- the rule ---- */

static void print_examples(const struct listing *listing,
			   const struct rule *rule, FILE *out)
{
	size_t count = rule->example_count;

	if (!count)
		return;
	fprintf(out, "<details><summary>%zu example%s</summary>\n<dl>\n", count,
		count == 1 ? "" : "s");
	for (size_t i = 0; i < count; i++) {
		const char *fhir[RELEASES];

		fputs("<dt><code>", out);
		print_text(out,
			   example_dicom(listing, rule, &rule->examples[i]));
		fputs("</code></dt>\n", out);
		for (enum fhir_release r = FHIR_R4; r <= FHIR_R5; r++)
			fhir[r] = example_fhir(listing, &rule->examples[i], r);
		for (enum fhir_release r = FHIR_R4; r <= FHIR_R5; r++) {
			if (!fhir[r] || (r && same_in_releases(fhir)))
				continue;
			fputs("<dd>", out);
			if (!same_in_releases(fhir))
				fprintf(out,
					"<span class=\"release\">%s</span>",
					release_names[r]);
			fputs("<code>", out);
			print_text(out, fhir[r]);
			fputs("</code></dd>\n", out);
		}
	}
	fputs("</dl></details>\n", out);
}

static void print_rule(const struct listing *listing,
		       const struct listed_rule *listed, FILE *out)
{
	const struct rule *rule = listed->rule;

	fputs("<td><div class=\"once\"><code>", out);
	print_text(out, rule->id);
	fprintf(out,
		"</code>\n<span class=\"note\">codec %s</span></div></td>\n",
		rule->codec->name);
	fprintf(out, "<td><div class=\"once direction\">%s</div></td>\n",
		rule->can_get && rule->can_put ? "both ways"
		: rule->can_get		       ? "to FHIR only"
					       : "to DICOM only");
	fputs("<td><div class=\"once\">\n", out);
	print_note(out, "Loss:", "loss", rule->loss);
	print_note(out, "One way:", "", rule->because);
	print_note(out, "Policy:", "", policy_of(rule));
	print_note(out, "Made of:", "", listed->derived);
	print_note(out, "Source:", "", rule->source);
	print_examples(listing, rule, out);
	fputs("</div></td>\n", out);
}

/* ---- rows ---- */

/* Sorted as texts: group and element of each tag down to the attribute. */
static void print_sort_keys(const struct listed_rule *listed, size_t order,
			    const struct listed_port *port, FILE *out)
{
	fprintf(out, " data-path=\"%05zu\" data-tag=\"", order);
	for (size_t i = 0; i < port->path.count; i++) {
		const struct dcm_tag *tag = &port->path.at[i];

		fprintf(out, "%04X%04X", tag->group, tag->element);
		print_text(out, tag->creator ? tag->creator : "");
	}
	fputs("\" data-rule=\"", out);
	print_text(out, listed->rule->id);
	fputs("\"", out);
}

static void print_rows(const struct listing *listing, size_t order, FILE *out)
{
	const struct listed_rule *listed = &listing->at[order];
	size_t rows = 0;

	for (size_t i = 0; i < listed->port_count; i++) {
		if (!is_first(listed, i, 1))
			continue;
		fputs("<tr", out);
		if (rows++) {
			fputs(" class=\"again\"", out);
		} else {
			fputs(" id=\"", out);
			print_text(out, listed->rule->id);
			fputs("\"", out);
		}
		print_sort_keys(listed, order, &listed->ports[i], out);
		fputs(">\n", out);
		print_fhir(listing, listed, out);
		print_dicom(listing, listed, i, out);
		print_rule(listing, listed, out);
		fputs("</tr>\n", out);
	}
}

static void print_header(FILE *out)
{
	static const char *const columns[][2] = {
		{"path", "FHIR path"}, {"tag", "DICOM attribute"},
		{NULL, "VR"},	       {"rule", "Rule"},
		{NULL, "Direction"},   {NULL, "Remarks"}};

	fputs("<div class=\"wide\">\n<table class=\"rules\">\n"
	      "<col class=\"fhir\"><col class=\"dicom\"><col class=\"value\">"
	      "<col class=\"rule\"><col "
	      "class=\"direction\"><col>\n<thead>\n<tr>",
	      out);
	for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
		const char *key = columns[i][0], *title = columns[i][1];

		if (key)
			fprintf(out,
				"<th scope=\"col\"%s><button type=\"button\" "
				"value=\"%s\" disabled>%s</button></th>\n",
				i ? "" : " aria-sort=\"ascending\"", key,
				title);
		else
			fprintf(out, "<th scope=\"col\"><span>%s</span></th>\n",
				title);
	}
	fputs("</tr>\n</thead>\n<tbody>\n", out);
}

void list_html(const struct listing *listing, FILE *out)
{
	list_page_begin(out);
	fputs("<header>\n<h1>Mapping between DICOM and FHIR</h1>\n"
	      "<p>Each rule ties DICOM attributes to one FHIR element, and "
	      "works both ways unless it says otherwise. R4 and R5 are named "
	      "where they differ.</p>\n</header>\n"
	      "<form hidden role=\"search\"><label "
	      "for=\"filter\">Filter</label>"
	      "\n<input id=\"filter\" type=\"search\" autocomplete=\"off\" "
	      "placeholder=\"path, tag, keyword, code \xE2\x80\xA6\">\n"
	      "<output id=\"count\" for=\"filter\"></output></form>\n",
	      out);
	print_header(out);
	for (size_t i = 0; i < listing->count; i++)
		print_rows(listing, i, out);
	fputs("</tbody>\n</table>\n</div>\n", out);
	fprintf(out,
		"<footer>Made from the rule file by dcm2fhir %s "
		"--list-rules=html.</footer>\n",
		dfh_version());
	list_page_end(out);
}
