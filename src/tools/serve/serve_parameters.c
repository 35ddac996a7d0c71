#include "serve_parameters.h"

#include <string.h>

#define PATIENT "ImagingStudy.subject", "Patient.identifier"
#define ORDER                                                                  \
	"ImagingStudy.basedOn.identifier", "ImagingStudy.basedOn",             \
		"ServiceRequest.identifier"

/* FHIR R4 and R5, ImagingStudy, Search Parameters; R5 calls basedon based-on.
 */
const struct serve_search_parameter serve_parameters[SERVE_PARAMETERS + 1] = {
	{"_id", "token", "ImagingStudy.id", NULL, NULL},
	{"_lastUpdated", "date", "ImagingStudy.meta.lastUpdated", NULL, NULL},
	{"identifier", "token", "ImagingStudy.identifier", NULL, NULL},
	{"started", "date", "ImagingStudy.started", NULL, NULL},
	{"modality", "token", "ImagingStudy.series.modality", NULL, NULL},
	{"series", "token", "ImagingStudy.series.uid", NULL, NULL},
	{"instance", "token", "ImagingStudy.series.instance.uid", NULL, NULL},
	{"status", "token", "ImagingStudy.status", NULL, NULL},
	{"patient", "reference", NULL, PATIENT},
	{"subject", "reference", NULL, PATIENT},
	{"patient.identifier", "token", NULL, PATIENT},
	{"patient:Patient.identifier", "token", NULL, PATIENT},
	{"subject.identifier", "token", NULL, PATIENT},
	{"subject:Patient.identifier", "token", NULL, PATIENT},
	{"basedon:identifier", "token", ORDER},
	{"basedon.identifier", "token", ORDER},
	{"basedon:ServiceRequest.identifier", "token", ORDER},
	{"based-on:identifier", "token", ORDER},
	{"based-on.identifier", "token", ORDER},
	{"based-on:ServiceRequest.identifier", "token", ORDER},
	{NULL, NULL, NULL, NULL, NULL}};

const struct serve_search_parameter *serve_parameter_find(const char *name)
{
	for (const struct serve_search_parameter *at = serve_parameters;
	     at->name; at++)
		if (strcmp(at->name, name) == 0)
			return at;
	return NULL;
}

bool serve_parameter_is_modified(const char *name)
{
	size_t length = strcspn(name, ":.");
	if (!name[length])
		return false;
	for (const struct serve_search_parameter *at = serve_parameters;
	     at->name; at++)
		if (strncmp(at->name, name, length) == 0 &&
		    strcspn(at->name, ":.") == length)
			return true;
	return false;
}
