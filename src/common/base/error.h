/* The one error object: the first error wins, later ones are dropped, but where
 * work goes on after them. */
#ifndef ERROR_H
#define ERROR_H

#include "dcmfhir.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Set *error unless it is NULL or already set.  Always returns -1.  A format
 * that begins with "%s:" names what it is about, a file mostly, and one that
 * begins with "%s:%d:" or "%s:%d:%d:" the place in it.
 */
int error_set(dfh_error **error, enum dfh_code code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The same for a reason, whose class is that of the error. */
int error_because(dfh_error **error, enum dfh_reason reason, const char *format,
		  ...) __attribute__((format(printf, 3, 4)));

/* Where the fault is that *error tells of, if it was not told. */
void error_place(dfh_error *error, const char *file, int line, int column);

/* Errors of work that goes on: all of them are told.  Zero it first. */
struct errors {
	dfh_error *first, *last;
};

/* error is taken over; NULL is none. */
void errors_add(struct errors *errors, dfh_error *error);

/* Hand them on as one error and those after it; -1 if there are any. */
int errors_end(struct errors *errors, dfh_error **to);

/* Hand an error on, or free it where *to is not NULL or nobody wants it. */
void error_pass(dfh_error *from, dfh_error **to);

#ifdef __cplusplus
}
#endif
#endif
