/* fhir2dcm --json: headers as an array of DICOM JSON, not as files. */
#ifndef FHIR2DCM_JSON_H
#define FHIR2DCM_JSON_H

#include "fhir2dcm_files.h"

/* Open the output; an exit status. */
int json_begin(struct work *work);

/* The next header; it is freed. */
void json_put(struct work *work, char *header);

/* Close it; an exit status. */
int json_end(struct work *work);

/* Rebuild all headers; an exit status. */
int json_rebuild(struct work *work);

/* The header of a file, stamped, to be freed; what follows the pixels is not
 * in it.  NULL: *error says why. */
char *json_stamped(const struct work *work, const dfh_source *source,
		   const dfh_stamp_options *how, dfh_stamped *stamped,
		   dfh_error **error);

#endif
