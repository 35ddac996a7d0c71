#include "dcm_text.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "vr.h"

enum { ESCAPE = 0x1b };

void dcm_charset_init(struct dcm_charset *charset, const char *term)
{
	charset->term = xstrdup(term ? term : "");
	charset->open = NULL;
	charset->tried = false;
	charset->is_jis = strstr(charset->term, "13");
	charset->is_assumed = false;
}

void dcm_charset_clear(struct dcm_charset *charset)
{
	charset_close(charset->open);
	free(charset->term);
	charset->open = NULL;
	charset->term = NULL;
}

static struct charset *opened_charset(struct dcm_charset *charset)
{
	if (!charset->tried)
		charset->open = charset_open(charset->term);
	charset->tried = true;
	return charset->open;
}

const struct dcm_tag dcm_charset_tag = {0x0008, 0x0005, NULL};

static const uint64_t each_byte = 0x0101010101010101;

static bool has_zero_byte(uint64_t word)
{
	return (word - each_byte) & ~word & 0x80 * each_byte;
}

/* Is all of it ASCII, but for NUL and one more?  By eight bytes, for every
 * value comes by. */
static bool is_ascii_without(const char *bytes, size_t length,
			     unsigned char other)
{
	uint64_t word;

	for (; length >= sizeof(word); length -= sizeof(word)) {
		memcpy(&word, bytes, sizeof(word));
		if (word & 0x80 * each_byte || has_zero_byte(word) ||
		    has_zero_byte(word ^ other * each_byte))
			return false;
		bytes += sizeof(word);
	}
	for (; length; length--, bytes++) {
		unsigned char byte = (unsigned char)*bytes;

		if (!byte || byte > 0x7f || byte == other)
			return false;
	}
	return true;
}

bool dcm_is_ascii(const char *bytes, size_t length)
{
	return is_ascii_without(bytes, length, '\0');
}

/* In most sets a value of ASCII alone means itself.  Not so where it may hold
 * escape sequences, nor in JIS X 0201 (ISO_IR 13), which has other characters
 * in the places of the backslash and the tilde. */
static bool is_plain_ascii(const struct dcm_charset *charset, const char *bytes,
			   size_t length)
{
	return !charset->is_jis && is_ascii_without(bytes, length, ESCAPE);
}

size_t dcm_value_trim(const char *bytes, size_t length)
{
	while (length &&
	       (bytes[length - 1] == ' ' || bytes[length - 1] == '\0'))
		length--;
	return length;
}

char *dcm_value_trimmed(const void *bytes, size_t length)
{
	size_t kept = length ? dcm_value_trim(bytes, length) : 0;
	char *text = xmalloc(kept + 1);

	if (kept)
		memcpy(text, bytes, kept);
	text[kept] = '\0';
	return text;
}

static char *copied_bytes(const char *bytes, size_t length)
{
	char *copy = xmalloc(length + 1);

	memcpy(copy, bytes, length);
	copy[length] = '\0';
	return copy;
}

bool dcm_value_is_plain(const struct dcm_charset *charset, const char vr[3],
			const char *bytes, size_t length)
{
	return charset_applies(vr) ? is_plain_ascii(charset, bytes, length)
				   : dcm_is_ascii(bytes, length);
}

char *dcm_value_decode(struct dcm_charset *charset, const char vr[3],
		       const char *bytes, size_t length)
{
	if (dcm_value_is_plain(charset, vr, bytes, length))
		return copied_bytes(bytes, length);
	if (!charset_applies(vr) || memchr(bytes, '\0', length) ||
	    !opened_charset(charset))
		return NULL;
	return charset_decode(charset->open, vr, bytes, length);
}

/* Bytes that are the same text to those who assume nothing. */
static bool reads_without(const char *bytes, const char *text)
{
	return strcmp(bytes, text) == 0 && dcm_is_ascii(text, strlen(text)) &&
	       !strchr(text, ESCAPE);
}

static char *encode_text(struct dcm_charset *charset, const char vr[3],
			 const char *text, size_t *length)
{
	char *bytes;

	*length = strlen(text);
	if (!vr_is_text(vr))
		return NULL;
	if (!charset_applies(vr))
		return dcm_is_ascii(text, *length) ? copied_bytes(text, *length)
						   : NULL;
	if (is_plain_ascii(charset, text, *length))
		return copied_bytes(text, *length);
	if (!opened_charset(charset))
		return NULL;
	bytes = charset_encode(charset->open, vr, text, length);
	if (!bytes || !charset->is_assumed || reads_without(bytes, text))
		return bytes;
	free(bytes);
	return NULL;
}

unsigned char *dcm_value_encode(struct dcm_charset *charset,
				const struct dcm_element *element,
				size_t *length)
{
	char *bytes;

	*length = element->length;
	if (element->text)
		bytes = encode_text(charset, element->vr, element->text,
				    length);
	else
		bytes = copied_bytes(element->length ? element->bytes : "",
				     element->length);
	if (bytes && (*length & 1)) {
		/* UI and binary values are padded by NUL, text by a space */
		bytes = xrealloc(bytes, *length + 1);
		bytes[(*length)++] =
			element->text && memcmp(element->vr, "UI", 2) != 0
				? ' '
				: '\0';
	}
	return (unsigned char *)bytes;
}
