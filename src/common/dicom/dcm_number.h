/* Numbers of binary VRs (US, UL, SS, SL, FL, FD) as decimal text, and back. */
#ifndef DCM_NUMBER_H
#define DCM_NUMBER_H

#include "dataset.h"

/* What an element says in text: its own, or its numbers joined by '\\', in the
 * arena; NULL: neither. */
const char *dcm_element_text(const struct dcm_element *element,
			     struct arena *arena);

bool dcm_number_is(const char *vr);

/* Is it one of floating point (FL, FD)? */
bool dcm_number_is_float(const char *vr);

/* Why a text is no list of numbers that the VR has room for, or NULL. */
const char *dcm_number_fault(const char *vr, const char *text);

/* The number of a floating point VR that is nearest to a decimal text, in as
 * few digits as tell it from its neighbours; in the arena.  NULL: it has none.
 */
const char *dcm_number_nearest(const char *vr, const char *text,
			       struct arena *arena);

enum { DCM_FLOAT_ROOM = 40 };

/* As few digits as tell the value from its neighbours: "0.1". */
void dcm_float_text(double value, bool is_double, char text[DCM_FLOAT_ROOM]);

/* Make an attribute hold a text: as it is, or of these VRs as numbers.  What is
 * no number that the VR has room for leaves it empty. */
void dcm_number_set(struct dcm_item *item, const struct dcm_tag *tag,
		    const char *vr, const char *text);

#endif
