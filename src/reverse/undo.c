/* What stamps have changed: undone, or told. */
#include "dcm_undo.h"

#include <stdlib.h>

#include "dcm_original.h"
#include "error.h"
#include "sized.h"
#include "stamp_time.h"
#include "writing.h"

/* ---- undo ---- */

static bool is_since(const char *time, void *context)
{
	const double *since = context;
	double at;
	return stamp_instant(time, &at) && at >= *since;
}

int dfh_undo(const char *path, const char *out, const dfh_undo_options *given,
	     size_t *undone, dfh_error **error)
{
	dfh_undo_options own, *options = &own;
	dfh_writing into;
	double since;
	size_t count = 0;
	if (sized_take(&own, sizeof own, given, "dfh_undo_options", error) <
		    0 ||
	    sized_take(&into, sizeof into, own.writing, "dfh_writing", error) <
		    0)
		return -1;
	struct dcm_undoing how = {
		.system = options->system ? options->system : STAMP_SYSTEM,
		.is_meant = options->since ? is_since : NULL,
		.context = &since,
	};
	if (options->since && !stamp_instant(options->since, &since))
		return error_set(error, DFH_USAGE,
				 "'%s' is no time; write it as "
				 "2024-02-29T13:45:01+01:00",
				 options->since);
	struct writing writing;
	if (writing_begin(&writing, path, out, &into, error) < 0)
		return -1;
	how.writing = &writing.how;
	int result = dcm_undo(path, out, &how, &count, error);
	writing_end(&writing);
	if (undone)
		*undone = count;
	return result;
}

/* ---- history ---- */

static int tell(struct dcm_splice *splice, const struct dcm_original *original,
		int (*visit)(const dfh_change *change, void *context),
		void *context)
{
	struct dcm_encoding encoding = dcm_splice_encoding(splice);
	struct dcm_charset charset;
	size_t count;
	struct dcm_previous *previous =
		dcm_original_previous(original, encoding, &count);
	char(*names)[128] = xmalloc((count + 1) * sizeof *names);
	const char **list = xmalloc((count + 1) * sizeof *list);
	char **texts = xmalloc((count + 1) * sizeof *texts);
	dcm_original_charset(splice, original, &charset);
	for (size_t i = 0; i < count; i++) {
		list[i] = dcm_tag_name(&previous[i].tag, names[i]);
		texts[i] = dcm_previous_text(&previous[i], encoding, &charset);
	}
	const dfh_change change = {
		.size = sizeof change,
		.time = original->time,
		.system = original->system,
		.source = original->source,
		.reason = original->reason,
		.comment = original->comment,
		.attributes = list,
		.previous = (const char *const *)texts,
		.attribute_count = count,
	};
	int answer = visit(&change, context);
	for (size_t i = 0; i < count; i++)
		free(texts[i]);
	free(texts);
	free(list);
	free(names);
	dcm_charset_clear(&charset);
	dcm_previous_free(previous, count);
	return answer;
}

int dfh_history(const char *path,
		int (*visit)(const dfh_change *change, void *context),
		void *context, dfh_error **error)
{
	struct dcm_originals originals = {0};
	struct dcm_splice splice;
	if (dcm_splice_open(&splice, path, NULL, error) < 0)
		return -1;
	int result = dcm_splice_scan(&splice);
	if (result == 0)
		result = dcm_originals_read(&splice, &originals);
	for (size_t i = 0; result == 0 && i < originals.count; i++)
		if (tell(&splice, &originals.at[i], visit, context))
			break;
	dcm_originals_free(&originals);
	dcm_splice_close(&splice);
	return result;
}
