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

const char *set_up(DcmTLSTransportLayer &layer, const struct dimse_tls &tls)
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

bool is_on(const struct dimse_tls &tls)
{
	return tls.certificate || tls.authorities;
}

std::unique_ptr<DcmTLSTransportLayer> new_layer(bool serves)
{
	return std::make_unique<DcmTLSTransportLayer>(
		serves ? NET_ACCEPTOR : NET_REQUESTOR, nullptr, OFTrue);
}

} // namespace

const char *dimse_tls_begin(const struct dimse_tls &tls, bool serves,
			    T_ASC_Network *network,
			    std::unique_ptr<DcmTLSTransportLayer> &layer)
{
	if (!is_on(tls))
		return nullptr;
	layer = new_layer(serves);
	const char *why = set_up(*layer, tls);
	if (!why && ASC_setTransportLayer(network, layer.get(), 0).bad())
		why = "the layer of TLS cannot be used";
	return why;
}

const char *dimse_tls_fault(const struct dimse_tls *tls, bool serves)
try {
	if (!is_on(*tls))
		return nullptr;
	return set_up(*new_layer(serves), *tls);
} catch (...) {
	return "out of memory";
}
