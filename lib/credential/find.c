#include "credential/find.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "credential/config.h"
#include "credential/helper.h"

void credential_wipe(char **text)
{
    if (*text)
        explicit_bzero(*text, strlen(*text));
    mem_free_at(text);
    *text = NULL;
}

void credential_release(struct credential *credential)
{
    credential_wipe(&credential->password);
    credential_wipe(&credential->username);
    credential_wipe(&credential->identity_token);
    credential_wipe(&credential->registry_token);
    mem_free_at(&credential->source);
    credential->source = NULL;
}

bool credential_is_empty(const struct credential *credential)
{
    return !credential->username && !credential->identity_token && !credential->registry_token;
}

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

char *credential_encode(const char *username, const char *password)
{
    AUTO(credential_wipe) char *plain = mem_printf("%s:%s", username, password);
    const unsigned char *raw = (const unsigned char *)plain;
    size_t len = strlen(plain);
    char *text = mem_alloc((len + 2) / 3 * 4 + 1);
    char *at = text;
    for (size_t i = 0; i < len; i += 3, at += 4) {
        unsigned bits = (unsigned)raw[i] << 16;
        bits |= i + 1 < len ? (unsigned)raw[i + 1] << 8 : 0;
        bits |= i + 2 < len ? raw[i + 2] : 0;
        at[0] = digits[bits >> 18];
        at[1] = digits[bits >> 12 & 63];
        at[2] = i + 1 < len ? digits[bits >> 6 & 63] : '=';
        at[3] = i + 2 < len ? digits[bits & 63] : '=';
    }
    *at = '\0';
    return text;
}

char *credential_basic(const struct credential *credential)
{
    AUTO(credential_wipe)
    char *text = credential_encode(credential->username, credential->password);
    return mem_printf("Authorization: Basic %s", text);
}

static int value_of(char c)
{
    const char *found = c ? strchr(digits, c) : NULL;
    return found ? (int)(found - digits) : -1;
}

int credential_decode(const char *text, struct buf *out, struct err *err)
{
    unsigned bits = 0;
    unsigned held = 0;
    size_t count = 0, padding = 0;
    for (; *text; text++) {
        int value = value_of(*text);
        if (*text == '\r' || *text == '\n')
            continue; /* base64(1) breaks its lines */
        padding += *text == '=';
        if (*text == '=')
            continue;
        if (value < 0 || padding)
            return err_set(err, ERR_DAMAGED, "not base64");
        bits = (bits << 6 | (unsigned)value) & 0xffffff;
        held += 6;
        count++;
        if (held < 8)
            continue;
        held -= 8;
        buf_add_char(out, (char)(bits >> held & 0xff));
    }
    if (count % 4 == 1 || padding > 2)
        return err_set(err, ERR_DAMAGED, "not base64");
    if (buf_overflowed(out))
        return err_set(err, ERR_DAMAGED, "longer than %zu bytes", out->max);
    return 0;
}

enum { PLACES_MAX = 16 * 1024 };

struct search {
    const struct registry_options *options;
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
                                .interrupted = search->options->interrupted,
                                .seconds = search->options->total_seconds};
        int rc = helper_get(&helper, search->registry, search->out, err);
        if (rc)
            return rc;
        if (!credential_is_empty(search->out)) {
            search->out->source = mem_printf("docker-credential-%s (%s)", entry->helper, origin);
            return 0;
        }
        notice_say(search->options->notice, NOTICE_DEBUG,
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

static int read_source(const struct credential_source *source, struct buf *out, struct err *err)
{
    if (!source->text && source->optional)
        return file_read(AT_FDCWD, source->name, NULL, out, err);
    if (!source->text)
        return file_read_named(source->name, out, err);
    buf_add_text(out, source->text);
    return buf_overflowed(out) ? err_set(err, ERR_DAMAGED, "more than %zu bytes", out->max) : 0;
}

static int read_entry(const struct search *search, const struct credential_source *source,
                      struct credential_entry *entry, struct err *err)
{
    struct buf text AUTO(buf_wipe) = BUF_INIT(CREDENTIALS_FILE_MAX);
    int rc = read_source(source, &text, err);
    return rc ? rc
              : credential_config_read(buf_text(&text), text.len, search->registry,
                                       search->repository, entry, err);
}

/* It is no end of a run that may need no login; if it does, credential_missing() names it. */
static void go_without(const struct search *search, struct credential_source *source,
                       const char *why)
{
    if (source->problem)
        return;
    source->problem = mem_dup(why);
    notice_say(search->options->notice, NOTICE_WARNING,
               "going on without the credentials of %s: %s", source->name, why);
}

static int search_source(struct search *search, struct credential_source *source, struct err *err)
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

int credential_find(const struct registry_options *options, const char *registry,
                    const char *repository, struct credential *out, bool *narrow, struct err *err)
{
    struct credential found AUTO(credential_release) = {0};
    struct search search = {options, registry, repository, false, &found};
    if (narrow)
        *narrow = false;
    if ((options->username && options->password) || options->identity_token) {
        *out = (struct credential){
            .username = options->identity_token ? NULL : mem_dup(options->username),
            .password = options->identity_token ? NULL : mem_dup(options->password),
            .identity_token = options->identity_token ? mem_dup(options->identity_token) : NULL,
            .source = mem_dup(options->identity_token ? "--token-stdin" : "-u"),
        };
        return 0;
    }
    struct credential_source *source = options->credential_sources;
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

char *credential_missing(const struct registry_options *options, const char *registry)
{
    struct buf places AUTO(buf_release) = BUF_INIT(PLACES_MAX);
    const struct credential_source *source = options->credential_sources;
    for (; source && source->name; source++) {
        buf_printf(&places, "%s%s", places.len ? ", " : " (looked into: ", source->name);
        if (source->problem)
            buf_printf(&places, ", which cannot be used: %s", source->problem);
    }
    return mem_printf("no credentials for %s%s%s: log in with `wasme login %s`, or use -u USER "
                      "with --password-stdin",
                      registry, buf_text(&places), places.len ? ")" : "", registry);
}
