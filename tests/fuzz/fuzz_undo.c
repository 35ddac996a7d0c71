/* Undo of what a file says that stamps have changed.  What was undone once has
 * nothing left to undo. */
#include "fuzz.h"

static int undo(const char *path, const char *out, const char *since,
		size_t *undone)
{
	static const dfh_writing writing = {.size = sizeof writing,
					    .verify = 1};
	const dfh_undo_options options = {
		.size = sizeof options, .since = since, .writing = &writing};
	dfh_error *error = NULL;
	int answer = dfh_undo(path, out, &options, undone, &error);

	fuzz_read(dfh_error_text(error));
	dfh_error_free(error);
	return answer;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	const char *path = fuzz_save("stamped.dcm", bytes, length);
	const char *out = fuzz_path("undone.dcm");
	const char *since = length % 4 ? NULL : "2024-02-29T13:45:01+01:00";
	size_t undone = 0, again = 0;

	if (undo(path, out, since, &undone) == 0 && undone &&
	    undo(out, NULL, since, &again) == 0 && again)
		fuzz_fail("%zu stamps are undone, and %zu are left", undone,
			  again);
	fuzz_clean();
	return 0;
}
