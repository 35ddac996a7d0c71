#include "rules_build.h"

static const char *build_word(struct build *build, const struct yaml_node *map,
			      const char *key)
{
	const struct yaml_node *node = yaml_get(map, key);

	if (!node)
		node_fault(build, map, "'de-identified' needs '%s'", key);
	return node ? node_text(build, node) : NULL;
}

void build_deidentified(struct build *build)
{
	static const char *const keys[] = {"flag", "is", "becomes", "without",
					   NULL};
	struct deidentified *out = &build->rules->deidentified;
	const struct yaml_node *map = build->deidentified, *flag, *without;
	struct dcm_path path = {0};

	if (!map || yaml_is_null(map) || !node_is_map(build, map))
		return;
	node_check_keys(build, map, keys);
	out->is = build_word(build, map, "is");
	out->becomes = build_word(build, map, "becomes");
	flag = yaml_get(map, "flag");
	if (!flag)
		node_fault(build, map, "'de-identified' needs 'flag'");
	else if (build_dicom_path(build, flag, &path) &&
		 build_at_top(build, flag, &path) && out->is && out->becomes)
		out->flag = path;
	without = yaml_get(map, "without");
	if (!without || !build_dicom_paths(build, without, &out->without,
					   &out->without_count))
		return;
	for (size_t i = 0; i < out->without_count; i++)
		build_at_top(build, without, &out->without[i]);
}
