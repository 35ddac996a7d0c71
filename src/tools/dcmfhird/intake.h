/*
 * An instance that came, as a file: it is understood, named, put into its study
 * and flushed; only then does it count as stored.  Headers alone are kept,
 * unless whole files are asked for.
 *
 * What is on the disk when it counts, and by what:
 *
 *	its bytes		fsync of the file, before it has its name
 *	its name		fsync of studies/STUDY, after that
 *	the study's name	fsync of studies, once (study_place.h)
 *	that it is due		fsync of due, once for each mark
 *	what is passed on	fsync of the whole file, if another one is kept,
 *				and of each folder that it waits in
 *
 * So two flushes for most instances, each of which is needed: a disk may write
 * in any order what was not flushed in between, and a name that it has without
 * the bytes is half a header, which may be taken for a whole one.  When the
 * power fails, what was not answered may be there or not, whole in any case;
 * what was answered is there, and its study is marked.  The mark's time may be
 * an old one: the study is exported too early, and then again.  Who is killed
 * leaves what it did to the kernel; each step is one link or one rename, and
 * what was not answered is sent again.
 *
 * Several associations that flush at once share what the file system and the
 * disk do for it: a queue of our own, whose one flush answers for all, would do
 * the same once more.  syncfs(2) would answer for all steps, but flushes what
 * any other program has written to the disk.
 */
#ifndef INTAKE_H
#define INTAKE_H

#include "configuration.h"
#include "study_place.h"

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
	struct study_place place; /* of the last one; all 0 at first */
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
enum intake_result intake_take(struct intake *intake, const char *file,
			       const char *instance, struct taken *taken);

#endif
