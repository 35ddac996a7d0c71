/* A dataset that is there, changed to what the Bundle says of it. */
#include <string.h>

#include "applied.h"
#include "as_before.h"
#include "error.h"
#include "sized.h"
#include "import.h"
#include "stamp_write.h"
#include "writing.h"

static size_t count_changes(const struct dataset *before,
			    const struct dataset *after)
{
	struct dcm_pair pair = {0};
	size_t changes = 0;
	while (dcm_pair_next(&pair, &before->root, &after->root))
		changes += dcm_pair_differs(&pair);
	return changes;
}

static void report_refused(dfh_import *im, const char *path, const char *why)
{
	pthread_mutex_lock(&im->lock);
	report_add(im->report, REPORT_REFUSED, NULL, FHIR_R5, NULL, path, why);
	pthread_mutex_unlock(&im->lock);
}

static void tell_changes(const dfh_import *im, const struct dataset *before,
			 const struct dataset *after,
			 const dfh_stamp_options *options)
{
	tell_differences(before, after, options);
	if (options->applied)
		tell_applied(im->rules, before, after, options->applied,
			     options->applied_context);
}

static int stamp_held(dfh_import *im, const char *path, const char *out,
		      const dfh_stamp_options *options,
		      struct dcm_writing *writing, dfh_stamped *stamped,
		      dfh_error **error)
{
	struct dcm_source source = {.name = path, .fd = &writing->hold->fd};
	struct matched matched = {.said = NULL};
	struct dataset *before = dcm_read(&source, &im->rules->wants, error);
	struct dataset *after = NULL;
	pthread_mutex_lock(&im->lock);
	int result =
		before ? match(im, before, path, options, &matched, error) : -1;
	if (result == 0) {
		after = dataset_copy(before);
		put_on(im, &matched.view, path, after, options);
		keep_as_before(im->rules, &matched, before, after);
	}
	pthread_mutex_unlock(&im->lock);
	if (result < 0)
		report_refused(im, path,
			       before ? "the Bundle does not fit it"
				      : "could not be read");
	if (result == 0)
		result = stamp_narrow(im, path, writing->hold, before, after,
				      options, stamped, error);
	if (result == 0) {
		stamped->changed = count_changes(before, after);
		stamped->match = matched.key;
		stamped->forced = matched.forced;
		result = stamp_write(im, path, out, before, after, options,
				     writing, stamped, error);
		if (result < 0)
			report_refused(im, path, "could not be changed");
		else
			tell_changes(im, before, after, options);
		if (result == 0 && out && stamped->changed)
			import_note_change(im, &matched.view);
	}
	dataset_free(after);
	dataset_free(before);
	dataset_free(matched.said);
	return result;
}

static int stamp_path(dfh_import *im, const char *path, const char *out,
		      const dfh_stamp_options *options, dfh_stamped *stamped,
		      dfh_error **error)
{
	struct writing writing;
	dfh_writing how;
	if (sized_take(&how, sizeof how, options->writing, "dfh_writing",
		       error) < 0)
		return -1;
	if (options->force && !options->reason)
		return error_set(error, DFH_USAGE,
				 "to force a stamp wants a reason");
	if (stamp_check_options(options, error) < 0)
		return -1;
	if (writing_begin(&writing, path, out, &how, error) < 0) {
		report_refused(im, path, "could not be read");
		return -1;
	}
	int result = stamp_held(im, path, out, options, &writing.how, stamped,
				error);
	/* nothing was written: it is as it was */
	if (result == 0 && !writing.after[0])
		strcpy(writing.after, writing.before);
	strcpy(stamped->digest_before, writing.before);
	strcpy(stamped->digest_after, writing.after);
	writing_end(&writing);
	return result;
}

int dfh_import_stamp(dfh_import *im, const char *path, const char *out,
		     const dfh_stamp_options *given, dfh_stamped *stamped,
		     dfh_error **error)
{
	dfh_stamp_options options;
	dfh_stamped did = {.size = sizeof did};
	if (sized_take(&options, sizeof options, given, "dfh_stamp_options",
		       error) < 0 ||
	    sized_check(stamped, "dfh_stamped", error) < 0)
		return -1;
	int result = stamp_path(im, path, out, &options, &did, error);
	sized_give(stamped, &did, sizeof did);
	return result;
}
