#include "http/link.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/http_token.h"
#include "base/mem.h"

enum { VALUE_MAX = 1024 };

/* The parts of a link that matter here. */
struct link {
    char *target;  /* owned */
    bool has_rel;  /* the first "rel" counts (RFC 8288, 3.3) */
    bool next;     /* "next" is among its relations */
    bool anchored; /* the link is from another document than this list */
};

static void link_release(struct link *link)
{
    free(link->target);
}

static int malformed(const char *field, const char *at, const char *what, struct err *err)
{
    return err_set(err, ERR_DAMAGED, "the Link field is malformed at byte %zu: %s",
                   (size_t)(at - field) + 1, what);
}

static void skip_space(const char **at)
{
    *at += strspn(*at, " \t");
}

static int take_target(const char *field, const char **at, struct link *link, struct err *err)
{
    if (**at != '<')
        return malformed(field, *at, "a link begins with <", err);
    const char *start = ++*at;
    while (**at > ' ' && **at < 0x7f && !strchr("<>\"", **at))
        (*at)++;
    if (**at != '>')
        return malformed(field, *at, "this is no part of an address", err);
    link->target = mem_dup_n(start, (size_t)(*at - start));
    ++*at;
    return 0;
}

/* A quoted string, without its quotes and escapes (RFC 9110, 5.6.4). */
static int take_quoted(const char *field, const char **at, struct buf *value, struct err *err)
{
    for (++*at; **at != '"'; ++*at) {
        if (**at == '\\')
            ++*at;
        unsigned char c = (unsigned char)**at;
        if (c == 0x7f || (c < ' ' && c != '\t'))
            return malformed(field, *at, c ? "a control character" : "a quoted string has no end",
                             err);
        buf_add_char(value, (char)c);
    }
    ++*at;
    return 0;
}

static bool has_relation(const char *list, const char *wanted)
{
    while (*list) {
        size_t len = strcspn(list, " ");
        if (len == strlen(wanted) && strncasecmp(list, wanted, len) == 0)
            return true;
        list += len + (list[len] == ' ');
    }
    return false;
}

static void keep_parameter(struct link *link, const char *name, size_t len, const char *value)
{
    if (len == 3 && strncasecmp(name, "rel", len) == 0 && !link->has_rel) {
        link->has_rel = true;
        link->next = has_relation(value, "next");
    } else if (len == 6 && strncasecmp(name, "anchor", len) == 0) {
        link->anchored = true;
    }
}

/* token [ "=" ( token / quoted-string ) ] */
static int take_parameter(const char *field, const char **at, struct link *link, struct err *err)
{
    AUTO(buf_release) struct buf value = BUF_INIT(VALUE_MAX);
    const char *name = *at;
    size_t len = http_token_len(name);
    if (!len)
        return malformed(field, *at, "a parameter has no name", err);
    *at += len;
    skip_space(at);
    if (**at == '=') {
        ++*at;
        skip_space(at);
        size_t value_len = http_token_len(*at);
        if (**at == '"') {
            int rc = take_quoted(field, at, &value, err);
            if (rc)
                return rc;
        } else if (!value_len) {
            return malformed(field, *at, "a parameter has no value", err);
        } else {
            buf_add(&value, *at, value_len);
            *at += value_len;
        }
    }
    if (buf_overflowed(&value))
        return malformed(field, *at, "a parameter is too long", err);
    keep_parameter(link, name, len, buf_text(&value));
    return 0;
}

/* Takes the parameters up to a comma or the end of the field. */
static int take_parameters(const char *field, const char **at, struct link *link, struct err *err)
{
    skip_space(at);
    while (**at == ';') {
        ++*at;
        skip_space(at);
        if (!**at || **at == ';' || **at == ',') /* an empty parameter is allowed */
            continue;
        int rc = take_parameter(field, at, link, err);
        if (rc)
            return rc;
        skip_space(at);
    }
    if (**at && **at != ',')
        return malformed(field, *at, "neither a parameter nor the next link", err);
    return 0;
}

int link_next(const char *field, char **out, struct err *err)
{
    AUTO_FREE char *found = NULL;
    int count = 0;
    for (const char *at = field + strspn(field, " \t,"); *at; at += strspn(at, " \t,")) {
        AUTO(link_release) struct link link = {0};
        if (++count > LINKS_MAX)
            return malformed(field, at, "too many links", err);
        int rc = take_target(field, &at, &link, err);
        if (!rc)
            rc = take_parameters(field, &at, &link, err);
        if (rc)
            return rc;
        if (link.next && !link.anchored && !found)
            found = STEAL(link.target);
    }
    *out = STEAL(found);
    return 0;
}
