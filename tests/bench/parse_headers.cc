/* A bare loop of DCMTK over headers, and nothing done with them. */
#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dctk.h>

#include <fstream>
#include <iostream>
#include <string>

static bool parse(const std::string &path)
{
	DcmFileFormat file;
	const OFCondition result = file.loadFileUntilTag(
		path.c_str(), EXS_Unknown, EGL_noChange, DCM_MaxReadLength,
		ERM_autoDetect, DCM_PixelData);
	if (result.bad())
		std::cerr << path << ": " << result.text() << '\n';
	return result.good();
}

/* LIST names the files, one a line. */
int main(int argc, char **argv)
{
	std::ifstream list(argc == 2 ? argv[1] : "");
	std::string path;
	int status = 0;
	// it would tell of each file that the pixel data was left
	OFLog::configure(OFLogger::ERROR_LOG_LEVEL);
	if (!list) {
		std::cerr << "usage: parse_headers LIST\n";
		return 2;
	}
	while (std::getline(list, path))
		if (!parse(path))
			status = 3;
	return status;
}
