/*
 * The client of OCI registries (distribution specification 1.1): push and pull of manifests and
 * blobs, with authentication and retries. One client serves many images and several registries
 * in a run, and keeps its connections and logins.
 */
#ifndef WASME_REGISTRY_REGISTRY_H
#define WASME_REGISTRY_REGISTRY_H

#include <stdbool.h>

#include "base/notice.h"
#include "credential/find.h"
#include "http/trust.h"
#include "image/bundle.h"
#include "image/ref.h"

#define REGISTRY_PARALLEL 4 /* transfers at a time, where the options do not say */

struct registry_options {
    bool plain_http; /* http for every registry, not only for this machine's own */
    bool insecure;   /* do not verify certificates */
    struct trust_sources trust;
    struct credential_sources login;
    int retries;            /* further tries of a request that failed transiently */
    long stall_seconds;     /* give up on a transfer that moves (next to) nothing for so long */
    long total_seconds;     /* give up on all after so long; 0: no limit */
    int parallel;           /* transfers at a time; 0: REGISTRY_PARALLEL */
    const char *http_proxy; /* for plain http, over the environment's; or NULL */
    const struct notice *notice; /* retries and credential sources are told here */
    const char *user_agent;
    /* Called again and again while bodies move or wait; `total` is what the transfer will move in
     * all, so far as known. NULL: nobody looks. */
    void (*progress)(void *arg, long long done, long long total);
    void *progress_arg;
    /* Looked at between network events: non-zero ends the call with ERR_INTERRUPTED. */
    const volatile int *interrupted;
};

struct registry;

/* Everything in `options` is lent for the life of the client. */
int registry_open(const struct registry_options *options, struct registry **out, struct err *err);
void registry_close(struct registry *registry);
void registry_close_at(struct registry **registry); /* for AUTO() */

/*
 * Sends what of the bundle's blobs the registry does not have, side by side, then the manifest
 * under the reference's tag (or digest), unless that very manifest is there. Bytes that do not hash
 * to their descriptor are never committed. `*unchanged`: all of it was there, nothing was sent.
 */
int registry_push(struct registry *registry, const struct ref *ref, const struct bundle *bundle,
                  bool *unchanged, struct err *err);

/* What a manifest request gave. */
struct registry_manifest {
    char *data;           /* the bytes, owned */
    size_t len;           /* at most MANIFEST_MAX */
    char *media_type;     /* of the response, without parameters; owned */
    struct digest digest; /* computed from the bytes */
};
void registry_manifest_release(struct registry_manifest *manifest); /* usable with AUTO() */

/* Fetches by the reference's digest, else its tag; with a digest, other bytes are ERR_DAMAGED. */
int registry_get_manifest(struct registry *registry, const struct ref *ref,
                          struct registry_manifest *out, struct err *err);

/* One of several manifests. */
struct registry_manifest_request {
    const struct ref *ref;
    struct registry_manifest manifest; /* set when rc is 0; the caller releases it */
    int rc;                            /* 0, or why there is none, with `err` */
    struct err err;
};
/* The same for several images, of any registries, side by side: what one does not give says nothing
 * of the others. An error means that all was given up (ERR_INTERRUPTED, no libcurl). */
int registry_get_manifests(struct registry *registry, struct registry_manifest_request *requests,
                           size_t count, struct err *err);

/* Where a pulled blob goes: a file, written from its present position, or memory. */
struct registry_sink {
    const struct ref *ref; /* of its repository */
    const struct descriptor *descriptor;
    int fd;           /* -1: into `data` */
    long long have;   /* bytes that are in `fd` already, right before its position: the first of the
                         blob, perhaps; they are verified as the others are */
    struct buf *data; /* its maximum must allow for the descriptor's size */
    int rc;           /* 0, or why it is not whole, with `err` */
    struct err err;
    /* Called when that is settled, while other blobs may still come; uses no registry. Or NULL. */
    void (*done)(void *arg, struct registry_sink *sink);
    void *done_arg;
};

/*
 * Fetches the blobs side by side, each hashed on the way in: wrong bytes or a wrong length are
 * ERR_DAMAGED. Cut connections are gone on with where they were cut, by Range. What one sink does
 * not get says nothing of the others; an error means that all was given up. A sink that failed
 * holds the first bytes of the blob as far as they came, or, when damaged, nothing of use.
 */
int registry_get_blobs(struct registry *registry, struct registry_sink *sinks, size_t count,
                       struct err *err);

/* A copy from one repository to another. The upper part is lent. */
struct registry_copy {
    const struct ref *from;
    const struct ref *to;
    const char *spool_dir; /* for files without names, through which blobs stream */
    long long max_size;   /* bytes of an image that may stream through this machine; more is refused
                              before anything of the image is sent */
    struct digest digest; /* set: of the manifest or index */
    bool unchanged;       /* set: as registry_push() does, of that manifest or index */
};

/*
 * Copies an image, or an index with all its images, within a registry or from one to another: the
 * same bytes, and so the same digests. Blobs that the target lacks are mounted where one registry
 * has both repositories; otherwise they stream through this machine.
 */
int registry_copy(struct registry *registry, struct registry_copy *copy, struct err *err);

#endif
