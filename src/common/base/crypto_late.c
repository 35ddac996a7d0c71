#include "crypto_late.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>

#include "config.h"

static struct crypto library;
static bool is_there;

#define FIND(name) &&LATE_FIND(library, handle, name)

static void load_crypto(void)
{
	void *handle = dlopen(LIBCRYPTO_SONAME, RTLD_NOW | RTLD_LOCAL);

	is_there = handle CRYPTO_FUNCTIONS(FIND);
}

const struct crypto *crypto_late(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, load_crypto);
	if (is_there)
		return &library;
	errno = ELIBACC;
	return NULL;
}
