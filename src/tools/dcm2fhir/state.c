#include "state.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "hash.h"

static const char first_word[] = "dcmfhir-since ";
static const char first_line[] = "dcmfhir-since 1\n";

static size_t path_hash_of(const char *text)
{
	uint64_t hash = hash_bytes(HASH_START, text, strlen(text));
	return (size_t)(hash ^ hash >> 32);
}

/* ---- tables ---- */

static uint32_t *path_slot(const struct state *state, const char *path)
{
	size_t i = path_hash_of(path) & (state->path_slots - 1);
	while (state->by_path[i] &&
	       strcmp(state->files[state->by_path[i] - 1].path, path) != 0)
		i = (i + 1) & (state->path_slots - 1);
	return &state->by_path[i];
}

static void index_paths(struct state *state)
{
	state->path_slots = 16;
	while (state->path_slots < 2 * state->count)
		state->path_slots *= 2;
	state->by_path =
		cli_memory(calloc(state->path_slots, sizeof *state->by_path));
	for (size_t i = 0; i < state->count; i++)
		*path_slot(state, state->files[i].path) = (uint32_t)i + 1;
}

struct state_file *state_find(const struct state *state, const char *path)
{
	uint32_t index = state->count ? *path_slot(state, path) : 0;
	return index ? &state->files[index - 1] : NULL;
}

static uint32_t *study_slot(const struct state *state, const char *study)
{
	size_t i = path_hash_of(study) & (state->study_slots - 1);
	while (state->by_study[i] &&
	       strcmp(state->studies[state->by_study[i] - 1], study) != 0)
		i = (i + 1) & (state->study_slots - 1);
	return &state->by_study[i];
}

static void grow_studies(struct state *state)
{
	state->study_slots = state->study_slots ? 2 * state->study_slots : 64;
	free(state->by_study);
	state->by_study =
		cli_memory(calloc(state->study_slots, sizeof *state->by_study));
	state->studies = cli_memory(realloc(
		state->studies, state->study_slots * sizeof *state->studies));
	for (size_t i = 0; i < state->study_count; i++)
		*study_slot(state, state->studies[i]) = (uint32_t)i + 1;
}

uint32_t state_study(struct state *state, const char *study)
{
	if (2 * state->study_count >= state->study_slots)
		grow_studies(state);
	uint32_t *slot = study_slot(state, study);
	if (!*slot) {
		state->studies[state->study_count++] =
			cli_memory(strdup(study));
		*slot = (uint32_t)state->study_count;
	}
	return *slot - 1;
}

void state_free(struct state *state)
{
	for (size_t i = 0; i < state->study_count; i++)
		free(state->studies[i]);
	free(state->studies);
	free(state->by_study);
	free(state->by_path);
	free(state->files);
	free(state->text);
}

/* ---- reading ---- */

/* "\\" and "\n" stand for a backslash and a newline. */
static void unescape_path(char *path)
{
	char *out = path;
	for (; *path; path++) {
		if (*path == '\\' && path[1])
			*out++ = *++path == 'n' ? '\n' : *path;
		else
			*out++ = *path;
	}
	*out = '\0';
}

static bool parse_file(struct state *state, char *line)
{
	struct state_file *file = &state->files[state->count];
	char study[16];
	int used = 0;
	if (sscanf(line, "file %" SCNu64 " %" SCNd64 " %" SCNx64 " %15s%n",
		   &file->size, &file->mtime, &file->digest, study,
		   &used) != 4 ||
	    !used || line[used] != ' ' || !line[used + 1])
		return false;
	/* A path may begin with a blank, too. */
	file->path = line + ++used;
	file->study = STATE_NO_STUDY;
	file->seen = false;
	if (strcmp(study, "-") != 0)
		file->study = (uint32_t)strtoul(study, NULL, 10);
	if (file->study != STATE_NO_STUDY && file->study >= state->study_count)
		return false;
	unescape_path(line + used);
	state->count++;
	return true;
}

static bool parse_line(struct state *state, char *line)
{
	if (strncmp(line, "file ", 5) == 0)
		return parse_file(state, line);
	if (strncmp(line, "study ", 6) != 0)
		return false;
	/* Each is there once, so indices are as they were. */
	size_t before = state->study_count;
	return state_study(state, line + 6) == before;
}

static size_t count_lines(const char *text)
{
	size_t count = 0;
	while ((text = strchr(text, '\n'))) {
		count++;
		text++;
	}
	return count;
}

/* The last line holds the checksum of all before; it is cut off. */
static bool is_whole_state(char *text, size_t length)
{
	static const size_t last = sizeof "end 0123456789abcdef\n" - 1;
	char end[32];
	if (length < last || strlen(text) != length)
		return false;
	snprintf(end, sizeof end, "end %016" PRIx64 "\n",
		 hash_bytes(HASH_START, text, length - last));
	if (strcmp(text + length - last, end) != 0)
		return false;
	text[length - last] = '\0';
	return true;
}

static enum state_found parse_state(struct state *state, const char *made_by)
{
	char *line = state->text + strlen(first_line), *end;
	state->files =
		cli_memory(calloc(count_lines(line) + 1, sizeof *state->files));
	for (bool first = true; *line; line = end + 1, first = false) {
		end = strchr(line, '\n');
		if (!end)
			return STATE_BROKEN;
		*end = '\0';
		if (first && strcmp(line, made_by) != 0)
			return STATE_STALE;
		if (!first && !parse_line(state, line))
			return STATE_BROKEN;
	}
	index_paths(state);
	return STATE_LOADED;
}

static void forget_state(struct state *state)
{
	state_free(state);
	*state = (struct state){0};
}

enum state_found state_load(struct state *state, const char *path,
			    const char *made_by)
{
	size_t length;
	*state = (struct state){0};
	if (access(path, F_OK) < 0 && errno == ENOENT)
		return STATE_ABSENT;
	char *text = cli_read(path, &length);
	if (!text)
		return STATE_UNREADABLE;
	text = cli_memory(realloc(text, length + 1));
	text[length] = '\0';
	state->text = text;
	enum state_found found = STATE_BROKEN;
	if (length && strncmp(text, first_word, strlen(first_word)) != 0)
		found = STATE_FOREIGN;
	else if (length && strncmp(text, first_line, strlen(first_line)) != 0)
		found = STATE_STALE;
	else if (is_whole_state(text, length))
		found = parse_state(state, made_by);
	if (found != STATE_LOADED)
		forget_state(state);
	return found;
}

/* ---- writing ---- */

struct saver {
	struct cli_output *output;
	uint64_t hash;
};

static void put_state_text(struct saver *saver, const char *text)
{
	saver->hash = hash_bytes(saver->hash, text, strlen(text));
	cli_write_part(saver->output, text, strlen(text));
}

static void put_path(struct saver *saver, const char *path)
{
	char *out = cli_memory(malloc(2 * strlen(path) + 2)), *end = out;
	for (; *path; path++) {
		if (*path == '\\' || *path == '\n')
			*end++ = '\\';
		*end++ = *path;
		if (*path == '\n')
			end[-1] = 'n';
	}
	*end++ = '\n';
	*end = '\0';
	put_state_text(saver, out);
	free(out);
}

/* Studies without files are left out; numbers has their new indices. */
static void put_studies(struct saver *saver, const struct state *state,
			const struct state_file *files, size_t count,
			uint32_t *numbers)
{
	uint32_t next = 0;
	for (size_t i = 0; i < count; i++)
		if (files[i].study != STATE_NO_STUDY)
			numbers[files[i].study] = 1;
	for (size_t i = 0; i < state->study_count; i++) {
		if (!numbers[i])
			continue;
		numbers[i] = next++;
		put_state_text(saver, "study ");
		put_state_text(saver, state->studies[i]);
		put_state_text(saver, "\n");
	}
}

static void put_file(struct saver *saver, const struct state_file *file,
		     const uint32_t *numbers)
{
	char line[128], study[16] = "-";
	if (file->study != STATE_NO_STUDY)
		snprintf(study, sizeof study, "%" PRIu32, numbers[file->study]);
	snprintf(line, sizeof line,
		 "file %" PRIu64 " %" PRId64 " %016" PRIx64 " %s ", file->size,
		 file->mtime, file->digest, study);
	put_state_text(saver, line);
	put_path(saver, file->path);
}

int state_save(const struct state *state, const struct state_file *files,
	       size_t count, const char *path, const char *made_by)
{
	struct saver saver = {cli_open(path), HASH_START};
	char end[32];
	if (!saver.output)
		return DFH_IO;
	uint32_t *numbers =
		cli_memory(calloc(state->study_count + 1, sizeof *numbers));
	put_state_text(&saver, first_line);
	put_state_text(&saver, made_by);
	put_state_text(&saver, "\n");
	put_studies(&saver, state, files, count, numbers);
	for (size_t i = 0; i < count; i++)
		put_file(&saver, &files[i], numbers);
	snprintf(end, sizeof end, "end %016" PRIx64 "\n", saver.hash);
	put_state_text(&saver, end);
	free(numbers);
	return cli_close(saver.output) < 0 ? DFH_IO : DFH_OK;
}
