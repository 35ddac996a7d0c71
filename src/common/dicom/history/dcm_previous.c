/* Previous values as text for people. */
#include "dcm_original.h"

#include <stdlib.h>
#include <string.h>

#include "dcm_original_tags.h"
#include "error.h"
#include "vr.h"

/* Of the dataset as it is. */
static char *term_now(struct dcm_splice *splice)
{
	bool fault = false;
	size_t length = 0;
	unsigned char *bytes =
		dcm_splice_old(splice, &character_set, &length, &fault);
	const unsigned char *at = bytes;
	struct dcm_part part;
	char *term = NULL;

	if (at &&
	    dcm_part_next(&at, &length, dcm_splice_encoding(splice), &part))
		term = dcm_value_trimmed(part.value, part.value_length);
	free(bytes);
	return term;
}

/* What a change kept is in the set of the item, of the dataset before the
 * change, or of the dataset as it is. */
void dcm_original_charset(struct dcm_splice *splice,
			  const struct dcm_original *original,
			  struct dcm_charset *out)
{
	struct dcm_encoding encoding = dcm_splice_encoding(splice);
	struct dcm_part part;
	char *term;

	if (dcm_part_find(&original->item, encoding, &character_set, &part) ||
	    (original->has_modified &&
	     dcm_part_find(&original->modified, encoding, &character_set,
			   &part)))
		term = dcm_value_trimmed(part.value, part.value_length);
	else
		term = term_now(splice);
	dcm_charset_init(out, term);
	free(term);
}

char *dcm_previous_text(const struct dcm_previous *previous,
			struct dcm_encoding encoding,
			struct dcm_charset *charset)
{
	const unsigned char *at = previous->bytes;
	size_t length = previous->length;
	const char *vr, *value;
	struct dcm_entry entry;
	struct dcm_part part;

	if (!at || !dcm_part_next(&at, &length, encoding, &part))
		return NULL;
	vr = part.vr;
	if (!*vr && dcm_entry_of(&previous->tag, &entry))
		vr = entry.vr;
	if (!part.value_length)
		return xstrdup("");
	if (strlen(vr) != 2 || !vr_is_text(vr))
		return NULL;
	value = (const char *)part.value;
	return dcm_value_decode(charset, vr, value,
				dcm_value_trim(value, part.value_length));
}
