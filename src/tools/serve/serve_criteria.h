/* What a search asks for, understood: by what a server of DICOMweb is asked,
 * and by what each study is looked at afterwards. */
#ifndef SERVE_CRITERIA_H
#define SERVE_CRITERIA_H

#include "serve_parameters.h"
#include "serve_whom.h"

/* One parameter: one of its values must fit. */
struct serve_criterion {
	const struct serve_search_parameter *parameter;
	const struct serve_keys *keys;
	struct serve_token *tokens;
	struct serve_date *dates;
	size_t count;
	struct serve_whom whom; /* of a reference, which is to a patient */
};

struct serve_criteria {
	struct serve_criterion *at;
	size_t count;
};

/* Marks what it takes as used.  -1: the reply says what is wrong. */
int serve_criteria_of(struct serve *serve, struct serve_request *request,
		      struct serve_criteria *criteria,
		      struct serve_reply *reply);
void serve_criteria_free(struct serve_criteria *criteria);

/* Does a study fit all of them? */
bool serve_criteria_fit(const struct serve_criteria *criteria,
			const struct serve_study *study);

/* A query of QIDO-RS: "TAG=value&TAG=value", and of what. */
struct serve_question {
	int level; /* enum dicomweb_level */
	char *terms;
};

/* Those that together find all studies that fit, and others; none: none fits.
 */
struct serve_questions {
	struct serve_question *at;
	size_t count;
	bool are_too_many;
	bool are_whole; /* the results are to come at once */
};

/* The only study that a question can mean; false: it does not say. */
bool serve_question_study(const struct serve_question *question,
			  char uid[SERVE_UID]);

void serve_questions_of(const struct serve_criteria *criteria,
			struct serve_questions *questions);
void serve_questions_free(struct serve_questions *questions);

#endif
