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

static void pack_byte(struct packer *packer, unsigned char byte)
{
	buffer_add(&packer->out, &byte, 1);
}

static void pack_count(struct packer *packer, size_t count)
{
	for (; count >= 0x80; count >>= 7)
		pack_byte(packer, (unsigned char)(count | 0x80));
	pack_byte(packer, (unsigned char)count);
}

static void pack_bytes(struct packer *packer, enum kind kind, const char *bytes,
		       size_t length)
{
	pack_byte(packer, (unsigned char)kind);
	pack_count(packer, length);
	buffer_add(&packer->out, bytes, length);
}

/* A word ends at its first NUL, so one with such a character is none. */
static void pack_string(struct packer *packer, json_object *value)
{
	const char *text = json_object_get_string(value);
	size_t length = (size_t)json_object_get_string_len(value), number;

	if (strlen(text) == length &&
	    json_word_if_few(packer->words, text, &number)) {
		pack_byte(packer, WORD);
		pack_count(packer, number);
	} else {
		pack_bytes(packer, TEXT, text, length);
	}
}

static void pack_number(struct packer *packer, json_object *value)
{
	char room[JSON_SCALAR_ROOM];
	const char *text = json_scalar(value, room);

	pack_bytes(packer, NUMBER, text, strlen(text));
}

static void pack_value(struct packer *packer, json_object *value);

static void pack_members(struct packer *packer, json_object *object)
{
	pack_count(packer, json_member_count(object));
	json_foreach (object, name, value) {
		pack_count(packer, json_word(packer->words, name));
		pack_value(packer, value);
	}
}

/* Texts of a list, such as names and lines, are mostly nobody else's. */
static void pack_elements(struct packer *packer, json_object *array)
{
	pack_count(packer, json_count(array));
	for (size_t i = 0; i < json_count(array); i++) {
		json_object *one = json_at(array, i);

		if (json_object_is_type(one, json_type_string))
			pack_bytes(packer, TEXT, json_object_get_string(one),
				   (size_t)json_object_get_string_len(one));
		else
			pack_value(packer, one);
	}
}

/* As deep as the reader of JSON lets it be. */
static void pack_value(struct packer *packer, json_object *value)
{
	switch (json_object_get_type(value)) {
	case json_type_object:
		pack_byte(packer, OBJECT);
		pack_members(packer, value);
		break;
	case json_type_array:
		pack_byte(packer, ARRAY);
		pack_elements(packer, value);
		break;
	case json_type_string:
		pack_string(packer, value);
		break;
	case json_type_boolean:
		pack_byte(packer,
			  json_object_get_boolean(value) ? IS_TRUE : IS_FALSE);
		break;
	case json_type_null:
		pack_byte(packer, IS_NULL);
		break;
	default:
		pack_number(packer, value);
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

static void keep_packed(json_object *object, struct json_packed *packed)
{
	json_empty(object);
	json_object_set_userdata(object, packed, free_packed);
}

void json_pack(json_object *object, struct json_words *words, const char *label)
{
	struct packer packer = {.words = words};
	struct json_packed *packed;

	pack_members(&packer, object);
	packed = xmalloc(sizeof(*packed) + packer.out.length);
	*packed = (struct json_packed){.words = words, .label = label};
	memcpy(packed->bytes, packer.out.bytes, packer.out.length);
	buffer_free(&packer.out);
	keep_packed(object, packed);
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

static size_t unpack_count(struct unpacker *unpacker)
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

static const char *unpack_word(struct unpacker *unpacker)
{
	return json_word_text(unpacker->words, unpack_count(unpacker));
}

static json_object *unpack_text(struct unpacker *unpacker)
{
	size_t length = unpack_count(unpacker);
	const char *text = (const char *)unpacker->at;

	unpacker->at += length;
	return json_new_string_of(text, length);
}

static json_object *unpack_number(struct unpacker *unpacker)
{
	size_t length = unpack_count(unpacker);
	char *text = xprintf("%.*s", (int)length, (const char *)unpacker->at);
	json_object *value = json_number_of(text);

	unpacker->at += length;
	free(text);
	return value;
}

static json_object *unpack_value(struct unpacker *unpacker);

static void unpack_members(struct unpacker *unpacker, json_object *object,
			   size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *name = unpack_word(unpacker);

		json_add_lasting(object, name, unpack_value(unpacker));
	}
}

static json_object *unpack_object(struct unpacker *unpacker)
{
	size_t count = unpack_count(unpacker);
	json_object *object = json_new_object_of(count);

	unpack_members(unpacker, object, count);
	return object;
}

static json_object *unpack_array(struct unpacker *unpacker)
{
	size_t count = unpack_count(unpacker);
	json_object *array = json_new_array();

	for (size_t i = 0; i < count; i++)
		json_append(array, unpack_value(unpacker));
	json_settle(array);
	return array;
}

static json_object *unpack_value(struct unpacker *unpacker)
{
	switch ((enum kind) * unpacker->at++) {
	case OBJECT:
		return unpack_object(unpacker);
	case ARRAY:
		return unpack_array(unpacker);
	case TEXT:
		return unpack_text(unpacker);
	case WORD:
		return json_new_string(unpack_word(unpacker));
	case NUMBER:
		return unpack_number(unpacker);
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

	size_t count = unpack_count(&unpacker);

	json_make_room(object, count);
	unpack_members(&unpacker, object, count);
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
	keep_packed(loan->object, loan->packed);
	loan->packed = NULL;
}

/* ---- one member ---- */

static void skip_packed_value(struct unpacker *unpacker)
{
	enum kind kind = (enum kind) * unpacker->at++;
	bool holds = kind == OBJECT || kind == ARRAY;
	size_t count = holds || kind == TEXT || kind == WORD || kind == NUMBER
			       ? unpack_count(unpacker)
			       : 0;

	if (kind == TEXT || kind == NUMBER)
		unpacker->at += count;
	for (size_t i = 0; holds && i < count; i++) {
		if (kind == OBJECT)
			unpack_count(unpacker);
		skip_packed_value(unpacker);
	}
}

json_object *json_peek(json_object *object, const char *name)
{
	const struct json_packed *packed = packed_of(object);
	struct unpacker unpacker;

	if (!packed)
		return json_object_get(json_member(object, name));
	unpacker = (struct unpacker){packed->words, packed->bytes};
	for (size_t count = unpack_count(&unpacker); count; count--) {
		if (strcmp(unpack_word(&unpacker), name) == 0)
			return unpack_value(&unpacker);
		skip_packed_value(&unpacker);
	}
	return NULL;
}
