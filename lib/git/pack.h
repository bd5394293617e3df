/* The request for objects, and the answer: a pack, which libgit2 checks and stores while it comes
 * (gitprotocol-pack(5), "Packfile Negotiation", without objects that we have already). */
#ifndef WASME_GIT_PACK_H
#define WASME_GIT_PACK_H

#include "git/advert.h"
#include "git/limits.h"
#include "git/objects.h"
#include "git/pktline.h"

/* Adds the request. `id`: this object alone, without the history before it where the server can
 * leave it out; NULL: all branches and tags with their history. */
void pack_request(const struct advert *advert, const char *id, const char *agent, struct buf *out);

struct pack_reader {
    struct pkt_reader reader;
    git_odb_writepack *writer; /* NULL before the pack begins, and at the end */
    git_odb *odb;              /* lent */
    git_indexer_progress stats;
    long long *received; /* lent: counts the bytes up to GIT_RECEIVED_MAX */
    bool acknowledged;   /* the pack comes next */
    bool complete;
};

/* `received` is lent until the end. */
struct pack_reader *pack_new(const struct objects *objects, long long *received);
void pack_free_at(struct pack_reader **pack); /* for AUTO(); takes NULL */
/* ERR_NOT_FOUND: the server does not have the object, or does not give it. */
int pack_feed(struct pack_reader *pack, const char *data, size_t len, struct err *err);
/* After the last byte: makes the objects readable. */
int pack_finish(struct pack_reader *pack, struct err *err);

#endif
