/* What the daemon is to do, as its file says: see dcmfhird(8). */
#ifndef CONFIGURATION_H
#define CONFIGURATION_H

#include <stdbool.h>

#include "dcmfhir.h"
#include "dimse_tls.h"

struct arena;

/* Who may store; NULL: any. */
struct peer {
	const char *aet, *address;
};

/* Of an instance, what is before its pixels, or all of it. */
enum keep { KEEP_HEADERS, KEEP_FILES };

struct receiving {
	bool is_on;
	const char *address, *aet;
	long port;
	long quiet;   /* seconds without a new instance until an export */
	long timeout; /* seconds of silence until an association is ended */
	long associations;	    /* at once */
	unsigned long long reserve; /* bytes of the disk that stay free */
	int keep;		    /* enum keep */
	struct dimse_tls tls;
	struct peer *peers;
	size_t peer_count; /* 0: any peer */
};

struct watching {
	bool is_on;
	const char *folder;
	long quiet;
	long scan; /* seconds between two looks through all of it */
};

/* As the options of dcm2fhir. */
struct sending {
	bool is_on;
	const char *to;
	dfh_release release;
	const char *token_file, *client, *cacert, *headers;
	long jobs, timeout, retry_for;
	long again; /* seconds until what waits is offered once more */
};

/* What becomes of an instance that cannot be stamped. */
enum unstamped { UNSTAMPED_HOLD, UNSTAMPED_PASS };

/* A FHIR server is asked about each instance before it is forwarded. */
struct stamping {
	bool is_on;
	const char *from;
	int unknown; /* enum unstamped, where the server does not know it */
	int away;    /* ... and where the server does not answer */
	const char *token_file, *client, *cacert, *headers;
	long timeout, retry_for;
	long cache;		       /* seconds that an answer may be old */
	unsigned long long quarantine; /* bytes of what is held, at most */
};

/* A storage SCP that gets what is received. */
struct destination {
	const char *address, *aet;
	const char *calling; /* what it is called by */
	struct dimse_tls tls;
	long port, timeout;
};

/* Orders of a FHIR server become the entries of a worklist server. */
struct polling {
	bool is_on;
	const char *folder, *from;
	const char *aet; /* the station of steps that name none; or NULL */
	const char *token_file, *client, *cacert, *headers;
	long every; /* seconds */
	long days;  /* since when an order was changed that is asked for */
};

struct metering {
	bool is_on;
	const char *address;
	long port;
};

/* What says who asks a server. */
struct serving_access {
	const char *token_file, *client, *headers;
};

/* FHIR over a server of DICOMweb, or over what is taken in. */
struct serving {
	bool is_on;
	const char *address, *base; /* base: what clients call it, or NULL */
	long port;
	const char *dicomweb; /* NULL: the studies of the state are served */
	const char *endpoint;
	const char *patients;		 /* the EHR, or NULL */
	const char *tokens, *introspect; /* who is let in, or NULL */
	const char *cacert;
	struct serving_access pacs, ehr, authority;
	long timeout, jobs, clients;
};

enum { FORGET_UNSAID = -1, FORGET_DAYS = 180 };

/* All texts live as long as the configuration; NULL: not said. */
struct configuration {
	struct arena *arena;
	const char *state;    /* the folder of all that must survive a kill */
	const char *rules;    /* NULL: the site's, or the installed ones */
	const char *timezone; /* of datasets without an offset of their own */
	/* Days until a study that is sent and forwarded is removed; 0: never;
	 * or FORGET_UNSAID. */
	long forget;
	struct receiving receive;
	struct watching watch;
	struct sending send;
	struct stamping stamp;
	struct destination *forward;
	size_t forward_count;
	struct polling worklist;
	struct metering metrics;
	struct serving serve;
};

/* NULL: *error lists every fault of the file with its place. */
struct configuration *configuration_read(const char *file, dfh_error **error);

void configuration_free(struct configuration *configuration);

#endif
