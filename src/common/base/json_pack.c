#include "json_pack.h"

#include <string.h>

#include "buffer.h"
#include "json_read.h"
#include "memory.h"

/* Of an object its members, a name and a value each, follow; of all else what
 * its kind says.  Numbers have seven bits in a byte, the lowest first. */
enum kind {
	OBJECT,	 /* how many; members */
	ARRAY,	 /* how many; values */
	TEXT,	 /* how long; bytes */
	WORD,	 /* its number */
	NUMBER,	 /* as TEXT */
	IS_TRUE, /* nothing */
	IS_FALSE,
	IS_NULL
};

struct json_packed {
	const struct json_words *words;
	const char *label;
	bool is_lent;
	unsigned char bytes[];
};

/* ---- packing ---- */

struct packer {
	struct json_words *words;
	struct buffer out;
};

static void put_byte(struct packer *packer, unsigned char byte)
{
	buffer_add(&packer->out, &byte, 1);
}

static void put_count(struct packer *packer, size_t count)
{
	for (; count >= 0x80; count >>= 7)
		put_byte(packer, (unsigned char)(count | 0x80));
	put_byte(packer, (unsigned char)count);
}

static void put_bytes(struct packer *packer, enum kind kind, const char *bytes,
		      size_t length)
{
	put_byte(packer, (unsigned char)kind);
	put_count(packer, length);
	buffer_add(&packer->out, bytes, length);
}

/* A word ends at its first NUL, so one with such a character is none. */
static void put_string(struct packer *packer, json_object *value)
{
	const char *text = json_object_get_string(value);
	size_t length = (size_t)json_object_get_string_len(value), number;

	if (strlen(text) == length &&
	    json_word_if_few(packer->words, text, &number)) {
		put_byte(packer, WORD);
		put_count(packer, number);
	} else {
		put_bytes(packer, TEXT, text, length);
	}
}

static void put_number(struct packer *packer, json_object *value)
{
	char room[JSON_SCALAR_ROOM];
	const char *text = json_scalar(value, room);

	put_bytes(packer, NUMBER, text, strlen(text));
}

static void put_value(struct packer *packer, json_object *value);

static void put_members(struct packer *packer, json_object *object)
{
	put_count(packer, json_member_count(object));
	json_foreach (object, name, value) {
		put_count(packer, json_word(packer->words, name));
		put_value(packer, value);
	}
}

/* Texts of a list, such as names and lines, are mostly nobody else's. */
static void put_elements(struct packer *packer, json_object *array)
{
	put_count(packer, json_count(array));
	for (size_t i = 0; i < json_count(array); i++) {
		json_object *one = json_at(array, i);

		if (json_object_is_type(one, json_type_string))
			put_bytes(packer, TEXT, json_object_get_string(one),
				  (size_t)json_object_get_string_len(one));
		else
			put_value(packer, one);
	}
}

/* As deep as the reader of JSON lets it be. */
static void put_value(struct packer *packer, json_object *value)
{
	switch (json_object_get_type(value)) {
	case json_type_object:
		put_byte(packer, OBJECT);
		put_members(packer, value);
		break;
	case json_type_array:
		put_byte(packer, ARRAY);
		put_elements(packer, value);
		break;
	case json_type_string:
		put_string(packer, value);
		break;
	case json_type_boolean:
		put_byte(packer,
			 json_object_get_boolean(value) ? IS_TRUE : IS_FALSE);
		break;
	case json_type_null:
		put_byte(packer, IS_NULL);
		break;
	default:
		put_number(packer, value);
	}
}

/* What is lent is his who lent it. */
static void free_packed(json_object *object, void *userdata)
{
	struct json_packed *packed = userdata;

	(void)object;
	if (!packed->is_lent)
		free(packed);
}

static void keep(json_object *object, struct json_packed *packed)
{
	json_empty(object);
	json_object_set_userdata(object, packed, free_packed);
}

void json_pack(json_object *object, struct json_words *words, const char *label)
{
	struct packer packer = {.words = words};
	struct json_packed *packed;

	put_members(&packer, object);
	packed = xmalloc(sizeof(*packed) + packer.out.length);
	*packed = (struct json_packed){.words = words, .label = label};
	memcpy(packed->bytes, packer.out.bytes, packer.out.length);
	buffer_free(&packer.out);
	keep(object, packed);
}

/* ---- unpacking ---- */

struct unpacker {
	const struct json_words *words;
	const unsigned char *at;
};

/* Only objects are packed; of what else there is, json-c's own numbers have
 * something of that kind. */
static struct json_packed *packed_of(json_object *object)
{
	return json_object_is_type(object, json_type_object)
		       ? json_object_get_userdata(object)
		       : NULL;
}

static size_t take_count(struct unpacker *unpacker)
{
	size_t count = 0;
	unsigned int shift = 0;
	unsigned char byte;

	do {
		byte = *unpacker->at++;
		count |= (size_t)(byte & 0x7f) << shift;
		shift += 7;
	} while (byte & 0x80);
	return count;
}

static const char *take_word(struct unpacker *unpacker)
{
	return json_word_text(unpacker->words, take_count(unpacker));
}

static json_object *take_text(struct unpacker *unpacker)
{
	size_t length = take_count(unpacker);
	const char *text = (const char *)unpacker->at;

	unpacker->at += length;
	return json_new_string_of(text, length);
}

static json_object *take_number(struct unpacker *unpacker)
{
	size_t length = take_count(unpacker);
	char *text = xprintf("%.*s", (int)length, (const char *)unpacker->at);
	json_object *value = json_number_of(text);

	unpacker->at += length;
	free(text);
	return value;
}

static json_object *take_value(struct unpacker *unpacker);

static void take_members(struct unpacker *unpacker, json_object *object,
			 size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *name = take_word(unpacker);

		json_add_lasting(object, name, take_value(unpacker));
	}
}

static json_object *take_object(struct unpacker *unpacker)
{
	size_t count = take_count(unpacker);
	json_object *object = json_new_object_of(count);

	take_members(unpacker, object, count);
	return object;
}

static json_object *take_array(struct unpacker *unpacker)
{
	size_t count = take_count(unpacker);
	json_object *array = json_new_array();

	for (size_t i = 0; i < count; i++)
		json_append(array, take_value(unpacker));
	json_settle(array);
	return array;
}

static json_object *take_value(struct unpacker *unpacker)
{
	switch ((enum kind) * unpacker->at++) {
	case OBJECT:
		return take_object(unpacker);
	case ARRAY:
		return take_array(unpacker);
	case TEXT:
		return take_text(unpacker);
	case WORD:
		return json_new_string(take_word(unpacker));
	case NUMBER:
		return take_number(unpacker);
	case IS_TRUE:
		return json_new_boolean(true);
	case IS_FALSE:
		return json_new_boolean(false);
	default:
		return NULL;
	}
}

static void unpack_from(json_object *object, const struct json_packed *packed)
{
	struct unpacker unpacker = {packed->words, packed->bytes};

	size_t count = take_count(&unpacker);

	json_make_room(object, count);
	take_members(&unpacker, object, count);
}

const char *json_packed(json_object *object)
{
	const struct json_packed *packed = packed_of(object);

	return packed ? packed->label : NULL;
}

void json_unpack(json_object *object)
{
	struct json_loan loan = json_lend(object);

	free(loan.packed);
}

struct json_loan json_lend(json_object *object)
{
	struct json_loan loan = {object, packed_of(object)};

	if (loan.packed) {
		loan.packed->is_lent = true;
		json_object_set_userdata(object, NULL, NULL);
		unpack_from(object, loan.packed);
	}
	return loan;
}

void json_give_back(struct json_loan *loan)
{
	if (!loan->packed)
		return;
	loan->packed->is_lent = false;
	keep(loan->object, loan->packed);
	loan->packed = NULL;
}

/* ---- one member ---- */

static void skip_value(struct unpacker *unpacker)
{
	enum kind kind = (enum kind) * unpacker->at++;
	bool holds = kind == OBJECT || kind == ARRAY;
	size_t count = holds || kind == TEXT || kind == WORD || kind == NUMBER
			       ? take_count(unpacker)
			       : 0;

	if (kind == TEXT || kind == NUMBER)
		unpacker->at += count;
	for (size_t i = 0; holds && i < count; i++) {
		if (kind == OBJECT)
			take_count(unpacker);
		skip_value(unpacker);
	}
}

json_object *json_peek(json_object *object, const char *name)
{
	const struct json_packed *packed = packed_of(object);
	struct unpacker unpacker;

	if (!packed)
		return json_object_get(json_member(object, name));
	unpacker = (struct unpacker){packed->words, packed->bytes};
	for (size_t count = take_count(&unpacker); count; count--) {
		if (strcmp(take_word(&unpacker), name) == 0)
			return take_value(&unpacker);
		skip_value(&unpacker);
	}
	return NULL;
}
