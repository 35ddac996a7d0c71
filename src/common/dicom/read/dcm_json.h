/*
 * DICOM JSON (PS3.18 F) as it is read: an instance becomes a tree of what the
 * text says, whatever the order of its members, and the tree becomes the bytes
 * of the dataset that a file would hold, in Explicit VR Little Endian and
 * ISO_IR 192.  These are read as a file is; so what is true of a file is true
 * of its JSON.  Internal to the files dcm_json*.c.
 */
#ifndef DCM_JSON_H
#define DCM_JSON_H

#include "buffer.h"
#include "dcm.h"
#include "json_pull.h"

/* The fault of what would take more memory than it may. */
#define DCM_JSON_TOO_LARGE "more values than the memory that it may take"

enum { DCM_JSON_GROUPS = 3 }; /* of a name: PS3.5 6.2.1 */

/* Of arrays and objects: of a sequence an item, its attribute and the list of
 * values nest. */
enum { DCM_JSON_DEPTH_MAX = 3 * DCM_DEPTH_MAX + 3 };

/* One value of an attribute. */
struct dcm_json_value {
	enum {
		DCM_JSON_NULL,
		DCM_JSON_TEXT,
		DCM_JSON_HALF, /* text with half of a surrogate pair */
		DCM_JSON_NUMBER,
		DCM_JSON_TRUTH,
		DCM_JSON_OBJECT,
		DCM_JSON_LIST
	} kind;
	const char *text; /* of a text or a number; a NUL may be in it */
	size_t length;
	/* Of an object: an item, the groups of a name, or neither. */
	struct dcm_json_item *item;
	const char *groups[DCM_JSON_GROUPS];
	bool has_groups;
	bool has_others; /* members that are neither, or no group's text */
	struct dcm_json_value *next;
};

struct dcm_json_attribute {
	struct dcm_tag tag; /* as stored: creator NULL */
	char vr[3];	    /* "": none, or an empty one */
	bool wrong_vr;
	struct dcm_json_value *values; /* the first */
	size_t count;
	const char *inline_binary, *uri; /* or NULL */
	size_t order;			 /* in which it came */
	struct dcm_json_attribute *next;
};

struct dcm_json_item {
	struct dcm_json_attribute *attributes; /* the first */
	size_t count;
};

/* ---- dcm_json_tree.c ---- */

/* The member of an item that is being read, and which of its values. */
struct dcm_json_place {
	const char *name;
	size_t number; /* from 1; 0: none of them */
};

/* Room for a path. */
enum { DCM_JSON_PATH = 160 };

struct dcm_json_tree {
	struct json_pull *pull;
	struct arena *arena;	   /* of the tree */
	uint64_t cost, limit;	   /* of memory */
	bool is_dataset;	   /* an attribute was among the members */
	const char *fault;	   /* why the element is no dataset, or NULL */
	char where[DCM_JSON_PATH]; /* the path of the member at fault */
	/* Where it reads, or stopped; the value of a member is an object, of
	 * which another member is one level below. */
	struct dcm_json_place places[DCM_JSON_DEPTH_MAX / 2 + 1];
	size_t depth;
};

/* Read the rest of what `token` began.  false: it is not JSON, or too large:
 * see tree->pull.  What is no dataset is told by tree->fault. */
bool dcm_json_tree_read(struct dcm_json_tree *tree, enum json_token token,
			struct dcm_json_item *out);

/* Where it reads, or stopped, as in "00400275[0].00080050[0]"; "" for the
 * dataset itself.  Names are tags and keywords alone. */
void dcm_json_path(const struct dcm_json_tree *tree, char path[DCM_JSON_PATH]);

/* ---- dcm_json_value.c ---- */

/* The values as they are stored in that VR, which is no SQ.  NULL, or why they
 * are none of it. */
const char *dcm_json_values(const struct dcm_json_attribute *attribute,
			    const char vr[3], struct arena *arena,
			    struct buffer *out);

/* Is it {}, "", null or nothing? */
bool dcm_json_is_empty(const struct dcm_json_value *value);

/* ---- dcm_json_encode.c ---- */

struct dcm_json_encoder {
	struct arena *arena;
	const struct dcm_fetch *fetch; /* or NULL */
	struct dataset *told;	       /* gets what is not carried */
	const char *name;	       /* for messages */
	dfh_error **error;
};

/* Encode an instance.  -1 (DFH_DAMAGED): it has a tag twice, with two values.
 */
int dcm_json_encode(struct dcm_json_encoder *encoder,
		    const struct dcm_json_item *item,
		    const struct dcm_wants *wants, struct buffer *out);

#endif
