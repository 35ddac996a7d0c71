/*
 * A path of attributes through a dataset, as a rule writes it: which sequences
 * it goes through, which of their items it means, and what it ends at.
 */
#ifndef DCM_PATH_H
#define DCM_PATH_H

#include "dataset.h"

struct items;

/* "SpecimenDescriptionSequence.SpecimenIdentifier": tags from the top of the
 * dataset or, in an `each`, from the item; all but the last are sequences. */
struct dcm_path {
	const char *text;
	struct dcm_tag *tags;
	size_t depth; /* 0: "." , the item itself */
	char vr[3];   /* of the last */
	int vm_max;   /* of the last; -1: unlimited */
	/* "PixelSpacing[2]": that value of several, from 1; 0: all of it. */
	size_t value;
	/* For each of tags which items are meant, where not all, or the first,
	 * are; NULL: nowhere. */
	const struct items **items;
	size_t up; /* "../": it starts so many items further out */
	bool from_root;
};

/* What an item says at a path in it. */
struct item_value {
	struct dcm_path path;
	const char *text;
};

/* Which items of a sequence a path means, by a name of the rules: those that
 * say `where`; a new one says `also`, too. */
struct items {
	const char *name;
	struct dcm_tag tag;	 /* of the sequence */
	struct item_value *says; /* `where`, and then `also` */
	size_t where_count, count;
};

#endif
