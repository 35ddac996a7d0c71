#include "pacs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "array.h"
#include "dicomweb.h"
#include "json_read.h"
#include "memory.h"
#include "spool.h"

enum { DEPTH_MAX = 256, UIDS = 3 };
static const char *const uid_tags[UIDS] = {"0020000D", "0020000E", "00080018"};
static const char character_set[] = "00080005";

struct spool_part {
	uint64_t offset, length;
};

/* For what one thread stamps. */
struct stamp_room {
	struct spool *stamped, *back;
};

struct pacs {
	struct dicomweb *web;
	dfh_report *report;
	bool stores;
	char *studies;		  /* where; NULL: where each comes from */
	double patience;	  /* seconds until what is stored is there */
	struct spool fetched;	  /* if any PATH is a URL */
	struct spool_part *parts; /* of it, for each file */
	size_t count;
	struct spools *spools;
	atomic_bool is_tired;	   /* the server does not answer */
	atomic_bool waits_no_more; /* for what is not there at once */
	atomic_bool has_unstored;
};

/* ---- begin and end ---- */

static int open_spools(struct pacs *pacs, bool fetches, size_t jobs)
{
	if (fetches && spool_open(&pacs->fetched) < 0)
		return DFH_IO;
	pacs->spools = spools_new(2 * jobs, NULL);
	return pacs->spools ? DFH_OK : DFH_IO;
}

/* The server's answers are borrowed from the options. */
static struct dicomweb *
dicomweb_of_answers(const struct fhir2dcm_options *options, dfh_report *report)
{
	const struct dicomweb_options how = {
		.http = asking_http(&options->asking),
		.gentle = asking_gentle(&options->asking),
		.limit = options->limit,
		.report = report,
		.quiet = options->quiet};
	return dicomweb_new(&how);
}

int pacs_new(const struct fhir2dcm_options *options, char **paths,
	     dfh_report *report, struct pacs **out)
{
	int status = DFH_OK;
	*out = NULL;
	if (!options->has_urls && !options->to_server)
		return DFH_OK;
	struct pacs *pacs = xmalloc(sizeof *pacs);
	*pacs = (struct pacs){.web = dicomweb_of_answers(options, report),
			      .report = report,
			      .stores = options->stores,
			      .patience = 5,
			      .fetched.fd = -1};
	if (options->to_server) {
		pacs->studies = dicomweb_studies(options->output);
		status = dicomweb_know(pacs->web, options->output);
	}
	for (; status == DFH_OK && options->has_urls && *paths; paths++)
		status = dicomweb_know(pacs->web, *paths);
	if (status == DFH_OK)
		status = open_spools(pacs, options->has_urls,
				     (size_t)options->jobs);
	if (status == DFH_OK)
		*out = pacs;
	else
		pacs_free(pacs);
	return status;
}

void pacs_free(struct pacs *pacs)
{
	if (!pacs)
		return;
	spools_free(pacs->spools);
	spool_close(&pacs->fetched);
	free(pacs->parts);
	free(pacs->studies);
	dicomweb_free(pacs->web);
	free(pacs);
}

bool pacs_stores(const struct pacs *pacs)
{
	return pacs && pacs->stores;
}

bool pacs_has_unstored(const struct pacs *pacs)
{
	return pacs && pacs->has_unstored;
}

static struct stamp_room take_spool_room(struct pacs *pacs)
{
	return (struct stamp_room){spools_take(pacs->spools),
				   spools_take(pacs->spools)};
}

static void give_room(struct pacs *pacs, const struct stamp_room *room)
{
	spools_give(pacs->spools, room->stamped);
	spools_give(pacs->spools, room->back);
}

/* ---- headers ---- */

/* As DICOM JSON; NULL: *error. */
static json_object *json_header_of(const dfh_source *given, dfh_error **error)
{
	dfh_source source = *given;
	source.without_pixels = 1;
	char *text = dfh_dicom_json(&source, error);
	json_object *header = NULL;
	if (!text)
		return NULL;
	struct json_source json = json_source_of(text, strlen(text), DEPTH_MAX);
	json_read(&json, &header);
	json_source_free(&json);
	free(text);
	return header;
}

static const char *header_uid_of(json_object *header, const char *tag)
{
	const char *uid = json_string(
		json_at(json_member(json_member(header, tag), "Value"), 0));
	return uid && *uid && !uid[strspn(uid, "0123456789.")] ? uid : NULL;
}

/* Where the server has an instance, to be freed; NULL: it has no UIDs. */
static char *instance_address_of(const char *studies, json_object *header)
{
	const char *uids[UIDS];
	char *url;
	for (size_t i = 0; i < UIDS; i++)
		if (!(uids[i] = header_uid_of(header, uid_tags[i])))
			return NULL;
	if (asprintf(&url, "%s/%s/series/%s/instances/%s", studies, uids[0],
		     uids[1], uids[2]) < 0)
		url = memory_of(NULL);
	return url;
}

/* ---- what is fetched ---- */

struct fetching {
	struct pacs *pacs;
	struct cli_files *files;
	const char *studies;
	const char *study; /* at hand */
	char **found;	   /* studies */
	size_t count;
	size_t seen; /* instances of the study at hand */
	int status;
};

static void add_found_instance(const char *study, void *context)
{
	struct fetching *fetching = context;
	array_room(fetching->found, fetching->count);
	fetching->found[fetching->count++] = xstrdup(study);
}

static void fetching_worst(struct fetching *fetching, int status)
{
	if (status > fetching->status)
		fetching->status = status;
}

static void add_fetched_part(struct pacs *pacs, uint64_t offset,
			     uint64_t length)
{
	array_room(pacs->parts, pacs->count);
	pacs->parts[pacs->count++] = (struct spool_part){offset, length};
}

/* It is called by its address, or by its place in the study. */
static void take_fetched(unsigned long long offset, unsigned long long length,
			 void *context)
{
	struct fetching *fetching = context;
	struct pacs *pacs = fetching->pacs;
	struct opened opened;
	char *name, *address = NULL;
	if (asprintf(&name, "%s[%zu]", fetching->study, fetching->seen++) < 0)
		name = memory_of(NULL);
	source_open_part(&opened, pacs->fetched.fd, offset, length, name);
	dfh_error *error = NULL;
	json_object *header = json_header_of(&opened.source, &error);
	if (header)
		address = instance_address_of(fetching->studies, header);
	if (address) {
		cli_files_add_one(fetching->files, address,
				  (unsigned int)strlen(address), false);
		add_fetched_part(pacs, offset, length);
	} else if (error) {
		dfh_report_add_input(pacs->report, 1, name,
				     "could not be read");
		fetching_worst(fetching, cli_fail(error));
	} else {
		dicomweb_say(pacs->web, true, name,
			     "has no UIDs that it can be found by");
		fetching_worst(fetching, DFH_REFUSED);
	}
	json_object_put(header);
	free(address);
	free(name);
}

static void fetch_study(struct fetching *fetching)
{
	struct pacs *pacs = fetching->pacs;
	char *fault;
	fetching->seen = 0;
	if (dicomweb_retrieve(pacs->web, fetching->study, &pacs->fetched,
			      take_fetched, fetching, &fault) == 0)
		return;
	dicomweb_say(pacs->web, true, fetching->study, fault);
	free(fault);
	fetching_worst(fetching, DFH_REFUSED);
}

int pacs_fetch(struct pacs *pacs, char **urls, struct cli_files *files)
{
	struct fetching fetching = {.pacs = pacs, .files = files};
	for (; *urls && !cli_interrupted(); urls++) {
		char *studies = dicomweb_studies(*urls);
		fetching.count = 0;
		fetching.studies = studies;
		fetching_worst(&fetching,
			       dicomweb_find(pacs->web, *urls,
					     add_found_instance, &fetching));
		for (size_t i = 0; i < fetching.count; i++) {
			fetching.study = fetching.found[i];
			if (!cli_interrupted())
				fetch_study(&fetching);
			free(fetching.found[i]);
		}
		free(studies);
	}
	free(fetching.found);
	return fetching.status;
}

bool pacs_open(const struct pacs *pacs, size_t index, const char *name,
	       struct opened *opened)
{
	if (!pacs || index >= pacs->count)
		return false;
	const struct spool_part *part = &pacs->parts[index];
	source_open_part(opened, pacs->fetched.fd, part->offset, part->length,
			 name);
	return true;
}

/* ---- what is stored is read back ---- */

/* An instance while it is stored. */
struct storing {
	struct pacs *pacs;
	const char *name;
	char *studies, *address; /* of the server that it goes to */
	json_object *before, *after;
	const struct stamp_room *room;
	dfh_error **error;
	char **why;
};

/* Of what the stamp changed; the server may add things of its own. */
static bool is_as_stored(const struct storing *storing, json_object *back)
{
	json_foreach (storing->after, tag, value)
		if (strcmp(tag, character_set) != 0 &&
		    !json_object_equal(value,
				       json_member(storing->before, tag)) &&
		    !json_object_equal(value, json_member(back, tag)))
			return false;
	json_foreach (storing->before, old, was)
		if (was && !json_member(storing->after, old) &&
		    json_member(back, old))
			return false;
	return true;
}

static void visit_back(unsigned long long offset, unsigned long long length,
		       void *context)
{
	struct spool_part *part = context;
	*part = (struct spool_part){offset, length};
}

enum back { BACK_GOOD, BACK_OLD, BACK_NONE };

/* *fault is to be freed: why there is none. */
static enum back read_stored_back(struct storing *storing, char **fault)
{
	struct spool *spool = storing->room->back;
	struct spool_part part = {0, 0};
	struct opened opened;
	spool_cut(spool, 0);
	if (dicomweb_retrieve(storing->pacs->web, storing->address, spool,
			      visit_back, &part, fault) < 0)
		return BACK_NONE;
	source_open_part(&opened, spool->fd, part.offset, part.length,
			 storing->address);
	json_object *back = json_header_of(&opened.source, NULL);
	enum back answer = !back			 ? BACK_NONE
			   : is_as_stored(storing, back) ? BACK_GOOD
							 : BACK_OLD;
	if (!back)
		*fault = xstrdup("it is no DICOM");
	json_object_put(back);
	return answer;
}

/* Some servers have it only a little later. */
static enum back wait_for(struct storing *storing, char **fault)
{
	struct pacs *pacs = storing->pacs;
	double until = http_seconds() + pacs->patience;
	for (;;) {
		enum back back = read_stored_back(storing, fault);
		if (back == BACK_GOOD || pacs->waits_no_more ||
		    http_seconds() > until || cli_interrupted())
			return back;
		free(*fault);
		*fault = NULL;
		nanosleep(&(struct timespec){0, 500000000}, NULL);
	}
}

static void warn_of_storing(struct storing *storing, const char *text)
{
	dicomweb_say(storing->pacs->web, false, storing->address, text);
}

static int verify_stored(struct storing *storing)
{
	char *fault = NULL, *text;
	switch (wait_for(storing, &fault)) {
	case BACK_GOOD:
		return DFH_OK;
	case BACK_OLD:
		storing->pacs->waits_no_more = true;
		*storing->why = xstrdup(
			"the server says that it is stored, but does not have "
			"what was stamped; does it keep what it has?");
		return DFH_REFUSED;
	case BACK_NONE:
		break;
	}
	storing->pacs->waits_no_more = true;
	if (asprintf(&text,
		     "is stored, as the server says, but cannot be read "
		     "back: %s",
		     fault) < 0)
		text = memory_of(NULL);
	warn_of_storing(storing, text);
	free(text);
	free(fault);
	return DFH_OK;
}

static int store_at_server(struct storing *storing)
{
	struct pacs *pacs = storing->pacs;
	char *said = NULL;
	enum dicomweb_stored stored = DICOMWEB_TIRED;
	if (pacs->is_tired)
		said = xstrdup("the server does not answer any more");
	else
		stored = dicomweb_store(
			pacs->web, storing->studies, storing->room->stamped,
			header_uid_of(storing->after, uid_tags[2]), &said);
	if (stored == DICOMWEB_STORED) {
		if (said)
			warn_of_storing(storing, said);
		free(said);
		return verify_stored(storing);
	}
	*storing->why = said;
	if (stored == DICOMWEB_TIRED)
		pacs->is_tired = true;
	return DFH_REFUSED;
}

/* ---- stamped ---- */

static int store_stamped(struct pacs *pacs, struct opened *opened,
			 const struct copy_stamp *stamp,
			 const struct stamp_room *room, char **why,
			 dfh_error **error)
{
	struct opened after;
	struct storing storing = {.pacs = pacs,
				  .name = stamp->name,
				  .room = room,
				  .error = error,
				  .why = why};
	int status = DFH_REFUSED;
	source_open_part(&after, room->stamped->fd, 0, room->stamped->length,
			 stamp->name);
	storing.before = json_header_of(&opened->source, error);
	storing.after =
		storing.before ? json_header_of(&after.source, error) : NULL;
	storing.studies =
		dicomweb_studies(pacs->studies ? pacs->studies : stamp->name);
	storing.address = storing.after ? instance_address_of(storing.studies,
							      storing.after)
					: NULL;
	if (storing.after && !storing.address)
		*why = xstrdup("it has no UIDs that it can be found by");
	if (storing.address && !copy_may_go(stamp)) {
		*why = xstrdup("the log could not be written");
		status = DFH_IO;
	} else if (storing.address) {
		status = store_at_server(&storing);
	}
	json_object_put(storing.before);
	json_object_put(storing.after);
	free(storing.studies);
	free(storing.address);
	return status;
}

int pacs_stamp(struct pacs *pacs, struct opened *opened,
	       const struct copy_stamp *stamp, char **why, dfh_error **error)
{
	struct stamp_room room = take_spool_room(pacs);
	int status = DFH_REFUSED;
	bool stays = false;
	if (copy_into(room.stamped, opened, stamp, error) == 0) {
		/* it is there already */
		stays = stamp->is_fetched && !pacs->studies &&
			!stamp->stamped->changed;
		status = stays ? DFH_OK
			       : store_stamped(pacs, opened, stamp, &room, why,
					       error);
	}
	give_room(pacs, &room);
	if (status != DFH_OK)
		pacs->has_unstored = true;
	if (*why)
		dfh_report_add_input(pacs->report, 1, stamp->name, *why);
	return status;
}

/* ---- or written ---- */

int pacs_copy(struct pacs *pacs, struct opened *opened,
	      const struct copy_stamp *stamp, const char *path,
	      dfh_error **error)
{
	struct stamp_room room = take_spool_room(pacs);
	int status = DFH_REFUSED;
	if (copy_into(room.stamped, opened, stamp, error) == 0) {
		bool goes = copy_may_go(stamp);
		status = goes ? copy_out(room.stamped, path) : DFH_IO;
	}
	give_room(pacs, &room);
	return status;
}
