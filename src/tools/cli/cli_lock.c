#include "cli_lock.h"

#include <string.h>
#include <unistd.h>

void cli_lock_holder(int lock, char holder[LOCK_HOLDER])
{
	ssize_t got = pread(lock, holder, LOCK_HOLDER - 1, 0);
	holder[got > 0 ? got : 0] = '\0';
	holder[strcspn(holder, "\n")] = '\0';
}

int cli_lock_name(int lock, const char *line)
{
	if (ftruncate(lock, 0) < 0)
		return -1;
	return pwrite(lock, line, strlen(line), 0) < 0 ? -1 : 0;
}
