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

/* NULL, or why it cannot be had; without any of the files it is not asked for.
 * serves: who calls is answered; else we are
 * who calls. */
const char *dimse_tls_fault(const struct dimse_tls *tls, bool serves);

#ifdef __cplusplus
}

#include <memory>

#include "dcmtk/config/osconfig.h"
#include "dcmtk/dcmnet/assoc.h"
#include "dcmtk/dcmtls/tlslayer.h"

/* The layer of a network, which borrows it and goes before it does; without TLS
 * none.  NULL, or why it cannot be had. */
const char *dimse_tls_begin(const struct dimse_tls &tls, bool serves,
			    T_ASC_Network *network,
			    std::unique_ptr<DcmTLSTransportLayer> &layer);
#endif
#endif
