/* A study of the state as the Bundle of all its instances. */
#ifndef EXPORT_STUDY_H
#define EXPORT_STUDY_H

#include "daemon.h"
#include "delivery.h"

enum exported {
	EXPORTED,     /* it is in the outbox */
	NOT_EXPORTED, /* it would not be another time; why is said */
	EXPORT_ENDS   /* the outbox takes nothing more now */
};

enum exported export_study(const struct daemon *daemon, const char *study,
			   struct delivery *delivery);

#endif
