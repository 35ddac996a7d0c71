#include "dimse_serve.h"

#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>

#include "dcmtk/config/osconfig.h"
#include "dcmtk/dcmdata/dctk.h"
#include "dcmtk/dcmdata/dcuid.h"
#include "dcmtk/dcmnet/assoc.h"
#include "dcmtk/dcmnet/dimse.h"
#include "dcmtk/oflog/oflog.h"

namespace
{

/* Of the request for an association; of a peer that is to go; and how often is
 * looked whether to end. */
constexpr int request_seconds = 30, leave_seconds = 2, look_seconds = 1;
/* Whoever does not answer at all, when something is sent to him. */
constexpr int connect_seconds = 20;

struct association {
	const struct dimse_server *server;
	T_ASC_Network *network = nullptr;
	T_ASC_Association *at = nullptr;
	/* borrowed by the network, which is gone before it */
	std::unique_ptr<DcmTLSTransportLayer> tls;
	std::string peer;

	~association()
	{
		if (at) {
			ASC_dropSCPAssociation(at, 1);
			ASC_destroyAssociation(&at);
		}
		ASC_dropNetwork(&network);
	}
};

/* ---- what is accepted ---- */

/* Storage of what this DCMTK does not know yet, or of a vendor, is welcome. */
bool is_stored(const char *abstract_syntax)
{
	return dcmIsaStorageSOPClassUID(abstract_syntax, ESSC_All) ||
	       !dcmFindNameOfUID(abstract_syntax);
}

bool is_known_transfer_syntax(const char *uid)
{
	return DcmXfer(uid).getXfer() != EXS_Unknown;
}

/* As it comes: the first one that the peer names and a file can be of. */
const char *transfer_syntax_of(const T_ASC_PresentationContext &context)
{
	for (int i = 0; i < context.transferSyntaxCount; i++)
		if (is_known_transfer_syntax(
			    context.proposedTransferSyntaxes[i]))
			return context.proposedTransferSyntaxes[i];
	return nullptr;
}

void answer_context(T_ASC_Parameters *parameters,
		    const T_ASC_PresentationContext &context)
{
	const char *syntax = transfer_syntax_of(context);
	bool is_wanted =
		strcmp(context.abstractSyntax, UID_VerificationSOPClass) == 0 ||
		is_stored(context.abstractSyntax);
	if (is_wanted && syntax)
		ASC_acceptPresentationContext(
			parameters, context.presentationContextID, syntax);
	else
		ASC_refusePresentationContext(
			parameters, context.presentationContextID,
			is_wanted ? ASC_P_TRANSFERSYNTAXESNOTSUPPORTED
				  : ASC_P_ABSTRACTSYNTAXNOTSUPPORTED);
}

void answer_contexts(T_ASC_Parameters *parameters)
{
	int count = ASC_countPresentationContexts(parameters);
	for (int i = 0; i < count; i++) {
		T_ASC_PresentationContext context;
		if (ASC_getPresentationContext(parameters, i, &context).good())
			answer_context(parameters, context);
	}
}

/* ---- who is let in ---- */

OFCondition reject(association &association, T_ASC_RejectParametersReason why,
		   std::string &fault, const char *text)
{
	T_ASC_RejectParameters how = {ASC_RESULT_REJECTEDPERMANENT,
				      ASC_SOURCE_SERVICEUSER, why};
	fault = text;
	ASC_rejectAssociation(association.at, &how);
	return DUL_ASSOCIATIONREJECTED;
}

OFCondition answer_request(association &association, std::string &fault)
{
	const struct dimse_server *server = association.server;
	char calling[17] = "", called[17] = "", responding[17] = "";
	ASC_getAPTitles(association.at->params, calling, sizeof calling, called,
			sizeof called, responding, sizeof responding);
	association.peer = calling;
	if (strcmp(called, server->aet) != 0)
		return reject(association,
			      ASC_REASON_SU_CALLEDAETITLENOTRECOGNIZED, fault,
			      "it calls another AE title");
	if (!server->admits(calling, server->context))
		return reject(association,
			      ASC_REASON_SU_CALLINGAETITLENOTRECOGNIZED, fault,
			      "its AE title is not among the peers");
	answer_contexts(association.at->params);
	ASC_setAPTitles(association.at->params, nullptr, nullptr, server->aet);
	return ASC_acknowledgeAssociation(association.at);
}

/* ---- commands ---- */

/* A dataset is whole; or else DCMTK has an answer already. */
void settle_store(void *context, T_DIMSE_StoreProgress *progress,
		  T_DIMSE_C_StoreRQ *request, char *, DcmDataset **,
		  T_DIMSE_C_StoreRSP *response, DcmDataset **)
{
	const auto *of = static_cast<const association *>(context);
	if (progress->state == DIMSE_StoreEnd &&
	    response->DimseStatus == STATUS_Success)
		response->DimseStatus = static_cast<DIC_US>(of->server->take(
			of->peer.c_str(), request->AffectedSOPInstanceUID,
			of->server->context));
}

OFCondition obey(association &association, T_DIMSE_Message &message,
		 T_ASC_PresentationContextID context)
{
	switch (message.CommandField) {
	case DIMSE_C_ECHO_RQ:
		return DIMSE_sendEchoResponse(association.at, context,
					      &message.msg.CEchoRQ,
					      STATUS_Success, nullptr);
	case DIMSE_C_STORE_RQ:
		return DIMSE_storeProvider(
			association.at, context, &message.msg.CStoreRQ,
			association.server->file, OFTrue, nullptr, settle_store,
			&association, DIMSE_NONBLOCKING,
			static_cast<int>(association.server->seconds));
	default:
		return DIMSE_BADCOMMANDTYPE;
	}
}

/* The next command; silence is ended, and so is what is to end. */
OFCondition next_command(association &association, T_DIMSE_Message &message,
			 T_ASC_PresentationContextID &context)
{
	const struct dimse_server *server = association.server;
	OFCondition result = DIMSE_NODATAAVAILABLE;
	for (long waited = 0;
	     result == DIMSE_NODATAAVAILABLE && waited < server->seconds &&
	     !server->ends(server->context);
	     waited += look_seconds)
		result = DIMSE_receiveCommand(association.at, DIMSE_NONBLOCKING,
					      look_seconds, &context, &message,
					      nullptr);
	return result;
}

OFCondition obey_all(association &association)
{
	OFCondition result = EC_Normal;
	while (result.good()) {
		T_DIMSE_Message message;
		T_ASC_PresentationContextID context;
		memset(&message, 0, sizeof message);
		result = next_command(association, message, context);
		if (result.good())
			result = obey(association, message, context);
	}
	if (result == DUL_PEERREQUESTEDRELEASE) {
		ASC_acknowledgeRelease(association.at);
		return EC_Normal;
	}
	/* Whoever has gone away needs no abort. */
	if (result != DUL_PEERABORTEDASSOCIATION)
		ASC_abortAssociation(association.at);
	return result;
}

OFCondition begin_tls(association &association, std::string &fault)
{
	const char *why = dimse_tls_begin(association.server->tls, true,
					  association.network, association.tls);
	if (why)
		fault = why;
	return why ? ASC_SHUTDOWNAPPLICATION : EC_Normal;
}

OFCondition serve(int connection, association &association, std::string &fault)
{
	dcmExternalSocketHandle.set(connection);
	/* The port is that of the connection; the number only passes a check
	 * of DCMTK's. */
	OFCondition result = ASC_initializeNetwork(
		NET_ACCEPTOR, 1024, leave_seconds, &association.network);
	if (result.good())
		result = begin_tls(association, fault);
	if (result.good())
		result = ASC_receiveAssociation(
			association.network, &association.at, ASC_DEFAULTMAXPDU,
			nullptr, nullptr, association.tls ? OFTrue : OFFalse,
			DUL_NOBLOCK, request_seconds);
	if (result.good())
		result = answer_request(association, fault);
	return result.good() ? obey_all(association) : result;
}

} // namespace

/* Nagle's algorithm would wait with each answer; names of hosts are nowhere
 * asked for. */
void dimse_begin(void)
{
	setenv("TCP_NODELAY", "1", 0);
	OFLog::configure(OFLogger::OFF_LOG_LEVEL);
	dcmDisableGethostbyaddr.set(OFTrue);
	dcmConnectionTimeout.set(connect_seconds);
	dcmDataDict.rdlock();
	dcmDataDict.rdunlock();
}

int dimse_serve(int connection, const struct dimse_server *server, char fault[],
		size_t fault_size)
try {
	association association;
	std::string text;
	association.server = server;
	OFCondition result = serve(connection, association, text);
	if (text.empty() && result.bad())
		text = result.text();
	OFStandard::strlcpy(fault, text.c_str(), fault_size);
	return result.good() ? 0 : -1;
} catch (...) {
	OFStandard::strlcpy(fault, "out of memory", fault_size);
	return -1;
}
