/*
 * What a registry asked for in earlier runs, so that the first request to it carries the login:
 * without that, the registry answers the first request with a challenge that is always the same.
 *
 * A remembered realm gets no credential that the same realm in a challenge would not get, and is
 * used only where the rules of token.h and route.h allow it before the registry has answered.
 * A remembered login is for the very origin at which a registry took such a login: host and way
 * (https, plain http, TLS that is not verified). Only a challenge that a login proved right is
 * remembered, and that a registry asked for none. Over plain http and TLS that is not verified,
 * somebody on the way can write a challenge: of what came so, only Basic and realms of the
 * registry's own origin are remembered, so that somebody who was there once gets no password later.
 */
#ifndef WASME_REGISTRY_RECALL_H
#define WASME_REGISTRY_RECALL_H

#include "registry/account.h"
#include "registry/call.h"
#include "registry/challenge.h"

/* Takes the way to log in from the memory, when the account has none and the memory knows it. Sets
 * `recalled` of the call's host and of the account. After the host has changed its scheme, takes
 * back what was for the other scheme. */
void recall_begin(struct account *account, struct transport *transport, const struct call *call);
/* Takes back what was recalled: the logins that were made from it are void, and the registry is
 * asked without a login. `right`: the memory was not wrong, and stays. */
void recall_drop(struct account *account, struct transport *transport, struct host *host,
                 bool right);
/* Does the challenge ask for the login that was recalled? */
bool recall_agrees(const struct account *account, const struct challenge *challenge);
/* After a token could not be had from a recalled realm. 0: the registry is asked without a login;
 * otherwise the work has to end. When the realm refused the login, `err` is kept for
 * recall_refusal(). */
int recall_failed(struct account *account, struct transport *transport, const struct call *call,
                  struct err *err);
/* ERR_DENIED: the realm of this challenge has refused this login already in this run, as `err`
 * says; no second try is made, since it could be the one that locks the user's account. */
int recall_refusal(struct account *account, const struct transport *transport, const char *scope,
                   const struct challenge *challenge, struct err *err);
/* Takes a token that an earlier command asked for, with the same user of the same place. False:
 * there is none that grants the scope. */
bool recall_token(struct account *account, struct transport *transport, const char *scope);
/* After the registry has refused a token that an earlier command asked for: drops that token, so
 * that another one is asked for, once. False: the call's token is none of those. */
bool recall_drop_token(struct account *account, struct transport *transport,
                       const struct call *call);
/* Remembers how the registry wants to be logged in to, when a login has proved it, and the
 * tokens that the registry took. */
void recall_keep(struct account *account, struct transport *transport);

#endif
