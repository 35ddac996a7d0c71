/* DICOM files made of bytes, by hand, so that the code under test does not
 * make its own input. */
#ifndef DCM_BUILD_H
#define DCM_BUILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bytes {
	unsigned char *data;
	size_t length, capacity;
};

struct form {
	const char *name, *uid;
	bool preamble, meta;
	bool explicit_vr, big_endian, deflated, encapsulated;
	bool undefined;	   /* lengths of sequences and items */
	int group_lengths; /* the retired ones: 1 right, 2 wrong by as much */
};

/* What varies in a file; values are as stored, NULL is an absent element. */
struct content {
	const char *charset;
	const char *description; /* StudyDescription */
	const char *meaning;	 /* CodeMeaning in ProcedureCodeSequence */
	const char *second;	 /* of a second item there; "TERM:..." is
				    in a character set of its own */
	const char *private;
	const char *patient_name;
	const char *patient_id;
};

extern const struct form forms[];
extern const size_t form_count;

void bytes_add(struct bytes *to, const void *data, size_t length);
void bytes_free(struct bytes *bytes);

void add_element(struct bytes *to, const struct form *form, uint16_t group,
		 uint16_t element, const char *vr, const void *value,
		 size_t length);
void add_text(struct bytes *to, const struct form *form, uint16_t group,
	      uint16_t element, const char *vr, const char *text);

/* A sequence of one item; the content is used up. */
void add_sequence(struct bytes *to, const struct form *form, uint16_t group,
		  uint16_t element, struct bytes *items);
void add_item(struct bytes *to, const struct form *form,
	      struct bytes *elements);

/* Preamble and meta header as the form has them, then the dataset. */
struct bytes wrap(const struct form *form, const char *sop_class,
		  const struct bytes *dataset);

struct bytes build(const struct form *form, const struct content *content);

/* As many sequences in each other. */
struct bytes build_nested(const struct form *form, int depth);

/* A new folder for the files of a test; removing it fails if the test left
 * anything in it. */
void make_folder(void);
void remove_folder(void);
const char *in_folder(const char *name);

void save(const char *path, const struct bytes *file);
struct bytes load(const char *path);

#endif
