#include "cli_places.h"

#include <errno.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "array.h"
#include "cli_path.h"

enum place_kind { READ, WRITTEN, TARGET, FOLDER, STREAM, KINDS };

/* What a file is: that of the deepest folder that exists, and what will be made
 * in it; "": it exists itself. */
struct identity {
	dev_t device;
	ino_t inode;
	char *rest;
};

struct cli_place {
	enum place_kind kind;
	const char *option, *path, *source;
	struct identity is;
	bool is_folder;
};

struct cli_places {
	struct cli_place *at;
	size_t count;
	const char *standard; /* what is written to standard output */
	const char *again;    /* ... and what else is */
	const struct cli_files *found;
};

struct cli_places *cli_places_new(void)
{
	return cli_memory(calloc(1, sizeof(struct cli_places)));
}

void cli_places_free(struct cli_places *places)
{
	for (size_t i = 0; places && i < places->count; i++)
		free(places->at[i].is.rest);
	if (places)
		free(places->at);
	free(places);
}

/* ---- what they are ---- */

static struct cli_place place_of_option(enum place_kind kind,
					const char *option, const char *path)
{
	return (struct cli_place){.kind = kind, .option = option, .path = path};
}

static void add_cli_place(struct cli_places *places, struct cli_place place)
{
	array_room(places->at, places->count);
	places->at[places->count++] = place;
}

/* Devices, pipes and sockets can be written to by more than one. */
static void add_status(struct cli_places *places, struct cli_place place,
		       const struct stat *status, const char *rest)
{
	place.is_folder = S_ISDIR(status->st_mode) && !*rest;
	if (!S_ISREG(status->st_mode) && !S_ISDIR(status->st_mode))
		return;
	place.is = (struct identity){status->st_dev, status->st_ino,
				     cli_memory(strdup(rest))};
	add_cli_place(places, place);
}

static void add_place_path(struct cli_places *places, struct cli_place place)
{
	struct stat status;
	const char *rest = "";
	char *real, *found;

	if (stat(place.path, &status) == 0) {
		add_status(places, place, &status, "");
		return;
	}
	/* what is not there is not read */
	if (place.kind == READ)
		return;
	real = cli_real_path(place.path);
	found = cli_existing_path(real, &status, &rest);
	if (found)
		add_status(places, place, &status, rest);
	free(found);
	free(real);
}

static void add_descriptor(struct cli_places *places, struct cli_place place,
			   int number)
{
	struct stat status;

	if (fstat(number, &status) == 0 && S_ISREG(status.st_mode))
		add_status(places, place, &status, "");
}

void cli_places_read(struct cli_places *places, const char *option,
		     const char *path)
{
	const struct cli_place place = place_of_option(READ, option, path);

	if (path && strcmp(path, "-") == 0)
		add_descriptor(places, place, STDIN_FILENO);
	else if (path)
		add_place_path(places, place);
}

void cli_places_found(struct cli_places *places, const struct cli_files *files)
{
	places->found = files;
}

void cli_places_read_rules(struct cli_places *places, const dfh_rules *rules)
{
	const char *path;

	for (unsigned long i = 0; (path = dfh_rules_file(rules, i)); i++)
		cli_places_read(places, "--rules", path);
}

void cli_places_write(struct cli_places *places, const char *option,
		      const char *path)
{
	if (!path)
		return;
	if (strcmp(path, "-") != 0) {
		add_place_path(places, place_of_option(WRITTEN, option, path));
		return;
	}
	if (places->standard)
		places->again = option;
	else
		places->standard = option;
	add_descriptor(places, place_of_option(STREAM, option, "/dev/stdout"),
		       STDOUT_FILENO);
}

void cli_places_target(struct cli_places *places, const char *option,
		       const char *path, const char *source)
{
	struct cli_place place = place_of_option(TARGET, option, path);

	place.source = source;
	add_place_path(places, place);
}

void cli_places_folder(struct cli_places *places, const char *option,
		       const char *path)
{
	if (path)
		add_place_path(places, place_of_option(FOLDER, option, path));
}

void cli_places_stream(struct cli_places *places, int number)
{
	add_descriptor(places,
		       number == STDOUT_FILENO
			       ? place_of_option(STREAM, "standard output",
						 "/dev/stdout")
			       : place_of_option(STREAM, "standard error",
						 "/dev/stderr"),
		       number);
}

/* ---- are two of them one? ---- */

static int compare_identities(const void *a, const void *b)
{
	const struct identity *x = &(*(struct cli_place *const *)a)->is;
	const struct identity *y = &(*(struct cli_place *const *)b)->is;

	if (x->device != y->device)
		return x->device < y->device ? -1 : 1;
	if (x->inode != y->inode)
		return x->inode < y->inode ? -1 : 1;
	return strcmp(x->rest, y->rest);
}

/* A file of a folder that is not DICOM is passed over: it has no target. */
static bool is_target_written(const struct cli_place *place)
{
	dfh_error *error = NULL;
	bool is_dicom = !place->source ||
			dfh_looks_like_dicom(place->source, &error) != 0;

	dfh_error_free(error);
	return is_dicom;
}

/* Both outputs of a terminal are one, and two targets are told apart file by
 * file. */
static bool do_harm(const struct cli_place *a, const struct cli_place *b)
{
	return a->kind != b->kind || a->kind == WRITTEN || a->kind == FOLDER;
}

/* Places that are one: of each kind the two that were added first, for more of
 * them could not do other harm. */
struct place_group {
	const struct cli_place *of[KINDS][2];
};

static void take_first_two(struct place_group *group,
			   const struct cli_place *place)
{
	const struct cli_place **of = group->of[place->kind];

	if (!is_target_written(place))
		return;
	if (!of[0] || place < of[0]) {
		of[1] = of[0];
		of[0] = place;
	} else if (!of[1] || place < of[1]) {
		of[1] = place;
	}
}

/* Those that were added first, so that it is the same two in every run. */
static void choose_harmful_pair(const struct cli_place *a,
				const struct cli_place *b,
				const struct cli_place *two[2])
{
	const struct cli_place *first = a < b ? a : b, *second = a < b ? b : a;

	if (!a || !b || a == b || !do_harm(a, b))
		return;
	if (!two[0] || first < two[0] || (first == two[0] && second < two[1])) {
		two[0] = first;
		two[1] = second;
	}
}

static void choose_in(const struct place_group *group,
		      const struct cli_place *two[2])
{
	const struct cli_place *const *all = &group->of[0][0];

	for (size_t i = 0; i < KINDS * 2; i++)
		for (size_t j = i + 1; j < KINDS * 2; j++)
			choose_harmful_pair(all[i], all[j], two);
}

static void find_two(struct cli_place **sorted, size_t count,
		     const struct cli_place *two[2])
{
	for (size_t i = 0, end; i < count; i = end) {
		struct place_group group = {0};

		for (end = i + 1; end < count; end++)
			if (compare_identities(&sorted[i], &sorted[end]) != 0)
				break;
		for (size_t k = i; end - i > 1 && k < end; k++)
			take_first_two(&group, sorted[k]);
		choose_in(&group, two);
	}
}

/* Where standard error is one of them, not even this is said. */
static void keep_out_of(const struct cli_place *a, const struct cli_place *b)
{
	const char *error = "/dev/stderr";

	if ((a->kind == STREAM && strcmp(a->path, error) == 0) ||
	    (b->kind == STREAM && strcmp(b->path, error) == 0))
		cli_silence();
}

static bool are_two_one(const struct cli_places *places)
{
	struct cli_place **sorted =
		cli_memory(malloc((places->count + 1) * sizeof(*sorted)));
	const struct cli_place *two[2] = {0};

	for (size_t i = 0; i < places->count; i++)
		sorted[i] = &places->at[i];
	qsort(sorted, places->count, sizeof(*sorted), compare_identities);
	find_two(sorted, places->count, two);
	free(sorted);
	if (!two[0])
		return false;
	keep_out_of(two[0], two[1]);
	cli_say("%s %s is the same %s as %s %s: name another", two[1]->option,
		two[1]->path, two[1]->is_folder ? "folder" : "file",
		two[0]->option, two[0]->path);
	return true;
}

/* ---- what is not to be replaced at all ---- */

static bool is_found_by_walk(const struct cli_files *found,
			     const struct cli_place *place)
{
	struct stat status;

	for (size_t i = 0; found && i < found->count; i++)
		if (found->at[i].found_by_walk &&
		    stat(found->at[i].path, &status) == 0 &&
		    status.st_dev == place->is.device &&
		    status.st_ino == place->is.inode)
			return true;
	return false;
}

/* What is written over; NULL: nothing that is DICOM. */
static const char *dicom_below(const struct cli_places *places,
			       const struct cli_place *place)
{
	dfh_error *error = NULL;
	bool is_text = place->kind == WRITTEN || place->kind == STREAM;
	const char *what = NULL;

	if (!is_text || *place->is.rest || place->is_folder)
		return NULL;
	if (dfh_looks_like_dicom(place->path, &error) > 0)
		what = "a DICOM file";
	else if (dfh_looks_like_dicom_json(place->path, NULL) > 0 &&
		 is_found_by_walk(places->found, place))
		what = "DICOM JSON that is read";
	dfh_error_free(error);
	return what;
}

static bool is_over_dicom(const struct cli_places *places,
			  const struct cli_place *place)
{
	const char *what = dicom_below(places, place);

	if (!what)
		return false;
	keep_out_of(place, place);
	cli_say("%s %s is %s, which it would be written over: name another",
		place->option, place->path, what);
	return true;
}

static bool is_in_output_folder(const struct cli_place *place,
				const struct cli_place *folder)
{
	const char *end = strrchr(place->path, '.');
	char *real, *slash;
	struct stat status;
	bool is;

	if (place == folder || !end || strcmp(end, ".dcm") != 0)
		return false;
	real = cli_real_path(place->path);
	slash = strrchr(real, '/');
	if (slash)
		slash[slash == real] = '\0';
	is = stat(real, &status) == 0 && status.st_dev == folder->is.device &&
	     status.st_ino == folder->is.inode;
	free(real);
	return is;
}

/* One of the files that are made in a folder could be it. */
static bool could_be_in(const struct cli_places *places,
			const struct cli_place *folder)
{
	for (size_t i = 0; i < places->count; i++) {
		const struct cli_place *place = &places->at[i];

		if (!is_in_output_folder(place, folder))
			continue;
		cli_say("%s %s has a name as those of the files in %s %s: name "
			"another",
			place->option, place->path, folder->option,
			folder->path);
		return true;
	}
	return false;
}

int cli_places_check(struct cli_places *places)
{
	if (places->again) {
		cli_say("%s and %s are both written to standard output: name a "
			"file for one of them",
			places->standard, places->again);
		return DFH_USAGE;
	}
	if (are_two_one(places))
		return DFH_USAGE;
	for (size_t i = 0; i < places->count; i++) {
		const struct cli_place *place = &places->at[i];

		if (is_over_dicom(places, place) ||
		    (place->kind == FOLDER && could_be_in(places, place)))
			return DFH_USAGE;
	}
	return DFH_OK;
}

/* Why it cannot be written there: errno, or 0.  A link may be followed. */
static int output_fault_of(const char *path)
{
	char *folder = cli_memory(strdup(path));
	struct stat status;
	int fault = *path ? 0 : ENOENT;

	if (lstat(path, &status) == 0)
		fault = S_ISDIR(status.st_mode)	   ? EISDIR
			: S_ISSOCK(status.st_mode) ? EOPNOTSUPP
						   : 0;
	else if (*path && access(dirname(folder), W_OK) < 0 && errno != ENOENT)
		fault = errno;
	free(folder);
	return fault;
}

int cli_can_write(const char *path)
{
	int fault = path && strcmp(path, "-") != 0 ? output_fault_of(path) : 0;

	if (!fault)
		return DFH_OK;
	cli_say("%s: %s", path, strerror(fault));
	return DFH_IO;
}
