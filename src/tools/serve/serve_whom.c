#include "serve_whom.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "array.h"
#include "server.h"

enum { DEPTH_MOST = 64, ANSWER_MOST = 1 << 20 };

void serve_whom_free(struct serve_whom *whom)
{
	for (size_t i = 0; i < whom->count; i++)
		serve_token_free(&whom->tokens[i]);
	free(whom->tokens);
	free(whom->own);
	*whom = (struct serve_whom){0};
}

/* Is it a number that was theirs for a time, and may be another's now?  A
 * period that cannot be understood may be over. */
static bool is_former(json_object *number)
{
	const char *use = json_text(number, "use");
	json_object *end = json_member(json_member(number, "period"), "end");
	struct serve_period until;
	if (use && has_word("old temp", use))
		return true;
	return end && (!json_string(end) ||
		       !serve_period_of(json_string(end), &until) ||
		       until.end - until.zone <= (double)time(NULL));
}

/* A number without a system could be another's, of another issuer: it helps
 * only where who it is is known without it. */
static void take_numbers(json_object *patient, struct serve_whom *whom)
{
	json_object *numbers = json_member(patient, "identifier");
	for (size_t i = 0; i < json_count(numbers); i++) {
		json_object *number = json_at(numbers, i);
		const char *system = json_text(number, "system");
		const char *value = json_text(number, "value");
		if (!value || !*value || is_former(number) ||
		    !(whom->own || (system && *system)))
			continue;
		array_room(whom->tokens, whom->count);
		whom->tokens[whom->count++] = (struct serve_token){
			.system = system ? xstrdup(system) : NULL,
			.code = xstrdup(value)};
	}
}

/* ---- who it is ---- */

/* The id of "ID", "Patient/ID" or the address of one at a base; NULL: it is
 * another server's. */
static const char *id_of_patient(const char *text, const char *base)
{
	static const char type[] = "Patient/";
	size_t length = base ? strlen(base) : 0;
	while (length && base[length - 1] == '/')
		length--;
	if (length && strncmp(text, base, length) == 0 && text[length] == '/')
		text += length + 1;
	if (strncmp(text, type, sizeof type - 1) == 0)
		text += sizeof type - 1;
	size_t id = strlen(text);
	bool good = id && id <= 64 &&
		    strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrs"
				 "tuvwxyz0123456789-.") == id &&
		    strspn(text, ".") != id;
	return good ? text : NULL;
}

/* Is it a record that is not used any more, or another one's instead? */
static bool is_withdrawn(json_object *patient)
{
	json_object *active = json_member(patient, "active");
	json_object *links = json_member(patient, "link");
	for (size_t i = 0; i < json_count(links); i++)
		if (same_text(json_text(json_at(links, i), "type"),
			      "replaced-by"))
			return true;
	return json_object_is_type(active, json_type_boolean) &&
	       !json_object_get_boolean(active);
}

/* -1: it is withdrawn, and the reply says so. */
static int take_ehr_patient(const struct http_answer *answer, const char *id,
			    struct serve_whom *whom, struct serve_reply *reply)
{
	json_object *patient = http_answer_json(answer, DEPTH_MOST);
	int result = 0;
	bool is_theirs =
		same_text(json_text(patient, "resourceType"), "Patient") &&
		same_text(json_text(patient, "id"), id);
	if (is_theirs && is_withdrawn(patient)) {
		serve_fail(reply, 404, "deleted",
			   "the record of the patient is withdrawn, or another "
			   "one replaces it");
		result = -1;
	} else if (is_theirs) {
		take_numbers(patient, whom);
	}
	json_object_put(patient);
	return result;
}

static int ask_ehr(const struct serve *serve, const char *id,
		   struct serve_whom *whom, struct serve_reply *reply)
{
	const char *const headers[] = {fhir_accept, NULL};
	char *target = xprintf("Patient/%s", id);
	const struct http_request request = {.method = "GET",
					     .target = target,
					     .headers = headers,
					     .limit = ANSWER_MOST};
	struct http_answer answer;
	int result = 0;
	http_ask(serve->patients, &request, &answer);
	bool denies = answer.outcome == HTTP_REFUSED &&
		      (answer.status == 404 || answer.status == 410);
	if (answer.outcome == HTTP_ANSWERED) {
		result = take_ehr_patient(&answer, id, whom, reply);
	} else if (!denies) {
		serve_put_off(reply, answer.retry_after,
			      "the server that knows the patients");
		result = -1;
	}
	http_answer_free(&answer);
	free(target);
	return result;
}

/* One whom this server told of: by a study of theirs. */
static int ask_study(const struct serve *serve, dfh_release release,
		     struct serve_whom *whom, struct serve_reply *reply)
{
	struct serve_study study;
	if (serve_study_with(&serve->source, whom->own, release, &study,
			     reply) < 0) {
		bool is_gone = reply->status == 404;
		reply->status = is_gone ? 0 : reply->status;
		return is_gone ? 0 : -1;
	}
	take_numbers(serve_study_other(&study, whom->own), whom);
	serve_study_free(&study);
	return 0;
}

static bool is_told_of(const struct serve *serve, const char *id)
{
	char uid[SERVE_UID];
	for (int place = 0; place < SERVE_PLACES; place++)
		if (serve_known(serve->source.known, id, place, uid))
			return true;
	return false;
}

int serve_whom_of(struct serve *serve, dfh_release release, const char *patient,
		  struct serve_whom *whom, struct serve_reply *reply)
{
	char *own_base = xprintf("%s/fhir/%s", serve->options.base,
				 dfh_release_name(release));
	const char *own = id_of_patient(patient, own_base);
	const char *id = id_of_patient(patient, serve->options.patients.base);
	int result = 0;
	*whom = (struct serve_whom){0};
	if (own && is_told_of(serve, own)) {
		whom->own = xprintf("Patient/%s", own);
		result = ask_study(serve, release, whom, reply);
	} else if (id && serve->patients) {
		result = ask_ehr(serve, id, whom, reply);
	}
	free(own_base);
	if (result < 0)
		serve_whom_free(whom);
	return result;
}

/* ---- is it theirs? ---- */

static bool is_whose_number(json_object *value, const void *context)
{
	const struct serve_whom *whom = context;
	for (size_t i = 0; i < whom->count; i++)
		if (serve_token_matches(&whom->tokens[i], value))
			return true;
	return false;
}

bool serve_is_of(const struct serve_study *study, const struct serve_whom *whom)
{
	const char *subject =
		json_text(json_member(study->study, "subject"), "reference");
	json_object *patient =
		subject ? serve_study_other(study, subject) : NULL;
	if (!patient)
		return false;
	if (whom->own)
		return strcmp(whom->own, subject) == 0;
	return serve_any(patient, "Patient.identifier", is_whose_number, whom);
}
