#include "serve_criteria.h"

#include <stdlib.h>
#include <string.h>

#include "array.h"

/* Of one parameter. */
enum { VALUES_MOST = 50 };

/* ---- what is asked for ---- */

/* Of all references, only those to patients are searched by as such. */
static bool is_of_patient(const struct serve_search_parameter *parameter)
{
	return strcmp(parameter->type, "reference") == 0;
}

static bool take_criterion_value(struct serve_criterion *criterion,
				 const char *text)
{
	if (strcmp(criterion->parameter->type, "date") == 0) {
		array_room(criterion->dates, criterion->count);
		return serve_date_of(text,
				     &criterion->dates[criterion->count++]);
	}
	array_room(criterion->tokens, criterion->count);
	struct serve_token token = serve_token_of(text);
	criterion->tokens[criterion->count++] = token;
	return *token.code || (token.system && *token.system);
}

static int take_values(struct serve *serve, struct serve_request *request,
		       struct serve_criterion *criterion, char **values,
		       size_t count, struct serve_reply *reply)
{
	const char *name = criterion->parameter->name;
	bool is_patient = is_of_patient(criterion->parameter);
	bool good = count && count <= VALUES_MOST && !(is_patient && count > 1);
	for (size_t i = 0; good && !is_patient && i < count; i++)
		good = take_criterion_value(criterion, values[i]);
	if (!good) {
		serve_fail(reply, 400, "value",
			   "the value of '%s' cannot be understood", name);
		return -1;
	}
	return is_patient ? serve_whom_of(serve, request->release, values[0],
					  &criterion->whom, reply)
			  : 0;
}

static struct serve_criterion *
new_criterion(struct serve *serve, const struct serve_request *request,
	      const struct serve_search_parameter *parameter,
	      struct serve_criteria *criteria)
{
	array_room(criteria->at, criteria->count);
	struct serve_criterion *criterion = &criteria->at[criteria->count++];
	*criterion = (struct serve_criterion){
		.parameter = parameter,
		.keys = serve_map_keys(serve->map, request->release,
				       parameter)};
	return criterion;
}

static int add_criterion(struct serve *serve, struct serve_request *request,
			 struct serve_parameter *given,
			 struct serve_criteria *criteria,
			 struct serve_reply *reply)
{
	size_t count;
	const struct serve_search_parameter *parameter =
		serve_parameter_find(given->name);
	if (!parameter && serve_parameter_is_modified(given->name)) {
		serve_fail(reply, 400, "not-supported",
			   "a modifier or chain of '%.*s' is not known here",
			   (int)strcspn(given->name, ":."), given->name);
		return -1;
	}
	if (!parameter)
		return 0;
	given->is_used = true;
	char **values = serve_values(given->value, &count);
	int result =
		take_values(serve, request,
			    new_criterion(serve, request, parameter, criteria),
			    values, count, reply);
	serve_values_free(values, count);
	return result;
}

/* A token that opens one patient's data alone: as if it were asked for. */
static int add_own_patient(struct serve *serve, struct serve_request *request,
			   struct serve_criteria *criteria,
			   struct serve_reply *reply)
{
	struct serve_criterion *criterion = new_criterion(
		serve, request, serve_parameter_find("patient"), criteria);
	return serve_whom_of(serve, request->release, request->patient,
			     &criterion->whom, reply);
}

int serve_criteria_of(struct serve *serve, struct serve_request *request,
		      struct serve_criteria *criteria,
		      struct serve_reply *reply)
{
	*criteria = (struct serve_criteria){0};
	int result = request->patient
			     ? add_own_patient(serve, request, criteria, reply)
			     : 0;
	for (size_t i = 0; result == 0 && i < request->query.count; i++)
		result = add_criterion(serve, request, &request->query.at[i],
				       criteria, reply);
	if (result < 0)
		serve_criteria_free(criteria);
	return result;
}

void serve_criteria_free(struct serve_criteria *criteria)
{
	for (size_t i = 0; i < criteria->count; i++) {
		struct serve_criterion *criterion = &criteria->at[i];
		for (size_t j = 0; criterion->tokens && j < criterion->count;
		     j++)
			serve_token_free(&criterion->tokens[j]);
		free(criterion->tokens);
		free(criterion->dates);
		serve_whom_free(&criterion->whom);
	}
	free(criteria->at);
	*criteria = (struct serve_criteria){0};
}

/* ---- does a study fit? ---- */

static bool value_fits(json_object *value, const void *context)
{
	const struct serve_criterion *criterion = context;
	for (size_t i = 0; i < criterion->count; i++)
		if (criterion->dates
			    ? serve_date_matches(&criterion->dates[i], value)
			    : serve_token_matches(&criterion->tokens[i], value))
			return true;
	return false;
}

struct linked {
	const struct serve_criterion *criterion;
	const struct serve_study *study;
};

static bool linked_fits(json_object *reference, const void *context)
{
	const struct linked *linked = context;
	const char *leads = json_text(reference, "reference");
	json_object *other =
		leads ? serve_study_other(linked->study, leads) : NULL;
	return other && serve_any(other, linked->criterion->parameter->linked,
				  value_fits, linked->criterion);
}

static bool criterion_fits(const struct serve_criterion *criterion,
			   const struct serve_study *study)
{
	const struct serve_search_parameter *parameter = criterion->parameter;
	const struct linked linked = {criterion, study};
	if (is_of_patient(parameter))
		return serve_is_of(study, &criterion->whom);
	return (parameter->path && serve_any(study->study, parameter->path,
					     value_fits, criterion)) ||
	       (parameter->via &&
		serve_any(study->study, parameter->via, linked_fits, &linked));
}

bool serve_criteria_fit(const struct serve_criteria *criteria,
			const struct serve_study *study)
{
	for (size_t i = 0; i < criteria->count; i++)
		if (!criterion_fits(&criteria->at[i], study))
			return false;
	return true;
}
