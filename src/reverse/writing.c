#include "writing.h"

#include <errno.h>
#include <string.h>

#include "digest.h"
#include "error.h"

/* The new file is complete: whoever keeps account of it is told. */
static int commit_writing(void *context)
{
	const struct writing *writing = context;
	const dfh_writing *asked = writing->asked;

	return asked->commits(writing->before, writing->after,
			      asked->commits_context);
}

static struct dcm_writing dcm_writing_of(struct writing *writing,
					 const dfh_writing *how, bool writes)
{
	bool digests = writes && (how->digests || how->commits);

	return (struct dcm_writing){
		.hold = &writing->hold,
		.to = writes ? &writing->to : NULL,
		.suffix = how->suffix,
		.keeps_times = how->keep_times != 0,
		.breaks_links = how->break_links != 0,
		.ignores_read_only = how->ignore_read_only != 0,
		.leaves_folder = how->folders != NULL,
		.verifies = how->verify != 0,
		.digest = digests ? writing->after : NULL,
		.commits = how->commits ? commit_writing : NULL,
		.context = writing,
	};
}

/* A copy can turn out to be the file itself, under another name. */
static int hold_file(struct writing *writing, const char *path, const char *out,
		     dfh_error **error)
{
	struct dcm_hold *hold = &writing->hold;

	if (out && strcmp(path, out) == 0)
		return dcm_hold_open(hold, path, &writing->to, error);
	if (dcm_hold_open(hold, path, NULL, error) < 0)
		return -1;
	if (!out || !spot_has(&writing->to, &hold->status))
		return 0;
	dcm_hold_close(hold);
	return dcm_hold_open(hold, path, &writing->to, error);
}

static int find_output_place(struct writing *writing, const char *out,
			     const dfh_writing *how, dfh_error **error)
{
	int answer = how->real ? spot_open_real(&writing->to, how->real, true)
			       : spot_open(&writing->to, out);

	if (answer < 0)
		return error_set(error, DFH_IO, "%s: not written: %s", out,
				 spot_fault(errno));
	return folders_enter(how->folders, &writing->to, out, error);
}

int writing_begin(struct writing *writing, const char *path, const char *out,
		  const dfh_writing *how, dfh_error **error)
{
	*writing = (struct writing){.asked = how};
	writing->hold.fd = writing->to.folder = -1;
	writing->how = dcm_writing_of(writing, how, out != NULL);
	if ((!out || find_output_place(writing, out, how, error) == 0) &&
	    hold_file(writing, path, out, error) == 0) {
		if ((!how->digests && !how->commits) ||
		    digest_file(writing->hold.fd, writing->before) == 0)
			return 0;
		error_set(error, DFH_IO, "%s: %s", path, strerror(errno));
	}
	writing_end(writing);
	return -1;
}

void writing_end(struct writing *writing)
{
	dcm_hold_close(&writing->hold);
	spot_close(&writing->to);
}
