/*
 * A codec is the two halves of one correspondence of values: get makes a FHIR
 * value from the values of its ports, put makes those from a FHIR value.  It
 * knows no attribute, no FHIR path and no code: those are in the rule.
 */
#ifndef CODEC_H
#define CODEC_H

#include "json_text.h"
#include "rules.h"

enum { CODEC_PORTS_MAX = 8 };

enum value_state { VALUE_ABSENT, VALUE_EMPTY, VALUE_TEXT };

/* One attribute's value as a codec sees it. */
struct port_value {
	enum value_state state;
	const char *text; /* UTF-8, all its values joined by '\\'; no padding at
			     its end, perhaps blanks at its start */
};

/* One port, as the codec declares it. */
struct codec_port {
	const char *name;
	const char *vrs; /* "SH LO": what it can carry; "*": any text */
	bool required;	 /* a rule must give it */
	bool shared;	 /* several rules may write the same attribute, and
			    must then agree: a time zone */
};

enum option_kind { OPTION_TEXT, OPTION_TABLE, OPTION_LIST, OPTION_BOOLEAN };

struct codec_option {
	const char *name;
	enum option_kind kind;
	bool required;
};

enum note_kind {
	NOTE_INVALID, /* the DICOM value is not what its VR or rule allows */
	NOTE_LOST,    /* a part of the value has no form on the other side */
	NOTE_REFUSED, /* the value has none at all */
	NOTE_KEPT,    /* the value of the dataset stays, and should */
	NOTE_BOOKKEEPING, /* FHIR's own: a use, a period; nothing is lost */
	NOTE_SUPPLIED,	  /* a part of it is not from the source: the zone */
	NOTE_KINDS
};

struct moment;

/* What the two halves know besides the value. */
struct zone;

struct codec_call {
	const dfh_rules *rules;
	const struct rule *rule;
	enum fhir_release release;
	const char *type;	 /* FHIR type of the value here: "dateTime" */
	struct arena *arena;	 /* for the texts that put gives out */
	struct schemes *schemes; /* coding schemes of this dataset; or NULL */
	const struct zone *zone; /* for a dataset that gives none; or NULL */
	bool replaces;		 /* parts that FHIR does not give do not stay */
	bool stamps; /* onto a dataset with more in it than FHIR gives */
	/* Receives why something was not carried: English, without any of the
	 * value in it; may be NULL. */
	void (*note)(void *context, enum note_kind kind, const char *text);
	void *note_context;
};

struct codec {
	const char *name;
	const struct codec_port *ports;	    /* ends with name NULL */
	const struct codec_option *options; /* ends with name NULL */
	const char *types; /* FHIR types it can carry: "date dateTime" */
	/* The value is a JSON array of all the elements of the slot. */
	bool list;
	/* The member of the value without which it has nothing to say; or
	 * NULL. */
	const char *needs;
	/* Members of the value that it always writes: "value unit"; or NULL. */
	const char *says;
	/* What else stands in the item of the ports is about their old value
	 * (a code's context group), and goes with it. */
	bool owns_item;
	/* Notes (1 << kind) with which put makes other than what it was given
	 * without losing any: groups of a name that stay, a time whose clock is
	 * not known.  The laws hold all others to the letter. */
	unsigned departs;
	/* Each port is another place for the value; else they make it up
	 * together. */
	bool alternatives;
	/* NULL, or what is wrong with the value of a list among the options;
	 * itself NULL if any list will do. */
	const char *(*list_fault)(const char *option, json_object *list);
	/* NULL, or what is wrong with the ports and options of a rule together;
	 * itself NULL if nothing is. */
	const char *(*rule_fault)(const struct rule *rule);
	/* NULL, or: does one account of the ports say all that another does,
	 * and more?  A date and time say more than the date. */
	bool (*refines)(const struct port_value *fine,
			const struct port_value *coarse);
	/* NULL, or: when it is that the ports tell of, with the offset that is
	 * in force as far as it is known.  false: they tell of no day. */
	bool (*when)(const struct codec_call *call, const struct port_value *in,
		     struct moment *out);
	/* in: one for each of ports, in order.  A new reference, or NULL where
	 * there is nothing to say in FHIR. */
	json_object *(*get)(const struct codec_call *call,
			    const struct port_value *in);
	/* io: the old values on entry (absent without a base), the new ones on
	 * return; texts are in call->arena.  0, or -1 if the value has no DICOM
	 * form (noted; io is then ignored). */
	int (*put)(const struct codec_call *call, json_object *value,
		   struct port_value *io);
};

/* The registry (codecs.c). */
/* How many ports it has, mapped by a rule or not. */
static inline size_t codec_port_count(const struct codec *codec)
{
	size_t count = 0;

	while (codec->ports[count].name)
		count++;
	return count;
}

const struct codec *codec_find(const char *name);
const struct codec *const *codec_all(size_t *count);

#endif
