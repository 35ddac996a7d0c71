/* Datasets of series, made up: instances that are mostly alike. */
#ifndef SERIES_H
#define SERIES_H

#include "own.h"
#include "random.h"

void series_fill(struct random *random, struct dcm_item *item,
		 const struct dcm_want *wants, size_t count);

/* The UIDs of the three, and the number of the instance. */
void series_number(struct dcm_item *item, unsigned int study,
		   unsigned int series, unsigned int instance);

/* One attribute in another way, mostly one that is an instance's own. */
void series_vary(struct random *random, const dfh_rules *rules,
		 const struct own *own, struct dcm_item *item);

#endif
