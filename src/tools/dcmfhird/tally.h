/* What was done since the daemon was started, in memory that its processes
 * share. */
#ifndef TALLY_H
#define TALLY_H

#include <stdatomic.h>

struct tally {
	atomic_ulong associations, associations_refused;
	atomic_ulong instances, instances_refused;
	atomic_ulong instances_forwarded, forwards_refused;
	atomic_ulong instances_stamped, instances_passed, instances_quarantined;
	atomic_ulong studies_exported, studies_held;
	atomic_size_t studies_delivered;
	atomic_ulong requests_answered, requests_failed;
};

struct tally *tally_new(void);
void tally_free(struct tally *tally);

#endif
