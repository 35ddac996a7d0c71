/* What stands around the table of the list in HTML. */
#ifndef RULES_LIST_PAGE_H
#define RULES_LIST_PAGE_H

#include <stdio.h>

void list_page_begin(FILE *out);
void list_page_end(FILE *out);

#endif
