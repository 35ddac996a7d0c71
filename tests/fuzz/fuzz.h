/*
 * What the coverage-guided targets share.  A target is fuzz_NAME.c with
 * LLVMFuzzerTestOneInput(); its inputs are in seeds/NAME.  `make fuzz-NAME`
 * links it with libFuzzer and looks for more; `make check` runs it over those
 * that are there.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>

#include "dcmfhir.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/* The rules of the repository, loaded once. */
const dfh_rules *fuzz_rules(void);

/* A path in a folder of this process alone, which goes when the process ends.
 * The text lives until the next call but three. */
const char *fuzz_path(const char *name);

/* Write a file of that name there, or read one: free() the bytes, which NUL
 * follows; NULL if it is not there. */
const char *fuzz_save(const char *name, const void *bytes, size_t length);
char *fuzz_load(const char *path, size_t *length);

/* Remove all files of that folder. */
void fuzz_clean(void);

/* What an error or a callback gives is read to its end, for the sanitizers. */
void fuzz_read(const char *text);

/* Ends the process: the input shows a fault. */
_Noreturn void fuzz_fail(const char *format, ...)
	__attribute__((format(printf, 1, 2)));

#endif
