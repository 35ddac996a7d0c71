#include <stdlib.h>
#include <string.h>

#include "dicomweb.h"
#include "json_text.h"
#include "memory.h"

/* What an origin server shall match by (PS3.18 Table 10.6.1-5), but names,
 * which match in ways of their own. */
static const char *const matched[DICOMWEB_LEVELS] = {
	/* Study Date, Study Time, Accession Number, Modalities in Study,
	 * Patient ID, Study Instance UID, Study ID */
	[DICOMWEB_STUDIES] = ("00080020 00080030 00080050 00080061 00100020 "
			      "0020000D 00200010"),
	/* Modality, Series Instance UID, Series Number */
	[DICOMWEB_SERIES] = "00080060 0020000E 00200011",
	/* SOP Class UID, SOP Instance UID, Instance Number */
	[DICOMWEB_INSTANCES] = "00080016 00080018 00200013"};

int dicomweb_level_of(const char *tag)
{
	for (int level = 0; level < DICOMWEB_LEVELS; level++)
		if (has_word(matched[level], tag))
			return level;
	return -1;
}

char *dicomweb_all_of(const char *url, enum dicomweb_level level)
{
	static const char *const names[DICOMWEB_LEVELS] = {"studies", "series",
							   "instances"};
	char *studies = dicomweb_studies(url);
	size_t service = strlen(studies) - strlen(names[DICOMWEB_STUDIES]);
	char *all = xprintf("%.*s%s", (int)service, studies, names[level]);
	free(studies);
	return all;
}
