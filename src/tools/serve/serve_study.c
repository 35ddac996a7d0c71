#include "serve_study.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "json_read.h"
#include "memory.h"

enum { DEPTH_MOST = 100 };

/* ---- from the PACS to a Bundle ---- */

static int take_served_record(dfh_record *record, void *context)
{
	dfh_export_add_record(context, record);
	return 0;
}

/* Does the PACS not answer at all now?  What it fails at with another status is
 * this study. */
static bool is_pacs_away(const struct dicomweb_answered *answered)
{
	return answered->outcome == HTTP_STOPPED ||
	       (answered->outcome == HTTP_PUT_OFF &&
		(answered->status < 500 || answered->status == 503));
}

/* What the PACS answered, told to a client. */
static void tell_refusal(const struct dicomweb_answered *answered,
			 const char *uid, struct serve_reply *reply)
{
	bool is_there = answered->outcome == HTTP_ANSWERED;
	if (is_pacs_away(answered))
		serve_put_off(reply, answered->retry_after, "the PACS");
	else if (!is_there &&
		 (answered->status == 404 || answered->status == 410 ||
		  answered->status / 100 == 2))
		serve_fail(reply, 404, "not-found",
			   "there is no study of that UID");
	else
		serve_fail(reply, 502, "exception",
			   "study %s cannot be read: %s", uid,
			   is_there ? "what the PACS says of it is no study"
				    : "the PACS does not give it");
}

/* The text of the one Bundle; NULL: the reply says why. */
static char *only_bundle(dfh_export *ex, const char *uid,
			 struct serve_reply *reply)
{
	dfh_error *error = NULL;
	char *text = dfh_export_next(ex, &error);
	char *other = text ? dfh_export_next(ex, &error) : NULL;
	if (text && !other)
		return text;
	if (error)
		cli_fail(error);
	serve_fail(reply, other ? 409 : 502, other ? "conflict" : "exception",
		   "study %s %s", uid,
		   other ? "is of several patients" : "cannot be mapped");
	free(text);
	free(other);
	return NULL;
}

/* -1: the reply says why. */
static int add_pacs_study(const struct serve_source *source, const char *uid,
			  dfh_export *ex, struct serve_reply *reply)
{
	char *fault = NULL;
	dfh_error *error = NULL;
	struct dicomweb_answered answered = {.outcome = HTTP_PUT_OFF,
					     .retry_after = -1};
	const struct dicomweb_taking taking = {
		.take = take_served_record,
		.context = ex,
		.origin = source->options->endpoint,
		.answered = &answered};
	char *studies = dicomweb_studies(source->options->dicomweb.base);
	char *url = xprintf("%s/%s", studies, uid);
	int result =
		dicomweb_read(source->web, url, ex, &taking, &fault, &error);
	if (result < 0)
		tell_refusal(&answered, uid, reply);
	if (fault && reply->status != 404)
		cli_say("serve: study %s: %s", uid, fault);
	if (error)
		cli_fail(error);
	free(fault);
	free(studies);
	free(url);
	return result;
}

/* -1: the reply says why. */
static int add_spooled_study(const struct serve_source *source, const char *uid,
			     dfh_export *ex, struct serve_reply *reply)
{
	const struct serve_spool *spool = source->options->spool;
	double later = -1;
	switch (spool->read(spool->context, uid, ex, source->options->endpoint,
			    &later)) {
	case SPOOLED:
		return 0;
	case SPOOLED_ABSENT:
		serve_fail(reply, 404, "not-found",
			   "there is no study of that UID");
		return -1;
	case SPOOLED_LATER:
		serve_put_off(reply, later, "the study, which is changing,");
		return -1;
	default:
		serve_fail(reply, 502, "exception", "study %s cannot be read",
			   uid);
		return -1;
	}
}

static char *read_bundle(const struct serve_source *source, const char *uid,
			 dfh_export *ex, struct serve_reply *reply)
{
	int result = source->web ? add_pacs_study(source, uid, ex, reply)
				 : add_spooled_study(source, uid, ex, reply);
	return result == 0 ? only_bundle(ex, uid, reply) : NULL;
}

static char *export_bundle(const struct serve_source *source, const char *uid,
			   dfh_release release, struct serve_reply *reply)
{
	dfh_error *error = NULL;
	const dfh_export_options how = {.size = sizeof how,
					.release = release,
					.timezone = source->options->timezone};
	dfh_export *ex = dfh_export_new(source->options->rules, &how, &error);
	char *text = ex ? read_bundle(source, uid, ex, reply) : NULL;
	if (!ex) {
		cli_fail(error);
		serve_fail(reply, 404, "not-supported",
			   "the rules are not for this release");
	}
	dfh_export_free(ex);
	return text;
}

/* ---- from the Bundle to resources ---- */

static void free_reference(struct lh_entry *entry)
{
	free((void *)lh_entry_v(entry));
}

static void lead_references(json_object *value, struct lh_table *references)
{
	for (size_t i = 0; i < json_count(value); i++)
		lead_references(json_at(value, i), references);
	json_foreach (value, name, member) {
		void *leads;
		if (strcmp(name, "reference") == 0 && json_string(member) &&
		    lh_table_lookup_ex(references, json_string(member), &leads))
			json_add(value, "reference", json_new_string(leads));
		else
			lead_references(member, references);
	}
}

/* The UUID of a fullUrl, or the UID of what the rules call a study. */
static const char *id_of_entry(json_object *entry, const char *uid)
{
	static const char urn[] = "urn:uuid:";
	const char *type =
		json_text(json_member(entry, "resource"), "resourceType");
	const char *url = json_text(entry, "fullUrl");
	if (same_text(type, "ImagingStudy"))
		return uid;
	return url && strncmp(url, urn, sizeof urn - 1) == 0
		       ? url + sizeof urn - 1
		       : NULL;
}

static void enter_served(json_object *entries, const char *uid,
			 struct lh_table *references)
{
	for (size_t i = 0; i < json_count(entries); i++) {
		json_object *entry = json_at(entries, i);
		json_object *resource = json_member(entry, "resource");
		const char *id = id_of_entry(entry, uid);
		if (!id)
			continue;
		lh_add(references, json_text(entry, "fullUrl"),
		       xprintf("%s/%s", json_text(resource, "resourceType"),
			       id));
		json_add_text(resource, "id", id);
	}
}

static void free_other(struct lh_entry *entry)
{
	free(lh_entry_k(entry));
	json_object_put((json_object *)lh_entry_v(entry));
}

static void take_resources(const struct serve_source *source,
			   json_object *entries, const char *uid,
			   struct serve_study *study)
{
	study->others = lh_by_text(16, free_other);
	for (size_t i = 0; i < json_count(entries); i++) {
		json_object *resource =
			json_member(json_at(entries, i), "resource");
		const char *id = json_text(resource, "id");
		if (same_text(id, uid)) {
			study->study = json_object_get(resource);
		} else if (id) {
			lh_add(study->others,
			       xprintf("%s/%s",
				       json_text(resource, "resourceType"), id),
			       json_object_get(resource));
			serve_know(source->known, id, uid);
		}
	}
}

/* When this server first saw it so: DICOM does not tell. */
static void add_study_version(const struct serve_source *source,
			      const char *uid, dfh_release release,
			      struct serve_study *study)
{
	struct buffer text = {0};
	char digest[SERVE_DIGEST], time[SERVE_INSTANT];
	serve_print(study->study, &text);
	serve_digest(&text, digest);
	buffer_free(&text);
	study->changed = serve_seen_since(source->known, uid,
					  dfh_release_name(release), digest);
	serve_instant(study->changed, time);
	json_object *meta = json_member(study->study, "meta");
	if (!meta) {
		meta = json_new_object();
		json_add(study->study, "meta", meta);
	}
	json_add_text(meta, "versionId", digest);
	json_add_text(meta, "lastUpdated", time);
}

/* false: it is no Bundle with a study, which only a fault of ours makes. */
static bool take_bundle(const struct serve_source *source, const char *text,
			const char *uid, struct serve_study *study)
{
	struct json_source read =
		json_source_of(text, strlen(text), DEPTH_MOST);
	json_object *bundle = NULL;
	struct lh_table *references = lh_by_text(16, free_reference);
	if (json_read(&read, &bundle) == 1) {
		json_object *entries = json_member(bundle, "entry");
		enter_served(entries, uid, references);
		lead_references(entries, references);
		take_resources(source, entries, uid, study);
	}
	lh_table_free(references);
	json_object_put(bundle);
	json_source_free(&read);
	return study->study != NULL;
}

int serve_study_read(const struct serve_source *source, const char *uid,
		     dfh_release release, struct serve_study *study,
		     struct serve_reply *reply)
{
	*study = (struct serve_study){0};
	char *text = export_bundle(source, uid, release, reply);
	if (!text)
		return -1;
	bool good = take_bundle(source, text, uid, study);
	free(text);
	if (good) {
		add_study_version(source, uid, release, study);
		return 0;
	}
	serve_fail(reply, 500, "exception", "study %s cannot be mapped", uid);
	serve_study_free(study);
	return -1;
}

void serve_study_free(struct serve_study *study)
{
	json_object_put(study->study);
	if (study->others)
		lh_table_free(study->others);
	*study = (struct serve_study){0};
}

json_object *serve_study_other(const struct serve_study *study,
			       const char *reference)
{
	void *other;
	return lh_table_lookup_ex(study->others, reference, &other) ? other
								    : NULL;
}

int serve_study_with(const struct serve_source *source, const char *reference,
		     dfh_release release, struct serve_study *study,
		     struct serve_reply *reply)
{
	const char *id = strrchr(reference, '/') + 1;
	char uid[SERVE_UID];
	unsigned int fault = 0;
	for (int place = 0; place < SERVE_PLACES; place++) {
		if (!serve_known(source->known, id, place, uid))
			continue;
		if (serve_study_read(source, uid, release, study, reply) == 0) {
			if (serve_study_other(study, reference))
				return 0;
			serve_study_free(study);
		} else if (reply->status == 503 && source->web) {
			return -1; /* the PACS is away */
		} else if (reply->status == 404) {
			serve_forget(source->known, id, place);
		} else {
			fault = reply->status;
		}
	}
	if (fault == 503)
		serve_put_off(reply, -1, "the study that it comes with");
	else if (fault)
		serve_fail(reply, fault, "exception",
			   "a study that it comes with cannot be read");
	else
		serve_tell_absent(reply);
	return -1;
}
