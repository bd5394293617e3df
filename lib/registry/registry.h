/*
 * The client of OCI registries (distribution specification 1.1): push, pull and copy of manifests
 * and blobs, with authentication and further tries. One client serves many images of several
 * registries in a run, and keeps its connections and logins from call to call.
 *
 * This header is the face of five files: registry.c opens and closes a client, push.c sends an
 * image, pull.c fetches manifests and blobs, blob_size.c asks for sizes, and copy.c copies from one
 * repository to another.
 */
#ifndef WASME_REGISTRY_REGISTRY_H
#define WASME_REGISTRY_REGISTRY_H

#include <stdbool.h>

#include "base/notice.h"
#include "credential/find.h"
#include "http/trust.h"
#include "image/bundle.h"
#include "image/ref.h"

#define REGISTRY_PARALLEL 4 /* transfers at a time, when the options do not say */

struct registry_options {
    bool plain_http; /* http for every registry; otherwise it is tried only on this machine */
    bool insecure;   /* certificates are not verified */
    struct trust_sources trust;
    struct credential_sources login;
    int retries;        /* further tries of a request that failed transiently */
    long stall_seconds; /* a transfer that (almost) stands still for so long fails; 0: no limit */
    long total_seconds; /* the whole run fails after so long; 0: no limit */
    int parallel;       /* transfers at a time; 0: REGISTRY_PARALLEL */
    const char *http_proxy;      /* for plain http, in place of the environment's proxy; or NULL */
    const struct notice *notice; /* for messages about further tries and sources of credentials */
    const char *user_agent;
    /* The folders in which a client remembers what makes the next run shorter; NULL: nothing is
     * read or written. `cache_dir` gets no secrets. `runtime_dir` gets tokens, and must be in
     * memory, and private. */
    const char *cache_dir;
    const char *runtime_dir;
    /* Called again and again while bodies move or wait. `total` is the number of bytes of all
     * bodies, as far as it is known. NULL: nobody is told. */
    void (*progress)(void *arg, long long done, long long total);
    void *progress_arg;
    /* Looked at between network events; when it is not 0, the call ends with ERR_INTERRUPTED. */
    const volatile int *interrupted;
};

struct registry;

/* --- registry.c --- */

/* All that `options` points to is lent for the life of the client, and so is `options` itself. */
int registry_open(const struct registry_options *options, struct registry **out, struct err *err);
void registry_close(struct registry *registry);
void registry_close_at(struct registry **registry); /* for AUTO() */

/* --- push.c --- */

/*
 * Sends the bundle's blobs that the registry lacks, side by side, and then the manifest under the
 * reference's tag (or digest), unless the registry has that manifest under that name. A blob whose
 * bytes do not hash to its descriptor is never completed there. `*unchanged`: the registry had
 * everything, and nothing was sent.
 */
int registry_push(struct registry *registry, const struct ref *ref, const struct bundle *bundle,
                  bool *unchanged, struct err *err);

/* --- pull.c --- */

/* A manifest as the registry has sent it. */
struct registry_manifest {
    char *data;           /* the bytes; owned */
    size_t len;           /* at most MANIFEST_MAX */
    char *media_type;     /* from the response, without parameters; owned */
    char *content_type;   /* the same as it was sent, "" when it was not; owned */
    struct digest digest; /* computed from the bytes */
};
void registry_manifest_release(struct registry_manifest *manifest); /* usable with AUTO() */

/* Fetches the manifest of the reference's digest, or else of its tag. ERR_DAMAGED: the bytes do not
 * hash to the reference's digest. */
int registry_get_manifest(struct registry *registry, const struct ref *ref,
                          struct registry_manifest *out, struct err *err);

/* A manifest or a blob that is fetched. The caller fills the upper part, which is lent. */
struct registry_want {
    const struct ref *ref;         /* of the manifest: its digest, or else its tag; of a blob: names
                                      the repository */
    const struct descriptor *blob; /* NULL: the manifest is wanted */
    const struct digest *known;    /* of the manifest that the caller has: that manifest need not
                                      come again; or NULL */
    /* Where a blob goes: a file, written from its present position, or memory. */
    int fd;         /* -1: the bytes go to `data` */
    long long have; /* bytes that `fd` has before its position, from an earlier run: they may be the
                       first bytes of the blob, and are verified with the others */
    struct buf *data; /* its maximum must allow for the size in the descriptor */
    /* Called when `rc` is known, while other wants may still be on their way. The function does not
     * use the registry, but may add further wants to the list. NULL: nobody is told. */
    void (*done)(void *arg, struct registry_want *want);
    void *done_arg;

    struct registry_manifest manifest; /* set when it has come; the caller releases it */
    bool unchanged; /* the manifest is the one that is known, as the registry says; none came */
    int rc;         /* 0, or why the want is not fulfilled, with `err` */
    struct err err;
};

/* What is fetched together; it may grow meanwhile. */
struct registry_wants {
    struct registry_want **items; /* each lent; the array is owned */
    size_t count;
};
/* The want stays where it is until the fetch has ended. */
void registry_wants_add(struct registry_wants *wants, struct registry_want *want);
void registry_wants_release(struct registry_wants *wants); /* usable with AUTO() */

/*
 * Fetches manifests and blobs of any registries side by side, those too that are added meanwhile.
 * A manifest that does not hash to the digest of its reference is ERR_DAMAGED. Each blob is hashed
 * while it comes: wrong bytes or a wrong length are ERR_DAMAGED. When a connection is cut, the
 * fetch goes on at that byte, by Range. A want that fails does not end the others; an error means
 * that all were given up (ERR_INTERRUPTED, or no libcurl), and `done` is not called for the rest.
 * A blob that failed leaves the first bytes of the blob as far as they came; after ERR_DAMAGED
 * these bytes are useless.
 */
int registry_fetch(struct registry *registry, struct registry_wants *wants, struct err *err);
/* Does the same with the wants of an array. */
int registry_fetch_all(struct registry *registry, struct registry_want *wants, size_t count,
                       struct err *err);

/* --- blob_size.c --- */

/* The size of a blob in the repository of the reference. ERR_NOT_FOUND; ERR_UNSUPPORTED: the
 * registry does not tell. */
int registry_blob_size(struct registry *registry, const struct ref *ref,
                       const struct digest *digest, long long *size, struct err *err);

/* --- copy.c --- */

/* A copy from one repository to another. The caller fills the upper part, which is lent. */
struct registry_copy {
    const struct ref *from;
    const struct ref *to;
    const char *spool_dir; /* folder for files without names, through which blobs stream */
    long long max_size; /* bytes of one image that may stream through this machine; a larger image
                              is refused before any of it is sent */

    struct digest digest; /* of the manifest or index */
    bool unchanged;       /* as registry_push() sets it for that manifest or index */
};

/*
 * Copies an image, or an index with all its images, within a registry or from one registry to
 * another. The bytes stay the same, and so do the digests. When one registry has both repositories,
 * blobs that the target lacks are mounted; otherwise they stream through this machine.
 */
int registry_copy(struct registry *registry, struct registry_copy *copy, struct err *err);

#endif
