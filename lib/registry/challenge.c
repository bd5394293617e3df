#include "registry/challenge.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/http_token.h"
#include "base/mem.h"

struct scan {
    const char *start;
    const char *at;
};

/* The length of a token68, as Negotiate has one: letters, digits, "-._~+/", then "=". */
static size_t token68_len(const char *text)
{
    size_t len =
        strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~+/");
    return len ? len + strspn(text + len, "=") : 0;
}

static void skip_space(struct scan *scan)
{
    scan->at += strspn(scan->at, " \t");
}

static int malformed(const struct scan *scan, const char *what, struct err *err)
{
    return err_set(err, ERR_DAMAGED, "WWW-Authenticate is malformed at byte %zu: %s",
                   (size_t)(scan->at - scan->start) + 1, what);
}

static char *lower_dup(const char *text, size_t len)
{
    char *copy = mem_dup_n(text, len);
    for (size_t i = 0; i < len; i++)
        if (copy[i] >= 'A' && copy[i] <= 'Z')
            copy[i] = (char)(copy[i] - 'A' + 'a');
    return copy;
}

static int take_quoted(struct scan *scan, char **out, struct err *err)
{
    AUTO_FREE char *value = mem_alloc(strlen(scan->at) + 1);
    size_t len = 0;
    for (scan->at++; *scan->at != '"'; scan->at++) {
        if (*scan->at == '\\')
            scan->at++;
        unsigned char c = (unsigned char)*scan->at;
        if (c == '\0')
            return malformed(scan, "a quoted text has no end", err);
        if ((c < ' ' && c != '\t') || c == 127)
            return malformed(scan, "a control character", err);
        value[len++] = (char)c;
    }
    scan->at++;
    value[len] = '\0';
    *out = STEAL(value);
    return 0;
}

static int take_value(struct scan *scan, char **out, struct err *err)
{
    if (*scan->at == '"')
        return take_quoted(scan, out, err);
    size_t len = http_token_len(scan->at);
    if (!len)
        return malformed(scan, "a parameter has no value", err);
    *out = mem_dup_n(scan->at, len);
    scan->at += len;
    return 0;
}

static char **slot_of(struct challenge *challenge, const char *name, size_t len)
{
    const struct {
        const char *name;
        char **slot;
    } known[] = {
        {"realm", &challenge->realm},
        {"service", &challenge->service},
        {"scope", &challenge->scope},
        {"error", &challenge->error},
    };
    for (size_t i = 0; i < COUNT(known); i++)
        if (strlen(known[i].name) == len && strncasecmp(name, known[i].name, len) == 0)
            return known[i].slot;
    return NULL;
}

/* Is the next thing a parameter: a token, and "=" after it? */
static bool at_param(const struct scan *scan)
{
    size_t len = http_token_len(scan->at);
    const char *after = scan->at + len;
    after += strspn(after, " \t");
    return len && *after == '=';
}

static int take_param(struct scan *scan, struct challenge *challenge, struct err *err)
{
    const char *name = scan->at;
    size_t len = http_token_len(name);
    scan->at += len;
    skip_space(scan);
    scan->at++; /* "=": at_param() saw it */
    skip_space(scan);
    AUTO_FREE char *value = NULL;
    int rc = take_value(scan, &value, err);
    if (rc)
        return rc;
    char **slot = slot_of(challenge, name, len);
    if (slot && *slot)
        return malformed(scan, "a parameter is there twice", err);
    if (slot)
        *slot = STEAL(value);
    return 0;
}

/* Checks the end of a list item: a comma or the end of the text. */
static int end_item(struct scan *scan, struct err *err)
{
    skip_space(scan);
    if (*scan->at && *scan->at != ',')
        return malformed(scan, "a comma is missing", err);
    return 0;
}

static void skip_commas(struct scan *scan)
{
    scan->at += strspn(scan->at, " \t,");
}

static int take_params(struct scan *scan, struct challenge *challenge, struct err *err)
{
    while (at_param(scan)) {
        int rc = take_param(scan, challenge, err);
        if (!rc)
            rc = end_item(scan, err);
        if (rc)
            return rc;
        skip_commas(scan);
    }
    return 0;
}

static bool at_token68(const struct scan *scan)
{
    size_t len = token68_len(scan->at);
    const char *after = scan->at + len;
    after += strspn(after, " \t");
    return len && (*after == ',' || !*after);
}

static int take_challenge(struct scan *scan, struct challenge *challenge, struct err *err)
{
    size_t len = http_token_len(scan->at);
    if (!len)
        return malformed(scan, "a scheme is missing", err);
    challenge->scheme = lower_dup(scan->at, len);
    scan->at += len;
    if (*scan->at == ' ' || *scan->at == '\t') {
        skip_space(scan);
        if (at_token68(scan))
            scan->at += token68_len(scan->at);
        else if (at_param(scan))
            return take_params(scan, challenge, err);
    }
    return end_item(scan, err);
}

int challenge_parse(const char *text, struct challenge_list *list, struct err *err)
{
    struct scan scan = {text, text};
    if (strlen(text) > CHALLENGE_TEXT_MAX)
        return err_set(err, ERR_DAMAGED, "WWW-Authenticate is longer than %d bytes",
                       CHALLENGE_TEXT_MAX);
    skip_commas(&scan);
    while (*scan.at) {
        if (list->count == CHALLENGES_MAX)
            return malformed(&scan, "too many challenges", err);
        struct challenge *challenge = &list->items[list->count++];
        *challenge = (struct challenge){0};
        int rc = take_challenge(&scan, challenge, err);
        if (rc)
            return rc;
        skip_commas(&scan);
    }
    return 0;
}

static int parse_all(const char *fields, struct challenge_list *list, struct err *err)
{
    int rc = 0;
    for (const char *at = fields; !rc && *at;) {
        size_t len = strcspn(at, "\n");
        AUTO_FREE char *line = mem_dup_n(at, len);
        rc = challenge_parse(line, list, err);
        at += len + (at[len] == '\n');
    }
    return rc;
}

static void release(struct challenge *challenge)
{
    free(challenge->scheme);
    free(challenge->realm);
    free(challenge->service);
    free(challenge->scope);
    free(challenge->error);
}

/* Drops the last challenge, the malformed one, unless it is Basic. */
static void drop_malformed(struct challenge_list *list)
{
    struct challenge *last = list->count ? &list->items[list->count - 1] : NULL;
    if (!last || (last->scheme && strcmp(last->scheme, "basic") == 0))
        return;
    release(last);
    list->count--;
}

int challenge_read(const char *fields, int status, struct challenge_list *list, struct err *err)
{
    int rc = parse_all(fields, list, status == 401 ? err : ERR_IGNORED);
    if (rc && status == 401) {
        challenge_list_release(list);
        return rc;
    }
    if (rc)
        drop_malformed(list);
    return 0;
}

const struct challenge *challenge_find(const struct challenge_list *list, const char *scheme)
{
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->items[i].scheme, scheme) == 0)
            return &list->items[i];
    return NULL;
}

const struct challenge *challenge_choose(const struct challenge_list *list)
{
    const struct challenge *bearer = challenge_find(list, "bearer");
    return bearer && bearer->realm ? bearer : challenge_find(list, "basic");
}

bool challenge_is_bearer(const struct challenge *challenge)
{
    return strcmp(challenge->scheme, "bearer") == 0;
}

void challenge_list_release(struct challenge_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        release(&list->items[i]);
    list->count = 0;
}
