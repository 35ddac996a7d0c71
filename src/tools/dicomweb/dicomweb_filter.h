#ifndef DICOMWEB_FILTER_H
#define DICOMWEB_FILTER_H

#include "json_text.h"

/* May the result be one that the query, as it stands in a URL, asks for? */
bool dicomweb_fits(json_object *result, const char *query);

#endif
