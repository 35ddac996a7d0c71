/*
 * Specific Character Set (0008,0005): every defined term of PS3.3 C.12.1.1.2,
 * code extensions (ISO 2022, PS3.5 6.1.2.5) included, over iconv.
 */
#ifndef CHARSET_H
#define CHARSET_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct charset;

/* term: the value of (0008,0005) as stored, values separated by '\\'; NULL
 * or "" is the default repertoire.  NULL is returned for an unknown term. */
struct charset *charset_open(const char *term);
void charset_close(struct charset *charset);

/* Is the VR's text subject to (0008,0005)?  LO LT PN SH ST UC UT. */
bool charset_applies(const char vr[3]);

/*
 * Decode one whole element value (all its values) to UTF-8.  vr tells which
 * delimiters reset the state: '\\' not for ST LT UT, '^' and '=' for PN only.
 * The result is NUL-terminated and free()d by the caller; NULL: the bytes are
 * not valid in this set.
 */
char *charset_decode(struct charset *charset, const char vr[3],
		     const char *bytes, size_t length);

/*
 * Encode UTF-8 into this set, designating code elements by escape sequences
 * where needed.  NULL: some character is not in the set.  *length excludes
 * the final NUL.
 */
char *charset_encode(struct charset *charset, const char vr[3],
		     const char *utf8, size_t *length);

#ifdef __cplusplus
}
#endif
#endif
