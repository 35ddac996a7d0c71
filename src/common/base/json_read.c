#include "json_read.h"

#include <errno.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"

struct json_source json_source_of(const char *bytes, size_t length,
				  int depth_max)
{
	return (struct json_source){
		.pull = json_pull_of(bytes, length, depth_max)};
}

void json_source_free(struct json_source *source)
{
	json_pull_free(&source->pull);
}

double json_double(const char *text)
{
	locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
	double value;

	if (!c)
		return strtod(text, NULL);
	value = strtod_l(text, NULL, c);
	freelocale(c);
	return value;
}

json_object *json_number_of(const char *text)
{
	bool is_integer = !text[strcspn(text, ".eE")];
	long long integer;

	errno = 0;
	integer = strtoll(text, NULL, 10);
	if (is_integer && !errno && strcmp(text, "-0") != 0)
		return json_new_integer(integer);
	return json_new_number(json_double(text), text);
}

static bool read_json_value(struct json_source *source, enum json_token token,
			    json_object **out);

/* The name at hand, beyond the next token; *copy is to be freed. */
static const char *name_kept(struct json_source *source, char **copy)
{
	const char *name = json_token_text(&source->pull);

	*copy = source->names ? NULL : xstrdup(name);
	return *copy ? *copy
		     : json_word_text(source->names,
				      json_word(source->names, name));
}

static void add_member(const struct json_source *source, json_object *object,
		       const char *name, json_object *value)
{
	if (source->names)
		json_add_lasting(object, name, value);
	else
		json_add(object, name, value);
}

/* Where a member of what is at the top, or of an element of its list, is
 * read. */
enum { IN_TOP = 1, IN_ELEMENT = 3 };

static bool is_list(const struct json_source *source, const char *name)
{
	return source->list && source->pull.depth == IN_TOP &&
	       strcmp(name, source->list) == 0;
}

static bool is_list_element(const struct json_source *source, const char *name)
{
	return source->is_in_list && source->pull.depth == IN_ELEMENT &&
	       strcmp(name, source->element) == 0;
}

static bool read_json_member(struct json_source *source, json_object *object)
{
	struct json_pull *pull = &source->pull;
	size_t count = json_member_count(object), from = pull->token;
	char *copy;
	const char *name = name_kept(source, &copy);
	json_object *value = NULL;
	bool read;

	if (is_list(source, name))
		source->is_in_list = true;
	read = read_json_value(source, json_next(pull), &value);
	if (!read) {
		json_object_put(value);
	} else {
		if (is_list_element(source, name) &&
		    json_object_is_type(value, json_type_object))
			source->read(source->context, value);
		if (is_list(source, name))
			source->is_in_list = false;
		add_member(source, object, name, value);
		read = json_member_count(object) > count;
		pull->token = from;
		if (!read)
			json_reject(pull, "a name that the object has already");
	}
	free(copy);
	return read;
}

static bool read_object(struct json_source *source, json_object *object)
{
	enum json_token token;

	while ((token = json_next(&source->pull)) == JSON_NAME)
		if (!read_json_member(source, object))
			return false;
	return token == JSON_OBJECT_END;
}

static bool read_array(struct json_source *source, json_object *array)
{
	enum json_token token;
	json_object *value;

	while ((token = json_next(&source->pull)) != JSON_ARRAY_END) {
		value = NULL;
		if (!read_json_value(source, token, &value)) {
			json_object_put(value);
			return false;
		}
		json_append(array, value);
	}
	return true;
}

/* What json-c takes for a value, at least. */
static unsigned int cost_of(enum json_token token)
{
	return token == JSON_OBJECT ? 768 : token == JSON_ARRAY ? 384 : 64;
}

static bool settled_if_read(bool is_read, json_object *value)
{
	if (is_read)
		json_settle(value);
	return is_read;
}

/* On failure, too, *out is to be put. */
static bool read_json_value(struct json_source *source, enum json_token token,
			    json_object **out)
{
	struct json_pull *pull = &source->pull;

	source->cost += cost_of(token);
	if (token != JSON_FAULT && source->limit &&
	    source->cost > source->limit)
		token = json_reject(pull, JSON_TOO_LARGE);
	switch (token) {
	case JSON_OBJECT:
		*out = json_new_object_open();
		return settled_if_read(read_object(source, *out), *out);
	case JSON_ARRAY:
		*out = json_new_array();
		return settled_if_read(read_array(source, *out), *out);
	case JSON_STRING:
		*out = json_new_string_of(json_token_text(pull),
					  pull->text_length);
		return true;
	case JSON_NUMBER:
		*out = json_number_of(json_token_text(pull));
		return true;
	case JSON_TRUE:
	case JSON_FALSE:
		*out = json_new_boolean(token == JSON_TRUE);
		return true;
	default:
		return token == JSON_NULL;
	}
}

/* Values of the top level have blanks in between. */
static bool is_apart(struct json_pull *pull)
{
	static const char blanks[] = " \t\r\n";

	if (pull->at == pull->length ||
	    memchr(blanks, pull->bytes[pull->at], sizeof(blanks) - 1))
		return true;
	pull->token = pull->at;
	json_reject(pull, "something after its end");
	return false;
}

int json_read(struct json_source *source, json_object **out)
{
	enum json_token token = json_next(&source->pull);

	*out = NULL;
	if (token == JSON_END)
		return 0;
	if (read_json_value(source, token, out) && is_apart(&source->pull))
		return 1;
	source->fault = source->pull.fault;
	json_object_put(*out);
	*out = NULL;
	return -1;
}

void json_where(const struct json_source *source, size_t *line, size_t *column)
{
	json_pull_where(&source->pull, line, column);
}
