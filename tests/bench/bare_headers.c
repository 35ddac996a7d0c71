/*
 * What is the least that reading so many tags takes?  One pread, follow the
 * lengths of explicit VR little endian, print as JSON: no check, no character
 * set, no sequence, and nothing else than what the benchmark's files are.
 *
 * bare_headers TAGS LIST: of each file that LIST names a line of JSON.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { HEADER = 16 * 1024, PATH_SIZE = 4096, TAGS = 256, META = 132 };

static uint32_t tags[TAGS];
static size_t tag_count;

static uint32_t number(const unsigned char *at, int size)
{
	return size == 2 ? at[0] | (uint32_t)at[1] << 8
			 : number(at, 2) | number(at + 2, 2) << 16;
}

static int has_long_length(const unsigned char *vr)
{
	return strchr("OSU", vr[0]) &&
	       strstr("OB OW OF OD OL OV SQ UN UC UR UT SV UV",
		      (char[]){(char)vr[0], (char)vr[1], 0});
}

static void print_header(const unsigned char *at, const unsigned char *end)
{
	size_t next = 0;
	int depth = 0; /* of sequences without a length */
	putchar('{');
	while (end - at >= 12 && next < tag_count) {
		uint32_t tag = number(at, 2) << 16 | number(at + 2, 2);
		int is_item = tag >> 16 == 0xfffe;
		int is_long = !is_item && has_long_length(at + 4);
		uint32_t length = is_item   ? number(at + 4, 4)
				  : is_long ? number(at + 8, 4)
					    : number(at + 6, 2);
		at += is_long ? 12 : 8;
		if (tag == 0xfffee0dd)
			depth--;
		depth += length == UINT32_MAX && tag != 0xfffee000;
		/* its items are elements, too */
		if (length == UINT32_MAX || (depth && tag == 0xfffee000))
			length = 0;
		int is_told = !depth && !is_item;
		while (is_told && next < tag_count && tags[next] < tag)
			next++;
		if (is_told && next < tag_count && tags[next] == tag)
			printf("\"%08X\":\"%.*s\",", tag, (int)length, at);
		at += length < (uint32_t)(end - at) ? length : end - at;
	}
	puts("}");
}

static int read_header(const char *path)
{
	static unsigned char header[HEADER];
	int file = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got = file < 0 ? -1 : pread(file, header, sizeof header, 0);
	if (got < 0)
		perror(path);
	else if (got > META)
		print_header(header + META, header + got);
	if (file >= 0)
		close(file);
	return got < 0 ? -1 : 0;
}

int main(int argc, char **argv)
{
	FILE *wanted = argc == 3 ? fopen(argv[1], "r") : NULL;
	FILE *list = wanted ? fopen(argv[2], "r") : NULL;
	char path[PATH_SIZE];
	unsigned int group, element;
	int status = 0;
	if (!list) {
		fputs("usage: bare_headers TAGS LIST\n", stderr);
		return 2;
	}
	while (tag_count < TAGS &&
	       fscanf(wanted, "%x,%x", &group, &element) == 2)
		tags[tag_count++] = group << 16 | element;
	while (fgets(path, sizeof path, list)) {
		path[strcspn(path, "\n")] = '\0';
		if (read_header(path) < 0)
			status = 3;
	}
	fclose(wanted);
	fclose(list);
	return status;
}
