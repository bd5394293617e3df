/* The first answer of a git server: its names and what it can do (gitprotocol-pack(5), "Reference
 * Discovery", version 0 of the protocol). */
#ifndef WASME_GIT_ADVERT_H
#define WASME_GIT_ADVERT_H

#include "git/pktline.h"
#include "git/refs.h"

struct advert {
    struct refs refs;
    struct pkt_reader reader;
    bool over_http; /* a line "# service=…" and a flush come first */
    bool begun;
    bool complete; /* the whole list is there */
    bool shallow;  /* the server can leave history out */
    bool sideband;
    bool any_commit; /* the server gives commits that no name stands for */
    bool offset_delta;
    bool multi_ack; /* some servers want the client to ask for that */
    bool not_sha1;  /* the ids of the repository have another form */
    long long bytes;
};

struct advert *advert_new(bool over_http);
void advert_free_at(struct advert **advert); /* for AUTO(); takes NULL */
/* ERR_DAMAGED: the bytes are no such list, or the server reports an error. */
int advert_feed(struct advert *advert, const char *data, size_t len, struct err *err);
/* After the last byte. ERR_UNSUPPORTED: the repository or the server is of a kind that wasme cannot
 * fetch from. */
int advert_check(const struct advert *advert, struct err *err);

#endif
