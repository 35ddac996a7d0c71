/* fhir2dcm --history: what a file tells of its changes. */
#ifndef HISTORY_H
#define HISTORY_H

/* To standard output; the exit status. */
int history_tell(const char *path);

#endif
