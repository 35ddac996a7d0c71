/* dfh_export_write: one Bundle out, study by study. */
#include <stdlib.h>
#include <string.h>

#include <json-c/linkhash.h>

#include "error.h"
#include "export.h"

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
static struct assembly *survey(dfh_export *ex, struct assembly *outer,
			       const struct instances *instances,
			       enum survey kind)
{
	struct assembly *assembly = export_assembly(ex, outer);
	uint32_t last = UINT32_MAX;
	for (size_t i = instances->from; i < instances->to; i++) {
		struct instance instance;
		/* Nothing that is shared is of an instance's own. */
		if (store_set(instances->store, i) == last)
			continue;
		last = store_set(instances->store, i);
		store_take(instances->store, i, &instance);
		assembly_survey(assembly, &instance, kind);
		instance_clear(&instance);
	}
	if (assembly_survey_end(assembly))
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
	struct lh_table *table = lh_kptr_table_new(256, free_dispute);
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
		lh_table_insert(table, key, one);
	}
	return table;
}

static enum dispute dispute_of(struct lh_table *disputes,
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

struct stream {
	dfh_export *ex;
	int (*write)(const void *bytes, size_t length, void *context);
	void *context;
	dfh_error **error;
	struct lh_table *disputes;
	/* A Bundle of one entry and one of two, which are null: what stands
	 * around an entry and between two. */
	char *one, *two;
	size_t head; /* the length of what is before the first */
	size_t entries;
};

static const size_t null_length = 4;

static char *print(json_object *entries, int flags)
{
	json_object *bundle = bundle_new();
	json_object_object_add(bundle, "entry", entries);
	char *text = xstrdup(json_object_to_json_string_ext(
		bundle, flags | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(bundle);
	return text;
}

static char *print_pretty(json_object *first, size_t count)
{
	json_object *entries = json_object_new_array();
	json_object_array_add(entries, first);
	for (size_t i = 1; i < count; i++)
		json_object_array_add(entries, NULL);
	return print(entries,
		     JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED);
}

static void make_frame(struct stream *stream)
{
	stream->one = print_pretty(NULL, 1);
	stream->two = print_pretty(NULL, 2);
	stream->head = (size_t)(strstr(stream->one, "null") - stream->one);
}

static int put(struct stream *stream, const char *text, size_t length)
{
	if (stream->write(text, length, stream->context) == 0)
		return 0;
	return error_set(stream->error, DFH_IO, "the Bundle was not written");
}

/* What is before an entry: the head of the Bundle, or the gap. */
static int put_before(struct stream *stream)
{
	if (stream->entries++ == 0)
		return put(stream, stream->one, stream->head);
	return put(stream, stream->two + stream->head + null_length,
		   strlen(stream->two) - strlen(stream->one) - null_length);
}

static int put_entry(struct stream *stream, json_object *entry)
{
	if (put_before(stream) < 0)
		return -1;
	char *text = print_pretty(json_object_get(entry), 1);
	size_t around = strlen(stream->one) - null_length;
	int result = put(stream, text + stream->head, strlen(text) - around);
	free(text);
	return result;
}

static int put_tail(struct stream *stream)
{
	const char *tail = stream->one + stream->head + null_length;
	if (stream->entries)
		return put(stream, tail, strlen(tail));
	/* Nothing was added. */
	json_object *bundle = bundle_new();
	const char *text = json_object_to_json_string_ext(
		bundle, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
				JSON_C_TO_STRING_NOSLASHESCAPE);
	int result = put(stream, text, strlen(text));
	json_object_put(bundle);
	return result;
}

/* The entries of a study that no earlier study had. */
static int put_study(struct stream *stream, struct assembly *outer,
		     const struct instances *study)
{
	int result = 0;
	struct assembly *assembly = export_assembly(stream->ex, outer);
	assembly->dispute =
		dispute_of(stream->disputes, study->store, study->from);
	export_assemble(assembly, study);
	json_object *bundle = assembly_bundle(assembly, study);
	json_object *entries = json_member(bundle, "entry");
	size_t count = entries ? json_object_array_length(entries) : 0;
	for (size_t i = 0; result == 0 && i < count; i++) {
		json_object *entry = json_object_array_get_idx(entries, i);
		if (json_member(entry, "request"))
			result = put_entry(stream, entry);
	}
	json_object_put(bundle);
	assembly_free(assembly);
	return result;
}

static int put_patient(struct stream *stream, struct assembly *shared,
		       const struct instances *patient)
{
	const struct store *store = patient->store;
	int result = 0;
	bool several = store_study(store, patient->from).to < patient->to;
	struct assembly *own =
		several ? survey(stream->ex, shared, patient, SURVEY_PATIENT)
			: NULL;
	for (size_t i = patient->from; result == 0 && i < patient->to;) {
		const struct instances study = store_study(store, i);
		result = put_study(stream, own ? own : shared, &study);
		i = study.to;
	}
	assembly_free(own);
	return result;
}

static int put_all(struct stream *stream)
{
	const struct store *store = stream->ex->store;
	const struct instances all = {store, 0, store_count(store)};
	bool several = all.to && store_study(store, 0).to < all.to;
	struct assembly *shared =
		several ? survey(stream->ex, NULL, &all, SURVEY_ALL) : NULL;
	int result = 0;
	for (size_t i = 0; result == 0 && i < all.to;) {
		const struct instances patient = store_patient(store, i);
		result = put_patient(stream, shared, &patient);
		i = patient.to;
	}
	assembly_free(shared);
	return result == 0 ? put_tail(stream) : -1;
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
				.error = error,
				.disputes = find_disputes(ex->store)};
	make_frame(&stream);
	int result = put_all(&stream);
	lh_table_free(stream.disputes);
	free(stream.one);
	free(stream.two);
	ex->next = store_count(ex->store);
	return result;
}

static int collect(const void *bytes, size_t length, void *context)
{
	buffer_add(context, bytes, length);
	return 0;
}

char *dfh_export_bundle(dfh_export *ex, dfh_error **error)
{
	struct buffer text = {0};
	if (dfh_export_write(ex, collect, &text, error) < 0) {
		free(text.bytes);
		return NULL;
	}
	buffer_add(&text, "", 1);
	return (char *)text.bytes;
}
