/* GET TYPE/ID. */
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "serve_inner.h"
#include "serve_whom.h"

static bool is_study(const struct serve_request *request)
{
	return strcmp(request->type, "ImagingStudy") == 0;
}

/* A study's id is its UID, and of others this server knows of which it told.
 * -1: the reply says that there is none. */
static int read_with_study(const struct serve *serve,
			   const struct serve_request *request,
			   const char *reference, struct serve_study *study,
			   struct serve_reply *reply)
{
	const struct serve_source *source = &serve->source;
	if (!is_study(request))
		return serve_study_with(source, reference, request->release,
					study, reply);
	if (serve_is_uid(request->id))
		return serve_study_read(source, request->id, request->release,
					study, reply);
	serve_tell_absent(reply);
	return -1;
}

/* How the PACS is reached is nobody's data. */
static bool is_open_to(const struct serve_request *request,
		       const struct serve_whom *whom,
		       const struct serve_study *study)
{
	return !request->patient || strcmp(request->type, "Endpoint") == 0 ||
	       serve_is_of(study, whom);
}

static void give_resource(const struct serve_request *request,
			  const char *reference,
			  const struct serve_study *study,
			  struct serve_reply *reply)
{
	if (is_study(request)) {
		reply->modified = study->changed;
		serve_give(reply, study->study);
	} else {
		serve_give(reply, serve_study_other(study, reference));
	}
}

void serve_read(struct serve *serve, struct serve_request *request,
		struct serve_reply *reply)
{
	struct serve_study study;
	struct serve_whom whom = {0};
	if (request->patient &&
	    serve_whom_of(serve, request->release, request->patient, &whom,
			  reply) < 0)
		return;
	char *reference = xprintf("%s/%s", request->type, request->id);
	if (read_with_study(serve, request, reference, &study, reply) == 0) {
		if (is_open_to(request, &whom, &study))
			give_resource(request, reference, &study, reply);
		else
			serve_tell_absent(reply);
		serve_study_free(&study);
	} else if (request->patient && serve->options.spool) {
		/* whose a study is that is changing is not known */
		serve_tell_absent(reply);
	}
	free(reference);
	serve_whom_free(&whom);
}
