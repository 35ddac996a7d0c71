/* GET TYPE/ID. */
#include <string.h>

#include "memory.h"
#include "serve_inner.h"
#include "serve_whom.h"

static void not_found(struct serve_reply *reply)
{
	serve_fail(reply, 404, "not-found", "there is no such resource");
}

/* Of which study is it?  A study's id is its UID, and of others this server
 * knows of which it told. */
static bool find_study(const struct serve *serve,
		       const struct serve_request *request,
		       char study[SERVE_UID])
{
	if (strcmp(request->type, "ImagingStudy") != 0)
		return serve_known(serve->source.known, request->id, study);
	if (!serve_is_uid(request->id))
		return false;
	strcpy(study, request->id);
	return true;
}

static void give_resource(const struct serve_request *request,
			  const struct serve_study *study,
			  struct serve_reply *reply)
{
	json_object *resource = study->study;
	if (strcmp(request->type, "ImagingStudy") != 0) {
		char *reference = xprintf("%s/%s", request->type, request->id);
		resource = serve_study_other(study, reference);
		free(reference);
	} else {
		reply->modified = study->changed;
	}
	if (resource)
		serve_give(reply, resource);
	else
		not_found(reply);
}

void serve_read(struct serve *serve, struct serve_request *request,
		struct serve_reply *reply)
{
	char uid[SERVE_UID];
	struct serve_study study;
	struct serve_whom whom = {0};
	if (!find_study(serve, request, uid)) {
		not_found(reply);
		return;
	}
	if (request->patient &&
	    serve_whom_of(serve, request->release, request->patient, &whom,
			  reply) < 0)
		return;
	if (serve_study_read(&serve->source, uid, request->release, &study,
			     reply) == 0) {
		if (!request->patient || serve_is_of(&study, &whom))
			give_resource(request, &study, reply);
		else
			not_found(reply);
		serve_study_free(&study);
	}
	serve_whom_free(&whom);
}
