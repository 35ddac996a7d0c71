/*
 * An instance that came, as a file: it is understood, named, put into its study
 * and flushed; only then does it count as stored.  Headers alone are kept,
 * unless whole files are asked for.
 */
#ifndef INTAKE_H
#define INTAKE_H

#include "configuration.h"
#include "studies.h"

enum intake_result {
	INTAKE_SAFE,
	INTAKE_FULL,	       /* no room: the disk, or its reserve */
	INTAKE_NOT_UNDERSTOOD, /* it is no DICOM, or damaged */
	INTAKE_OTHER,	       /* it is not the instance that was announced */
	INTAKE_FAILED
};

struct intake {
	const struct state_folder *state;
	dfh_export *reader;
	unsigned long long reserve; /* bytes of the disk that stay free */
	bool keeps_files;
	/* Who else gets it, by the folder that it waits in, below the state. */
	char (*forwards)[PATH_MAX];
	size_t forward_count;
};

/* What became of it. */
struct taken {
	char study[STUDY_NAME],
		instance[STUDY_NAME]; /* their names; "": not known */
	char fault[256];	      /* "": none; no patient data */
};

/* The file, which is of the state's file system, is moved where whole files are
 * kept, else it stays.  instance: its SOP Instance UID, NULL: not announced. */
enum intake_result intake_take(const struct intake *intake, const char *file,
			       const char *instance, struct taken *taken);

#endif
