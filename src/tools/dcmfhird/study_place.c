#include "study_place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Is what is open still what has this name? */
static bool still_has_name(const struct state_folder *state, int open,
			   const char *folder, const char *study)
{
	char path[PATH_MAX];
	struct stat there, ours;
	snprintf(path, sizeof path, "%s/%s", folder, study);
	return fstat(open, &ours) == 0 &&
	       fstatat(state->folder, path, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
	       there.st_dev == ours.st_dev && there.st_ino == ours.st_ino;
}

int study_place_enter(struct study_place *place,
		      const struct state_folder *state, const char *study)
{
	char path[PATH_MAX];
	if (strcmp(place->study, study) == 0 &&
	    still_has_name(state, place->spot.folder, studies_folder, study))
		return 0;
	study_place_leave(place);
	if (studies_make(state, study, path) < 0 ||
	    spot_open_folder(&place->spot, path) < 0)
		return -1;
	place->mark = -1;
	snprintf(place->study, sizeof place->study, "%s", study);
	return 0;
}

/* Touched before it is looked for: whoever takes the mark after that look reads
 * the study after it, and so finds the instance. */
int study_place_mark(struct study_place *place,
		     const struct state_folder *state)
{
	if (place->mark >= 0 && futimens(place->mark, NULL) == 0 &&
	    still_has_name(state, place->mark, studies_due, place->study))
		return 0;
	if (place->mark >= 0)
		close(place->mark);
	place->mark = studies_open_mark(state, place->study);
	return place->mark < 0 ? -1 : 0;
}

void study_place_leave(struct study_place *place)
{
	if (!*place->study)
		return;
	spot_close(&place->spot);
	if (place->mark >= 0)
		close(place->mark);
	*place->study = '\0';
}
