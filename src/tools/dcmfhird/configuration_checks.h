/* What the keys of the configuration must be to each other. */
#ifndef CONFIGURATION_CHECKS_H
#define CONFIGURATION_CHECKS_H

#include "configuration.h"
#include "configuration_values.h"

/* Who is called has to show who he is. */
void check_destination_tls(struct configuration_reading *reading,
			   const struct yaml_node *map,
			   const struct dimse_tls *tls);

void check_receive_tls(struct configuration_reading *reading,
		       const struct yaml_node *map,
		       const struct dimse_tls *tls);

/* Data of patients is for whoever can connect where nobody is asked who he is:
 * that is for this machine alone. */
void check_serve(struct configuration_reading *reading,
		 const struct yaml_node *map,
		 const struct configuration *configuration);

#endif
