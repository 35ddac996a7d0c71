#include "zone_tzif.h"

#include <stdlib.h>
#include <string.h>

#include "arena.h"

enum { HEADER_SIZE = 44 };

struct tzif_reader {
	const uint8_t *at;
	size_t left;
};

struct header {
	char version;
	uint32_t isut_count, isstd_count, leap_count, transition_count,
		type_count, character_count;
};

static const uint8_t *take_tzif_bytes(struct tzif_reader *reader,
				      uint64_t length)
{
	const uint8_t *start = reader->at;

	if (length > reader->left)
		return NULL;
	reader->at += length;
	reader->left -= (size_t)length;
	return start;
}

static uint64_t big_endian(const uint8_t *bytes, size_t size)
{
	uint64_t number = 0;

	for (size_t i = 0; i < size; i++)
		number = number << 8 | bytes[i];
	return number;
}

static int64_t sign_extend(uint64_t number, size_t size)
{
	uint64_t sign = (uint64_t)1 << (8 * size - 1);

	if (!(number & sign))
		return (int64_t)number;
	return -(int64_t)((sign << 1) - number - 1) - 1;
}

static bool read_tzif_header(struct tzif_reader *reader, struct header *header)
{
	const uint8_t *bytes = take_tzif_bytes(reader, HEADER_SIZE);

	if (!bytes || memcmp(bytes, "TZif", 4) != 0)
		return false;
	*header = (struct header){
		.version = (char)bytes[4],
		.isut_count = (uint32_t)big_endian(bytes + 20, 4),
		.isstd_count = (uint32_t)big_endian(bytes + 24, 4),
		.leap_count = (uint32_t)big_endian(bytes + 28, 4),
		.transition_count = (uint32_t)big_endian(bytes + 32, 4),
		.type_count = (uint32_t)big_endian(bytes + 36, 4),
		.character_count = (uint32_t)big_endian(bytes + 40, 4),
	};
	return header->version == '\0' ||
	       (header->version >= '2' && header->version <= '4');
}

/* Steps over the block of 32-bit times, which version 2 and later repeat. */
static bool skip_block(struct tzif_reader *reader, const struct header *header)
{
	return take_tzif_bytes(reader,
			       (uint64_t)header->transition_count * 5) &&
	       take_tzif_bytes(reader, (uint64_t)header->type_count * 6) &&
	       take_tzif_bytes(reader, header->character_count) &&
	       take_tzif_bytes(reader, (uint64_t)header->leap_count * 8) &&
	       take_tzif_bytes(reader, header->isstd_count) &&
	       take_tzif_bytes(reader, header->isut_count);
}

static bool read_transitions(struct tzif_reader *reader, struct tzif *tzif,
			     const struct header *header, size_t time_size)
{
	size_t count = header->transition_count;
	const uint8_t *times =
		take_tzif_bytes(reader, (uint64_t)count * time_size);
	const uint8_t *types = times ? take_tzif_bytes(reader, count) : NULL;

	if (!types)
		return false;
	tzif->transitions = xmalloc((count + 1) * sizeof *tzif->transitions);
	tzif->transition_types = xmalloc(count + 1);
	tzif->transition_count = count;
	for (size_t i = 0; i < count; i++) {
		int64_t time = sign_extend(
			big_endian(times + i * time_size, time_size),
			time_size);

		/* The limits keep the arithmetic from overflowing; the lower
		 * one is that of RFC 8536 3.2. */
		if (time < -((int64_t)1 << 59) || time > (int64_t)1 << 59 ||
		    (i > 0 && time <= tzif->transitions[i - 1]) ||
		    types[i] >= header->type_count)
			return false;
		tzif->transitions[i] = time;
		tzif->transition_types[i] = types[i];
	}
	return true;
}

static bool read_types(struct tzif_reader *reader, struct tzif *tzif,
		       const struct header *header)
{
	size_t count = header->type_count;
	const uint8_t *types = take_tzif_bytes(reader, (uint64_t)count * 6);
	const uint8_t *names = take_tzif_bytes(reader, header->character_count);

	if (!types || !names || count == 0 || count > TZIF_TYPES_MAX ||
	    header->character_count == 0 ||
	    names[header->character_count - 1] != '\0')
		return false;
	for (size_t i = 0; i < count; i++) {
		const uint8_t *type = types + 6 * i;
		int64_t utoff = sign_extend(big_endian(type, 4), 4);

		if (utoff <= -2 * DAY || utoff >= 2 * DAY || type[4] > 1 ||
		    type[5] >= header->character_count)
			return false;
		tzif->types[i].utoff = (int32_t)utoff;
		tzif->types[i].is_unspecified =
			strcmp((const char *)names + type[5], "-00") == 0;
	}
	tzif->type_count = count;
	return true;
}

/* Between two newlines, the last thing in the file; may be empty. */
static bool read_footer(struct tzif_reader *reader, struct tzif *tzif)
{
	char text[128];
	size_t length;

	if (reader->left < 2 || reader->left - 2 >= sizeof text)
		return false;
	length = reader->left - 2;
	if (reader->at[0] != '\n' || reader->at[length + 1] != '\n')
		return false;
	memcpy(text, reader->at + 1, length);
	text[length] = '\0';
	if (length == 0)
		return true;
	tzif->has_rule = true;
	if (strlen(text) != length || !rule_parse(text, &tzif->rule))
		return false;
	tzif->types[tzif->type_count++] = tzif->rule.standard;
	if (tzif->rule.has_daylight)
		tzif->types[tzif->type_count++] = tzif->rule.daylight;
	return true;
}

/* RFC 8536 3.3: the rule must agree with the last transition. */
static bool rule_continues(const struct tzif *tzif)
{
	size_t count = tzif->transition_count;

	if (!tzif->has_rule || count == 0)
		return true;
	return rule_type_at(&tzif->rule, tzif->transitions[count - 1])->utoff ==
	       tzif->types[tzif->transition_types[count - 1]].utoff;
}

static bool read_tzif(struct tzif_reader *reader, struct tzif *tzif)
{
	struct header header;
	size_t time_size = 4;

	if (!read_tzif_header(reader, &header))
		return false;
	if (header.version != '\0') {
		char version = header.version;

		if (!skip_block(reader, &header) ||
		    !read_tzif_header(reader, &header) ||
		    header.version != version)
			return false;
		time_size = 8;
	}
	/* With leap seconds, as in right/Europe/Berlin, times would not be
	 * those of UTC. */
	if (header.leap_count != 0 ||
	    (header.isut_count && header.isut_count != header.type_count) ||
	    (header.isstd_count && header.isstd_count != header.type_count) ||
	    !read_transitions(reader, tzif, &header, time_size) ||
	    !read_types(reader, tzif, &header) ||
	    !take_tzif_bytes(reader, header.isstd_count) ||
	    !take_tzif_bytes(reader, header.isut_count))
		return false;
	if (header.version == '\0')
		return reader->left == 0;
	return read_footer(reader, tzif) && rule_continues(tzif);
}

bool tzif_read(struct tzif *tzif, const uint8_t *bytes, size_t length)
{
	struct tzif_reader reader = {bytes, length};

	*tzif = (struct tzif){0};
	if (read_tzif(&reader, tzif))
		return true;
	tzif_free(tzif);
	return false;
}

void tzif_free(struct tzif *tzif)
{
	free(tzif->transitions);
	free(tzif->transition_types);
	*tzif = (struct tzif){0};
}

const struct local_type *tzif_type_at(const struct tzif *tzif, int64_t utc)
{
	size_t low = 0, high = tzif->transition_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (tzif->transitions[middle] <= utc)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < tzif->transition_count)
		return low == 0 ? &tzif->types[0]
				: &tzif->types[tzif->transition_types[low - 1]];
	if (tzif->has_rule)
		return rule_type_at(&tzif->rule, utc);
	return low == 0 ? &tzif->types[0] : NULL;
}
