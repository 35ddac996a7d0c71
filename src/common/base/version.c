#include "config.h"
#include "dcmfhir.h"

const char *dfh_version(void)
{
	return PACKAGE_VERSION;
}
