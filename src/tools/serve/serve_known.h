/*
 * What was told of studies, so that it stays true: of which study a resource is
 * that was referred to, and since when a study is as it is.  A file each, in a
 * folder of the state; all of it can be removed, and then is told anew.
 */
#ifndef SERVE_KNOWN_H
#define SERVE_KNOWN_H

#include <stdbool.h>
#include <time.h>

enum { SERVE_UID = 65 }; /* of a UID, with its NUL */

/* Is it a UID as PS3.5 9.1 has it, which is safe as a part of an address or as
 * the name of a file? */
bool serve_is_uid(const char *text);

/* Is it a UUID as this server makes them its ids? */
bool serve_is_uuid(const char *text);

/* A resource comes with several studies, of which so many are known: each has
 * its place. */
enum { SERVE_PLACES = 4 };

/* The resource of that id, a UUID, comes with the study. */
void serve_know(int folder, const char *id, const char *study);

/* The study at a place; false: there is none. */
bool serve_known(int folder, const char *id, int place, char study[SERVE_UID]);

/* That study is not there any more. */
void serve_forget(int folder, const char *id, int place);

/* Since when the study was seen with that digest, which is 16 characters. */
time_t serve_seen_since(int folder, const char *study, const char *release,
			const char *digest);

#endif
