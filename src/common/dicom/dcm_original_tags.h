/* The attributes of PS3.3 C.12.1.1.9, which are not of any mapping. */
#ifndef DCM_ORIGINAL_TAGS_H
#define DCM_ORIGINAL_TAGS_H

#include "dataset.h"

#define TAG static const struct dcm_tag __attribute__((unused))

TAG character_set = {0x0008, 0x0005, NULL};
TAG coercion_time = {0x0008, 0x0015, NULL};
TAG patient_id = {0x0010, 0x0020, NULL};
/* Issuer of Patient ID, Issuer of Patient ID Qualifiers Sequence */
TAG patient_issuers[] = {{0x0010, 0x0021, NULL}, {0x0010, 0x0024, NULL}};
TAG selector_attribute = {0x0072, 0x0026, NULL};
TAG selector_value_number = {0x0072, 0x0028, NULL};
TAG modified_attributes = {0x0400, 0x0550, NULL};
TAG nonconforming_attributes = {0x0400, 0x0551, NULL};
TAG nonconforming_value = {0x0400, 0x0552, NULL};
TAG original_attributes = {0x0400, 0x0561, NULL};
TAG modification_time = {0x0400, 0x0562, NULL};
TAG modifying_system = {0x0400, 0x0563, NULL};
TAG previous_source = {0x0400, 0x0564, NULL};
TAG modification_reason = {0x0400, 0x0565, NULL};

/* Zero length stands for an attribute that there was not.  What that does not
 * tell, our own block in the item does: */
static const char own_creator_name[] __attribute__((unused)) = "DCMFHIR";
TAG own_creator = {0x0401, 0x0010, NULL};
/* creators that there were not, which must have their value */
TAG added_creators = {0x0401, 0x1001, NULL};
/* earlier items that were given a character set of their own */
TAG given_charset = {0x0401, 0x1002, NULL};
/* the reason, of which the standard has only the code */
TAG reason_comment = {0x0401, 0x1003, NULL};
/* attributes that there were, but empty */
TAG empty_attributes = {0x0401, 0x1004, NULL};

#undef TAG

#endif
