/* A record from its line, token by token: a tree of it would cost more than all
 * that is done with it. */
#include <stdlib.h>
#include <string.h>

#include "base64.h"
#include "error.h"
#include "export.h"
#include "json_pull.h"
#include "json_read.h"
#include "source.h"

/* The members of a line that are texts. */
enum { FILE_NAME = LEVELS, FILE_BYTES, VERSION, TEXTS };

static const char *const text_names[TEXTS] = {
	[FILE_NAME] = "file",
	[FILE_BYTES] = "file-bytes",
	[VERSION] = "version",
};

/* Of memory, about, by what begins it. */
enum { COST_OF_ELEMENT = 256, COST_OF_ITEM = 768 };

struct record_line {
	struct json_pull pull;
	const char *version; /* of what this program reads */
	uint64_t limit, cost;
	struct dataset *dataset;
	bool has_dataset, is_other;
	char *texts[TEXTS];
};

/* Names occur once in an object (RFC 7493, 2.3). */
static int reject_repeated(struct record_line *line)
{
	json_reject(&line->pull, "a name that the object has already");
	return -1;
}

static int take_cost(struct record_line *line, unsigned int cost)
{
	line->cost += cost;
	if (!line->limit || line->cost <= line->limit)
		return 0;
	json_reject(&line->pull, JSON_TOO_LARGE);
	return -1;
}

/* The value of a member, as long as it is the token at hand; NULL: no text. */
static const char *next_text(struct record_line *line)
{
	return json_next(&line->pull) == JSON_STRING
		       ? json_token_text(&line->pull)
		       : NULL;
}

/* ---- the dataset ---- */

static int record_take_items(struct record_line *line, struct dcm_item *item,
			     int depth);

enum { OF_VR, OF_TEXT, OF_BYTES, OF_ITEMS, PARTS };

/* What an element is made of so far. */
struct record_element {
	struct dcm_item *item;
	struct dcm_tag tag;
	char vr[3];
	bool has[PARTS];
};

static int take_record_vr(struct record_line *line,
			  struct record_element *element)
{
	const char *vr = next_text(line);
	if (!vr || strlen(vr) > 2)
		return -1;
	size_t count = element->item->count;
	strcpy(element->vr, vr);
	dcm_item_need(element->item, &element->tag, element->vr);
	return element->item->count > count ? 0 : reject_repeated(line);
}

static int take_record_text(struct record_line *line,
			    struct record_element *element)
{
	const char *text = next_text(line);
	if (text)
		dcm_item_set_text(element->item, &element->tag, element->vr,
				  text);
	return text ? 0 : -1;
}

static int take_record_bytes(struct record_line *line,
			     struct record_element *element)
{
	const char *base64 = next_text(line);
	size_t length;
	void *bytes = base64 ? base64_decode(base64, &length) : NULL;
	if (!bytes)
		return -1;
	dcm_item_set_bytes(element->item, &element->tag, element->vr, bytes,
			   length);
	free(bytes);
	return 0;
}

static int take_record_sequence(struct record_line *line,
				struct record_element *element, int depth)
{
	enum json_token token;
	if (strcmp(element->vr, "SQ") != 0 ||
	    json_next(&line->pull) != JSON_ARRAY)
		return -1;
	for (size_t i = 0; (token = json_next(&line->pull)) == JSON_OBJECT; i++)
		if (take_cost(line, COST_OF_ITEM) < 0 ||
		    record_take_items(
			    line,
			    dcm_item_need_item(element->item, &element->tag, i),
			    depth + 1) < 0)
			return -1;
	return token == JSON_ARRAY_END ? 0 : -1;
}

/* The VR comes first, for it says what the others are. */
static int take_record_member(struct record_line *line,
			      struct record_element *element, int depth)
{
	static const char *const member_names[PARTS] = {"vr", "text", "bytes",
							"items"};
	const char *name = json_token_text(&line->pull);
	int member = 0;
	while (member < PARTS && strcmp(member_names[member], name) != 0)
		member++;
	if (member == PARTS)
		return json_skip(&line->pull) ? 0 : -1;
	if (element->has[member])
		return reject_repeated(line);
	if (member != OF_VR && !element->has[OF_VR])
		return -1;
	element->has[member] = true;
	switch (member) {
	case OF_VR:
		return take_record_vr(line, element);
	case OF_TEXT:
		return take_record_text(line, element);
	case OF_BYTES:
		return take_record_bytes(line, element);
	default:
		return take_record_sequence(line, element, depth);
	}
}

static int take_record_element(struct record_line *line,
			       struct record_element *element, int depth)
{
	enum json_token token;
	if (take_cost(line, COST_OF_ELEMENT) < 0 ||
	    json_next(&line->pull) != JSON_OBJECT)
		return -1;
	while ((token = json_next(&line->pull)) == JSON_NAME)
		if (take_record_member(line, element, depth) < 0)
			return -1;
	return token == JSON_OBJECT_END && element->has[OF_VR] ? 0 : -1;
}

/* -1: it is none, as it is printed. */
static int hex_of(char digit)
{
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	return digit >= 'A' && digit <= 'F' ? digit - 'A' + 10 : -1;
}

/* "00100020", or "00091010 CREATOR"; the creator is to be freed. */
static int tag_of_record_name(const char *name, struct dcm_tag *tag,
			      char **creator)
{
	uint32_t number = 0;
	for (int i = 0; i < 8; i++) {
		int digit = hex_of(name[i]);
		if (digit < 0)
			return -1;
		number = number << 4 | (uint32_t)digit;
	}
	if (name[8] && name[8] != ' ')
		return -1;
	*creator = name[8] ? xstrdup(name + 9) : NULL;
	*tag = (struct dcm_tag){(uint16_t)(number >> 16),
				(uint16_t)(number & 0xffff), *creator};
	return 0;
}

/* What began with the token at hand. */
static int record_take_items(struct record_line *line, struct dcm_item *item,
			     int depth)
{
	enum json_token token;
	if (depth > DCM_DEPTH_MAX)
		return -1;
	while ((token = json_next(&line->pull)) == JSON_NAME) {
		struct record_element element = {.item = item};
		char *creator;
		if (tag_of_record_name(json_token_text(&line->pull),
				       &element.tag, &creator) < 0)
			return -1;
		int taken = take_record_element(line, &element, depth);
		free(creator);
		if (taken < 0)
			return -1;
	}
	return token == JSON_OBJECT_END ? 0 : -1;
}

/* ---- the line ---- */

static int take_text_of_line(struct record_line *line, int which)
{
	if (line->texts[which])
		return reject_repeated(line);
	const char *text = next_text(line);
	if (!text)
		return -1;
	line->texts[which] = xstrdup(text);
	/* of another one nothing more is understood */
	line->is_other = which == VERSION && strcmp(text, line->version) != 0;
	return line->is_other ? -1 : 0;
}

static int take_record_dataset(struct record_line *line)
{
	if (line->has_dataset)
		return reject_repeated(line);
	line->has_dataset = true;
	if (json_next(&line->pull) != JSON_OBJECT)
		return -1;
	return record_take_items(line, &line->dataset->root, 0);
}

static int take_line_member(struct record_line *line)
{
	const char *name = json_token_text(&line->pull);
	for (int i = 0; i < TEXTS; i++)
		if (strcmp(i < LEVELS ? record_keys[i] : text_names[i], name) ==
		    0)
			return take_text_of_line(line, i);
	if (strcmp(name, "dataset") == 0)
		return take_record_dataset(line);
	if (strcmp(name, "mislabelled") != 0)
		return json_skip(&line->pull) ? 0 : -1;
	line->dataset->mislabelled = true;
	return json_next(&line->pull) == JSON_TRUE ? 0 : -1;
}

static int take_record_tokens(struct record_line *line)
{
	enum json_token token = json_next(&line->pull);
	if (token != JSON_OBJECT)
		return -1;
	while ((token = json_next(&line->pull)) == JSON_NAME)
		if (take_line_member(line) < 0)
			return -1;
	if (token != JSON_OBJECT_END || !line->has_dataset ||
	    !line->texts[VERSION])
		return -1;
	for (int level = 0; level < LEVELS; level++)
		if (!line->texts[level])
			return -1;
	return 0;
}

/* free() it; NULL: there is none. */
static char *record_file_of(const struct record_line *line)
{
	size_t length;
	if (!line->texts[FILE_NAME] || !line->texts[FILE_BYTES])
		return line->texts[FILE_NAME] ? xstrdup(line->texts[FILE_NAME])
					      : NULL;
	char *name = base64_decode(line->texts[FILE_BYTES], &length);
	if (!name)
		return NULL;
	name = xrealloc(name, length + 1);
	name[length] = '\0';
	return name;
}

/* The keys are made of the dataset; those in the line must be the same. */
static bool has_keys(const dfh_record *record, const struct record_line *line)
{
	bool same = true;
	for (int level = 0; same && level < LEVELS; level++) {
		char *key = record_sortable(record->instance.keys[level]);
		same = strcmp(key, line->texts[level]) == 0;
		free(key);
	}
	return same;
}

static dfh_record *refuse_record(const char *name, const char *why,
				 dfh_error **error)
{
	error_because(error, DFH_NOT_RECORD, "%s: %s", name, why);
	return NULL;
}

/* The line is in the name. */
static dfh_record *refuse_record_json(const struct json_pull *pull,
				      const char *name, dfh_error **error)
{
	size_t line, column;
	json_pull_where(pull, &line, &column);
	error_because(error, DFH_NOT_RECORD, "%s:%zu: not JSON: %s", name,
		      column, pull->fault);
	return NULL;
}

/* Takes the dataset over. */
static dfh_record *record_of_line(const dfh_export *ex,
				  struct record_line *line, const char *name,
				  dfh_error **error)
{
	char *file = record_file_of(line);
	if (!file)
		return refuse_record(name, "is no record", error);
	dfh_record *record = record_new(ex->rules, line->dataset, file);
	line->dataset = NULL;
	free(file);
	if (has_keys(record, line))
		return record;
	dfh_record_free(record);
	return refuse_record(name, "its keys are not those of its values",
			     error);
}

static dfh_record *read_record_line(const dfh_export *ex,
				    struct record_line *line, const char *name,
				    dfh_error **error)
{
	int taken = take_record_tokens(line);
	if (line->is_other)
		return refuse_record(
			name,
			"was read by other rules or another version: "
			"make the records again",
			error);
	enum json_token after = taken < 0 ? JSON_END : json_next(&line->pull);
	if (line->pull.fault)
		return refuse_record_json(&line->pull, name, error);
	if (taken < 0)
		return refuse_record(name, "is no record", error);
	if (after != JSON_END)
		return refuse_record(name, "more than one record", error);
	return record_of_line(ex, line, name, error);
}

dfh_record *dfh_export_read_json(dfh_export *ex, const char *name,
				 const char *json, size_t length,
				 dfh_error **error)
{
	if (text_given(json, length, error) < 0)
		return NULL;
	struct record_line line = {
		.pull = json_pull_of(json, length, 3 * DCM_DEPTH_MAX),
		.version = ex->version,
		.limit = memory_limit(ex->limit, length),
		.dataset = dataset_new(),
	};
	dfh_record *record = read_record_line(ex, &line, name, error);
	for (int i = 0; i < TEXTS; i++)
		free(line.texts[i]);
	dataset_free(line.dataset);
	json_pull_free(&line.pull);
	return record;
}
