/* The File Meta Information (PS3.10 7.1). */
#include "dcm_meta.h"

#include <string.h>

#include "dcm_walk.h"
#include "vr.h"

enum { AHEAD = 1024 };

void dcm_uid_copy(char to[65], const unsigned char *bytes, size_t length)
{
	if (length > 64)
		length = 64;
	while (length &&
	       (bytes[length - 1] == '\0' || bytes[length - 1] == ' '))
		length--;
	memcpy(to, bytes, length);
	to[length] = '\0';
}

static void note_meta(struct dcm_meta *meta, const struct dcm_header *header,
		      const unsigned char *value)
{
	if (header->tag.element == 0x0010)
		dcm_uid_copy(meta->transfer_syntax, value,
			     (size_t)header->length);
	else if (header->tag.element == 0x0002)
		dcm_uid_copy(meta->sop_class, value, (size_t)header->length);
}

/* The file ends in the element at the offset: 0. */
static int cut_meta(struct dcm_file *file, uint64_t offset,
		    const struct dcm_header *header,
		    enum dcm_header_answer answer)
{
	dcm_cut_note(&file->cut, offset, file->size - offset, header, answer);
	file->scan.truncated = true;
	return 0;
}

/* The value of an element that is there, at the position. */
static bool take_meta_value(struct dcm_file *file, struct dcm_meta *meta,
			    const struct dcm_header *header, uint64_t position)
{
	const unsigned char *at;

	if (header->length > AHEAD)
		return true;
	at = dcm_file_at(file, position, (size_t)header->length, AHEAD);
	if (at)
		note_meta(meta, header, at);
	return at != NULL;
}

int dcm_meta_walk(struct dcm_file *file, struct dcm_meta *meta)
{
	uint64_t position = meta->offset;
	enum dcm_header_answer answer;
	struct dcm_header header;
	const unsigned char *at;

	for (;;) {
		uint64_t rest = file->size - position;
		size_t seen = rest < 12 ? (size_t)rest : 12;

		meta->end = position;
		at = dcm_file_at(file, position, seen, AHEAD);
		if (!at || !rest)
			return 0;
		if (seen >= 2 && dcm_u16(at, false) != 2)
			return 1;
		if (position == meta->offset && seen >= 6)
			meta->explicit_vr =
				vr_is_standard((const char *)at + 4);
		answer = dcm_header_read(at, seen, meta->explicit_vr, false,
					 &header);
		if (answer == DCM_HEADER_ODD ||
		    (answer == DCM_HEADER_GOOD &&
		     header.length == DCM_UNDEFINED))
			return -1;
		if (answer == DCM_HEADER_CUT ||
		    header.length > rest - header.size)
			return cut_meta(file, position, &header, answer);
		position += header.size;
		if (!take_meta_value(file, meta, &header, position))
			return 0;
		position += header.length;
	}
}
