/* What stamps have changed: undone, or told. */
#include "dcm_undo.h"

#include <stdlib.h>

#include "array.h"
#include "dcm_original.h"
#include "dcm_original_tags.h"
#include "buffer.h"
#include "error.h"
#include "import.h"
#include "sized.h"
#include "source.h"
#include "stamp_time.h"
#include "writing.h"

/* ---- undo ---- */

static bool is_since(const char *time, void *context)
{
	const double *since = context;
	double at;
	return stamp_instant(time, &at) && at >= *since;
}

/* Which changes are meant, and how the file of before is to be written. */
struct undoing {
	struct dcm_undoing how; /* borrows since */
	dfh_writing wanted;
	double since;
	uint64_t limit;
	void (*applied)(const char *rule, const char *attribute, void *context);
	void *applied_context;
	void (*differs)(const dfh_difference *difference, void *context);
	void *context;
	struct dcm_want *wants; /* of what is put back, if that is told */
	size_t want_count;
};

static void tell_attribute(const struct dcm_tag *tag, void *context)
{
	const struct undoing *undoing = context;
	char name[128];
	undoing->applied(NULL, dcm_tag_name(tag, name),
			 undoing->applied_context);
}

static int take_undo_options(struct undoing *undoing,
			     const dfh_undo_options *given, dfh_error **error)
{
	dfh_undo_options options;
	if (sized_take(&options, sizeof options, given, "dfh_undo_options",
		       error) < 0 ||
	    sized_take(&undoing->wanted, sizeof undoing->wanted,
		       options.writing, "dfh_writing", error) < 0)
		return -1;
	undoing->limit = options.limit;
	undoing->applied = options.applied;
	undoing->applied_context = options.applied_context;
	undoing->differs = options.differs;
	undoing->context = options.context;
	undoing->wants = NULL;
	undoing->want_count = 0;
	undoing->how = (struct dcm_undoing){
		.system = options.system ? options.system : STAMP_SYSTEM,
		.is_meant = options.since ? is_since : NULL,
		.context = &undoing->since,
		.visit = options.applied ? tell_attribute : NULL,
		.visit_context = undoing,
	};
	if (options.since && !stamp_instant(options.since, &undoing->since))
		return error_set(error, DFH_USAGE,
				 "'%s' is no time; write it as "
				 "2024-02-29T13:45:01+01:00",
				 options.since);
	return 0;
}

/* ---- what differs ---- */

static int take_bytes(const void *bytes, size_t length, void *context)
{
	buffer_add(context, bytes, length);
	return 0;
}

/* The header as it was, before anything is written over it. */
static int tell_headers(const struct dcm_source *source,
			const struct undoing *undoing, dfh_error **error)
{
	struct buffer bytes = {0};
	const struct dcm_sink sink = {take_bytes, &bytes};
	const struct dcm_writing writing = {.sink = &sink};
	const struct dcm_wants wants = {undoing->wants, undoing->want_count,
					NULL};
	const dfh_stamp_options tells = {.differs = undoing->differs,
					 .context = undoing->context};
	struct dcm_undoing how = undoing->how;
	struct dcm_source header = *source, after = {.name = source->name};
	size_t count;
	header.without_pixels = true;
	how.writing = &writing;
	how.visit = NULL;
	int result = dcm_undo(&header, NULL, &how, &count, error);
	after.bytes = bytes.bytes;
	after.length = bytes.length;
	after.without_pixels = true;
	after.transfer_syntax = source->transfer_syntax;
	struct dataset *was =
		result == 0 ? dcm_read(&header, &wants, error) : NULL;
	struct dataset *is = was ? dcm_read(&after, &wants, error) : NULL;
	if (is)
		tell_differences(was, is, &tells);
	dataset_free(was);
	dataset_free(is);
	buffer_free(&bytes);
	return is ? 0 : -1;
}

/* But what only tells of the stamps. */
static void want_undone_tag(const struct dcm_tag *tag, void *context)
{
	struct undoing *undoing = context;
	size_t at = undoing->want_count;
	if (dcm_tag_compare(tag, &original_attributes) == 0 ||
	    dcm_tag_compare(tag, &coercion_time) == 0)
		return;
	array_room(undoing->wants, at);
	undoing->want_count++;
	while (at && dcm_tag_compare(&undoing->wants[at - 1].tag, tag) > 0) {
		undoing->wants[at] = undoing->wants[at - 1];
		at--;
	}
	undoing->wants[at] = (struct dcm_want){.tag = *tag, .whole = true};
}

/* What is put back is known when it was tried. */
static int tell_before(const struct dcm_source *source, struct undoing *undoing,
		       dfh_error **error)
{
	struct dcm_undoing how = undoing->how;
	size_t count;
	how.writing = NULL;
	how.visit = want_undone_tag;
	how.visit_context = undoing;
	if (!undoing->differs)
		return 0;
	if (dcm_undo(source, NULL, &how, &count, error) < 0)
		return -1;
	return count ? tell_headers(source, undoing, error) : 0;
}

/* out NULL and no sink: nothing is written. */
static int undo_source(const struct dcm_source *source, const char *out,
		       struct undoing *undoing, size_t *undone,
		       dfh_error **error)
{
	size_t count = 0;
	int result = tell_before(source, undoing, error);
	if (result == 0)
		result = dcm_undo(source, out, &undoing->how, &count, error);
	if (undone)
		*undone = count;
	free(undoing->wants);
	return result;
}

int dfh_undo(const char *path, const char *out, const dfh_undo_options *options,
	     size_t *undone, dfh_error **error)
{
	struct writing writing;
	struct dcm_source source = {.name = path, .fd = &writing.hold.fd};
	struct undoing undoing;
	if (path_given(path, error) < 0 ||
	    take_undo_options(&undoing, options, error) < 0 ||
	    writing_begin(&writing, path, out, &undoing.wanted, error) < 0)
		return -1;
	undoing.how.writing = &writing.how;
	source.limit = undoing.limit;
	int result = undo_source(&source, out, &undoing, undone, error);
	writing_end(&writing);
	return result;
}

int dfh_undo_source(const dfh_source *given, const dfh_sink *sink,
		    const dfh_undo_options *options, size_t *undone,
		    dfh_error **error)
{
	struct undoing undoing;
	struct dcm_source source;
	struct dcm_sink to;
	const struct dcm_writing writing = {.sink = sink ? &to : NULL};
	if (take_undo_options(&undoing, options, error) < 0 ||
	    source_take(&source, given, error) < 0 ||
	    (sink && sink_take(&to, sink, error) < 0))
		return -1;
	undoing.how.writing = &writing;
	source.limit = undoing.limit;
	return undo_source(&source, NULL, &undoing, undone, error);
}

/* ---- history ---- */

static int tell_original(struct dcm_splice *splice,
			 const struct dcm_original *original,
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

static int tell_originals(const struct dcm_source *source,
			  int (*visit)(const dfh_change *change, void *context),
			  void *context, dfh_error **error)
{
	struct dcm_originals originals = {0};
	struct dcm_splice splice;
	if (dcm_splice_open(&splice, source, error) < 0)
		return -1;
	int result = dcm_splice_scan(&splice);
	if (result == 0)
		result = dcm_originals_read(&splice, &originals);
	for (size_t i = 0; result == 0 && i < originals.count; i++)
		if (tell_original(&splice, &originals.at[i], visit, context))
			break;
	dcm_originals_free(&originals);
	dcm_splice_close(&splice);
	return result;
}

int dfh_history(const char *path,
		int (*visit)(const dfh_change *change, void *context),
		void *context, dfh_error **error)
{
	const struct dcm_source source = {.name = path};
	if (path_given(path, error) < 0)
		return -1;
	return tell_originals(&source, visit, context, error);
}

int dfh_history_source(const dfh_source *given,
		       int (*visit)(const dfh_change *change, void *context),
		       void *context, dfh_error **error)
{
	struct dcm_source source;
	if (source_take(&source, given, error) < 0)
		return -1;
	return tell_originals(&source, visit, context, error);
}
