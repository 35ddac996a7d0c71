#include "number.h"

#include <string.h>
#include <strings.h>

#include "codec.h"
#include "lens_one.h"

/* ---- which rule has one ---- */

static size_t port_index_of(const struct rule *rule,
			    const struct dcm_path *path)
{
	size_t i = 0;
	while (i < codec_port_count(rule->codec) &&
	       !(rule->ports[i].port && !rule->ports[i].read_only &&
		 strcmp(rule->ports[i].path.text, path->text) == 0))
		i++;
	return i;
}

static bool writes_path(const struct rule *rule, const struct dcm_path *path)
{
	return port_index_of(rule, path) < codec_port_count(rule->codec);
}

const struct match_id *number_of_rule(const dfh_rules *rules,
				      const struct rule *rule)
{
	for (size_t k = 0; rule->codec && k < rules->match_count; k++)
		for (size_t i = 0; i < rules->match[k].id_count; i++) {
			const struct match_id *id = &rules->match[k].ids[i];
			if (id->count > 1 && writes_path(rule, &id->paths[0]))
				return id;
		}
	return NULL;
}

/* ---- what it is ---- */

/* Blanks around it do not count. */
static const char *without_outer_blanks(const struct port_value *value,
					struct arena *arena)
{
	if (value->state != VALUE_TEXT)
		return NULL;
	const char *text = value->text + strspn(value->text, " ");
	size_t length = strlen(text);
	while (length && text[length - 1] == ' ')
		length--;
	return length ? arena_strndup(arena, text, length) : NULL;
}

static const char *port_text_at(const struct lens *lens,
				const struct rule *rule,
				const struct dcm_path *path,
				const struct port_value *ports)
{
	size_t port = port_index_of(rule, path);
	return port < codec_port_count(rule->codec)
		       ? without_outer_blanks(&ports[port], lens->arena)
		       : NULL;
}

struct number number_read(const struct lens *lens, const struct rule *rule,
			  const struct scope *scope)
{
	const struct match_id *id = number_of_rule(lens->rules, rule);
	struct port_value ports[CODEC_PORTS_MAX];
	struct number number = {0};
	if (!id)
		return number;
	lens_ports(lens, rule, scope, ports);
	number.text = port_text_at(lens, rule, &id->paths[0], ports);
	for (size_t i = 1; i < id->count && i <= NUMBER_ISSUERS_MAX; i++)
		number.issuer[number.issuer_count++] =
			port_text_at(lens, rule, &id->paths[i], ports);
	return number;
}

struct number number_made(const struct lens *lens, const struct rule *rule,
			  json_object *value)
{
	struct dataset *scratch = dataset_new();
	struct scope root = scope_root(&scratch->root);
	struct lens making = *lens;
	making.note = NULL;
	making.note_at = NULL;
	making.stamps = false;
	making.before = NULL;
	struct number number = {0};
	if (lens_put_one(&making, rule, &root, value))
		number = number_read(&making, rule, &root);
	dataset_free(scratch);
	return number;
}

/* ---- comparing ---- */

/* UUIDs may be in capitals (RFC 4122 3). */
static bool is_same_issuer(const char *a, const char *b)
{
	static const char hex[] = "0123456789abcdefABCDEF-";
	return strcmp(a, b) == 0 || (strlen(a) == 36 && strspn(a, hex) == 36 &&
				     strcasecmp(a, b) == 0);
}

static enum number_agreement compare_issuers(const struct number *a,
					     const struct number *b)
{
	bool agrees = false, is_named = false;
	for (size_t i = 0; i < a->issuer_count && i < b->issuer_count; i++) {
		is_named = is_named || a->issuer[i] || b->issuer[i];
		if (!a->issuer[i] || !b->issuer[i])
			continue;
		if (!is_same_issuer(a->issuer[i], b->issuer[i]))
			return NUMBERS_OF_OTHERS;
		agrees = true;
	}
	return agrees || !is_named ? NUMBERS_AGREE : NUMBERS_HALF;
}

enum number_agreement numbers_compare(const struct number *a,
				      const struct number *b)
{
	return a->text && b->text && strcmp(a->text, b->text) == 0
		       ? compare_issuers(a, b)
		       : NUMBERS_DIFFER;
}

bool numbers_share_issuer(const struct number *a, const struct number *b)
{
	return compare_issuers(a, b) == NUMBERS_AGREE;
}
