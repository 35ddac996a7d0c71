#include "server.h"

#include <stdlib.h>
#include <string.h>

#include "cli.h"

const char fhir_json[] = "Content-Type: application/fhir+json";
const char fhir_accept[] = "Accept: application/fhir+json";

/* ---- what it says ---- */

/* As a server: some say what they ask as a client, too.  NULL: nothing. */
static json_object *rest_of(const struct server *server)
{
	json_object *list = json_member(server->statement, "rest");
	for (size_t i = 0; i < json_count(list); i++) {
		json_object *rest = json_at(list, i);
		const char *mode = json_text(rest, "mode");
		if (!mode || strcmp(mode, "server") == 0)
			return rest;
	}
	return NULL;
}

/* Does it name the interaction?  Where it names none at all, it leaves that
 * open. */
static bool has_interaction(const struct server *server, const char *code)
{
	json_object *rest = rest_of(server);
	json_object *list = json_member(rest, "interaction");
	for (size_t i = 0; i < json_count(list); i++)
		if (same_text(json_text(json_at(list, i), "code"), code))
			return true;
	return !rest;
}

static bool is_false(json_object *resource, const char *member)
{
	json_object *value = json_member(resource, member);
	return json_object_is_type(value, json_type_boolean) &&
	       !json_object_get_boolean(value);
}

/* What is not said of a type is open. */
static bool denies_type(const struct server *server,
			const struct bundle_entry *entry)
{
	json_object *list = json_member(rest_of(server), "resource");
	const char *needed =
		entry->updates ? "conditionalUpdate" : "conditionalCreate";
	for (size_t i = 0; i < json_count(list); i++) {
		json_object *resource = json_at(list, i);
		if (same_text(json_text(resource, "type"), entry->type) &&
		    is_false(resource, needed))
			return true;
	}
	return false;
}

const char *server_denies(const struct server *server,
			  const struct bundle *bundle)
{
	for (size_t i = 0; i < bundle->count; i++) {
		const struct bundle_entry *entry = &bundle->entries[i];
		if (denies_type(server, entry))
			return entry->updates ? "conditionalUpdate"
					      : "conditionalCreate";
	}
	return NULL;
}

/* Before anything is known of what is to be sent: what every study needs. */
static const char *denies_studies(const struct server *server)
{
	const char *denied = NULL;
	for (size_t i = 0; i < server->kinds.count && !denied; i++) {
		const dfh_entry *kind = &server->kinds.at[i];
		struct bundle_entry needed = {.type = kind->type,
					      .updates = kind->updates != 0};
		const struct bundle all = {.entries = &needed, .count = 1};
		if (!kind->is_conditional)
			denied = server_denies(server, &all);
	}
	return denied;
}

/* ---- is it one for us? ---- */

static const char *name_of_server(const struct server *server)
{
	const char *name =
		json_text(json_member(server->statement, "software"), "name");
	return name ? name : "the server";
}

static int check_statement(const struct server *server, const char *base,
			   dfh_release release)
{
	const char *version = json_text(server->statement, "fhirVersion");
	const char *wanted = dfh_release_version(release);
	/* Behind the second dot are corrections. */
	int length = (int)(strrchr(wanted, '.') + 1 - wanted);
	const char *denied = denies_studies(server);
	if (!version || strncmp(version, wanted, (size_t)length) != 0)
		cli_say("%s: %s speaks FHIR %s, and -r %s needs %.*sx: nothing "
			"was sent",
			base, name_of_server(server),
			version ? version : "of a release that it does not say",
			dfh_release_name(release), length, wanted);
	else if (denied)
		cli_say("%s: %s denies %s, without which studies would be "
			"there twice: nothing was sent",
			base, name_of_server(server), denied);
	else
		return DFH_OK;
	return DFH_IO;
}

/* Into *to, in the place of what is there: is it a resource of that type? */
static bool takes_resource(const struct http_answer *answer, json_object **to,
			   const char *type)
{
	json_object_put(*to);
	*to = json_of_text((const char *)answer->body.bytes,
			   answer->body.length);
	return same_text(json_text(*to, "resourceType"), type);
}

bool server_gives_bundle(struct http_answer *answer, void *bundle)
{
	return takes_resource(answer, bundle, "Bundle");
}

static bool is_statement(struct http_answer *answer, void *context)
{
	struct server *server = context;
	return takes_resource(answer, &server->statement,
			      "CapabilityStatement");
}

int server_ask(struct server *server, const char *base, dfh_release release)
{
	struct http_answer answer;
	const char *const headers[] = {fhir_accept, NULL};
	const struct http_request request = {.method = "GET",
					     .target = "metadata",
					     .headers = headers,
					     .accepts = is_statement,
					     .context = server};
	int status = DFH_IO;
	http_ask(server->http, &request, &answer);
	server->is_silent = answer.outcome == HTTP_PUT_OFF;
	if (answer.outcome == HTTP_ANSWERED)
		status = check_statement(server, base, release);
	else if (answer.outcome != HTTP_STOPPED)
		cli_say("%s/metadata: %s: nothing was sent", base,
			answer.fault);
	server->has_transactions = has_interaction(server, "transaction");
	http_answer_free(&answer);
	return status;
}

void server_free(struct server *server)
{
	json_object_put(server->statement);
	http_free(server->http);
	kinds_free(&server->kinds);
	*server = (struct server){0};
}
