#include "fhir2dcm_json.h"

#include <stdlib.h>
#include <string.h>

#include "buffer.h"

/* ---- the array ---- */

int json_begin(struct work *work)
{
	work->json = cli_open(work->options->output);
	if (!work->json)
		return DFH_IO;
	cli_write_part(work->json, "[", 1);
	return DFH_OK;
}

void json_put(struct work *work, char *header)
{
	if (work->json_count++)
		cli_write_part(work->json, ",\n", 2);
	cli_write_part(work->json, header, strlen(header));
	free(header);
}

int json_end(struct work *work)
{
	int status = DFH_OK;
	if (!work->json)
		return DFH_OK;
	cli_write(work->json, "]");
	if (work->status > DFH_REFUSED)
		cli_abandon(work->json);
	else if (cli_close(work->json) < 0)
		status = DFH_IO;
	work->json = NULL;
	return status;
}

/* ---- rebuilt ---- */

struct rebuilding {
	struct work *work;
	dfh_error *error;
};

static int put_rebuilt_as_json(const char *name, const void *bytes,
			       size_t length, void *context)
{
	struct rebuilding *rebuilding = context;
	const dfh_source source = {.size = sizeof source,
				   .name = name,
				   .bytes = bytes,
				   .length = length};
	char *text = dfh_dicom_json(&source, &rebuilding->error);
	if (!text)
		return -1;
	json_put(rebuilding->work, text);
	return 0;
}

int json_rebuild(struct work *work)
{
	struct rebuilding rebuilding = {.work = work};
	dfh_error *error = NULL;
	int status = json_begin(work);
	if (status != DFH_OK)
		return status;
	if (dfh_import_rebuild_each(work->import, put_rebuilt_as_json,
				    &rebuilding, &error) < 0)
		status = cli_fail(error);
	if (rebuilding.error)
		status = cli_fail(rebuilding.error);
	work_worst(work, status);
	return json_end(work);
}

/* ---- stamped ---- */

static int gather_bytes(const void *bytes, size_t length, void *context)
{
	buffer_add(context, bytes, length);
	return 0;
}

char *json_stamped(const struct work *work, const dfh_source *given,
		   const dfh_stamp_options *how, dfh_stamped *stamped,
		   dfh_error **error)
{
	struct buffer bytes = {0};
	const dfh_sink sink = {
		.size = sizeof sink, .write = gather_bytes, .context = &bytes};
	dfh_source source = *given;
	char *text = NULL;
	source.without_pixels = 1;
	if (dfh_import_stamp_source(work->import, &source, &sink, how, stamped,
				    error) == 0) {
		const dfh_source header = {.size = sizeof header,
					   .name = source.name,
					   .bytes = bytes.bytes,
					   .length = bytes.length,
					   .without_pixels = 1};
		text = dfh_dicom_json(&header, error);
	}
	buffer_free(&bytes);
	return text;
}
