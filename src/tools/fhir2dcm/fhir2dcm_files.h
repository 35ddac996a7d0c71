/* fhir2dcm over files: where each goes, what became of it. */
#ifndef FHIR2DCM_FILES_H
#define FHIR2DCM_FILES_H

#include <pthread.h>
#include <sys/types.h>

#include "cli.h"
#include "fhir2dcm_options.h"
#include "log.h"
#include "real_paths.h"
#include "targets.h"

/* A file that a thread changes in place. */
struct busy {
	bool listed;
	dev_t device;
	ino_t inode;
	struct busy *next;
};

struct pacs;
struct streams;

struct work {
	dfh_import *import; /* NULL: undo or history, which need none */
	const struct fhir2dcm_options *options;
	bool is_rebuild;
	struct cli_files files;
	struct targets targets;
	struct real_paths real_paths; /* in place */
	char *real_output; /* the folder of copies, links followed; or NULL */
	dfh_folders *folders;
	struct cli_progress progress;
	struct pacs *pacs;	 /* NULL: no server is asked: pacs.h */
	struct streams *streams; /* NULL: none is a file: streams.h */
	char **urls;		 /* what is fetched there; NULL: nothing */
	struct log *log;	 /* NULL: none */
	struct cli_output *json; /* of --json: fhir2dcm_json.h */
	size_t json_count;
	struct busy *busy;
	pthread_mutex_t lock; /* of busy */
	pthread_cond_t one_less;
	atomic_bool is_hopeless;
	size_t passed_over;
	/* Files of one study that were refused for one reason, to be said. */
	struct refusals {
		char study[65];
		char *path, *why; /* the first; what follows its path */
		size_t count;
	} refusals;
	size_t changed, unchanged,
		refused; /* files, refused ones of any kind */
	int listed;	 /* the status of what could not be listed */
	int status;
};

void work_worst(struct work *work, int status);

/* List the files that paths (ended by NULL) and --files-from name, and where
 * they go.  Nothing is read or written yet. */
void work_list(struct work *work, char **paths);

/* Stamp them, or undo stamps or tell of them. */
void work_on_files(struct work *work);

/* Where the copy of a file goes; free it. */
char *work_target(const struct work *work, size_t index);

void work_free(struct work *work);

/* fhir2dcm_places.c: nothing that is read is written over.  DFH_OK,
 * DFH_USAGE or DFH_IO, which is said. */
int work_check_places(const struct work *work, const dfh_rules *rules,
		      char **paths);

/* Nothing but what the options name is written from here on; says: a word about
 * that. */
void work_hold_to_outputs(const struct work *work, bool says);

/* A folder that is made is made now, so that nothing beside it is allowed any
 * more. */
void work_hold_to_folder(const struct work *work);

#endif
