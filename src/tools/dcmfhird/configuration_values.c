#include "configuration_values.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "dcmfhir.h"
#include "nearest.h"

void reading_fault(struct configuration_reading *reading,
		   const struct yaml_node *node, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	diag_vfault(reading->diag, &node->mark, node->width, format, arguments);
	va_end(arguments);
}

/* ---- one value ---- */

static void read_base(struct configuration_reading *reading,
		      const struct yaml_node *node, const char **to)
{
	if (strncmp(node->text, "http://", 7) != 0 &&
	    strncmp(node->text, "https://", 8) != 0)
		reading_fault(reading, node,
			      "this is no base of a server: it begins with "
			      "http:// or https://");
	*to = node->text;
}

static void read_address(struct configuration_reading *reading,
			 const struct yaml_node *node, const char **to)
{
	struct in6_addr address;
	if (inet_pton(AF_INET, node->text, &address) != 1 &&
	    inet_pton(AF_INET6, node->text, &address) != 1)
		reading_fault(reading, node,
			      "this is no address of IPv4 or IPv6 in numbers");
	*to = node->text;
}

static bool is_ae_title(const char *text)
{
	size_t length = strlen(text);
	for (size_t i = 0; i < length; i++)
		if (text[i] < ' ' || text[i] > '~' || text[i] == '\\')
			return false;
	return length && length <= 16 && text[strspn(text, " ")];
}

static void read_ae_title(struct configuration_reading *reading,
			  const struct yaml_node *node, const char **to)
{
	if (!is_ae_title(node->text))
		reading_fault(reading, node,
			      "this is no AE title: it has 1 to 16 characters "
			      "of ASCII, and no backslash");
	*to = node->text;
}

static void read_bounded_number(struct configuration_reading *reading,
				const struct yaml_node *node,
				const struct setting *setting, long *to)
{
	char *end;
	errno = 0;
	long number = strtol(node->text, &end, 10);
	if (errno || end == node->text || *end || number < setting->least ||
	    number > setting->most)
		reading_fault(reading, node,
			      "'%s' takes a number from %ld to %ld",
			      setting->key, setting->least, setting->most);
	else
		*to = number;
}

static void read_size(struct configuration_reading *reading,
		      const struct yaml_node *node, unsigned long long *to)
{
	static const char units[] = "kMGT";
	char *end;
	errno = 0;
	unsigned long long number = strtoull(node->text, &end, 10);
	const char *unit = *end ? strchr(units, *end) : NULL;
	int shift = unit ? 10 * (int)(unit - units + 1) : 0;
	bool is_size = !errno && node->text[0] >= '0' && node->text[0] <= '9' &&
		       (!*end || (unit && !end[1])) &&
		       number << shift >> shift == number;
	if (is_size)
		*to = number << shift;
	else
		reading_fault(reading, node,
			      "this is no size: bytes, or with k, M, G or T "
			      "behind it thousands of 1,024");
}

static void read_release(struct configuration_reading *reading,
			 const struct yaml_node *node, dfh_release *to)
{
	dfh_release release = dfh_release_named(node->text);
	if (release)
		*to = release;
	else
		reading_fault(reading, node,
			      "this is no release of FHIR that is known "
			      "here, such as R5");
}

static void read_word(struct configuration_reading *reading,
		      const struct yaml_node *node,
		      const struct setting *setting, int *to)
{
	struct nearest nearest = nearest_to(node->text);
	for (int i = 0; setting->words[i]; i++) {
		nearest_offer(&nearest, setting->words[i]);
		if (strcmp(setting->words[i], node->text) != 0)
			continue;
		*to = i;
		return;
	}
	reading_fault(reading, node, "'%s' is no word for '%s'%s", node->text,
		      setting->key, nearest_hint(&nearest, reading->arena));
}

static void read_setting_value(struct configuration_reading *reading,
			       const struct yaml_node *node,
			       const struct setting *setting, void *to)
{
	switch (setting->form) {
	case FORM_TEXT:
	case FORM_PATH:
		*(const char **)to = node->text;
		break;
	case FORM_ADDRESS:
		read_address(reading, node, to);
		break;
	case FORM_BASE:
		read_base(reading, node, to);
		break;
	case FORM_AE_TITLE:
		read_ae_title(reading, node, to);
		break;
	case FORM_NUMBER:
		read_bounded_number(reading, node, setting, to);
		break;
	case FORM_SIZE:
		read_size(reading, node, to);
		break;
	case FORM_RELEASE:
		read_release(reading, node, to);
		break;
	case FORM_WORD:
		read_word(reading, node, setting, to);
		break;
	}
}

/* ---- keys ---- */

static const struct setting *find_setting(struct configuration_reading *reading,
					  const struct setting *settings,
					  const struct yaml_node *key)
{
	struct nearest nearest = nearest_to(key->text);
	for (; settings->key; settings++) {
		nearest_offer(&nearest, settings->key);
		if (strcmp(settings->key, key->text) == 0)
			return settings;
	}
	reading_fault(reading, key, "unknown key '%s'%s", key->text,
		      nearest_hint(&nearest, reading->arena));
	return NULL;
}

void read_setting(struct configuration_reading *reading,
		  const struct setting *settings, const struct yaml_pair *pair,
		  void *to)
{
	const struct setting *setting =
		find_setting(reading, settings, pair->key);
	const struct yaml_node *value = pair->value;
	if (!setting)
		return;
	if (value->kind != YAML_TEXT || yaml_is_null(value) || !*value->text)
		reading_fault(reading, value, "'%s' takes a value",
			      setting->key);
	else
		read_setting_value(reading, value, setting,
				   (char *)to + setting->at);
}

void read_settings(struct configuration_reading *reading,
		   const struct setting *settings, const struct yaml_node *map,
		   void *to)
{
	if (map->kind != YAML_MAP) {
		reading_fault(reading, map, "this takes keys and their values");
		return;
	}
	for (size_t i = 0; i < map->count; i++)
		read_setting(reading, settings, &map->pairs[i], to);
	check_needed(reading, settings, map);
}

void check_needed(struct configuration_reading *reading,
		  const struct setting *settings, const struct yaml_node *map)
{
	for (; settings->key; settings++)
		if (settings->is_needed && !yaml_get(map, settings->key))
			reading_fault(reading, map, "'%s' is missing",
				      settings->key);
}
