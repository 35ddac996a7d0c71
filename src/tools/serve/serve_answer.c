/* Who answers what is asked for, if anybody. */
#include <string.h>

#include "serve_inner.h"

/* Is JSON what the client takes? */
static bool takes_json(const struct serve_request *request)
{
	const char *accept = request->accept, *format = NULL;
	for (size_t i = 0; i < request->query.count; i++)
		if (strcmp(request->query.at[i].name, "_format") == 0) {
			request->query.at[i].is_used = true;
			format = request->query.at[i].value;
		}
	if (format)
		return strstr(format, "json") != NULL;
	return !accept || strstr(accept, "json") || strstr(accept, "*/*") ||
	       strstr(accept, "application/*") || !strstr(accept, "xml");
}

static void answer_by_pacs(struct serve *serve, struct serve_request *request,
			   struct serve_reply *reply)
{
	if (!serve_gate_enter(serve->gate, request->searches,
			      serve->options.timeout)) {
		serve_put_off(reply, -1, "the server, which is busy,");
		return;
	}
	if (request->id)
		serve_read(serve, request, reply);
	else
		serve_search(serve, request, reply);
	serve_gate_leave(serve->gate);
	/* who may see one patient's data is not told what else is there */
	if (request->patient && request->id && reply->status != 200 &&
	    reply->status != 503)
		serve_tell_absent(reply);
}

void serve_answer(struct serve *serve, struct serve_request *request,
		  const char *authorization, struct serve_reply *reply)
{
	if (!request->type)
		serve_fail(reply, 404, "not-found",
			   "name a type of resource, or metadata");
	else if (!takes_json(request))
		serve_fail(reply, 406, "not-supported",
			   "only JSON is given here");
	else if (strcmp(request->type, "metadata") == 0 && !request->id)
		serve_capability(serve, request->release, reply);
	else if (!serve_lets_in(serve->tokens, authorization, request, reply))
		return;
	else if (request->searches &&
		 strcmp(request->type, "ImagingStudy") != 0)
		serve_fail(reply, 404, "not-supported",
			   "only studies can be searched for");
	else
		answer_by_pacs(serve, request, reply);
}
