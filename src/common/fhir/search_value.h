/* A value that a FHIR server is asked for. */
#ifndef SEARCH_VALUE_H
#define SEARCH_VALUE_H

/*
 * As it stands in the URL of a search; to be freed.  In a search '\', '$', ','
 * and '|' are signs unless a backslash is before them (FHIR search, Escaping
 * Search Parameters); a number with a comma would ask for either half.
 */
char *search_value(const char *text);

#endif
