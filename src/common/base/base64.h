/* Base 64 (RFC 4648), as FHIR's base64Binary has it. */
#ifndef BASE64_H
#define BASE64_H

#include <stddef.h>

/* free() the result. */
char *base64_encode(const void *bytes, size_t length);

/* free() the result; NULL: it is not base 64. */
void *base64_decode(const char *text, size_t *length);

#endif
