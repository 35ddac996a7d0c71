#include "dimse_tls.h"

namespace
{

const char *set_identity(DcmTLSTransportLayer &layer,
			 const struct dimse_tls &tls)
{
	if (layer.setPrivateKeyFile(tls.key, DCF_Filetype_PEM).bad())
		return "its key cannot be read";
	if (layer.setCertificateFile(tls.certificate, DCF_Filetype_PEM).bad())
		return "its certificate cannot be read";
	if (!layer.checkPrivateKeyMatchesCertificate())
		return "its key is not that of its certificate";
	return nullptr;
}

} // namespace

const char *dimse_tls_set_up(DcmTLSTransportLayer &layer,
			     const struct dimse_tls &tls)
{
	const char *why = tls.certificate ? set_identity(layer, tls) : nullptr;
	if (why)
		return why;
	layer.setCertificateVerification(tls.authorities
						 ? DCV_requireCertificate
						 : DCV_ignoreCertificate);
	if (tls.authorities &&
	    layer.addTrustedCertificateFile(tls.authorities, DCF_Filetype_PEM)
		    .bad())
		return "its authorities cannot be read";
	if (layer.setTLSProfile(TSP_Profile_BCP195_ND).bad() ||
	    layer.activateCipherSuites().bad())
		return "there are no ciphers for it";
	return nullptr;
}

bool dimse_tls_is_on(const struct dimse_tls *tls)
{
	return tls->certificate || tls->authorities;
}

const char *dimse_tls_fault(const struct dimse_tls *tls, bool serves)
try {
	if (!dimse_tls_is_on(tls))
		return nullptr;
	DcmTLSTransportLayer layer(serves ? NET_ACCEPTOR : NET_REQUESTOR,
				   nullptr, OFTrue);
	return dimse_tls_set_up(layer, *tls);
} catch (...) {
	return "out of memory";
}
