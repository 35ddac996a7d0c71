/* Files to a storage SCP, by DCMTK's C-STORE.  No C++ type and no exception
 * comes out of here. */
#ifndef DIMSE_SEND_H
#define DIMSE_SEND_H

#include <stdbool.h>
#include <stddef.h>

#include "dimse_tls.h"

#ifdef __cplusplus
extern "C" {
#endif

struct dimse_client {
	const char *address; /* name or number */
	long port;
	const char *calling, *called; /* AE titles */
	struct dimse_tls tls;
	long seconds; /* of silence, until the association is given up */
	/* A file was answered; false: no other one goes. */
	bool (*settle)(size_t index, unsigned int status, void *context);
	/* The association ended while this file was under way. */
	void (*breaks)(size_t index, void *context);
	/* Is it to end? */
	bool (*ends)(void *context);
	void *context;
};

/* What a file is settled with that nothing was asked about. */
enum {
	DIMSE_NOT_SUPPORTED = 0x0122, /* the peer takes no such file */
	DIMSE_NO_FILE = 0xC002	      /* it cannot be read */
};

/* One association for all files that it has room for; those that are not
 * settled are for another one.  0, or -1 and why in fault. */
int dimse_send(const struct dimse_client *client, const char *const *files,
	       size_t count, char fault[], size_t fault_size);

#ifdef __cplusplus
}
#endif
#endif
