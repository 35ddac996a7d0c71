#include "codecs.h"

#include <string.h>
#include <strings.h>

#include "arena.h"
#include "vr.h"

static const struct codec_port ports[] = {
	{"value", "UI", true, false},
	{NULL, NULL, false, false},
};

static const struct codec_option options[] = {
	{"prefix", OPTION_TEXT, false},
	{NULL, OPTION_TEXT, false},
};

/* What readers take, though no UID is so (PS3.5 9.1, X.660): a component that
 * begins with a zero, or a root that there is not. */
static bool is_irregular(const char *uid)
{
	if (uid[0] > '2' || (uid[1] && uid[1] != '.'))
		return true;
	for (const char *p = uid; p; p = strchr(p, '.')) {
		p += *p == '.';
		if (p[0] == '0' && p[1] && p[1] != '.')
			return true;
	}
	return false;
}

static json_object *uid_get(const struct codec_call *call,
			    const struct port_value *in)
{
	const char *uid = port_trimmed(call, &in[0]);
	const char *prefix = codec_text(call, "prefix");
	if (!uid)
		return NULL;
	const char *text =
		prefix ? arena_printf(call->arena, "%s%s", prefix, uid) : uid;
	const char *fault = vr_uid_fault(uid);
	if (!fault)
		fault = fhir_text_fault(call->type, text);
	if (fault) {
		codec_note(call, NOTE_INVALID, fault);
		return NULL;
	}
	if (is_irregular(uid))
		codec_note(call, NOTE_INVALID,
			   "is no legal UID, and is taken as it is");
	return json_new_string(text);
}

static int uid_put(const struct codec_call *call, json_object *value,
		   struct port_value *io)
{
	const char *uid = json_string(value);
	const char *prefix = codec_text(call, "prefix");
	size_t length = prefix ? strlen(prefix) : 0;
	/* Many servers leave the prefix out. */
	if (uid && length && uid[0] >= '0' && uid[0] <= '9') {
		codec_note(call, NOTE_SUPPLIED, "is bare, and taken as a UID");
		length = 0;
	}
	/* The scheme and the namespace of a URN have no case (RFC 8141). */
	if (!uid || (length && strncasecmp(uid, prefix, length) != 0))
		return codec_refuse(call, "is not the URN of a UID");
	const char *fault = vr_uid_fault(uid + length);
	if (fault)
		return codec_refuse(call, fault);
	if (!codec_unchanged(call, uid_get, io, value))
		port_set(&io[0], arena_strdup(call->arena, uid + length));
	return 0;
}

const struct codec uid_codec = {
	.name = "uid",
	.ports = ports,
	.options = options,
	.types = "string id code uri oid",
	.get = uid_get,
	.put = uid_put,
};
