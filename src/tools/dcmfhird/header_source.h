/* A DICOM file that is read up to its pixels, which need not be there. */
#ifndef HEADER_SOURCE_H
#define HEADER_SOURCE_H

#include "dcmfhir.h"

/* path is borrowed.  -1: errno. */
int header_open(dfh_source *source, const char *path);

/* The same of a file in a folder, which is no link. */
int header_open_at(dfh_source *source, int folder, const char *name);

void header_close(dfh_source *source);

/* Its descriptor. */
int header_descriptor(const dfh_source *source);

#endif
