/* One transaction for all studies, study by study. */
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "each.h"
#include "error.h"
#include "export.h"
#include "only_item.h"

struct assembly *export_assembly(dfh_export *ex, struct assembly *outer)
{
	struct assembly *assembly = assembly_new(
		ex->rules, ex->release, ex->zone, ex->report, ex->plain);
	assembly->outer = outer;
	assembly->own = store_own(ex->store);
	return assembly;
}

void export_assemble(struct assembly *assembly,
		     const struct instances *instances)
{
	struct instance instance;
	for (size_t i = instances->from; i < instances->to; i++) {
		bool is_same = false;
		if (i == instances->from)
			store_take(instances->store, i, &instance);
		else
			is_same =
				store_take_next(instances->store, i, &instance);
		assembly_add(assembly, &instance, is_same);
	}
	if (instances->from < instances->to)
		instance_clear(&instance);
}

/* ---- what several studies share ---- */

/* NULL: there is nothing to share. */
static struct assembly *survey_instances(dfh_export *ex, struct assembly *outer,
					 const struct instances *instances,
					 enum survey kind)
{
	struct assembly *assembly = export_assembly(ex, outer);
	uint32_t last = UINT32_MAX;
	struct instances study = {instances->store, instances->from,
				  instances->from};
	for (size_t i = instances->from; i < instances->to; i++) {
		struct instance instance;
		if (i == study.to) {
			only_item_end_study(assembly, study.from);
			study = store_study(instances->store, i);
		}
		/* Nothing that is shared is of an instance's own. */
		if (store_set(instances->store, i) == last)
			continue;
		last = store_set(instances->store, i);
		store_take(instances->store, i, &instance);
		assembly->surveyed = i;
		assembly_survey(assembly, &instance, kind);
		instance_clear(&instance);
	}
	only_item_end_study(assembly, study.from);
	if (assembly_survey_end(assembly, ex->report))
		return assembly;
	assembly_free(assembly);
	return NULL;
}

/* Study keys, by the number of which patient claims it first. */
struct disputes {
	uint32_t patient;
	bool disputed;
};

static void free_dispute(struct lh_entry *entry)
{
	free((void *)(uintptr_t)lh_entry_v(entry));
}

static void *key_at(const struct store *store, size_t index)
{
	return (void *)(uintptr_t)(store_study_key(store, index) + (size_t)1);
}

static struct lh_table *find_disputes(const struct store *store)
{
	struct lh_table *table = lh_by_address(256, free_dispute);
	for (size_t i = 0; i < store_count(store);
	     i = store_study(store, i).to) {
		void *key = key_at(store, i);
		struct lh_entry *entry = lh_table_lookup_entry(table, key);
		struct disputes *one =
			entry ? (struct disputes *)lh_entry_v(entry)
			      : xmalloc(sizeof *one);
		if (entry) {
			one->disputed = true;
			continue;
		}
		*one = (struct disputes){store_patient_key(store, i), false};
		lh_add(table, key, one);
	}
	return table;
}

static enum study_dispute dispute_of(struct lh_table *disputes,
				     const struct store *store, size_t index)
{
	struct lh_entry *entry =
		lh_table_lookup_entry(disputes, key_at(store, index));
	const struct disputes *one = (struct disputes *)lh_entry_v(entry);
	if (!one->disputed)
		return UNDISPUTED;
	return one->patient == store_patient_key(store, index) ? DISPUTED_FIRST
							       : DISPUTED_AGAIN;
}

/* ---- one transaction for all ---- */

struct patient {
	struct instances all;
	struct assembly *own; /* what his studies share */
	size_t left;	      /* studies that are not yet done */
	bool surveyed;
};

struct stream_part {
	struct instances study;
	size_t patient;
};

struct stream {
	dfh_export *ex;
	int (*write)(const void *bytes, size_t length, void *context);
	void *context;
	struct lh_table *disputes;
	struct assembly *shared; /* by all */
	struct patient *patients;
	struct stream_part *parts;
	size_t patient_count, part_count;
	pthread_mutex_t lock; /* of the patients */
	/* A Bundle of one entry and one of two, which are null: what stands
	 * around an entry and between two. */
	char *one, *two;
	size_t head; /* the length of what is before the first */
	bool begun;
	atomic_bool failed;
};

static const size_t null_length = 4;

static char *print_pretty(json_object *first, size_t count)
{
	json_object *bundle = bundle_new();
	json_object *entries = json_new_array();
	json_append(entries, first);
	for (size_t i = 1; i < count; i++)
		json_append(entries, NULL);
	if (count)
		json_add(bundle, "entry", entries);
	else
		json_object_put(entries);
	return json_to_pages(bundle);
}

static const char *gap_of(const struct stream *stream, size_t *length)
{
	*length = strlen(stream->two) - strlen(stream->one) - null_length;
	return stream->two + stream->head + null_length;
}

static void add_entry(const struct stream *stream, json_object *entry,
		      struct buffer *out)
{
	size_t length;
	const char *gap = gap_of(stream, &length);
	if (out->length)
		buffer_add(out, gap, length);
	char *text = print_pretty(json_object_get(entry), 1);
	buffer_add(out, text + stream->head,
		   strlen(text) - (strlen(stream->one) - null_length));
	free(text);
}

/* The entries of a study that no earlier study had. */
static void add_study(const struct stream *stream, struct assembly *outer,
		      const struct instances *study, struct buffer *out)
{
	struct assembly *assembly = export_assembly(stream->ex, outer);
	assembly->dispute =
		dispute_of(stream->disputes, study->store, study->from);
	export_assemble(assembly, study);
	json_object *bundle = assembly_bundle(assembly, study);
	json_object *entries = json_member(bundle, "entry");
	size_t count = json_count(entries);
	for (size_t i = 0; i < count; i++) {
		json_object *entry = json_at(entries, i);
		if (json_member(entry, "request"))
			add_entry(stream, entry, out);
	}
	json_object_put(bundle);
	assembly_free(assembly);
}

/* ---- its parts, each in a thread ---- */

/* What the patient's studies share: of the first of them that gets there. */
static struct assembly *begin_study(struct stream *stream,
				    struct patient *patient)
{
	pthread_mutex_lock(&stream->lock);
	if (!patient->surveyed && patient->left > 1)
		patient->own = survey_instances(stream->ex, stream->shared,
						&patient->all, SURVEY_PATIENT);
	patient->surveyed = true;
	pthread_mutex_unlock(&stream->lock);
	return patient->own ? patient->own : stream->shared;
}

static void end_study_of_patient(struct stream *stream, struct patient *patient)
{
	pthread_mutex_lock(&stream->lock);
	if (--patient->left == 0) {
		assembly_free(patient->own);
		patient->own = NULL;
	}
	pthread_mutex_unlock(&stream->lock);
}

static void *make_part(void *context, size_t index)
{
	struct stream *stream = context;
	const struct stream_part *part = &stream->parts[index];
	struct patient *patient = &stream->patients[part->patient];
	struct buffer *text = xmalloc(sizeof *text);
	*text = (struct buffer){0};
	add_study(stream, begin_study(stream, patient), &part->study, text);
	end_study_of_patient(stream, patient);
	return text;
}

static void put_bytes(struct stream *stream, const void *bytes, size_t length)
{
	if (!stream->failed &&
	    stream->write(bytes, length, stream->context) != 0)
		stream->failed = true;
}

static void put_part(void *context, size_t index, void *result)
{
	struct stream *stream = context;
	struct buffer *text = result;
	size_t length;
	const char *gap = gap_of(stream, &length);
	const struct instances *study = &stream->parts[index].study;
	if (text->length && stream->begun)
		put_bytes(stream, gap, length);
	else if (text->length)
		put_bytes(stream, stream->one, stream->head);
	stream->begun = stream->begun || text->length;
	put_bytes(stream, text->bytes, text->length);
	stream->ex->converted += study->to - study->from;
	free(text->bytes);
	free(text);
}

static bool has_failed(void *context)
{
	return ((struct stream *)context)->failed;
}

static void put_tail(struct stream *stream)
{
	/* Without entries there is no list of them. */
	char *none = print_pretty(NULL, 0);
	const char *tail =
		stream->begun ? stream->one + stream->head + null_length : none;
	put_bytes(stream, tail, strlen(tail));
	free(none);
}

/* ---- all of it ---- */

static void list_parts(struct stream *stream)
{
	const struct store *store = stream->ex->store;
	size_t count = store_count(store);
	for (size_t i = 0; i < count;) {
		const struct instances all = store_patient(store, i);
		size_t number = stream->patient_count++;
		array_room(stream->patients, number);
		struct patient *patient = &stream->patients[number];
		*patient = (struct patient){.all = all};
		for (; i < all.to; patient->left++) {
			size_t part = stream->part_count++;
			array_room(stream->parts, part);
			stream->parts[part] = (struct stream_part){
				store_study(store, i), number};
			i = stream->parts[part].study.to;
		}
	}
}

static void put_all_parts(struct stream *stream)
{
	const struct store *store = stream->ex->store;
	const struct instances all = {store, 0, store_count(store)};
	const struct each_work each = {make_part, put_part, has_failed, stream,
				       EXPORT_AHEAD};
	if (stream->part_count > 1)
		stream->shared =
			survey_instances(stream->ex, NULL, &all, SURVEY_ALL);
	each_run(&each, stream->part_count, (int)stream->ex->jobs);
	put_tail(stream);
	/* Where writing failed, some were not done. */
	for (size_t i = 0; i < stream->patient_count; i++)
		assembly_free(stream->patients[i].own);
	assembly_free(stream->shared);
}

int dfh_export_write(dfh_export *ex,
		     int (*write)(const void *bytes, size_t length,
				  void *context),
		     void *context, dfh_error **error)
{
	export_sort(ex);
	struct stream stream = {.ex = ex,
				.write = write,
				.context = context,
				.disputes = find_disputes(ex->store),
				.one = print_pretty(NULL, 1),
				.two = print_pretty(NULL, 2)};
	stream.head = (size_t)(strstr(stream.one, "null") - stream.one);
	pthread_mutex_init(&stream.lock, NULL);
	list_parts(&stream);
	put_all_parts(&stream);
	pthread_mutex_destroy(&stream.lock);
	lh_table_free(stream.disputes);
	free(stream.patients);
	free(stream.parts);
	free(stream.one);
	free(stream.two);
	export_empty(ex);
	return stream.failed ? error_because(error, DFH_CANNOT_WRITE,
					     "the Bundle was not written")
			     : 0;
}

static int collect_bytes(const void *bytes, size_t length, void *context)
{
	buffer_add(context, bytes, length);
	return 0;
}

char *dfh_export_bundle(dfh_export *ex, dfh_error **error)
{
	struct buffer text = {0};
	if (dfh_export_write(ex, collect_bytes, &text, error) < 0) {
		free(text.bytes);
		return NULL;
	}
	buffer_add(&text, "", 1);
	return (char *)text.bytes;
}
