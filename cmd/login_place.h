/* What login and logout share: which registry is meant, and where its login is kept. */
#ifndef WASME_CMD_LOGIN_PLACE_H
#define WASME_CMD_LOGIN_PLACE_H

#include "base/lock.h"
#include "cmd/auth_files.h"
#include "credential/helper.h"

struct login_place {
    char *server;            /* as references name it; owned */
    struct auth_files files; /* where credentials are looked for by default */
    char *file;              /* that wasme writes; owned */
    bool given;              /* it was named, and no other counts */
    struct helper helper;    /* that keeps it instead of the file; its name NULL: none */
    char *helper_name;       /* owned, as the next one */
    char *helper_origin;
};

/*
 * The server is the argument, else the value of --server, else WASM_IMAGE_REGISTRY, else docker.io;
 * an address ("https://HOST/v2/") will do. The file is `given` (--credentials-file), else
 * ~/.wasme/credentials.json; the helper is the one that it names. A file that is broken is an
 * error. `place` is to be released even then.
 */
int login_place_find(const struct cli *cli, const char *server, const char *given,
                     struct login_place *place, struct err *err);
/* Where the file names no helper, the one of Docker's file; none when the file was given. An error
 * says that Docker's file is broken, and changes nothing. */
int login_place_ask_docker(struct login_place *place, struct err *err);
/* How to wait for others that write the file: with a word, until Ctrl-C, which is caught from then
 * on (what reads a secret from standard input is to be over). */
struct lock_wait login_place_wait(void);
void login_place_release(struct login_place *place); /* usable with AUTO() */

#endif
