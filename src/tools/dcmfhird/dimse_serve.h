/* One association of DIMSE, answered by DCMTK: C-ECHO and C-STORE.  No C++ type
 * and no exception comes out of here. */
#ifndef DIMSE_SERVE_H
#define DIMSE_SERVE_H

#include <stdbool.h>
#include <stddef.h>

#include "dimse_tls.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What a C-STORE is answered with (PS3.4 GG.4). */
enum dimse_status {
	DIMSE_STORED = 0x0000,
	DIMSE_OUT_OF_RESOURCES = 0xA700,
	DIMSE_OTHER_INSTANCE = 0xA900, /* than the one that was announced */
	DIMSE_NOT_UNDERSTOOD = 0xC000,
	DIMSE_CANNOT_STORE = 0xC001
};

struct dimse_server {
	const char *aet; /* ours */
	long seconds;	 /* of silence, until an association is ended */
	struct dimse_tls tls;
	const char *file; /* a dataset is received into it, with its header */
	/* Is a peer of that AE title let in? */
	bool (*admits)(const char *aet, void *context);
	/* The file is whole: make it safe, and say what it is answered with. */
	enum dimse_status (*take)(const char *aet, const char *instance,
				  void *context);
	/* Is no other instance to be received? */
	bool (*ends)(void *context);
	void *context;
};

/* Before the first association: what all of them have in common. */
void dimse_begin(void);

/* Answer what comes over a connection, until its end; once in a process.  0, or
 * -1 and why in fault. */
int dimse_serve(int connection, const struct dimse_server *server, char fault[],
		size_t fault_size);

#ifdef __cplusplus
}
#endif
#endif
