#include "writing.h"

static bool is_in_place(const char *path, const char *out)
{
	struct stat x, y;
	return out && stat(path, &x) == 0 && stat(out, &y) == 0 &&
	       x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

int writing_begin(struct dcm_writing *writing, struct dcm_hold *hold,
		  const char *path, const char *out, const dfh_writing *how,
		  dfh_error **error)
{
	*writing = (struct dcm_writing){
		.hold = hold,
		.suffix = how->suffix,
		.keeps_times = how->keep_times != 0,
		.breaks_links = how->break_links != 0,
		.ignores_read_only = how->ignore_read_only != 0,
		.leaves_folder = how->folders != NULL,
		.verifies = how->verify != 0,
	};
	return dcm_hold_open(hold, path, is_in_place(path, out), error);
}
