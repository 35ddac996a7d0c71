/*
 * The middle of the way from DICOM to FHIR: instances in, resources out.
 *
 * Every instance goes through every rule; the values meet in nodes, one for
 * each resource (or element of one) that the instances have in common.  The
 * first value of the sorted instances stays; what an instance says otherwise
 * travels beside (beside.h).
 */
#ifndef ASSEMBLE_H
#define ASSEMBLE_H

#include "accounts.h"
#include "counts.h"
#include "lens.h"
#include "store.h"

/* A reference to another node, to be written when it is known which resources
 * are contained. */
struct link {
	const struct fhir_path *via;
	struct node *to;
};

/* A resource, or a backbone element of one. */
struct node {
	const struct place *place;
	char *identity;		 /* unique in the assembly */
	json_object *object;	 /* owned if it is a resource */
	struct json_known known; /* what is in the arrays of the object */
	struct node *root;	 /* the resource that it is in; itself */
	struct node *next_part;	 /* in the same resource */
	struct node *last_part;	 /* of the root */
	struct node *owner;  /* what would contain it: the study; NULL: none */
	struct node *leader; /* the resource without a key that leads to it,
				and contains it; or NULL */
	struct node *at[LEVELS]; /* what its `refs` lead to */
	struct node **refs; /* ... where that has no key, for each of them; or
			       NULL */
	const struct assembly *home; /* the one that owns it */
	struct link *links;
	size_t link_count;
	size_t members; /* instances that are in it (carry.c) */
	/* Of an instance like the one before: what is its own comes back as it
	 * was, so that nothing of that travels beside. */
	bool comes_back;
	/* For each rule what is said here, of which the object is made when all
	 * is known; NULL for instances, which are alone. */
	struct account *accounts;
	char *within; /* who gave out its number; owned; NULL: not known */
	size_t named; /* identifiers that it is found by */
	char id[64];
	bool contained;
	json_object *copied_to; /* the last `contained` that it is in */
	bool disputed; /* two patients claim its key: a condition names the
			  patient too */
	size_t first;  /* the instance of the store that it was met at first;
			  in a survey, or NOT_MET */
};

#define NOT_MET SIZE_MAX

/* Do two patients claim the study?  The first in order keeps its id. */
enum study_dispute { UNDISPUTED, DISPUTED_FIRST, DISPUTED_AGAIN };

/* What an assembly is of: a study; or what the studies of one patient, or of
 * all, have in common, and that has an entry of its own. */
enum survey { SURVEY_NONE, SURVEY_PATIENT, SURVEY_ALL };

struct met_nodes {
	struct node **at;
	size_t count;
};

/* Of the study at hand: what its items say that the top level may say alone
 * (only_item.h). */
struct only_item {
	json_object *said; /* by items; an array, or NULL */
	struct json_known known;
	struct met_nodes nodes; /* met at the top level */
	struct counts met;
	json_object *values; /* what each of them says; an array, or NULL */
};

struct assembly {
	const dfh_rules *rules;
	enum fhir_release release;
	const struct zone *zone;
	dfh_report *report;
	bool plain;	     /* nothing travels beside */
	struct node **nodes; /* in the order in which they were met */
	size_t node_count;
	struct lh_table *by_identity;
	struct counts met;    /* of nodes: those of outer assemblies */
	struct counts linked; /* of nodes, vias and nodes */
	/* Whose nodes are also found here: what other studies share with this
	 * one.  NULL: none.  It stays longer than this one, and is not changed
	 * by it: others may see it at the same time. */
	struct assembly *outer;
	enum survey survey;
	size_t surveyed; /* the instance of the store that is surveyed */
	enum study_dispute dispute;
	/* Of the instance before this one: its nodes, what was noted of it but
	 * for its own, and how many before it said the same but for theirs. */
	const struct own *own;
	struct node *last[LEVELS];
	/* Of the instance at hand: what it has of each place without a key, in
	 * the order in which it was met. */
	struct met_nodes *here;
	struct only_item only_item;
	struct met_nodes left_out; /* its own, that others stand for */
	struct issue **said;
	size_t said_count, same_count;
	struct met_nodes instances; /* of each that was added; NULL: it has no
				       UID */
};

struct assembly *assembly_new(const dfh_rules *rules, enum fhir_release release,
			      const struct zone *zone, dfh_report *report,
			      bool plain);

/* Does what FHIR has no room for travel beside? */
bool assembly_carries(const struct assembly *assembly);
void assembly_free(struct assembly *assembly);

/* Add one instance.  They come in the order of their keys.  is_same: it differs
 * from the one before in nothing but its own. */
void assembly_add(struct assembly *assembly, const struct instance *instance,
		  bool is_same);

/* Add of one instance only what several studies may share.  Nothing is noted:
 * that is done when the instance is added to its study. */
void assembly_survey(struct assembly *assembly, const struct instance *instance,
		     enum survey kind);

/* All were surveyed: complete the resources.  Is there anything that is
 * shared? */
bool assembly_survey_end(struct assembly *assembly, dfh_report *report);

/* A Bundle without entries, and the one of an assembly (transaction.c): what
 * the instances gave, with derived elements, references and what travels
 * beside.  The entry of what is in the Bundle already, through another study,
 * has no request.  New references. */
json_object *bundle_new(void);
json_object *assembly_bundle(struct assembly *assembly,
			     const struct instances *instances);

/* Put what differs beside the study, the series or the instance, as high as
 * all below agree (differ.c). */
void assembly_carry_beside(const struct assembly *assembly, json_object *bundle,
			   const struct instances *instances);

/* The objects of the nodes that are its own, made of their accounts. */
void assembly_write_accounts(const struct assembly *assembly);

/* The derived elements and the ids of the nodes that are its own; for a
 * survey, the whole resources. */
void assembly_complete(struct assembly *assembly);
void assembly_complete_resources(struct assembly *assembly);

/* Can the server tell whether it has this one?  Only by its identifier, and
 * that of the patient where it means nothing without. */
bool node_may_be_entry(const struct node *node);

/* ---- alike.c ---- */

/* Add one instance that says the same as the one before, but for its own. */
void assembly_add_alike(struct assembly *assembly, const struct lens *lens,
			const struct instance *instance);

/* ---- nodes.c ---- */

/* Of a list that grows by itself. */
void met_nodes_add(struct met_nodes *list, struct node *node);

/* The object is taken over; root NULL: it is a resource. */
struct node *node_add(struct assembly *assembly, const struct place *place,
		      const char *identity, json_object *object,
		      struct node *root);

/* It may be of an outer assembly; then it is in this one, too. */
void node_meet(struct assembly *assembly, struct node *node);

/* The node of a keyed place; NULL if the instance has no such level. */
struct node *node_keyed(struct assembly *assembly, const struct place *place,
			const struct instance *instance,
			struct node *const at[LEVELS]);

struct node *assembly_find(const struct assembly *assembly,
			   const char *identity);

/* The identity of the node of a keyed place that an instance belongs to; free
 * it.  NULL: the instance has no key at that level. */
char *instance_identity(const struct place *place,
			const struct instance *instance);

/* Add the request to a node's entry; what a condition finds has no id, and the
 * key that it may be found by (request.c). */
void request_add(const struct node *node, json_object *entry);

/* ---- identity.c ---- */

/* An identifier that something is known by; the rule is NULL if it is just the
 * first. */
struct known_identifier {
	const struct rule *rule;
	const char *system, *issuer, *value; /* value: not NULL */
	bool is_local; /* the system means another thing elsewhere */
};

enum { KNOWN_MAX = 8 };

/* What a node is known by; 0: nothing. */
size_t known_of_node(const struct node *node,
		     struct known_identifier out[KNOWN_MAX]);

/* The same as a text, to be freed; NULL: nothing. */
char *known_text(const struct node *node);

/* Is it known by an identifier, so that a server can be asked for it? */
bool is_known(const struct lens *lens, const struct place *place,
	      json_object *object, const struct account *accounts,
	      const char *within);

/* The identity of what has no key: what it is known by, or its identifiers; or,
 * in one study, all that is known of it.  free() it. */
char *content_identity(const struct lens *lens, const struct place *place,
		       const struct instance *instance, json_object *object,
		       const struct account *accounts, const char *within);

/* The node that has an identifier in common with an object and nothing
 * against it; not of what is known by certain ones alone. */
struct node *find_same(const struct assembly *assembly, const struct lens *lens,
		       const struct place *place,
		       const struct instance *instance, json_object *object,
		       const struct account *accounts, const char *within);

/* Let the node be found by each of its identifiers. */
void name_node(struct assembly *assembly, struct node *node,
	       const struct instance *instance);

#endif
