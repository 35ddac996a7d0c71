/* The file of the daemon as a struct: which keys there are, and what each of
 * them may be, is in one table for each role. */
#include "configuration.h"

#include <string.h>

#include "arena.h"
#include "configuration_checks.h"
#include "configuration_values.h"
#include "http.h"

enum { DAY = 24 * 3600 };

static const struct configuration defaults = {
	.forget = FORGET_UNSAID,
	.receive = {.address = "127.0.0.1",
		    .port = 11112,
		    .aet = "DCMFHIR",
		    .quiet = 60,
		    .timeout = 60,
		    .associations = 16,
		    .reserve = 256ull << 20},
	.watch = {.quiet = 60, .scan = 600},
	.send = {.release = DFH_R5,
		 .jobs = 4,
		 .timeout = HTTP_TIMEOUT,
		 .retry_for = HTTP_RETRY_FOR,
		 .again = 60},
	.stamp = {.timeout = 20,
		  .retry_for = 10,
		  .cache = 300,
		  .quarantine = 16ull << 30},
	.worklist = {.every = 60, .days = 7},
	.metrics = {.address = "127.0.0.1", .port = 9090},
	.serve = {.address = "127.0.0.1",
		  .port = 8080,
		  .timeout = 30,
		  .jobs = 4,
		  .clients = 256}};

/* ---- the keys ---- */

#define OF(member) offsetof(struct configuration, member)

static const struct setting top[] = {
	{.key = "state", .form = FORM_PATH, .at = OF(state), .is_needed = true},
	{.key = "rules", .form = FORM_PATH, .at = OF(rules)},
	{.key = "timezone", .form = FORM_TEXT, .at = OF(timezone)},
	{.key = "forget", .form = FORM_NUMBER, .at = OF(forget), .most = 36500},
	{.key = NULL}};

static const char *const keeps[] = {
	[KEEP_HEADERS] = "headers", [KEEP_FILES] = "files", NULL};

static const struct setting receive[] = {
	{.key = "address", .form = FORM_ADDRESS, .at = OF(receive.address)},
	{.key = "port",
	 .form = FORM_NUMBER,
	 .at = OF(receive.port),
	 .most = 65535},
	{.key = "aet", .form = FORM_AE_TITLE, .at = OF(receive.aet)},
	{.key = "quiet",
	 .form = FORM_NUMBER,
	 .at = OF(receive.quiet),
	 .most = DAY},
	{.key = "timeout",
	 .form = FORM_NUMBER,
	 .at = OF(receive.timeout),
	 .least = 1,
	 .most = DAY},
	{.key = "associations",
	 .form = FORM_NUMBER,
	 .at = OF(receive.associations),
	 .least = 1,
	 .most = 256},
	{.key = "reserve", .form = FORM_SIZE, .at = OF(receive.reserve)},
	{.key = "certificate",
	 .form = FORM_PATH,
	 .at = OF(receive.tls.certificate)},
	{.key = "key", .form = FORM_PATH, .at = OF(receive.tls.key)},
	{.key = "authorities",
	 .form = FORM_PATH,
	 .at = OF(receive.tls.authorities)},
	{.key = "keep",
	 .form = FORM_WORD,
	 .at = OF(receive.keep),
	 .words = keeps},
	{.key = NULL}};

static const struct setting peer[] = {
	{.key = "aet", .form = FORM_AE_TITLE, .at = offsetof(struct peer, aet)},
	{.key = "address",
	 .form = FORM_ADDRESS,
	 .at = offsetof(struct peer, address)},
	{.key = NULL}};

static const struct setting watch[] = {{.key = "folder",
					.form = FORM_PATH,
					.at = OF(watch.folder),
					.is_needed = true},
				       {.key = "quiet",
					.form = FORM_NUMBER,
					.at = OF(watch.quiet),
					.most = DAY},
				       {.key = "scan",
					.form = FORM_NUMBER,
					.at = OF(watch.scan),
					.least = 1,
					.most = DAY},
				       {.key = NULL}};

static const struct setting send[] = {
	{.key = "to", .form = FORM_BASE, .at = OF(send.to), .is_needed = true},
	{.key = "release", .form = FORM_RELEASE, .at = OF(send.release)},
	{.key = "token-file", .form = FORM_PATH, .at = OF(send.token_file)},
	{.key = "client", .form = FORM_PATH, .at = OF(send.client)},
	{.key = "cacert", .form = FORM_PATH, .at = OF(send.cacert)},
	{.key = "header", .form = FORM_PATH, .at = OF(send.headers)},
	{.key = "jobs",
	 .form = FORM_NUMBER,
	 .at = OF(send.jobs),
	 .least = 1,
	 .most = 64},
	{.key = "timeout",
	 .form = FORM_NUMBER,
	 .at = OF(send.timeout),
	 .least = 1,
	 .most = DAY},
	{.key = "retry-for",
	 .form = FORM_NUMBER,
	 .at = OF(send.retry_for),
	 .least = 1,
	 .most = DAY},
	{.key = "again",
	 .form = FORM_NUMBER,
	 .at = OF(send.again),
	 .least = 1,
	 .most = DAY},
	{.key = NULL}};

static const char *const unstampeds[] = {
	[UNSTAMPED_HOLD] = "hold", [UNSTAMPED_PASS] = "pass", NULL};

static const struct setting stamp[] = {
	{.key = "from",
	 .form = FORM_BASE,
	 .at = OF(stamp.from),
	 .is_needed = true},
	{.key = "unknown",
	 .form = FORM_WORD,
	 .at = OF(stamp.unknown),
	 .words = unstampeds},
	{.key = "away",
	 .form = FORM_WORD,
	 .at = OF(stamp.away),
	 .words = unstampeds},
	{.key = "token-file", .form = FORM_PATH, .at = OF(stamp.token_file)},
	{.key = "client", .form = FORM_PATH, .at = OF(stamp.client)},
	{.key = "cacert", .form = FORM_PATH, .at = OF(stamp.cacert)},
	{.key = "header", .form = FORM_PATH, .at = OF(stamp.headers)},
	{.key = "timeout",
	 .form = FORM_NUMBER,
	 .at = OF(stamp.timeout),
	 .least = 1,
	 .most = DAY},
	{.key = "retry-for",
	 .form = FORM_NUMBER,
	 .at = OF(stamp.retry_for),
	 .least = 1,
	 .most = DAY},
	{.key = "cache",
	 .form = FORM_NUMBER,
	 .at = OF(stamp.cache),
	 .most = DAY},
	{.key = "quarantine", .form = FORM_SIZE, .at = OF(stamp.quarantine)},
	{.key = NULL}};

static const struct setting destination[] = {
	{.key = "address",
	 .form = FORM_TEXT,
	 .at = offsetof(struct destination, address),
	 .is_needed = true},
	{.key = "port",
	 .form = FORM_NUMBER,
	 .at = offsetof(struct destination, port),
	 .least = 1,
	 .most = 65535},
	{.key = "aet",
	 .form = FORM_AE_TITLE,
	 .at = offsetof(struct destination, aet),
	 .is_needed = true},
	{.key = "calling",
	 .form = FORM_AE_TITLE,
	 .at = offsetof(struct destination, calling)},
	{.key = "certificate",
	 .form = FORM_PATH,
	 .at = offsetof(struct destination, tls.certificate)},
	{.key = "key",
	 .form = FORM_PATH,
	 .at = offsetof(struct destination, tls.key)},
	{.key = "authorities",
	 .form = FORM_PATH,
	 .at = offsetof(struct destination, tls.authorities)},
	{.key = "timeout",
	 .form = FORM_NUMBER,
	 .at = offsetof(struct destination, timeout),
	 .least = 1,
	 .most = DAY},
	{.key = NULL}};

static const struct setting worklist[] = {
	{.key = "folder",
	 .form = FORM_PATH,
	 .at = OF(worklist.folder),
	 .is_needed = true},
	{.key = "from",
	 .form = FORM_BASE,
	 .at = OF(worklist.from),
	 .is_needed = true},
	{.key = "aet", .form = FORM_AE_TITLE, .at = OF(worklist.aet)},
	{.key = "every",
	 .form = FORM_NUMBER,
	 .at = OF(worklist.every),
	 .least = 1,
	 .most = DAY},
	{.key = "days",
	 .form = FORM_NUMBER,
	 .at = OF(worklist.days),
	 .least = 1,
	 .most = 3650},
	{.key = "token-file", .form = FORM_PATH, .at = OF(worklist.token_file)},
	{.key = "client", .form = FORM_PATH, .at = OF(worklist.client)},
	{.key = "cacert", .form = FORM_PATH, .at = OF(worklist.cacert)},
	{.key = "header", .form = FORM_PATH, .at = OF(worklist.headers)},
	{.key = NULL}};

static const struct setting metrics[] = {
	{.key = "address", .form = FORM_ADDRESS, .at = OF(metrics.address)},
	{.key = "port",
	 .form = FORM_NUMBER,
	 .at = OF(metrics.port),
	 .most = 65535},
	{.key = NULL}};

static const struct setting serve[] = {
	{.key = "address", .form = FORM_ADDRESS, .at = OF(serve.address)},
	{.key = "port",
	 .form = FORM_NUMBER,
	 .at = OF(serve.port),
	 .most = 65535},
	{.key = "base", .form = FORM_BASE, .at = OF(serve.base)},
	{.key = "dicomweb", .form = FORM_BASE, .at = OF(serve.dicomweb)},
	{.key = "endpoint", .form = FORM_BASE, .at = OF(serve.endpoint)},
	{.key = "patients", .form = FORM_BASE, .at = OF(serve.patients)},
	{.key = "tokens", .form = FORM_PATH, .at = OF(serve.tokens)},
	{.key = "introspect", .form = FORM_BASE, .at = OF(serve.introspect)},
	{.key = "cacert", .form = FORM_PATH, .at = OF(serve.cacert)},
	{.key = "token-file",
	 .form = FORM_PATH,
	 .at = OF(serve.pacs.token_file)},
	{.key = "client", .form = FORM_PATH, .at = OF(serve.pacs.client)},
	{.key = "header", .form = FORM_PATH, .at = OF(serve.pacs.headers)},
	{.key = "patients-token-file",
	 .form = FORM_PATH,
	 .at = OF(serve.ehr.token_file)},
	{.key = "patients-client",
	 .form = FORM_PATH,
	 .at = OF(serve.ehr.client)},
	{.key = "patients-header",
	 .form = FORM_PATH,
	 .at = OF(serve.ehr.headers)},
	{.key = "introspect-header",
	 .form = FORM_PATH,
	 .at = OF(serve.authority.headers)},
	{.key = "timeout",
	 .form = FORM_NUMBER,
	 .at = OF(serve.timeout),
	 .least = 1,
	 .most = 3600},
	{.key = "jobs",
	 .form = FORM_NUMBER,
	 .at = OF(serve.jobs),
	 .least = 1,
	 .most = 64},
	{.key = "clients",
	 .form = FORM_NUMBER,
	 .at = OF(serve.clients),
	 .least = 1,
	 .most = 4096},
	{.key = NULL}};

/* A role is on when its key is there. */
static const struct role_keys {
	const char *key;
	const struct setting *settings;
	size_t is_on;
} roles[] = {{"receive", receive, OF(receive.is_on)},
	     {"watch", watch, OF(watch.is_on)},
	     {"send", send, OF(send.is_on)},
	     {"stamp", stamp, OF(stamp.is_on)},
	     {"worklist", worklist, OF(worklist.is_on)},
	     {"metrics", metrics, OF(metrics.is_on)},
	     {"serve", serve, OF(serve.is_on)}};

/* ---- a role ---- */

static const struct role_keys *find_role(const char *key)
{
	for (size_t i = 0; i < sizeof roles / sizeof *roles; i++)
		if (strcmp(roles[i].key, key) == 0)
			return &roles[i];
	return NULL;
}

/* Peers are a list; all else of a role is a key and a value. */
static void read_peers(struct configuration_reading *reading,
		       const struct yaml_node *list, struct receiving *to)
{
	if (list->kind != YAML_LIST || !list->count) {
		reading_fault(reading, list,
			      "'peers' takes a list: [{aet: AET, address: "
			      "ADDRESS}]");
		return;
	}
	to->peers =
		arena_alloc(reading->arena, list->count * sizeof *to->peers);
	to->peer_count = list->count;
	for (size_t i = 0; i < list->count; i++)
		read_settings(reading, peer, list->items[i], &to->peers[i]);
}

static void read_role(struct configuration_reading *reading,
		      const struct role_keys *role, const struct yaml_node *map,
		      struct configuration *configuration)
{
	static const struct yaml_node nothing = {.kind = YAML_MAP};
	*(bool *)((char *)configuration + role->is_on) = true;
	/* a key alone: all of it is as it is by default */
	if (yaml_is_null(map) && !role->settings->is_needed)
		map = &nothing;
	if (map->kind != YAML_MAP) {
		reading_fault(reading, map, "'%s' takes keys and their values",
			      role->key);
		return;
	}
	for (size_t i = 0; i < map->count; i++) {
		const struct yaml_pair *pair = &map->pairs[i];
		if (role->settings == receive &&
		    strcmp(pair->key->text, "peers") == 0)
			read_peers(reading, pair->value,
				   &configuration->receive);
		else
			read_setting(reading, role->settings, pair,
				     configuration);
	}
	check_needed(reading, role->settings, map);
}

static void read_forward(struct configuration_reading *reading,
			 const struct yaml_node *list, struct configuration *to)
{
	if (list->kind != YAML_LIST || !list->count) {
		reading_fault(reading, list,
			      "'forward' takes a list: [{address: HOST, port: "
			      "N, aet: AET}]");
		return;
	}
	to->forward =
		arena_alloc(reading->arena, list->count * sizeof *to->forward);
	to->forward_count = list->count;
	for (size_t i = 0; i < list->count; i++) {
		to->forward[i] =
			(struct destination){.port = 104, .timeout = 60};
		read_settings(reading, destination, list->items[i],
			      &to->forward[i]);
		check_destination_tls(reading, list->items[i],
				      &to->forward[i].tls);
	}
}

/* ---- the file ---- */

static void read_key(struct configuration_reading *reading,
		     const struct yaml_pair *pair,
		     struct configuration *configuration)
{
	const struct role_keys *role = find_role(pair->key->text);
	if (role)
		read_role(reading, role, pair->value, configuration);
	else if (strcmp(pair->key->text, "forward") == 0)
		read_forward(reading, pair->value, configuration);
	else
		read_setting(reading, top, pair, configuration);
}

static void read_file(struct configuration_reading *reading, const char *file,
		      struct configuration *configuration)
{
	const struct yaml_node *root =
		yaml_load(file, reading->arena, reading->diag);
	if (!root)
		return;
	for (size_t i = 0; i < root->count; i++)
		read_key(reading, &root->pairs[i], configuration);
	check_needed(reading, top, root);
	check_receive_tls(reading, yaml_get(root, "receive"),
			  &configuration->receive.tls);
	check_serve(reading, yaml_get(root, "serve"), configuration);
	if (configuration->forward_count && !configuration->receive.is_on)
		reading_fault(reading, yaml_get(root, "forward"),
			      "'forward' passes on what is received: "
			      "'receive' is missing");
	if (configuration->stamp.is_on && !configuration->forward_count)
		reading_fault(reading, yaml_get(root, "stamp"),
			      "'stamp' is for what is passed on: 'forward' is "
			      "missing");
	/* who receives is who sends */
	for (size_t i = 0; i < configuration->forward_count; i++)
		if (!configuration->forward[i].calling)
			configuration->forward[i].calling =
				configuration->receive.aet;
}

struct configuration *configuration_read(const char *file, dfh_error **error)
{
	struct arena *arena = arena_new();
	struct configuration *configuration =
		arena_alloc(arena, sizeof *configuration);
	struct configuration_reading reading = {.arena = arena,
						.diag = diag_new()};
	*configuration = defaults;
	configuration->arena = arena;
	read_file(&reading, file, configuration);
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
