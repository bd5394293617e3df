/* The module that is deployed: looked for, judged, and named in the way that its reader checks. */
#ifndef WASME_CMD_DEPLOY_CODE_H
#define WASME_CMD_DEPLOY_CODE_H

#include "cmd/check_answer.h"
#include "cmd/deploy_args.h"
#include "module/host/host.h"

struct code_args {
    const char *url;
    const char *path;
    bool no_pin;
    bool force;
};

/* The subject and what is known of it. Texts of `code` are owned. */
struct deploy_code_found {
    struct subject_place place;
    struct subject subject;
    struct answer_wasm wasm;
    char *address; /* NULL: that of the command line counts */
    struct digest image, module;
    char md5[33];
    char *root_id; /* the first of the runtime config; NULL: there is none */
};
#define DEPLOY_CODE_FOUND_INIT                                                                     \
    {                                                                                              \
        .subject = SUBJECT_INIT, .wasm = ANSWER_WASM_INIT                                          \
    }
void deploy_code_found_release(struct deploy_code_found *found); /* usable with AUTO() */

/* Fills in of plan->wanted.code what the command line says, where the module comes from above all.
 * ERR_USAGE: the options contradict each other, or the proxies cannot read the file `text`. */
int deploy_code_place(const char *text, const struct code_args *args, struct deploy_plan *plan,
                      struct err *err);
/* Opens `text`, judges it for the host, and fills the rest of plan->wanted.code and, where none was
 * given, root_id. An image or module that its reader refuses is an error; a warning with `force`.
 */
int deploy_code_find(const char *text, const struct code_args *args, const struct host_choice *host,
                     struct deploy_plan *plan, struct deploy_code_found *found, struct err *err);

#endif
