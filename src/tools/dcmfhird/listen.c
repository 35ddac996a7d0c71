#include "listen.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cli.h"
#include "cli_journal.h"

enum { WAITING_MOST = 128 };

static int bind_and_listen(const struct addrinfo *to)
{
	int on = 1;
	int listener = socket(to->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (listener < 0)
		return -1;
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (bind(listener, to->ai_addr, to->ai_addrlen) == 0 &&
	    listen(listener, WAITING_MOST) == 0)
		return listener;
	int fault = errno;
	close(listener);
	errno = fault;
	return -1;
}

static void tell_address(const char *role, int listener)
{
	struct sockaddr_storage at;
	socklen_t length = sizeof at;
	char address[128] = "", port[16] = "";
	if (getsockname(listener, (struct sockaddr *)&at, &length) == 0)
		getnameinfo((struct sockaddr *)&at, length, address,
			    sizeof address, port, sizeof port,
			    NI_NUMERICHOST | NI_NUMERICSERV);
	cli_journal("listen", "role=%s address=%s port=%s", role, address,
		    port);
}

int listen_at(const char *role, const char *address, long port)
{
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
				       .ai_flags = AI_NUMERICHOST |
						   AI_NUMERICSERV | AI_PASSIVE};
	struct addrinfo *found = NULL;
	char number[16];
	snprintf(number, sizeof number, "%ld", port);
	int fault = getaddrinfo(address, number, &hints, &found);
	int listener = fault ? -1 : bind_and_listen(found);
	if (listener < 0)
		cli_say("%s: %s port %ld: %s", role, address, port,
			fault ? gai_strerror(fault) : strerror(errno));
	else
		tell_address(role, listener);
	if (found)
		freeaddrinfo(found);
	return listener;
}

int listen_accept(int listener, char *address, size_t size)
{
	static const char mapped[] = "::ffff:";
	struct sockaddr_storage from;
	socklen_t length = sizeof from;
	int connection = accept4(listener, (struct sockaddr *)&from, &length,
				 SOCK_CLOEXEC);
	if (connection < 0)
		return -1;
	if (getnameinfo((struct sockaddr *)&from, length, address,
			(socklen_t)size, NULL, 0, NI_NUMERICHOST) != 0)
		snprintf(address, size, "unknown");
	/* an address of IPv4 has one form (RFC 4291, 2.5.5.2) */
	if (strncmp(address, mapped, sizeof mapped - 1) == 0)
		memmove(address, address + sizeof mapped - 1,
			strlen(address + sizeof mapped - 1) + 1);
	return connection;
}
