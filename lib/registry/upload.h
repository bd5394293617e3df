/*
 * One blob on its way into a repository. Each question is a call of its own, and its answer adds
 * the next one:
 *
 *   HEAD               is the blob there?
 *   POST with mount    takes the blob from another repository of the same registry, or opens an
 *                      upload session. When the blob is probably new, the POST goes beside the
 *                      HEAD, and names the repository itself
 *   POST               opens an upload session
 *   GET and PUT        sends all bytes, which a copy fetches at the same time
 *   DELETE             ends a session that turned out to be needless
 *
 * (Distribution specification, "Checking if content exists in the registry", "Pushing blobs",
 * "Mounting a blob from another repository".)
 */
#ifndef WASME_REGISTRY_UPLOAD_H
#define WASME_REGISTRY_UPLOAD_H

#include "registry/calls.h"
#include "registry/client.h"

struct step;

/* Things that all uploads of a bundle share. */
struct uploads {
    const struct repository *repo; /* lent, as `bundle` and `calls` */
    const struct bundle *bundle;
    struct calls *calls;
    char *start_path;      /* owned: the path for POST */
    struct upload **items; /* each owned */
    size_t count;
    bool eager; /* sessions are opened before it is known that they are needed */
    bool waits; /* of a copy: it is not known yet which blobs are to be sent */
};

struct upload {
    struct uploads *all;
    const struct bundle_blob *blob;
    char *what; /* owned: "blob sha256:…", as `path` */
    char *path;
    struct body_source source;
    bool asked;             /* the HEAD has ended, with an answer or without */
    bool there;             /* the blob is there, from the beginning or by now */
    bool lacked;            /* the blob was not there when the repository was asked */
    bool unsure;            /* the HEAD failed, and said neither */
    bool held;              /* the repository has mounted the blob from itself */
    bool mountable;         /* another repository of the registry may have the blob */
    struct step *opening;   /* lent: the POST that runs, or that failed before the HEAD's answer */
    char *session;          /* owned: the address of the upload session; NULL: there is none */
    struct sender senders;  /* the peers that have named that address */
    struct repository from; /* the blob's origin, for a copy; without a `path`: none */
    char *from_path;        /* owned; of the blob in the origin */
    struct body_sink sink;  /* for the bytes from the origin */
    struct step *fetching;  /* lent: the GET from the origin */
    int attempt;            /* uploads that have failed so far */
    struct step *steps;     /* owned: all calls that were made */
};

/* The upload is heap memory of its own, since its calls point to it. */
struct upload *upload_new(struct uploads *all, const struct bundle_blob *blob);
void upload_free(struct upload *upload);
/* Adds the first questions about the blob. */
void upload_begin(struct upload *upload);

#endif
