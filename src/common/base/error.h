/* The one error object: the first error wins, later ones are dropped. */
#ifndef ERROR_H
#define ERROR_H

#include "dcmfhir.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Set *error unless it is NULL or already set.  Always returns -1. */
int error_set(dfh_error **error, enum dfh_code code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Hand an error on, or free it where *to is not NULL or nobody wants it. */
void error_pass(dfh_error *from, dfh_error **to);

#ifdef __cplusplus
}
#endif
#endif
