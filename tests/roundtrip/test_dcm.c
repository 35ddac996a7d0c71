/* Reading DICOM files that dcm_build.c makes, and the data dictionary. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dcm.h"
#include "dcm_build.h"
#include "dcm_plain.h"
#include "run_suite.h"

/* ---- what is read ---- */

#define LATIN "ISO_IR 100"

static const struct content latin = {.charset = LATIN,
				     .description = "Sch\xe4"
						    "del",
				     .meaning = "K\xf6rper",
				     .private = "secret",
				     .patient_name = "M\xfcller^J\xf6rg",
				     .patient_id = "42"};

static struct dcm_want code_wants[] = {{.tag = {0x0008, 0x0104, NULL}}};
static struct dcm_want all_wants[] = {
	{.tag = {0x0002, 0x0010, NULL}},
	{.tag = {0x0008, 0x0005, NULL}},
	{.tag = {0x0008, 0x0060, NULL}},
	{.tag = {0x0008, 0x1030, NULL}},
	{.tag = {0x0008, 0x1032, NULL},
	 .in_items = code_wants,
	 .in_items_count = 1},
	{.tag = {0x0009, 0x0001, "ACME 1.0"}},
	{.tag = {0x0010, 0x0010, NULL}},
	{.tag = {0x0010, 0x0020, NULL}},
	{.tag = {0x0010, 0x0030, NULL}},
	{.tag = {0x0010, 0x0040, NULL}},
	{.tag = {0x0020, 0x0013, NULL}},
	{.tag = {0x0028, 0x0010, NULL}},
	{.tag = {0xfffc, 0xfffc, NULL}},
};
static const struct dcm_wants wants = {
	all_wants, sizeof(all_wants) / sizeof(*all_wants), NULL};

static struct dataset *read_bytes(const struct bytes *file, dfh_error **error)
{
	/* a copy of the very size shows reads beyond it to sanitizers */
	unsigned char *copy = malloc(file->length ? file->length : 1);
	struct dcm_source source = {
		.name = "memory", .bytes = copy, .length = file->length};
	struct dataset *dataset;

	ck_assert_ptr_nonnull(copy);
	if (file->length)
		memcpy(copy, file->data, file->length);
	dataset = dcm_read(&source, &wants, error);
	free(copy);
	return dataset;
}

static struct dcm_element *at(const struct dcm_item *item, uint16_t group,
			      uint16_t element)
{
	const struct dcm_tag tag = {group, element, NULL};

	return dcm_item_find(item, &tag);
}

static const char *text_at(const struct dcm_item *item, uint16_t group,
			   uint16_t element)
{
	const struct dcm_element *found = at(item, group, element);

	return found && found->text ? found->text : "";
}

static void check_private(const struct form *form, const struct dcm_item *root)
{
	const struct dcm_tag tag = {0x0009, 0x0001, "ACME 1.0"};
	const struct dcm_element *element = dcm_item_find(root, &tag);

	ck_assert_ptr_nonnull(element);
	if (form->explicit_vr) {
		ck_assert_str_eq(element->text, "secret");
	} else {
		ck_assert_str_eq(element->vr, "UN");
		ck_assert_uint_eq(element->length, 6);
	}
}

START_TEST(reads)
{
	const struct form *form = &forms[_i];
	struct bytes file = build(form, &latin);
	dfh_error *error = NULL;
	struct dataset *dataset = read_bytes(&file, &error);
	const struct dcm_item *root;

	ck_assert_msg(dataset != NULL, "%s: %s", form->name,
		      dfh_error_text(error));
	root = &dataset->root;
	ck_assert_str_eq(text_at(root, 2, 0x10), form->meta ? form->uid : "");
	ck_assert_str_eq(text_at(root, 8, 5), LATIN);
	ck_assert_str_eq(text_at(root, 8, 0x60), "CT");
	ck_assert_str_eq(text_at(root, 8, 0x1030), "Schädel");
	ck_assert_uint_eq(at(root, 8, 0x1032)->item_count, 1);
	ck_assert_uint_eq(at(root, 8, 0x1032)->items[0]->count, 1);
	ck_assert_str_eq(text_at(at(root, 8, 0x1032)->items[0], 8, 0x104),
			 "Körper");
	check_private(form, root);
	ck_assert_str_eq(text_at(root, 0x10, 0x10), "Müller^Jörg");
	ck_assert_str_eq(at(root, 0x10, 0x10)->vr, "PN");
	ck_assert(dcm_element_is_empty(at(root, 0x10, 0x30)));
	ck_assert_ptr_null(at(root, 0x10, 0x40));
	ck_assert_str_eq(text_at(root, 0x20, 0x13), " 7");
	ck_assert_uint_eq(at(root, 0x28, 0x10)->length, 2);
	ck_assert_mem_eq(at(root, 0x28, 0x10)->bytes, "\x02\x01", 2);
	ck_assert_uint_eq(at(root, 0xfffc, 0xfffc)->length, 4);
	dataset_free(dataset);
	bytes_free(&file);
}
END_TEST

/* What is not unusual is read without DCMTK in every encoding, and as DCMTK
 * reads it. */
START_TEST(without_dcmtk)
{
	const struct dcm_wants of_dataset = {wants.list + 1, wants.count - 1,
					     NULL};
	struct bytes bytes = build(&forms[_i], &latin);
	const struct dcm_source source = {.name = "memory",
					  .bytes = bytes.data,
					  .length = bytes.length,
					  .by_dcmtk = true};
	struct dataset *slow = dcm_read(&source, &of_dataset, NULL);
	struct dataset *fast = dataset_new();
	struct dcm_file file;
	char *term;

	ck_assert_ptr_nonnull(slow);
	ck_assert_int_eq(dcm_file_open(&file, &source, NULL), 0);
	ck_assert_int_eq(dcm_file_scan(&file, NULL), 0);
	ck_assert(dcm_plain_may(&file));
	ck_assert(dcm_plain_take(&file, &of_dataset, false, fast, &term));
	ck_assert(dcm_item_equal(&fast->root, &slow->root));
	free(term);
	dcm_file_close(&file);
	dataset_free(fast);
	dataset_free(slow);
	bytes_free(&bytes);
}
END_TEST

/* A file that is cut off is refused, or gives nothing else than the whole. */
START_TEST(truncated)
{
	struct bytes file = build(&forms[_i], &latin);
	struct dataset *whole = read_bytes(&file, NULL), *part;
	size_t length = file.length, i, refused = 0;

	ck_assert_ptr_nonnull(whole);
	for (file.length = 0; file.length < length; file.length++) {
		dfh_error *error = NULL;

		part = read_bytes(&file, &error);
		if (!part) {
			ck_assert_int_eq(dfh_error_code(error), DFH_REFUSED);
			refused++;
		}
		for (i = 0; part && i < part->root.count; i++) {
			struct dcm_element *element = &part->root.elements[i];

			ck_assert(dcm_element_equal(
				element,
				dcm_item_find(&whole->root, &element->tag)));
		}
		dataset_free(part);
		dfh_error_free(error);
	}
	/* only ends between elements are not noticed */
	ck_assert_uint_gt(refused + 25, length);
	dataset_free(whole);
	bytes_free(&file);
}
END_TEST

static void check_refused(const struct bytes *file, const char *why)
{
	dfh_error *error = NULL;
	struct dataset *dataset = read_bytes(file, &error);

	ck_assert_ptr_null(dataset);
	ck_assert_int_eq(dfh_error_code(error), DFH_REFUSED);
	ck_assert_msg(strstr(dfh_error_text(error), why) != NULL, "%s: %s", why,
		      dfh_error_text(error));
	dfh_error_free(error);
}

/* How much of a dataset is there, what is told, and of which byte of it. */
static const struct {
	size_t length;
	const char *what;
	size_t offset;
	const char *why;
} cuts[] = {
	{2, "the header of an element", 0, "is not whole"},
	{6, "the header of StudyDescription", 0, "is not whole"},
	{10, "StudyDescription", 0, "reaches beyond its end"},
	{22, "the header of ProcedureCodeSequence", 14, "is not whole"},
	{26, "no delimiter ends ProcedureCodeSequence", 14, ""},
	{28, "the header of an element", 26, "is not whole"},
	{34, "no delimiter ends Item", 26, ""},
	{43, "CodeValue", 34, "reaches beyond its end"},
	{44, "no delimiter ends Item", 26, ""},
	{52, "no delimiter ends ProcedureCodeSequence", 14, ""},
};

START_TEST(where_truncated)
{
	const struct form *form = &forms[1];
	struct bytes dataset = {0}, items = {0}, item = {0}, file;
	char why[160];

	add_text(&dataset, form, 0x0008, 0x1030, "LO", "Skull");
	add_text(&item, form, 0x0008, 0x0100, "SH", "A1");
	add_item(&items, form, &item);
	add_sequence(&dataset, form, 0x0008, 0x1032, &items);
	ck_assert(form->undefined && form->explicit_vr);
	ck_assert_uint_eq(dataset.length, 60);
	file = wrap(form, "1.2.840.10008.5.1.4.1.1.2", &dataset);
	file.length -= dataset.length;
	snprintf(why, sizeof(why), "should: %s at byte %zu%s%s", cuts[_i].what,
		 file.length + cuts[_i].offset, *cuts[_i].why ? " " : "",
		 cuts[_i].why);
	file.length += cuts[_i].length;
	check_refused(&file, why);
	bytes_free(&dataset);
	bytes_free(&file);
}
END_TEST

/* The same of the meta header, and of a dataset that may be anything. */
static const struct {
	size_t length;
	const char *why;
} meta_cuts[] = {
	{132, "no dataset follows its meta header at byte 132"},
	{133, "the header of an element at byte 132 is not whole"},
	{134, "the header of an element at byte 132 is not whole"},
	{136, "the header of FileMetaInformationGroupLength at byte 132 is "
	      "not whole"},
	{139, "the header of FileMetaInformationGroupLength at byte 132 is "
	      "not whole"},
	{140, "FileMetaInformationGroupLength at byte 132 reaches beyond"},
	{144, "no dataset follows its meta header at byte 144"},
	{145, "the header of an element at byte 144 is not whole"},
	{150, "the header of FileMetaInformationVersion at byte 144 is not "
	      "whole"},
	{157, "FileMetaInformationVersion at byte 144 reaches beyond"},
	{170, "MediaStorageSOPClassUID at byte 158 reaches beyond"},
};

START_TEST(where_meta_truncated)
{
	const struct bytes none = {0};
	struct bytes file = wrap(&forms[1], "1.2.840.10008.5.1.4.1.1.2", &none);
	char why[160];

	ck_assert(forms[1].preamble && forms[1].meta);
	ck_assert_uint_gt(file.length, meta_cuts[_i].length);
	file.length = meta_cuts[_i].length;
	snprintf(why, sizeof(why), "ends before it should: %s",
		 meta_cuts[_i].why);
	check_refused(&file, why);
	bytes_free(&file);
}
END_TEST

/* Too short to tell how it is encoded. */
START_TEST(truncated_in_first_element)
{
	const struct form form = {.preamble = true, .explicit_vr = true};
	struct bytes dataset = {0}, file;

	add_text(&dataset, &form, 0x0008, 0x0060, "CS", "CT");
	dataset.length = (size_t)_i;
	file = wrap(&form, "", &dataset);
	check_refused(&file, "ends before it should: the header of an element "
			     "at byte 132 is not whole");
	bytes_free(&dataset);
	bytes_free(&file);
}
END_TEST

START_TEST(nesting)
{
	const struct form *form = &forms[_i];
	struct bytes file = build_nested(form, DCM_DEPTH_MAX);
	struct dcm_source source = {
		.name = "memory", .bytes = file.data, .length = file.length};
	struct dataset *dataset = read_bytes(&file, NULL);
	struct dcm_scan scan;

	ck_assert_ptr_nonnull(dataset);
	dataset_free(dataset);
	ck_assert_int_eq(dcm_scan(&source, &scan, NULL), 0);
	ck_assert_int_eq(scan.depth, DCM_DEPTH_MAX);
	ck_assert(scan.understood && !scan.truncated);
	dcm_scan_free(&scan);
	bytes_free(&file);
	file = build_nested(form, DCM_DEPTH_MAX + 1);
	check_refused(&file, "more than 64 deep");
	bytes_free(&file);
	if (form->deflated || !form->undefined)
		return;
	file = build_nested(form, 100000);
	check_refused(&file, "more than 64 deep");
	bytes_free(&file);
}
END_TEST

/* DCMTK ends a sequence at its delimiter, whatever its length says, and would
 * read on in what the walk takes for a value. */
START_TEST(hidden_nesting)
{
	const struct form bare = {.explicit_vr = _i, .undefined = true};
	const struct form *form = &forms[_i ? 0 : 3];
	struct bytes nested = build_nested(&bare, 100000);
	struct bytes value = {0}, dataset = {0}, file;

	ck_assert_int_eq(form->explicit_vr, _i);
	bytes_add(&value, "\xfe\xff\xdd\xe0\0\0\0\0", 8);
	bytes_add(&value, nested.data, nested.length);
	add_text(&dataset, form, 0x0008, 0x0060, "CS", "CT");
	add_element(&dataset, form, 0x0008, 0x1032, "SQ", value.data,
		    value.length);
	file = wrap(form, "1.2.3", &dataset);
	check_refused(&file, "is damaged");
	bytes_free(&nested);
	bytes_free(&value);
	bytes_free(&dataset);
	bytes_free(&file);
}
END_TEST

static const struct {
	const char *bytes;
	size_t length;
} not_dicom[] = {
	{"", 0},
	{"{\"resourceType\": \"Bundle\", \"type\": \"transaction\"}", 50},
	{"\xff\xd8\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0", 20},
	{"\x7f"
	 "ELF\2\1\1\0\0\0\0\0\0\0\0\0\3\0\x3e\0\1\0\0\0",
	 24},
	{"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\1\0\0\0\1\0", 24},
	{"PK\3\4\x14\0\0\0\x08\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 24},
	{"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 24},
	{"\x08\0\0\0\x08\0\0\0\x10\0\0\0\x08\0\0\0\1\0\0\0\2\0\0\0", 24},
	{"Some text that a person wrote.\n", 31},
};

START_TEST(not_dicom_at_all)
{
	struct bytes file = {0};
	const char *path = in_folder("file");

	bytes_add(&file, not_dicom[_i].bytes, not_dicom[_i].length);
	check_refused(&file, "is not DICOM");
	save(path, &file);
	ck_assert_int_eq(dcm_sniff(path, NULL), 0);
	ck_assert_int_eq(dfh_looks_like_dicom(path, NULL), 0);
	unlink(path);
	bytes_free(&file);
}
END_TEST

START_TEST(sniffs)
{
	struct bytes file = build(&forms[_i], &latin);
	const char *path = in_folder("file");

	save(path, &file);
	ck_assert_int_eq(dcm_sniff(path, NULL), 1);
	ck_assert_int_eq(dfh_looks_like_dicom(path, NULL), 1);
	unlink(path);
	bytes_free(&file);
}
END_TEST

/* An item's own character set holds for it alone. */
START_TEST(character_sets)
{
	const struct form *form = &forms[_i];
	struct bytes dataset = {0}, items = {0}, item = {0}, file;
	struct dcm_wants assumed = wants;
	struct dcm_source source = {.name = "memory"};
	struct dataset *read;
	const struct dcm_item *root;

	add_text(&dataset, form, 0x0008, 0x0060, "CS", "C\xc4");
	add_text(&dataset, form, 0x0008, 0x1030, "LO", "\xc4 1");
	add_text(&item, form, 0x0008, 0x0005, "CS", "ISO_IR 192");
	add_text(&item, form, 0x0008, 0x0104, "LO", "Ä2");
	add_item(&items, form, &item);
	add_text(&item, form, 0x0008, 0x0104, "LO",
		 "\xc4"
		 "3");
	add_item(&items, form, &item);
	add_sequence(&dataset, form, 0x0008, 0x1032, &items);
	file = wrap(form, "1.2.3", &dataset);
	source.bytes = file.data;
	source.length = file.length;

	read = dcm_read(&source, &wants, NULL);
	root = &read->root;
	ck_assert_uint_eq(at(root, 8, 0x60)->length, 2);
	ck_assert_ptr_null(at(root, 8, 0x1030)->text);
	ck_assert_mem_eq(at(root, 8, 0x1030)->bytes, "\xc4 1 ", 4);
	ck_assert_str_eq(text_at(at(root, 8, 0x1032)->items[0], 8, 0x104),
			 "Ä2");
	ck_assert_uint_eq(at(at(root, 8, 0x1032)->items[1], 8, 0x104)->length,
			  2);
	dataset_free(read);

	assumed.assumed_charset = LATIN;
	read = dcm_read(&source, &assumed, NULL);
	root = &read->root;
	ck_assert_str_eq(text_at(root, 8, 0x1030), "Ä 1");
	ck_assert_str_eq(text_at(at(root, 8, 0x1032)->items[0], 8, 0x104),
			 "Ä2");
	ck_assert_str_eq(text_at(at(root, 8, 0x1032)->items[1], 8, 0x104),
			 "Ä3");
	dataset_free(read);
	bytes_free(&dataset);
	bytes_free(&file);
}
END_TEST

/* UN: text of a known attribute, and a sequence, which is in implicit VR. */
START_TEST(unknown_vr)
{
	static const struct form implicit = {.undefined = false};
	const struct form *form = &forms[0];
	struct bytes dataset = {0}, items = {0}, item = {0}, file;
	dfh_error *error = NULL;
	struct dataset *read;

	add_text(&item, &implicit, 0x0008, 0x0104, "LO", "within");
	add_item(&items, &implicit, &item);
	if (_i)
		bytes_add(&items, "\xfe\xff\xdd\xe0\0\0\0\0", 8);
	add_text(&dataset, form, 0x0008, 0x1030, "UN", "text");
	add_element(&dataset, form, 0x0008, 0x1032, "UN", items.data,
		    items.length);
	if (_i) /* the same of undefined length */
		memset(dataset.data + dataset.length - items.length - 4, 0xff,
		       4);
	file = wrap(form, "1.2.3", &dataset);
	read = read_bytes(&file, &error);
	ck_assert_msg(read != NULL, "%s", dfh_error_text(error));
	ck_assert_str_eq(text_at(&read->root, 8, 0x1030), "text");
	ck_assert_str_eq(at(&read->root, 8, 0x1030)->vr, "LO");
	ck_assert_uint_eq(at(&read->root, 8, 0x1032)->item_count, 1);
	ck_assert_str_eq(
		text_at(at(&read->root, 8, 0x1032)->items[0], 8, 0x104),
		"within");
	dataset_free(read);
	bytes_free(&items);
	bytes_free(&dataset);
	bytes_free(&file);
}
END_TEST

/* ---- the dictionary ---- */

static const struct {
	const char *name, *vr;
	uint16_t group, element;
	const char *creator, *printed;
} names[] = {
	{"PatientName", "PN", 0x10, 0x10, NULL, "PatientName"},
	{"(0010,0010)", "PN", 0x10, 0x10, NULL, "PatientName"},
	{"(0008,103e)", "LO", 0x08, 0x103e, NULL, "SeriesDescription"},
	{"EthnicGroup", "SH", 0x10, 0x2160, NULL, "EthnicGroup"},
	{"ReferringPhysicianAddress", "ST", 0x08, 0x92, NULL,
	 "ReferringPhysicianAddress"},
	/* retired, and so with a prefix in DCMTK's dictionary */
	{"OtherPatientIDs", "LO", 0x10, 0x1000, NULL, "OtherPatientIDs"},
	{"(0011,0A,\"ACME 1.0\")", "UN", 0x11, 0x0a, "ACME 1.0",
	 "(0011,0A,\"ACME 1.0\")"},
	{"(0011,0A,\"ACME 1.0\",LO)", "LO", 0x11, 0x0a, "ACME 1.0",
	 "(0011,0A,\"ACME 1.0\")"},
	{"(0011,0a,\"A\"B\",SQ)", "SQ", 0x11, 0x0a, "A\"B",
	 "(0011,0A,\"A\"B\")"},
	{"(0011,0A,\"A\",LO\")", "UN", 0x11, 0x0a, "A\",LO",
	 "(0011,0A,\"A\",LO\")"},
	{"RETIRED_OtherPatientIDs", NULL, 0, 0, NULL, NULL},
	{"Patientname", NULL, 0, 0, NULL, NULL},
	{"(0010,0010", NULL, 0, 0, NULL, NULL},
	{"(0010,10,\"ACME\")", NULL, 0, 0, NULL, NULL},
	{"(0011,10,\"\")", NULL, 0, 0, NULL, NULL},
	{"(0011,10,\"\",LO)", NULL, 0, 0, NULL, NULL},
	{"(0011,10,\"ACME\",XX)", NULL, 0, 0, NULL, NULL},
	{"(0011,10,\"ACME\",UN)", NULL, 0, 0, NULL, NULL},
	{"(0011,10,\"ACME\",lo)", NULL, 0, 0, NULL, NULL},
	{"(0011,10,\"ACME\",LOO)", NULL, 0, 0, NULL, NULL},
	{"(0011,10,\"ACME\",LO", NULL, 0, 0, NULL, NULL},
	{"(0010,0010,LO)", NULL, 0, 0, NULL, NULL},
	{"(0011,1001)", NULL, 0, 0, NULL, NULL},
	{"", NULL, 0, 0, NULL, NULL},
};

START_TEST(dictionary)
{
	struct arena *arena = arena_new();
	struct dcm_entry entry;
	bool found = dcm_entry_find(names[_i].name, arena, &entry);
	char printed[128];

	ck_assert_int_eq(found, names[_i].vr != NULL);
	if (found) {
		const struct dcm_tag tag = {names[_i].group, names[_i].element,
					    names[_i].creator};

		ck_assert_int_eq(dcm_tag_compare(&entry.tag, &tag), 0);
		ck_assert_str_eq(entry.vr, names[_i].vr);
		ck_assert_str_eq(dcm_tag_name(&tag, printed),
				 names[_i].printed);
	}
	arena_free(arena);
}
END_TEST

/* A creator may be longer than there is room: 64 characters of three bytes. */
START_TEST(long_name)
{
	char creator[193] = "", name[128];
	const struct dcm_tag tag = {0x0011, 0x0a, creator};
	size_t before = strlen("(0011,0A,\"") + (size_t)_i;

	memset(creator, 'A', (size_t)_i);
	while (strlen(creator) < 180)
		strcat(creator, "ア");
	dcm_tag_name(&tag, name);
	ck_assert_uint_gt(strlen(name), 120);
	ck_assert_uint_eq((strlen(name) - before) % 3, 0);
}
END_TEST

START_TEST(nearest)
{
	char keyword[64];

	dcm_keyword_nearest("PatientsName", keyword);
	ck_assert_str_eq(keyword, "PatientName");
	dcm_keyword_nearest("acquisitiondatetime", keyword);
	ck_assert_str_eq(keyword, "AcquisitionDateTime");
	dcm_keyword_nearest("Nonsense", keyword);
	ck_assert_str_eq(keyword, "");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("dcm");
	TCase *reading = tcase_create("reading"), *dict = tcase_create("names");
	int all = (int)form_count;

	tcase_set_timeout(reading, 60);
	tcase_add_checked_fixture(reading, make_folder, remove_folder);
	tcase_add_loop_test(reading, reads, 0, all);
	tcase_add_loop_test(reading, without_dcmtk, 0, all);
	tcase_add_loop_test(reading, truncated, 0, all);
	tcase_add_loop_test(reading, where_truncated, 0,
			    sizeof(cuts) / sizeof(*cuts));
	tcase_add_loop_test(reading, where_meta_truncated, 0,
			    sizeof(meta_cuts) / sizeof(*meta_cuts));
	tcase_add_loop_test(reading, truncated_in_first_element, 1, 8);
	tcase_add_loop_test(reading, nesting, 0, all);
	tcase_add_loop_test(reading, hidden_nesting, 0, 2);
	tcase_add_loop_test(reading, sniffs, 0, all);
	tcase_add_loop_test(reading, character_sets, 0, all);
	tcase_add_loop_test(reading, unknown_vr, 0, 2);
	tcase_add_loop_test(reading, not_dicom_at_all, 0,
			    sizeof(not_dicom) / sizeof(*not_dicom));
	tcase_add_loop_test(dict, dictionary, 0,
			    sizeof(names) / sizeof(*names));
	tcase_add_loop_test(dict, long_name, 0, 3);
	tcase_add_test(dict, nearest);
	suite_add_tcase(suite, reading);
	suite_add_tcase(suite, dict);
	return run_suite(suite) ? EXIT_FAILURE : EXIT_SUCCESS;
}
