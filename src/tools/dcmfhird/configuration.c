/* The file of the daemon as a struct: which keys there are, and what each of
 * them may be, is in one table for each role. */
#include "configuration.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "configuration_values.h"

/* ---- the keys ---- */

#define OF(member) offsetof(struct configuration, member)

static const struct setting settings[] = {
	{.key = "state", .form = FORM_PATH, .at = OF(state), .is_needed = true},
	{.key = "rules", .form = FORM_PATH, .at = OF(rules)},
	{.key = "timezone", .form = FORM_TEXT, .at = OF(timezone)},
	{.key = NULL}};

/* What this version has not.  They are refused, for who wrote them counts on
 * them. */
static const char *const missing_roles[] = {"receive",	"watch",   "send",
					    "stamp",	"forward", "serve",
					    "worklist", "metrics"};

static const char *missing_role(const char *key)
{
	size_t count = sizeof missing_roles / sizeof *missing_roles;
	for (size_t i = 0; i < count; i++)
		if (strcmp(missing_roles[i], key) == 0)
			return missing_roles[i];
	return NULL;
}

/* ---- the file ---- */

static void read_key(struct reading *reading, const struct yaml_pair *pair,
		     struct configuration *configuration)
{
	const char *role = missing_role(pair->key->text);
	if (role)
		reading_fault(reading, pair->key,
			      "the role '%s' is not in this version of "
			      "dcmfhird: take it out",
			      role);
	else
		read_setting(reading, settings, pair, configuration);
}

static void read_all(struct reading *reading, const char *file,
		     struct configuration *configuration)
{
	const struct yaml_node *root =
		yaml_load(file, reading->arena, reading->diag);
	if (!root)
		return;
	for (size_t i = 0; i < root->count; i++)
		read_key(reading, &root->pairs[i], configuration);
	check_needed(reading, settings, root);
}

struct configuration *configuration_read(const char *file, dfh_error **error)
{
	struct arena *arena = arena_new();
	struct configuration *configuration =
		arena_alloc(arena, sizeof *configuration);
	struct reading reading = {.arena = arena, .diag = diag_new()};
	*configuration = (struct configuration){.arena = arena};
	read_all(&reading, file, configuration);
	int result = diag_finish(reading.diag, error);
	diag_free(reading.diag);
	if (result == 0)
		return configuration;
	configuration_free(configuration);
	return NULL;
}

void configuration_free(struct configuration *configuration)
{
	if (configuration)
		arena_free(configuration->arena);
}
