/*
 * `worklist` of a rule file: what belongs to an order, and which of it goes
 * into a worklist entry.  Part of the rule set, and read-only like it.
 */
#ifndef RULES_WORKLIST_H
#define RULES_WORKLIST_H

#include "rules.h"

/* One step of a way: to the members of this name, or, where the name is NULL,
 * from a reference to the resource of this type. */
struct way_step {
	const char *name, *to;
};

struct way_path {
	const struct way_step *steps;
	size_t count;
};

/* From the resources of a role to values. */
struct way {
	size_t role;
	struct way_path path;
	json_object *is, *not_;	    /* patterns of what is there; or NULL */
	const struct way_path *day; /* first of it that is there: the day that
				       it is of must be that of the entry */
	size_t day_count;
	const struct way_path *take; /* of each the first that is there */
	size_t take_count;
};

struct ways {
	const struct way *at;
	size_t count;
};

/* Resources that belong to an order. */
struct role {
	const char *name, *type;
	struct ways from;
	const char **to; /* elements by which they refer to those of `of` */
	size_t to_count;
	const size_t *of; /* roles */
	size_t of_count;
	/* Only where there are not several of this role; that of the role
	 * itself: always. */
	size_t unless_several;
	json_object *is, *not_, *over; /* patterns, or NULL */
};

/* What goes into the attributes of a rule. */
struct worklist_element {
	const struct rule *rule;
	struct ways from, otherwise; /* the first value; the first that fits */
	struct ways several;	  /* the same, of an order with several steps */
	const struct rule *as;	  /* else the value of this one; or NULL */
	struct ways text, coding; /* of a concept */
	struct ways modality_of, station_of; /* of the site's lists */
	const struct table *among;	     /* codes that may be; or NULL */
	const char **except;
	size_t except_count;
	size_t cut; /* to so many characters; 0: not */
	/* stays: an entry that is there keeps its value. */
	bool needed, all, is_time, stays;
};

/* Roles that the order itself is judged by; each is in the file. */
enum worklist_role {
	ROLE_ORDER,
	ROLE_REPLACEMENT,
	ROLE_PARENT,
	ROLE_SIBLING,
	ROLE_STEP,
	ROLE_APPOINTMENT,
	ROLE_STUDY,
	ROLE_PARENT_STUDY,
	ROLE_PATIENT,
	ROLES_FIXED
};

/* A row of `stations`: either part may be NULL. */
struct station {
	const char *aet, *modality;
	const char *system, *value; /* of a Device or a Location */
};

/* `modalities`: a procedure code and its modality. */
struct procedure_modality {
	const char *modality, *system, *value;
};

struct worklist_rules {
	const char *sop_class;
	const char *search; /* of orders at a server; NULL: none */
	json_object *due, *not_due, *over, *imaging, *others;
	struct role *roles;
	size_t role_count;
	size_t fixed[ROLES_FIXED]; /* indexes of roles */
	struct worklist_element *elements;
	size_t element_count;
	struct known_by *known_by; /* by the numbers of elements */
	size_t known_by_count;
	struct ways study_uid_of;
	struct dcm_path *type1, *type2;
	size_t type1_count, type2_count;
};

#endif
