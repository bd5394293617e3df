#include "git/spec.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/percent.h"
#include "http/url.h"

static const struct {
    const char *prefix;
    enum git_scheme scheme;
} schemes[] = {
    {"https://", GIT_SCHEME_HTTPS}, {"http://", GIT_SCHEME_HTTP}, {"ssh://", GIT_SCHEME_SSH},
    {"git+ssh://", GIT_SCHEME_SSH}, {"file://", GIT_SCHEME_FILE},
};

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

/* The ':' of "user@host:path", before which there is no '/'; NULL: the text is no such address. */
static const char *scp_colon(const char *text)
{
    const char *at = strchr(text, '@');
    const char *colon = at ? strchr(at, ':') : NULL;
    const char *slash = strchr(text, '/');
    return colon && at != text && colon > at + 1 && (!slash || slash > colon) ? colon : NULL;
}

bool git_spec_is_url(const char *text)
{
    size_t letters = strspn(text, LETTERS "+");
    return (letters && strncmp(text + letters, "://", 3) == 0) || scp_colon(text);
}

/* Percent-decodes; NULL when a byte is a control character. A line end would be a further line of
 * what git's helpers are told. */
static char *decode(const char *text, size_t len)
{
    char *out = mem_alloc(len + 1);
    size_t n = 0;
    for (size_t i = 0; i < len; i++) {
        bool coded = text[i] == '%' && i + 2 < len && percent_digit(text[i + 1]) >= 0 &&
                     percent_digit(text[i + 2]) >= 0;
        int byte = (unsigned char)text[i];
        if (coded) {
            byte = percent_digit(text[i + 1]) * 16 + percent_digit(text[i + 2]);
            i += 2;
        }
        if (byte < ' ' || byte == 0x7f) {
            free(out);
            return NULL;
        }
        out[n++] = (char)byte;
    }
    out[n] = '\0';
    return out;
}

/* Reads [USER[:PASSWORD]@]. The last '@' counts, as a password may hold others. */
static const char *take_login(const char *at, size_t len, struct git_spec *spec)
{
    const char *end = memrchr(at, '@', len);
    if (!end)
        return at;
    const char *colon = memchr(at, ':', (size_t)(end - at));
    spec->user = decode(at, (size_t)((colon ? colon : end) - at));
    if (colon)
        spec->password = decode(colon + 1, (size_t)(end - colon - 1));
    return spec->user && (!colon || spec->password) && spec->user[0] != '-' ? end + 1 : NULL;
}

/* Reads HOST[:PORT], which no program may take for an option. */
static bool take_host(const char *at, size_t len, struct git_spec *spec)
{
    size_t host = 0;
    if (len && at[0] == '[')
        host = strspn(at + 1, DIGITS "abcdefABCDEF:.") + 2;
    else
        host = strspn(at, LETTERS DIGITS ".-_");
    if (!host || host > len || at[0] == '-' || (at[0] == '[' && at[host - 1] != ']'))
        return false;
    spec->host = mem_dup_n(at, host);
    if (host == len)
        return true;
    size_t digits = at[host] == ':' ? strspn(at + host + 1, DIGITS) : 0;
    if (at[host] != ':' || host + 1 + digits != len || digits > 5)
        return false;
    spec->port = digits ? mem_dup_n(at + host + 1, digits) : NULL;
    return true;
}

static int bad(const char *text, const char *why, struct err *err)
{
    const char *login = strstr(text, "://") ? NULL : strrchr(text, '@');
    AUTO_FREE char *shown = mem_dup(login ? login + 1 : text);
    url_hide_logins(shown);
    return err_set(err, ERR_USAGE, "source %.300s: %s", shown, why);
}

static const char *host_words(const struct git_spec *spec)
{
    return spec->host ? spec->host : "";
}

static void make_url(struct git_spec *spec, const char *prefix, const char *raw_path)
{
    bool user = spec->user && spec->scheme == GIT_SCHEME_SSH;
    spec->url =
        mem_printf("%s%s%s%s%s%s%s", prefix, user ? spec->user : "", user ? "@" : "",
                   host_words(spec), spec->port ? ":" : "", spec->port ? spec->port : "", raw_path);
}

/* The part behind "file://": a path, perhaps behind "localhost". */
static int take_file(const char *text, const char *rest, struct git_spec *spec, struct err *err)
{
    if (strncmp(rest, "localhost/", 10) == 0)
        rest += 9;
    spec->path = rest[0] == '/' ? decode(rest, strlen(rest)) : NULL;
    if (!spec->path)
        return bad(text, "write file:///PATH", err);
    make_url(spec, "file://", rest);
    return 0;
}

/* The part behind "https://" and the like. */
static int take_address(const char *text, const char *prefix, const char *rest,
                        struct git_spec *spec, struct err *err)
{
    size_t len = strcspn(rest, "/");
    const char *host = take_login(rest, len, spec);
    if (!host)
        return bad(text, "the user or the password in it cannot be used", err);
    if (!take_host(host, len - (size_t)(host - rest), spec))
        return bad(text, "its host is not one: write SCHEME://HOST[:PORT]/PATH", err);
    const char *path = rest + len;
    if (strlen(path) < 2)
        return bad(text, "it names no repository: write SCHEME://HOST/PATH", err);
    bool ssh = spec->scheme == GIT_SCHEME_SSH;
    AUTO_FREE char *decoded = decode(path, strlen(path));
    if (!decoded || (!ssh && strchr(path, '?')) || strchr(path, ' '))
        return bad(text, "its path holds a character that no address has", err);
    /* ssh://host/~user/x is a path from that user's home, as for git. */
    const char *sent = ssh ? (strncmp(decoded, "/~", 2) == 0 ? decoded + 1 : decoded) : path;
    spec->path = mem_dup(sent);
    make_url(spec, prefix, path);
    return 0;
}

/* USER@HOST:PATH, whose path may be relative to the user's home. */
static int take_scp(const char *text, struct git_spec *spec, struct err *err)
{
    const char *colon = scp_colon(text);
    const char *at = memrchr(text, '@', (size_t)(colon - text));
    spec->scheme = GIT_SCHEME_SSH;
    spec->user = decode(text, (size_t)(at - text));
    spec->path = decode(colon + 1, strlen(colon + 1));
    if (!spec->user || spec->user[0] == '-' || strchr(spec->user, ':') || !spec->path ||
        !spec->path[0] || spec->path[0] == '-' ||
        !take_host(at + 1, (size_t)(colon - at - 1), spec))
        return bad(text, "write USER@HOST:PATH", err);
    spec->url = mem_dup(text);
    return 0;
}

static int take_url(const char *text, struct git_spec *spec, struct err *err)
{
    if (strncmp(text, "git://", 6) == 0)
        return bad(text,
                   "the git:// protocol neither encrypts nor proves who answers, and wasme does "
                   "not use it: take https:// or ssh://",
                   err);
    for (size_t i = 0; i < COUNT(schemes); i++) {
        size_t len = strlen(schemes[i].prefix);
        if (strncmp(text, schemes[i].prefix, len) != 0)
            continue;
        spec->scheme = schemes[i].scheme;
        const char *prefix = spec->scheme == GIT_SCHEME_SSH ? "ssh://" : schemes[i].prefix;
        return spec->scheme == GIT_SCHEME_FILE ? take_file(text, text + len, spec, err)
                                               : take_address(text, prefix, text + len, spec, err);
    }
    if (!strstr(text, "://") && scp_colon(text))
        return take_scp(text, spec, err);
    return bad(text, "a source in git has an address of https, ssh or file, or USER@HOST:PATH",
               err);
}

/* The rules of git-check-ref-format(1) for what a user may mean by a name. */
static bool is_ref(const char *ref)
{
    if (ref[0] == '-' || ref[0] == '/' || strstr(ref, "..") || strstr(ref, "//") ||
        strstr(ref, "@{"))
        return false;
    for (const unsigned char *at = (const unsigned char *)ref; *at; at++)
        if (*at <= ' ' || *at == 0x7f || strchr("~^?*[\\", *at))
            return false;
    return ref[strlen(ref) - 1] != '/' && ref[strlen(ref) - 1] != '.';
}

static int take_dir(const char *text, const char *dir, struct git_spec *spec, struct err *err)
{
    AUTO(mem_free_at) char *plain = decode(dir, strlen(dir));
    if (!plain)
        return bad(text, "the folder behind \"#REF:\" holds a control character", err);
    dir += strspn(dir, "/");
    for (const char *at = dir; *at; at += strcspn(at, "/"), at += strspn(at, "/"))
        if (strcspn(at, "/") == 2 && strncmp(at, "..", 2) == 0)
            return bad(text, "the folder behind \"#REF:\" leads out of the repository by \"..\"",
                       err);
    size_t len = strlen(dir);
    while (len && dir[len - 1] == '/')
        len--;
    spec->dir = len ? mem_dup_n(dir, len) : NULL;
    return 0;
}

static int take_fragment(const char *text, const char *fragment, struct git_spec *spec,
                         struct err *err)
{
    size_t len = strcspn(fragment, ":");
    spec->ref = len ? mem_dup_n(fragment, len) : NULL;
    if (spec->ref && !is_ref(spec->ref))
        return bad(text,
                   "the part behind \"#\" is no branch, tag or commit: write "
                   "URL#REF:DIR with a whole name or the 40 digits of a commit",
                   err);
    return fragment[len] ? take_dir(text, fragment + len + 1, spec, err) : 0;
}

int git_spec_parse(const char *text, struct git_spec *out, struct err *err)
{
    AUTO(git_spec_release) struct git_spec spec = {0};
    if (strlen(text) > GIT_SPEC_MAX)
        return err_set(err, ERR_USAGE, "source: the address is longer than %d bytes", GIT_SPEC_MAX);
    size_t len = strcspn(text, "#");
    AUTO_FREE char *url = mem_dup_n(text, len);
    int rc = take_url(url, &spec, err);
    if (!rc && text[len])
        rc = take_fragment(text, text + len + 1, &spec, err);
    if (rc)
        return rc;
    *out = spec;
    spec = (struct git_spec){0};
    return 0;
}

void git_spec_release(struct git_spec *spec)
{
    free(spec->url);
    free(spec->user);
    mem_wipe(spec->password);
    free(spec->host);
    free(spec->port);
    free(spec->path);
    free(spec->ref);
    free(spec->dir);
    *spec = (struct git_spec){0};
}
