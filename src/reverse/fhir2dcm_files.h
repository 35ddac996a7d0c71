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

struct work {
	dfh_import *import; /* NULL: undo or history, which need none */
	const struct options *options;
	struct cli_files files;
	struct targets targets;
	struct real_paths real_paths; /* in place */
	char *real_output; /* the folder of copies, links followed; or NULL */
	dfh_folders *folders;
	struct cli_progress progress;
	struct log *log; /* NULL: none */
	struct busy *busy;
	pthread_mutex_t lock; /* of busy */
	pthread_cond_t one_less;
	atomic_bool is_hopeless;
	size_t passed_over;
	int status;
};

void work_worst(struct work *work, int status);

/* Stamp the files that paths (ended by NULL) and --files-from name, or undo
 * stamps or tell of them. */
void work_on_files(struct work *work, char **paths);

#endif
