/*
 * Patients that are kept packed until somebody asks for them: of a hundred
 * thousand, a run has to do with a few.  Who finds a resource by the index, or
 * a subject by its keys, finds it unpacked; who goes through all entries lends
 * each.
 */
#ifndef PACKING_H
#define PACKING_H

#include "import.h"

/* An entry's resource has been read: it is made ready as import.c does it, and
 * packed, if it is a patient and plain.  What has another shape than FHIR's,
 * parts that are found by themselves, or a modifier stays as it is. */
void pack_patient(struct dfh_import *im, json_object *resource);

/* What these are entries of has been read: those of what is no Bundle are
 * unpacked, and those of a Bundle have the ids that their URLs give them. */
void pack_finish(struct dfh_import *im, json_object *root);

/* The same of a resource by itself that is ready; fits: it has the shape of
 * both releases. */
void pack_if_plain(struct dfh_import *im, json_object *resource, bool fits);

#endif
