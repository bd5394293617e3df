#include "credential/find.h"

#include <fcntl.h>

#include "base/file.h"
#include "base/mem.h"
#include "credential/config.h"
#include "credential/helper.h"

enum { PLACES_MAX = 16 * 1024 };

struct search {
    const struct credential_sources *sources;
    const char *registry;
    const char *repository;
    bool narrow;
    struct credential *out;
};

/* What a helper said; the file's own entry when it has none. */
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
        int rc = helper_get(&helper, search->registry, search->out, err);
        if (rc)
            return rc;
        if (!credential_is_empty(search->out)) {
            search->out->source = mem_printf("docker-credential-%s (%s)", entry->helper, origin);
            return 0;
        }
        notice_say(search->sources->notice, NOTICE_DEBUG,
                   "%s: docker-credential-%s (%s) has no credentials", search->registry,
                   entry->helper, origin);
    }
    if (credential_is_empty(&entry->stored))
        return 0;
    *search->out = entry->stored;
    entry->stored = (struct credential){0};
    search->out->source = mem_dup(path);
    return 0;
}

static int read_source(const struct credential_place *source, struct buf *out, struct err *err)
{
    if (!source->text && source->optional)
        return file_read(AT_FDCWD, source->name, NULL, out, err);
    if (!source->text)
        return file_read_named(source->name, out, err);
    buf_add_text(out, source->text);
    return buf_overflowed(out) ? err_set(err, ERR_DAMAGED, "more than %zu bytes", out->max) : 0;
}

static int read_entry(const struct search *search, const struct credential_place *source,
                      struct credential_entry *entry, struct err *err)
{
    struct buf text AUTO(buf_wipe) = BUF_INIT(CREDENTIALS_FILE_MAX);
    int rc = read_source(source, &text, err);
    return rc ? rc
              : credential_config_read(buf_text(&text), text.len, search->registry,
                                       search->repository, entry, err);
}

/* It is no end of a run that may need no login; if it does, credential_missing() names it. */
static void go_without(const struct search *search, struct credential_place *source,
                       const char *why)
{
    if (source->problem)
        return;
    source->problem = mem_dup(why);
    notice_say(search->sources->notice, NOTICE_WARNING,
               "going on without the credentials of %s: %s", source->name, why);
}

static int search_source(struct search *search, struct credential_place *source, struct err *err)
{
    AUTO(credential_entry_release) struct credential_entry entry = {0};
    struct err why AUTO(err_release) = ERR_INIT;
    int rc = read_entry(search, source, &entry, &why);
    if (!rc)
        return take_entry(search, source->name, &entry, err);
    if (rc == ERR_NOT_FOUND)
        return 0;
    if (!source->optional)
        return err_set(err, rc, "credentials %s %s: %s", source->text ? "in" : "file", source->name,
                       err_text(&why));
    go_without(search, source, err_text(&why));
    return 0;
}

int credential_find(const struct credential_sources *sources, const char *registry,
                    const char *repository, struct credential *out, bool *narrow, struct err *err)
{
    struct credential found AUTO(credential_release) = {0};
    struct search search = {sources, registry, repository, false, &found};
    if (narrow)
        *narrow = false;
    if ((sources->username && sources->password) || sources->identity_token) {
        *out = (struct credential){
            .username = sources->identity_token ? NULL : mem_dup(sources->username),
            .password = sources->identity_token ? NULL : mem_dup(sources->password),
            .identity_token = sources->identity_token ? mem_dup(sources->identity_token) : NULL,
            .source = mem_dup(sources->identity_token ? "--token-stdin" : "-u"),
        };
        return 0;
    }
    struct credential_place *source = sources->places;
    for (; source && source->name && credential_is_empty(&found); source++) {
        int rc = search_source(&search, source, err);
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
    const struct credential_place *source = sources->places;
    for (; source && source->name; source++) {
        buf_printf(&places, "%s%s", places.len ? ", " : " (looked into: ", source->name);
        if (source->problem)
            buf_printf(&places, ", which cannot be used: %s", source->problem);
    }
    return mem_printf("no credentials for %s%s%s: log in with `wasme login %s`, or use -u USER "
                      "with --password-stdin",
                      registry, buf_text(&places), places.len ? ")" : "", registry);
}
