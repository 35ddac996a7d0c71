/* The value representations of text, PS3.5 6.2. */
#ifndef VR_H
#define VR_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/*
 * NULL if text (UTF-8, its values joined by '\\') is legal for the VR and
 * holds at most vm_max values (-1: any number); else the reason in English.
 */
const char *vr_fault(const char vr[3], int vm_max, const char *text);

/* Of two capital letters: what kind of VR they are (PS3.5 6.2 and 7.1.2). */
enum vr_kind {
	VR_STANDARD = 1,
	VR_LONG = 2, /* explicit encoding has its length in 32 bits */
	VR_TEXT = 4, /* character strings, as against bytes and sequences */
	VR_ITEMS = 8 /* a sequence, or what may be one: UN (PS3.5 6.2.2) */
};
extern const unsigned char vr_kinds[26 * 26];

static inline unsigned int vr_kind(const char vr[2])
{
	unsigned int first = (unsigned char)vr[0] - 'A';
	unsigned int second = (unsigned char)vr[1] - 'A';

	return first < 26 && second < 26 ? vr_kinds[first * 26 + second] : 0;
}

/* Do the bytes begin with a VR of the standard? */
static inline bool vr_is_standard(const char vr[2])
{
	return vr_kind(vr) & VR_STANDARD;
}

/* Is the whole text one? */
static inline bool vr_is_known(const char *vr)
{
	return strlen(vr) == 2 && vr_is_standard(vr);
}

static inline bool vr_is_text(const char vr[2])
{
	return vr_kind(vr) & VR_TEXT;
}

/* Does a backslash separate values in this VR? */
bool vr_is_multiple(const char vr[3]);

/* Is it legal for CS: A-Z 0-9 blank _, at most 16, not only blanks? */
bool vr_is_code_string(const char *text);

/* NULL if text is one UID, but for zeros that lead a component: real files
 * have them, and must keep them. */
const char *vr_uid_fault(const char *text);

#endif
