/*
 * Making an image of a chosen form from a wasm and its runtime config. Nothing in it depends on the
 * clock or on the machine: the same input gives the same digests.
 */
#ifndef WASME_IMAGE_PACKAGE_H
#define WASME_IMAGE_PACKAGE_H

#include "image/filter.h"
#include "image/form.h"

struct package_options {
    enum image_form form;                 /* FORM_OCI, FORM_COMPAT, FORM_DOCKER or FORM_CNCF */
    long long created;                    /* seconds since 1970: SOURCE_DATE_EPOCH, or 0 */
    const struct annotation *annotations; /* added to the manifest; a key of ours is replaced, the
                                             later of two equal keys counts */
    size_t annotation_count;
    const char *author; /* in the config of all but oci; or NULL */
    /* Only for cncf: */
    bool component;             /* the wasm is a component (preamble layer 1), not a core module */
    const char *const *imports; /* of the component, NULL-terminated; or NULL */
    const char *const *exports;
};

struct package {
    enum image_form form;
    struct buf manifest;
    struct digest digest;   /* of the manifest */
    const char *media_type; /* to send the manifest as; static */
    struct buf config_blob; /* the bytes that `config` describes */
    struct descriptor config;
    struct descriptor layer; /* the layer that carries the wasm */
    bool wrapped;            /* the layer is the tar in `layer_fd`; otherwise the wasm itself */
};
void package_release(struct package *package); /* usable with AUTO() */

/*
 * Makes the blobs of an image of the filter. For compat and docker the runtime config may be empty
 * (then the layer has none), and cncf does not carry it. `layer_fd` is an empty file open for
 * reading and writing, used by compat and docker alone (-1 otherwise). ERR_USAGE: annotations with
 * docker, whose manifests have none.
 */
int package_make(const struct package_options *options, const struct filter *filter, int layer_fd,
                 struct package *out, struct err *err);

#endif
