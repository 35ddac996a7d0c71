#include "tally.h"

#include <stddef.h>
#include <sys/mman.h>

#include "memory.h"

/* New pages are zero. */
struct tally *tally_new(void)
{
	void *shared = mmap(NULL, sizeof(struct tally), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return memory_of(shared == MAP_FAILED ? NULL : shared);
}

void tally_free(struct tally *tally)
{
	munmap(tally, sizeof *tally);
}
