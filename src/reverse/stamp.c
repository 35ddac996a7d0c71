/* A dataset that is there, changed to what the Bundle says of it. */
#include <stdio.h>
#include <string.h>

#include "applied.h"
#include "deidentified.h"
#include "error.h"
#include "import.h"
#include "likes.h"
#include "match.h"
#include "sized.h"
#include "source.h"
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
	report_add_path(im->report, REPORT_REFUSED, NULL, path, why);
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

/* What is behind the pixels is not there for who reads no pixels. */
static void tell_unseen(dfh_import *im, const struct dcm_source *source)
{
	pthread_mutex_lock(&im->lock);
	report_add_path(
		im->report, REPORT_SUPPLIED, NULL, source->name,
		"digital signatures behind the pixels, if there are any, "
		"were not looked at");
	pthread_mutex_unlock(&im->lock);
}

/* The dataset, and what it should be.  im->lock is not held. */
static int make_after(dfh_import *im, const struct dcm_source *source,
		      const dfh_stamp_options *options, struct matched *matched,
		      struct dataset **before, struct dataset **after,
		      dfh_error **error)
{
	*before = dcm_read(source, &im->rules->stamp_wants, error);
	pthread_mutex_lock(&im->lock);
	int result = *before ? match(im, *before, source->name, options,
				     matched, error)
			     : -1;
	if (result == 0) {
		*after = put_as_likes(im, matched, source->name, *before,
				      options);
		if (is_deidentified(im->rules, *before) &&
		    count_changes(*before, *after))
			deidentified_no_more(im->rules, *after);
	}
	pthread_mutex_unlock(&im->lock);
	if (result < 0)
		report_refused(im, source->name,
			       *before ? "the Bundle does not fit it"
				       : "could not be read");
	return result;
}

static void tell_study(const dfh_rules *rules, const struct dataset *dataset,
		       dfh_stamped *stamped)
{
	const struct place *place = view_level_place(rules, LEVEL_STUDY);
	const char *uid =
		place ? key_text(&place->key[0], dataset, dataset->arena)
		      : NULL;
	if (uid)
		snprintf(stamped->study, sizeof stamped->study, "%s", uid);
}

/* out NULL and no sink: nothing is written. */
static int stamp_source(dfh_import *im, const struct dcm_source *source,
			const char *out, const dfh_stamp_options *given,
			struct dcm_writing *writing, dfh_stamped *stamped,
			dfh_error **error)
{
	struct matched matched = {.key = NULL};
	struct dataset *before = NULL, *after = NULL;
	dfh_stamp_options own = *given;
	const dfh_stamp_options *options = &own;
	int result = make_after(im, source, options, &matched, &before, &after,
				error);
	/* A number that is not used any more was wrong (PS3.3 C.12.1.1.9). */
	if (before)
		tell_study(im->rules, before, stamped);
	if (result == 0 && !own.reason_code &&
	    is_renumbered(im->rules, before, after))
		own.reason_code = "CORRECT";
	if (result == 0)
		result = stamp_narrow(im, source, before, after, options,
				      stamped, error);
	if (result == 0) {
		stamped->changed = count_changes(before, after);
		stamped->match = matched.key;
		stamped->forced = matched.forced;
		memcpy(stamped->allowed, matched.allowed,
		       sizeof stamped->allowed);
		result = stamp_write(im, source, out, before, after, options,
				     writing, stamped, error);
		if (result < 0)
			report_refused(im, source->name,
				       "could not be changed");
		else
			tell_changes(im, before, after, options);
	}
	if (result == 0 && stamped->changed) {
		if (source->without_pixels)
			tell_unseen(im, source);
		if (out || writing->sink)
			import_note_change(im, &matched.view);
	}
	dataset_free(after);
	dataset_free(before);
	return result;
}

static int stamp_path(dfh_import *im, const char *path, const char *out,
		      const dfh_stamp_options *options, dfh_stamped *stamped,
		      dfh_error **error)
{
	struct writing writing;
	const struct dcm_source source = {
		.name = path, .fd = &writing.hold.fd, .limit = im->limit};
	dfh_writing how;
	if (sized_take(&how, sizeof how, options->writing, "dfh_writing",
		       error) < 0)
		return -1;
	if (writing_begin(&writing, path, out, &how, error) < 0) {
		report_refused(im, path, "could not be read");
		return -1;
	}
	int result = stamp_source(im, &source, out, options, &writing.how,
				  stamped, error);
	/* nothing was written: it is as it was */
	if (result == 0 && !writing.after[0])
		strcpy(writing.after, writing.before);
	strcpy(stamped->digest_before, writing.before);
	strcpy(stamped->digest_after, writing.after);
	writing_end(&writing);
	return result;
}

static int take_arguments(dfh_stamp_options *options,
			  const dfh_stamp_options *given,
			  const dfh_stamped *stamped, dfh_error **error)
{
	if (sized_take(options, sizeof *options, given, "dfh_stamp_options",
		       error) < 0 ||
	    sized_check(stamped, "dfh_stamped", error) < 0)
		return -1;
	return stamp_check_options(options, error);
}

static int survey_dataset(dfh_import *im, const struct dcm_source *source,
			  const dfh_stamp_options *given, dfh_error **error)
{
	dfh_stamp_options options;
	if (take_arguments(&options, given, NULL, error) < 0)
		return -1;
	pthread_mutex_lock(&im->lock);
	bool wants = match_wants_survey(im, &options);
	pthread_mutex_unlock(&im->lock);
	struct dataset *dataset =
		wants ? dcm_read(source, &im->rules->wants, error) : NULL;
	if (!dataset)
		return wants ? -1 : 0;
	pthread_mutex_lock(&im->lock);
	match_survey(im, dataset, source->name, &options);
	pthread_mutex_unlock(&im->lock);
	dataset_free(dataset);
	return 0;
}

int dfh_import_survey(dfh_import *im, const char *path,
		      const dfh_stamp_options *options, dfh_error **error)
{
	const struct dcm_source source = {.name = path, .limit = im->limit};
	return survey_dataset(im, &source, options, error);
}

int dfh_import_survey_source(dfh_import *im, const dfh_source *given,
			     const dfh_stamp_options *options,
			     dfh_error **error)
{
	struct dcm_source source;
	if (source_take(&source, given, error) < 0)
		return -1;
	source.limit = im->limit;
	return survey_dataset(im, &source, options, error);
}

int dfh_import_stamp(dfh_import *im, const char *path, const char *out,
		     const dfh_stamp_options *given, dfh_stamped *stamped,
		     dfh_error **error)
{
	dfh_stamp_options options;
	dfh_stamped did = {.size = sizeof did};
	if (path_given(path, error) < 0 ||
	    take_arguments(&options, given, stamped, error) < 0)
		return -1;
	int result = stamp_path(im, path, out, &options, &did, error);
	sized_give(stamped, &did, sizeof did);
	return result;
}

int dfh_import_stamp_source(dfh_import *im, const dfh_source *source,
			    const dfh_sink *sink,
			    const dfh_stamp_options *given,
			    dfh_stamped *stamped, dfh_error **error)
{
	dfh_stamp_options options;
	dfh_stamped did = {.size = sizeof did};
	struct dcm_writing writing = {.sink = NULL};
	struct dcm_source from;
	struct dcm_sink to;
	if (take_arguments(&options, given, stamped, error) < 0 ||
	    source_take(&from, source, error) < 0 ||
	    (sink && sink_take(&to, sink, error) < 0))
		return -1;
	from.limit = im->limit;
	if (sink)
		writing.sink = &to;
	int result =
		stamp_source(im, &from, NULL, &options, &writing, &did, error);
	sized_give(stamped, &did, sizeof did);
	return result;
}
