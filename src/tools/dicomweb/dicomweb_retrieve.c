/* WADO-RS: whole instances (PS3.18 10.4), of which an answer holds many. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "array.h"
#include "dicomweb.h"
#include "memory.h"
#include "multipart.h"
#include "spool.h"

/* As they are stored: what is given back must not have been compressed anew. */
static const char accept[] =
	"Accept: multipart/related; type=\"application/dicom\"; "
	"transfer-syntax=*";
/* No study is larger, and a server that never ends is. */
static const size_t most = (size_t)1 << 40;

struct retrieving {
	struct http_answer answer;
	struct multipart multipart;
	struct spool *spool;
	uint64_t begin; /* of the answer, in the spool */
	bool has_begun; /* what it is was looked at */
	bool is_one;	/* it is one file, and not multipart */
	bool is_broken; /* it is no multipart content */
	int fault;	/* errno of the spool */
	uint64_t *ends; /* of each instance */
	size_t count;
};

static int take_part(const void *bytes, size_t length, void *context)
{
	struct retrieving *retrieving = context;
	retrieving->fault = spool_write(retrieving->spool, bytes, length);
	return retrieving->fault;
}

static int end_part(void *context)
{
	struct retrieving *retrieving = context;
	array_room(retrieving->ends, retrieving->count);
	retrieving->ends[retrieving->count++] = retrieving->spool->length;
	return 0;
}

static void restart_retrieving(void *context)
{
	struct retrieving *retrieving = context;
	retrieving->fault = spool_cut(retrieving->spool, retrieving->begin);
	retrieving->has_begun = retrieving->is_broken = false;
	retrieving->count = 0;
}

static void look_at_type(struct retrieving *retrieving)
{
	char *delimiter = multipart_delimiter(retrieving->answer.type);
	retrieving->has_begun = true;
	retrieving->is_one = !delimiter;
	multipart_begin(&retrieving->multipart, delimiter);
}

static int take_retrieved_bytes(const void *bytes, size_t length, void *context)
{
	struct retrieving *retrieving = context;
	if (!retrieving->has_begun)
		look_at_type(retrieving);
	if (retrieving->fault)
		return -1;
	if (retrieving->is_one)
		return take_part(bytes, length, retrieving);
	if (multipart_add(&retrieving->multipart, bytes, length) == 0)
		return 0;
	retrieving->is_broken = !retrieving->fault;
	return -1;
}

/* NULL: all of it is there; to be freed. */
static char *retrieving_fault_of(struct retrieving *retrieving)
{
	const struct http_answer *answer = &retrieving->answer;
	if (retrieving->fault)
		return memory_of(strdup(strerror(retrieving->fault)));
	if (retrieving->is_broken)
		return xstrdup("the answer is no multipart content");
	if (answer->outcome != HTTP_ANSWERED)
		return dicomweb_fault(answer);
	if (retrieving->is_one && retrieving->spool->length > retrieving->begin)
		end_part(retrieving);
	else if (retrieving->has_begun && !retrieving->is_one &&
		 !multipart_is_over(&retrieving->multipart))
		return xstrdup("the answer ends too early");
	return retrieving->count ? NULL
				 : xstrdup("is not there (an empty answer)");
}

int dicomweb_retrieve(struct dicomweb *web, const char *url,
		      struct spool *spool,
		      void (*visit)(unsigned long long offset,
				    unsigned long long length, void *context),
		      void *context, char **fault)
{
	static const char *const headers[] = {accept, NULL};
	struct retrieving retrieving = {.spool = spool, .begin = spool->length};
	const struct http_request request = {.method = "GET",
					     .target = url,
					     .headers = headers,
					     .limit = most,
					     .take = take_retrieved_bytes,
					     .restart = restart_retrieving,
					     .context = &retrieving};
	retrieving.multipart.take = take_part;
	retrieving.multipart.end = end_part;
	retrieving.multipart.context = &retrieving;
	dicomweb_request(web, &request, &retrieving.answer);
	dicomweb_refuse_part(&retrieving.answer);
	*fault = retrieving_fault_of(&retrieving);
	uint64_t begin = retrieving.begin;
	for (size_t i = 0; i < retrieving.count && !*fault; i++) {
		visit(begin, retrieving.ends[i] - begin, context);
		begin = retrieving.ends[i];
	}
	if (*fault)
		spool_cut(spool, retrieving.begin);
	free(retrieving.ends);
	multipart_free(&retrieving.multipart);
	http_answer_free(&retrieving.answer);
	return *fault ? -1 : 0;
}
