/* A rule made by hand from a group of cases in codecs/NAME.json, so that a
 * codec can be tried without a rule file. */
#ifndef CODEC_CASE_H
#define CODEC_CASE_H

#include "codec.h"

struct codec_case {
	json_object *group; /* borrowed */
	struct arena *arena;
	dfh_rules rules;
	struct rule rule;
	struct rule_port ports[CODEC_PORTS_MAX];
	size_t port_count;
	struct fhir_path path;
	struct zone *zone;
	int notes[NOTE_KINDS]; /* how many since the last call */
};

/*
 * group: {codec, type, ports: {port: "VR", "VR n" or "VR read-only"}, with,
 * tables: {name: {system, others, default, none, rows, also, formerly}},
 * schemes: table of the coding schemes, unknown, is, zone}.
 */
void codec_case_open(struct codec_case *it, json_object *group);
void codec_case_close(struct codec_case *it);

/* A call with nothing noted yet. */
struct codec_call codec_case_call(struct codec_case *it);

/* From {port: text}, or the text of the first port; "" is an empty one. */
void codec_case_ports(struct codec_case *it, json_object *from,
		      struct port_value *out);

/* NULL, or which port differs; ports that the rule has not do not count. */
const char *codec_case_differ(struct codec_case *it, const struct port_value *a,
			      const struct port_value *b);

#endif
