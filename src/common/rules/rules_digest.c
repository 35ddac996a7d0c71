/* Are these the rules of another time? */
#include <stdint.h>

#include "rules_build.h"

/* FNV-1a, with a mark behind each text. */
static uint64_t digest_text(uint64_t hash, const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		hash = (hash ^ (unsigned char)text[i]) * 1099511628211u;
	return (hash ^ 0x100) * 1099511628211u;
}

uint64_t build_digest(struct build *build)
{
	uint64_t hash = 14695981039346656037u;

	for (size_t i = 0; i < build->files.count; i++) {
		size_t length;
		const char *why,
			*text = diag_source(build->diag, build->files.at[i],
					    &length, &why);

		hash = digest_text(hash, text ? text : "", text ? length : 0);
	}
	return hash;
}

unsigned long long dfh_rules_digest(const dfh_rules *rules)
{
	return rules->digest;
}
