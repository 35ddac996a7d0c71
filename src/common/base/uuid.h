/* Name-based UUIDs (RFC 4122, version 5): the same identity, the same id. */
#ifndef UUID_H
#define UUID_H

enum { UUID_TEXT = 37 };

void uuid_from_name(const char *name, char out[UUID_TEXT]);

#endif
