/* The answers of `wasme check`: of a gateway about an image, and of a host about a module. */
#ifndef WASME_CMD_CHECK_ANSWER_H
#define WASME_CMD_CHECK_ANSWER_H

#include "cmd/check_subject.h"
#include "cmd/check_wasm.h"
#include "image/gateway.h"
#include "module/host/host.h"

enum answer_state { ANSWER_LOADS, ANSWER_REFUSES, ANSWER_UNKNOWN };

/* Texts are owned, and may hold words of a peer. */
struct answer {
    bool of_gateway;         /* otherwise of a host alone */
    enum gateway gateway;    /* of a gateway */
    struct host_choice host; /* the host that is to run the module; wkg has none */
    bool named;              /* the user named the host */
    enum answer_state state;
    char *picks;          /* if a gateway loads it: what the gateway takes */
    char *abi;            /* if a host will run it: the ABI version; or NULL */
    struct digest sha256; /* if a gateway loads it: for the field "sha256"; or "" */
    struct digest wasm;   /* if a gateway loads it, and its layer was read: of the module; or "" */
    char *because;        /* if it is refused, or the answer cannot be told: why */
    char *quote;          /* the words that the host logs then; or NULL */
    char *next;           /* the next step of the user; or NULL */
    char **notes;         /* facts that do not decide */
    size_t note_count;
};
void answer_release(struct answer *answer);

/* The wasm of a subject, which is read once for all answers. */
struct answer_wasm {
    struct wasm pulled; /* as a pull takes it */
    struct wasm taken;  /* as the last gateway took it */
};
#define ANSWER_WASM_INIT                                                                           \
    {                                                                                              \
        .pulled = WASM_INIT, .taken = WASM_INIT                                                    \
    }
void answer_wasm_release(struct answer_wasm *wasm); /* usable with AUTO() */

/* Both fill the rest of `answer`, whose first four members are set. They fail only when they are
 * interrupted; a layer that cannot be had makes the answer unknown. */
int answer_of_gateway(struct subject *subject, struct answer_wasm *wasm, struct answer *answer,
                      struct err *err);
int answer_of_host(struct subject *subject, struct answer_wasm *wasm, struct answer *answer,
                   struct err *err);

#endif
