/*
 * Studies in the state, each a folder of its instances, and which of them are
 * due to be exported.  All of it is on the disk, and each step is one rename,
 * so that whatever is killed, and by whomever it is looked at meanwhile,
 * nothing is lost:
 *
 *	studies/STUDY/INSTANCE.dcm	a header, or the whole file
 *	due/STUDY			it has what was not exported
 *	exporting/STUDY			... and is being exported
 *	held/STUDY			... and could not be
 *
 * An instance is put into its study before the study is marked as due, and the
 * mark is taken away before the study is read: so what comes meanwhile marks it
 * again.
 */
#ifndef STUDIES_H
#define STUDIES_H

#include <limits.h>
#include <stdbool.h>

#include "configuration.h"
#include "dcmfhir.h"
#include "state_folder.h"

enum { STUDY_NAME = 72 };

/* Folders of the state. */
extern const char studies_folder[], studies_due[];

/* A UID, or what else names a study or an instance, as the name of a file. */
void studies_name(const char *uid, char name[STUDY_NAME]);

/* A file in the folder of a study that is as old as the last of its instances
 * that came in the place of another one. */
extern const char studies_replaced[];

/* Seconds without a new instance until a study is whole. */
long studies_quiet(const struct configuration *configuration);

/* Make the folders; what was being exported, or held, is due again.  -1: errno.
 */
int studies_begin(const struct state_folder *state);

/* Where an instance is to be: the path of its study, which is made, and on the
 * disk.  -1: errno. */
int studies_make(const struct state_folder *state, const char *study,
		 char path[PATH_MAX]);

/*
 * Held while an instance is brought into its study, until it is marked, and
 * alone by whoever takes a study away; closed, it is given back.  -1: errno.
 */
int studies_lock(const struct state_folder *state, bool alone);

/* The names in a folder of the state are on the disk.  -1: errno. */
int studies_flush(const struct state_folder *state, const char *folder);

/* The study's mark that it is due, of now and on the disk; open, to be closed.
 * -1: errno. */
int studies_open_mark(const struct state_folder *state, const char *study);

/* Take the mark of one study that got no instance for so many seconds; false:
 * there is none. */
bool studies_take(const struct state_folder *state, long quiet,
		  char study[STUDY_NAME]);

/* The study is safe elsewhere; or it is due again; or cannot be exported. */
void studies_done(const struct state_folder *state, const char *study);
void studies_again(const struct state_folder *state, const char *study);
void studies_hold(const struct state_folder *state, const char *study);

#endif
