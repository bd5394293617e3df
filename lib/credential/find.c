#include "credential/find.h"

#include "base/mem.h"
#include "credential/helper.h"

enum { PLACES_MAX = 16 * 1024 };

/* A search through the places. */
struct search {
    const struct credential_sources *sources;
    const struct credential_target *target;
    bool narrow;
    struct credential *out;
};

/* Takes the answer of the helper program that the entry names, or else the entry's own
 * credential. */
static int take_entry(struct search *search, const char *path, struct credential_entry *entry,
                      struct err *err)
{
    search->narrow = search->narrow || entry->narrow;
    if (entry->helper) {
        AUTO_FREE char *origin = mem_printf("%s in %s", entry->member, path);
        struct helper helper = {.name = entry->helper,
                                .origin = origin,
                                .interrupted = search->sources->interrupted,
                                .seconds = search->sources->seconds};
        int rc = helper_get(&helper, search->target->registry, search->out, err);
        if (rc)
            return rc;
        if (!credential_is_empty(search->out)) {
            search->out->source = mem_printf("docker-credential-%s (%s)", entry->helper, origin);
            return 0;
        }
        notice_say(search->sources->notice, NOTICE_DEBUG,
                   "%s: docker-credential-%s (%s) has no credentials", search->target->registry,
                   entry->helper, origin);
    }
    if (credential_is_empty(&entry->stored))
        return 0;
    *search->out = entry->stored;
    entry->stored = (struct credential){0};
    search->out->source = mem_dup(path);
    return 0;
}

/* Warns, once for a place. The run may need no login; when it does, credential_missing() names the
 * place again. */
static void go_without(const struct search *search, struct credential_place *place, const char *why)
{
    if (place->problem)
        return;
    place->problem = mem_dup(why);
    notice_say(search->sources->notice, NOTICE_WARNING,
               "going on without the credentials of %s: %s", place->name, why);
}

static int search_place(struct search *search, struct credential_place *place, struct err *err)
{
    AUTO(credential_entry_release) struct credential_entry entry = {0};
    struct err why AUTO(err_release) = ERR_INIT;
    int rc = credential_place_entry(place, search->target, &entry, &why);
    if (!rc)
        return take_entry(search, place->name, &entry, err);
    if (rc == ERR_NOT_FOUND)
        return 0;
    if (!place->optional)
        return err_set(err, rc, "credentials %s %s: %s", place->text ? "in" : "file", place->name,
                       err_text(&why));
    go_without(search, place, err_text(&why));
    return 0;
}

/* The credential that the user gave for this run. False: none was given. */
static bool take_own(const struct credential_sources *sources, struct credential *out)
{
    if (sources->identity_token)
        *out = (struct credential){.identity_token = mem_dup(sources->identity_token),
                                   .source = mem_dup("--token-stdin")};
    else if (sources->username && sources->password)
        *out = (struct credential){.username = mem_dup(sources->username),
                                   .password = mem_dup(sources->password),
                                   .source = mem_dup("-u")};
    return !credential_is_empty(out);
}

int credential_find(const struct credential_sources *sources,
                    const struct credential_target *target, struct credential *out, bool *narrow,
                    struct err *err)
{
    struct credential found AUTO(credential_release) = {0};
    struct search search = {sources, target, false, &found};
    struct credential_place *place = take_own(sources, &found) ? NULL : sources->places;
    for (; place && place->name && credential_is_empty(&found); place++) {
        int rc = search_place(&search, place, err);
        if (rc)
            return rc;
    }
    if (narrow)
        *narrow = search.narrow;
    *out = found;
    found = (struct credential){0};
    return 0;
}

char *credential_missing(const struct credential_sources *sources, const char *registry)
{
    struct buf places AUTO(buf_release) = BUF_INIT(PLACES_MAX);
    const struct credential_place *place = sources->places;
    for (; place && place->name; place++) {
        buf_printf(&places, "%s%s", places.len ? ", " : " (looked into: ", place->name);
        if (place->problem)
            buf_printf(&places, ", which cannot be used: %s", place->problem);
    }
    return mem_printf("no credentials for %s%s%s: log in with `wasme login %s`, or use -u USER "
                      "with --password-stdin",
                      registry, buf_text(&places), places.len ? ")" : "", registry);
}
