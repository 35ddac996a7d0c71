#include "dcm.h"

#include <stdlib.h>
#include <string.h>

#include "buffer.h"
#include "dcm_output.h"
#include "dcm_put.h"
#include "error.h"

/* A UUID of this project's own, as PS3.5 B.2 makes it a UID. */
static const char implementation_class[] =
	"2.25.141243370980897467939402426315421063178";
static const char implementation_version[] = "DCMFHIR_1";

static const struct dcmtk_syntax explicit_little = {"1.2.840.10008.1.2.1", true,
						    false};

static bool item_is_ascii(const struct dcm_item *item)
{
	size_t i, j;

	for (i = 0; i < item->count; i++) {
		const struct dcm_element *element = &item->elements[i];

		if (element->text &&
		    !dcm_is_ascii(element->text, strlen(element->text)))
			return false;
		if (element->tag.creator &&
		    !dcm_is_ascii(element->tag.creator,
				  strlen(element->tag.creator)))
			return false;
		for (j = 0; j < element->item_count; j++)
			if (!item_is_ascii(element->items[j]))
				return false;
	}
	return true;
}

static void put_text(struct dcmtk_item *item, uint16_t group, uint16_t number,
		     const char *vr, const char *text)
{
	struct dcm_element element = {.tag = {group, number, NULL},
				      .text = text};
	struct dcm_charset ascii;
	struct dcm_tag tag;

	memcpy(element.vr, vr, 2);
	dcm_charset_init(&ascii, "");
	(void)dcm_put(item, &element, &ascii, &tag);
	dcm_charset_clear(&ascii);
}

static void put_uid_of(struct dcmtk_item *meta, uint16_t number,
		       const struct dataset *dataset, uint16_t from)
{
	const struct dcm_tag tag = {0x0008, from, NULL};
	const struct dcm_element *element = dcm_item_find(&dataset->root, &tag);

	if (element && element->text)
		put_text(meta, 0x0002, number, "UI", element->text);
}

/* What a file is of; NULL: what the dataset says. */
struct instance_of {
	const char *sop_class, *sop_instance;
};

/* PS3.10 7.1 */
static unsigned char *encode_meta(const struct dataset *dataset,
				  const struct instance_of *of, size_t *length)
{
	struct dcmtk_item *meta = dcmtk_new();
	unsigned char *bytes, group_length[4];

	dcmtk_put(meta, 0x0002, 0x0001, "OB", "\0\1", 2);
	if (of) {
		put_text(meta, 0x0002, 0x0002, "UI", of->sop_class);
		put_text(meta, 0x0002, 0x0003, "UI", of->sop_instance);
	} else {
		put_uid_of(meta, 0x0002, dataset, 0x0016);
		put_uid_of(meta, 0x0003, dataset, 0x0018);
	}
	put_text(meta, 0x0002, 0x0010, "UI", explicit_little.uid);
	put_text(meta, 0x0002, 0x0012, "UI", implementation_class);
	put_text(meta, 0x0002, 0x0013, "SH", implementation_version);
	bytes = dcmtk_encode(meta, NULL, &explicit_little, length);
	if (bytes) {
		dcm_put_u32(group_length, false, (uint32_t)*length);
		free(bytes);
		dcmtk_put(meta, 0x0002, 0x0000, "UL", group_length, 4);
		bytes = dcmtk_encode(meta, NULL, &explicit_little, length);
	}
	dcmtk_free(meta);
	return bytes;
}

/* Group 0002 is made anew, so that of another file is left out. */
static enum dcm_put_answer put_root(struct dcmtk_item *to,
				    const struct dcm_item *root,
				    struct dcm_charset *charset,
				    struct dcm_tag *tag)
{
	struct dcm_item rest = *root;

	while (rest.count && rest.elements->tag.group <= 2) {
		rest.elements++;
		rest.count--;
	}
	return dcm_put_all(to, &rest, charset, tag);
}

/* NULL: the value of *tag does not fit. */
static unsigned char *encode_in(const struct dataset *dataset, const char *term,
				size_t *length, struct dcm_tag *tag)
{
	struct dcmtk_item *all = dcmtk_new();
	struct dcm_charset charset;
	unsigned char *bytes = NULL;

	dcm_charset_init(&charset, term);
	if (*term)
		put_text(all, dcm_charset_tag.group, dcm_charset_tag.element,
			 "CS", term);
	if (put_root(all, &dataset->root, &charset, tag) == DCM_PUT_DONE)
		bytes = dcmtk_encode(all, NULL, &explicit_little, length);
	dcm_charset_clear(&charset);
	dcmtk_free(all);
	return bytes;
}

static unsigned char *encode_dataset(const struct dataset *dataset,
				     const char *path, size_t *length,
				     dfh_error **error)
{
	const char *own = dcm_item_own_term(&dataset->root);
	unsigned char *bytes = NULL;
	struct dcm_tag tag = {0};
	char name[128];

	/* What came as bytes is in that set; the rest may not fit it. */
	if (own)
		bytes = encode_in(dataset, own, length, &tag);
	if (!bytes)
		bytes = encode_in(dataset,
				  item_is_ascii(&dataset->root) ? ""
								: "ISO_IR 192",
				  length, &tag);
	if (!bytes)
		error_set(error, DFH_REFUSED,
			  "%s: the value of %s does not fit its VR", path,
			  dcm_tag_name(&tag, name));
	return bytes;
}

static unsigned char *encode_all(const struct dataset *dataset,
				 const char *name, const struct instance_of *of,
				 size_t *length, dfh_error **error)
{
	static const char preamble[132] = {
		[128] = 'D', [129] = 'I', [130] = 'C', [131] = 'M'};
	unsigned char *bytes, *meta;
	size_t meta_length, rest;
	struct buffer all = {0};

	bytes = encode_dataset(dataset, name, &rest, error);
	if (!bytes)
		return NULL;
	meta = encode_meta(dataset, of, &meta_length);
	if (meta) {
		buffer_add(&all, preamble, sizeof(preamble));
		buffer_add(&all, meta, meta_length);
		buffer_add(&all, bytes, rest);
	} else {
		error_set(error, DFH_REFUSED, "%s: cannot be encoded", name);
	}
	free(meta);
	free(bytes);
	*length = all.length;
	return all.bytes;
}

unsigned char *dcm_encode_file(const struct dataset *dataset, const char *name,
			       size_t *length, dfh_error **error)
{
	return encode_all(dataset, name, NULL, length, error);
}

unsigned char *dcm_encode_instance(const struct dataset *dataset,
				   const char *name, const char *sop_class,
				   const char *sop_instance, size_t *length,
				   dfh_error **error)
{
	const struct instance_of of = {sop_class, sop_instance};

	return encode_all(dataset, name, &of, length, error);
}

int dcm_write(const struct dataset *dataset, const struct spot *at,
	      const char *path, dfh_error **error)
{
	struct dcm_output out;
	unsigned char *bytes;
	size_t length;
	int answer = -1;

	bytes = dcm_encode_file(dataset, path, &length, error);
	if (!bytes)
		return -1;
	if (dcm_output_open(&out, path, at, NULL, error) == 0) {
		answer = dcm_output_write(&out, bytes, length, error);
		if (answer == 0) {
			new_file_take_access(&out.file);
			answer = dcm_output_flush(&out, error);
		}
		if (answer == 0)
			answer = dcm_output_place(&out, NULL, false, error);
		dcm_output_close(&out);
	}
	free(bytes);
	return answer;
}
