#include "asking.h"

#include "cli.h"

struct asking asking_none(void)
{
	return (struct asking){.timeout = -1, .retry_for = -1, .gentle = -1};
}

/* Options that name something; NULL: another one. */
static const char **asking_name_of(struct asking *asking, int option)
{
	switch (option) {
	case ASKING_TOKEN_FILE:
		return &asking->token_file;
	case ASKING_CLIENT:
		return &asking->client;
	case ASKING_NETRC:
		return &asking->netrc;
	case ASKING_HEADER:
		return &asking->header;
	case ASKING_CACERT:
		return &asking->cacert;
	default:
		return NULL;
	}
}

bool asking_take(struct asking *asking, int option, const char *argument,
		 int *status)
{
	const char **name = asking_name_of(asking, option);
	*status = -1;
	if (name) /* that of --netrc can be left out */
		*name = argument ? argument : "";
	else if (option == ASKING_TIMEOUT)
		*status =
			cli_number("--timeout", argument, 1, &asking->timeout);
	else if (option == ASKING_RETRY_FOR)
		*status = cli_number("--retry-for", argument, 0,
				     &asking->retry_for);
	else if (option == ASKING_GENTLE)
		*status = cli_number("--gentle", argument, 1, &asking->gentle);
	else
		return false;
	return true;
}

void asking_places(const struct asking *asking, struct cli_places *places)
{
	cli_places_read(places, "--token-file", asking->token_file);
	cli_places_read(places, "--client", asking->client);
	cli_places_read(places, "--header", asking->header);
	cli_places_read(places, "--cacert", asking->cacert);
	/* the file can be left out */
	if (asking->netrc && *asking->netrc)
		cli_places_read(places, "--netrc", asking->netrc);
}

bool asking_is_said(const struct asking *asking)
{
	return asking->token_file || asking->client || asking->netrc ||
	       asking->header || asking->cacert || asking->timeout >= 0 ||
	       asking->retry_for >= 0;
}

unsigned int asking_gentle(const struct asking *asking)
{
	return asking->gentle < 0 ? 0 : (unsigned int)asking->gentle;
}

struct http_options asking_http(const struct asking *asking)
{
	return (struct http_options){
		.cacert = asking->cacert,
		.netrc = asking->netrc,
		.headers = asking->header,
		.token_file = asking->token_file,
		.client_file = asking->client,
		.timeout = asking->timeout < 0 ? HTTP_TIMEOUT
					       : (unsigned int)asking->timeout,
		.retry_for = asking->retry_for < 0
				     ? HTTP_RETRY_FOR
				     : (unsigned int)asking->retry_for,
		.stops = cli_interrupted};
}
