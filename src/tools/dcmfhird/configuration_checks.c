#include "configuration_checks.h"

#include <string.h>

static void check_identity(struct configuration_reading *reading,
			   const struct yaml_node *map,
			   const struct dimse_tls *tls)
{
	if (!tls->certificate != !tls->key)
		reading_fault(reading, map,
			      "'certificate' and 'key' belong together");
}

void check_destination_tls(struct configuration_reading *reading,
			   const struct yaml_node *map,
			   const struct dimse_tls *tls)
{
	check_identity(reading, map, tls);
	if (tls->certificate && !tls->authorities)
		reading_fault(reading, map,
			      "a 'certificate' needs 'authorities': who the "
			      "destination is");
}

void check_receive_tls(struct configuration_reading *reading,
		       const struct yaml_node *map, const struct dimse_tls *tls)
{
	check_identity(reading, map, tls);
	if (tls->authorities && !tls->certificate)
		reading_fault(reading, map,
			      "'authorities' need a 'certificate'");
}

/* What says who asks a server of DICOMweb says nothing where none is asked. */
static void check_spool(struct configuration_reading *reading,
			const struct yaml_node *map,
			const struct configuration *configuration)
{
	const struct serving_access *access = &configuration->serve.pacs;
	if (!configuration->receive.is_on && !configuration->watch.is_on)
		reading_fault(
			reading, map,
			"'serve' without 'dicomweb' is over what is taken "
			"in: 'receive' or 'watch' is missing");
	if (access->token_file || access->client || access->headers)
		reading_fault(reading, map,
			      "'token-file', 'client' and 'header' are for the "
			      "server of DICOMweb: 'dicomweb' is missing");
}

void check_serve(struct configuration_reading *reading,
		 const struct yaml_node *map,
		 const struct configuration *configuration)
{
	const struct serving *of = &configuration->serve;
	bool is_here = strncmp(of->address, "127.", 4) == 0 ||
		       strcmp(of->address, "::1") == 0;
	if (!of->is_on)
		return;
	if (!of->dicomweb)
		check_spool(reading, map, configuration);
	if (!is_here && !of->tokens && !of->introspect)
		reading_fault(reading, map,
			      "'serve' at an address that others reach needs "
			      "'tokens' or 'introspect'");
}
