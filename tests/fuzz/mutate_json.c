/* Mutations of JSON by its structure, for targets whose input is JSON: bytes
 * changed at random are hardly ever JSON. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "json_print.h"
#include "json_read.h"
#include "random.h"

/* Of libFuzzer, and what it asks for. */
size_t LLVMFuzzerMutate(uint8_t *bytes, size_t length, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t length, size_t size,
			       unsigned int seed);

enum { NODES_MAX = 4096, DEPTH_MAX = 128, CHANGES_MAX = 4 };

/* What means something at some place or other. */
static const char *const words[] = {
	"",
	"x",
	"Patient",
	"ImagingStudy",
	"ServiceRequest",
	"Bundle",
	"urn:dicom:uid",
	"urn:oid:1.2.3",
	"#",
	"#p",
	"Patient/1",
	"2024",
	"2024-02-30",
	"2024-02-29T24:00:00Z",
	"2024-02-29T13:45:01.123456789+14:00",
	"male",
	"official",
	"entered-in-error",
	"\\",
	"^",
	"=",
	"a\\b",
	"\xc3\x9c",
	"\xe6\x97\xa5",
	"\xf0\x9f\x98\x80",
	"\xe2\x80\xae",
	"\t",
	"1.2.3",
	"../x",
	"-1",
	"////",
	"=AAA",
	"kg",
	"http://unitsofmeasure.org",
	"http://dicom.nema.org/resources/ontology/DCM",
	"http://terminology.hl7.org/CodeSystem/v2-0203",
	"MR",
	"ACSN",
	"path",
	"value",
	"bytes",
	"vr",
	"absent",
	"mapped",
	"within",
	"PatientName",
	"RequestAttributesSequence[0].AccessionNumber",
	"RequestAttributesSequence[65535]",
	"(0010,0010)",
	"PixelData",
	"StudyInstanceUID",
	"SQ",
	"UN",
	"OB",
	"00100010",
	"00081140",
	"items",
	"text",
	"url",
	"extension",
	"contained",
	"identifier",
};

struct mutation {
	struct random *random;
	json_object *nodes[NODES_MAX];
	size_t count;
};

static size_t below(const struct mutation *mutation, size_t count)
{
	return random_below(mutation->random, count);
}

static const char *any_word(const struct mutation *mutation)
{
	return words[below(mutation, sizeof(words) / sizeof(*words))];
}

static json_object *any_node(const struct mutation *mutation)
{
	return mutation->nodes[below(mutation, mutation->count)];
}

static void collect(struct mutation *mutation, json_object *value)
{
	if (mutation->count == NODES_MAX)
		return;
	mutation->nodes[mutation->count++] = value;
	json_foreach (value, name, member)
		collect(mutation, member);
	for (size_t i = 0; i < json_count(value); i++)
		collect(mutation, json_at(value, i));
}

/* ---- values ---- */

static json_object *repeated_text(const struct mutation *mutation)
{
	size_t length = (size_t)1 << below(mutation, 14);
	char *text = malloc(length + 1);
	json_object *value;

	memset(text, "a1 \\^=."[below(mutation, 7)], length);
	text[length] = '\0';
	value = json_new_string(text);
	free(text);
	return value;
}

static json_object *array_of(json_object *element)
{
	json_object *array = json_new_array();

	json_append(array, element);
	return array;
}

static json_object *any_value(const struct mutation *mutation)
{
	switch (below(mutation, 12)) {
	case 0:
		return NULL;
	case 1:
		return json_new_boolean(below(mutation, 2));
	case 2:
		return json_new_integer((int64_t)below(mutation, 3) - 1);
	case 3:
		return json_new_number(1.5e300, "1.5e300");
	case 4:
		return json_new_array();
	case 5:
		return json_new_object();
	case 6:
		return array_of(json_copy(any_node(mutation)));
	case 7:
		return repeated_text(mutation);
	case 8:
	case 9:
		return json_copy(any_node(mutation));
	default:
		return json_new_string(any_word(mutation));
	}
}

/* A text with something put in, or a byte of ASCII changed. */
static json_object *changed_text(const struct mutation *mutation,
				 const char *text)
{
	static const char bytes[] = "019 .-+:TZ^=\\/#Aa";
	size_t length = strlen(text), at = below(mutation, length + 1);
	const char *word = any_word(mutation);
	char *changed = malloc(length + strlen(word) + 1);
	json_object *value;

	strcpy(changed, text);
	if (at < length && (signed char)text[at] > 0 && below(mutation, 2))
		changed[at] = bytes[below(mutation, sizeof(bytes) - 1)];
	else if (at == length || (text[at] & 0xc0) != 0x80)
		strcat(strcpy(changed + at, word), text + at);
	value = json_new_string(changed);
	free(changed);
	return value;
}

/* ---- changes ---- */

static const char *any_name(const struct mutation *mutation,
			    json_object *object, json_object **value)
{
	size_t left = below(mutation, json_member_count(object));

	json_foreach (object, name, member) {
		*value = member;
		if (!left--)
			return name;
	}
	return NULL;
}

static void change_object(const struct mutation *mutation, json_object *object)
{
	json_object *value = NULL;
	const char *borrowed = any_name(mutation, object, &value);
	char name[256] = "_";

	if (!borrowed || strlen(borrowed) > 200) {
		json_add(object, any_word(mutation), any_value(mutation));
		return;
	}
	strcpy(name + 1, borrowed);
	switch (below(mutation, 6)) {
	case 0:
		json_object_object_del(object, name + 1);
		break;
	case 1:
		json_add(object, any_word(mutation), any_value(mutation));
		break;
	case 2: /* FHIR's extensions of a primitive */
		json_add(object, name, any_value(mutation));
		break;
	case 3:
		if (json_string(value)) {
			json_add(object, name + 1,
				 changed_text(mutation, json_string(value)));
			break;
		}
		/* fall through */
	default:
		json_add(object, name + 1, any_value(mutation));
	}
}

static void change_array(const struct mutation *mutation, json_object *array)
{
	size_t count = json_count(array);
	size_t at = count ? below(mutation, count) : 0;

	switch (count ? below(mutation, 4) : 1) {
	case 0:
		json_object_array_del_idx(array, at, 1);
		break;
	case 1:
		json_append(array, any_value(mutation));
		break;
	case 2:
		json_append(array, json_copy(json_at(array, at)));
		break;
	default:
		json_put_at(array, at, any_value(mutation));
	}
}

static void change_one(struct mutation *mutation, json_object *root)
{
	mutation->count = 0;
	collect(mutation, root);
	for (int tries = 0; tries < 20; tries++) {
		json_object *node = any_node(mutation);

		if (json_object_is_type(node, json_type_object))
			return change_object(mutation, node);
		if (json_object_is_type(node, json_type_array))
			return change_array(mutation, node);
	}
}

size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t length, size_t size,
			       unsigned int seed)
{
	static struct mutation mutation;
	struct random random;
	struct json_source source =
		json_source_of((const char *)bytes, length, DEPTH_MAX);
	struct buffer text = {0};
	json_object *root;
	int got = json_read(&source, &root);
	size_t changes;

	json_source_free(&source);
	random_seed(&random, seed, "mutate");
	changes = 1 + random_below(&random, CHANGES_MAX);
	if (got <= 0 || random_below(&random, 10) == 0) {
		json_object_put(root);
		return LLVMFuzzerMutate(bytes, length, size);
	}
	mutation.random = &random;
	for (size_t i = 0; i < changes; i++)
		change_one(&mutation, root);
	json_print(root, JSON_C_TO_STRING_PLAIN, &text);
	if (text.length <= size)
		memcpy(bytes, text.bytes, length = text.length);
	buffer_free(&text);
	json_object_put(root);
	return length;
}
