/* What the daemon tells the service manager, by the protocol of sd_notify(3):
 * datagrams to the socket that NOTIFY_SOCKET names. */
#ifndef NOTIFY_H
#define NOTIFY_H

/* Without a service manager that wants to know nothing is done. */
void notify_ready(void);
void notify_reloading(void);
void notify_stopping(void);

#endif
