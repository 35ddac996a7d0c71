#include "source.h"

#include <string.h>

#include "error.h"
#include "sized.h"

/* PS3.5 9.1 */
enum { UID_MAX = 64 };

static int check_syntax(const dfh_source *given, dfh_error **error)
{
	const char *uid = given->transfer_syntax;

	if (!uid || (strspn(uid, "0123456789.") == strlen(uid) && *uid &&
		     strlen(uid) <= UID_MAX))
		return 0;
	return error_set(error, DFH_USAGE,
			 "'%s' is no UID of a transfer syntax", uid);
}

int source_take(struct dcm_source *source, const dfh_source *given,
		dfh_error **error)
{
	dfh_source own;

	if (!given)
		return error_set(error, DFH_USAGE, "no dfh_source is given");
	if (sized_take(&own, sizeof own, given, "dfh_source", error) < 0 ||
	    check_syntax(&own, error) < 0)
		return -1;
	if (own.bytes && own.read_at)
		return error_set(error, DFH_USAGE,
				 "a dfh_source has bytes or read_at, not both");
	if (!own.read_at && source_of_bytes(source, own.name, own.bytes,
					    (size_t)own.length, error) < 0)
		return -1;
	if (own.read_at)
		*source = (struct dcm_source){.name = own.name,
					      .read_at = own.read_at,
					      .context = own.context,
					      .length = own.length};
	if (!source->name)
		source->name = "the source";
	source->transfer_syntax = own.transfer_syntax;
	source->without_pixels = own.without_pixels != 0;
	return 0;
}

int source_of_bytes(struct dcm_source *source, const char *name,
		    const void *bytes, size_t length, dfh_error **error)
{
	if (!bytes && length)
		return error_set(error, DFH_USAGE,
				 "%s: %zu bytes of it are to be read, but not "
				 "given",
				 name ? name : "the source", length);
	*source = (struct dcm_source){.name = name ? name : "the source",
				      .bytes = bytes ? bytes : "",
				      .length = length};
	return 0;
}

int sink_take(struct dcm_sink *sink, const dfh_sink *given, dfh_error **error)
{
	dfh_sink own;

	if (sized_take(&own, sizeof own, given, "dfh_sink", error) < 0)
		return -1;
	if (!own.write)
		return error_set(error, DFH_USAGE, "a dfh_sink has no write");
	*sink = (struct dcm_sink){own.write, own.context};
	return 0;
}

int path_given(const char *path, dfh_error **error)
{
	return path ? 0 : error_set(error, DFH_USAGE, "no file is named");
}

int text_given(const char *text, size_t length, dfh_error **error)
{
	return text || !length ? 0
			       : error_set(error, DFH_USAGE,
					   "there is no text to read");
}

int dfh_find_pixels(const dfh_source *given, unsigned long long *offset,
		    dfh_error **error)
{
	struct dcm_source source;
	uint64_t found = 0;
	int answer = -1;

	if (source_take(&source, given, error) == 0)
		answer = dcm_find_pixels(&source, &found, error);
	if (offset)
		*offset = found;
	return answer;
}
