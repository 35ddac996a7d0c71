/*
 * What happened, on standard error: "NAME: EVENT KEY=VALUE ...", a line each.
 * A study is told by its UID, an instance by its SOP Instance UID, a peer by
 * its AE title; nothing else of a patient is.
 */
#ifndef CLI_JOURNAL_H
#define CLI_JOURNAL_H

/* format makes the keys and values; a value of several words is in quotes. */
void cli_journal(const char *event, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Words as they can stand in quotes, in place. */
void cli_journal_words(char *text);

#endif
