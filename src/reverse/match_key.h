/* What a dataset is found by: the values of the keys under `match` in the
 * rules, of a dataset or of what FHIR says. */
#ifndef MATCH_KEY_H
#define MATCH_KEY_H

#include "rules.h"

/* One value of a key, and who issued it. */
struct key_value {
	const char *text;
	const char **issuer; /* as the rules have them; NULL: not said */
	size_t issuer_count;
	size_t id; /* index of key->ids */
};

struct key_values {
	struct key_value *at; /* as they were read */
	size_t count;
	size_t *slots; /* a hash table by the text: 1 + index, 0 is free */
	size_t slot_count;
};

enum agreement {
	AGREES_NOT,
	AGREES_BUT_ISSUER, /* both name one, and they differ */
	AGREES_LESS,	   /* one of them names none, or one of another kind */
	AGREES,		   /* neither names an issuer */
	AGREES_ISSUED	   /* in the issuer, too */
};

/* All of a dataset, each once; blanks and the dots of old dates do not
 * count.  Added to *out; everything is in the arena. */
void key_read(const struct match_key *key, const struct dataset *dataset,
	      struct arena *arena, struct key_values *out);

/* The value of one attribute in the same form, or NULL. */
const char *key_text(const struct dcm_path *path, const struct dataset *dataset,
		     struct arena *arena);

/* What FHIR says and what the dataset says: the best of all pairs. */
enum agreement key_agreement(const struct key_values *fhir,
			     const struct key_values *dataset);

/* The same for one value of the dataset. */
enum agreement key_agreement_of(const struct key_values *fhir,
				const struct key_value *value);

#endif
