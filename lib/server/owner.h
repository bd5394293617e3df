/* Which process listens on a port, so far as /proc shows it to us. */
#ifndef WASME_SERVER_OWNER_H
#define WASME_SERVER_OWNER_H

/* "nginx, process 812", or NULL: not to be found, as with a process of another user. The caller
 * frees the text. */
char *owner_of_port(int port);

#endif
