/*
 * Tokens that serve the next command too. They stay in a file of a folder in memory that only its
 * user can enter, and never on a disk; the file has no password, and nothing that was made of one
 * but the tokens themselves, which expire.
 *
 * The file "tokens" has a line that names the format, and then a line for each token: the fields
 * of enum kept_field, separated by tabs.
 */
#ifndef WASME_REGISTRY_KEPT_H
#define WASME_REGISTRY_KEPT_H

#include "registry/token.h"

#define KEPT_FILE_MAX (512 * 1024) /* bytes; a larger file counts as none */
#define KEPT_TOKENS_MAX 128        /* when there are more, those that expire first are dropped */
#define KEPT_TEXT_MAX (16 * 1024)  /* bytes of one field; a longer token is not kept */
#define KEPT_SECONDS 3600          /* the longest life */

enum kept_field {
    KEPT_HOST,    /* as references write the host */
    KEPT_ORIGIN,  /* the address that the token is sent to: "https://harbor.example" */
    KEPT_REALM,   /* the address that gave the token */
    KEPT_SERVICE, /* or "" */
    KEPT_USER,    /* "": nobody's */
    KEPT_SOURCE,  /* the place of the user's credential */
    KEPT_SCOPE,
    KEPT_KEY_FIELDS,                /* the fields before name a token */
    KEPT_EXPIRES = KEPT_KEY_FIELDS, /* time() */
    KEPT_TOKEN,
    KEPT_FIELDS,
};

/* A token of the file. */
struct kept_entry {
    char *fields[KEPT_FIELDS]; /* owned */
    long long expires;
    bool forgotten; /* in `changes`: the token is to go */
};

struct kept_list {
    struct kept_entry *items; /* owned */
    size_t count;
};

struct kept {
    const char *dir; /* lent; NULL: nothing is read or written */
    bool loaded;
    struct kept_list list;    /* the file as it was read */
    struct kept_list changes; /* what this run has kept or dropped */
};

/* The owner of tokens; all of it is lent. The scope is left out. */
struct kept_owner {
    const char *host, *origin, *realm, *service, *user, *source;
};

/* Finds a token that grants the scope. True: `token` and `granted`, the scope that it was asked for
 * with, are the caller's. */
bool kept_find(struct kept *kept, const struct kept_owner *owner, const char *scope,
               struct token *token, char **granted);
/* Keeps a copy of the token for up to `ms` milliseconds from now. */
void kept_put(struct kept *kept, const struct kept_owner *owner, const char *scope,
              const struct token *token, int64_t ms);
void kept_drop(struct kept *kept, const struct kept_owner *owner, const char *scope);
/* Writes the file, if something has changed, together with what another process has written
 * meanwhile and without tokens that have expired. Wipes and releases the memory. */
void kept_close(struct kept *kept);
/* Drops all tokens for the host from the file in the folder, which may be NULL. */
void kept_forget_host(const char *dir, const char *host);

/* Reads the text of a file. False: it is not the text of such a file, and the list stays empty. */
bool kept_parse(const char *text, size_t len, struct kept_list *out);
void kept_list_release(struct kept_list *list); /* wipes the tokens; usable with AUTO() */

#endif
