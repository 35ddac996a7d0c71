/* Element values between bytes in a character set and UTF-8 text. */
#ifndef DCM_TEXT_H
#define DCM_TEXT_H

#include "charset.h"
#include "dataset.h"

/* A Specific Character Set in force; opened only when a value needs it. */
struct dcm_charset {
	char *term;
	struct charset *open;
	bool tried, is_jis;
	/* The dataset does not name it: it explains what is there, but new text
	 * must be ASCII, which everybody reads. */
	bool is_assumed;
};

/* Specific Character Set. */
extern const struct dcm_tag dcm_charset_tag;

void dcm_charset_init(struct dcm_charset *charset, const char *term);
void dcm_charset_clear(struct dcm_charset *charset);

bool dcm_is_ascii(const char *bytes, size_t length);

/* The length without the padding at the end (PS3.5 6.2). */
size_t dcm_value_trim(const char *bytes, size_t length);

/* That much of it as text, to be freed. */
char *dcm_value_trimmed(const void *bytes, size_t length);

/* Is a trimmed value its own text, of ASCII in a set where that is so? */
bool dcm_value_is_plain(const struct dcm_charset *charset, const char vr[3],
			const char *bytes, size_t length);

/* A trimmed value as UTF-8, to be freed; NULL: it is not valid. */
char *dcm_value_decode(struct dcm_charset *charset, const char vr[3],
		       const char *bytes, size_t length);

/* Text or bytes of an element as they are stored, padded to an even length,
 * to be freed; NULL: the text does not fit the character set or the VR. */
unsigned char *dcm_value_encode(struct dcm_charset *charset,
				const struct dcm_element *element,
				size_t *length);

#endif
