#include "likes.h"

#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "as_before.h"
#include "beside.h"
#include "own.h"

/* Series are read side by side by several threads, or lie mixed in a folder;
 * and of few files nothing is won. */
enum { LIKES_KEPT = 8, ENOUGH = 2 };

/* One that was stamped, for others that are alike. */
struct like {
	struct view view;
	dfh_policy policy;
	bool forced;
	struct dataset *before;
	struct dcm_tag *free; /* what may differ in others */
	size_t free_count;
	size_t met;    /* likes of it, so far */
	bool is_alone; /* the short way does not do the same */
	/* What it became, but for its own; NULL: not yet known. */
	struct dataset *after;
	struct repeated *told; /* with it */
	size_t told_count;
};

/* An attribute that may differ where the dataset has the better one; unless
 * NULL: anywhere. */
struct own_or_less {
	struct dcm_tag tag;
	const struct dcm_path *unless;
};

struct likes {
	struct own *own;
	struct own_or_less *may_differ;
	size_t may_differ_count;
	struct like at[LIKES_KEPT];
	size_t next; /* to be replaced */
};

/* What is put, and onto what. */
struct putting {
	struct dfh_import *im;
	const struct matched *matched;
	const char *file;
	const struct dataset *before;
	const dfh_stamp_options *how;
};

static void like_end(struct like *like)
{
	dataset_free(like->before);
	dataset_free(like->after);
	free(like->free);
	free(like->told);
	*like = (struct like){.met = 0};
}

void likes_free(struct likes *likes)
{
	if (!likes)
		return;
	for (size_t i = 0; i < LIKES_KEPT; i++)
		like_end(&likes->at[i]);
	free(likes->may_differ);
	own_free(likes->own);
	free(likes);
}

/* ---- what may differ ---- */

static bool begins_with_tag(const struct dcm_path *path,
			    const struct dcm_tag *tag)
{
	return path->depth && dcm_tag_compare(path->tags, tag) == 0;
}

static bool is_condition_on(const struct condition *list, size_t count,
			    const struct dcm_tag *tag)
{
	for (size_t i = 0; i < count; i++)
		if (begins_with_tag(&list[i].path, tag))
			return true;
	return false;
}

static bool conditions_ask(const struct conditions *conditions,
			   const struct dcm_tag *tag)
{
	return is_condition_on(conditions->when, conditions->when_count, tag) ||
	       is_condition_on(conditions->unless, conditions->unless_count,
			       tag);
}

static bool legal_asks(const struct legal *legal, const struct dcm_tag *tag)
{
	for (size_t i = 0; i < legal->count; i++)
		if (conditions_ask(&legal->in[i], tag))
			return true;
	return begins_with_tag(&legal->path, tag);
}

static bool new_item_asks(const struct new_item *needs,
			  const struct dcm_tag *tag)
{
	for (size_t i = 0; i < needs->own_count; i++)
		if (begins_with_tag(&needs->own[i], tag))
			return true;
	return begins_with_tag(&needs->sequence, tag);
}

/* Does what another attribute becomes depend on it? */
static bool others_depend_on(const dfh_rules *rules, const struct dcm_tag *tag)
{
	bool asks = false;
	for (size_t i = 0; i < rules->rule_count && !asks; i++)
		asks = conditions_ask(&rules->rules[i].conditions, tag);
	for (size_t i = 0; i < rules->place_count && !asks; i++)
		asks = conditions_ask(&rules->places[i].conditions, tag);
	for (size_t i = 0; i < rules->legal_count && !asks; i++)
		asks = legal_asks(&rules->legal[i], tag);
	for (size_t i = 0; i < rules->new_item_count && !asks; i++)
		asks = new_item_asks(&rules->new_items[i], tag);
	return asks;
}

/* What travels beside the study or the series is put back onto each file for
 * itself. */
static bool travels_beside(const dfh_rules *rules, const struct like *like,
			   const struct dcm_tag *tag)
{
	return beside_speaks_of(rules, &like->view.at[LEVEL_STUDY],
				LEVEL_INSTANCE - LEVEL_STUDY, tag,
				like->before->arena);
}

static void add_may_differ(const dfh_rules *rules, struct likes *likes,
			   const struct dcm_tag *tag,
			   const struct dcm_path *unless)
{
	if (others_depend_on(rules, tag))
		return;
	array_room(likes->may_differ, likes->may_differ_count);
	likes->may_differ[likes->may_differ_count++] =
		(struct own_or_less){*tag, unless};
}

/* The instance's own, and what says nothing beside a value that it has. */
static struct likes *likes_new(const dfh_rules *rules)
{
	struct likes *likes = xmalloc(sizeof *likes);
	*likes = (struct likes){.own = own_new(rules)};
	for (size_t i = 0; i < likes->own->count; i++)
		add_may_differ(rules, likes, &likes->own->tags[i], NULL);
	for (size_t i = 0; i < rules->fallback_count; i++) {
		const struct fallback *fallback = &rules->fallbacks[i];
		for (size_t k = 0; k < fallback->tag_count; k++)
			add_may_differ(rules, likes, &fallback->tags[k],
				       fallback->unless);
	}
	return likes;
}

static void find_free(const dfh_rules *rules, const struct likes *likes,
		      struct like *like)
{
	const struct dcm_item *root = &like->before->root;
	like->free =
		xmalloc((likes->may_differ_count + 1) * sizeof *like->free);
	for (size_t i = 0; i < likes->may_differ_count; i++) {
		const struct own_or_less *one = &likes->may_differ[i];
		const struct dcm_element *better =
			one->unless ? dcm_item_find(root, one->unless->tags)
				    : NULL;
		if ((!one->unless ||
		     (better && !dcm_element_is_empty(better))) &&
		    !travels_beside(rules, like, &one->tag))
			like->free[like->free_count++] = one->tag;
	}
}

static bool may_differ(const struct like *like, const struct dcm_tag *tag)
{
	for (size_t i = 0; i < like->free_count; i++)
		if (dcm_tag_compare(&like->free[i], tag) == 0)
			return true;
	return false;
}

static struct likes *likes_of(struct dfh_import *im)
{
	if (!im->likes)
		im->likes = likes_new(im->rules);
	return im->likes;
}

void likes_stop(struct dfh_import *im)
{
	likes_of(im)->own->place = NULL;
}

/* ---- alike ---- */

/* Of elements of equal values: VRs count in items, too, for what travels beside
 * is told by them. */
static bool same_vrs(const struct dcm_element *a, const struct dcm_element *b)
{
	if (strcmp(a->vr, b->vr) != 0)
		return false;
	for (size_t i = 0; i < a->item_count; i++) {
		struct dcm_pair pair = {0};
		while (dcm_pair_next(&pair, a->items[i], b->items[i]))
			if (!same_vrs(pair.a, pair.b))
				return false;
	}
	return true;
}

static bool same_element(const struct dcm_pair *pair)
{
	return !dcm_pair_differs(pair) && same_vrs(pair->a, pair->b);
}

static bool alike_but_free(const struct like *like, const struct dataset *a,
			   const struct dataset *b)
{
	struct dcm_pair pair = {0};
	while (dcm_pair_next(&pair, &a->root, &b->root))
		if (!same_element(&pair) &&
		    !may_differ(like, pair.a ? &pair.a->tag : &pair.b->tag))
			return false;
	return true;
}

static bool same_datasets(const struct dataset *a, const struct dataset *b)
{
	struct dcm_pair pair = {0};
	while (dcm_pair_next(&pair, &a->root, &b->root))
		if (!same_element(&pair))
			return false;
	return true;
}

static bool is_free_as_in(const struct like *like, const struct dataset *a,
			  const struct dataset *b)
{
	for (size_t i = 0; i < like->free_count; i++) {
		const struct dcm_element *x, *y;
		x = dcm_item_find(&a->root, &like->free[i]);
		y = dcm_item_find(&b->root, &like->free[i]);
		if (!x != !y || (x && !dcm_element_equal(x, y)))
			return false;
	}
	return true;
}

static bool same_views(const struct view *a, const struct view *b)
{
	return a->at[LEVEL_PATIENT] == b->at[LEVEL_PATIENT] &&
	       a->at[LEVEL_STUDY] == b->at[LEVEL_STUDY] &&
	       a->at[LEVEL_SERIES] == b->at[LEVEL_SERIES] &&
	       !a->at[LEVEL_INSTANCE] == !b->at[LEVEL_INSTANCE] &&
	       a->loose == b->loose && a->led == b->led;
}

static bool is_forced_put(const dfh_stamp_options *how)
{
	return how->force || stamp_allows(how, "issuer");
}

/* NULL: there is none. */
static struct like *find_like(struct likes *likes, const struct putting *put)
{
	for (size_t i = 0; i < LIKES_KEPT; i++) {
		struct like *like = &likes->at[i];
		if (like->before && like->policy == put->how->policy &&
		    like->forced == is_forced_put(put->how) &&
		    same_views(&like->view, &put->matched->view) &&
		    alike_but_free(like, like->before, put->before) &&
		    same_start(put->im, &like->view, like->before, put->before))
			return like;
	}
	return NULL;
}

static void remember_like(struct likes *likes, const struct putting *put)
{
	struct like *like = &likes->at[likes->next++ % LIKES_KEPT];
	like_end(like);
	*like = (struct like){.view = put->matched->view,
			      .policy = put->how->policy,
			      .forced = is_forced_put(put->how),
			      .before = dataset_copy(put->before)};
	find_free(put->im->rules, likes, like);
}

/* What travels beside the instance can say anything. */
static bool can_be_like(const struct likes *likes, const struct putting *put)
{
	return likes->own->place &&
	       !json_member(put->matched->view.at[LEVEL_INSTANCE], "extension");
}

/* ---- in full, and in parts ---- */

static struct dataset *put_in_full(const struct putting *put)
{
	struct dataset *after = dataset_copy(put->before);
	put_on(put->im, &put->matched->view, put->file, put->before, NULL,
	       after, put->how);
	keep_as_before(put->im, put->matched, put->before, after);
	return after;
}

/* false: that changed what is not its own. */
static bool put_own(const struct likes *likes, const struct like *like,
		    const struct putting *put, const struct dataset *common,
		    struct dataset *after)
{
	const struct view *view = &put->matched->view;
	put_alone(put->im, view, put->file, put->before, likes->own->place,
		  after, put->how);
	if (!alike_but_free(like, common, after) ||
	    !same_start(put->im, view, common, after))
		return false;
	if (is_free_as_in(like, put->before, after))
		return true;
	check_stamped(put->im, view, put->file, put->before, after, put->how);
	keep_as_before(put->im, put->matched, put->before, after);
	return alike_but_free(like, common, after);
}

static void give_own(const struct like *like, const struct dataset *from,
		     struct dataset *to)
{
	for (size_t i = 0; i < like->free_count; i++)
		dcm_item_borrow(&to->root, &from->root, &like->free[i]);
}

/* What is told meanwhile goes into a report by itself. */
static dfh_report *tell_apart(struct dfh_import *im)
{
	dfh_report *report = im->report;
	im->report = report ? dfh_report_new() : NULL;
	return report;
}

/* ... which this ends: the report is as before.  What was told, or NULL. */
static dfh_report *tell_again(struct dfh_import *im, dfh_report *report)
{
	dfh_report *told = im->report;
	im->report = report;
	return told;
}

static size_t report_told(struct dfh_import *im, const dfh_report *told,
			  struct repeated **list)
{
	*list = NULL;
	return told ? report_take(im->report, told, list) : 0;
}

/* ---- the first of several ---- */

/* Are both ways told of in the same words? */
static bool same_reports(const dfh_report *full, const dfh_report *common,
			 const dfh_report *own)
{
	struct repeated *of_common, *of_own;
	if (!full)
		return true;
	dfh_report *both = dfh_report_new();
	report_take(both, common, &of_common);
	report_take(both, own, &of_own);
	char *a = dfh_report_json(full), *b = dfh_report_json(both);
	bool same = strcmp(a, b) == 0;
	free(a);
	free(b);
	free(of_common);
	free(of_own);
	dfh_report_free(both);
	return same;
}

/* In full, and in parts, too: only if both come to the same, the parts will do
 * for those that follow. */
static struct dataset *learn(struct likes *likes, struct like *like,
			     const struct putting *put)
{
	struct dfh_import *im = put->im;
	struct repeated *list;
	dfh_report *report = tell_apart(im);
	struct dataset *full = put_in_full(put);
	dfh_report *of_full = tell_again(im, report);
	tell_apart(im);
	struct dataset *common = dataset_copy(put->before);
	put_on(im, &put->matched->view, put->file, put->before,
	       likes->own->place, common, put->how);
	keep_as_before(im, put->matched, put->before, common);
	dfh_report *of_common = tell_again(im, report);
	tell_apart(im);
	struct dataset *after = dataset_copy(common);
	like->is_alone = !is_free_as_in(like, put->before, common) ||
			 !put_own(likes, like, put, common, after) ||
			 !same_datasets(full, after);
	dfh_report *of_own = tell_again(im, report);
	like->is_alone =
		like->is_alone || !same_reports(of_full, of_common, of_own);
	if (!like->is_alone) {
		like->told_count = report_told(im, of_common, &like->told);
		like->after = dataset_copy(common);
	}
	report_told(im, like->is_alone ? of_full : of_own, &list);
	free(list);
	dfh_report_free(of_full);
	dfh_report_free(of_common);
	dfh_report_free(of_own);
	dataset_free(common);
	dataset_free(after);
	return full;
}

/* ---- the others ---- */

/* NULL: that does not do, and nothing was told. */
static struct dataset *put_like(const struct likes *likes,
				const struct like *like,
				const struct putting *put)
{
	struct repeated *list = NULL;
	struct dataset *after = dataset_copy(like->after);
	give_own(like, put->before, after);
	dfh_report *report = tell_apart(put->im);
	bool does = put_own(likes, like, put, like->after, after);
	dfh_report *of_own = tell_again(put->im, report);
	if (does) {
		report_told(put->im, of_own, &list);
		report_repeat(put->im->report, like->told, like->told_count,
			      put->file);
	} else {
		dataset_free(after);
	}
	free(list);
	dfh_report_free(of_own);
	return does ? after : NULL;
}

struct dataset *put_as_likes(struct dfh_import *im,
			     const struct matched *matched, const char *file,
			     const struct dataset *before,
			     const dfh_stamp_options *how)
{
	const struct putting put = {im, matched, file, before, how};
	struct likes *likes = likes_of(im);
	struct dataset *after = NULL;
	if (!can_be_like(likes, &put))
		return put_in_full(&put);
	struct like *like = find_like(likes, &put);
	if (!like)
		remember_like(likes, &put);
	else if (like->after)
		after = put_like(likes, like, &put);
	else if (!like->is_alone && ++like->met >= ENOUGH)
		after = learn(likes, like, &put);
	return after ? after : put_in_full(&put);
}
