/*
 * A rule file as a tree.  That of the shipped rules was made when the library
 * was built, and is taken if the file is still what it was, byte for byte: a
 * file that someone has changed is parsed, as a site's is.
 */
#ifndef YAML_MADE_H
#define YAML_MADE_H

#include "yaml.h"

/* As yaml_load, whose nodes it gives, but that their size and height, which
 * count when a file is parsed, are 0. */
const struct yaml_node *yaml_read(const char *file, struct arena *arena,
				  struct diag *diag);

/* Is this what the file said? */
bool yaml_is_made(const char *text, size_t length);

#endif
