/* A repository on a server: what it has, and the objects of one commit of it. */
#ifndef WASME_GIT_REMOTE_H
#define WASME_GIT_REMOTE_H

#include "git/objects.h"
#include "git/options.h"
#include "git/spec.h"

struct remote_wish {
    const struct git_spec *at;
    const char *ref;     /* a name, or the id of a commit; NULL: the default branch */
    const char *folder;  /* no repository; git's helpers run there */
    bool may_ask;        /* git's helpers, for a login */
    long long *received; /* see struct pack_reader */
};

/* Fetches into `objects`, and gives the id of the object that `ref` stands for. */
int remote_fetch(const struct git_options *options, const struct remote_wish *wish,
                 const struct objects *objects, char id[GIT_ID_LEN + 1], struct err *err);

#endif
