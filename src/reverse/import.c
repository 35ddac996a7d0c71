/* FHIR in: JSON to resources, and what they say as a dataset. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "absent.h"
#include "aliases.h"
#include "beside.h"
#include "codec.h"
#include "error.h"
#include "sized.h"
#include "gunzip.h"
#include "import.h"
#include "result.h"
#include "stamp_time.h"
#include "json_read.h"
#include "legal.h"
#include "lens_one.h"
#include "likes.h"
#include "losses.h"
#include "own_keys.h"
#include "nulls.h"
#include "packing.h"
#include "unmapped.h"
#include "zone.h"
#include "source.h"
#include "scheme.h"

enum { DEPTH_MAX = 128 }; /* of JSON */

dfh_import *dfh_import_new(const dfh_rules *rules,
			   const dfh_import_options *options, dfh_error **error)
{
	dfh_import_options own;
	enum fhir_release release;
	if (sized_take(&own, sizeof own, options, "dfh_import_options", error) <
		    0 ||
	    fhir_release_of(own.release, &release, error) < 0)
		return NULL;
	if (stamp_check_time(own.time, error) < 0)
		return NULL;
	const char *name = own.timezone ? own.timezone : rules->timezone;
	struct zone *zone = name ? zone_open(name, error) : NULL;
	if (name && !zone)
		return NULL;
	dfh_import *im = xmalloc(sizeof *im);
	*im = (dfh_import){.rules = rules,
			   .zone = zone,
			   .told = lh_by_text(16, lh_free_key),
			   .displayed = lh_by_address(16, NULL),
			   .words = json_words_new(),
			   .release = own.release,
			   .report = own.report,
			   .limit = own.limit,
			   .index = fhir_index_new()};
	stamp_day(own.time, im->today);
	pthread_mutex_init(&im->lock, NULL);
	return im;
}

void dfh_import_free(dfh_import *im)
{
	if (!im)
		return;
	likes_free(im->likes);
	subjects_free(&im->subjects);
	fhir_index_free(im->index);
	json_words_free(im->words);
	zone_close(im->zone);
	lh_table_free(im->told);
	lh_table_free(im->displayed);
	if (im->changed)
		lh_table_free(im->changed);
	if (im->issuers)
		lh_table_free(im->issuers);
	for (size_t i = 0; i < im->source_count; i++)
		free(im->sources[i]);
	free(im->sources);
	pthread_mutex_destroy(&im->lock);
	free(im);
}

/* ---- JSON ---- */

static int import_add_resource(dfh_import *im, const char *name,
			       json_object *resource, dfh_error **error)
{
	if (!json_text(resource, "resourceType"))
		return error_because(error, DFH_NOT_FHIR,
				     "%s: not FHIR: a JSON object without "
				     "resourceType",
				     name);
	pack_finish(im, resource);
	note_nulls(im, resource);
	absent_apply(im->rules, resource);
	aliases_apply(im->rules, resource);
	own_keys_remove(im->rules, resource);
	bool fits = true;
	for (enum fhir_release release = 0; release < RELEASES; release++) {
		size_t misfits = release_misfits(release, resource);
		im->misfits[release] += misfits;
		fits = fits && !misfits;
	}
	subjects_free(&im->subjects);
	likes_free(im->likes);
	im->likes = NULL;
	im->has_subjects = false;
	if (fhir_index_add(im->index, resource) < 0)
		return -1;
	pack_if_plain(im, resource, fits);
	return 0;
}

static void pack_added_element(void *context, json_object *resource)
{
	pack_patient(context, resource);
}

static int fail_fhir_json(const struct json_source *source, const char *name,
			  dfh_error **error)
{
	size_t line, column;
	json_where(source, &line, &column);
	if (strcmp(source->fault, JSON_TOO_LARGE) == 0)
		return error_because(error, DFH_TOO_LARGE,
				     "%s:%d:%d: would take more than %llu "
				     "bytes of memory, which is the limit; "
				     "raise it if the file is to be trusted",
				     name, (int)line, (int)column,
				     (unsigned long long)source->limit);
	return error_because(error, DFH_NOT_FHIR, "%s:%d:%d: not JSON: %s",
			     name, (int)line, (int)column, source->fault);
}

/* One document, or one after the other: NDJSON. */
static int add_documents(dfh_import *im, const char *name, const char *json,
			 size_t length, dfh_error **error)
{
	struct json_source source = json_source_of(json, length, DEPTH_MAX);
	json_object *resource;
	source.limit = memory_limit(im->limit, length);
	source.names = im->words;
	source.list = "entry";
	source.element = "resource";
	source.read = pack_added_element;
	source.context = im;
	int got, result = 0;
	size_t count = 0;
	while (result == 0 && (got = json_read(&source, &resource)) != 0) {
		if (got < 0)
			result = fail_fhir_json(&source, name, error);
		else
			result = import_add_resource(im, name, resource, error);
		json_object_put(resource);
		count++;
	}
	if (!count)
		result = error_because(error, DFH_NOT_FHIR, "%s: is empty",
				       name);
	json_source_free(&source);
	return result;
}

int dfh_import_add_json(dfh_import *im, const char *name, const char *json,
			size_t length, dfh_error **error)
{
	char *inflated = NULL;
	if (text_given(json, length, error) < 0)
		return -1;
	bool is_packed = is_gzip(json, length);
	if (is_packed)
		inflated =
			gunzip(name, json, length,
			       memory_limit(im->limit, length), &length, error);
	int result =
		is_packed && !inflated
			? -1
			: add_documents(im, name, inflated ? inflated : json,
					length, error);
	free(inflated);
	if (result < 0)
		report_add_path(im->report, REPORT_REFUSED, NULL, name,
				"could not be read");
	im->sources = xrealloc(im->sources,
			       (im->source_count + 1) * sizeof *im->sources);
	im->sources[im->source_count++] = xstrdup(name);
	return result;
}

/* ---- a view as a dataset ---- */

enum { NAME_MAX_LENGTH = 2048 }; /* what is longer is cut */

/* "OtherPatientIDsSequence.PatientID (0010,0020)" */
static void name_attribute(const struct rule *rule,
			   const struct dcm_path *attribute,
			   char out[NAME_MAX_LENGTH])
{
	const struct dcm_tag *tag = &attribute->tags[attribute->depth - 1];
	bool within =
		rule && rule->each.kind == EACH_ITEM && !attribute->from_root;
	snprintf(out, NAME_MAX_LENGTH, "%s%s%s",
		 within ? rule->each.paths[0].text : "", within ? "." : "",
		 attribute->text);
	size_t length = strlen(out);
	if (!tag->creator)
		snprintf(out + length, NAME_MAX_LENGTH - length, " (%04x,%04x)",
			 tag->group, tag->element);
}

void import_note_at(void *context, const struct rule *rule,
		    const struct dcm_path *attribute, enum note_kind kind,
		    const char *text)
{
	const struct note_context *c = context;
	enum report_kind reported = report_kind_of(kind);
	char name[NAME_MAX_LENGTH];
	if (attribute)
		name_attribute(rule, attribute, name);
	const struct loss told = {.rule = rule,
				  .found_at = c->found_at ? c->found_at
					      : rule ? rule->fhir[c->release]
						     : NULL,
				  .attribute = attribute ? name : NULL,
				  .text = text};
	if (c->losses && (reported == REPORT_LOST || c->losses->takes_all))
		losses_add(c->losses, &told);
	else
		report_add_at(c->im->report, reported, rule, told.found_at,
			      told.attribute, c->file, text);
}

void import_note(void *context, const struct rule *rule, enum note_kind kind,
		 const char *text)
{
	const struct dcm_path *first = NULL;
	/* What no attribute takes is told of the first that would. */
	for (size_t i = 0; kind == NOTE_REFUSED && !first; i++) {
		if (!rule->codec->ports[i].name)
			break;
		if (rule->ports[i].port && !rule->ports[i].read_only)
			first = &rule->ports[i].path;
	}
	import_note_at(context, rule, first, kind, text);
}

/* file NULL: nothing is noted. */
static struct lens lens_for(struct note_context *context, const char *file,
			    struct dataset *dataset)
{
	const dfh_rules *rules = context->im->rules;
	return (struct lens){
		.rules = rules,
		.release = context->release,
		.arena = dataset->arena,
		.schemes = schemes_of(rules, &dataset->root, dataset->arena),
		.note = file ? import_note : NULL,
		.note_context = context,
		.found_at = &context->found_at,
		.note_at = file ? import_note_at : NULL,
	};
}

/* From the whole to the part: the instance has the last word. */
static void apply_beside(const struct lens *lens, const struct view *view,
			 struct dataset *dataset)
{
	beside_apply(lens, &view->at[LEVEL_STUDY], 4 - LEVEL_STUDY, dataset);
}

/* Of rules that made something else of a dataset. */
static void add_changes(struct losses *losses, const dfh_rules *rules,
			const struct dataset *a, const struct dataset *b)
{
	struct dcm_pair pair = {0};
	while (dcm_pair_next(&pair, &a->root, &b->root)) {
		const struct dcm_tag *tag =
			pair.a ? &pair.a->tag : &pair.b->tag;
		if (!dcm_pair_differs(&pair))
			continue;
		for (size_t i = 0; i < rules->rule_count; i++)
			if (rule_writes_tag(&rules->rules[i], tag))
				losses_add(losses,
					   &(struct loss){
						   .rule = &rules->rules[i]});
	}
}

/* What the dataset says already, for it travelled beside, is not lost: to put
 * it once more tells nothing and changes nothing. */
static void leave_out_what_is_said(struct note_context *context,
				   const struct view *view,
				   const struct dataset *dataset,
				   struct losses *losses)
{
	struct losses again = losses_new(dataset->arena);
	again.takes_all = true;
	if (!losses->first)
		return;
	struct dataset *copy = dataset_copy(dataset);
	const struct lens lens = lens_for(context, context->file, copy);
	context->losses = &again;
	put_view(&lens, view, copy, true);
	context->losses = NULL;
	add_changes(&again, context->im->rules, dataset, copy);
	dataset_free(copy);
	losses_keep(losses, &again);
}

static void tell_losses(const struct note_context *context,
			const struct losses *losses)
{
	for (const struct loss *at = losses->first; at; at = at->next)
		report_add_at(context->im->report, REPORT_LOST, at->rule,
			      at->found_at, at->attribute, context->file,
			      at->text);
}

struct dataset *dataset_of(const struct dfh_import *im, const struct view *view,
			   const char *file)
{
	struct dataset *dataset = dataset_new();
	struct losses losses = losses_new(dataset->arena);
	struct note_context context = {.im = im,
				       .release = view->release,
				       .file = file,
				       .losses = &losses};
	struct lens lens = lens_for(&context, file, dataset);
	put_view(&lens, view, dataset, true);
	context.losses = NULL;
	put_type2(im->rules, dataset);
	if (file)
		note_unmapped(im, &lens, view, dataset, file);
	apply_beside(&lens, view, dataset);
	leave_out_what_is_said(&context, view, dataset, &losses);
	tell_losses(&context, &losses);
	return dataset;
}

/* What several rules share, the zone, is of the dataset, not of one value. */
static void copy_shared(const dfh_rules *rules, const struct dataset *from,
			struct dataset *to)
{
	for (size_t i = 0; i < rules->rule_count; i++)
		for (size_t k = 0; rules->rules[i].codec->ports[k].name; k++) {
			const struct rule_port *port =
				&rules->rules[i].ports[k];
			if (port->port && port->shared && port->path.depth == 1)
				dcm_item_borrow(&to->root, &from->root,
						&port->path.tags[0]);
		}
}

static bool same_moment(const struct moment *a, const struct moment *b)
{
	return a->has_time == b->has_time && a->has_zone == b->has_zone &&
	       a->offset == b->offset && moment_same_date(a, b) &&
	       (!a->has_time || moment_same_time(a, b));
}

bool same_start(const struct dfh_import *im, const struct view *view,
		const struct dataset *a, const struct dataset *b)
{
	struct arena *arena = arena_new();
	const struct lens lens = {.rules = im->rules,
				  .release = view->release,
				  .arena = arena,
				  .zone = im->zone};
	bool same = true;
	for (size_t i = 0; i < im->rules->place_count && same; i++) {
		const struct place *place = &im->rules->places[i];
		const struct view of_a = put_dated(&lens, view, place, a);
		const struct view of_b = put_dated(&lens, view, place, b);
		same = same_moment(&of_a.start, &of_b.start);
	}
	arena_free(arena);
	return same;
}

struct dataset *dataset_like(const struct dfh_import *im,
			     const struct view *view,
			     const struct dataset *like)
{
	struct dataset *dataset = dataset_new();
	struct note_context context = {.im = im, .release = view->release};
	struct lens lens = lens_for(&context, NULL, dataset);
	lens.zone = im->zone;
	lens.before = like;
	copy_shared(im->rules, like, dataset);
	put_view(&lens, view, dataset, true);
	put_type2(im->rules, dataset);
	apply_beside(&lens, view, dataset);
	return dataset;
}

struct dataset *found_by(const struct dfh_import *im, const struct view *view)
{
	struct dataset *dataset = dataset_new();
	struct note_context context = {.im = im, .release = view->release};
	struct lens lens = lens_for(&context, NULL, dataset);
	lens.identifies = true;
	lens.keys_alone = !im->is_weighed;
	put_view(&lens, view, dataset, true);
	apply_beside(&lens, view, dataset);
	return dataset;
}

struct dataset *made_by(const struct dfh_import *im, enum fhir_release release,
			const struct rule *rule, json_object *value)
{
	struct dataset *dataset = dataset_new();
	struct note_context context = {.im = im, .release = release};
	struct lens lens = lens_for(&context, NULL, dataset);
	struct scope root = scope_root(&dataset->root);
	if (value)
		lens_put_one(&lens, rule, &root, value);
	return dataset;
}

/* For a dataset that is there. */
static struct lens lens_onto(struct note_context *context,
			     const struct dataset *before,
			     struct dataset *dataset,
			     const dfh_stamp_options *how)
{
	const struct dfh_import *im = context->im;
	struct lens lens = lens_for(context, context->file, dataset);
	lens.stamps = true;
	lens.zone = im->zone;
	lens.is_of_study = arena_alloc(dataset->arena,
				       im->rules->rule_count * sizeof(bool));
	lens.before = before;
	lens.policy = how->policy;
	lens.forced = how->force || stamp_allows(how, "issuer");
	return lens;
}

void put_on(const struct dfh_import *im, const struct view *view,
	    const char *file, const struct dataset *before,
	    const struct place *left_out, struct dataset *dataset,
	    const dfh_stamp_options *how)
{
	struct note_context context = {
		.im = im, .release = view->release, .file = file};
	struct lens lens = lens_onto(&context, before, dataset, how);
	lens.left_out = left_out;
	put_view(&lens, view, dataset, false);
	note_unmapped(im, &lens, view, dataset, file);
	apply_beside(&lens, view, dataset);
	check_result(&lens, dataset);
	legal_check(&lens, dataset);
}

void put_alone(const struct dfh_import *im, const struct view *view,
	       const char *file, const struct dataset *before,
	       const struct place *alone, struct dataset *dataset,
	       const dfh_stamp_options *how)
{
	struct note_context context = {
		.im = im, .release = view->release, .file = file};
	struct lens lens = lens_onto(&context, before, dataset, how);
	lens.alone = alone;
	put_view(&lens, view, dataset, false);
	note_unmapped(im, &lens, view, dataset, file);
}

void check_stamped(const struct dfh_import *im, const struct view *view,
		   const char *file, const struct dataset *before,
		   struct dataset *dataset, const dfh_stamp_options *how)
{
	struct note_context context = {
		.im = im, .release = view->release, .file = file};
	struct lens lens = lens_onto(&context, before, dataset, how);
	check_result(&lens, dataset);
	legal_check(&lens, dataset);
}
