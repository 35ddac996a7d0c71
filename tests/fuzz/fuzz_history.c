/* What a file tells of its stamps. */
#include "fuzz.h"

static int read_change(const dfh_change *change, void *context)
{
	(void)context;
	fuzz_read(change->time);
	fuzz_read(change->system);
	fuzz_read(change->source);
	fuzz_read(change->reason);
	fuzz_read(change->comment);
	for (size_t i = 0; i < change->attribute_count; i++) {
		fuzz_read(change->attributes[i]);
		fuzz_read(change->previous[i]);
	}
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	const char *path = fuzz_save("stamped.dcm", bytes, length);
	dfh_error *error = NULL;

	dfh_history(path, read_change, NULL, &error);
	fuzz_read(dfh_error_text(error));
	dfh_error_free(error);
	fuzz_clean();
	return 0;
}
