/* A client that sends or takes a byte now and then is never silent, and would
 * stay for ever. */
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "memory.h"
#include "serve_inner.h"

struct serve_connection {
	int socket;
	enum serve_waits waits;
	double since;
	struct serve_connection *next, **at;
};

struct serve_connections {
	pthread_mutex_t lock;
	struct serve_connection *first;
};

struct serve_connections *serve_connections_new(void)
{
	struct serve_connections *connections = xmalloc(sizeof *connections);
	*connections = (struct serve_connections){0};
	pthread_mutex_init(&connections->lock, NULL);
	return connections;
}

void serve_connections_free(struct serve_connections *connections)
{
	if (connections)
		pthread_mutex_destroy(&connections->lock);
	free(connections);
}

struct serve_connection *
serve_connection_begin(struct serve_connections *connections, int socket)
{
	struct serve_connection *connection = xmalloc(sizeof *connection);
	*connection = (struct serve_connection){.socket = socket,
						.waits = SERVE_RECEIVES,
						.since = http_seconds(),
						.at = &connections->first};
	pthread_mutex_lock(&connections->lock);
	connection->next = connections->first;
	if (connection->next)
		connection->next->at = &connection->next;
	connections->first = connection;
	pthread_mutex_unlock(&connections->lock);
	return connection;
}

/* Before the socket is closed: another one can have its number then. */
void serve_connection_end(struct serve_connections *connections,
			  struct serve_connection *connection)
{
	pthread_mutex_lock(&connections->lock);
	*connection->at = connection->next;
	if (connection->next)
		connection->next->at = connection->at;
	pthread_mutex_unlock(&connections->lock);
	free(connection);
}

void serve_connection_waits(struct serve_connections *connections,
			    struct serve_connection *connection,
			    enum serve_waits waits)
{
	pthread_mutex_lock(&connections->lock);
	connection->waits = waits;
	connection->since = http_seconds();
	pthread_mutex_unlock(&connections->lock);
}

void serve_connections_look(struct serve_connections *connections,
			    double seconds)
{
	double now = http_seconds();
	pthread_mutex_lock(&connections->lock);
	for (struct serve_connection *at = connections->first; at;
	     at = at->next) {
		double most = at->waits == SERVE_SENDS ? 10 * seconds : seconds;
		if (at->waits != SERVE_WORKS && now - at->since > most)
			shutdown(at->socket, SHUT_RDWR);
	}
	pthread_mutex_unlock(&connections->lock);
}
