#include "told.h"

#include "cli.h"

void told(const char *path, const dfh_stamped *stamped, bool quiet)
{
	if (quiet)
		return;
	if (stamped->widened)
		cli_say("%s: new text does not fit its character set: all text "
			"in it is brought into UTF-8 (ISO_IR 192)",
			path);
	if (stamped->signatures_removed)
		cli_say("%s: digital signatures of what changes are removed",
			path);
	if (stamped->unfit)
		cli_say("%s: %zu attribute%s: the new text does not fit "
			"the character set; --report tells which",
			path, stamped->unfit,
			stamped->unfit == 1 ? " stays" : "s stay");
}
