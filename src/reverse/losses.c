#include "losses.h"

#include "json_make.h"

struct losses losses_new(struct arena *arena)
{
	return (struct losses){.arena = arena};
}

void losses_add(struct losses *losses, const struct loss *given)
{
	struct loss *loss = arena_alloc(losses->arena, sizeof *loss);
	*loss = *given;
	loss->next = NULL;
	if (given->attribute)
		loss->attribute = arena_strdup(losses->arena, given->attribute);
	if (losses->first)
		*losses->end = loss;
	else
		losses->first = loss;
	losses->end = &loss->next;
}

void losses_keep(struct losses *losses, const struct losses *others)
{
	struct lh_table *told = lh_by_address(16, NULL);
	struct losses kept = losses_new(losses->arena);
	for (const struct loss *at = others->first; at; at = at->next)
		if (!lh_table_lookup_entry(told, at->rule))
			lh_add(told, (void *)at->rule, NULL);
	for (const struct loss *at = losses->first; at; at = at->next)
		if (lh_table_lookup_entry(told, at->rule))
			losses_add(&kept, at);
	lh_table_free(told);
	*losses = kept;
}
