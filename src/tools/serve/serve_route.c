/* The addresses: /fhir/R4/TYPE/ID, /fhir/R4/TYPE?..., /fhir/R4/TYPE/_search. */
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "serve_inner.h"

enum { PARTS_MOST = 4 };

void serve_request_free(struct serve_request *request)
{
	free(request->type);
	free(request->id);
	free(request->patient);
	free(request->scopes);
	serve_query_free(&request->query);
}

/* The parts between slashes, of which one at the end is none; 0: one is no
 * text, or there are more. */
static size_t split_path(const char *path, size_t length,
			 char *parts[PARTS_MOST])
{
	size_t count = 0;
	while (length) {
		const char *end = memchr(path + 1, '/', length - 1);
		size_t part = end ? (size_t)(end - path) : length;
		if (part == 1 && length == 1)
			return count;
		if (*path != '/' || count == PARTS_MOST ||
		    !(parts[count] = serve_decoded(path + 1, part - 1, false)))
			break;
		count++;
		path += part;
		length -= part;
	}
	for (size_t i = 0; length && i < count; i++)
		free(parts[i]);
	return length ? 0 : count;
}

static bool take_parts(struct serve_request *request, char **parts,
		       size_t count)
{
	if (count < 2 || strcmp(parts[0], "fhir") != 0)
		return false;
	request->release = dfh_release_named(parts[1]);
	if (count > 2)
		request->type = xstrdup(parts[2]);
	request->has_form = count > 3 && strcmp(parts[3], "_search") == 0;
	if (count > 3 && !request->has_form)
		request->id = xstrdup(parts[3]);
	request->searches =
		count > 2 && !request->id && strcmp(parts[2], "metadata") != 0;
	return request->release != DFH_RELEASE_ANY;
}

bool serve_route(struct serve_request *request, const char *uri,
		 struct serve_reply *reply)
{
	char *parts[PARTS_MOST];
	size_t length = strcspn(uri, "?#");
	size_t count = split_path(uri, length, parts);
	const char *query = uri[length] == '?' ? uri + length + 1 : "";
	bool found = take_parts(request, parts, count);
	for (size_t i = 0; i < count; i++)
		free(parts[i]);
	if (!found)
		serve_fail(reply, 404, "not-found",
			   "nothing is here: FHIR is at /fhir/R4 and /fhir/R5");
	else if (!serve_query_read(&request->query, query, strcspn(query, "#")))
		serve_fail(reply, 400, "invalid",
			   "the parameters cannot be read");
	else
		return true;
	return false;
}
