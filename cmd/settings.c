#include "cmd/settings.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cmd/interrupt.h"
#include "cmd/log.h"

static const char *environment(const char *name)
{
    const char *value = getenv(name);
    return value && *value ? value : NULL;
}

int settings_home(char **out, struct err *err)
{
    const char *own = environment("WASME_HOME");
    const char *home = environment("HOME");
    if (!own && !home)
        return err_set(err, ERR_FAILED,
                       "HOME is not set: set it, or WASME_HOME, or name the store with --store");
    *out = own ? mem_dup(own) : mem_printf("%s/.wasme", home);
    return 0;
}

static int open_store(const char *given, struct store **out, struct err *err)
{
    if (given)
        return store_open(given, out, err);
    AUTO_FREE char *home = NULL;
    int rc = settings_home(&home, err);
    if (rc)
        return rc;
    AUTO_FREE char *dir = mem_printf("%s/store", home);
    return store_open(dir, out, err);
}

int settings_store(const char *given, struct store **out, struct err *err)
{
    const struct lock_wait wait = {&log_notice, interrupt_flag(), 0};
    int rc = open_store(given, out, err);
    if (!rc)
        store_set_wait(*out, &wait);
    return rc;
}

const char *settings_tmp(void)
{
    const char *given = environment("TMPDIR");
    return given ? given : "/tmp";
}

const char *settings_in_store(const char *text)
{
    static const char prefix[] = "store:";
    return strncmp(text, prefix, strlen(prefix)) == 0 ? text + strlen(prefix) : NULL;
}

int settings_ref(const char *text, struct ref *out, struct err *err)
{
    const char *registry = environment("WASM_IMAGE_REGISTRY");
    AUTO(ref_release) struct ref probe = {0};
    if (registry && ref_parse("a", registry, &probe, ERR_IGNORED) != 0)
        return err_set(err, ERR_USAGE,
                       "WASM_IMAGE_REGISTRY: \"%s\" is not a registry (host[:port])", registry);
    return ref_parse(text, registry, out, err);
}

int settings_epoch(long long *epoch, bool *given, struct err *err)
{
    const char *text = environment("SOURCE_DATE_EPOCH");
    *given = text != NULL;
    *epoch = 0;
    if (!text)
        return 0;
    if (strspn(text, "0123456789") != strlen(text) || strlen(text) > 11)
        return err_set(err, ERR_USAGE,
                       "SOURCE_DATE_EPOCH: \"%.40s\" is not a number of seconds since 1970", text);
    *epoch = strtoll(text, NULL, 10);
    return 0;
}

int settings_registry(const char *text, char **out, struct err *err)
{
    AUTO(ref_release) struct ref ref = {0};
    const char *scheme = text ? strstr(text, "://") : NULL;
    if (text && ref_holds_login(text))
        return err_set(err, ERR_USAGE,
                       "the registry has a user or a password in it (before \"%.80s\"): give them "
                       "to `wasme login`, and leave them out here",
                       strrchr(text, '@'));
    if (scheme)
        return err_set(err, ERR_USAGE, "\"%s\" is an address: leave out \"%.*s\"%s", text,
                       (int)(scheme - text + 3), text,
                       strncmp(text, "http:", 5) == 0 ? ", and say --plain-http" : "");
    if (text && ref_parse("a", text, &ref, ERR_IGNORED) != 0)
        return err_set(err, ERR_USAGE, "\"%s\" is not a registry (host[:port])", text);
    int rc = text ? 0 : settings_ref("a", &ref, err);
    if (rc)
        return rc;
    *out = STEAL(ref.registry);
    return 0;
}

/* libcurl reads http_proxy, and not HTTP_PROXY, which a CGI program's peer can set. */
const char *settings_http_proxy(void)
{
    const char *lower = getenv("http_proxy"), *upper = getenv("HTTP_PROXY");
    if ((lower && *lower) || getenv("REQUEST_METHOD") || !upper || !*upper)
        return NULL;
    return upper;
}
