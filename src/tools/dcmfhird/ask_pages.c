#include "ask_pages.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bundle.h"
#include "memory.h"
#include "server.h"

static const char *next_of(json_object *bundle)
{
	json_object *links = json_member(bundle, "link");
	for (size_t i = 0; i < json_count(links); i++)
		if (same_text(json_text(json_at(links, i), "relation"), "next"))
			return json_text(json_at(links, i), "url");
	return NULL;
}

/* One that is no list of resources would say that there are none. */
static bool is_search_page(struct http_answer *answer, void *context)
{
	json_object **bundle = context;
	if (!server_gives_bundle(answer, bundle))
		return false;
	json_object *entries = json_member(*bundle, "entry");
	bool is_whole =
		!entries || json_object_is_type(entries, json_type_array);
	for (size_t i = 0; is_whole && i < json_count(entries); i++)
		is_whole =
			json_text(json_member(json_at(entries, i), "resource"),
				  "resourceType") != NULL;
	return is_whole;
}

/* What the text quotes could be a patient's. */
static int refuse_page(struct ask_fault *fault, dfh_error *error)
{
	fault->outcome = HTTP_REFUSED;
	snprintf(fault->text, sizeof fault->text,
		 "its answer cannot be read as FHIR");
	dfh_error_free(error);
	return -1;
}

/* A page; *target is that of the next one, or NULL. */
static int take_search_page(struct http *http, const char *of, char **target,
			    dfh_import *im, struct ask_fault *fault)
{
	const char *const headers[] = {fhir_accept, NULL};
	json_object *bundle = NULL;
	dfh_error *error = NULL;
	struct http_answer answer;
	const struct http_request request = {.method = "GET",
					     .target = *target,
					     .headers = headers,
					     .accepts = is_search_page,
					     .context = &bundle};
	http_ask(http, &request, &answer);
	fault->outcome = answer.outcome;
	fault->status = answer.status;
	snprintf(fault->text, sizeof fault->text, "%s", answer.fault);
	int result = answer.outcome == HTTP_ANSWERED ? 0 : -1;
	if (result == 0 &&
	    dfh_import_add_json(im, of, (const char *)answer.body.bytes,
				answer.body.length, &error) < 0)
		result = refuse_page(fault, error);
	const char *next = next_of(bundle);
	free(*target);
	*target = next ? xstrdup(next) : NULL;
	json_object_put(bundle);
	http_answer_free(&answer);
	return result;
}

/* All pages or nothing: what one of them says is over or replaced matters for
 * the others. */
int ask_pages(struct http *http, const char *of, const char *search, int pages,
	      dfh_import *im, struct ask_fault *fault)
{
	char *target = xstrdup(search);
	int result = 0;
	*fault = (struct ask_fault){.outcome = HTTP_ANSWERED};
	for (int page = 0; target && result == 0; page++) {
		if (page < pages) {
			result = take_search_page(http, of, &target, im, fault);
			continue;
		}
		fault->outcome = HTTP_REFUSED;
		snprintf(fault->text, sizeof fault->text,
			 "there are more than %d pages", pages);
		result = -1;
	}
	free(target);
	return result;
}
