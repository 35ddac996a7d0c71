#include "dcm_build.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#define CT_STORAGE "1.2.840.10008.5.1.4.1.1.2"

const struct form forms[] = {
	{"explicit little", "1.2.840.10008.1.2.1", true, true, true, false,
	 false, false, false, false},
	{"explicit little, undefined lengths", "1.2.840.10008.1.2.1", true,
	 true, true, false, false, false, true, false},
	{"explicit little, group lengths", "1.2.840.10008.1.2.1", true, true,
	 true, false, false, false, false, true},
	{"implicit little", "1.2.840.10008.1.2", true, true, false, false,
	 false, false, false, false},
	{"implicit little, undefined lengths", "1.2.840.10008.1.2", true, true,
	 false, false, false, false, true, true},
	{"explicit big", "1.2.840.10008.1.2.2", true, true, true, true, false,
	 false, false, true},
	{"deflated", "1.2.840.10008.1.2.1.99", true, true, true, false, true,
	 false, false, false},
	{"encapsulated", "1.2.840.10008.1.2.4.50", true, true, true, false,
	 false, true, true, false},
	{"no preamble", "1.2.840.10008.1.2", false, true, false, false, false,
	 false, false, false},
	{"no meta, explicit", "", false, false, true, false, false, false,
	 false, false},
	{"no meta, implicit", "", false, false, false, false, false, false,
	 true, false},
	{"explicit little, wrong group lengths", "1.2.840.10008.1.2.1", true,
	 true, true, false, false, false, false, 2},
	/* encoded in another way than the meta header says */
	{"says JPEG, is implicit", "1.2.840.10008.1.2.4.50", true, true, false,
	 false, false, false, true, false},
	{"says implicit, is explicit", "1.2.840.10008.1.2", true, true, true,
	 false, false, false, true, false},
	{"says big, is little", "1.2.840.10008.1.2.2", true, true, true, false,
	 false, false, false, true},
	{"no meta, big", "", false, false, true, true, false, false, false,
	 false},
};
const size_t form_count = sizeof(forms) / sizeof(*forms);

void bytes_add(struct bytes *to, const void *data, size_t length)
{
	if (!to->data || to->capacity - to->length < length) {
		to->capacity = 2 * to->capacity + length + 64;
		to->data = realloc(to->data, to->capacity);
		if (!to->data)
			abort();
	}
	if (length)
		memcpy(to->data + to->length, data, length);
	to->length += length;
}

void bytes_free(struct bytes *bytes)
{
	free(bytes->data);
	bytes->data = NULL;
	bytes->length = bytes->capacity = 0;
}

static void add_number(struct bytes *to, const struct form *form,
		       uint32_t value, int size)
{
	unsigned char byte;
	int i;

	for (i = 0; i < size; i++) {
		int shift = 8 * (form->big_endian ? size - 1 - i : i);

		byte = (unsigned char)(value >> shift & 0xff);
		bytes_add(to, &byte, 1);
	}
}

static void add_header(struct bytes *to, const struct form *form,
		       uint16_t group, uint16_t element, const char *vr,
		       uint32_t length)
{
	add_number(to, form, group, 2);
	add_number(to, form, element, 2);
	if (form->explicit_vr && group != 0xfffe) {
		bytes_add(to, vr, 2);
		if (!strstr("OB OW SQ UN UT UC", vr)) {
			add_number(to, form, length, 2);
			return;
		}
		add_number(to, form, 0, 2);
	}
	add_number(to, form, length, 4);
}

void add_element(struct bytes *to, const struct form *form, uint16_t group,
		 uint16_t element, const char *vr, const void *value,
		 size_t length)
{
	add_header(to, form, group, element, vr, (uint32_t)length);
	bytes_add(to, value, length);
}

void add_text(struct bytes *to, const struct form *form, uint16_t group,
	      uint16_t element, const char *vr, const char *text)
{
	size_t length = strlen(text);

	add_header(to, form, group, element, vr,
		   (uint32_t)(length + (length & 1)));
	bytes_add(to, text, length);
	if (length & 1)
		bytes_add(to, strcmp(vr, "UI") == 0 ? "" : " ", 1);
}

static void add_enclosed(struct bytes *to, const struct form *form,
			 uint16_t group, uint16_t element, uint16_t delimiter,
			 struct bytes *inner)
{
	add_header(to, form, group, element, "SQ",
		   form->undefined ? UINT32_MAX : (uint32_t)inner->length);
	bytes_add(to, inner->data, inner->length);
	if (form->undefined)
		add_header(to, form, 0xfffe, delimiter, "", 0);
	bytes_free(inner);
}

void add_sequence(struct bytes *to, const struct form *form, uint16_t group,
		  uint16_t element, struct bytes *items)
{
	add_enclosed(to, form, group, element, 0xe0dd, items);
}

void add_item(struct bytes *to, const struct form *form, struct bytes *elements)
{
	add_enclosed(to, form, 0xfffe, 0xe000, 0xe00d, elements);
}

static void deflate_all(struct bytes *to, const struct bytes *from)
{
	unsigned char out[8192];
	z_stream stream = {0};
	size_t length;

	if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -MAX_WBITS,
			 8, Z_DEFAULT_STRATEGY) != Z_OK)
		abort();
	stream.next_in = from->data;
	stream.avail_in = (uInt)from->length;
	stream.next_out = out;
	stream.avail_out = sizeof(out);
	if (deflate(&stream, Z_FINISH) != Z_STREAM_END)
		abort();
	length = stream.total_out;
	deflateEnd(&stream);
	if (length & 1)
		out[length++] = 0;
	bytes_add(to, out, length);
}

struct bytes wrap(const struct form *form, const char *sop_class,
		  const struct bytes *dataset)
{
	static const struct form meta_form = {.explicit_vr = true};
	struct bytes file = {0}, meta = {0};
	unsigned char preamble[128] = {0};

	if (form->preamble) {
		bytes_add(&file, preamble, sizeof(preamble));
		bytes_add(&file, "DICM", 4);
	}
	if (form->meta) {
		add_element(&meta, &meta_form, 2, 1, "OB", "\0\1", 2);
		add_text(&meta, &meta_form, 2, 2, "UI", sop_class);
		add_text(&meta, &meta_form, 2, 3, "UI", "1.2.3.4");
		add_text(&meta, &meta_form, 2, 0x10, "UI", form->uid);
		add_header(&file, &meta_form, 2, 0, "UL", 4);
		add_number(&file, &meta_form, (uint32_t)meta.length, 4);
		bytes_add(&file, meta.data, meta.length);
		bytes_free(&meta);
	}
	if (form->deflated)
		deflate_all(&file, dataset);
	else
		bytes_add(&file, dataset->data, dataset->length);
	return file;
}

static void end_group(struct bytes *to, const struct form *form,
		      uint16_t number, struct bytes *group)
{
	/* private groups are added by some tests: a stamp adds no lengths */
	if (form->group_lengths && group->length && !(number & 1)) {
		add_header(to, form, number, 0, "UL", 4);
		add_number(to, form,
			   (uint32_t)group->length +
				   (form->group_lengths > 1 ? 2 : 0),
			   4);
	}
	bytes_add(to, group->data, group->length);
	bytes_free(group);
}

static void add_code(struct bytes *items, const struct form *form,
		     const char *value, const char *meaning)
{
	struct bytes item = {0};
	const char *colon = strchr(meaning, ':');
	char term[32] = "";

	if (colon) {
		memcpy(term, meaning, (size_t)(colon - meaning));
		add_text(&item, form, 0x0008, 0x0005, "CS", term);
		meaning = colon + 1;
	}
	add_text(&item, form, 0x0008, 0x0100, "SH", value);
	add_text(&item, form, 0x0008, 0x0102, "SH", "99TEST");
	add_text(&item, form, 0x0008, 0x0104, "LO", meaning);
	add_item(items, form, &item);
}

static void add_group_8(struct bytes *to, const struct form *form,
			const struct content *content)
{
	struct bytes group = {0}, items = {0};

	if (content->charset)
		add_text(&group, form, 0x0008, 0x0005, "CS", content->charset);
	add_text(&group, form, 0x0008, 0x0016, "UI", CT_STORAGE);
	add_text(&group, form, 0x0008, 0x0018, "UI", "1.2.3.4");
	add_text(&group, form, 0x0008, 0x0060, "CS", "CT");
	if (content->description)
		add_text(&group, form, 0x0008, 0x1030, "LO",
			 content->description);
	if (content->meaning)
		add_code(&items, form, "A1", content->meaning);
	if (content->second)
		add_code(&items, form, "B2", content->second);
	add_sequence(&group, form, 0x0008, 0x1032, &items);
	end_group(to, form, 0x0008, &group);
}

static void add_pixels(struct bytes *to, const struct form *form)
{
	static const unsigned char pixels[8] = {1, 2, 3, 4, 5, 6, 7, 8};
	static const struct form little = {.explicit_vr = true};

	if (!form->encapsulated) {
		add_element(to, form, 0x7fe0, 0x0010, "OW", pixels, 8);
		return;
	}
	add_header(to, &little, 0x7fe0, 0x0010, "OB", UINT32_MAX);
	add_header(to, &little, 0xfffe, 0xe000, "", 0);
	add_header(to, &little, 0xfffe, 0xe000, "", 8);
	bytes_add(to, pixels, 8);
	add_header(to, &little, 0xfffe, 0xe0dd, "", 0);
}

struct bytes build(const struct form *form, const struct content *content)
{
	struct bytes dataset = {0}, group = {0}, file;

	add_group_8(&dataset, form, content);
	if (content->private) {
		add_text(&group, form, 0x0009, 0x0010, "LO", "ACME 1.0");
		add_text(&group, form, 0x0009, 0x1001, "LO", content->private);
	}
	end_group(&dataset, form, 0x0009, &group);
	if (content->patient_name)
		add_text(&group, form, 0x0010, 0x0010, "PN",
			 content->patient_name);
	if (content->patient_id)
		add_text(&group, form, 0x0010, 0x0020, "LO",
			 content->patient_id);
	add_text(&group, form, 0x0010, 0x0030, "DA", "");
	end_group(&dataset, form, 0x0010, &group);
	add_text(&group, form, 0x0020, 0x0013, "IS", " 7");
	end_group(&dataset, form, 0x0020, &group);
	add_header(&group, form, 0x0028, 0x0010, "US", 2);
	add_number(&group, form, 0x0102, 2);
	end_group(&dataset, form, 0x0028, &group);
	add_pixels(&dataset, form);
	add_element(&dataset, form, 0xfffc, 0xfffc, "OB", "\0\0\0\0", 4);
	file = wrap(form, CT_STORAGE, &dataset);
	bytes_free(&dataset);
	return file;
}

struct bytes build_nested(const struct form *form, int depth)
{
	struct bytes dataset = {0}, head = {0}, file;
	int i;

	/* with undefined lengths it need not be built from inside */
	add_text(&head, form, 0x0008, 0x0060, "CS", "CT");
	if (form->undefined) {
		for (i = 0; i < depth; i++) {
			add_header(&head, form, 0x0040, 0xa730, "SQ",
				   UINT32_MAX);
			add_header(&head, form, 0xfffe, 0xe000, "", UINT32_MAX);
		}
		for (i = 0; i < depth; i++) {
			add_header(&head, form, 0xfffe, 0xe00d, "", 0);
			add_header(&head, form, 0xfffe, 0xe0dd, "", 0);
		}
	} else {
		for (i = 0; i < depth; i++) {
			struct bytes item = {0};

			add_item(&item, form, &dataset);
			add_sequence(&dataset, form, 0x0040, 0xa730, &item);
		}
		bytes_add(&head, dataset.data, dataset.length);
		bytes_free(&dataset);
	}
	file = wrap(form, CT_STORAGE, &head);
	bytes_free(&head);
	return file;
}

/* ---- files ---- */

static char folder[64];

const char *in_folder(const char *name)
{
	static char paths[64][160];
	static int next;
	char *path = paths[next++ % 64];

	snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
	return path;
}

void make_folder(void)
{
	const char *parent = getenv("TMPDIR");

	snprintf(folder, sizeof(folder), "%.40s/test_dcm.XXXXXX",
		 parent ? parent : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(folder));
}

void remove_folder(void)
{
	ck_assert_msg(rmdir(folder) == 0, "%s is not empty", folder);
}

void save(const char *path, const struct bytes *file)
{
	FILE *out = fopen(path, "wb");

	ck_assert_ptr_nonnull(out);
	if (file->length)
		ck_assert_uint_eq(fwrite(file->data, file->length, 1, out), 1);
	fclose(out);
}

struct bytes load(const char *path)
{
	struct bytes file = {0};
	FILE *in = fopen(path, "rb");
	char buffer[4096];
	size_t got;

	ck_assert_ptr_nonnull(in);
	while ((got = fread(buffer, 1, sizeof(buffer), in)))
		bytes_add(&file, buffer, got);
	fclose(in);
	return file;
}
