#include "cmd/init_platform.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/file.h"
#include "base/mem.h"
#include "cmd/log.h"

/* A proxy that is made from Envoy, and whose versions are not in our tables. */
static const char gloo[] = "gloo";

const char *init_platform_name(size_t at)
{
    size_t count = 0;
    while (host_listed(count))
        count++;
    return at < count ? host_listed(at) : at == count ? gloo : NULL;
}

/* The version without the "v" before it and the ".x" behind it: older wasmes took "1.9.x". */
static char *plain_version(const char *version)
{
    if (*version == 'v')
        version++;
    size_t len = strlen(version);
    if (len > 2 && strcmp(version + len - 2, ".x") == 0)
        len -= 2;
    return mem_dup_n(version, len);
}

void init_platform_release(struct init_platform *platform)
{
    free(platform->name);
    free(platform->version);
    free(platform->host);
    *platform = (struct init_platform){0};
}

static void take_nearest(const char *name, const char *version, struct init_platform *out)
{
    if (!host_parse_nearest(name, version, &out->choice))
        return; /* the table of options lets no other name pass */
    out->known = true;
    log_warningf("wasme has no facts of %s %s, so it cannot tell whether %s loads the filter: the "
                 "commands below ask for %s %s",
                 name, version, name, name, host_version_name(&out->choice));
    out->version = mem_dup(host_version_name(&out->choice));
    out->host = mem_printf("%s:%s", name, out->version);
}

static void choose(const char *name, const char *version, struct init_platform *out)
{
    if (strcmp(name, gloo) == 0) {
        log_warning("wasme has no facts of gloo, which is made from Envoy: the commands below ask "
                    "for Envoy; give `wasme check` the version of Envoy that your gloo has, as in "
                    "--host envoy:1.36; Gloo Enterprise alone runs filters",
                    NULL);
        out->host = mem_dup("envoy");
        return;
    }
    AUTO_FREE char *text = version ? mem_printf("%s:%s", name, version) : mem_dup(name);
    if (host_parse(text, &out->choice, ERR_IGNORED) != 0) {
        take_nearest(name, version, out);
        return;
    }
    out->known = true;
    out->host = STEAL(text);
    out->version = mem_dup_or_null(version);
}

int init_platform_read(const char *platform, const char *version, struct init_platform *out,
                       struct err *err)
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
    if (!platform) {
        out->name = mem_dup("envoy");
        out->host = mem_dup("envoy");
        return 0;
    }
    out->name = mem_dup_n(platform, strcspn(platform, ":"));
    AUTO_FREE char *plain = version || colon ? plain_version(colon ? colon + 1 : version) : NULL;
    choose(out->name, plain, out);
    return 0;
}

/* Puts the outline of the filter into a file without a name. */
static int open_outline(const struct starter *starter, int *fd, struct err *err)
{
    static const char shown[] = "the outline of the filter";
    const struct starter_file *outline = &starter->outline;
    AUTO_CLOSE int made = memfd_create("wasme", MFD_CLOEXEC);
    if (made < 0)
        return err_errno(err, "make a file for %s", shown);
    size_t len = (size_t)(outline->end - outline->begin);
    int rc = file_write_all(made, outline->begin, len, shown, err);
    if (!rc)
        *fd = STEAL_FD(made);
    return rc;
}

static int judge(const struct host_choice *host, const struct starter *starter,
                 struct host_verdict *out, struct err *err)
{
    AUTO_CLOSE int fd = -1;
    AUTO(module_release) struct module module = {0};
    int rc = open_outline(starter, &fd, err);
    if (!rc)
        rc = module_read(fd, starter->language, &module, err);
    return rc ? rc : host_judge(host, fd, &module, NULL, out, err);
}

/* The languages whose starters the host loads: "tinygo, rust". The first one, or NULL. */
static const char *add_loaded(const struct host_choice *host, struct buf *out)
{
    const struct starter *starter;
    const char *first = NULL;
    for (size_t i = 0; (starter = starter_at(i)); i++) {
        AUTO(host_verdict_release) struct host_verdict verdict = {0};
        starter = starter_for(starter, host_name(host));
        if (judge(host, starter, &verdict, ERR_IGNORED) != 0 || verdict.answer != HOST_LOADS)
            continue;
        buf_printf(out, "%s%s", out->len ? ", " : "", starter->language);
        first = first ? first : starter->language;
    }
    return first;
}

int init_platform_judge(const struct init_platform *platform, const struct starter *starter,
                        struct init_fit *out, struct err *err)
{
    AUTO(host_verdict_release) struct host_verdict verdict = {0};
    AUTO(buf_release) struct buf others = BUF_INIT(256);
    const struct host_choice *host = &platform->choice;
    int rc = platform->known ? judge(host, starter, &verdict, err) : 0;
    if (rc || verdict.answer == HOST_LOADS)
        return rc;
    *out = (struct init_fit){true, add_loaded(host, &others)};
    log_warningf("%s:%s %s this filter, because %s%s%s; of the languages of init, it loads %s",
                 host_name(host), host_version_name(host),
                 verdict.answer == HOST_REFUSES ? "will not load" : "may not be able to load",
                 verdict.because, verdict.next ? "; do: " : "", verdict.next ? verdict.next : "",
                 others.len ? buf_text(&others) : "none");
    return 0;
}
