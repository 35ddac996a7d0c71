/* How the values of the daemon's file are read: each key of a map by the form
 * that a table gives it, and every fault where it stands. */
#ifndef CONFIGURATION_VALUES_H
#define CONFIGURATION_VALUES_H

#include <stdbool.h>
#include <stddef.h>

#include "yaml.h"

enum form {
	FORM_TEXT,    /* const char * */
	FORM_PATH,    /* const char *: a file or a folder */
	FORM_ADDRESS, /* const char *: a number of IPv4 or IPv6 */
	FORM_BASE,    /* const char *: http:// or https:// */
	/* const char *: PS3.5 6.2, 1 to 16 characters without backslash */
	FORM_AE_TITLE,
	FORM_NUMBER,  /* long, from `least` to `most` */
	FORM_SIZE,    /* unsigned long long: bytes, as 512M */
	FORM_RELEASE, /* dfh_release */
	FORM_WORD     /* int: which one of `words` */
};

struct setting {
	const char *key; /* NULL: the end of the table */
	enum form form;
	size_t at; /* where its value is in the struct that is filled */
	long least, most;
	const char *const *words; /* NULL behind the last */
	bool is_needed;
};

/* A file that is being read. */
struct configuration_reading {
	struct arena *arena;
	struct diag *diag;
};

void reading_fault(struct configuration_reading *reading,
		   const struct yaml_node *node, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* One key and its value, into a struct. */
void read_setting(struct configuration_reading *reading,
		  const struct setting *settings, const struct yaml_pair *pair,
		  void *to);

/* All keys of a map. */
void read_settings(struct configuration_reading *reading,
		   const struct setting *settings, const struct yaml_node *map,
		   void *to);

/* Is each key there that must be? */
void check_needed(struct configuration_reading *reading,
		  const struct setting *settings, const struct yaml_node *map);

#endif
