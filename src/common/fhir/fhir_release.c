#include "fhir_release.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "error.h"

#define RELEASE_NAME(name, version, rank) #name,
#define RELEASE_ROW(name, version, rank) {DFH_##name, version, rank},

const char *const release_names[RELEASES + 1] = {FHIR_RELEASES(RELEASE_NAME)
							 NULL};

static const struct {
	dfh_release number;
	const char *version;
	int rank;
} releases[RELEASES] = {FHIR_RELEASES(RELEASE_ROW)};

dfh_release fhir_release_number(enum fhir_release release)
{
	return releases[release].number;
}

bool fhir_release_is_before(enum fhir_release a, enum fhir_release b)
{
	return releases[a].rank < releases[b].rank;
}

enum fhir_release fhir_release_first(const bool among[RELEASES])
{
	enum fhir_release first = RELEASES;

	for (enum fhir_release r = 0; r < RELEASES; r++)
		if ((!among || among[r]) &&
		    (first == RELEASES || fhir_release_is_before(r, first)))
			first = r;
	return first < RELEASES ? first : fhir_release_first(NULL);
}

/* RELEASES: there is none. */
static enum fhir_release release_numbered(dfh_release number)
{
	enum fhir_release r = 0;

	while (r < RELEASES && releases[r].number != number)
		r++;
	return r;
}

/* "R4, R5" */
static void list_release_names(char *out, size_t size)
{
	size_t length = 0;

	*out = '\0';
	for (enum fhir_release r = 0; r < RELEASES && length < size; r++)
		length += (size_t)snprintf(out + length, size - length, "%s%s",
					   r ? ", " : "", release_names[r]);
}

int fhir_release_of(dfh_release named, enum fhir_release *release,
		    dfh_error **error)
{
	enum fhir_release found = release_numbered(named);
	char names[64];

	*release = found < RELEASES ? found : fhir_release_first(NULL);
	if (named == DFH_RELEASE_ANY || found < RELEASES)
		return 0;
	list_release_names(names, sizeof names);
	return error_set(error, DFH_USAGE,
			 "%d is no release of FHIR that is known here: %s",
			 (int)named, names);
}

/* ---- for programs ---- */

const char *dfh_release_name(dfh_release release)
{
	return release_names[release_numbered(release)];
}

dfh_release dfh_release_named(const char *name)
{
	for (enum fhir_release r = 0; r < RELEASES; r++)
		if (strcasecmp(release_names[r], name) == 0)
			return releases[r].number;
	return DFH_RELEASE_ANY;
}

const char *dfh_release_version(dfh_release release)
{
	enum fhir_release found = release_numbered(release);

	return found < RELEASES ? releases[found].version : NULL;
}
