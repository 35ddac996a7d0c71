#include "fuzz.h"

#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[256];

_Noreturn void fuzz_fail(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
	abort();
}

const dfh_rules *fuzz_rules(void)
{
	static dfh_rules *rules;
	dfh_error *error = NULL;

	if (!rules)
		rules = dfh_rules_load(getenv("DCMFHIR_RULES"), &error);
	if (!rules)
		fuzz_fail("%s", dfh_error_text(error));
	return rules;
}

/* ---- files ---- */

static void remove_own_folder(void)
{
	fuzz_clean();
	rmdir(folder);
}

static void make_own_folder(void)
{
	const char *parent = getenv("TMPDIR");

	snprintf(folder, sizeof(folder), "%.200s/fuzz.XXXXXX",
		 parent && *parent ? parent : "/tmp");
	if (!mkdtemp(folder))
		fuzz_fail("%s: cannot be made", folder);
	atexit(remove_own_folder);
}

const char *fuzz_path(const char *name)
{
	static char paths[4][512];
	static unsigned int next;
	char *path = paths[next++ % 4];

	if (!*folder)
		make_own_folder();
	snprintf(path, sizeof(paths[0]), "%s/%.200s", folder, name);
	return path;
}

const char *fuzz_save(const char *name, const void *bytes, size_t length)
{
	const char *path = fuzz_path(name);
	FILE *out = fopen(path, "wb");

	if (!out || (length && fwrite(bytes, length, 1, out) != 1) ||
	    fclose(out) != 0)
		fuzz_fail("%s: cannot be written", path);
	return path;
}

char *fuzz_load(const char *path, size_t *length)
{
	FILE *in = fopen(path, "rb");
	char *bytes;
	long size;

	if (!in)
		return NULL;
	if (fseek(in, 0, SEEK_END) != 0 || (size = ftell(in)) < 0 ||
	    fseek(in, 0, SEEK_SET) != 0)
		fuzz_fail("%s: cannot be read", path);
	*length = (size_t)size;
	bytes = malloc(*length + 1);
	if (!bytes || (size && fread(bytes, *length, 1, in) != 1))
		fuzz_fail("%s: cannot be read", path);
	bytes[*length] = '\0';
	fclose(in);
	return bytes;
}

void fuzz_clean(void)
{
	DIR *list = *folder ? opendir(folder) : NULL;
	struct dirent *entry;

	while (list && (entry = readdir(list)))
		unlinkat(dirfd(list), entry->d_name, 0);
	if (list)
		closedir(list);
}

void fuzz_read(const char *text)
{
	volatile size_t length = text ? strlen(text) : 0;

	(void)length;
}
