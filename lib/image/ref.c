#include "image/ref.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "base/mem.h"

#define DOCKER_HUB "docker.io"
#define DOCKER_HUB_OLD "index.docker.io"

/* A reference taken apart; the parts are owned copies. */
struct parts {
    char *name; /* without tag and digest */
    char *tag;
    char *digest;
};

static void parts_release(struct parts *parts)
{
    free(parts->name);
    free(parts->tag);
    free(parts->digest);
}

static void split(const char *text, struct parts *out)
{
    out->name = mem_dup(text);
    char *at = strchr(out->name, '@');
    if (at) {
        *at = '\0';
        out->digest = mem_dup(at + 1);
    }
    char *slash = strrchr(out->name, '/');
    char *colon = strchr(slash ? slash : out->name, ':');
    if (colon) {
        *colon = '\0';
        out->tag = mem_dup(colon + 1);
    }
}

static bool is_lower_or_digit(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

/* The length of the separator at `text` that regexp.go allows between the parts of a path
 * component (one dot, one or two underscores, any number of dashes); 0 when there is none. */
static size_t separator_len(const char *text)
{
    if (*text == '.')
        return 1;
    if (*text == '_')
        return text[1] == '_' ? 2 : 1;
    return strspn(text, "-");
}

static bool path_component_ok(const char *text, size_t len)
{
    const char *end = text + len;
    while (text < end) {
        if (!is_lower_or_digit(*text))
            return false;
        while (text < end && is_lower_or_digit(*text))
            text++;
        if (text == end)
            return true;
        size_t separator = separator_len(text);
        if (!separator)
            return false;
        text += separator;
    }
    return false;
}

static bool repository_ok(const char *path)
{
    for (;;) {
        size_t len = strcspn(path, "/");
        if (!path_component_ok(path, len))
            return false;
        if (!path[len])
            return true;
        path += len + 1;
    }
}

static bool port_ok(const char *text)
{
    size_t len = strspn(text, "0123456789");
    return len >= 1 && len <= 5 && !text[len];
}

static bool host_ok(const char *text, size_t len)
{
    if (len == 0)
        return false;
    for (size_t i = 0; i < len; i++) {
        bool edge = i == 0 || i + 1 == len || text[i - 1] == '.' || text[i + 1] == '.';
        if (!isalnum((unsigned char)text[i]) && (edge || (text[i] != '-' && text[i] != '.')))
            return false;
    }
    return true;
}

static bool registry_ok(const char *text)
{
    if (*text == '[') {
        size_t len = strspn(text + 1, "0123456789abcdefABCDEF:");
        const char *rest = text + 1 + len;
        return len >= 2 && *rest == ']' && (!rest[1] || (rest[1] == ':' && port_ok(rest + 2)));
    }
    size_t len = strcspn(text, ":");
    return host_ok(text, len) && (!text[len] || port_ok(text + len + 1));
}

/* Docker's rule for the word before the first slash: a registry has a dot, a colon or a capital
 * letter in it, or is "localhost". */
static bool names_registry(const char *word, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (strchr(".:[", word[i]) || isupper((unsigned char)word[i]))
            return true;
    }
    return len == strlen("localhost") && strncmp(word, "localhost", len) == 0;
}

static void place(const char *name, const char *default_registry, struct ref *ref)
{
    size_t first = strcspn(name, "/");
    if (name[first] && names_registry(name, first)) {
        ref->registry = mem_dup_n(name, first);
        name += first + 1;
    } else {
        ref->registry = mem_dup(default_registry ? default_registry : DOCKER_HUB);
    }
    if (strcmp(ref->registry, DOCKER_HUB_OLD) == 0) {
        free(ref->registry);
        ref->registry = mem_dup(DOCKER_HUB);
    }
    bool official = strcmp(ref->registry, DOCKER_HUB) == 0 && !strchr(name, '/');
    ref->repository = mem_printf("%s%s", official ? "library/" : "", name);
}

static bool tag_ok(const char *tag)
{
    size_t len = 0;
    while (is_word(tag[len]) || (len && (tag[len] == '.' || tag[len] == '-')))
        len++;
    return len >= 1 && len <= REF_TAG_MAX && !tag[len];
}

bool ref_tag_valid(const char *text)
{
    return tag_ok(text);
}

bool ref_repository_valid(const char *text)
{
    return strlen(text) <= REF_NAME_MAX && repository_ok(text);
}

static bool has_upper(const char *text)
{
    while (*text && !isupper((unsigned char)*text))
        text++;
    return *text;
}

static int check_name(const char *text, const struct ref *ref, struct err *err)
{
    if (!registry_ok(ref->registry))
        return err_set(err, ERR_USAGE, "reference \"%s\": \"%s\" is not a registry (host[:port])",
                       text, ref->registry);
    if (has_upper(ref->repository))
        return err_set(err, ERR_USAGE,
                       "reference \"%s\": the repository \"%s\" must be in lower case", text,
                       ref->repository);
    if (!repository_ok(ref->repository))
        return err_set(err, ERR_USAGE,
                       "reference \"%s\": \"%s\" is not a repository name (lower-case letters and "
                       "digits, with . _ - between them, parts separated by /)",
                       text, ref->repository);
    if (strlen(ref->registry) + 1 + strlen(ref->repository) > REF_NAME_MAX)
        return err_set(err, ERR_USAGE, "reference \"%.80s...\": its name is longer than %d bytes",
                       text, REF_NAME_MAX);
    return 0;
}

static int take_tag_and_digest(const char *text, struct parts *parts, struct ref *ref,
                               struct err *err)
{
    if (parts->tag && !tag_ok(parts->tag))
        return err_set(err, ERR_USAGE,
                       "reference \"%s\": \"%s\" is not a tag (at most %d letters, digits, _ . -)",
                       text, parts->tag, REF_TAG_MAX);
    if (parts->digest && digest_parse(parts->digest, &ref->digest, err)) {
        (void)err_wrap(err, "reference \"%s\"", text);
        return err->code = ERR_USAGE;
    }
    ref->tag = STEAL(parts->tag);
    if (!ref->tag && !parts->digest)
        ref->tag = mem_dup("latest");
    return 0;
}

static char *full_text(const struct ref *ref)
{
    return mem_printf("%s/%s%s%s%s%s", ref->registry, ref->repository, ref->tag ? ":" : "",
                      ref->tag ? ref->tag : "", ref->digest.text[0] ? "@" : "", ref->digest.text);
}

static bool begins_digest(const char *text)
{
    static const char *const algorithms[] = {"sha", "md5", "blake"};
    for (size_t i = 0; i < COUNT(algorithms); i++)
        if (strncmp(text, algorithms[i], strlen(algorithms[i])) == 0)
            return true;
    return false;
}

/* USER@ or USER:PASSWORD@ before a host; a name and its digest look otherwise. */
bool ref_holds_login(const char *text)
{
    const char *scheme = strstr(text, "://");
    const char *user = scheme ? scheme + 3 : text;
    size_t len = strcspn(user, "@");
    if (!user[len])
        return false;
    /* A digest has no slash, and a password may have all signs. */
    if (strchr(strrchr(user, '@'), '/'))
        return true;
    if (memchr(user, '/', len))
        return false;
    return memchr(user, ':', len) ? !begins_digest(user + len + 1)
                                  : strchr(user + len + 1, '@') != NULL;
}

int ref_parse(const char *text, const char *default_registry, struct ref *out, struct err *err)
{
    if (ref_holds_login(text))
        return err_set(err, ERR_USAGE,
                       "the image reference has a user or a password in it (before \"%.80s\"): log "
                       "in with `wasme login`, and leave them out",
                       strrchr(text, '@'));
    if (!*text)
        return err_set(err, ERR_USAGE, "the image reference is empty: give [registry/]name[:tag]");
    if (strlen(text) > REF_MAX)
        return err_set(err, ERR_USAGE, "the image reference is longer than %d bytes", REF_MAX);
    if (*text == '/' || *text == '.')
        return err_set(err, ERR_USAGE,
                       "\"%s\" is neither an image reference nor a file that is wanted here "
                       "and exists",
                       text);
    if (strlen(text) == DIGEST_HEX_LEN && strspn(text, "0123456789abcdef") == DIGEST_HEX_LEN)
        return err_set(err, ERR_USAGE,
                       "reference \"%s\": 64 hex digits are a digest, not a name (as in Docker)",
                       text);
    if (strstr(text, "://"))
        return err_set(err, ERR_USAGE, "reference \"%s\": leave out \"%.*s\"", text,
                       (int)(strstr(text, "://") - text + 3), text);
    AUTO(parts_release) struct parts parts = {0};
    AUTO(ref_release) struct ref ref = {0};
    split(text, &parts);
    place(parts.name, default_registry, &ref);
    int rc = check_name(text, &ref, err);
    if (!rc)
        rc = take_tag_and_digest(text, &parts, &ref, err);
    if (rc)
        return rc;
    ref.full = full_text(&ref);
    *out = ref;
    ref = (struct ref){0};
    return 0;
}

void ref_release(struct ref *ref)
{
    free(ref->registry);
    free(ref->repository);
    free(ref->tag);
    free(ref->full);
    *ref = (struct ref){0};
}

const char *ref_manifest_key(const struct ref *ref)
{
    return ref->digest.text[0] ? ref->digest.text : ref->tag;
}

void ref_child(const struct ref *ref, const struct digest *digest, struct ref *out)
{
    *out = (struct ref){
        .registry = mem_dup(ref->registry),
        .repository = mem_dup(ref->repository),
        .digest = *digest,
        .full = mem_printf("%s/%s@%s", ref->registry, ref->repository, digest->text),
    };
}
