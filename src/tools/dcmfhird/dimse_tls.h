/* TLS of associations, by DCMTK's layer: the profile BCP 195 of PS3.15 B.9,
 * without what is no longer safe. */
#ifndef DIMSE_TLS_H
#define DIMSE_TLS_H

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Files, in PEM. */
struct dimse_tls {
	const char *certificate, *key; /* ours; NULL: we have none */
	/* The peer needs a certificate of theirs, whatever name is in it; NULL:
	 * it needs none. */
	const char *authorities;
};

/* Is it TLS at all? */
bool dimse_tls_is_on(const struct dimse_tls *tls);

/* NULL, or why it cannot be had.  serves: who calls is answered; else we are
 * who calls. */
const char *dimse_tls_fault(const struct dimse_tls *tls, bool serves);

#ifdef __cplusplus
}

#include "dcmtk/config/osconfig.h"
#include "dcmtk/dcmnet/dul.h"
#include "dcmtk/dcmtls/tlslayer.h"

/* NULL, or why the layer cannot be set up so. */
const char *dimse_tls_set_up(DcmTLSTransportLayer &layer,
			     const struct dimse_tls &tls);
#endif
#endif
