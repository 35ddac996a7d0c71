/*
 * Text of DICOM.  The first line of the input is a Specific Character Set, the
 * rest a value.  What is decoded can be encoded again, and means the same; but
 * sets that a value uses and does not declare are not written.
 */
#include "charset.h"

#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "utf8.h"

static void encode_again(struct charset *charset, const char *vr,
			 const char *text, bool may_use_others)
{
	size_t length;
	char *bytes = charset_encode(charset, vr, text, &length), *again;

	if (!bytes && may_use_others)
		return;
	if (!bytes)
		fuzz_fail("%s: what was decoded cannot be encoded", vr);
	again = charset_decode(charset, vr, bytes, length);
	if (!again || strcmp(again, text) != 0)
		fuzz_fail("%s: the text is another when it is encoded", vr);
	free(again);
	free(bytes);
}

static void decode(struct charset *charset, const char *vr, const char *bytes,
		   size_t length)
{
	char *text = charset_decode(charset, vr, bytes, length);

	if (text && !utf8_is_text(text, strlen(text)))
		fuzz_fail("%s: what is decoded is not UTF-8", vr);
	if (text)
		encode_again(charset, vr, text, memchr(bytes, '\x1b', length));
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	static const char *const vrs[] = {"PN", "LO", "ST"};
	const char *text = (const char *)bytes;
	const char *line = length ? memchr(text, '\n', length) : NULL;
	struct charset *charset;
	char *term;

	if (!line)
		return 0;
	term = strndup(text, (size_t)(line - text));
	charset = charset_open(term);
	for (size_t i = 0; charset && i < sizeof(vrs) / sizeof(*vrs); i++)
		decode(charset, vrs[i], line + 1,
		       length - (size_t)(line + 1 - text));
	charset_close(charset);
	free(term);
	return 0;
}
