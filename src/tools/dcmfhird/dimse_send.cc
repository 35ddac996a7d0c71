#include "dimse_send.h"

#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "dcmtk/config/osconfig.h"
#include "dcmtk/dcmdata/dctk.h"
#include "dcmtk/dcmnet/assoc.h"
#include "dcmtk/dcmnet/dimse.h"
#include "dcmtk/dcmnet/diutil.h"

namespace
{

/* PS3.8 9.3.2.2: an id is odd, and below 256. */
constexpr size_t contexts_most = 128;
constexpr int connect_seconds = 20;

/* What a file is of: its SOP class and transfer syntax. */
using kind = std::pair<std::string, std::string>;

struct outgoing {
	size_t index;
	std::string instance;
	kind of;
};

struct association {
	/* the last to go */
	std::unique_ptr<DcmTLSTransportLayer> tls;
	T_ASC_Network *network = nullptr;
	T_ASC_Association *at = nullptr;

	~association()
	{
		if (at)
			ASC_destroyAssociation(&at);
		ASC_dropNetwork(&network);
	}
};

/* ---- what is to go ---- */

bool read_meta(const char *file, outgoing &out)
{
	DcmFileFormat format;
	OFString value;
	if (format.loadFile(file, EXS_Unknown, EGL_noChange, DCM_MaxReadLength,
			    ERM_metaOnly)
		    .bad())
		return false;
	DcmMetaInfo *meta = format.getMetaInfo();
	if (meta->findAndGetOFString(DCM_MediaStorageSOPClassUID, value).bad())
		return false;
	out.of.first = value.c_str();
	if (meta->findAndGetOFString(DCM_MediaStorageSOPInstanceUID, value)
		    .bad())
		return false;
	out.instance = value.c_str();
	if (meta->findAndGetOFString(DCM_TransferSyntaxUID, value).bad())
		return false;
	out.of.second = value.c_str();
	return true;
}

size_t kind_place(std::vector<kind> &kinds, const kind &wanted)
{
	size_t place = 0;
	while (place < kinds.size() && kinds[place] != wanted)
		place++;
	if (place == kinds.size() && place < contexts_most)
		kinds.push_back(wanted);
	return place;
}

/* Those for whose kinds one association has room. */
std::vector<outgoing> read_all(const struct dimse_client *client,
			       const char *const *files, size_t count,
			       std::vector<kind> &kinds)
{
	std::vector<outgoing> all;
	for (size_t i = 0; i < count; i++) {
		outgoing one;
		one.index = i;
		if (!read_meta(files[i], one))
			client->settle(i, DIMSE_NO_FILE, client->context);
		else if (kind_place(kinds, one.of) < contexts_most)
			all.push_back(one);
	}
	return all;
}

/* ---- the association ---- */

OFCondition request(const struct dimse_client *client,
		    const std::vector<kind> &kinds, association &association)
{
	T_ASC_Parameters *parameters = nullptr;
	std::string peer = client->address;
	peer += ":" + std::to_string(client->port);
	OFCondition result = ASC_initializeNetwork(
		NET_REQUESTOR, 0, connect_seconds, &association.network);
	if (result.good())
		result = ASC_createAssociationParameters(&parameters,
							 ASC_DEFAULTMAXPDU);
	if (result.bad())
		return result;
	const char *why = dimse_tls_begin(client->tls, false,
					  association.network, association.tls);
	if (why)
		result = makeOFCondition(OFM_dcmtls, 0xffff, OF_error, why);
	else if (association.tls)
		result = ASC_setTransportLayerType(parameters, OFTrue);
	ASC_setAPTitles(parameters, client->calling, client->called, nullptr);
	ASC_setPresentationAddresses(parameters, "localhost", peer.c_str());
	for (size_t i = 0; i < kinds.size() && result.good(); i++) {
		const char *syntax = kinds[i].second.c_str();
		result = ASC_addPresentationContext(
			parameters,
			static_cast<T_ASC_PresentationContextID>(2 * i + 1),
			kinds[i].first.c_str(), &syntax, 1);
	}
	if (result.good())
		return ASC_requestAssociation(association.network, parameters,
					      &association.at, nullptr, nullptr,
					      DUL_NOBLOCK, connect_seconds);
	ASC_destroyAssociationParameters(&parameters);
	return result;
}

/* The file goes as it is: in a context of its own transfer syntax. */
T_ASC_PresentationContextID context_of(association &association,
				       const std::vector<kind> &kinds,
				       const outgoing &file)
{
	T_ASC_PresentationContext found;
	for (size_t i = 0; i < kinds.size(); i++) {
		auto id = static_cast<T_ASC_PresentationContextID>(2 * i + 1);
		if (kinds[i] == file.of &&
		    ASC_findAcceptedPresentationContext(association.at->params,
							id, &found)
			    .good())
			return id;
	}
	return 0;
}

OFCondition store(const struct dimse_client *client, association &association,
		  T_ASC_PresentationContextID context, const outgoing &file,
		  DcmFileFormat &format, unsigned int &status)
{
	T_DIMSE_C_StoreRQ asked;
	T_DIMSE_C_StoreRSP answer;
	DcmDataset *detail = nullptr;
	memset(&asked, 0, sizeof asked);
	memset(&answer, 0, sizeof answer);
	asked.MessageID = association.at->nextMsgID++;
	asked.DataSetType = DIMSE_DATASET_PRESENT;
	asked.Priority = DIMSE_PRIORITY_MEDIUM;
	OFStandard::strlcpy(asked.AffectedSOPClassUID, file.of.first.c_str(),
			    sizeof asked.AffectedSOPClassUID);
	OFStandard::strlcpy(asked.AffectedSOPInstanceUID, file.instance.c_str(),
			    sizeof asked.AffectedSOPInstanceUID);
	OFCondition result = DIMSE_storeUser(
		association.at, context, &asked, nullptr, format.getDataset(),
		nullptr, nullptr, DIMSE_NONBLOCKING,
		static_cast<int>(client->seconds), &answer, &detail);
	delete detail;
	status = answer.DimseStatus;
	return result;
}

/* One that cannot be loaded is no matter of the association. */
OFCondition store_file(const struct dimse_client *client,
		       association &association,
		       T_ASC_PresentationContextID context,
		       const outgoing &file, const char *path,
		       unsigned int &status)
{
	DcmFileFormat format;
	if (format.loadFile(path).bad()) {
		status = DIMSE_NO_FILE;
		return EC_Normal;
	}
	OFCondition result =
		store(client, association, context, file, format, status);
	if (result.bad())
		client->breaks(file.index, client->context);
	return result;
}

OFCondition store_all(const struct dimse_client *client,
		      association &association, const std::vector<kind> &kinds,
		      const std::vector<outgoing> &all,
		      const char *const *files)
{
	for (const outgoing &file : all) {
		unsigned int status = DIMSE_NOT_SUPPORTED;
		auto context = context_of(association, kinds, file);
		OFCondition result = EC_Normal;
		if (client->ends(client->context))
			break;
		if (context)
			result = store_file(client, association, context, file,
					    files[file.index], status);
		if (result.bad())
			return result;
		if (!client->settle(file.index, status, client->context))
			break;
	}
	return EC_Normal;
}

/* A peer that accepts no context at all takes none of the files. */
void settle_all(const struct dimse_client *client,
		const std::vector<outgoing> &all)
{
	for (const outgoing &file : all)
		client->settle(file.index, DIMSE_NOT_SUPPORTED,
			       client->context);
}

OFCondition send(const struct dimse_client *client, const char *const *files,
		 size_t count)
{
	association association;
	std::vector<kind> kinds;
	std::vector<outgoing> all = read_all(client, files, count, kinds);
	if (all.empty())
		return EC_Normal;
	OFCondition result = request(client, kinds, association);
	if (result.bad())
		return result;
	if (ASC_countAcceptedPresentationContexts(association.at->params) == 0)
		settle_all(client, all);
	else
		result = store_all(client, association, kinds, all, files);
	if (result.good())
		ASC_releaseAssociation(association.at);
	else
		ASC_abortAssociation(association.at);
	return result;
}

} // namespace

int dimse_send(const struct dimse_client *client, const char *const *files,
	       size_t count, char fault[], size_t fault_size)
try {
	OFCondition result = send(client, files, count);
	OFStandard::strlcpy(fault, result.good() ? "" : result.text(),
			    fault_size);
	return result.good() ? 0 : -1;
} catch (...) {
	OFStandard::strlcpy(fault, "out of memory", fault_size);
	return -1;
}
