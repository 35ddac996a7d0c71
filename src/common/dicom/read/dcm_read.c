#include "dcm.h"

#include <stdlib.h>
#include <string.h>

#include "dcm_plain.h"
#include "dcm_put.h"
#include "error.h"

/* DCMTK 3.6.7 recurses for each level of sequences without a limit of its
 * own.  A level needs an item tag, so where the walk cannot vouch for the
 * depth, the number of these does. */
enum { DOUBTFUL_ITEMS_MAX = 512 };

/* What it takes for one beside its value. */
enum { ELEMENT_OF_DCMTK = 256 };

static bool too_many_items(const unsigned char *bytes, size_t length)
{
	size_t i, count = 0;

	for (i = 0; i + 4 <= length; i++)
		if (memcmp(bytes + i, "\xfe\xff\x00\xe0", 4) == 0 ||
		    memcmp(bytes + i, "\xff\xfe\xe0\x00", 4) == 0)
			count++;
	return count > DOUBTFUL_ITEMS_MAX;
}

/* What follows the pixel data, if the walk got there. */
static uint64_t tail_offset(const struct dcm_file *file)
{
	const struct dcm_scan *scan = &file->scan;
	size_t i;

	for (i = 0; scan->understood && i < scan->count; i++)
		if (scan->elements[i].tag.group > 0x7fe0 &&
		    scan->elements[i].offset > scan->pixel_offset)
			return scan->elements[i].offset;
	return file->data_end;
}

static struct dcmtk_item *parse_dataset(struct dcm_file *file,
					const unsigned char *bytes,
					size_t length, dfh_error **error)
{
	const struct dcmtk_syntax syntax = {file->scan.transfer_syntax,
					    file->scan.explicit_vr,
					    file->scan.big_endian};
	struct dcmtk_item *dataset;
	char fault[160];

	if ((file->doubtful || !file->scan.understood) &&
	    too_many_items(bytes, length)) {
		error_because(error, DFH_DAMAGED,
			      "%s: is damaged: its lengths do not add up",
			      file->name);
		return NULL;
	}
	if ((file->inner + file->scan.count) * ELEMENT_OF_DCMTK + file->cost >
	    file->limit) {
		dcm_file_refuse_large(file, error);
		return NULL;
	}
	dataset = dcmtk_parse(bytes, length, &syntax, fault);
	if (!dataset)
		error_because(error, DFH_DAMAGED, "%s: is damaged: %s",
			      file->name, fault);
	return dataset;
}

/* Only what is wanted, for DCMTK is slow.  In explicit VR a walk that adds up
 * has seen all that could be wrong; in implicit VR it does not know which
 * values should have been sequences. */
static size_t keep_wanted_elements(const struct dcm_file *file,
				   const struct dcm_filter *filter,
				   unsigned char *bytes, size_t length)
{
	const struct dcm_scan *scan = &file->scan;
	size_t kept = 0, i;

	if (!filter || !scan->explicit_vr || !scan->understood ||
	    file->doubtful)
		return length;
	for (i = 0; i < scan->count; i++) {
		const struct dcm_extent *extent = &scan->elements[i];
		uint64_t offset = extent->offset - scan->dataset_offset;

		if (offset >= length ||
		    !filter->is_wanted(&extent->tag, filter->context))
			continue;
		memmove(bytes + kept, bytes + offset, (size_t)extent->length);
		kept += (size_t)extent->length;
	}
	return kept;
}

static int compare_extent_tags(const void *left, const void *right)
{
	const struct dcm_extent *a = left, *b = right;
	int order = dcm_tag_compare(&a->tag, &b->tag);

	return order		       ? order
	       : a->offset < b->offset ? -1
				       : a->offset > b->offset;
}

/* As DCMTK would put them, which looks for the place of each anew: of a doubled
 * one the first stays the first. */
static void put_in_order(const struct dcm_file *file, unsigned char *bytes,
			 size_t length)
{
	const struct dcm_scan *scan = &file->scan;
	struct dcm_extent *sorted;
	unsigned char *ordered;
	size_t count = 0, at = 0, i;
	bool good = true;

	while (count < scan->count &&
	       scan->elements[count].offset - scan->dataset_offset < length)
		count++;
	for (i = 1; i < count && good; i++)
		good = dcm_tag_compare(&scan->elements[i - 1].tag,
				       &scan->elements[i].tag) < 0;
	if (good || !scan->understood || file->doubtful)
		return;
	sorted = xmalloc(count * sizeof(*sorted));
	ordered = xmalloc(length);
	memcpy(sorted, scan->elements, count * sizeof(*sorted));
	qsort(sorted, count, sizeof(*sorted), compare_extent_tags);
	for (i = 0; i < count; i++) {
		memcpy(ordered + at,
		       bytes + (sorted[i].offset - scan->dataset_offset),
		       (size_t)sorted[i].length);
		at += (size_t)sorted[i].length;
	}
	memcpy(bytes, ordered, at);
	free(ordered);
	free(sorted);
}

struct dcmtk_item *dcm_file_parse(struct dcm_file *file,
				  const struct dcm_filter *filter,
				  bool past_pixels, dfh_error **error)
{
	uint64_t start = file->scan.dataset_offset;
	uint64_t end = file->scan.pixel_offset < file->size
			       ? file->scan.pixel_offset
			       : file->data_end;
	uint64_t tail = past_pixels ? tail_offset(file) : file->data_end;
	size_t length, tail_length;
	struct dcmtk_item *dataset = NULL;
	unsigned char *bytes;

	if (dcm_file_refuse_cut(file, error) < 0)
		return NULL;
	length = (size_t)(end - start);
	tail_length = tail > end ? (size_t)(file->data_end - tail) : 0;
	bytes = xmalloc(length + tail_length);
	if (dcm_file_read(file, start, bytes, length, error) == 0) {
		if (!filter)
			put_in_order(file, bytes, length);
		length = keep_wanted_elements(file, filter, bytes, length);
		if (dcm_file_read(file, tail, bytes + length, tail_length,
				  error) == 0)
			dataset = parse_dataset(file, bytes,
						length + tail_length, error);
	}
	free(bytes);
	return dataset;
}

/* ---- DCMTK's items to ours ---- */

struct reader {
	const char *name;
	bool implicit_vr; /* what DCMTK says of a VR is not from the file */
	char *value;	  /* the one at hand */
	size_t capacity;
	int depth;
	const char *within;	/* the sequences around the item at hand */
	struct dataset *unread; /* what is not wanted in items is listed there;
				   or NULL */
	dfh_error **error;
};

static int get_value(struct reader *reader, struct dcmtk_element *element,
		     size_t length)
{
	if (length >= reader->capacity) {
		reader->capacity = length + 256;
		reader->value = xrealloc(reader->value, reader->capacity);
	}
	reader->value[length] = '\0';
	if (dcmtk_value(element, reader->value, length))
		return 0;
	return error_because(reader->error, DFH_DAMAGED,
			     "%s: is damaged: a value cannot be read",
			     reader->name);
}

/* Name a private element by its creator, or note it if it is one. */
static int resolve_creator(struct reader *reader, struct dcmtk_element *element,
			   const struct dcmtk_info *info,
			   struct dcm_charset *charset, struct arena *arena,
			   struct dcm_blocks *blocks, struct dcm_tag *tag)
{
	tag->group = info->group;
	tag->element = info->element;
	tag->creator = NULL;
	if (!dcm_tag_is_creator(tag) || info->is_sequence) {
		dcm_blocks_name(blocks, tag);
		return 0;
	}
	if (get_value(reader, element, info->length) < 0)
		return -1;
	dcm_blocks_note(blocks, tag, reader->value, info->length, charset,
			arena);
	return 0;
}

static int take_value(struct reader *reader, struct dcmtk_element *element,
		      size_t length, const struct dcm_tag *tag, const char *vr,
		      struct dcm_charset *charset, struct dcm_item *out)
{
	if (get_value(reader, element, length) < 0)
		return -1;
	dcm_value_take(charset, tag, vr, reader->value, length, out);
	return 0;
}

static int take_item(struct reader *reader, struct dcmtk_item *item,
		     const struct dcm_want *wants, size_t count, bool whole,
		     struct dcm_charset *outer, struct dcm_item *out);

static int take_sequence(struct reader *reader, struct dcmtk_element *element,
			 size_t items, const struct dcm_tag *tag,
			 const struct dcm_want *want,
			 struct dcm_charset *charset, struct dcm_item *out)
{
	bool whole = !want || want->whole;
	const char *around = reader->within;
	struct dcmtk_item *item = NULL;
	int answer = 0;
	size_t i;

	dcm_item_need(out, tag, "SQ");
	reader->within = want ? want->within : NULL;
	for (i = 0; i < items && answer == 0; i++) {
		item = dcmtk_item_next(element, item);
		answer = take_item(reader, item, want ? want->in_items : NULL,
				   want ? want->in_items_count : 0, whole,
				   charset, dcm_item_need_item(out, tag, i));
	}
	reader->within = around;
	return answer;
}

/* Where the file does not tell the VR: that of the rules, or else of the
 * dictionary.  UN is what a writer puts that did not know the attribute. */
static bool find_vr(const struct reader *reader, const struct dcmtk_info *info,
		    const struct dcm_tag *tag, const struct dcm_want *want,
		    struct dcm_entry *entry)
{
	bool is_un = memcmp(info->vr, "UN", 2) == 0;

	if (!is_un && (!reader->implicit_vr || info->is_sequence))
		return false;
	if (!want || !*want->vr)
		return is_un && dcm_entry_of(tag, entry);
	memcpy(entry->vr, want->vr, sizeof(entry->vr));
	return true;
}

/* want is NULL in a sequence that is wanted whole. */
static int take_any_element(struct reader *reader, struct dcmtk_item *item,
			    struct dcmtk_element **element,
			    struct dcmtk_info *info, const struct dcm_tag *tag,
			    const struct dcm_want *want,
			    struct dcm_charset *charset, struct dcm_item *out)
{
	bool implicit_vr = reader->implicit_vr;
	struct dcmtk_element *unfolded;
	struct dcm_entry entry;
	int answer;

	if (find_vr(reader, info, tag, want, &entry)) {
		if (memcmp(entry.vr, "SQ", 2) != 0) {
			memcpy(info->vr, entry.vr, sizeof(info->vr));
		} else if ((unfolded = dcmtk_unfold(item, *element))) {
			*element = unfolded;
			dcmtk_look(unfolded, info);
			reader->implicit_vr = true;
		}
	}
	answer = info->is_sequence
			 ? take_sequence(reader, *element, info->items, tag,
					 want, charset, out)
			 : take_value(reader, *element, info->length, tag,
				      info->vr, charset, out);
	reader->implicit_vr = implicit_vr;
	return answer;
}

static int compare_want(const void *tag, const void *want)
{
	return dcm_tag_compare(tag, &((const struct dcm_want *)want)->tag);
}

const struct dcm_want *dcm_want_find(const struct dcm_want *list, size_t count,
				     const struct dcm_tag *tag)
{
	return count ? bsearch(tag, list, count, sizeof(*list), compare_want)
		     : NULL;
}

static int take_elements(struct reader *reader, struct dcmtk_item *item,
			 const struct dcm_want *wants, size_t count, bool whole,
			 struct dcm_charset *charset, struct dcm_item *out)
{
	struct dcm_blocks blocks = {0};
	struct dcmtk_element *element = NULL;
	struct dcmtk_info info;

	while ((element = dcmtk_next(item, element))) {
		const struct dcm_want *want = NULL;
		struct dcm_tag tag;

		dcmtk_look(element, &info);
		if (resolve_creator(reader, element, &info, charset, out->arena,
				    &blocks, &tag) < 0)
			return -1;
		if (!whole)
			want = dcm_want_find(wants, count, &tag);
		/* no pixel data, ever */
		if (whole ? dcm_tag_is_encoding(&tag) || tag.group == 0x7fe0
			  : !want) {
			if (!whole && reader->unread && reader->within)
				dcm_list_unread(reader->unread, reader->within,
						&tag);
			continue;
		}
		if (take_any_element(reader, item, &element, &info, &tag, want,
				     charset, out) < 0)
			return -1;
	}
	return 0;
}

static int take_item(struct reader *reader, struct dcmtk_item *item,
		     const struct dcm_want *wants, size_t count, bool whole,
		     struct dcm_charset *outer, struct dcm_item *out)
{
	struct dcm_charset own, *charset = outer;
	char *term;
	int answer;

	if (reader->depth > DCM_DEPTH_MAX)
		return error_because(
			reader->error, DFH_TOO_LARGE,
			"%s: nests its sequences more than %d deep",
			reader->name, DCM_DEPTH_MAX);
	term = dcmtk_charset_term(item);
	if (term) {
		charset = &own;
		dcm_charset_init(&own, term);
	}
	reader->depth++;
	answer = take_elements(reader, item, wants, count, whole, charset, out);
	reader->depth--;
	if (term)
		dcm_charset_clear(&own);
	free(term);
	return answer;
}

/* Attributes of group 0002 are not in the dataset. */
static int take_meta(struct reader *reader, struct dcm_file *file,
		     const struct dcm_wants *wants, struct dcm_charset *charset,
		     struct dcm_item *out)
{
	static const struct dcmtk_syntax syntax = {"", true, false};
	size_t length = (size_t)(file->scan.dataset_offset - file->meta_offset);
	unsigned char *bytes = xmalloc(length);
	struct dcmtk_item *meta = NULL;
	char fault[160];
	int answer = -1;

	if (dcm_file_read(file, file->meta_offset, bytes, length,
			  reader->error) == 0) {
		meta = dcmtk_parse(bytes, length, &syntax, fault);
		answer = meta ? take_item(reader, meta, wants->list,
					  wants->count, false, charset, out)
			      : error_set(reader->error, DFH_REFUSED,
					  "%s: is damaged: %s", file->name,
					  fault);
	}
	dcmtk_free(meta);
	free(bytes);
	return answer;
}

static bool wants_past_pixels(const struct dcm_wants *wants)
{
	return wants->count && wants->list[wants->count - 1].tag.group > 0x7fe0;
}

static struct dataset *take_dcmtk(struct dcm_file *file,
				  const struct dcm_wants *wants,
				  const struct dcm_source *source,
				  dfh_error **error)
{
	struct reader reader = {.name = file->name,
				.implicit_vr = !file->scan.explicit_vr,
				.error = error};
	struct dataset *out = dataset_new();
	struct dcm_charset assumed;
	struct dcmtk_item *dataset;
	int answer;

	reader.unread = source->lists_unread ? out : NULL;
	dcm_charset_init(&assumed, wants->assumed_charset);
	dataset = dcm_file_parse(file, NULL, wants_past_pixels(wants), error);
	answer = dataset ? take_item(&reader, dataset, wants->list,
				     wants->count, false, &assumed, &out->root)
			 : -1;
	if (answer == 0 && file->has_meta && wants->count &&
	    wants->list[0].tag.group <= 2)
		answer = take_meta(&reader, file, wants, &assumed, &out->root);
	if (answer == 0 && source->lists_unread) {
		char *term = dcmtk_charset_term(dataset);

		dcm_file_list_unread(file, dataset, term, wants, out);
		free(term);
	}
	dcmtk_free(dataset);
	dcm_charset_clear(&assumed);
	free(reader.value);
	if (answer == 0)
		return out;
	dataset_free(out);
	return NULL;
}

/* The meta header is left to DCMTK. */
static bool is_for_dcmtk(const struct dcm_wants *wants,
			 const struct dcm_source *source)
{
	return source->by_dcmtk ||
	       (wants->count && wants->list[0].tag.group <= 2);
}

/* NULL: it is not for this way of reading. */
static struct dataset *read_plain_dataset(struct dcm_file *file,
					  const struct dcm_wants *wants,
					  const struct dcm_source *source)
{
	struct dataset *out;
	char *term;
	bool good;

	if (is_for_dcmtk(wants, source) || !dcm_plain_may(file))
		return NULL;
	out = dataset_new();
	good = dcm_plain_take(file, wants, source->lists_unread, out, &term);
	if (good && source->lists_unread)
		dcm_file_list_unread(file, NULL, term, wants, out);
	free(term);
	if (good)
		return out;
	dataset_free(out);
	return NULL;
}

/* Is it to be passed over?  -1: it cannot be read. */
static int passes_over(struct dcm_file *file, dfh_error **error)
{
	bool is_dicomdir;
	int answer = dcm_file_sniff(file, true, &is_dicomdir, error);

	return answer < 0 ? answer : !answer || is_dicomdir;
}

struct dataset *dcm_read(const struct dcm_source *source,
			 const struct dcm_wants *wants, dfh_error **error)
{
	struct dataset *out = NULL;
	struct dcm_file file;

	if (dcm_file_open(&file, source, error) < 0)
		return NULL;
	file.wants_header = !wants_past_pixels(wants);
	if (!source->lists_unread && !is_for_dcmtk(wants, source))
		file.wants = wants;
	if ((source->passes_over && passes_over(&file, error) != 0) ||
	    dcm_file_scan(&file, error) < 0)
		;
	else if (file.is_dicomdir)
		error_because(error, DFH_UNSUPPORTED, "%s: is a DICOMDIR",
			      file.name);
	else if (!(out = read_plain_dataset(&file, wants, source)) &&
		 dcm_file_list_all(&file, error) == 0 &&
		 (out = take_dcmtk(&file, wants, source, error)))
		dcm_doubled_list(&file, out);
	if (out) {
		out->mislabelled = file.scan.mislabelled;
		dataset_sort_unread(out);
	}
	dcm_file_close(&file);
	return out;
}
