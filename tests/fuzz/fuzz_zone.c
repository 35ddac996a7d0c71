/* A compiled time zone (TZif), and the offsets that it gives. */
#include "zone.h"

#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

static void check_offset(const char *offset)
{
	if (strlen(offset) != 5 || (*offset != '+' && *offset != '-') ||
	    strspn(offset + 1, "0123456789") != 4)
		fuzz_fail("'%s' is no offset", offset);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	static const char *const dates[] = {"00010101", "18000228", "19000101",
					    "19160430", "19700101", "19961027",
					    "20000229", "20240331", "20241027",
					    "20371231", "21000301", "99991231"};
	dfh_error *error = NULL;
	struct zone *zone;
	char offset[6];

	fuzz_save("Zone", bytes, length);
	setenv("TZDIR", fuzz_path(""), 1);
	zone = zone_open("Zone", &error);
	for (size_t i = 0; zone && i < sizeof(dates) / sizeof(*dates); i++)
		if (zone_offset(zone, dates[i], i % 2 ? "023000" : "10",
				offset))
			check_offset(offset);
	fuzz_read(dfh_error_text(error));
	dfh_error_free(error);
	zone_close(zone);
	fuzz_clean();
	return 0;
}
