/* The answers of `wasme check`, one for each gateway, and how they are printed. */
#ifndef WASME_CMD_CHECK_PRINT_H
#define WASME_CMD_CHECK_PRINT_H

#include "cmd/check_subject.h"
#include "image/gateway.h"

enum answer_state { ANSWER_LOADS, ANSWER_REFUSES, ANSWER_UNKNOWN };

/* The answer of a gateway about the subject. Texts are owned, but for those called static, and may
 * hold words of a peer. */
struct answer {
    enum gateway gateway;
    enum answer_state state;
    char *picks;          /* if the gateway loads it: what the gateway takes */
    const char *abi;      /* if a proxy will run it: the ABI version, static; else NULL */
    struct digest sha256; /* if the gateway loads it: for the field "sha256"; or "" */
    struct digest wasm; /* if the gateway loads it, and its layer was read: of the module; or "" */
    char *because;      /* if the gateway refuses, or the answer is not known: why */
    char *next;         /* the next step of the user; or NULL */
    char *note;         /* a fact that does not decide; or NULL */
};
void answer_release(struct answer *answer);

/* Prints a line for each answer, and each note once. */
void answers_print(const struct subject *subject, const struct answer *answers, size_t count);
int answers_print_json(const struct subject *subject, const struct answer *answers, size_t count,
                       struct err *err);

#endif
