/* GDCM reads so many tags: gdcm_headers TAGS LIST. */
#include <gdcmReader.h>
#include <gdcmTag.h>

#include <cstdio>
#include <fstream>
#include <iostream>
#include <set>
#include <string>

static std::set<gdcm::Tag> read_tags(const char *path)
{
	std::ifstream file(path);
	std::set<gdcm::Tag> tags;
	std::string line;
	while (std::getline(file, line)) {
		unsigned int group, element;
		if (std::sscanf(line.c_str(), "%x,%x", &group, &element) == 2)
			tags.insert(gdcm::Tag(static_cast<uint16_t>(group),
					      static_cast<uint16_t>(element)));
	}
	return tags;
}

int main(int argc, char **argv)
{
	if (argc != 3) {
		std::cerr << "usage: gdcm_headers TAGS LIST\n";
		return 2;
	}
	const std::set<gdcm::Tag> tags = read_tags(argv[1]);
	std::ifstream list(argv[2]);
	std::string path;
	int status = 0;
	while (std::getline(list, path)) {
		gdcm::Reader reader;
		reader.SetFileName(path.c_str());
		if (!reader.ReadSelectedTags(tags)) {
			std::cerr << path << ": cannot be read\n";
			status = 3;
		}
	}
	return status;
}
