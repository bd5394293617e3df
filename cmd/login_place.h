/* The registry of a login, and the place of the login: the parts that login and logout share. */
#ifndef WASME_CMD_LOGIN_PLACE_H
#define WASME_CMD_LOGIN_PLACE_H

#include "base/lock.h"
#include "cmd/auth_files.h"
#include "credential/helper.h"

struct login_place {
    char *server;            /* as references name it; owned */
    struct auth_files files; /* the places of credentials without --credentials-file */
    char *file;              /* the file that wasme writes; owned */
    bool given;              /* the user named the file, and no other file counts */
    struct helper helper;    /* keeps the login instead; no name: none */
    char *helper_name;       /* owned, as is helper_origin */
    char *helper_origin;
};

/*
 * Finds the place. The server is the argument, else the value of --server, else
 * WASM_IMAGE_REGISTRY, else docker.io; an address ("https://HOST/v2/") is accepted. The file is
 * `given` (--credentials-file), else ~/.wasme/credentials.json; the helper is the one that the file
 * names. A broken file is an error. The caller releases `place` also after an error.
 */
int login_place_find(const struct cli *cli, const char *server, const char *given,
                     struct login_place *place, struct err *err);
/* If the file names no helper, takes the helper that Docker's file names; none, if the user named
 * the file. An error means that Docker's file is broken, and leaves `place` as it was. */
int login_place_ask_docker(struct login_place *place, struct err *err);
/* How to wait for other processes that write the file: with a log line, until Ctrl-C. Signals are
 * caught from now on; therefore this is called after secrets were read from standard input. */
struct lock_wait login_place_wait(void);
/* Drops the tokens that commands have kept for the next one. */
void login_place_forget_tokens(const struct login_place *place);
void login_place_release(struct login_place *place); /* usable with AUTO() */

#endif
