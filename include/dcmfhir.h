/*
 * dcmfhir: DICOM <-> FHIR by rules.
 *
 * All text is UTF-8.  Functions return 0 or -1, or NULL on failure, and then
 * fill *error, which is the last argument and may be NULL.  *out belongs to
 * the caller; a const char * result is borrowed from the handle it came from.
 * Every _free function takes NULL.  To all others a handle must not be NULL
 * where nothing else is said of it; that a path or a text is NULL they tell as
 * DFH_USAGE.  The library keeps no state of its own between handles: several
 * threads may use it, each on its own handles.
 * Running out of memory ends the process; see dfh_set_out_of_memory().
 *
 * Structs that are given to the library begin with their size, which the
 * caller sets, and all else may be 0, which is the default:
 *
 *	dfh_export_options options = {.size = sizeof options};
 *
 * So later versions can add members at the end.  Where options are NULL, all
 * of them have their default.
 */
#ifndef DCMFHIR_H
#define DCMFHIR_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- errors ---------------------------------------------------------- */

typedef struct dfh_error dfh_error;

enum dfh_code {
	DFH_OK = 0,
	DFH_REFUSED = 1, /* some input was refused; the rest is done */
	DFH_USAGE = 2,	 /* usage or bad rules; nothing was done */
	DFH_IO = 3	 /* reading or writing failed */
};

/* The class of the error; its values are the tools' exit statuses. */
enum dfh_code dfh_error_code(const dfh_error *error);

/* What a program can act on; the hundreds are the class. */
enum dfh_reason {
	DFH_OTHER = 0, /* what the class and the text say */
	/* DFH_REFUSED: a DICOM file */
	DFH_NOT_DICOM = 101,
	DFH_TRUNCATED = 102,   /* it ends before it should */
	DFH_DAMAGED = 103,     /* its lengths or values do not add up */
	DFH_TOO_LARGE = 104,   /* nested too deeply, inflates to too much */
	DFH_UNSUPPORTED = 105, /* a DICOMDIR, an unknown encoding */
	/* DFH_REFUSED: FHIR, or a record */
	DFH_NOT_FHIR = 111,
	DFH_NOT_RECORD = 112, /* or of other rules */
	/* DFH_REFUSED: what a stamp or an undo would do */
	DFH_NO_MATCH = 121,	 /* nothing in the Bundle is surely meant */
	DFH_AMBIGUOUS = 122,	 /* several resources could be meant */
	DFH_CONTRADICTION = 123, /* Bundle and dataset disagree on who it is */
	DFH_SIGNED = 124,	 /* a digital signature would break */
	DFH_UNFIT = 125,	 /* text does not fit the character set */
	DFH_TOUCHED = 126,	 /* an undo: changed again by others */
	DFH_WITHDRAWN = 127,	 /* the resource was entered in error */
	DFH_NO_SUBJECT = 128,	 /* nobody says whose the order is */
	/* DFH_REFUSED: the file in its place */
	DFH_LOCKED = 131,    /* another run is at it: try again */
	DFH_CHANGED = 132,   /* changed since it was read: try again */
	DFH_PROTECTED = 133, /* read-only, or it has other names */
	/* DFH_USAGE */
	DFH_BAD_RULES = 201,
	/* DFH_IO */
	DFH_CANNOT_READ = 301,
	DFH_CANNOT_WRITE = 302
};

enum dfh_reason dfh_error_reason(const dfh_error *error);

/* What the error is about, as it was named: a file, or other input; NULL if it
 * is about none.  Lines and columns are from 1; 0: not told. */
const char *dfh_error_file(const dfh_error *error);
int dfh_error_line(const dfh_error *error);
int dfh_error_column(const dfh_error *error);

/* One or more complete lines, without the last newline. */
const char *dfh_error_text(const dfh_error *error);

/* Where work went on after an error, such as a folder that cannot be read, the
 * next one; NULL behind the last. */
const dfh_error *dfh_error_next(const dfh_error *error);

/* With those after it. */
void dfh_error_free(dfh_error *error);

/* What the library gave as char *, for programs whose free() may be that of
 * another C library; else free() will do. */
void dfh_free(void *text);

/*
 * What is done where memory runs out, in the thread that wants it: the handler
 * ends the process in its own way.  It must not come back into the library,
 * and if it returns, or is NULL as it is at first, "PROGRAM: out of memory" is
 * written to standard error and the process ends with _exit(DFH_IO), so that
 * nothing wrong or half is ever given out.  The one thing that all handles
 * share.
 */
void dfh_set_out_of_memory(void (*handler)(void));

/* ---- rules ----------------------------------------------------------- */

typedef struct dfh_rules dfh_rules;

/* A release of FHIR; 0 leaves it to the function that asks. */
typedef enum dfh_release {
	DFH_RELEASE_ANY = 0,
	DFH_R4 = 4,
	DFH_R5 = 5
} dfh_release;

/* "R4"; NULL: no release that is known here. */
const char *dfh_release_name(dfh_release release);

/* The release that is called so, in any case; DFH_RELEASE_ANY: none is. */
dfh_release dfh_release_named(const char *name);

/* The fhirVersion of a server, as "4.0.1"; behind the second dot are
 * corrections of one release.  NULL: no release that is known here. */
const char *dfh_release_version(dfh_release release);

/*
 * Load, check and compile a rule file; NULL is the installed rules.yaml.
 * On failure the error text lists every fault as FILE:LINE:COLUMN: error: ...
 */
dfh_rules *dfh_rules_load(const char *path, dfh_error **error);

/* Rules that are in memory. */
typedef struct dfh_rules_text {
	size_t size;
	const char *name; /* for messages */
	const char *text; /* YAML */
	size_t length;
	/* Give *text and *length of what the rules include by that name, to
	 * stay until they are loaded; 0, or not 0 if there is none.  NULL:
	 * rules that include others are refused. */
	int (*include)(const char *name, const char **text, size_t *length,
		       void *context);
	void *context;
} dfh_rules_text;

dfh_rules *dfh_rules_load_text(const dfh_rules_text *text, dfh_error **error);

/* Run the examples of every rule, both ways, in R4 and R5. */
int dfh_rules_run_examples(const dfh_rules *rules, dfh_error **error);

/*
 * The mapping for people and programs, by FHIR path and by tag; free() it.
 * format is "text", which NULL stands for, "tsv", "json" or "html": a page for
 * browsers, which is read from the file that $DCMFHIR_PAGE names or that is
 * installed, and into which "json" is put; DFH_IO if it cannot be read.
 */
char *dfh_rules_list(const dfh_rules *rules, const char *format,
		     dfh_error **error);

/* A number that differs, in all likelihood, where anything in the rule files
 * does, included ones too. */
unsigned long long dfh_rules_digest(const dfh_rules *rules);

/* The files that the rules were read from, those that are included, too; index
 * is from 0, and NULL is behind the last. */
const char *dfh_rules_file(const dfh_rules *rules, unsigned long index);

/* Whose entry it is that a resource has in a transaction. */
typedef enum dfh_entry_of {
	DFH_ENTRY_OTHER = 0,
	DFH_ENTRY_PATIENT = 1,
	DFH_ENTRY_STUDY = 2
} dfh_entry_of;

/* A kind of resource that has entries of its own; several can be of one type.
 */
typedef struct dfh_entry {
	size_t size;
	const char *type; /* FHIR's, such as "Patient" */
	dfh_entry_of of;
	int updates; /* what a server has is replaced; else left alone */
	/* Of several that a server has none is chosen: the study names it by
	 * its identifier alone. */
	int is_left;
	int is_conditional; /* only some datasets have it */
	const char *key;    /* the system of keys of our own, or NULL */
} dfh_entry;

/* Each of them; the texts live as long as the rules. */
void dfh_rules_visit_entries(const dfh_rules *rules,
			     void (*visit)(const dfh_entry *entry,
					   void *context),
			     void *context);

/* How a FHIR server is asked for orders, with all that belongs to them: what is
 * behind its base, in which {since} stands for the time from which they were
 * changed.  NULL: the rules do not say. */
const char *dfh_rules_worklist_search(const dfh_rules *rules);

void dfh_rules_free(dfh_rules *rules);

/* ---- reports --------------------------------------------------------- */

/*
 * What was not carried, or carried beside the FHIR element that has no room
 * for it: by rule, tag and file.  It holds no patient data unless asked to.
 */
typedef struct dfh_report dfh_report;

dfh_report *dfh_report_new(void);
void dfh_report_free(dfh_report *report);

/* Let the report name values, patient data included; before the first use. */
void dfh_report_show_values(dfh_report *report, int show);

/* Let the report name the attributes of DICOM files that no rule reads, which
 * is not a loss; before the first use. */
void dfh_report_want_unmapped(dfh_report *report, int want);

/* How many times something was lost; what travels beside is not lost. */
size_t dfh_report_losses(const dfh_report *report);

/* An OperationOutcome as JSON text; free() it. */
char *dfh_report_json(const dfh_report *report);

/* Say of an input what the caller alone knows: that it was refused, or, if
 * refused is 0, that something of it may lack.  Both are losses.  text holds no
 * patient data.  report may be NULL. */
void dfh_report_add_input(dfh_report *report, int refused, const char *name,
			  const char *text);

/* One entry of a report; NULL: there is none. */
typedef struct dfh_issue {
	size_t size;
	/* "invalid in the source", "lost", "carried beside", "disagreement",
	 * "supplied", "not mapped", "refused", "passed over", "kept", "left
	 * aside", "bookkeeping", or "input": of a Bundle as a whole */
	const char *kind;
	int is_loss; /* of these, invalid, lost, disagreement, refused, input */
	const char *rule;	/* its id */
	const char *expression; /* FHIRPath */
	const char *attribute;	/* keyword, or tag */
	const char *text;
	const char *file;	     /* the first in the order of names */
	size_t count;		     /* how many times */
	const char *severity, *code; /* of OperationOutcome.issue */
	/* Of losses and of what was passed over: all files, in the order of
	 * names; else 0. */
	const char *const *files;
	size_t file_count;
} dfh_issue;

/* Call visit for each entry, in the order of the OperationOutcome; it returns 0
 * to go on. */
void dfh_report_visit(const dfh_report *report,
		      int (*visit)(const dfh_issue *issue, void *context),
		      void *context);

/* ---- DICOM files that are not on the disk ----------------------------- */

/*
 * Where a DICOM file comes from: all of it in memory, or read piece by piece.
 * It is read from one thread at a time, and not after the call that it was
 * given to.
 */
typedef struct dfh_source {
	size_t size;
	const char *name;  /* for messages and reports; may be NULL */
	const void *bytes; /* all of it; NULL: it is read by read_at */
	/* Copy length bytes, from the offset on, to `to`; the whole of it is
	 * in dfh_source.length.  Returns 0, or a number of errno. */
	int (*read_at)(unsigned long long offset, void *to, size_t length,
		       void *context);
	void *context;
	unsigned long long length;
	/* The UID of the transfer syntax of a dataset that comes without a File
	 * Meta Information, as C-STORE sends it; NULL: it is a file. */
	const char *transfer_syntax;
	/* Not 0: the pixel data and all behind it are not there, or not to be
	 * looked at; it may end anywhere in them.  What is made of it then ends
	 * where they begin, and dfh_find_pixels tells where that was.  A
	 * digital signature behind the pixels goes unseen. */
	int without_pixels;
} dfh_source;

/* Where a DICOM file goes: write is called with its bytes, one part after the
 * other; it returns 0, or a number of errno, which ends the work. */
typedef struct dfh_sink {
	size_t size;
	int (*write)(const void *bytes, size_t length, void *context);
	void *context;
} dfh_sink;

/* Where in a source its pixel data begin (the first element of a group from
 * 7FE0 on), or its length if it has none. */
int dfh_find_pixels(const dfh_source *source, unsigned long long *offset,
		    dfh_error **error);

/*
 * The dataset of a DICOM file as an object of DICOM JSON (PS3.18 F), to be
 * freed: all of it but group 0002, group lengths and the pixels, in UTF-8.
 * IS, DS and integers of 64 bits are strings, so that their digits stay.
 * DFH_REFUSED: it is no DICOM, or a text is none in its character set.
 */
char *dfh_dicom_json(const dfh_source *source, dfh_error **error);

/* ---- DICOM -> FHIR --------------------------------------------------- */

typedef struct dfh_export dfh_export;

/* Who parses the header: what comes out is the same. */
typedef enum dfh_reader {
	DFH_READER_AUTO = 0, /* DCMTK where the fast way does not understand */
	DFH_READER_DCMTK = 1 /* DCMTK always, to compare */
} dfh_reader;

typedef struct dfh_export_options {
	size_t size;
	/* DFH_RELEASE_ANY: R5, or R4 where the rules are for R4 alone. */
	dfh_release release;
	/* +HHMM, -HHMM or an IANA name for datasets without an offset of
	 * their own; NULL: none is supplied. */
	const char *timezone;
	/* Receives what was not carried; may be NULL. */
	dfh_report *report;
	/* Not 0: no extension of dcmfhir's own; what then has no room in FHIR
	 * is lost, and the report says so. */
	int plain;
	dfh_reader reader;
	/* How many threads may make the Bundles, which do not depend on it;
	 * 0 is 1. */
	int jobs;
	/* Bytes of memory that one input, a file or a record, may take while it
	 * is read; one that would take more is DFH_TOO_LARGE.  0: 64 MiB, or 64
	 * times the input where that is more, as no real one takes. */
	unsigned long long limit;
} dfh_export_options;

/* options NULL: the defaults.  The rules and the report must outlive the
 * export. */
dfh_export *dfh_export_new(const dfh_rules *rules,
			   const dfh_export_options *options,
			   dfh_error **error);

/* Add one DICOM file.  DFH_REFUSED: it is not DICOM, or is damaged.  All
 * functions that read or add may be called from several threads at once. */
int dfh_export_add_file(dfh_export *ex, const char *path, dfh_error **error);

/* Add one DICOM file that is in memory; name is for messages only. */
int dfh_export_add_bytes(dfh_export *ex, const char *name, const void *bytes,
			 size_t length, dfh_error **error);

/*
 * What the rules read of one instance.  It is read, looked at, and then added
 * or sent elsewhere: to add a file is to read it and to add its record.
 */
typedef struct dfh_record dfh_record;

dfh_record *dfh_export_read_file(dfh_export *ex, const char *path,
				 dfh_error **error);
/* Of a file that a walk found: NULL without an error is not DICOM, or is a
 * DICOMDIR (see dfh_looks_like_dicom, which opens the file by itself). */
dfh_record *dfh_export_read_found(dfh_export *ex, const char *path,
				  dfh_error **error);
dfh_record *dfh_export_read_bytes(dfh_export *ex, const char *name,
				  const void *bytes, size_t length,
				  dfh_error **error);

dfh_record *dfh_export_read_source(dfh_export *ex, const dfh_source *source,
				   dfh_error **error);

/*
 * An input that holds any number of instances: one if it is a DICOM file, and
 * as many as there are in DICOM JSON (PS3.18 F): an array, an object, or
 * several of either one after the other.  Which of them it is, its content
 * tells.  JSON is taken as a whole or not at all where it is no JSON, or ends
 * early; else an instance that cannot be read is refused alone.
 */
typedef struct dfh_input {
	size_t size;
	const char *path;	  /* of a file; NULL: it is the source */
	const dfh_source *source; /* NULL: it is the path */
	/* Not 0: a walk found the file; what is neither DICOM nor DICOM JSON is
	 * passed over. */
	int found;
	/* Not 0: where one of its instances is refused, all of them are. */
	int whole;
	/* Is given each record, to keep, once the input is known to be whole;
	 * returns 0 to go on.  Their files are called "FILE", and "FILE[0]",
	 * "FILE[1]" and so on in JSON. */
	int (*take)(dfh_record *record, void *context);
	/* The value of an attribute that DICOM JSON has elsewhere (BulkDataURI)
	 * and that a rule reads: *bytes as they are stored, to be freed.
	 * Returns 0; else it is told as lost, as it is where fetch is NULL. */
	int (*fetch)(const char *uri, void **bytes, size_t *length,
		     void *context);
	void *context;
	/* The address of the DICOMweb service that has the instances, for an
	 * Endpoint of it: what the rules call their origin.  NULL: none is
	 * made. */
	const char *origin;
	/* The Study Instance UID that was asked for: an instance in JSON that
	 * has another, or none, is refused, and so is what is no JSON.  NULL:
	 * any is taken. */
	const char *study;
} dfh_input;

/* 0: all was taken; 1: it was passed over; -1: it was refused, or some of its
 * instances were, each with an error (dfh_error_next()). */
int dfh_export_read_each(dfh_export *ex, const dfh_input *input,
			 dfh_error **error);

/* Add DICOM JSON that is in memory, instance by instance.  -1: as above; the
 * instances without an error are added. */
int dfh_export_add_dicom_json(dfh_export *ex, const char *name,
			      const char *json, size_t length,
			      dfh_error **error);

/* A record from the line that dfh_record_json made of it.  DFH_REFUSED: it is
 * none, or was read by other rules.  name is for messages only. */
dfh_record *dfh_export_read_json(dfh_export *ex, const char *name,
				 const char *json, size_t length,
				 dfh_error **error);

/* Takes the record over. */
void dfh_export_add_record(dfh_export *ex, dfh_record *record);

/* The patient and the study of an instance, as one word: equal for the
 * instances of a Bundle of dfh_export_next(), and in its order (strcmp). */
const char *dfh_record_study(dfh_record *record);

/* The file that it was read from. */
const char *dfh_record_file(const dfh_record *record);

/* A number that differs, in all likelihood, where two records differ in
 * anything but the file. */
unsigned long long dfh_record_digest(const dfh_record *record);

/*
 * The record as a line of JSON without its newline; free() it.  It begins with
 * the keys of patient, study, series and instance, so that lines sorted in the
 * C locale are in the order of Bundles.
 */
char *dfh_record_json(dfh_export *ex, dfh_record *record);

void dfh_record_free(dfh_record *record);

/*
 * The Bundles, as JSON text to be freed by the caller.  dfh_export_bundle is
 * one transaction for all; dfh_export_next gives one for each study in turn,
 * and then NULL.  Then the export is empty, and more can be added, for other
 * Bundles.  The same set of files gives the same bytes, in whatever order it
 * was added.
 */
char *dfh_export_bundle(dfh_export *ex, dfh_error **error);
char *dfh_export_next(dfh_export *ex, dfh_error **error);

/* What dfh_export_bundle gives, but in parts, so that only a study for each
 * thread is held in memory.  write returns 0 to go on. */
int dfh_export_write(dfh_export *ex,
		     int (*write)(const void *bytes, size_t length,
				  void *context),
		     void *context, dfh_error **error);

/* How many instances are in Bundles by now; from any thread. */
size_t dfh_export_converted(const dfh_export *ex);

void dfh_export_free(dfh_export *ex);

/* ---- FHIR -> DICOM --------------------------------------------------- */

typedef struct dfh_import dfh_import;

typedef struct dfh_import_options {
	size_t size;
	/* DFH_RELEASE_ANY: recognised by what all that is added has in it. */
	dfh_release release;
	dfh_report *report; /* may be NULL */
	/* As in dfh_export_options: of one text of JSON, or one file that is
	 * stamped. */
	unsigned long long limit;
	/* The zone of datasets that are stamped and give no offset: +HHMM or an
	 * IANA name; NULL: that of the rules. */
	const char *timezone;
	/* A DT with an offset: names, addresses and numbers whose period ended
	 * before that day are not current any more.  NULL: today (UTC). */
	const char *time;
} dfh_import_options;

/* options NULL: the defaults.  The rules and the report must outlive the
 * import. */
dfh_import *dfh_import_new(const dfh_rules *rules,
			   const dfh_import_options *options,
			   dfh_error **error);

/* Add a Bundle of any type, a single resource, or NDJSON of either, also
 * compressed by gzip: without that it may have `limit` bytes. */
int dfh_import_add_json(dfh_import *im, const char *name, const char *json,
			size_t length, dfh_error **error);

/*
 * Rebuild the headers of every instance: FOLDER/<SOPInstanceUID>.dcm.  With
 * folder NULL nothing is written.  done is called with each path; may be NULL.
 */
int dfh_import_rebuild(dfh_import *im, const char *folder,
		       void (*done)(const char *path, void *context),
		       void *context, dfh_error **error);

/* The same into memory: made is called with the name that the file would have,
 * without folder and ".dcm", and with its bytes; it returns 0 to go on. */
int dfh_import_rebuild_each(dfh_import *im,
			    int (*made)(const char *name, const void *bytes,
					size_t length, void *context),
			    void *context, dfh_error **error);

typedef struct dfh_worklist_options {
	size_t size;	    /* sizeof(dfh_worklist_options) */
	const char *folder; /* of the worklist server; made where it is not */
	const char *aet;    /* the station of steps that name none; or NULL */
	int is_dry;	    /* nothing is written */
	/* Called with each file that is written (written: 1) or removed (0);
	 * NULL: nobody is told. */
	void (*done)(const char *path, int written, void *context);
	void *context;
} dfh_worklist_options;

/*
 * Make the orders of the import the entries of a worklist server, as *.wl files
 * of a folder: what is due is written, what is over is removed, and all else
 * stays.  -1 where orders lack what an entry needs (DFH_REFUSED for each of
 * them; the others are done), or where the folder cannot be used.
 */
int dfh_import_worklist(dfh_import *im, const dfh_worklist_options *options,
			dfh_error **error);

/* What becomes of an attribute of which FHIR and the dataset say different
 * things.  UIDs never change. */
typedef enum dfh_policy {
	/* As the rules say who is believed: of the image's own values only what
	 * is empty is filled, and others are replaced. */
	DFH_BELIEVE = 0,
	DFH_MERGE = 1,	    /* FHIR's value replaces; nothing is blanked */
	DFH_SUPPLEMENT = 2, /* only what is empty is filled */
	DFH_OVERWRITE = 3   /* and what FHIR left out is blanked */
} dfh_policy;

/* One attribute that stamping changes, item by item; patient data. */
typedef struct dfh_difference {
	size_t size;
	const char *path;    /* "(0040,0275)[0].(0008,0050)" */
	const char *keyword; /* of the attribute; its tag if it has none */
	const char *vr;
	const char *was, *is; /* NULL: absent; "": empty */
} dfh_difference;

/*
 * The folders that a run writes to.  Each is looked through once, for what
 * killed runs left, and for copies flushed once, by dfh_folders_flush; without,
 * both are done with each file.  In place a folder is always flushed with the
 * file.  Several threads may share it.
 */
typedef struct dfh_folders dfh_folders;

dfh_folders *dfh_folders_new(void);

/* Flush them all: after it, the names of the copies are safe on the disk.  -1
 * and DFH_IO: one cannot be flushed. */
int dfh_folders_flush(dfh_folders *folders, dfh_error **error);

void dfh_folders_free(dfh_folders *folders);

/* How a changed file takes its place.  In place, its
 * owner, mode, ACLs and extended attributes stay, or it is DFH_IO. */
typedef struct dfh_writing {
	size_t size;
	/* In place: the original stays beside, under its name with this at the
	 * end; NULL: it does not.  Borrowed. */
	const char *suffix;
	/* Not 0: in place also where the file has other names (hard links),
	 * which keep the old header; and where it is read-only. */
	int break_links, ignore_read_only;
	int keep_times; /* not 0: the times of the file stay too */
	/* Not 0: read back what is written before it takes its place. */
	int verify;
	int digests; /* not 0: fill in those of dfh_stamped */
	/* Shared by the files of a run; NULL: each file is for itself. */
	dfh_folders *folders;
	/* Where out is, as realpath(3) gave it when it was chosen: an absolute
	 * path, without symbolic links.  If one is on the way by then, put
	 * there by whoever can write to a folder, it is DFH_IO; one in the
	 * place of a copy is replaced.  Folders that lack are made.  NULL: out
	 * is found as it is named. */
	const char *real;
	/* Called when the new file is complete and on the disk, before it takes
	 * its place, with the SHA-256 of before and after, in hexadecimal: what
	 * is told here is told before anything is changed.  Not 0: it does not
	 * take its place, and DFH_IO.  In any thread; may be NULL. */
	int (*commits)(const char *before, const char *after, void *context);
	void *commits_context;
} dfh_writing;

/* How a dataset is stamped. */
typedef struct dfh_stamp_options {
	size_t size;
	/* Why the match that is found to be wrong is still right, or why the
	 * header is changed; NULL: not said.  Borrowed. */
	const char *reason;
	/* Not 0: a contradiction between Bundle and dataset does not refuse
	 * it, nor does a digital signature of what changes, which is removed.
	 * Wants a reason. */
	int force;
	/* The key, of those under `match` in the rules, to match by, and by no
	 * other; NULL: the surest that FHIR gives. */
	const char *match;
	/* For rules that have none of their own. */
	dfh_policy policy;
	/* Called for each difference in the order of tags; may be NULL. */
	void (*differs)(const dfh_difference *difference, void *context);
	void *context; /* of differs */
	/* The file keeps what was there before in Original Attributes Sequence
	 * (PS3.3 C.12.1.1.9), unless this is not 0. */
	int no_originals;
	const char *system; /* Modifying System, ASCII; NULL: "dcmfhir" */
	const char *source; /* of the previous values, ASCII, or NULL */
	const char *time;   /* a DT with an offset; NULL: now */
	int equipment;	    /* not 0: also an item of contributing equipment */
	const dfh_writing *writing; /* NULL: the defaults */
	/* Called for each attribute that is changed, by its keywords
	 * ("RequestAttributesSequence.AccessionNumber"), and each rule that
	 * writes it.  What travelled beside has that of its sequence, or of the
	 * attribute of the top level; rule is NULL if none writes that.  May be
	 * NULL. */
	void (*applied)(const char *rule, const char *attribute, void *context);
	void *applied_context;
	/* Reason for the Attribute Modification, "COERCE" or "CORRECT"; NULL:
	 * CORRECT where there is a reason, else COERCE. */
	const char *reason_code;
	/* Not 0: the character set of the file stays; attributes whose new text
	 * does not fit it stay too, and are reported as lost. */
	int no_widen;
	/* What alone does not refuse it, as `force` would all: names, with
	 * commas between: "birth-date", "patient-id" (any attribute of the
	 * patient that the rules match by, by its rule), "issuer", "withdrawn"
	 * (entered in error, deleted), "modifier" (a modifier extension),
	 * "de-identified", "signature".  Wants a reason; each that was in the
	 * way is reported, and in `allowed`.  NULL: nothing. */
	const char *allow;
} dfh_stamp_options;

/* The size of a text of all the names in `allow`. */
enum { DFH_ALLOWED_MAX = 128 };

/* So many searches a dataset is worth. */
enum { DFH_SEARCHES_MAX = 16 };

/*
 * How a FHIR server is asked whose a dataset is: the searches that the rules
 * give for the numbers that it can be matched by, each once, the surest first
 * ("Patient?identifier=4711", to be put behind a base).  They hold patient
 * data. All that is answered, added to one import, is what a stamp decides by:
 * a search asks for the number alone, whoever issued it.  visit returns 0 to go
 * on.  -1: the dataset cannot be read.
 */
int dfh_rules_visit_searches(const dfh_rules *rules, const dfh_source *source,
			     int (*visit)(const char *search, void *context),
			     void *context, dfh_error **error);

/* What stamping did, or would do. */
typedef struct dfh_stamped {
	size_t size;
	size_t changed; /* attributes of the top level that differ */
	/* The key it was matched by, "study", or NULL if there is none;
	 * belongs to the rules. */
	const char *match;
	int forced; /* only `force` or `allow` let it through */
	/* SHA-256 of the whole file before and after, in hexadecimal; "" if
	 * they were not asked for, or could not be had. */
	char digest_before[65], digest_after[65];
	int widened; /* all text is in ISO_IR 192, for new text wants it */
	int signatures_removed; /* only `force` or `allow` lets that happen */
	size_t unfit;		/* attributes that no_widen left as they were */
	/* In spite of what it was stamped, of the names in `allow`, or "". */
	char allowed[DFH_ALLOWED_MAX];
	/* The UID of the dataset's study, also where it is refused; "": it has
	 * none, or was not read. */
	char study[65];
} dfh_stamped;

/*
 * Look at a dataset that is going to be stamped with these options.  Where FHIR
 * names a number without its issuer, or by another name than the files do, one
 * file alone does not show that others of the same number are another issuer's:
 * then none of them is stamped (DFH_AMBIGUOUS).  Without a look at all of them
 * before, only those are refused that come after the first.  Nothing is written
 * or reported; -1 if it cannot be read, which dfh_import_stamp() would tell,
 * too. Several threads may do it at once.
 */
int dfh_import_survey(dfh_import *im, const char *path,
		      const dfh_stamp_options *options, dfh_error **error);
int dfh_import_survey_source(dfh_import *im, const dfh_source *source,
			     const dfh_stamp_options *options,
			     dfh_error **error);

/*
 * Stamp one dataset: read path, write the changed copy to out (written
 * beside and renamed; out may be path itself).  With out NULL nothing is
 * written.  options NULL: the defaults; stamped may be NULL.  Several threads
 * may do it at once on one import when all is added; a file that another of
 * them, or another process, is changing in place is DFH_REFUSED.
 */
int dfh_import_stamp(dfh_import *im, const char *path, const char *out,
		     const dfh_stamp_options *options, dfh_stamped *stamped,
		     dfh_error **error);

/*
 * The same from a source to a sink; with sink NULL nothing is written, and
 * options->writing is not looked at.  On failure the sink may have been given a
 * part, which is to be thrown away.
 */
int dfh_import_stamp_source(dfh_import *im, const dfh_source *source,
			    const dfh_sink *sink,
			    const dfh_stamp_options *options,
			    dfh_stamped *stamped, dfh_error **error);

/*
 * What was stamped, as a Provenance in the release of what was added; free()
 * it.  Its targets are the studies, or the patients, whose files were changed;
 * its entities are the names that were added.  reason may be NULL.  NULL
 * without an error: nothing was changed.
 */
char *dfh_import_provenance(dfh_import *im, const char *reason,
			    dfh_error **error);

void dfh_import_free(dfh_import *im);

/* ---- what stamps have changed ---------------------------------------- */

typedef struct dfh_undo_options {
	size_t size;
	const char *system; /* whose changes; NULL: "dcmfhir" */
	/* Only those of this time (a DT, or a FHIR dateTime) and later; NULL:
	 * all. */
	const char *since;
	const dfh_writing *writing; /* NULL: the defaults */
	/* As in dfh_stamp_options: called for each attribute of the top level
	 * that is put back, without a rule.  May be NULL. */
	void (*applied)(const char *rule, const char *attribute, void *context);
	void *applied_context;
	unsigned long long limit; /* as in dfh_export_options */
	/* Called for each difference in the order of tags, but of what tells of
	 * the stamps; may be NULL. */
	void (*differs)(const dfh_difference *difference, void *context);
	void *context; /* of differs */
} dfh_undo_options;

/*
 * Put back what stamps of that system changed, by what the file itself keeps:
 * read path, write the dataset of before to out (as dfh_import_stamp does; NULL
 * writes nothing).  *undone tells how many stamps; may be NULL.  DFH_REFUSED:
 * another system has changed one of these attributes since.
 */
int dfh_undo(const char *path, const char *out, const dfh_undo_options *options,
	     size_t *undone, dfh_error **error);

/* The same from a source to a sink, as in dfh_import_stamp_source. */
int dfh_undo_source(const dfh_source *source, const dfh_sink *sink,
		    const dfh_undo_options *options, size_t *undone,
		    dfh_error **error);

/* One item of Original Attributes Sequence.  "": not told, or not ASCII. */
typedef struct dfh_change {
	size_t size;
	const char *time;   /* DT */
	const char *system; /* Modifying System */
	const char *source; /* of the previous values */
	const char *reason; /* COERCE or CORRECT */
	const char
		*comment; /* of a stamp of dcmfhir: the reason it was given */
	/* Keywords of the changed attributes, or (gggg,eeee), in order. */
	const char *const *attributes;
	/* Their values of before, as text; "" if empty, NULL if absent or no
	 * text.  Patient data. */
	const char *const *previous;
	size_t attribute_count;
} dfh_change;

/* Call visit for each change that the file tells of, the oldest first; it
 * returns 0 to go on.  What it is given lives until it returns. */
int dfh_history(const char *path,
		int (*visit)(const dfh_change *change, void *context),
		void *context, dfh_error **error);

int dfh_history_source(const dfh_source *source,
		       int (*visit)(const dfh_change *change, void *context),
		       void *context, dfh_error **error);

/* ---- files ----------------------------------------------------------- */

/*
 * Call visit for each regular file at or below path, in the order of names.
 * A DICOMDIR given by name stands for the files that it refers to.  visit
 * returns 0 to go on.  found_by_walk tells that a folder was searched, so
 * that what is not DICOM may be passed over.
 */
int dfh_walk(const char *path,
	     int (*visit)(const char *path, int found_by_walk, void *context),
	     void *context, dfh_error **error);

/* Whether the file begins like DICOM (with or without a preamble) and is not
 * a DICOMDIR: 1, 0, or -1 if it cannot be read. */
int dfh_looks_like_dicom(const char *path, dfh_error **error);

/* Whether the file begins like DICOM JSON, with a dataset: 1, 0, or -1 if it
 * cannot be read. */
int dfh_looks_like_dicom_json(const char *path, dfh_error **error);

const char *dfh_version(void);

#ifdef __cplusplus
}
#endif
#endif
