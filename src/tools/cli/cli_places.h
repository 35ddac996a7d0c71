/*
 * What a run reads and what it writes: nothing that is read is written over,
 * and nothing is written twice.  Names do not tell: links, "..", and mounts
 * lead to one file by several, so files are compared by what they are, and
 * those that are not there yet by their folder and name.
 */
#ifndef CLI_PLACES_H
#define CLI_PLACES_H

#include "cli.h"

struct cli_places;

struct cli_places *cli_places_new(void);
void cli_places_free(struct cli_places *places);

/* option names it in messages: "--report", "PATH".  It and path are borrowed,
 * and path may be NULL: there is nothing. */

/* "-" is standard input. */
void cli_places_read(struct cli_places *places, const char *option,
		     const char *path);

/* Files of which those that a walk found are read if they are DICOM JSON; they
 * are borrowed, and looked at only where a text would be written over one. */
void cli_places_found(struct cli_places *places, const struct cli_files *files);

/* A text that is written, which never takes the place of a DICOM file.  "-" is
 * standard output. */
void cli_places_write(struct cli_places *places, const char *option,
		      const char *path);

/* The files of the rules, included ones, too. */
void cli_places_read_rules(struct cli_places *places, const dfh_rules *rules);

/* Where the changed copy of `source` goes, if that is DICOM.  Two of these are
 * not compared. */
void cli_places_target(struct cli_places *places, const char *option,
		       const char *path, const char *source);

/* A folder in which files NAME.dcm are made whose names are not known yet. */
void cli_places_folder(struct cli_places *places, const char *option,
		       const char *path);

/* Standard output or error, into which text is written. */
void cli_places_stream(struct cli_places *places, int number);

/* DFH_OK, or DFH_USAGE: two are one, which is said. */
int cli_places_check(struct cli_places *places);

/* DFH_OK, or DFH_IO: a file that is written when all else is done could not be,
 * which is said before anything is.  path may be NULL or "-". */
int cli_can_write(const char *path);

#endif
