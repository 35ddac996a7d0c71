/* A program that logs by DCMTK's means: what it says stays, and what DCMTK says
 * of files that this library reads is not added. */
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <unistd.h>

#include "dcmtk/config/osconfig.h"
#include "dcmtk/dcmdata/dctk.h"
#include "dcmtk/dcmdata/dcistrmb.h"
#include "dcmtk/oflog/oflog.h"

#include "dcmfhir.h"

/* Explicit VR without a meta header, with a length that is not even: DCMTK
 * warns of it. */
static const char odd[] = "\x08\0\x16\0UI\x03\0"
			  "1.2"
			  "\x08\0\x18\0UI\x04\0"
			  "1.2.";

static void read_odd()
{
	dfh_error *error = nullptr;
	dfh_rules *rules = dfh_rules_load(getenv("DCMFHIR_RULES"), &error);
	dfh_export_options options = {};
	dfh_export *made;

	options.size = sizeof options;
	options.reader = DFH_READER_DCMTK;
	made = rules ? dfh_export_new(rules, &options, &error) : nullptr;
	if (!made)
		abort();
	dfh_export_add_bytes(made, "odd", odd, sizeof(odd) - 1, &error);
	dfh_error_free(error);
	dfh_export_free(made);
	dfh_rules_free(rules);
}

/* The same by DCMTK alone. */
static void read_odd_alone()
{
	DcmInputBufferStream in;
	DcmDataset dataset;

	in.setBuffer(odd, sizeof(odd) - 1);
	in.setEos();
	dataset.transferInit();
	dataset.read(in, EXS_LittleEndianExplicit);
	dataset.transferEnd();
}

static int count(const char *text, const char *word)
{
	int found = 0;

	while ((text = strstr(text, word))) {
		found++;
		text++;
	}
	return found;
}

int main()
{
	FILE *kept = tmpfile();
	char said[4096] = "";

	OFLog::configure(OFLogger::WARN_LOG_LEVEL);
	if (!kept || dup2(fileno(kept), 2) < 0)
		return 99;
	DCMDATA_WARN("before");
	read_odd();
	DCMDATA_WARN("behind");
	read_odd_alone();
	fflush(stderr);
	rewind(kept);
	said[fread(said, 1, sizeof(said) - 1, kept)] = '\0';
	fputs(said, stdout);
	return count(said, "before") == 1 && count(said, "behind") == 1 &&
			       count(said, "\n") > 2 &&
			       strstr(strstr(said, "before"), "\n") + 1 ==
				       strstr(said, "W: behind")
		       ? EXIT_SUCCESS
		       : EXIT_FAILURE;
}
