/*
 * Image references: [registry[:port]/]repository[:tag][@digest], normalised as Docker does
 * (distribution/reference, normalize.go and regexp.go): `foo` is docker.io/library/foo, and a
 * reference without tag and digest means the tag "latest".
 */
#ifndef WASME_IMAGE_REF_H
#define WASME_IMAGE_REF_H

#include <stdbool.h>

#include "base/digest.h"
#include "base/err.h"

#define REF_MAX 4096     /* bytes of a whole reference */
#define REF_NAME_MAX 255 /* bytes of registry/repository */
#define REF_TAG_MAX 128

struct ref {
    char *registry;       /* "docker.io", "harbor.example:8443", "[::1]:5000" */
    char *repository;     /* "library/foo" */
    char *tag;            /* NULL when the reference has only a digest */
    struct digest digest; /* "" when there is none */
    char *full;           /* the normalised text; its MD5 names the image's folder in the store */
};

/*
 * Parses and normalises. `default_registry` stands in for docker.io where the text names no
 * registry (NULL: docker.io). Errors are ERR_USAGE and name the part that is wrong.
 */
int ref_parse(const char *text, const char *default_registry, struct ref *out, struct err *err);
/* Whether the text is the path of a repository, or a tag: the grammar of the OCI distribution
 * specification ("Pulling manifests"), and at most REF_NAME_MAX or REF_TAG_MAX bytes. */
bool ref_repository_valid(const char *text);
bool ref_tag_valid(const char *text);
/* Whether the text has a user and a password, as addresses may: no message may repeat such a
 * text. */
bool ref_holds_login(const char *text);
/* The manifest of that digest in the repository of `ref`; handed over. */
void ref_child(const struct ref *ref, const struct digest *digest, struct ref *out);
void ref_release(struct ref *ref); /* usable with AUTO() */
/* The key to ask for a manifest by: the digest where there is one, else the tag. Borrowed. */
const char *ref_manifest_key(const struct ref *ref);

#endif
