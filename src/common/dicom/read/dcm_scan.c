#include "dcm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dcm_meta.h"
#include "dcm_walk.h"
#include "error.h"
#include "vr.h"

static const char implicit_little[] = "1.2.840.10008.1.2";
static const char explicit_little[] = "1.2.840.10008.1.2.1";
static const char explicit_big[] = "1.2.840.10008.1.2.2";

/* SHORTEST: of the headers of elements. */
enum {
	PREAMBLE = 128,
	PREFIX = 4,
	SHORTEST = 8,
	SNIFFED = 1024,
	HEAD = 16 * 1024
};

static int refuse_scan(const struct dcm_file *file, enum dfh_reason reason,
		       const char *why, dfh_error **error)
{
	if (file->fault)
		return error_because(error, DFH_CANNOT_READ, "%s: %s",
				     file->name, strerror(file->fault));
	return error_because(error, reason, "%s: %s", file->name, why);
}

/* ---- without a meta header: what does it begin with? ---- */

/* Is it what a dataset may begin with, read in this way? */
static bool is_plausible_beginning(const unsigned char *bytes, size_t length,
				   uint64_t size, bool explicit_vr,
				   bool big_endian)
{
	struct dcm_entry entry;
	struct dcm_header first, second;

	if (dcm_header_read(bytes, length, explicit_vr, big_endian, &first) !=
		    DCM_HEADER_GOOD ||
	    first.length > size - first.size)
		return false;
	if (first.tag.group < 2 || first.tag.group > 0x28 ||
	    (first.tag.group & 1) || !dcm_entry_of(&first.tag, &entry) ||
	    (!first.tag.element && first.length != 4))
		return false;
	if (first.length > length - first.size)
		return true;
	bytes += first.size + first.length;
	length -= first.size + (size_t)first.length;
	if (length < 8)
		return true;
	return dcm_header_read(bytes, length, explicit_vr, big_endian,
			       &second) == DCM_HEADER_GOOD &&
	       dcm_tag_compare(&first.tag, &second.tag) < 0 &&
	       (second.tag.group & 1 || dcm_entry_of(&second.tag, &entry));
}

static bool guess_syntax(const unsigned char *bytes, size_t length,
			 uint64_t size, bool *explicit_vr, bool *big_endian)
{
	int way;

	/* explicit first: its VR is the best sign */
	for (way = 0; way < 4; way++) {
		*explicit_vr = way < 2;
		*big_endian = way & 1;
		if (is_plausible_beginning(bytes, length, size, *explicit_vr,
					   *big_endian))
			return true;
	}
	return false;
}

/* ---- how the dataset is encoded ---- */

static bool is_dicomdir_class(const char *uid)
{
	return strcmp(uid, "1.2.840.10008.1.3.10") == 0;
}

/* 1: known, 0: unknown */
static int known_syntax(struct dcm_scan *scan)
{
	const char *uid = scan->transfer_syntax;
	static const char *const deflated[] = {
		"1.2.840.10008.1.2.1.99",
		"1.2.840.10008.1.2.4.95", /* JPIP Referenced Deflate */
		"1.2.840.10008.1.2.4.205",
	};
	size_t i;

	if (strcmp(uid, implicit_little) == 0 ||
	    strcmp(uid, "1.2.840.113619.5.2") == 0) /* GE's private one */
		return 1;
	if (strncmp(uid, "1.2.840.10008.1.2.", 18) != 0)
		return 0;
	scan->explicit_vr = true;
	scan->big_endian = strcmp(uid, explicit_big) == 0;
	for (i = 0; i < sizeof(deflated) / sizeof(*deflated); i++)
		if (strcmp(uid, deflated[i]) == 0)
			scan->deflated = true;
	return 1;
}

/* Could a dataset begin so, encoded as the meta header says?  No dictionary,
 * for every file comes by here. */
static bool fits_syntax(const struct dcm_scan *scan, const unsigned char *bytes,
			size_t length, uint64_t size)
{
	struct dcm_header first;

	if (dcm_header_read(bytes, length, scan->explicit_vr, scan->big_endian,
			    &first) != DCM_HEADER_GOOD ||
	    first.tag.group > 0xff)
		return false;
	if (!scan->explicit_vr && vr_is_standard((const char *)bytes + 4))
		return false;
	return first.length == DCM_UNDEFINED ||
	       first.length <= size - first.size;
}

static bool is_upper(unsigned char byte)
{
	return byte >= 'A' && byte <= 'Z';
}

/* Some writers copy the meta header of another file: the dataset has the last
 * word, where it leaves no doubt.  false: it can be neither. */
static bool correct_syntax(struct dcm_file *file)
{
	struct dcm_scan *scan = &file->scan;
	uint64_t rest = file->size - scan->dataset_offset;
	size_t seen = rest < SNIFFED ? (size_t)rest : SNIFFED;
	const unsigned char *at;
	bool explicit_vr, big_endian;

	at = scan->deflated
		     ? NULL
		     : dcm_file_at(file, scan->dataset_offset, seen, SNIFFED);
	if (!at || seen < 8 || fits_syntax(scan, at, seen, rest))
		return true;
	if (!guess_syntax(at, seen, rest, &explicit_vr, &big_endian))
		return !scan->explicit_vr ||
		       (is_upper(at[4]) && is_upper(at[5]));
	scan->mislabelled = explicit_vr != scan->explicit_vr ||
			    big_endian != scan->big_endian;
	scan->explicit_vr = explicit_vr;
	scan->big_endian = big_endian;
	return true;
}

static bool find_syntax(struct dcm_file *file)
{
	struct dcm_scan *scan = &file->scan;
	uint64_t rest = file->size - scan->dataset_offset;
	size_t seen = rest < SNIFFED ? (size_t)rest : SNIFFED;
	const unsigned char *at;

	if (known_syntax(scan))
		return correct_syntax(file);
	at = dcm_file_at(file, scan->dataset_offset, seen, SNIFFED);
	if (!at || seen < 8)
		return false;
	if (!guess_syntax(at, seen, rest, &scan->explicit_vr,
			  &scan->big_endian)) {
		if (!scan->has_preamble && !file->has_meta)
			return false;
		/* DICOM it is: then as DCMTK guesses it */
		scan->explicit_vr = vr_is_standard((const char *)at + 4);
		scan->big_endian = false;
	}
	if (!scan->transfer_syntax[0] &&
	    (scan->explicit_vr || !scan->big_endian))
		strcpy(scan->transfer_syntax,
		       !scan->explicit_vr ? implicit_little
		       : scan->big_endian ? explicit_big
					  : explicit_little);
	return true;
}

/* A dataset alone, whose transfer syntax was told. */
static int take_syntax(struct dcm_file *file, dfh_error **error)
{
	const char *uid = file->source.transfer_syntax;

	dcm_uid_copy(file->scan.transfer_syntax, (const unsigned char *)uid,
		     strlen(uid));
	if (file->size && find_syntax(file))
		return 0;
	return refuse_scan(file, file->size ? DFH_UNSUPPORTED : DFH_NOT_DICOM,
			   file->size ? "is encoded in an unknown way"
				      : "is not DICOM: it is empty",
			   error);
}

static int refuse_cut_meta(const struct dcm_file *file, dfh_error **error)
{
	if (dcm_file_refuse_cut(file, error) < 0)
		return -1;
	return error_because(error, DFH_TRUNCATED,
			     "%s: ends before it should: no dataset follows "
			     "its meta header at byte %llu",
			     file->name, (unsigned long long)file->size);
}

/* No way to read it was found. */
static int refuse_syntax(struct dcm_file *file, dfh_error **error)
{
	static const struct dcm_header unseen;
	uint64_t offset = file->scan.dataset_offset;

	if (!file->scan.has_preamble && !file->has_meta)
		return refuse_scan(file, DFH_NOT_DICOM, "is not DICOM", error);
	if (!file->fault && file->size - offset < SHORTEST) {
		dcm_cut_note(&file->cut, offset, 0, &unseen, DCM_HEADER_CUT);
		file->scan.truncated = true;
		return dcm_file_refuse_cut(file, error);
	}
	return refuse_scan(file, DFH_UNSUPPORTED,
			   "is encoded in an unknown way", error);
}

static int scan_meta(struct dcm_file *file, dfh_error **error)
{
	struct dcm_scan *scan = &file->scan;
	struct dcm_meta meta = {0};
	const unsigned char *at;
	int answer;

	if (file->source.transfer_syntax)
		return take_syntax(file, error);
	at = dcm_file_at(file, PREAMBLE, PREFIX, HEAD);
	scan->has_preamble = at && memcmp(at, "DICM", PREFIX) == 0;
	meta.offset = scan->has_preamble ? PREAMBLE + PREFIX : 0;
	answer = dcm_meta_walk(file, &meta);
	file->meta_offset = meta.offset;
	file->has_meta = meta.end > meta.offset;
	/* without the prefix it must also be plausible */
	if (file->fault || (!scan->has_preamble &&
			    !(file->has_meta && meta.transfer_syntax[0]))) {
		file->has_meta = false;
		meta.end = meta.offset;
		answer = file->fault || !file->size ? -1 : 1;
		if (answer < 0)
			return refuse_scan(file, DFH_NOT_DICOM, "is not DICOM",
					   error);
		meta.transfer_syntax[0] = '\0';
	}
	if (answer < 0)
		return refuse_scan(file, DFH_DAMAGED,
				   "is damaged: its meta header is invalid",
				   error);
	scan->dataset_offset = meta.end;
	if (answer == 0)
		return refuse_cut_meta(file, error);
	strcpy(scan->transfer_syntax, meta.transfer_syntax);
	file->is_dicomdir = is_dicomdir_class(meta.sop_class);
	return find_syntax(file) ? 0 : refuse_syntax(file, error);
}

/* ---- the whole ---- */

int dcm_file_refuse_large(const struct dcm_file *file, dfh_error **error)
{
	return error_because(error, DFH_TOO_LARGE,
			     "%s: would take more than %llu bytes of memory, "
			     "which is the limit; raise it if the file is to "
			     "be trusted",
			     file->name, (unsigned long long)file->limit);
}

/* Most headers are no longer. */
#define HEADER_MOST ((uint64_t)256 << 10)

static bool is_whole_file(const struct dcm_file *file)
{
	return file->size == file->whole_size || file->ends_at_pixels;
}

/*
 * What is inflated is then read by DCMTK, or put together anew to be deflated
 * again, which takes about as much a few times.
 */
static int walk_deflated(struct dcm_file *file, dfh_error **error)
{
	const uint64_t most[] = {HEADER_MOST, file->limit / 4};
	uint64_t offset = file->scan.dataset_offset;
	size_t i;

	/* it has to be put together anew, which takes all of it */
	file->wants = NULL;
	/* what follows the pixels may be listed, if there is room for it */
	i = file->wants_header && !file->source.lists_unread &&
			    most[0] < most[1]
		    ? 0
		    : 1;
	for (; i < 2; i++) {
		if (dcm_file_inflate(file, offset, most[i], file->wants_header,
				     error) < 0)
			return -1;
		if (dcm_file_walk(file, error) < 0)
			return -1;
		if (is_whole_file(file))
			return 0;
	}
	return dcm_file_refuse_large(file, error);
}

int dcm_file_scan(struct dcm_file *file, dfh_error **error)
{
	struct dcm_scan *scan = &file->scan;
	bool certain;

	if (scan_meta(file, error) < 0)
		return -1;
	if (scan->deflated && file->source.without_pixels)
		return error_because(
			error, DFH_UNSUPPORTED,
			"%s: is deflated, and its pixel data with it; "
			"give it as a whole",
			file->name);
	if ((scan->deflated ? walk_deflated(file, error)
			    : dcm_file_walk(file, error)) < 0)
		return -1;
	scan->end = file->size;
	if (file->fault)
		return refuse_scan(file, DFH_OTHER, "", error);
	certain = scan->has_preamble || file->has_meta ||
		  file->source.transfer_syntax;
	if (!certain && !scan->understood && !scan->truncated)
		return refuse_scan(file, DFH_NOT_DICOM, "is not DICOM", error);
	return 0;
}

int dcm_file_list_all(struct dcm_file *file, dfh_error **error)
{
	if (!file->wants)
		return 0;
	file->wants = NULL;
	if (dcm_file_walk(file, error) < 0)
		return -1;
	return file->fault ? refuse_scan(file, DFH_OTHER, "", error) : 0;
}

int dcm_file_refuse_cut(const struct dcm_file *file, dfh_error **error)
{
	static const char *const where[] = {
		[DCM_CUT_HEADER] = "the header of %s at byte %llu is not whole",
		[DCM_CUT_VALUE] = "%s at byte %llu reaches beyond its end",
		[DCM_CUT_OPEN] = "no delimiter ends %s at byte %llu",
	};
	const struct dcm_cut *cut = &file->cut;
	char name[128], text[256];

	if (!file->scan.truncated)
		return 0;
	snprintf(text, sizeof(text), where[cut->in],
		 cut->has_tag ? dcm_tag_name(&cut->tag, name) : "an element",
		 (unsigned long long)cut->offset);
	return error_because(error, DFH_TRUNCATED,
			     "%s: ends before it should: %s", file->name, text);
}

int dcm_scan(const struct dcm_source *source, struct dcm_scan *out,
	     dfh_error **error)
{
	struct dcm_file file;
	int answer;

	memset(out, 0, sizeof(*out));
	if (dcm_file_open(&file, source, error) < 0)
		return -1;
	answer = dcm_file_scan(&file, error);
	if (answer == 0) {
		*out = file.scan;
		file.scan.elements = NULL;
	}
	dcm_file_close(&file);
	return answer;
}

int dcm_find_pixels(const struct dcm_source *source, uint64_t *offset,
		    dfh_error **error)
{
	struct dcm_source header = *source;
	struct dcm_file file;
	int answer;

	header.without_pixels = true;
	if (dcm_file_open(&file, &header, error) < 0)
		return -1;
	answer = dcm_file_scan(&file, error);
	if (answer == 0)
		answer = dcm_file_refuse_cut(&file, error);
	if (answer == 0 && !file.scan.understood)
		answer = error_because(error, DFH_DAMAGED,
				       "%s: its lengths do not add up",
				       file.name);
	*offset = file.size;
	dcm_file_close(&file);
	return answer;
}

void dcm_scan_free(struct dcm_scan *scan)
{
	if (!scan)
		return;
	free(scan->elements);
	scan->elements = NULL;
	scan->count = 0;
}

const struct dcm_extent *dcm_scan_find(const struct dcm_scan *scan,
				       const struct dcm_tag *tag)
{
	size_t i;

	for (i = 0; i < scan->count; i++)
		if (dcm_tag_compare(&scan->elements[i].tag, tag) == 0)
			return &scan->elements[i];
	return NULL;
}

/* ---- the first kilobyte ---- */

static bool sniff_bytes(const unsigned char *bytes, size_t length,
			uint64_t size, bool *is_dicomdir)
{
	struct dcm_file file = {.fd = -1, .bytes = bytes, .size = length};
	struct dcm_meta meta = {0};
	bool explicit_vr, big_endian, has_prefix;

	has_prefix = length >= PREAMBLE + PREFIX &&
		     memcmp(bytes + PREAMBLE, "DICM", PREFIX) == 0;
	meta.offset = has_prefix ? PREAMBLE + PREFIX : 0;
	(void)dcm_meta_walk(&file, &meta);
	*is_dicomdir = is_dicomdir_class(meta.sop_class);
	return has_prefix || meta.transfer_syntax[0] ||
	       guess_syntax(bytes, length, size, &explicit_vr, &big_endian);
}

int dcm_file_sniff(struct dcm_file *file, bool scans, bool *is_dicomdir,
		   dfh_error **error)
{
	size_t length = file->size < SNIFFED ? (size_t)file->size : SNIFFED;
	const unsigned char *at;

	*is_dicomdir = false;
	at = dcm_file_at(file, 0, length, scans ? HEAD : SNIFFED);
	if (at)
		return sniff_bytes(at, length, file->size, is_dicomdir);
	return refuse_scan(file, DFH_OTHER, "", error);
}

int dcm_sniff_path(const char *path, bool *is_dicomdir, dfh_error **error)
{
	struct dcm_source source = {.name = path};
	struct dcm_file file;
	int answer;

	*is_dicomdir = false;
	if (dcm_file_open(&file, &source, error) < 0)
		return -1;
	answer = dcm_file_sniff(&file, false, is_dicomdir, error);
	dcm_file_close(&file);
	return answer;
}

int dcm_sniff(const char *path, dfh_error **error)
{
	bool is_dicomdir;

	return dcm_sniff_path(path, &is_dicomdir, error);
}
