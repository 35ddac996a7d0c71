#include "copies.h"

#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "digest.h"
#include "memory.h"

static int write_part(const void *bytes, size_t length, void *context)
{
	return spool_write(context, bytes, length);
}

static int change_into(struct opened *opened, const dfh_sink *sink,
		       const struct copy_stamp *stamp, dfh_error **error)
{
	if (!stamp->import)
		return dfh_undo_source(&opened->source, sink, stamp->undo,
				       stamp->undone, error);
	return dfh_import_stamp_source(stamp->import, &opened->source, sink,
				       stamp->how, stamp->stamped, error);
}

int copy_into(struct spool *spool, struct opened *opened,
	      const struct copy_stamp *stamp, dfh_error **error)
{
	const dfh_sink sink = {
		.size = sizeof sink, .write = write_part, .context = spool};
	dfh_stamped *did = stamp->stamped;
	if (change_into(opened, &sink, stamp, error) < 0)
		return -1;
	if (stamp->writing->digests &&
	    (digest_part(opened->read_from, opened->offset,
			 opened->source.length, did->digest_before) < 0 ||
	     digest_file(spool->fd, did->digest_after) < 0))
		did->digest_before[0] = did->digest_after[0] = '\0';
	return 0;
}

bool copy_may_go(const struct copy_stamp *stamp)
{
	const dfh_writing *writing = stamp->writing;
	return !writing->commits ||
	       writing->commits(stamp->stamped->digest_before,
				stamp->stamped->digest_after,
				writing->commits_context) == 0;
}

int copy_out(const struct spool *spool, const char *path)
{
	enum { SIZE = 65536 };
	struct cli_output *output = cli_open(path);
	char *bytes = xmalloc(SIZE);
	int fault = 0;
	for (uint64_t at = 0; output && !fault && at < spool->length;) {
		uint64_t left = spool->length - at;
		size_t length = left < SIZE ? (size_t)left : SIZE;
		fault = spool_read(spool, at, bytes, length);
		if (!fault && cli_write_part(output, bytes, length) < 0)
			break; /* which closing says */
		at += length;
	}
	free(bytes);
	if (output && fault) {
		cli_say("%s: %s", path ? path : "standard output",
			strerror(fault));
		cli_abandon(output);
		return DFH_IO;
	}
	return output && cli_close(output) == 0 ? DFH_OK : DFH_IO;
}
