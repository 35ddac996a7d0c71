/*
 * DICOM files made of a template: a dataset in the form of dump2dcm, with
 * places for what varies.  Explicit VR Little Endian, nothing shared with what
 * is measured.
 *
 *   {patient} {study} {series} {instance} {frame}   its number
 *   {frames}          how many there are
 *   {LEVEL:WIDTH}     the same with zeros in front
 *   {LEVEL BELOW}     a number below BELOW, the same within that level
 *   {family} {given} {birth} {date} {time}          made up
 *   {bytes N} {pixels}   so many bytes, or as many as were asked for; alone
 *
 * The lines between "each-frame" and "end" are repeated for every frame.
 */
#ifndef TEMPLATE_H
#define TEMPLATE_H

#include <stddef.h>

enum level { PATIENT, STUDY, SERIES, INSTANCE, FRAME, LEVELS };

/* Which file it is; numbers count from 1. */
struct variant {
	unsigned long seed;
	unsigned long number[LEVELS]; /* [FRAME] is not read */
	unsigned long frames;
	size_t pixel_bytes;
};

struct buffer {
	unsigned char *bytes;
	size_t length, capacity;
};

struct template;

/* NULL: it cannot be read, or a line is wrong; said on stderr. */
struct template *template_load(const char *path);
void template_free(struct template *template);

/* Changes if the text does. */
unsigned long template_sum(const struct template *template);

/* The file, with preamble and meta header, in place of what out holds. */
void template_fill(const struct template *template,
		   const struct variant *variant, struct buffer *out);

#endif
