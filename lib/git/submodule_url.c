/* The address of a submodule, which is often relative to the address of its repository. */
#include <string.h>

#include "base/mem.h"
#include "git/spec.h"
#include "http/reach.h"

bool git_spec_same_host(const struct git_spec *a, const struct git_spec *b)
{
    return a->scheme == b->scheme && a->host && b->host && strcasecmp(a->host, b->host) == 0 &&
           mem_same_text(a->port, b->port);
}

/* Resolves "./" and "../" at the beginning of `relative` against an address, as git does. */
static char *join(const char *base, const char *relative)
{
    AUTO_FREE char *stem = mem_dup(base);
    size_t floor = strstr(stem, "://") ? (size_t)(strstr(stem, "://") - stem) + 3 : 0;
    floor += strcspn(stem + floor, floor ? "/" : ":");
    size_t len = strlen(stem);
    while (len > floor && stem[len - 1] == '/')
        len--;
    for (;;) {
        if (strncmp(relative, "./", 2) == 0) {
            relative += 2;
        } else if (strncmp(relative, "../", 3) == 0) {
            relative += 3;
            while (len > floor && stem[len - 1] != '/' && len > floor + 1)
                len--;
            while (len > floor + 1 && stem[len - 1] == '/')
                len--;
        } else {
            break;
        }
    }
    bool scp_root = stem[floor] == ':' && len <= floor + 1;
    return mem_printf("%.*s%s%s", (int)len, stem, scp_root || stem[len - 1] == '/' ? "" : "/",
                      relative);
}

/* Does a repository from elsewhere lead to this machine, or to a special address? A private network
 * is not refused: the submodules of a company may be there. */
static bool leads_inward(const struct git_spec *parent, const struct git_spec *spec)
{
    if (parent->scheme == GIT_SCHEME_FILE)
        return false;
    if (spec->scheme == GIT_SCHEME_FILE)
        return true;
    enum host_kind kind = host_kind(spec->host);
    return kind >= HOST_LOOPBACK && kind != host_kind(parent->host);
}

int git_spec_of_submodule(const struct git_spec *parent, const char *url, struct git_spec *out,
                          struct err *err)
{
    AUTO_FREE char *whole = NULL;
    if (strncmp(url, "./", 2) == 0 || strncmp(url, "../", 3) == 0)
        whole = join(parent->url, url);
    else if (url[0] == '/')
        whole = mem_printf("file://%s", url);
    else
        whole = mem_dup(url);
    AUTO(git_spec_release) struct git_spec spec = {0};
    if (strchr(whole, '#'))
        return err_set(err, ERR_USAGE, "a submodule's address has no \"#\"");
    int rc = git_spec_parse(whole, &spec, err);
    if (rc)
        return rc;
    if (leads_inward(parent, &spec))
        return err_set(err, ERR_DENIED,
                       "%s is a %s of this machine, which a repository from elsewhere may not "
                       "name",
                       spec.url, spec.host ? "service" : "path");
    if (!spec.user && git_spec_same_host(&spec, parent)) {
        spec.user = mem_dup_or_null(parent->user);
        spec.password = mem_dup_or_null(parent->password);
    }
    *out = spec;
    spec = (struct git_spec){0};
    return 0;
}
