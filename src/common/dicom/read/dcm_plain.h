/*
 * Reading without DCMTK, in the three uncompressed encodings.  It takes what
 * the walk over lengths and it itself understand in full, and leaves all else
 * to DCMTK: the result is the same, as tests/fuzz shows.
 */
#ifndef DCM_PLAIN_H
#define DCM_PLAIN_H

#include "dcm_file.h"
#include "dcm_text.h"

/* Is the file of the kind that can be read so?  It may still turn out that it
 * cannot. */
bool dcm_plain_may(const struct dcm_file *file);

/*
 * Read the wanted attributes of a scanned file into out, and list, if that is
 * asked for, what is not wanted in the items of wanted sequences.  *term: the Specific
 * Character Set of the dataset, to be freed, or NULL.  false: ask DCMTK; what
 * is in out is then not to be used.
 */
bool dcm_plain_take(struct dcm_file *file, const struct dcm_wants *wants,
		    bool lists_unread, struct dataset *out, char **term);

/* Put a value, as it is stored in little endian, into out: text is decoded. */
void dcm_value_take(struct dcm_charset *charset, const struct dcm_tag *tag,
		    const char *vr, const char *bytes, size_t length,
		    struct dcm_item *out);

/* The same of big endian; false: its length is not that of whole numbers. */
bool dcm_value_take_big(struct dcm_charset *charset, const struct dcm_tag *tag,
			const char *vr, const char *bytes, size_t length,
			struct dcm_item *out);

#endif
