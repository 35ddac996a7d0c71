/* dfh_export_*: files in, Bundles out. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "assemble.h"
#include "view.h"
#include "error.h"
#include "uuid.h"
#include "zone.h"

struct dfh_export {
	const dfh_rules *rules;
	dfh_release release;
	struct zone *zone;
	dfh_report *report;
	bool plain;
	bool by_dcmtk;
	struct instance *instances;
	size_t count;
	bool sorted;
	size_t next;	      /* of dfh_export_next */
	pthread_mutex_t lock; /* of the list and the report, while files are
				 added */
};

dfh_export *dfh_export_new(const dfh_rules *rules,
			   const dfh_export_options *options, dfh_error **error)
{
	const char *name =
		options->timezone ? options->timezone : rules->timezone;
	if (!rules->in_release[options->release]) {
		error_set(error, DFH_USAGE, "the rules are not for %s",
			  options->release == DFH_R4 ? "R4" : "R5");
		return NULL;
	}
	struct zone *zone = name ? zone_open(name, error) : NULL;
	if (name && !zone)
		return NULL;
	dfh_export *ex = xmalloc(sizeof *ex);
	*ex = (dfh_export){
		.rules = rules,
		.release = options->release,
		.zone = zone,
		.report = options->report,
		.plain = options->plain != 0,
		.by_dcmtk = options->reader == DFH_READER_DCMTK,
	};
	pthread_mutex_init(&ex->lock, NULL);
	return ex;
}

static void free_instance(struct instance *instance)
{
	for (int level = 0; level < LEVELS; level++)
		free(instance->keys[level]);
	free(instance->file);
	dataset_free(instance->dataset);
}

void dfh_export_free(dfh_export *ex)
{
	if (!ex)
		return;
	for (size_t i = 0; i < ex->count; i++)
		free_instance(&ex->instances[i]);
	free(ex->instances);
	zone_close(ex->zone);
	pthread_mutex_destroy(&ex->lock);
	free(ex);
}

/* ---- reading ---- */

/* The values of a place's key; "" if there are none. */
static char *key_of(const struct place *place, const struct dataset *dataset)
{
	struct scope root = scope_root((struct dcm_item *)&dataset->root);
	char *key = xstrdup("");
	bool any = false;
	for (size_t i = 0; place && i < place->key_count; i++) {
		struct port_value value =
			scope_read(&root, &place->key[i], dataset->arena);
		const char *text = value.text ? value.text : "";
		/* The first part is what identifies, the others qualify it. */
		if (i == 0 && !*text)
			break;
		size_t old = strlen(key);
		key = xrealloc(key, old + strlen(text) + 2);
		if (i)
			key[old++] = '\x1f';
		strcpy(key + old, text);
		any = true;
	}
	if (!any)
		*key = '\0';
	return key;
}

static void append(char **text, size_t *length, const char *more, size_t size)
{
	*text = xrealloc(*text, *length + size + 1);
	memcpy(*text + *length, more, size);
	*length += size;
	(*text)[*length] = '\0';
}

static void append_item(char **text, size_t *length,
			const struct dcm_item *item)
{
	for (size_t i = 0; i < item->count; i++) {
		const struct dcm_element *e = &item->elements[i];
		char name[128];
		dcm_tag_name(&e->tag, name);
		append(text, length, name, strlen(name));
		append(text, length, "=", 1);
		if (e->text)
			append(text, length, e->text, strlen(e->text));
		for (size_t k = 0; k < e->item_count; k++)
			append_item(text, length, e->items[k]);
		append(text, length, "\n", 1);
	}
}

/* A dataset without a Study Instance UID is a study by itself, told apart by
 * its instance or else by all that it says: it must not meet others. */
static char *key_alone(const struct instance *instance)
{
	char *text = xstrdup("");
	size_t length = 0;
	char uuid[UUID_TEXT];
	if (*instance->keys[LEVEL_INSTANCE])
		append(&text, &length, instance->keys[LEVEL_INSTANCE],
		       strlen(instance->keys[LEVEL_INSTANCE]));
	else
		append_item(&text, &length, &instance->dataset->root);
	uuid_from_name(text, uuid);
	free(text);
	return xstrdup(uuid);
}

static void add_instance(dfh_export *ex, const struct instance *instance)
{
	if ((ex->count & (ex->count - 1)) == 0)
		ex->instances = xrealloc(ex->instances,
					 (ex->count ? 2 * ex->count : 1) *
						 sizeof *ex->instances);
	ex->instances[ex->count++] = *instance;
}

static void note_refused(dfh_export *ex, const struct dcm_source *source)
{
	pthread_mutex_lock(&ex->lock);
	report_add(ex->report, REPORT_REFUSED, NULL, ex->release, NULL,
		   source->name, "could not be read");
	pthread_mutex_unlock(&ex->lock);
}

/* With the lock held. */
static void note_unread(dfh_export *ex, struct dataset *dataset,
			const char *file)
{
	report_add_unread(ex->report, dataset->unread, dataset->unread_count,
			  file);
	dataset_drop_unread(dataset);
}

static int add_source(dfh_export *ex, struct dcm_source *source,
		      dfh_error **error)
{
	source->lists_unread = report_wants_unmapped(ex->report);
	source->by_dcmtk = ex->by_dcmtk;
	struct dataset *dataset = dcm_read(source, &ex->rules->wants, error);
	if (!dataset) {
		note_refused(ex, source);
		return -1;
	}
	if (!dataset->root.count) {
		dataset_free(dataset);
		note_refused(ex, source);
		return error_set(error, DFH_REFUSED,
				 "%s: has no attribute that a rule reads",
				 source->name);
	}
	struct instance instance = {.dataset = dataset,
				    .file = xstrdup(source->name)};
	for (int level = 0; level < LEVELS; level++)
		instance.keys[level] =
			key_of(view_level_place(ex->rules, (enum level)level),
			       dataset);
	bool alone = !*instance.keys[LEVEL_STUDY];
	if (alone) {
		free(instance.keys[LEVEL_STUDY]);
		instance.keys[LEVEL_STUDY] = key_alone(&instance);
	}
	pthread_mutex_lock(&ex->lock);
	if (alone)
		report_add(ex->report, REPORT_INVALID, NULL, ex->release,
			   "StudyInstanceUID", source->name,
			   "a study without it cannot be found again");
	if (dataset->mislabelled)
		report_add(ex->report, REPORT_INVALID, NULL, ex->release,
			   "TransferSyntaxUID", source->name,
			   "the dataset is not encoded as it says");
	note_unread(ex, dataset, source->name);
	add_instance(ex, &instance);
	pthread_mutex_unlock(&ex->lock);
	return 0;
}

int dfh_export_add_file(dfh_export *ex, const char *path, dfh_error **error)
{
	return add_source(ex, &(struct dcm_source){.name = path}, error);
}

int dfh_export_add_bytes(dfh_export *ex, const char *name, const void *bytes,
			 size_t length, dfh_error **error)
{
	return add_source(ex,
			  &(struct dcm_source){.name = name,
					       .bytes = bytes,
					       .length = length},
			  error);
}

/* ---- the order of instances ---- */

static int compare_items(const struct dcm_item *a, const struct dcm_item *b);

static int compare_text(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "");
}

static int compare_elements(const struct dcm_element *a,
			    const struct dcm_element *b)
{
	int order = dcm_tag_compare(&a->tag, &b->tag);
	if (!order)
		order = compare_text(a->text, b->text);
	if (!order)
		order = (a->length > b->length) - (a->length < b->length);
	if (!order && a->length)
		order = memcmp(a->bytes, b->bytes, a->length);
	if (!order)
		order = (a->item_count > b->item_count) -
			(a->item_count < b->item_count);
	for (size_t i = 0; !order && i < a->item_count; i++)
		order = compare_items(a->items[i], b->items[i]);
	return order;
}

static int compare_items(const struct dcm_item *a, const struct dcm_item *b)
{
	int order = 0;
	for (size_t i = 0; !order && i < a->count && i < b->count; i++)
		order = compare_elements(&a->elements[i], &b->elements[i]);
	return order ? order : (a->count > b->count) - (a->count < b->count);
}

static int compare_keys(const struct instance *a, const struct instance *b)
{
	int order = 0;
	for (int level = 0; !order && level < LEVELS; level++)
		order = strcmp(a->keys[level], b->keys[level]);
	return order;
}

/* By what they say, never by the name of the file: the same files give the
 * same Bundle wherever they lie. */
static int compare_instances(const void *a, const void *b)
{
	const struct instance *x = a, *y = b;
	int order = compare_keys(x, y);
	if (!order)
		order = compare_items(&x->dataset->root, &y->dataset->root);
	return order ? order : strcmp(x->file, y->file);
}

/* Equal instances count once; of several that claim one SOP Instance UID but
 * differ, the first in the order of their contents stays, and that is said. */
static void drop_repeated(dfh_export *ex)
{
	size_t kept = 0;
	for (size_t i = 0; i < ex->count; i++) {
		struct instance *this = &ex->instances[i];
		struct instance *last = kept ? &ex->instances[kept - 1] : NULL;
		bool equal = last && compare_keys(last, this) == 0 &&
			     compare_items(&last->dataset->root,
					   &this->dataset->root) == 0;
		bool same_uid = last && *this->keys[LEVEL_INSTANCE] &&
				compare_keys(last, this) == 0;
		if (!equal && !same_uid) {
			ex->instances[kept++] = *this;
			continue;
		}
		if (!equal) {
			report_add(ex->report, REPORT_DISAGREE, NULL,
				   ex->release, NULL, last->file,
				   "another file of the same instance differs "
				   "from this one, which was taken");
			report_add(ex->report, REPORT_DISAGREE, NULL,
				   ex->release, NULL, this->file,
				   "another file of the same instance differs "
				   "from this one, which was left out");
		}
		free_instance(this);
	}
	ex->count = kept;
}

static void sort(dfh_export *ex)
{
	if (ex->sorted)
		return;
	if (ex->count)
		qsort(ex->instances, ex->count, sizeof *ex->instances,
		      compare_instances);
	drop_repeated(ex);
	ex->sorted = true;
}

/* ---- writing ---- */

static char *bundle_text(dfh_export *ex, size_t from, size_t to, int flags)
{
	struct assembly *assembly = assembly_new(
		ex->rules, ex->release, ex->zone, ex->report, ex->plain);
	for (size_t i = from; i < to; i++)
		assembly_add(assembly, &ex->instances[i]);
	json_object *bundle =
		assembly_bundle(assembly, ex->instances + from, to - from);
	char *text = xstrdup(json_object_to_json_string_ext(
		bundle, flags | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(bundle);
	assembly_free(assembly);
	return text;
}

char *dfh_export_bundle(dfh_export *ex, dfh_error **error)
{
	(void)error;
	sort(ex);
	ex->next = ex->count;
	return bundle_text(ex, 0, ex->count,
			   JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED);
}

char *dfh_export_next(dfh_export *ex, dfh_error **error)
{
	(void)error;
	sort(ex);
	if (ex->next == ex->count)
		return NULL;
	const struct instance *first = &ex->instances[ex->next];
	size_t end = ex->next + 1;
	while (end < ex->count &&
	       strcmp(first->keys[LEVEL_PATIENT],
		      ex->instances[end].keys[LEVEL_PATIENT]) == 0 &&
	       strcmp(first->keys[LEVEL_STUDY],
		      ex->instances[end].keys[LEVEL_STUDY]) == 0)
		end++;
	char *text = bundle_text(ex, ex->next, end, JSON_C_TO_STRING_PLAIN);
	ex->next = end;
	return text;
}
