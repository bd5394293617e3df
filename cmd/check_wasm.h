/* The wasm in the subject of `wasme check`, as a pull or as a gateway takes it. */
#ifndef WASME_CMD_CHECK_WASM_H
#define WASME_CMD_CHECK_WASM_H

#include "cmd/check_subject.h"
#include "image/gateway.h"
#include "image/runtime_config.h"
#include "module/module.h"
#include "module/validate.h"

/* Owns its members. Either `nothing`, `fault` or `module` is set once it is `done`, or none of them
 * when a layer could not be had. */
struct wasm {
    bool done;
    size_t layer;       /* of wasm_of_gateway() */
    char *nothing;      /* why there is no wasm; NULL: there is one */
    struct err fault;   /* why the wasm is no module ("a component"); not set: it is a module */
    bool core;          /* the bytes begin as those of a core module do */
    int fd;             /* the file with the wasm; -1: none */
    struct buf runtime; /* of wasm_of_pull(): the bytes of a runtime-config.json beside the wasm in
                             its tar; empty: there is none */
    struct module module; /* read from `fd` */
    bool validated;       /* `validation` is filled */
    struct validation validation;
};

#define WASM_INIT                                                                                  \
    {                                                                                              \
        .fd = -1, .runtime = BUF_INIT(RUNTIME_CONFIG_MAX)                                          \
    }
void wasm_release(struct wasm *wasm); /* usable with AUTO(); it is WASM_INIT then */

/* Is it a module that can be judged? */
bool wasm_is_module(const struct wasm *wasm);

/* The wasm that a pull would take out of the image. */
int wasm_of_pull(struct subject *subject, struct wasm *out, struct err *err);
/* The wasm that the gateway takes out of the image, by its verdict. */
int wasm_of_gateway(const struct gateway_image *image, const struct gateway_verdict *verdict,
                    struct wasm *out, struct err *err);
/* The file that is the subject. */
int wasm_of_file(const struct subject *subject, struct wasm *out, struct err *err);

/* Type-checks the module's functions; a second call returns the first one's result. */
int wasm_validate(struct wasm *wasm, const struct validation **out, struct err *err);

#endif
