#include "intake.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "arrivals.h"
#include "bundle.h"
#include "header_source.h"
#include "json_text.h"
#include "memory.h"
#include "new_file.h"

static enum intake_result intake_fail(struct taken *taken, int fault)
{
	bool is_full = fault == ENOSPC || fault == EDQUOT || fault == EFBIG;
	snprintf(taken->fault, sizeof taken->fault, "%s", strerror(fault));
	return is_full ? INTAKE_FULL : INTAKE_FAILED;
}

static enum intake_result intake_refuse(struct taken *taken, dfh_error *error)
{
	/* The text names the file, which is of no interest, and may quote it.
	 */
	bool is_io = dfh_error_code(error) == DFH_IO;
	snprintf(taken->fault, sizeof taken->fault,
		 is_io ? "it cannot be read"
		       : "it is no DICOM file that can be understood");
	dfh_error_free(error);
	return is_io ? INTAKE_FAILED : INTAKE_NOT_UNDERSTOOD;
}

/* ---- is there room? ---- */

static bool disk_has_room(const struct intake *intake)
{
	struct statvfs disk;
	if (fstatvfs(intake->state->folder, &disk) < 0)
		return true;
	return (unsigned long long)disk.f_bavail * disk.f_frsize >=
	       intake->reserve;
}

/* ---- whose is it? ---- */

/* The keys of a record are its study and its instance. */
static enum intake_result name_taken_instance(const struct intake *intake,
					      const dfh_source *source,
					      const char *announced,
					      struct taken *taken)
{
	dfh_error *error = NULL;
	dfh_record *record =
		dfh_export_read_source(intake->reader, source, &error);
	if (!record)
		return intake_refuse(taken, error);
	char *line = dfh_record_json(intake->reader, record);
	dfh_record_free(record);
	json_object *keys = json_of_text(line, strlen(line));
	free(line);
	const char *instance = json_text(keys, "instance");
	bool is_other =
		announced && instance && strcmp(instance, announced) != 0;
	studies_name(json_text(keys, "study"), taken->study);
	studies_name(instance, taken->instance);
	json_object_put(keys);
	if (!is_other)
		return INTAKE_SAFE;
	snprintf(taken->fault, sizeof taken->fault,
		 "its SOP Instance UID is not the one that was announced");
	return INTAKE_OTHER;
}

/* ---- into its study ---- */

static int copy_bytes(int from, unsigned long long length, struct new_file *to)
{
	char bytes[64 * 1024];
	off_t at = 0;
	while (length) {
		size_t size =
			length < sizeof bytes ? (size_t)length : sizeof bytes;
		ssize_t got = pread(from, bytes, size, at);
		if (got <= 0) {
			errno = got ? errno : EIO;
			return -1;
		}
		if (new_file_write(to, bytes, (size_t)got) < 0)
			return -1;
		at += got;
		length -= (unsigned long long)got;
	}
	return 0;
}

/* What is before the pixels; deflated, or without any, all of it. */
static int put_header(const dfh_source *source, const struct spot *spot)
{
	struct new_file file;
	unsigned long long length;
	if (dfh_find_pixels(source, &length, NULL) < 0)
		length = source->length;
	if (new_file_open(&file, spot) < 0)
		return -1;
	file.mode = 0600;
	int result = copy_bytes(header_descriptor(source), length, &file);
	if (result == 0)
		result = new_file_flush(&file);
	if (result == 0)
		result = new_file_place(&file);
	int fault = errno;
	new_file_close(&file);
	errno = fault;
	return result;
}

static int put_whole(const dfh_source *source, const struct spot *spot)
{
	if (fsync(header_descriptor(source)) < 0)
		return -1;
	return renameat(AT_FDCWD, source->name, spot->folder, spot->name);
}

/* file: all of it, on the disk or not. */
static int put_forwards(const struct intake *intake, const dfh_source *source,
			const char *file, const struct taken *taken)
{
	char name[ARRIVAL_NAME];
	int result = 0;
	if (intake->forward_count && !intake->keeps_files)
		result = fsync(header_descriptor(source));
	arrival_name(taken->instance, name);
	for (size_t i = 0; i < intake->forward_count && result == 0; i++)
		result = arrival_link(intake->state, AT_FDCWD, file, name,
				      intake->forwards[i]);
	return result;
}

/* Whoever serves the study is told, before it is done, that an instance of it
 * is not any more what it was. */
static int note_replaced(const struct spot *spot)
{
	struct stat old;
	if (fstatat(spot->folder, spot->name, &old, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : -1;
	int mark = openat(spot->folder, studies_replaced,
			  O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (mark < 0)
		return -1;
	int result = futimens(mark, NULL);
	close(mark);
	return result;
}

/* Into the folder of its study, where it has its name. */
static int put_into_study(const struct intake *intake, const dfh_source *source,
			  const struct taken *taken)
{
	struct spot spot = intake->place.spot;
	char file[ARRIVAL_NAME];
	snprintf(file, sizeof file, "%s.dcm", taken->instance);
	if (spot_set_name(&spot, file) < 0 || note_replaced(&spot) < 0)
		return -1;
	int result = intake->keeps_files ? put_whole(source, &spot)
					 : put_header(source, &spot);
	return result < 0 ? -1 : spot_flush_folder(&spot);
}

/* What is kept whole has its name in the study. */
static int pass_on(const struct intake *intake, const dfh_source *source,
		   const struct taken *taken)
{
	if (!intake->keeps_files)
		return put_forwards(intake, source, source->name, taken);
	char *whole = xprintf("%s/%s/%s/%s.dcm", intake->state->path,
			      studies_folder, taken->study, taken->instance);
	int result = put_forwards(intake, source, whole, taken);
	int fault = errno;
	free(whole);
	errno = fault;
	return result;
}

/* Last of all it is marked, and passed on: whoever is killed before has it not
 * answered, and gets it once more. */
static int put_instance(struct intake *intake, const dfh_source *source,
			const struct taken *taken)
{
	struct study_place *place = &intake->place;
	if (study_place_enter(place, intake->state, taken->study) < 0 ||
	    put_into_study(intake, source, taken) < 0 ||
	    study_place_mark(place, intake->state) < 0)
		return -1;
	return pass_on(intake, source, taken);
}

/* Its study is not taken away meanwhile. */
static int put_locked(struct intake *intake, const dfh_source *source,
		      const struct taken *taken)
{
	int lock = studies_lock(intake->state, false);
	int result = lock < 0 ? -1 : put_instance(intake, source, taken);
	int fault = errno;
	if (lock >= 0)
		close(lock);
	errno = fault;
	return result;
}

enum intake_result intake_take(struct intake *intake, const char *file,
			       const char *instance, struct taken *taken)
{
	dfh_source source;
	*taken = (struct taken){0};
	if (!disk_has_room(intake))
		return intake_fail(taken, ENOSPC);
	if (header_open(&source, file) < 0)
		return intake_fail(taken, errno);
	enum intake_result result =
		name_taken_instance(intake, &source, instance, taken);
	if (result == INTAKE_SAFE && put_locked(intake, &source, taken) < 0)
		result = intake_fail(taken, errno);
	header_close(&source);
	return result;
}
