#include "dcm.h"

#include <stdio.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "dcm.h"
#include "dcm_dcmtk.h"

/* standard[], by_keyword[], has_more[], others[]: what DCMTK knew when this was
 * built */
#include "dcm_dictionary.inc"
#include "vr.h"

enum { KEYWORD_MAX = 63 };

/* ---- the table before DCMTK's own, which takes long to load ---- */

static pthread_once_t asked = PTHREAD_ONCE_INIT;
static bool is_named;

static void read_environment(void)
{
	const char *path = getenv("DCMDICTPATH");

	is_named = path && *path;
}

/* DCMTK's variable that names other dictionaries: they may know it better.  It
 * reads them once, too. */
static bool has_own_dictionary(void)
{
	pthread_once(&asked, read_environment);
	return is_named;
}

static int compare_tag(const void *key, const void *entry)
{
	const struct dcm_tag *a = key;
	const struct dcmtk_entry *b = entry;

	if (a->group != b->group)
		return a->group < b->group ? -1 : 1;
	return (a->element > b->element) - (a->element < b->element);
}

static int compare_keyword(const void *key, const void *index)
{
	return strcmp(key, standard[*(const unsigned short *)index].keyword);
}

/* Is all in the table that DCMTK knows of the group?  It takes a group length,
 * and what is private, for known. */
static bool is_all_there(uint16_t group, uint16_t element)
{
	size_t i;

	for (i = 0; i < sizeof(has_more) / sizeof(*has_more); i++)
		if (group >= has_more[i][0] && group <= has_more[i][1])
			return false;
	return element && !(group & 1);
}

static bool dictionary_entry_of(uint16_t group, uint16_t element,
				const char *creator, struct dcmtk_entry *out)
{
	const struct dcm_tag tag = {group, element, NULL};
	const struct dcmtk_entry *found;

	if (creator || has_own_dictionary())
		return dcmtk_entry_of(group, element, creator, out);
	found = bsearch(&tag, standard, sizeof(standard) / sizeof(*standard),
			sizeof(*standard), compare_tag);
	if (!found)
		return !is_all_there(group, element) &&
		       dcmtk_entry_of(group, element, NULL, out);
	*out = *found;
	return true;
}

static int compare_name(const void *key, const void *name)
{
	return strcmp(key, *(const char *const *)name);
}

/* DCMTK goes through all of its dictionary for a keyword: it is not asked of
 * what it did not know. */
static bool entry_named(const char *keyword, struct dcmtk_entry *out)
{
	const unsigned short *found;

	if (has_own_dictionary())
		return dcmtk_entry_named(keyword, out);
	found = bsearch(keyword, by_keyword,
			sizeof(by_keyword) / sizeof(*by_keyword),
			sizeof(*by_keyword), compare_keyword);
	if (!found)
		return bsearch(keyword, others,
			       sizeof(others) / sizeof(*others) - 1,
			       sizeof(*others), compare_name) &&
		       dcmtk_entry_named(keyword, out);
	*out = standard[*found];
	return true;
}

/* ---- entries ---- */

static void fill_entry(const struct dcmtk_entry *entry,
		       const struct dcm_tag *tag, struct dcm_entry *out)
{
	char name[128];

	out->tag = *tag;
	memcpy(out->vr, entry->vr, sizeof(out->vr));
	out->vm_max = entry->vm_max;
	/* the names of private attributes are not unique */
	if (tag->creator)
		snprintf(out->keyword, sizeof(out->keyword), "%.*s",
			 KEYWORD_MAX, dcm_tag_name(tag, name));
	else
		memcpy(out->keyword, entry->keyword, sizeof(out->keyword));
}

bool dcm_entry_of(const struct dcm_tag *tag, struct dcm_entry *out)
{
	struct dcmtk_entry entry;

	if (!dictionary_entry_of(tag->group, tag->element, tag->creator,
				 &entry))
		return false;
	fill_entry(&entry, tag, out);
	return true;
}

void dcm_vr_of(const struct dcm_tag *tag, char vr[3])
{
	struct dcmtk_entry entry;

	if (!dictionary_entry_of(tag->group, tag->element, tag->creator,
				 &entry))
		strcpy(vr, "UN");
	else if (entry.vr_depends)
		*vr = '\0';
	else
		memcpy(vr, entry.vr, sizeof(entry.vr));
}

/* count hexadecimal digits, or NULL */
static const char *read_hex_digits(const char *text, int count, uint16_t *value)
{
	static const char digits[] = "0123456789abcdefABCDEF";
	unsigned int sum = 0;

	for (; count; count--, text++) {
		const char *digit = *text ? strchr(digits, *text) : NULL;
		unsigned int one;

		if (!digit)
			return NULL;
		one = (unsigned int)(digit - digits);
		sum = sum * 16 + (one < 16 ? one : one - 6);
	}
	*value = (uint16_t)sum;
	return text;
}

/* What ends (gggg,ee,"CREATOR") or (gggg,ee,"CREATOR",VR) behind the creator,
 * which may hold quotes itself; NULL: neither. */
static const char *creator_end(const char *text, char vr[3])
{
	size_t length = strlen(text);
	const char *end = text + length;

	if (length > 2 && strcmp(end - 2, "\")") == 0)
		return end - 2;
	/* UN would say nothing */
	if (length <= 5 || strncmp(end - 5, "\",", 2) != 0 || end[-1] != ')' ||
	    !vr_is_standard(end - 3) || strncmp(end - 3, "UN", 2) == 0)
		return NULL;
	memcpy(vr, end - 3, 2);
	return end - 5;
}

/* What ends (gggg,eeee), or (gggg,eeee,VR) of a standard attribute that the
 * dictionary need not know. */
static bool tag_end(const char *end, const struct dcm_tag *tag, char vr[3])
{
	if (strcmp(end, ")") == 0)
		return true;
	if (*end != ',' || strlen(end) != 4 || end[3] != ')' ||
	    (tag->group & 1) || !vr_is_standard(end + 1) ||
	    strncmp(end + 1, "UN", 2) == 0)
		return false;
	memcpy(vr, end + 1, 2);
	return true;
}

/* (gggg,eeee), (gggg,eeee,VR), (gggg,ee,"CREATOR") or (gggg,ee,"CREATOR",VR);
 * vr stays as it is unless there is one. */
static bool parse_tag(const char *name, struct arena *arena,
		      struct dcm_tag *tag, char vr[3])
{
	const char *at, *end;

	tag->creator = NULL;
	if (*name != '(' || !(at = read_hex_digits(name + 1, 4, &tag->group)) ||
	    *at++ != ',')
		return false;
	end = read_hex_digits(at, 4, &tag->element);
	if (end)
		return tag_end(end, tag, vr);
	at = read_hex_digits(at, 2, &tag->element);
	if (!at || strncmp(at, ",\"", 2) != 0 || !(tag->group & 1))
		return false;
	at += 2;
	end = creator_end(at, vr);
	if (!end)
		return false;
	tag->creator = arena_strndup(arena, at, (size_t)(end - at));
	return true;
}

/* What is written in brackets; false: it is no tag, or not as the dictionary
 * has it. */
static bool find_tag(const char *name, struct arena *arena, struct dcm_tag *tag,
		     struct dcmtk_entry *entry)
{
	char vr[3] = "";
	bool is_known;

	if (!parse_tag(name, arena, tag, vr))
		return false;
	is_known = dictionary_entry_of(tag->group, tag->element, tag->creator,
				       entry);
	if (!is_known && !tag->creator && !*vr)
		return false;
	/* The VR of a standard attribute is nobody's choice. */
	if (is_known && !tag->creator && *vr && strcmp(entry->vr, vr) != 0 &&
	    vr_is_standard(entry->vr))
		return false;
	if (*vr)
		memcpy(entry->vr, vr, sizeof(entry->vr));
	return true;
}

bool dcm_entry_find(const char *name, struct arena *arena,
		    struct dcm_entry *out)
{
	struct dcmtk_entry entry = {.vr = "UN", .vm_max = -1};
	struct dcm_tag tag = {0};

	if (*name == '(') {
		if (!find_tag(name, arena, &tag, &entry))
			return false;
	} else {
		if (!entry_named(name, &entry))
			return false;
		tag.group = entry.group;
		tag.element = entry.element;
	}
	fill_entry(&entry, &tag, out);
	return true;
}

/* Not half a character at the end of a text that was cut. */
static void end_whole(char *text, size_t length)
{
	while (length && (text[length - 1] & 0xc0) == 0x80)
		length--;
	if (length && (text[length - 1] & 0x80))
		length--;
	text[length] = '\0';
}

const char *dcm_tag_name(const struct dcm_tag *tag, char out[128])
{
	struct dcmtk_entry entry;

	if (tag->creator) {
		if (snprintf(out, 128, "(%04X,%02X,\"%s\")", tag->group,
			     tag->element, tag->creator) >= 128)
			end_whole(out, 127);
	} else if (!(tag->group & 1) &&
		   dictionary_entry_of(tag->group, tag->element, NULL, &entry))
		memcpy(out, entry.keyword, sizeof(entry.keyword));
	else
		snprintf(out, 128, "(%04X,%04X)", tag->group, tag->element);
	return out;
}

struct nearest_keyword {
	const char *name;
	size_t distance;
	char *keyword;
};

static char lower_case(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Levenshtein's, both cases of a letter being the same. */
static size_t keyword_distance(const char *a, const char *b)
{
	size_t row[KEYWORD_MAX + 1], columns = strlen(b), i, j;

	for (j = 0; j <= columns; j++)
		row[j] = j;
	for (i = 1; a[i - 1]; i++) {
		size_t corner = row[0];

		row[0] = i;
		for (j = 1; j <= columns; j++) {
			bool differ =
				lower_case(a[i - 1]) != lower_case(b[j - 1]);
			size_t best = corner + differ;

			corner = row[j];
			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
		}
	}
	return row[columns];
}

static void compare_to_nearest(const char *keyword, void *context)
{
	struct nearest_keyword *nearest = context;
	size_t length = strlen(keyword), given = strlen(nearest->name), far;

	far = length > given ? length - given : given - length;
	if (length > KEYWORD_MAX || far > nearest->distance)
		return;
	far = keyword_distance(nearest->name, keyword);
	/* of two that are as near, always the same one */
	if (far > nearest->distance ||
	    (far == nearest->distance && *nearest->keyword &&
	     strcmp(keyword, nearest->keyword) > 0))
		return;
	nearest->distance = far;
	strcpy(nearest->keyword, keyword);
}

void dcm_keyword_nearest(const char *name, char out[64])
{
	struct nearest_keyword nearest = {name, 2 + strlen(name) / 5, out};

	*out = '\0';
	dcmtk_keywords(compare_to_nearest, &nearest);
}
