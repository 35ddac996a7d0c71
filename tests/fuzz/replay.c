/* The main() of a target without libFuzzer: runs the files that are named, or
 * all that the repository has for it. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

static void run(const char *path)
{
	size_t length;
	char *bytes = fuzz_load(path, &length), *copy;

	if (!bytes)
		fuzz_fail("%s: cannot be opened", path);
	/* of the very size, as libFuzzer gives it */
	copy = malloc(length ? length : 1);
	if (!copy)
		fuzz_fail("out of memory");
	memcpy(copy, bytes, length);
	free(bytes);
	LLVMFuzzerTestOneInput((const uint8_t *)copy, length);
	free(copy);
}

static int is_no_dot(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* The name of the target is that of its program, which libtool may put lt-
 * before. */
static const char *name_of(const char *program)
{
	const char *name = strrchr(program, '/'), *at;

	name = name ? name + 1 : program;
	at = strstr(name, "fuzz_");
	return at ? at + 5 : name;
}

static int run_seeds(const char *name)
{
	const char *source = getenv("srcdir");
	char folder[512], path[1024];
	struct dirent **list;
	int count, i;

	snprintf(folder, sizeof(folder), "%.400s/tests/fuzz/seeds/%.60s",
		 source ? source : ".", name);
	count = scandir(folder, &list, is_no_dot, alphasort);
	for (i = 0; i < count; i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, list[i]->d_name);
		/* the last one of a failed test is the one */
		printf("%s\n", path);
		fflush(stdout);
		run(path);
		free(list[i]);
	}
	if (count <= 0)
		fuzz_fail("%s: no inputs", folder);
	free(list);
	return 0;
}

int main(int argc, char **argv)
{
	int i;

	if (argc < 2)
		return run_seeds(name_of(argv[0]));
	for (i = 1; i < argc; i++)
		run(argv[i]);
	return 0;
}
