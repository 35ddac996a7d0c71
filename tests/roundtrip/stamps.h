/* Changes of datasets, and the files before and after them. */
#ifndef STAMPS_H
#define STAMPS_H

#include "dcm.h"
#include "dcm_build.h"

#define LATIN "ISO_IR 100"
#define UTF8 "ISO_IR 192"
#define JAPANESE "\\ISO 2022 IR 87"

struct stamp {
	void (*edit)(struct dcm_item *root);
	struct content before, after;
};

/* The first changes nothing. */
extern const struct stamp stamps[];
extern const size_t stamp_count;

/* Read what these files have; the test fails if that cannot be done. */
struct dataset *stamp_read_assuming(const char *path, const char *charset);
struct dataset *stamp_read(const char *path);

/* Edits that tests besides the table use. */
void stamp_set(struct dcm_item *item, uint16_t group, uint16_t element,
	       const char *vr, const char *text);
void nothing(struct dcm_item *root);
void edit_name(struct dcm_item *root);
void edit_latin_name(struct dcm_item *root);
void edit_japanese_name(struct dcm_item *root);
void edit_id(struct dcm_item *root);
void meaning(struct dcm_item *root);
void private_value(struct dcm_item *root);

#endif
