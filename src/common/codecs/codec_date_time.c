#include "codecs.h"

#include <string.h>

#include "arena.h"
#include "moment.h"
#include "zone.h"

enum { DATE, TIME, ZONE, DATE_TIME };

static const struct codec_port ports[] = {
	{"date", "DA", false, false}, {"time", "TM", false, false},
	{"zone", "SH", false, true},  {"date-time", "DT", false, false},
	{NULL, NULL, false, false},
};

/* precision: time -- without time and zone there is no value. */
static const struct codec_option options[] = {
	{"precision", OPTION_TEXT, false},
	{NULL, OPTION_TEXT, false},
};

static bool wants_time(const struct codec_call *call)
{
	return same_text(codec_text(call, "precision"), "time") ||
	       strcmp(call->type, "instant") == 0;
}

static bool supplied_zone(const struct codec_call *call,
			  const struct moment *moment, struct moment *out)
{
	char text[6];
	return call->zone &&
	       zone_offset(call->zone, moment_date(moment, call->arena),
			   moment_time(moment, call->arena), text) &&
	       moment_read_zone(text, out);
}

/* A dataset that says nothing of its zone has the one that was supplied. */
static void read_zone(const struct codec_call *call,
		      const struct port_value *port, struct moment *out)
{
	const char *zone = port_trimmed(call, port);
	if (zone) {
		out->has_zone = moment_read_zone(zone, out);
		if (!out->has_zone)
			codec_note(call, NOTE_INVALID,
				   "is not an offset from UTC (+HHMM)");
	} else if (out->has_time) {
		out->has_zone = supplied_zone(call, out, out);
		if (out->has_zone)
			codec_note(call, NOTE_SUPPLIED,
				   "the offset from UTC was supplied, the "
				   "dataset has none");
	}
}

static bool read_date(const struct codec_call *call,
		      const struct port_value *port, struct moment *out)
{
	const char *date = port_trimmed(call, port);
	if (date && moment_read_date(date, out))
		return true;
	if (date)
		codec_note(call, NOTE_INVALID, "is not a date (DA)");
	out->year = out->month = out->day = 0;
	return false;
}

/* DT: a date of eight digits at least, a time, an offset (PS3.5 6.2).  A date
 * of fewer digits is none here.  false: there is no date. */
static bool read_date_time(const struct codec_call *call,
			   const struct port_value *in, struct moment *out)
{
	const char *text = port_trimmed(call, &in[DATE_TIME]);
	size_t digits = text ? strspn(text, "0123456789") : 0;
	size_t end = text ? strcspn(text, "+-") : 0;
	struct port_value zone = in[ZONE];
	*out = (struct moment){0};
	if (!text)
		return false;
	if (digits < 8 ||
	    !moment_read_date(arena_strndup(call->arena, text, 8), out)) {
		codec_note(call, NOTE_INVALID, "is not a date and time (DT)");
		return false;
	}
	if (text[end])
		zone = (struct port_value){VALUE_TEXT, text + end};
	if (end == 8 || strcmp(call->type, "date") == 0)
		return true;
	out->has_time = moment_read_time(
		arena_strndup(call->arena, text + 8, end - 8), out);
	if (!out->has_time)
		codec_note(call, NOTE_INVALID, "is not a date and time (DT)");
	read_zone(call, &zone, out);
	return true;
}

/* false: there is no date. */
static bool read_moment_of_ports(const struct codec_call *call,
				 const struct port_value *in,
				 struct moment *out)
{
	if (port_given(call, DATE_TIME))
		return read_date_time(call, in, out);
	*out = (struct moment){0};
	const char *time = port_trimmed(call, &in[TIME]);
	bool has_date = read_date(call, &in[DATE], out);
	if (strcmp(call->type, "date") == 0 || !time)
		return has_date;
	out->has_time = moment_read_time(time, out);
	if (!out->has_time)
		codec_note(call, NOTE_INVALID, "is not a time (TM)");
	read_zone(call, &in[ZONE], out);
	return has_date;
}

/* What is no offset is told as that. */
static bool says_zone(const struct codec_call *call,
		      const struct port_value *in)
{
	const char *text = port_trimmed(call, &in[DATE_TIME]);
	return port_trimmed(call, &in[ZONE]) || (text && strpbrk(text, "+-"));
}

static json_object *date_time_get(const struct codec_call *call,
				  const struct port_value *in)
{
	/* Without the time that is wanted there is nothing to be wrong. */
	if (wants_time(call) && !port_trimmed(call, &in[TIME]) &&
	    !port_given(call, DATE_TIME))
		return NULL;
	struct moment moment;
	if (!read_moment_of_ports(call, in, &moment))
		return NULL;
	/* FHIR has no time without an offset, and none is made up. */
	bool full = moment.has_time && moment.has_zone;
	if (moment.has_time && !full && !says_zone(call, in))
		codec_note(call, NOTE_LOST,
			   "no offset from UTC is known: see --timezone");
	if (!full && wants_time(call))
		return NULL;
	moment.has_time = full;
	return json_new_string(moment_fhir(&moment, call->arena));
}

/* Is the text of coarse where that of fine begins?  ("10" is of "101112".) */
static bool begins_with_coarse(const struct port_value *fine,
			       const struct port_value *coarse)
{
	const char *text = coarse->text ? coarse->text : "";
	return !*text ||
	       (fine->text && strncmp(fine->text, text, strlen(text)) == 0);
}

/* date < date and time < date, time and zone */
static bool date_time_refines(const struct port_value *fine,
			      const struct port_value *coarse)
{
	if (fine[DATE_TIME].text || coarse[DATE_TIME].text)
		return begins_with_coarse(&fine[DATE_TIME], &coarse[DATE_TIME]);
	bool has_time = coarse[TIME].state == VALUE_TEXT;
	return begins_with_coarse(&fine[DATE], &coarse[DATE]) &&
	       begins_with_coarse(&fine[TIME], &coarse[TIME]) &&
	       (!has_time || begins_with_coarse(&fine[ZONE], &coarse[ZONE]));
}

/* A day alone has the offset of its noon. */
static bool date_time_when(const struct codec_call *call,
			   const struct port_value *in, struct moment *out)
{
	struct codec_call quiet = *call;
	quiet.note = NULL;
	if (!read_moment_of_ports(&quiet, in, out))
		return false;
	if (!out->has_time && !out->has_zone) {
		struct moment noon = *out;
		noon.has_time = true;
		noon.hour = 12;
		read_zone(&quiet, &in[ZONE], &noon);
		out->has_zone = noon.has_zone;
		out->offset = noon.offset;
	}
	return true;
}

/* ---- put ---- */

static const char *moment_fault(const struct codec_call *call,
				const struct moment *moment)
{
	if (!moment->day)
		return "a year or month alone has no DICOM form";
	if (!moment->has_time)
		return wants_time(call) ? "a date without a time" : NULL;
	if (strcmp(call->type, "date") == 0)
		return "a date with a time";
	if (!moment->has_zone)
		return "a time without an offset from UTC";
	if (moment->fraction_length > 6)
		return "a fraction of more than six digits";
	return NULL;
}

static bool is_written_port(const struct codec_call *call, size_t index)
{
	return port_given(call, index) && !call->rule->ports[index].read_only;
}

/* By which clock the dataset tells the time. */
enum clock {
	CLOCK_UNKNOWN,
	CLOCK_OF_FHIR, /* it is new: the zone goes with its time */
	CLOCK_OF_DATASET
};

/* A zone that is written would be put onto the other times of a dataset, too
 * (PS3.3 C.12.1.1.8); so FHIR's goes only into one that has none but FHIR's.
 * *new is then told by the dataset's clock. */
static enum clock take_clock(const struct codec_call *call,
			     const struct port_value *io, struct moment *new)
{
	struct moment zone = *new;
	const char *given = port_trimmed(call, &io[ZONE]);
	bool known = given && moment_read_zone(given, &zone);
	if (!port_given(call, ZONE))
		return CLOCK_OF_FHIR;
	if (!known && is_written_port(call, ZONE) && !call->stamps)
		return CLOCK_OF_FHIR;
	if (!known && !given && call->zone)
		known = zone_offset_at(call->zone, moment_utc(new),
				       &zone.offset);
	if (!known || !moment_at_offset(new, zone.offset, new))
		return CLOCK_UNKNOWN;
	return CLOCK_OF_DATASET;
}

/* That it cannot be compared is no reason to change what is there. */
static int leave_time(const struct codec_call *call,
		      const struct port_value *io)
{
	if (port_trimmed(call, &io[TIME]))
		codec_note(call, NOTE_KEPT,
			   "the dataset's zone is not known; give one by "
			   "--timezone");
	else
		codec_note(call, NOTE_LOST,
			   "by the dataset's clock the time is not known; give "
			   "its zone by --timezone");
	return 0;
}

static void put_time(const struct codec_call *call, struct port_value *io,
		     const struct moment *old, const struct moment *new,
		     enum clock clock)
{
	struct moment zone;
	if (!is_written_port(call, TIME)) {
		codec_note(call, NOTE_LOST, "the time of day");
		return;
	}
	/* Where the supplied zone says the same the dataset needs no own. */
	bool supplied = (io[DATE].text || io[TIME].text) && !io[ZONE].text &&
			supplied_zone(call, new, &zone) &&
			zone.offset == new->offset;
	if (!old->has_time || !moment_same_time(old, new))
		port_set(&io[TIME], moment_time(new, call->arena));
	if (!port_given(call, ZONE))
		codec_note(call, NOTE_LOST, "the offset from UTC");
	else if (clock == CLOCK_OF_FHIR && !supplied &&
		 !(old->has_zone && io[ZONE].text &&
		   old->offset == new->offset))
		port_set(&io[ZONE], moment_zone(new, call->arena));
}

/* Of one attribute: the offset is in it, unless the dataset's own is that. */
static int put_date_time(const struct codec_call *call,
			 const struct moment *old, const struct moment *new,
			 struct port_value *io)
{
	struct moment zone;
	const char *given = port_trimmed(call, &io[ZONE]);
	const char *date = moment_date(new, call->arena);
	bool same_zone = given && moment_read_zone(given, &zone) &&
			 zone.offset == new->offset;
	if (!new->has_time) {
		if (!old->day || !moment_same_date(old, new))
			port_set(&io[DATE_TIME], date);
		return 0;
	}
	port_set(&io[DATE_TIME],
		 arena_printf(call->arena, "%s%s%s", date,
			      moment_time(new, call->arena),
			      same_zone ? "" : moment_zone(new, call->arena)));
	return 0;
}

static int date_time_put(const struct codec_call *call, json_object *value,
			 struct port_value *io)
{
	struct moment old, new;
	struct codec_call quiet = *call;
	const char *text = json_string(value);
	quiet.note = NULL;
	if (!text || !moment_read_fhir(text, &new))
		return codec_refuse(call, "is no date and time");
	if (codec_unchanged(call, date_time_get, io, value))
		return 0;
	const char *fault = moment_fault(call, &new);
	if (fault)
		return codec_refuse(call, fault);
	bool had_date = read_moment_of_ports(&quiet, io, &old);
	/* The same instant, told by another clock, is no change. */
	if (had_date && new.has_time && moment_same_instant(&old, &new))
		return 0;
	if (port_given(call, DATE_TIME))
		return put_date_time(call, &old, &new, io);
	enum clock clock =
		new.has_time ? take_clock(call, io, &new) : CLOCK_OF_DATASET;
	if (clock == CLOCK_UNKNOWN)
		return leave_time(call, io);
	bool same_date = had_date && moment_same_date(&old, &new);
	if (!same_date && !is_written_port(call, DATE))
		return codec_refuse(call, "the dataset has another date");
	/* A date alone says nothing of the time of day. */
	if (new.has_time)
		put_time(call, io, &old, &new, clock);
	if (same_date)
		return 0;
	port_set(&io[DATE], moment_date(&new, call->arena));
	if (!new.has_time && read_moment_of_ports(&quiet, io, &old) &&
	    old.has_time &&old.has_zone)
		codec_note(call, NOTE_LOST,
			   "that there is no time of day: the dataset's stays");
	return 0;
}

const struct codec date_time_codec = {
	.name = "date-time",
	.ports = ports,
	.options = options,
	.types = "date dateTime instant",
	.departs = 1u << NOTE_KEPT | 1u << NOTE_SUPPLIED,
	.refines = date_time_refines,
	.when = date_time_when,
	.get = date_time_get,
	.put = date_time_put,
};
