/*
 * The mapping as people read it: every rule with its FHIR paths and its
 * attributes, made from a loaded rule set alone.  The forms in which it is
 * printed (rules_list_*.c) add nothing of their own.
 */
#ifndef RULES_LIST_H
#define RULES_LIST_H

#include <stdio.h>

#include "rules.h"

struct arena;

struct tag_list {
	const struct dcm_tag *at;
	size_t count;
};

/* One attribute of a rule. */
struct listed_port {
	const char *port; /* its name in the codec */
	const char *vr;
	bool is_written; /* by put */
	/* From an item of a home, or from the top, down to the attribute. */
	struct tag_list path;
	struct tag_list *homes; /* sequences; an empty one is the top level */
	size_t home_count;
};

/* Lines of text, such as "identifier.system = urn:dicom:uid". */
struct line_list {
	const char **at;
	size_t count;
};

struct listed_rule {
	const struct rule *rule;
	const struct place *place;
	const char *path[RELEASES]; /* "Patient.name"; NULL: not there */
	const char *otherwise[RELEASES];
	const char *via[RELEASES];	  /* "ImagingStudy.basedOn" or NULL */
	struct line_list where[RELEASES]; /* how it is recognised */
	const char *derived; /* "number of ImagingStudy.series" or NULL */
	struct listed_port *ports;
	size_t port_count;
};

struct listing {
	struct arena *arena;
	const dfh_rules *rules;
	struct listed_rule *at; /* by FHIR path */
	size_t count;
	const char *page; /* of list_page(); NULL: it is no HTML */
};

/* The releases that say what this one says: "R4, R5", or "" if that is all of
 * them.  NULL: it says nothing, or the same as one before it. */
const char *releases_saying(const struct listing *listing,
			    const char *const text[RELEASES],
			    enum fhir_release release);

/* "both", "get" or "put". */
const char *direction_of(const struct rule *rule);

/* "supplement"; NULL: that of the run. */
const char *policy_of(const struct rule *rule);

/* "(0008,0050)" or (0019,10,"CREATOR"). */
const char *tag_text(const struct listing *listing, const struct dcm_tag *tag);
/* "" where there is none, as for private attributes. */
const char *keyword_of(const struct listing *listing,
		       const struct dcm_tag *tag);
/* "ASequence (0008,0051).BSequence (0008,0052)"; "" for none. */
const char *sequences_text(const struct listing *listing,
			   struct tag_list sequences);
/* "ASequence (0040,0275), BSequence (0040,A370) or top level"; "" where it is
 * the top level alone. */
const char *homes_text(const struct listing *listing,
		       const struct listed_port *port);

/* The sides of an example; a DICOM side of the first port alone is its text.
 * NULL: no FHIR side in this release. */
const char *example_dicom(const struct listing *listing,
			  const struct rule *rule,
			  const struct example *example);
const char *example_fhir(const struct listing *listing,
			 const struct example *example,
			 enum fhir_release release);

/* [{"dicom": {PORT: TEXT}, "R4": ..., "R5": ...}] */
json_object *examples_json(const struct rule *rule);

/* What differs between releases, as "R4 ...; R5 ..."; "" for nothing. */
const char *release_text(const struct listing *listing,
			 const char *const text[RELEASES]);
const char *lines_text(const struct listing *listing,
		       const struct line_list *list);
const char *where_text(const struct listing *listing,
		       const struct listed_rule *listed);

/* The page that the list in HTML is put into, to be freed. */
char *list_page(dfh_error **error);

/* To be freed. */
char *list_json_text(const struct listing *listing);

void list_text(const struct listing *listing, FILE *out);
void list_tsv(const struct listing *listing, FILE *out);
void list_json(const struct listing *listing, FILE *out);
void list_html(const struct listing *listing, FILE *out);

#endif
