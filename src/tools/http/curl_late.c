/*
 * libcurl by its own names, loaded when it is first asked: with all that it
 * brings it costs as much as the rest of a start, and most runs meet no server.
 * Nothing is linked with it, so a package has to name what LIBCURL_SONAME says.
 */
#define CURL_DISABLE_TYPECHECK
#define CURL_NO_OLDIES
/* The header's own says in some versions alone that the URL is const. */
#define curl_url_get curl_url_get_declared
#include <curl/curl.h>
#undef curl_url_get
#undef curl_easy_getinfo
#undef curl_easy_setopt

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "config.h"
#include "dcmfhir.h"
#include "late.h"

CURLUcode curl_url_get(const CURLU *url, CURLUPart part, char **text,
		       unsigned flags);

#define FUNCTIONS(X)                                                           \
	X(curl_easy_cleanup)                                                   \
	X(curl_easy_getinfo)                                                   \
	X(curl_easy_init)                                                      \
	X(curl_easy_perform)                                                   \
	X(curl_easy_reset)                                                     \
	X(curl_easy_setopt)                                                    \
	X(curl_easy_strerror)                                                  \
	X(curl_free)                                                           \
	X(curl_getdate)                                                        \
	X(curl_global_init)                                                    \
	X(curl_slist_append)                                                   \
	X(curl_slist_free_all)                                                 \
	X(curl_url)                                                            \
	X(curl_url_cleanup)                                                    \
	X(curl_url_get)                                                        \
	X(curl_url_set)

static struct {
	FUNCTIONS(LATE_MEMBER)
} library;

static void fail_without_curl(void)
{
	fprintf(stderr, "%s: cannot speak to servers: %s\n",
		program_invocation_short_name, dlerror());
	exit(DFH_IO);
}

#define FIND(name)                                                             \
	if (!LATE_FIND(library, handle, name))                                 \
		fail_without_curl();

static void load_curl(void)
{
	void *handle = dlopen(LIBCURL_SONAME, RTLD_NOW | RTLD_LOCAL);

	if (!handle)
		fail_without_curl();
	FUNCTIONS(FIND)
}

#define LATE(name) (load_curl_once(), library.name)

static void load_curl_once(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, load_curl);
}

CURLcode curl_global_init(long flags)
{
	return LATE(curl_global_init)(flags);
}

CURL *curl_easy_init(void)
{
	return LATE(curl_easy_init)();
}

/* The type of the one argument is what the ten thousands of the option
 * say (curl.h, CURLOPTTYPE_*). */
CURLcode curl_easy_setopt(CURL *curl, CURLoption option, ...)
{
	CURLcode code;
	va_list arguments;

	va_start(arguments, option);
	if (option >= CURLOPTTYPE_OFF_T && option < CURLOPTTYPE_BLOB)
		code = LATE(curl_easy_setopt)(curl, option,
					      va_arg(arguments, curl_off_t));
	else if (option < CURLOPTTYPE_OBJECTPOINT)
		code = LATE(curl_easy_setopt)(curl, option,
					      va_arg(arguments, long));
	else
		code = LATE(curl_easy_setopt)(curl, option,
					      va_arg(arguments, void *));
	va_end(arguments);
	return code;
}

CURLcode curl_easy_getinfo(CURL *curl, CURLINFO info, ...)
{
	CURLcode code;
	va_list arguments;

	va_start(arguments, info);
	code = LATE(curl_easy_getinfo)(curl, info, va_arg(arguments, void *));
	va_end(arguments);
	return code;
}

CURLcode curl_easy_perform(CURL *curl)
{
	return LATE(curl_easy_perform)(curl);
}

void curl_easy_reset(CURL *curl)
{
	LATE(curl_easy_reset)(curl);
}

void curl_easy_cleanup(CURL *curl)
{
	LATE(curl_easy_cleanup)(curl);
}

const char *curl_easy_strerror(CURLcode code)
{
	return LATE(curl_easy_strerror)(code);
}

struct curl_slist *curl_slist_append(struct curl_slist *list, const char *text)
{
	return LATE(curl_slist_append)(list, text);
}

void curl_slist_free_all(struct curl_slist *list)
{
	if (list)
		LATE(curl_slist_free_all)(list);
}

time_t curl_getdate(const char *text, const time_t *unused)
{
	return LATE(curl_getdate)(text, unused);
}

CURLU *curl_url(void)
{
	return LATE(curl_url)();
}

void curl_url_cleanup(CURLU *url)
{
	if (url)
		LATE(curl_url_cleanup)(url);
}

CURLUcode curl_url_get(const CURLU *url, CURLUPart part, char **text,
		       unsigned flags)
{
	return LATE(curl_url_get)(url, part, text, flags);
}

CURLUcode curl_url_set(CURLU *url, CURLUPart part, const char *text,
		       unsigned flags)
{
	return LATE(curl_url_set)(url, part, text, flags);
}

void curl_free(void *text)
{
	if (text)
		LATE(curl_free)(text);
}
