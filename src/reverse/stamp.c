/* A dataset that is there, changed to what the Bundle says of it. */
#include <string.h>

#include "error.h"
#include "import.h"
#include "stamp_time.h"

static size_t count_changes(const struct dataset *before,
			    const struct dataset *after)
{
	const struct dcm_item *a = &before->root, *b = &after->root;
	size_t i = 0, k = 0, changes = 0;
	while (i < a->count || k < b->count) {
		int order = i == a->count ? 1
			    : k == b->count
				    ? -1
				    : dcm_tag_compare(&a->elements[i].tag,
						      &b->elements[k].tag);
		changes += order != 0 ||
			   !dcm_element_equal(&a->elements[i], &b->elements[k]);
		i += order <= 0;
		k += order >= 0;
	}
	return changes;
}

/* What the file is to keep of the change, or NULL. */
static const struct dcm_record *record_of(const dfh_stamp_options *options,
					  struct dcm_record *record,
					  char now[32])
{
	*record = (struct dcm_record){
		.time = options->time ? options->time : stamp_time(now),
		.system = options->system ? options->system : STAMP_SYSTEM,
		.source = options->source,
		/* PS3.3 C.12.1.1.9: the EHR's word is law, or a person's */
		.reason = options->reason ? "CORRECT" : "COERCE",
		.equipment = options->equipment,
	};
	return options->no_originals ? NULL : record;
}

static int write_stamped(const dfh_import *im, const char *path,
			 const char *out, const struct dataset *before,
			 const struct dataset *after,
			 const dfh_stamp_options *options, dfh_error **error)
{
	struct dcm_record record;
	char now[32];
	const struct dcm_stamping how = {
		.assumed_charset = im->rules->wants.assumed_charset,
		.record = record_of(options, &record, now),
	};
	return dcm_stamp(path, out, before, after, &how, error);
}

int dfh_import_stamp(dfh_import *im, const char *path, const char *out,
		     const dfh_stamp_options *options, dfh_stamped *stamped,
		     dfh_error **error)
{
	static const dfh_stamp_options defaults;
	if (!options)
		options = &defaults;
	struct dcm_source source = {.name = path};
	struct view view;
	struct dataset *before = dcm_read(&source, &im->rules->wants, error);
	int result = before ? match(im, before, path, &view, error) : -1;
	if (result < 0)
		report_add(im->report, REPORT_REFUSED, NULL, DFH_R5, NULL, path,
			   before ? "the Bundle does not fit it"
				  : "could not be read");
	if (result == 0) {
		struct dataset *after = dataset_copy(before);
		put_on(im, &view, path, after, false);
		if (stamped)
			stamped->changed = count_changes(before, after);
		if (out)
			result = write_stamped(im, path, out, before, after,
					       options, error);
		dataset_free(after);
	}
	dataset_free(before);
	return result;
}
