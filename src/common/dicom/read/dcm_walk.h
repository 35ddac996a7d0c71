/* The walk over the lengths of a dataset, and element headers (PS3.5 7.1). */
#ifndef DCM_WALK_H
#define DCM_WALK_H

#include "dcm_file.h"
#include "vr.h"

#define DCM_UNDEFINED UINT64_MAX

struct dcm_header {
	struct dcm_tag tag;
	char vr[3];	   /* "" in implicit VR and for item tags */
	uint64_t length;   /* of the value, or DCM_UNDEFINED */
	unsigned int size; /* of the header itself */
};

enum dcm_header_answer {
	DCM_HEADER_GOOD,
	DCM_HEADER_CUT, /* it does not fit in the bytes */
	DCM_HEADER_ODD	/* its VR is none */
};

/* length: at most 12 bytes matter.  Compiled where it is called, for each
 * element comes by, and with what is constant there. */
static inline __attribute__((always_inline)) enum dcm_header_answer
dcm_header_read(const unsigned char *bytes, size_t length, bool explicit_vr,
		bool big_endian, struct dcm_header *header)
{
	uint32_t value_length;
	unsigned int kind;

	*header = (struct dcm_header){.size = 8};
	if (length < 4)
		return DCM_HEADER_CUT;
	header->tag.group = dcm_u16(bytes, big_endian);
	header->tag.element = dcm_u16(bytes + 2, big_endian);
	if (length < 8)
		return DCM_HEADER_CUT;
	if (!explicit_vr || header->tag.group == 0xfffe) {
		value_length = dcm_u32(bytes + 4, big_endian);
	} else {
		header->vr[0] = (char)bytes[4];
		header->vr[1] = (char)bytes[5];
		kind = vr_kind(header->vr);
		if (!kind)
			return DCM_HEADER_ODD;
		if (kind & VR_LONG) {
			header->size = 12;
			if (length < 12)
				return DCM_HEADER_CUT;
			value_length = dcm_u32(bytes + 8, big_endian);
		} else {
			value_length = dcm_u16(bytes + 6, big_endian);
		}
	}
	header->length =
		value_length == UINT32_MAX ? DCM_UNDEFINED : value_length;
	return DCM_HEADER_GOOD;
}

/* What is cut if the file ends in the element at the offset, of which rest
 * bytes are there; answer is that of dcm_header_read. */
void dcm_cut_note(struct dcm_cut *cut, uint64_t offset, uint64_t rest,
		  const struct dcm_header *header,
		  enum dcm_header_answer answer);

/*
 * Walk the dataset of a file whose transfer syntax is known; fills what is
 * left of file->scan.  A failed read leaves file->fault.
 */
int dcm_file_walk(struct dcm_file *file, dfh_error **error);

#endif
