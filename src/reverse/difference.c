/* In which attributes two datasets differ, item by item. */
#include <stdio.h>
#include <string.h>

#include "import.h"

struct stamp_comparison {
	const dfh_stamp_options *how;
	struct arena *arena; /* for the texts */
};

static const struct dcm_item nothing;

static const char *difference_tag_text(const struct stamp_comparison *c,
				       const struct dcm_tag *tag)
{
	char name[128];
	if (tag->creator)
		return arena_strdup(c->arena, dcm_tag_name(tag, name));
	return arena_printf(c->arena, "(%04x,%04x)", tag->group, tag->element);
}

/* As text, or bytes as dcmdump(1) has them; NULL: it is not there. */
static const char *value_text(const struct stamp_comparison *c,
			      const struct dcm_element *element)
{
	if (!element || element->text || !element->length)
		return !element ? NULL : element->text ? element->text : "";
	const unsigned char *bytes = element->bytes;
	char *out = arena_alloc(c->arena, 3 * element->length + 1), *end = out;
	for (size_t i = 0; i < element->length; i++)
		end += sprintf(end, i ? "\\%02x" : "%02x", bytes[i]);
	return out;
}

static void tell_differing(const struct stamp_comparison *c,
			   const struct dcm_tag *tag, const char *path,
			   const char *vr, const char *was, const char *is)
{
	char name[128];
	const dfh_difference difference = {
		.size = sizeof difference,
		.path = path,
		.keyword = dcm_tag_name(tag, name),
		.vr = vr,
		.was = was,
		.is = is,
	};
	c->how->differs(&difference, c->how->context);
}

static void compare_differing_items(const struct stamp_comparison *c,
				    const char *above,
				    const struct dcm_item *was,
				    const struct dcm_item *is);

static const struct dcm_item *
item_at_or_nothing(const struct dcm_element *sequence, size_t index)
{
	return sequence && index < sequence->item_count ? sequence->items[index]
							: &nothing;
}

static bool is_empty_item(const struct dcm_element *sequence, size_t index)
{
	return sequence && index < sequence->item_count &&
	       !sequence->items[index]->count;
}

static void compare_differing_sequences(const struct stamp_comparison *c,
					const struct dcm_element *was,
					const struct dcm_element *is,
					const char *path)
{
	size_t of_was = was ? was->item_count : 0;
	size_t of_is = is ? is->item_count : 0;
	const struct dcm_tag *tag = was ? &was->tag : &is->tag;
	/* What has no item, or none that says something, is told itself. */
	if (!of_was && !of_is)
		tell_differing(c, tag, path, "SQ", value_text(c, was),
			       value_text(c, is));
	for (size_t i = 0; i < (of_was > of_is ? of_was : of_is); i++) {
		const char *item = arena_printf(c->arena, "%s[%zu]", path, i);
		if (i >= of_was && is_empty_item(is, i))
			tell_differing(c, tag, item, "SQ", NULL, "");
		else if (i >= of_is && is_empty_item(was, i))
			tell_differing(c, tag, item, "SQ", "", NULL);
		compare_differing_items(c, arena_printf(c->arena, "%s.", item),
					item_at_or_nothing(was, i),
					item_at_or_nothing(is, i));
	}
}

static void compare_differing_elements(const struct stamp_comparison *c,
				       const char *above,
				       const struct dcm_element *was,
				       const struct dcm_element *is)
{
	const struct dcm_element *one = is ? is : was;
	if (was && is && dcm_element_equal(was, is))
		return;
	const char *path = arena_printf(c->arena, "%s%s", above,
					difference_tag_text(c, &one->tag));
	if (strcmp(one->vr, "SQ") == 0)
		compare_differing_sequences(c, was, is, path);
	else
		tell_differing(c, &one->tag, path, one->vr, value_text(c, was),
			       value_text(c, is));
}

static void compare_differing_items(const struct stamp_comparison *c,
				    const char *above,
				    const struct dcm_item *was,
				    const struct dcm_item *is)
{
	struct dcm_pair pair = {0};
	while (dcm_pair_next(&pair, was, is))
		compare_differing_elements(c, above, pair.a, pair.b);
}

void tell_widened(const char *was, const dfh_stamp_options *how)
{
	static const struct dcm_tag charset = {0x0008, 0x0005, NULL};
	char name[128];
	const dfh_difference difference = {
		.size = sizeof difference,
		.path = "(0008,0005)",
		.keyword = dcm_tag_name(&charset, name),
		.vr = "CS",
		.was = was,
		.is = "ISO_IR 192",
	};
	if (how->differs)
		how->differs(&difference, how->context);
	if (how->applied)
		how->applied(NULL, difference.keyword, how->applied_context);
}

void tell_differences(const struct dataset *was, const struct dataset *is,
		      const dfh_stamp_options *how)
{
	const struct stamp_comparison c = {how, is->arena};
	if (how->differs)
		compare_differing_items(&c, "", &was->root, &is->root);
}
