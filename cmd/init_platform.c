#include "cmd/init_platform.h"

#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "cmd/log.h"
#include "module/host/host.h"

/* A proxy that is made from Envoy, and whose versions are not in our tables. */
static const char gloo[] = "gloo";

const char *init_platform_name(size_t at)
{
    size_t count = 0;
    while (host_listed(count))
        count++;
    return at < count ? host_listed(at) : at == count ? gloo : NULL;
}

/* The version without the "v" before it and the ".x" behind it, as older wasmes were told "1.9.x". */
static char *plain_version(const char *version)
{
    if (*version == 'v')
        version++;
    size_t len = strlen(version);
    if (len > 2 && strcmp(version + len - 2, ".x") == 0)
        len -= 2;
    return mem_dup_n(version, len);
}

/* The host without a version, for a version that is in no table. */
static int take_newest(const char *name, const char *version, char **out, struct err *err)
{
    struct host_choice newest;
    int rc = host_parse(name, &newest, err);
    if (rc)
        return rc;
    log_warningf("wasme has no facts of %s %s, so it cannot tell whether %s loads the filter: the "
                 "commands below ask for %s %s",
                 name, version, name, name, host_version_name(&newest));
    *out = mem_dup(name);
    return 0;
}

static int choose(const char *name, const char *version, char **out, struct err *err)
{
    struct host_choice host;
    if (strcmp(name, gloo) == 0) {
        log_warning("wasme has no facts of gloo, which is made from Envoy: the commands below ask "
                    "for Envoy; give `wasme check` the version of Envoy that your gloo has, as in "
                    "--host envoy:1.36",
                    NULL);
        *out = mem_dup("envoy");
        return 0;
    }
    AUTO_FREE char *text = version ? mem_printf("%s:%s", name, version) : mem_dup(name);
    if (host_parse(text, &host, ERR_IGNORED) != 0)
        return take_newest(name, version ? version : "", out, err);
    *out = STEAL(text);
    return 0;
}

int init_platform(const char *platform, const char *version, char **out, struct err *err)
{
    const char *colon = platform ? strchr(platform, ':') : NULL;
    if (version && !platform)
        return err_set(err, ERR_USAGE,
                       "init: --platform-version %s: name the proxy with --platform", version);
    if (version && colon)
        return err_set(err, ERR_USAGE,
                       "init: --platform %s and --platform-version %s: give the version once",
                       platform, version);
    if ((version && !*version) || (colon && !colon[1]))
        return err_set(err, ERR_USAGE, "init: --platform: the version is empty");
    if (!platform)
        platform = "envoy";
    AUTO_FREE char *name = mem_dup_n(platform, strcspn(platform, ":"));
    AUTO_FREE char *plain = version || colon ? plain_version(colon ? colon + 1 : version) : NULL;
    int rc = choose(name, plain, out, err);
    return rc ? err_wrap(err, "init: --platform") : 0;
}
