/* Values as they are stored, into our elements. */
#include "dcm_plain.h"
#include "vr.h"

#include <stdlib.h>
#include <string.h>

/* What is not explained keeps the name of the set that it is in: without it the
 * bytes say nothing. */
static void keep_charset(const struct dcm_charset *charset,
			 struct dcm_item *out)
{
	if (charset->term && *charset->term && !charset->is_assumed &&
	    !dcm_item_find(out, &dcm_charset_tag))
		dcm_item_set_text(out, &dcm_charset_tag, "CS", charset->term);
}

void dcm_value_take(struct dcm_charset *charset, const struct dcm_tag *tag,
		    const char *vr, const char *bytes, size_t length,
		    struct dcm_item *out)
{
	char *text;
	size_t trimmed;

	if (!vr_is_text(vr)) {
		dcm_item_set_bytes(out, tag, vr, bytes, length);
		return;
	}
	trimmed = dcm_value_trim(bytes, length);
	if (dcm_value_is_plain(charset, vr, bytes, trimmed)) {
		dcm_item_set_text_of(out, tag, vr, bytes, trimmed);
		return;
	}
	text = dcm_value_decode(charset, vr, bytes, trimmed);
	if (text) {
		dcm_item_set_text(out, tag, vr, text);
	} else {
		dcm_item_set_bytes(out, tag, vr, bytes, length);
		keep_charset(charset, out);
	}
	free(text);
}

/* How many bytes are swapped as one in big endian (PS3.5 7.3). */
static size_t swapped_width_of(const char *vr)
{
	static const char *const widths[] = {[2] = "US SS OW AT",
					     [4] = "UL SL FL OF OL",
					     [8] = "FD OD OV SV UV"};

	for (size_t width = 2; width <= 8; width *= 2)
		if (strstr(widths[width], vr))
			return width;
	return 1;
}

bool dcm_value_take_big(struct dcm_charset *charset, const struct dcm_tag *tag,
			const char *vr, const char *bytes, size_t length,
			struct dcm_item *out)
{
	size_t width = swapped_width_of(vr);
	char *swapped;

	if (width == 1) {
		dcm_value_take(charset, tag, vr, bytes, length, out);
		return true;
	}
	if (length % width)
		return false;
	swapped = xmalloc(length + 1);
	for (size_t i = 0; i < length; i++)
		swapped[i] = bytes[i - i % width + width - 1 - i % width];
	dcm_value_take(charset, tag, vr, swapped, length, out);
	free(swapped);
	return true;
}
