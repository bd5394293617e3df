/*
 * The body of responses, in memory or in a file. A kept reply and all responses that are being sent
 * from it share one body.
 */
#ifndef WASME_SERVER_BODY_H
#define WASME_SERVER_BODY_H

#include "base/buf.h"
#include "server/file_facts.h"

struct body {
    int users;
    int waiting;             /* responses of this body that the sockets would not take at once */
    int file;                /* owned, or -1: in memory */
    struct buf page;         /* owned */
    struct file_facts facts; /* of the file when the responses began */
};

/* Takes the file over. */
struct body *body_of_file(int fd, const struct file_facts *facts);
/* Takes the contents over; `page` is empty afterwards. */
struct body *body_of_page(struct buf *page);
struct body *body_share(struct body *body);
/* Ends one use; takes NULL. */
void body_drop(struct body *body);

#endif
