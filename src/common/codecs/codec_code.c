/* The code, scheme and version of a Code Sequence item (PS3.3 Table 8.8-1). */
#include "codecs.h"

#include <string.h>

#include "arena.h"
#include "vr.h"
#include "utf8.h"

enum { VALUE_MAX = 16, VERSION_MAX = 16 };

bool code_get(const struct codec_call *call, const char *type,
	      const struct port_value *in, struct code *out)
{
	*out = (struct code){0};
	int found = 0;
	for (int i = CODE_VALUE; i <= CODE_URN; i++) {
		const char *text = port_trimmed(call, &in[i]);
		if (text && found++ == 0)
			out->value = text;
	}
	if (found > 1)
		codec_note(call, NOTE_INVALID, "more than one form of code");
	if (!out->value)
		return false;
	const char *fault = fhir_text_fault(type, out->value);
	if (fault) {
		codec_note(call, NOTE_INVALID, fault);
		*out = (struct code){0};
		return false;
	}
	const char *scheme = port_trimmed(call, &in[CODE_SCHEME]);
	out->system = scheme ? scheme_system(call, scheme) : NULL;
	out->version = port_trimmed(call, &in[CODE_VERSION]);
	fault = out->version ? fhir_text_fault("string", out->version) : NULL;
	if (fault) {
		codec_note(call, NOTE_INVALID, fault);
		out->version = NULL;
	}
	return true;
}

static bool is_code_uri(const char *text)
{
	return strncmp(text, "urn:", 4) == 0 || strstr(text, "://");
}

void code_clear(struct port_value *io)
{
	for (int i = CODE_VALUE; i <= CODE_VERSION; i++)
		port_set(&io[i], NULL);
}

/* Of several designators of one system the dataset keeps its own. */
static void put_scheme(const struct codec_call *call, struct port_value *io,
		       const char *system)
{
	const char *old = port_trimmed(call, &io[CODE_SCHEME]);
	if (!system || !old || !same_text(scheme_system(call, old), system))
		port_set(&io[CODE_SCHEME], scheme_designator(call, system));
}

/* Which of the three holds the code; -1: none that the rule has. */
static int code_port_of(const struct codec_call *call, const char *code)
{
	if (is_code_uri(code) && port_given(call, CODE_URN) &&
	    !vr_fault("UR", 1, code))
		return CODE_URN;
	if (utf8_count(code, strlen(code)) <= VALUE_MAX)
		return CODE_VALUE;
	return port_given(call, CODE_LONG) ? CODE_LONG : -1;
}

/* Without a designator only a URN is a code (PS3.3 Table 8.8-1). */
bool code_has_system(const struct codec_call *call, const char *code,
		     const char *system)
{
	return (system && *system) || code_port_of(call, code) == CODE_URN;
}

/* Nothing in place of one that finds no room: then it is as if none had come,
 * and what lies there without being readable stays. */
static const char *version_that_fits(const struct codec_call *call,
				     const char *version)
{
	if (version &&
	    (!port_given(call, CODE_VERSION) || strchr(version, '\\') ||
	     utf8_count(version, strlen(version)) > VERSION_MAX)) {
		codec_note(call, NOTE_LOST, "the version does not fit");
		return NULL;
	}
	return version;
}

/* A system by an earlier URI of it is no other one. */
static const char *current_system(const struct codec_call *call,
				  const char *system)
{
	return scheme_is_known(call, system)
		       ? scheme_system(call, scheme_designator(call, system))
		       : system;
}

int code_put(const struct codec_call *call, struct port_value *io,
	     const struct code *code)
{
	struct code old;
	struct codec_call quiet = *call;
	const char *value = codec_trimmed(call, code->value);
	const char *system = current_system(call, code->system);
	quiet.note = NULL;
	if (!value)
		return codec_refuse(call, "a code of blanks");
	bool same = code_get(&quiet, "string", io, &old) &&
		    same_text(old.value, value);
	int form = code_port_of(call, value);
	/* The same code keeps the form and the designator that it had. */
	if (same && same_text(old.system, system)) {
		if (same_text(old.version, code->version))
			return 0;
		const char *version = version_that_fits(call, code->version);
		return same_text(old.version, version)
			       ? 0
			       : port_put(call, io, CODE_VERSION, version);
	}
	if (form < 0)
		return codec_refuse(call, "the code is too long");
	if (!code_has_system(call, value, system))
		return codec_refuse(call, "a code without a system");
	for (int i = CODE_VALUE; i <= CODE_URN; i++)
		if (port_put(call, io, (size_t)i, i == form ? value : NULL) < 0)
			return -1;
	put_scheme(call, io, system);
	return port_put(call, io, CODE_VERSION,
			version_that_fits(call, code->version));
}
