/*
 * The log of the daemon, on standard error: "dcmfhird: EVENT KEY=VALUE ...", a
 * line for each thing that happened.  A study is told by its UID, an instance
 * by its SOP Instance UID, a peer by its AE title; nothing else of a patient
 * is.  What delivers studies speaks in words, as in dcm2fhir.
 */
#ifndef JOURNAL_H
#define JOURNAL_H

/* format makes the keys and values. */
void journal(const char *event, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
