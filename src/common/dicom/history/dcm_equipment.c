/* Contributing Equipment Sequence (0018,A001), PS3.3 C.12.1.1.5: the stamping
 * tool is equipment that modified the instance. */
#include "dcm_original.h"

#include <stdlib.h>

#include "error.h"

static const struct dcm_tag contributing_equipment = {0x0018, 0xa001, NULL};
static const struct dcm_tag manufacturer = {0x0008, 0x0070, NULL};
static const struct dcm_tag code_value = {0x0008, 0x0100, NULL};
static const struct dcm_tag coding_scheme = {0x0008, 0x0102, NULL};
static const struct dcm_tag code_meaning = {0x0008, 0x0104, NULL};
static const struct dcm_tag model_name = {0x0008, 0x1090, NULL};
static const struct dcm_tag software_versions = {0x0018, 0x1020, NULL};
static const struct dcm_tag contribution_time = {0x0018, 0xa002, NULL};
static const struct dcm_tag purpose = {0x0040, 0xa170, NULL};

static void add_equipment_item(struct buffer *to, struct dcm_encoding encoding,
			       const struct dcm_record *record)
{
	struct buffer item = {0}, code = {0}, codes = {0};

	dcm_bytes_text(&code, encoding, &code_value, "SH", "109103");
	dcm_bytes_text(&code, encoding, &coding_scheme, "SH", "DCM");
	dcm_bytes_text(&code, encoding, &code_meaning, "LO",
		       "Modifying Equipment");
	dcm_bytes_item(&codes, encoding, &code, false);
	dcm_bytes_text(&item, encoding, &manufacturer, "LO", "dcmfhir");
	dcm_bytes_text(&item, encoding, &model_name, "LO", record->system);
	dcm_bytes_text(&item, encoding, &software_versions, "LO",
		       dfh_version());
	dcm_bytes_text(&item, encoding, &contribution_time, "DT", record->time);
	dcm_bytes_sequence(&item, encoding, &purpose, &codes, false);
	dcm_bytes_item(to, encoding, &item, false);
	buffer_free(&item);
	buffer_free(&code);
	buffer_free(&codes);
}

int dcm_equipment_add(struct dcm_splice *splice,
		      const struct dcm_record *record)
{
	struct dcm_encoding encoding = dcm_splice_encoding(splice);
	struct buffer items = {0}, sequence = {0};
	struct dcm_part old = {0};
	bool fault = false;
	size_t length = 0;
	unsigned char *bytes = dcm_splice_old(splice, &contributing_equipment,
					      &length, &fault);
	const unsigned char *at = bytes;

	if (fault)
		return -1;
	if (bytes && !dcm_part_next(&at, &length, encoding, &old)) {
		free(bytes);
		return error_because(
			splice->error, DFH_DAMAGED,
			"%s: ContributingEquipmentSequence does not "
			"add up",
			splice->file.name);
	}
	buffer_add(&items, old.value, old.value_length);
	add_equipment_item(&items, encoding, record);
	dcm_bytes_sequence(&sequence, encoding, &contributing_equipment, &items,
			   old.undefined);
	dcm_splice_set(splice, &contributing_equipment, sequence.bytes,
		       sequence.length);
	buffer_free(&items);
	free(bytes);
	return 0;
}
