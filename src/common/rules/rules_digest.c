/* Are these the rules of another time? */
#include <stdint.h>
#include <stdio.h>

#include "rules.h"

static uint64_t digest_file(uint64_t hash, const char *path)
{
	unsigned char bytes[4096];
	size_t length;
	FILE *file = fopen(path, "rb");

	while (file && (length = fread(bytes, 1, sizeof bytes, file)) > 0)
		for (size_t i = 0; i < length; i++)
			hash = (hash ^ bytes[i]) * 1099511628211u;
	if (file)
		fclose(file);
	return (hash ^ 0x100) * 1099511628211u;
}

unsigned long long dfh_rules_digest(const dfh_rules *rules)
{
	uint64_t hash = 14695981039346656037u; /* FNV-1a */

	for (size_t i = 0; i < rules->file_count; i++)
		hash = digest_file(hash, rules->files[i]);
	return hash;
}
