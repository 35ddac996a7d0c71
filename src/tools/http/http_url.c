/* Addresses, read by libcurl as it asks for them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "http_inner.h"
#include "memory.h"

bool http_is_url(const char *text)
{
	return strncasecmp(text, "http://", 7) == 0 ||
	       strncasecmp(text, "https://", 8) == 0;
}

/* NULL: it is no URL. */
static CURLU *parse_url(const char *url)
{
	CURLU *parsed = memory_of(curl_url());
	if (http_is_url(url) &&
	    curl_url_set(parsed, CURLUPART_URL, url, 0) == CURLUE_OK)
		return parsed;
	curl_url_cleanup(parsed);
	return NULL;
}

/* "" if there is none; to be freed. */
static char *url_part(CURLU *url, CURLUPart which)
{
	char *text = NULL, *copy;
	if (curl_url_get(url, which, &text, CURLU_DEFAULT_PORT) != CURLUE_OK)
		return xstrdup("");
	copy = xstrdup(text);
	curl_free(text);
	return copy;
}

static bool url_has_part(CURLU *url, CURLUPart which)
{
	char *text = NULL;
	CURLUcode code = curl_url_get(url, which, &text, 0);
	curl_free(text);
	return code == CURLUE_OK;
}

const char *url_fault(const char *base)
{
	const char *fault = NULL;
	CURLU *url = parse_url(base);
	if (!url)
		return "is no address like https://HOST/PATH";
	if (url_has_part(url, CURLUPART_USER) ||
	    url_has_part(url, CURLUPART_PASSWORD))
		fault = "has a user or a password in it, which others can see "
			"in the list of processes: use --netrc, --token-file "
			"or --header";
	else if (url_has_part(url, CURLUPART_QUERY) ||
		 url_has_part(url, CURLUPART_FRAGMENT))
		fault = "has something behind its path";
	curl_url_cleanup(url);
	return fault;
}

static bool same_part(CURLU *a, CURLU *b, CURLUPart which)
{
	char *x = url_part(a, which), *y = url_part(b, which);
	bool same = strcasecmp(x, y) == 0;
	free(x);
	free(y);
	return same;
}

bool http_same_origin(const char *a, const char *b)
{
	CURLU *x = parse_url(a), *y = parse_url(b);
	bool same = x && y && same_part(x, y, CURLUPART_SCHEME) &&
		    same_part(x, y, CURLUPART_HOST) &&
		    same_part(x, y, CURLUPART_PORT);
	curl_url_cleanup(x);
	curl_url_cleanup(y);
	return same;
}

char *http_resolve(const char *base, const char *reference)
{
	CURLU *url = parse_url(base);
	char *text = NULL, *copy = NULL;
	if (url &&
	    curl_url_set(url, CURLUPART_URL, reference, 0) == CURLUE_OK &&
	    curl_url_get(url, CURLUPART_URL, &text, 0) == CURLUE_OK)
		copy = xstrdup(text);
	curl_free(text);
	curl_url_cleanup(url);
	return copy;
}

char *url_to_show(const char *url)
{
	CURLU *parsed = parse_url(url);
	char *text = NULL, *copy;
	if (parsed) {
		curl_url_set(parsed, CURLUPART_USER, NULL, 0);
		curl_url_set(parsed, CURLUPART_PASSWORD, NULL, 0);
		curl_url_set(parsed, CURLUPART_QUERY, NULL, 0);
		curl_url_set(parsed, CURLUPART_FRAGMENT, NULL, 0);
		curl_url_get(parsed, CURLUPART_URL, &text, 0);
	}
	copy = xstrdup(text ? text : "an address that is none");
	curl_free(text);
	curl_url_cleanup(parsed);
	return copy;
}

bool url_keeps_secrets(const char *url)
{
	static const char *const here[] = {"localhost", "127.0.0.1", "[::1]"};
	CURLU *parsed = parse_url(url);
	char *host = parsed ? url_part(parsed, CURLUPART_HOST) : NULL;
	char *scheme = parsed ? url_part(parsed, CURLUPART_SCHEME) : NULL;
	bool keeps = scheme && strcasecmp(scheme, "https") == 0;
	for (size_t i = 0; i < sizeof here / sizeof *here; i++)
		keeps = keeps || (host && strcasecmp(host, here[i]) == 0);
	free(scheme);
	free(host);
	curl_url_cleanup(parsed);
	return keeps;
}

void http_drop_slashes(char *url)
{
	for (size_t n = strlen(url); n && url[n - 1] == '/'; n--)
		url[n - 1] = '\0';
}

char *http_encoded(const char *text)
{
	char *out = xmalloc(3 * strlen(text) + 1), *end = out;
	for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
		bool plain = (*p >= '0' && *p <= '9') ||
			     (*p >= 'A' && *p <= 'Z') ||
			     (*p >= 'a' && *p <= 'z') ||
			     strchr("-._~", (char)*p) != NULL;
		if (plain)
			*end++ = (char)*p;
		else
			end += sprintf(end, "%%%02X", *p);
	}
	*end = '\0';
	return out;
}
