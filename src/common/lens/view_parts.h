/* What view.c and view_choose.c share. */
#ifndef VIEW_PARTS_H
#define VIEW_PARTS_H

#include "view.h"

/* The object of the level that the place is, if it is one; or NULL. */
json_object *view_level_object(const struct view *view,
			       const struct place *place);

/* Of a place to which nothing leads: several that are equally near cannot be
 * told apart, and none is taken; but where the place makes one for each of
 * several values all are meant. */
void view_chosen_objects(const struct view *view, const struct place *place,
			 struct json_list *out);

#endif
