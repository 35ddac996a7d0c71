/* Several versions of one resource, as a history or two searches have them. */
#ifndef FHIR_VERSION_H
#define FHIR_VERSION_H

#include "fhir_path.h"

/*
 * Of Bundles and resources: the addresses of the resources of which there is a
 * newer version (meta.lastUpdated, else meta.versionId, else the order of a
 * history, whose newest is the first).  Two of which none is the newer are both
 * kept.  To be freed.
 */
struct lh_table *outdated_versions(const struct json_list *roots);

#endif
