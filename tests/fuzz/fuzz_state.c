/* The state file of --since.  Its last line, with the checksum, is put to the
 * input, which would hardly guess it; what is loaded is saved and loaded. */
#include "state.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "hash.h"

static const char made_by[] = "rules 1, R4";

static void save_and_load(const struct state *state)
{
	const char *path = fuzz_path("again");
	struct state again;

	for (size_t i = 0; i < state->count; i++)
		if (!state_find(state, state->files[i].path))
			fuzz_fail("a path is not found");
	if (state_save(state, state->files, state->count, path, made_by) != 0 ||
	    state_load(&again, path, made_by) != STATE_LOADED)
		fuzz_fail("what was saved is not loaded");
	if (again.count != state->count)
		fuzz_fail("%zu files have become %zu", state->count,
			  again.count);
	state_free(&again);
}

static void load(const char *text, size_t length)
{
	struct state state;

	if (state_load(&state, fuzz_save("state", text, length), made_by) !=
	    STATE_LOADED)
		return;
	save_and_load(&state);
	state_free(&state);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	char *text = malloc(length + 64), *end = text + length;

	if (!text)
		fuzz_fail("out of memory");
	memcpy(text, bytes, length);
	load(text, length);
	end += sprintf(end, "end %016" PRIx64 "\n",
		       hash_bytes(HASH_START, text, length));
	load(text, (size_t)(end - text));
	free(text);
	fuzz_clean();
	return 0;
}
