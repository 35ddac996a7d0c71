/*
 * One FHIR text for several attributes.  A table names, by a key that the
 * dataset has, the port that is meant; where that has nothing, the first that
 * has something speaks.
 */
#include "codecs.h"

#include <string.h>

enum { CHOICES = 6, KEY = CHOICES };

static const struct codec_port ports[] = {
	{"document", "*", false, false},   {"concept", "*", false, false},
	{"label", "*", false, false},	   {"image", "*", false, false},
	{"department", "*", false, false}, {"performed", "*", false, false},
	{"class", "UI CS", true, false},   {NULL, NULL, false, false},
};

/* first: [[port, term], ...]: a port that is there takes texts whose first
 * value is one of its terms, and no others. */
static const struct codec_option options[] = {
	{"table", OPTION_TABLE, true},
	{"first", OPTION_LIST, false},
	{NULL, OPTION_TEXT, false},
};

/* Index of the port that the table names; -1: none. */
static int chosen_port(const struct codec_call *call,
		       const struct port_value *io)
{
	const struct table *table = codec_table(call, "table");
	const char *name = table_choice(table, port_trimmed(call, &io[KEY]));
	if (!name)
		name = table->default_value;
	for (int i = 0; name && i < CHOICES; i++)
		if (strcmp(ports[i].name, name) == 0)
			return port_given(call, (size_t)i) ? i : -1;
	return -1;
}

/* Index of the port that has the text; -1: none. */
static int port_with_text(const struct codec_call *call,
			  const struct port_value *in)
{
	int choice = chosen_port(call, in);
	if (choice >= 0 && port_trimmed(call, &in[choice]))
		return choice;
	for (int i = 0; i < CHOICES; i++)
		if (port_given(call, (size_t)i) && port_trimmed(call, &in[i]))
			return i;
	return -1;
}

static json_object *choice_get(const struct codec_call *call,
			       const struct port_value *in)
{
	int index = port_with_text(call, in);
	return index >= 0 ? text_codec.get(call, &in[index]) : NULL;
}

static const char *choice_list_fault(const char *option, json_object *list)
{
	(void)option;
	for (size_t i = 0; i < json_count(list); i++) {
		const char *port = json_string(json_at(json_at(list, i), 0));
		int k = 0;
		while (k < CHOICES && port && strcmp(ports[k].name, port) != 0)
			k++;
		if (!port || k == CHOICES ||
		    json_count(json_at(list, i)) != 2 ||
		    !json_string(json_at(json_at(list, i), 1)))
			return "it is [port, term], with a port of the codec";
	}
	return NULL;
}

static bool begins_well(const struct codec_call *call, const char *port,
			const char *text)
{
	json_object *first = codec_json(call, "first");
	size_t length = strcspn(text, "\\");
	bool is_asked = false;
	for (size_t i = 0; i < json_count(first); i++) {
		const char *term = json_string(json_at(json_at(first, i), 1));
		if (!same_text(json_string(json_at(json_at(first, i), 0)),
			       port))
			continue;
		if (strlen(term) == length && memcmp(term, text, length) == 0)
			return true;
		is_asked = true;
	}
	return !is_asked;
}

static int choice_put(const struct codec_call *call, json_object *value,
		      struct port_value *io)
{
	const char *text = json_string(value);
	if (!text || !*text)
		return codec_refuse(call, "is not a text");
	if (codec_unchanged(call, choice_get, io, value))
		return 0;
	int index = chosen_port(call, io);
	if (index < 0)
		index = port_with_text(call, io);
	if (index < 0)
		return codec_refuse(call, "no attribute is named for it");
	if (!begins_well(call, ports[index].name, text)) {
		codec_note(call,
			   port_trimmed(call, &io[index]) ? NOTE_KEPT
							  : NOTE_LOST,
			   "the text is not of the attribute's form");
		return 0;
	}
	/* Here the values of a list are one text, and become a list again. */
	if (call->rule->ports[index].path.vm_max != 1) {
		port_put_list(call, io, (size_t)index, text);
		return 0;
	}
	return port_put(call, io, (size_t)index, text);
}

const struct codec choice_codec = {
	.name = "choice",
	.ports = ports,
	.options = options,
	.types = "string markdown",
	.departs = 1u << NOTE_KEPT, /* what is no title of an image */
	.alternatives = true,
	.list_fault = choice_list_fault,
	.get = choice_get,
	.put = choice_put,
};
