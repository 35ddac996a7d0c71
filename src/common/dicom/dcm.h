/*
 * DICOM files behind plain C types.  Implemented by dcm_dcmtk.cc (DCMTK) and
 * dcm_scan.c (the walk over lengths that goes before it).  No exception and
 * no C++ type leaves.
 */
#ifndef DCM_H
#define DCM_H

#include "dataset.h"
#include "dcmfhir.h"

struct spot;
struct dcm_hold;

#ifdef __cplusplus
extern "C" {
#endif

/* ---- the data dictionary (PS3.6, from DCMTK) ---- */

struct dcm_entry {
	struct dcm_tag tag;
	char vr[3];
	int vm_max; /* -1: unlimited */
	char keyword[64];
};

/* By PS3.6 keyword, by "(gggg,eeee)", by "(gggg,eeee,VR)" where the dictionary
 * need not know it, by (gggg,ee,"CREATOR"), whose VR is "UN" unless the
 * dictionary knows the private tag, or by (gggg,ee,"CREATOR",VR).  creator is
 * borrowed from the arena.  false: unknown. */
bool dcm_entry_find(const char *name, struct arena *arena,
		    struct dcm_entry *out);

/* By tag; false: unknown. */
bool dcm_entry_of(const struct dcm_tag *tag, struct dcm_entry *out);

/* The VR by the dictionary, for implicit VR; "UN": it is unknown, "": it
 * depends on other attributes (US or SS, OB or OW). */
void dcm_vr_of(const struct dcm_tag *tag, char vr[3]);

/* The keyword of the dictionary that is spelled most like name, or "". */
void dcm_keyword_nearest(const char *name, char out[64]);

/* Keyword, or (gggg,eeee), or (gggg,ee,"CREATOR"), never with a VR. */
const char *dcm_tag_name(const struct dcm_tag *tag, char out[128]);

/* ---- reading ---- */

/* The attributes to read, as a tree in the order of tags. */
struct dcm_want {
	struct dcm_tag tag;
	/* Of a private attribute, or one that the dictionary does not know,
	 * where the file does not tell it: in implicit VR or as UN.  "": that
	 * of the dictionary. */
	char vr[3];
	bool whole; /* of a sequence: every attribute in it */
	struct dcm_want *in_items;
	size_t in_items_count;
	/* Before the name of an attribute in its items: "OneSequence.Other." */
	const char *within;
};

struct dcm_wants {
	struct dcm_want *list;
	size_t count;
	/* What a dataset without Specific Character Set is taken to be in
	 * where its text is not ASCII; NULL: such text is not decoded. */
	const char *assumed_charset;
};

/* That of a tag, or NULL; the list is in the order of tags. */
const struct dcm_want *dcm_want_find(const struct dcm_want *list, size_t count,
				     const struct dcm_tag *tag);

/* A file: the path `name`, or else all of it in memory, or what can be read
 * piece by piece. */
struct dcm_source {
	const char *name;  /* for messages, too */
	const int *fd;	   /* of the path, open already; or NULL */
	const void *bytes; /* NULL: not in memory */
	/* NULL: a path, or in memory.  0, or errno; all of it is in
	 * 0..length. */
	int (*read_at)(unsigned long long offset, void *to, size_t length,
		       void *context);
	void *context;
	uint64_t length;
	/* UID of the transfer syntax of a dataset that comes without File Meta
	 * Information, as DIMSE sends it; NULL: a file. */
	const char *transfer_syntax;
	/* It may end in its pixel data; they, and what follows, are taken not
	 * to be there. */
	bool without_pixels;
	/* Fill in dataset.unread: the attributes that are not wanted, but for
	 * pixel data, what is there for the encoding, and what is in a sequence
	 * that is not wanted. */
	bool lists_unread;
	/* What does not begin like DICOM, or is a DICOMDIR, is passed over:
	 * NULL, and no error. */
	bool passes_over;
	/* Let DCMTK parse the whole header, as if nothing else could: what is
	 * read is the same, and slower. */
	bool by_dcmtk;
	/* Bytes of memory that it may take; 0: memory_limit(). */
	uint64_t limit;
};

/*
 * Read the wanted attributes.  Pixel data is not read, but a file that ends
 * before it should is DFH_REFUSED, as is one that is no DICOM, is a DICOMDIR,
 * or nests its sequences more than 64 deep.
 */
struct dataset *dcm_read(const struct dcm_source *source,
			 const struct dcm_wants *wants, dfh_error **error);

/* ---- reading DICOM JSON (PS3.18 F): dcm_json*.c ---- */

/* Values that stand elsewhere. */
struct dcm_fetch {
	/* *bytes is to be freed.  0; -1: they are not to be had. */
	int (*fetch)(const char *uri, void **bytes, size_t *length,
		     void *context);
	void *context;
};

/* Datasets as an array, an object, or several of them one after the other. */
struct dcm_json;

enum dcm_json_answer {
	DCM_JSON_DATASET,
	DCM_JSON_REFUSED, /* this one; those after it can be read */
	DCM_JSON_OVER,	  /* behind the last one */
	DCM_JSON_FAILED	  /* as a whole: it is not JSON, or cannot be read */
};

/* Does it begin like JSON that holds something?  -1: it cannot be read. */
int dcm_json_begins(const struct dcm_source *source, dfh_error **error);

/* source must outlive it; fetch may be NULL. */
struct dcm_json *dcm_json_open(const struct dcm_source *source,
			       const struct dcm_fetch *fetch,
			       dfh_error **error);
void dcm_json_close(struct dcm_json *json);

/* The next instance, as dcm_read() gives that of a file. */
enum dcm_json_answer dcm_json_next(struct dcm_json *json,
				   const struct dcm_wants *wants,
				   struct dataset **out, dfh_error **error);

/* The one at hand: "NAME[0]". */
const char *dcm_json_name(const struct dcm_json *json);

/* Was anything of it an attribute by now? */
bool dcm_json_has_datasets(const struct dcm_json *json);

/* ---- writing ---- */

/* Write a dataset alone as a new Part 10 file, Explicit VR Little Endian;
 * text as ASCII if it fits, else as ISO_IR 192.  Written beside, flushed and
 * renamed; path is for messages. */
int dcm_write(const struct dataset *dataset, const struct spot *at,
	      const char *path, dfh_error **error);

/* The same file in memory: free() it.  name is for messages. */
unsigned char *dcm_encode_file(const struct dataset *dataset, const char *name,
			       size_t *length, dfh_error **error);

/* The same of a dataset that does not say of itself what it is. */
unsigned char *dcm_encode_instance(const struct dataset *dataset,
				   const char *name, const char *sop_class,
				   const char *sop_instance, size_t *length,
				   dfh_error **error);

/* What bytes are given to, one after the other; write returns 0, or errno. */
struct dcm_sink {
	int (*write)(const void *bytes, size_t length, void *context);
	void *context;
};

/* How a changed file is put in its place; all zero is the default. */
struct dcm_writing {
	/* Where the changed file goes instead of a path; all else here is then
	 * without meaning.  NULL: to the path. */
	const struct dcm_sink *sink;
	/* What the source was before anything of it was read; NULL: not
	 * checked. */
	const struct dcm_hold *hold;
	const struct spot *to; /* where it goes; NULL: found by the path */
	const char *suffix;    /* in place: the original stays under this longer
				  name; NULL: it does not stay */
	bool keeps_times, breaks_links, ignores_read_only;
	/* Not in place: who writes many flushes their folder at the end. */
	bool leaves_folder;
	bool verifies; /* read back what is written */
	/* and compare these attributes, as they were read before, with what was
	 * meant; NULL: only what was not to change is compared. */
	const struct dcm_wants *wants;
	const struct dataset *meant;
	/* SHA-256 of what is written, in hexadecimal; NULL: not asked for. */
	char *digest;
	/* Called when the new file is complete and on the disk, before it takes
	 * its place; -1: it does not, and the error is DFH_IO.  Or NULL. */
	int (*commits)(void *context);
	void *context;
};

/* What is told of a change in the file itself (PS3.3 C.12.1.1.9); ASCII. */
struct dcm_record {
	const char *time;    /* DT, with an offset */
	const char *system;  /* Modifying System, at most 64 characters */
	const char *source;  /* Source of Previous Values, or NULL */
	const char *reason;  /* COERCE or CORRECT */
	const char *comment; /* the reason in words, UTF-8, or NULL */
	bool equipment;	     /* name it as contributing equipment, too */
};

/* What a stamp did, or would do. */
struct dcm_stamped {
	bool widened;	  /* all text is in ISO_IR 192 now */
	char *narrow;	  /* if so, what it was in, or NULL; to be freed */
	bool signed_once; /* digital signatures were removed */
};

struct dcm_stamping {
	/* The set in which before was read if the file names none; NULL:
	 * none. */
	const char *assumed_charset;
	const struct dcm_record *record;   /* NULL: previous values are lost */
	const struct dcm_writing *writing; /* NULL: the default */
	/* Digital signatures that the change breaks are removed; else the
	 * change is refused. */
	bool removes_signatures;
	bool keeps_charset; /* a file that would have to widen is refused */
	struct dcm_stamped *told; /* or NULL */
};

/*
 * Take back, in `after`, each attribute of the top level whose new text does
 * not fit the character set of the file; visit is called with each.  After
 * that `after` borrows from `before`.
 */
int dcm_narrow(const struct dcm_source *source, const struct dataset *before,
	       struct dataset *after, const char *assumed_charset,
	       void (*visit)(const struct dcm_tag *tag, void *context),
	       void *context, dfh_error **error);

/*
 * Copy the source to path with the attributes changed in which
 * after differs from before (both as dcm_read gave them, so that absent
 * elements that were never wanted do not count).  Everything else stays byte
 * for byte.  The character set is widened to ISO_IR 192 only if a new value
 * does not fit the old one; an assumed one takes ASCII alone, for others do
 * not know of it.  Written beside, flushed and renamed, or to a sink; without
 * a path and a sink, this only tells whether it can be done.
 */
int dcm_stamp(const struct dcm_source *source, const char *path,
	      const struct dataset *before, const struct dataset *after,
	      const struct dcm_stamping *how, dfh_error **error);

/* ---- DICOMDIR (PS3.3 F.3) ---- */

/* The files that a DICOMDIR refers to, as paths beside it; free each and the
 * list.  -1: not readable.  A file that is no DICOMDIR gives *is_dicomdir 0. */
int dcm_dicomdir_files(const char *path, bool *is_dicomdir, char ***files,
		       size_t *count, dfh_error **error);

/* ---- the walk over lengths (dcm_scan.c) ---- */

enum { DCM_DEPTH_MAX = 64 };

struct dcm_extent {
	struct dcm_tag tag; /* element as stored, creator NULL */
	uint64_t offset;    /* of the element's first byte */
	uint64_t length;    /* of the whole element, header included */
	/* Of a plain value in explicit VR little endian, where that was seen in
	 * passing; else "" and 0. */
	char vr[2];
	unsigned char header_size;
};

struct dcm_scan {
	bool has_preamble;
	char transfer_syntax[65]; /* of the meta header, or what was guessed */
	bool explicit_vr, big_endian, deflated;
	bool mislabelled;	 /* not encoded as the transfer syntax says */
	uint64_t dataset_offset; /* behind the preamble and meta header */
	uint64_t pixel_offset;	 /* of the first element of group 7FE0, or the
				    file's length */
	uint64_t end;		 /* the file's length */
	bool understood; /* false: lengths do not add up for the walk; only
			    DCMTK can say whether the file is good */
	bool truncated;	 /* an element reaches beyond the end */
	int depth;	 /* of the deepest sequence: 0 is none */
	struct dcm_extent *elements; /* the top level, in file order */
	size_t count;
};

/* Where its pixel data begin, or where it ends if it has none. */
int dcm_find_pixels(const struct dcm_source *source, uint64_t *offset,
		    dfh_error **error);

/* Never recurses.  -1 (DFH_REFUSED): not DICOM at all or deeper than
 * DCM_DEPTH_MAX; (DFH_IO): cannot be read. */
int dcm_scan(const struct dcm_source *source, struct dcm_scan *out,
	     dfh_error **error);
void dcm_scan_free(struct dcm_scan *scan);

/* The first element of the top level with that tag, as stored; or NULL. */
const struct dcm_extent *dcm_scan_find(const struct dcm_scan *scan,
				       const struct dcm_tag *tag);

/* Does it begin like DICOM?  Reads at most 1 KiB. */
int dcm_sniff(const char *path, dfh_error **error);

#ifdef __cplusplus
}
#endif
#endif
