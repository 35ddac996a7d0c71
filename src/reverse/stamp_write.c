#include "stamp_write.h"

#include <stdlib.h>
#include <string.h>

#include "beside.h"
#include "dcm_text.h"
#include "error.h"
#include "stamp_time.h"
#include "vr.h"

/* ---- options ---- */

static int check_record_text(const char *name, const char *text,
			     dfh_error **error)
{
	const char *fault = NULL;
	if (!text)
		return 0;
	if (!dcm_is_ascii(text, strlen(text)))
		fault = "is not ASCII";
	else if (!*text)
		fault = "is empty";
	else
		fault = vr_fault("LO", 1, text);
	return fault ? error_set(error, DFH_USAGE, "the %s '%s' %s", name, text,
				 fault)
		     : 0;
}

int stamp_check_options(const dfh_stamp_options *options, dfh_error **error)
{
	const char *code = options->reason_code;
	if ((options->force || options->allow) && !options->reason)
		return error_set(error, DFH_USAGE,
				 "to force a stamp wants a reason");
	if (check_record_text("system", options->system, error) < 0 ||
	    check_record_text("source", options->source, error) < 0)
		return -1;
	if (code && strcmp(code, "COERCE") != 0 && strcmp(code, "CORRECT") != 0)
		return error_set(error, DFH_USAGE,
				 "the reason code is COERCE or CORRECT, not "
				 "'%s'",
				 code);
	return stamp_check_time(options->time, error);
}

/* ---- the character set stays ---- */

struct narrowing {
	struct dfh_import *im;
	const struct dcm_source *source;
	dfh_stamped *stamped;
};

static void note_unfit(const struct dcm_tag *tag, void *context)
{
	const struct narrowing *narrowing = context;
	const struct rule *by = rule_of_tag(narrowing->im->rules, tag);
	char name[128];
	narrowing->stamped->unfit++;
	pthread_mutex_lock(&narrowing->im->lock);
	report_add(narrowing->im->report, REPORT_LOST, by,
		   import_release(narrowing->im), dcm_tag_name(tag, name),
		   narrowing->source->name,
		   "does not fit the character set of the file, which is to "
		   "stay");
	pthread_mutex_unlock(&narrowing->im->lock);
}

int stamp_narrow(struct dfh_import *im, const struct dcm_source *source,
		 const struct dataset *before, struct dataset *after,
		 const dfh_stamp_options *options, dfh_stamped *stamped,
		 dfh_error **error)
{
	struct narrowing narrowing = {im, source, stamped};
	if (!options->no_widen)
		return 0;
	return dcm_narrow(source, before, after,
			  im->rules->wants.assumed_charset, note_unfit,
			  &narrowing, error);
}

/* ---- writing ---- */

/* What the file is to keep of the change, or NULL. */
static const struct dcm_record *record_of(const dfh_stamp_options *options,
					  struct dcm_record *record,
					  char now[32])
{
	const char *code = options->reason_code;
	/* PS3.3 C.12.1.1.9: the EHR's word is law, or a person's */
	if (!code)
		code = options->reason ? "CORRECT" : "COERCE";
	*record = (struct dcm_record){
		.time = options->time ? options->time : stamp_time(now),
		.system = options->system ? options->system : STAMP_SYSTEM,
		.source = options->source,
		.reason = code,
		.comment = options->reason,
		.equipment = options->equipment,
	};
	return options->no_originals ? NULL : record;
}

static void tell_supplied(struct dfh_import *im, const char *path,
			  const char *text)
{
	pthread_mutex_lock(&im->lock);
	report_add_path(im->report, REPORT_SUPPLIED, NULL, path, text);
	pthread_mutex_unlock(&im->lock);
}

int stamp_write(struct dfh_import *im, const struct dcm_source *source,
		const char *out, const struct dataset *before,
		const struct dataset *after, const dfh_stamp_options *options,
		struct dcm_writing *writing, dfh_stamped *stamped,
		dfh_error **error)
{
	struct dcm_stamped told = {0};
	struct dcm_record record;
	char now[32];
	const struct dcm_stamping how = {
		.assumed_charset = im->rules->wants.assumed_charset,
		.record = record_of(options, &record, now),
		.writing = writing,
		.removes_signatures =
			options->force || stamp_allows(options, "signature"),
		.keeps_charset = options->no_widen != 0,
		.told = &told,
	};
	writing->wants = &im->rules->stamp_wants;
	writing->meant = after;
	if (dcm_stamp(source, out, before, after, &how, error) < 0) {
		free(told.narrow);
		return -1;
	}
	if (told.signed_once)
		allowed_add(stamped->allowed, "signature");
	stamped->widened = told.widened;
	stamped->signatures_removed = told.signed_once;
	if (told.widened) {
		tell_supplied(im, source->name,
			      "all text was brought into ISO_IR 192, for new "
			      "text did "
			      "not fit the character set");
		tell_widened(told.narrow, options);
	}
	free(told.narrow);
	if (told.signed_once)
		tell_supplied(im, source->name,
			      "digital signatures of what changed are gone");
	return 0;
}
