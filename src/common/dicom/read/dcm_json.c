/* DICOM JSON as a source of datasets, one after the other. */
#include "dcm_json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dcm_file.h"
#include "error.h"

/* Unless more is allowed, of what an input may take by its size: of many
 * instances one is in memory at a time. */
enum { TEXT_MAX = 64 << 20, INSTANCE_MAX = 1 << 30 };

struct dcm_json {
	struct dcm_file file;
	struct json_pull pull;
	const struct dcm_fetch *fetch;
	uint64_t offset; /* of what the window is filled with next */
	bool in_array;	 /* at the top level */
	size_t count;	 /* of instances by now */
	bool has_datasets;
	char *name; /* of the instance at hand */
};

/* ---- what it is ---- */

/* Enough for the preamble, or for blanks that nobody writes. */
enum { SNIFF = 256 };

static bool is_json(const unsigned char *bytes, size_t length)
{
	size_t at =
		length >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;

	if (length >= 132 && memcmp(bytes + 128, "DICM", 4) == 0)
		return false;
	while (at < length && memchr(" \t\r\n", bytes[at], 4))
		at++;
	return at < length && (bytes[at] == '{' || bytes[at] == '[');
}

static int begins_as_json(struct dcm_file *file, dfh_error **error)
{
	size_t length = file->size < SNIFF ? (size_t)file->size : SNIFF;
	unsigned char bytes[SNIFF];

	if (dcm_file_read(file, 0, bytes, length, error) < 0)
		return -1;
	return is_json(bytes, length);
}

int dcm_json_begins(const struct dcm_source *source, dfh_error **error)
{
	struct dcm_file file;
	int answer = -1;

	if (dcm_file_open(&file, source, error) < 0)
		return -1;
	answer = begins_as_json(&file, error);
	dcm_file_close(&file);
	return answer;
}

/* ---- reading ---- */

static int read_more_json(void *context, char *to, size_t size, size_t *got)
{
	struct dcm_json *json = context;
	uint64_t left = json->file.size - json->offset;

	*got = left < size ? (size_t)left : size;
	if (dcm_file_read(&json->file, json->offset, to, *got, NULL) < 0)
		return json->file.fault;
	json->offset += *got;
	return 0;
}

struct dcm_json *dcm_json_open(const struct dcm_source *source,
			       const struct dcm_fetch *fetch, dfh_error **error)
{
	struct dcm_json *json = xmalloc(sizeof(*json));

	*json = (struct dcm_json){.fetch = fetch};
	if (dcm_file_open(&json->file, source, error) < 0) {
		free(json);
		return NULL;
	}
	json->pull = json->file.bytes
			     ? json_pull_of((const char *)json->file.bytes,
					    (size_t)json->file.size,
					    DCM_JSON_DEPTH_MAX)
			     : json_pull_from(read_more_json, json,
					      DCM_JSON_DEPTH_MAX);
	json->pull.is_loose = true;
	json->pull.text_max = source->limit ? (size_t)source->limit : TEXT_MAX;
	if (!source->limit && json->file.limit > INSTANCE_MAX)
		json->file.limit = INSTANCE_MAX;
	return json;
}

void dcm_json_close(struct dcm_json *json)
{
	if (!json)
		return;
	json_pull_free(&json->pull);
	dcm_file_close(&json->file);
	free(json->name);
	free(json);
}

const char *dcm_json_name(const struct dcm_json *json)
{
	return json->name;
}

bool dcm_json_has_datasets(const struct dcm_json *json)
{
	return json->has_datasets;
}

/* ---- faults ---- */

/* ", in [2].00400275[0].00080050": the instance, and the path in it; to be
 * freed.  NULL for tree: between instances. */
static char *place_of_fault(const struct dcm_json *json,
			    const struct dcm_json_tree *tree)
{
	char path[DCM_JSON_PATH] = "";

	if (!json->count)
		return xstrdup("");
	if (tree)
		dcm_json_path(tree, path);
	return xprintf(", %s [%zu]%s%s", tree ? "in" : "behind",
		       json->count - 1, *path ? "." : "", path);
}

static enum dcm_json_answer fail_json_dataset(struct dcm_json *json,
					      const struct dcm_json_tree *tree,
					      dfh_error **error)
{
	const char *name = json->file.name;
	size_t line, column;

	if (json->pull.failed) {
		error_because(error, DFH_CANNOT_READ, "%s: %s", name,
			      strerror(json->pull.failed));
		return DCM_JSON_FAILED;
	}
	json_pull_where(&json->pull, &line, &column);
	bool is_long = strcmp(json->pull.fault, JSON_TOO_LONG) == 0;
	if (is_long)
		json->file.limit = json->pull.text_max;
	if (is_long || strcmp(json->pull.fault, DCM_JSON_TOO_LARGE) == 0)
		dcm_file_refuse_large(&json->file, error);
	else {
		char *place = place_of_fault(json, tree);

		error_because(error, DFH_DAMAGED, "%s:%d:%d: not JSON: %s%s",
			      name, (int)line, (int)column, json->pull.fault,
			      place);
		free(place);
	}
	return DCM_JSON_FAILED;
}

/* ---- instances ---- */

/* The token that the next instance begins with; JSON_END: there is none. */
static enum json_token next_instance(struct dcm_json *json)
{
	for (;;) {
		enum json_token token = json_next(&json->pull);

		if (json->in_array && token == JSON_ARRAY_END)
			json->in_array = false;
		else if (!json->in_array && token == JSON_ARRAY)
			json->in_array = true;
		else
			return token;
	}
}

static void name_instance(struct dcm_json *json)
{
	size_t size = strlen(json->file.name) + 32;

	free(json->name);
	json->name = xmalloc(size);
	snprintf(json->name, size, "%s[%zu]", json->file.name, json->count++);
}

/* The text of Specific Character Set, if that is wanted: all else is encoded
 * anew. */
static void take_charset(const struct dcm_json_item *item,
			 const struct dcm_wants *wants, struct dataset *out)
{
	static const struct dcm_tag tag = {0x0008, 0x0005, NULL};
	const struct dcm_json_attribute *at = item->attributes;
	struct buffer text = {0};

	if (!dcm_want_find(wants->list, wants->count, &tag))
		return;
	dcm_item_remove(&out->root, &tag);
	while (at && dcm_tag_compare(&at->tag, &tag) != 0)
		at = at->next;
	if (!at)
		return;
	if (dcm_json_values(at, "CS", out->arena, &text))
		text.length = 0;
	buffer_add(&text, "", 1);
	dcm_item_set_text(&out->root, &tag, "CS", (const char *)text.bytes);
	buffer_free(&text);
}

/* What is told of the JSON goes with what is made of it. */
static void pass_told(struct dataset *from, struct dataset *to)
{
	size_t count = from->told_count;

	if (!count)
		return;
	to->told = from->told;
	to->told_count = count;
	from->told = NULL;
	for (size_t i = 0; i < count; i++)
		to->told[i].attribute =
			arena_strdup(to->arena, to->told[i].attribute);
}

static struct dataset *make_json_dataset(struct dcm_json *json,
					 const struct dcm_json_item *item,
					 const struct dcm_wants *wants,
					 struct arena *arena, dfh_error **error)
{
	struct dataset *told = dataset_new(), *out = NULL;
	struct buffer bytes = {0};
	struct dcm_json_encoder encoder = {arena, json->fetch, told, json->name,
					   error};

	if (dcm_json_encode(&encoder, item, wants, &bytes) == 0) {
		struct dcm_source source = json->file.source;

		source.name = json->name;
		source.bytes = bytes.bytes;
		source.length = bytes.length;
		source.read_at = NULL;
		source.fd = NULL;
		source.passes_over = false;
		source.transfer_syntax = "1.2.840.10008.1.2.1";
		source.limit = json->file.limit;
		out = dcm_read(&source, wants, error);
	}
	if (out) {
		pass_told(told, out);
		take_charset(item, wants, out);
	}
	dataset_free(told);
	buffer_free(&bytes);
	return out;
}

static enum dcm_json_answer
take_json_dataset(struct dcm_json *json, enum json_token token,
		  const struct dcm_wants *wants, struct arena *arena,
		  struct dataset **out, dfh_error **error)
{
	struct dcm_json_tree tree = {
		.pull = &json->pull, .arena = arena, .limit = json->file.limit};
	struct dcm_json_item item = {0};
	bool read = dcm_json_tree_read(&tree, token, &item);

	json->has_datasets |= tree.is_dataset;
	if (!read)
		return fail_json_dataset(json, &tree, error);
	if (tree.fault || !tree.is_dataset) {
		error_because(error, DFH_NOT_DICOM, "%s: %s%s%s", json->name,
			      tree.where, *tree.where ? " " : "",
			      tree.fault ? tree.fault
					 : "has no attribute of DICOM");
		return DCM_JSON_REFUSED;
	}
	*out = make_json_dataset(json, &item, wants, arena, error);
	return *out ? DCM_JSON_DATASET : DCM_JSON_REFUSED;
}

enum dcm_json_answer dcm_json_next(struct dcm_json *json,
				   const struct dcm_wants *wants,
				   struct dataset **out, dfh_error **error)
{
	enum json_token token = next_instance(json);
	enum dcm_json_answer answer;
	struct arena *arena;

	*out = NULL;
	if (token == JSON_END)
		return DCM_JSON_OVER;
	if (token == JSON_FAULT)
		return fail_json_dataset(json, NULL, error);
	name_instance(json);
	arena = arena_new();
	answer = take_json_dataset(json, token, wants, arena, out, error);
	arena_free(arena);
	return answer;
}
