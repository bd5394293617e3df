/* Git's protocol over http and https (gitprotocol-http(5), "Smart Clients"): the list of names, and
 * the request for objects. Redirects of the first request are followed, as git does. */
#ifndef WASME_GIT_SMART_HTTP_H
#define WASME_GIT_SMART_HTTP_H

#include "git/advert.h"
#include "git/pack.h"
#include "git/options.h"
#include "git/spec.h"

#define GIT_REDIRECTS_MAX 5

struct smart_http;

/* `folder` is no repository; git's helpers run there. `may_ask`: git's helpers are asked when the
 * server wants a login. All is lent until the end. ERR_USAGE: plain http is not allowed. */
int smart_http_open(const struct git_options *options, const struct git_spec *at,
                    const char *folder, bool may_ask, struct smart_http **out, struct err *err);
int smart_http_list(struct smart_http *smart, struct advert *advert, struct err *err);
int smart_http_fetch(struct smart_http *smart, const struct buf *request, struct pack_reader *pack,
                     struct err *err);
void smart_http_close_at(struct smart_http **smart); /* for AUTO(); takes NULL */

#endif
