#include "fates.h"

#include <stdio.h>
#include <string.h>

#include "cli_journal.h"
#include "json_make.h"

static void journal_refusal(const struct task *task,
			    const struct result *result)
{
	char reason[sizeof result->fault];
	strcpy(reason, result->fault);
	cli_journal_words(reason);
	cli_journal(result->fate == REFUSED ? "refused" : "put-off",
		    "study=%s requests=%u status=%ld reason=\"%s\"",
		    task->study, result->tries, result->status, reason);
}

void journal_fate(const struct task *task, const struct result *result,
		  size_t entries, double seconds)
{
	if (result->fate == REFUSED || result->fate == PUT_OFF)
		journal_refusal(task, result);
	else if (result->fate == DELIVERED)
		cli_journal("delivered",
			    "study=%s entries=%zu requests=%u seconds=%.2f",
			    task->study, entries, result->tries, seconds);
}

json_object *fate_answer(struct result *result)
{
	json_object *answer = json_new_object();
	json_add_text(answer, "fate",
		      result->fate == REFUSED ? "refused" : "put off");
	json_add(answer, "status", json_new_integer(result->status));
	json_add(answer, "requests", json_new_integer(result->tries));
	json_add_text(answer, "fault", result->fault);
	json_add(answer, "answer", result->answer);
	result->answer = NULL;
	return answer;
}
