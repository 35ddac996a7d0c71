/* The value representations of text, PS3.5 6.2. */
#ifndef VR_H
#define VR_H

#include <stdbool.h>
#include <stddef.h>

/*
 * NULL if text (UTF-8, its values joined by '\\') is legal for the VR and
 * holds at most vm_max values (-1: any number); else the reason in English.
 */
const char *vr_fault(const char vr[3], int vm_max, const char *text);

/* Is it one of PS3.5 6.2, and one of text? */
bool vr_is_known(const char *vr);
bool vr_is_text(const char *vr);

/* Does a backslash separate values in this VR? */
bool vr_is_multiple(const char vr[3]);

/* Is it legal for CS: A-Z 0-9 blank _, at most 16, not only blanks? */
bool vr_is_code_string(const char *text);

/* NULL if text is one UID, but for zeros that lead a component: real files
 * have them, and must keep them. */
const char *vr_uid_fault(const char *text);

/* Days of a month, proleptic Gregorian (PS3.5 6.2, DA); 0: no such month. */
int vr_month_days(int year, int month);

/* Characters, not bytes. */
size_t text_length(const char *text);

#endif
