/* STOW-RS (PS3.18 10.5): an instance to a server, and what it says became of
 * it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "dicomweb.h"
#include "json_text.h"
#include "memory.h"
#include "spool.h"

enum { BOUNDARY = 32, DEPTH_MAX = 64 };

/* ---- the body ---- */

struct stow_body {
	const struct spool *spool;
	char before[128], behind[64];
	uint64_t length, at;
};

/* Nothing that a file could have in it. */
static void make_boundary(char out[BOUNDARY + 1])
{
	unsigned char random[BOUNDARY / 2];
	size_t got = 0;
	while (got < sizeof random) {
		ssize_t more = getrandom(random + got, sizeof random - got, 0);
		got += more > 0 ? (size_t)more : 0;
	}
	for (size_t i = 0; i < sizeof random; i++)
		sprintf(out + 2 * i, "%02x", random[i]);
}

static size_t part_size_of(uint64_t at, uint64_t end, size_t size)
{
	return end - at < size ? (size_t)(end - at) : size;
}

/* From where it is: of what is before the file, of the file, or behind it. */
static long give_store_body(void *to, size_t size, void *context)
{
	struct stow_body *storing = context;
	size_t before = strlen(storing->before), n;
	uint64_t file = before + storing->spool->length;
	if (storing->at < before) {
		n = part_size_of(storing->at, before, size);
		memcpy(to, storing->before + storing->at, n);
	} else if (storing->at < file) {
		n = part_size_of(storing->at, file, size);
		if (spool_read(storing->spool, storing->at - before, to, n))
			return -1;
	} else {
		n = part_size_of(storing->at, storing->length, size);
		memcpy(to, storing->behind + (storing->at - file), n);
	}
	storing->at += n;
	return (long)n;
}

static void restart_body(void *context)
{
	struct stow_body *storing = context;
	storing->at = 0;
}

/* ---- the answer ---- */

/* PS3.18 10.5.3, PS3.7 C: what the number of a reason stands for. */
static const char *words_of_reason(unsigned int reason)
{
	static const struct {
		unsigned int from, to;
		const char *words;
	} all[] = {{0x0110, 0x0110, "processing failure"},
		   {0x0122, 0x0122, "it does not take this SOP class"},
		   {0x0124, 0x0124, "not authorized"},
		   {0x0131, 0x0131, "the same UID is there already"},
		   {0xA700, 0xA7FF, "out of resources"},
		   {0xA900, 0xA9FF, "the dataset does not fit its SOP class"},
		   {0xB000, 0xB000, "data elements were coerced"},
		   {0xB006, 0xB006, "elements were discarded"},
		   {0xB007, 0xB007, "the dataset does not fit its SOP class"},
		   {0xC122, 0xC122, "it does not take this transfer syntax"},
		   {0xC000, 0xCFFF, "it cannot be understood"}};
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if (reason >= all[i].from && reason <= all[i].to)
			return all[i].words;
	return "for a reason of its own";
}

static json_object *first_value_of(json_object *dataset, const char *tag)
{
	return json_at(json_member(json_member(dataset, tag), "Value"), 0);
}

/* The item of a sequence that is about the instance, or NULL. */
static json_object *item_of_instance(json_object *dataset, const char *sequence,
				     const char *uid)
{
	json_object *items =
		json_member(json_member(dataset, sequence), "Value");
	for (size_t i = 0; i < json_count(items); i++) {
		const char *named = json_string(
			first_value_of(json_at(items, i), "00081155"));
		if (named && strcmp(named, uid) == 0)
			return json_at(items, i);
	}
	return NULL;
}

/* "WHAT: REASON (NNNN)", to be freed; NULL: there is no reason. */
static char *reason_text_of(json_object *item, const char *tag,
			    const char *what)
{
	char room[JSON_SCALAR_ROOM], *text;
	json_object *value = first_value_of(item, tag);
	if (!value)
		return NULL;
	unsigned int reason =
		(unsigned int)strtoul(json_scalar(value, room), NULL, 10);
	if (asprintf(&text, "%s: %s (reason %04X)", what,
		     words_of_reason(reason), reason) < 0)
		text = memory_of(NULL);
	return text;
}

static enum dicomweb_stored judge_store_answer(json_object *dataset,
					       const char *uid, char **said)
{
	json_object *failed = item_of_instance(dataset, "00081198", uid);
	json_object *stored = item_of_instance(dataset, "00081199", uid);
	if (failed) {
		*said = reason_text_of(failed, "00081197",
				       "the server refused it");
		if (!*said)
			*said = xstrdup("the server refused it");
		return DICOMWEB_FAILED;
	}
	*said = reason_text_of(stored, "00081196", "stored with a warning");
	return DICOMWEB_STORED;
}

static enum dicomweb_stored read_answer(const struct http_answer *answer,
					const char *uid, char **said)
{
	bool is_good = answer->outcome == HTTP_ANSWERED;
	json_object *json = http_answer_json(answer, DEPTH_MAX);
	enum dicomweb_stored stored = DICOMWEB_STORED;
	json_object *dataset = json_object_is_type(json, json_type_array)
				       ? json_at(json, 0)
				       : json;
	if (json_object_is_type(dataset, json_type_object))
		stored = judge_store_answer(dataset, uid, said);
	if (!is_good && stored == DICOMWEB_STORED) {
		free(*said);
		*said = dicomweb_fault(answer);
		stored = DICOMWEB_FAILED;
	}
	json_object_put(json);
	return stored;
}

enum dicomweb_stored dicomweb_store(struct dicomweb *web, const char *studies,
				    const struct spool *spool, const char *uid,
				    char **said)
{
	struct stow_body storing = {.spool = spool};
	char boundary[BOUNDARY + 1], type[160];
	make_boundary(boundary);
	snprintf(type, sizeof type,
		 "Content-Type: multipart/related; "
		 "type=\"application/dicom\"; boundary=%s",
		 boundary);
	/* nobody is to be asked before whether he takes it */
	const char *const headers[] = {type, dicomweb_json, "Expect:", NULL};
	snprintf(storing.before, sizeof storing.before,
		 "--%s\r\nContent-Type: application/dicom\r\n\r\n", boundary);
	snprintf(storing.behind, sizeof storing.behind, "\r\n--%s--\r\n",
		 boundary);
	storing.length =
		strlen(storing.before) + spool->length + strlen(storing.behind);
	const struct http_request request = {.method = "POST",
					     .target = studies,
					     .headers = headers,
					     .length = storing.length,
					     .give = give_store_body,
					     .restart = restart_body,
					     .conflict_lasts = true,
					     .context = &storing};
	struct http_answer answer;
	enum dicomweb_stored stored;
	*said = NULL;
	dicomweb_request(web, &request, &answer);
	if (answer.outcome == HTTP_PUT_OFF || answer.outcome == HTTP_STOPPED) {
		stored = DICOMWEB_TIRED;
		*said = dicomweb_fault(&answer);
	} else {
		stored = read_answer(&answer, uid, said);
	}
	http_answer_free(&answer);
	return stored;
}
