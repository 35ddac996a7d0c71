/*
 * Coding schemes (PS3.3 C.12.1.1.7, PS3.16 8): which system of FHIR a designator
 * stands for in one dataset, and which designator a system has there.
 */
#ifndef SCHEME_H
#define SCHEME_H

#include "codec.h"

struct schemes;

/* From the Coding Scheme Identification Sequence of the dataset's root. */
struct schemes *schemes_of(const dfh_rules *rules, const struct dcm_item *root,
			   struct arena *arena);
/* The same ones, to which more can be added; what is in them is borrowed. */
struct schemes *schemes_copy(const struct schemes *from, struct arena *arena);

/* How far they are known: the same word as long as nothing is added. */
const void *schemes_last(const struct schemes *schemes);
/* FHIR system of a designator: by table, by the dataset's identification, or
 * made with the `unknown` prefix.  In the arena. */
const char *scheme_system(const struct codec_call *call,
			  const char *designator);
/* Designator (16 characters at most) of a system.  One that is new to the
 * dataset is remembered for schemes_write.  NULL for NULL. */
const char *scheme_designator(const struct codec_call *call,
			      const char *system);
/* Add the identification items of new designators to the dataset. */
void schemes_write(const struct schemes *schemes, struct dcm_item *root);

#endif
