#include "cmd/settings.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cmd/interrupt.h"
#include "cmd/log.h"

const char *settings_variable(const char *name)
{
    const char *value = getenv(name);
    return value && *value ? value : NULL;
}

int settings_home(char **out, struct err *err)
{
    const char *own = settings_variable("WASME_HOME");
    const char *home = settings_variable("HOME");
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
    const char *given = settings_variable("TMPDIR");
    return given ? given : "/tmp";
}

const char *settings_in_store(const char *text)
{
    static const char prefix[] = "store:";
    return strncmp(text, prefix, strlen(prefix)) == 0 ? text + strlen(prefix) : NULL;
}

int settings_ref(const char *text, struct ref *out, struct err *err)
{
    const char *registry = settings_variable("WASM_IMAGE_REGISTRY");
    AUTO(ref_release) struct ref probe = {0};
    if (registry && ref_parse("a", registry, &probe, ERR_IGNORED) != 0)
        return err_set(err, ERR_USAGE,
                       "WASM_IMAGE_REGISTRY: \"%s\" is not a registry (host[:port])", registry);
    return ref_parse(text, registry, out, err);
}

int settings_image(struct store *store, const char *text, struct ref *ref,
                   struct store_image *image, struct err *err)
{
    int rc = settings_ref(text, ref, err);
    return rc ? rc : store_get(store, ref, image, err);
}

int settings_epoch(long long *epoch, bool *given, struct err *err)
{
    const char *text = settings_variable("SOURCE_DATE_EPOCH");
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

/* libcurl reads http_proxy alone, since the client of a CGI program can set HTTP_PROXY. */
const char *settings_http_proxy(void)
{
    bool known = settings_variable("http_proxy") || getenv("REQUEST_METHOD");
    return known ? NULL : settings_variable("HTTP_PROXY");
}
