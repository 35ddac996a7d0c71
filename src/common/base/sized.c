#include "sized.h"

#include <stdbool.h>
#include <string.h>

#include "error.h"

/* No struct of the API gets larger: more is memory that nobody has set. */
enum { LARGEST = 4096 };

static size_t size_of(const void *given)
{
	size_t size;
	memcpy(&size, given, sizeof size);
	return size;
}

int sized_check(const void *given, const char *name, dfh_error **error)
{
	size_t size = given ? size_of(given) : LARGEST;
	if (size > sizeof size && size <= LARGEST)
		return 0;
	return error_set(error, DFH_USAGE,
			 "the size of a %s is not set; write .size = "
			 "sizeof(%s)",
			 name, name);
}

static bool is_all_zero(const unsigned char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (bytes[i])
			return false;
	return true;
}

int sized_take(void *own, size_t size, const void *given, const char *name,
	       dfh_error **error)
{
	memset(own, 0, size);
	if (!given)
		return 0;
	if (sized_check(given, name, error) < 0)
		return -1;
	size_t has = size_of(given);
	if (has > size &&
	    !is_all_zero((const unsigned char *)given + size, has - size))
		return error_set(error, DFH_USAGE,
				 "a %s sets what this version of the library "
				 "does not know",
				 name);
	memcpy(own, given, has < size ? has : size);
	return 0;
}

void sized_give(void *given, const void *own, size_t size)
{
	if (!given)
		return;
	size_t has = size_of(given);
	memset(given, 0, has);
	memcpy(given, own, has < size ? has : size);
	memcpy(given, &has, sizeof has);
}
