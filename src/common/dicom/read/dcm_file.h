/*
 * The bytes of one DICOM file, read in windows, and what the walk over its
 * lengths found.  Internal to the files that implement dcm.h.
 */
#ifndef DCM_FILE_H
#define DCM_FILE_H

#include "dcm.h"
#include "dcm_dcmtk.h"

/* Where a file ends that should go on. */
struct dcm_cut {
	enum {
		DCM_CUT_HEADER, /* in the header of an element */
		DCM_CUT_VALUE,
		DCM_CUT_OPEN /* a delimiter is missing */
	} in;
	uint64_t offset; /* of the element, or what is not delimited */
	struct dcm_tag tag;
	bool has_tag;
};

/* The tags that are twice in one dataset or item, each once. */
struct dcm_doubled {
	struct dcm_tag *at;
	size_t count;
};

/* More than that are not told. */
enum { DCM_DOUBLED_MAX = 256 };

/* Of tags as stored (group and element), which are sorted then. */
void dcm_doubled_note(struct dcm_doubled *doubled, uint32_t *tags,
		      size_t count);

struct dcm_file {
	const char *name;
	struct dcm_source source;   /* as it was given */
	int fd;			    /* -1: it is no path */
	bool is_borrowed;	    /* fd is another's */
	const unsigned char *bytes; /* all of them, or NULL */
	unsigned char *inflated;    /* bytes that are ours */
	uint64_t size;		    /* of the inflated form, if deflated */
	uint64_t stored_size;
	uint64_t limit; /* of the memory that it may take beside its bytes */
	/* Of a deflated one, only as much is kept as its header takes, if not
	 * more than that is wanted; size is of what is kept. */
	bool wants_header;
	bool ends_at_pixels; /* what is kept does */
	uint64_t whole_size;
	int fault; /* errno of a failed read */

	unsigned char *head; /* the file from its beginning */
	size_t head_length;
	unsigned char *window; /* what is read of it besides */
	uint64_t window_offset;
	size_t window_length;

	/* What the scan lists; NULL: all of the top level.  A walk that lists
	 * but this does for what is plain alone: see dcm_file_list_all. */
	const struct dcm_wants *wants;
	struct dcm_scan scan;
	bool in_order; /* the top level is, and has no tag twice */
	bool has_meta; /* a File Meta Information was found */
	bool is_dicomdir;
	struct dcm_doubled doubled;
	uint64_t inner; /* elements that are in items */
	uint64_t cost;	/* of what the walk saw, in memory */
	bool doubtful;	/* DCMTK may see sequences that the walk did not */
	/* In implicit VR: something is a sequence by its bytes or by the
	 * dictionary alone, and only DCMTK tells what becomes of it. */
	bool misfits_dictionary;
	uint64_t meta_offset;
	uint64_t data_end;  /* of the dataset, without padding by zeros */
	struct dcm_cut cut; /* if it is truncated */
};

/* Fill in out->doubled, of a file that was scanned. */
void dcm_doubled_list(struct dcm_file *file, struct dataset *out);

/* Open, but do not scan. */
int dcm_file_open(struct dcm_file *file, const struct dcm_source *source,
		  dfh_error **error);
void dcm_file_close(struct dcm_file *file);

/* What dcm_file_at does where it is not simple. */
const unsigned char *dcm_file_view(struct dcm_file *file, uint64_t offset,
				   size_t length, size_t ahead);

/*
 * A view of length bytes, valid until the next call; ahead tells how many are
 * worth reading at once.  NULL: the file ends before, or file->fault is set.
 * Nearly always they are in the head: each element is asked for here.
 */
static inline const unsigned char *
dcm_file_at(struct dcm_file *file, uint64_t offset, size_t length, size_t ahead)
{
	return file->head && !file->bytes && offset <= file->size &&
			       length <= file->size - offset &&
			       offset + length <= file->head_length
		       ? file->head + offset
		       : dcm_file_view(file, offset, length, ahead);
}

/* The same of what is in memory already: *length bytes; perhaps none. */
const unsigned char *dcm_file_rest(const struct dcm_file *file, uint64_t offset,
				   size_t *length);

int dcm_file_read(struct dcm_file *file, uint64_t offset, void *to,
		  size_t length, dfh_error **error);

/*
 * Replace what follows offset by its inflated form (PS3.5 A.5), of which at
 * most as many bytes are kept.  all: the rest is counted; else it is refused.
 */
int dcm_file_inflate(struct dcm_file *file, uint64_t offset, uint64_t most,
		     bool all, dfh_error **error);

/* It would take more memory than it may. */
int dcm_file_refuse_large(const struct dcm_file *file, dfh_error **error);

/* The reverse: free() the result.  NULL: out of memory. */
unsigned char *dcm_deflate(const unsigned char *bytes, size_t length,
			   size_t *deflated);

/* Fill file->scan and what goes with it: dcm_scan() on an open file. */
int dcm_file_scan(struct dcm_file *file, dfh_error **error);

/* Once more, where it listed only what is wanted. */
int dcm_file_list_all(struct dcm_file *file, dfh_error **error);

/* Refuse a truncated file. */
int dcm_file_refuse_cut(const struct dcm_file *file, dfh_error **error);

/* Which elements of the top level, as stored. */
struct dcm_filter {
	bool (*is_wanted)(const struct dcm_tag *tag, const void *context);
	const void *context;
};

/* The header of a scanned file as DCMTK sees it.  filter: at least these
 * (NULL: all); past_pixels: also what follows the pixel data. */
struct dcmtk_item *dcm_file_parse(struct dcm_file *file,
				  const struct dcm_filter *filter,
				  bool past_pixels, dfh_error **error);

/* List an attribute of an item that is not wanted, unless it is there for the
 * encoding; the tag is named by its creator. */
void dcm_list_unread(struct dataset *out, const char *within,
		     const struct dcm_tag *tag);

/* List those of the top level in out->unread.  dataset is what dcm_file_parse made of the file; it is
 * only needed where the walk did not understand it.  term: its Specific
 * Character Set, or NULL. */
void dcm_file_list_unread(struct dcm_file *file, struct dcmtk_item *dataset,
			  const char *term, const struct dcm_wants *wants,
			  struct dataset *out);

/* Does the file begin like DICOM?  Reads at most 1 KiB, or a whole window if it
 * is going to be scanned.  -1: it cannot be read. */
int dcm_file_sniff(struct dcm_file *file, bool scans, bool *is_dicomdir,
		   dfh_error **error);

/* dcm_sniff(), and whether the meta header says that it is a DICOMDIR. */
int dcm_sniff_path(const char *path, bool *is_dicomdir, dfh_error **error);

static inline uint16_t dcm_u16(const unsigned char *bytes, bool big_endian)
{
	unsigned int first = bytes[0], second = bytes[1];

	return (uint16_t)(big_endian ? first << 8 | second
				     : second << 8 | first);
}

static inline uint32_t dcm_u32(const unsigned char *bytes, bool big_endian)
{
	uint32_t first = dcm_u16(bytes, big_endian);
	uint32_t second = dcm_u16(bytes + 2, big_endian);

	return big_endian ? first << 16 | second : second << 16 | first;
}

void dcm_put_u16(unsigned char *bytes, bool big_endian, uint16_t value);
void dcm_put_u32(unsigned char *bytes, bool big_endian, uint32_t value);

#endif
