/* Git's protocol over ssh, by the program ssh, as git does: its configuration, its agent and its
 * list of known hosts count (gitprotocol-pack(5), "SSH Transport"). */
#ifndef WASME_GIT_SMART_SSH_H
#define WASME_GIT_SMART_SSH_H

#include "git/advert.h"
#include "git/options.h"
#include "git/pack.h"
#include "git/spec.h"

struct smart_ssh;

/* `options` and `at` are lent until the end. */
int smart_ssh_open(const struct git_options *options, const struct git_spec *at,
                   struct smart_ssh **out, struct err *err);
int smart_ssh_list(struct smart_ssh *smart, struct advert *advert, struct err *err);
/* After smart_ssh_list(), once. */
int smart_ssh_fetch(struct smart_ssh *smart, const struct buf *request, struct pack_reader *pack,
                    struct err *err);
void smart_ssh_close_at(struct smart_ssh **smart); /* for AUTO(); takes NULL */

#endif
