/* The request of a trial, and the answer to it. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/http_token.h"
#include "base/mem.h"
#include "cmd/run/field.h"
#include "cmd/run/trial.h"

enum { STATUS_FIRST = 200, STATUS_LAST = 599 };

void trial_set(char **text, const char *value)
{
    char *copy = mem_dup(value);
    free(*text);
    *text = copy;
}

bool trial_take_url(struct trial *trial, const char *url)
{
    size_t scheme = strcspn(url, ":");
    bool known = (scheme == 4 || scheme == 5) && strncasecmp(url, "https", scheme) == 0;
    if (!known || strncmp(url + scheme, "://", 3) != 0)
        return false;
    const char *host = url + scheme + 3;
    size_t len = strcspn(host, "/?#");
    const char *end = host + len;
    free(trial->authority);
    free(trial->target);
    trial->authority = mem_dup_n(host, len);
    trial->target = *end == '/' ? mem_dup(end) : mem_printf("/%s", end);
    return true;
}

/* Whether there is a text, and all its characters are ones that a URL has. */
static bool is_plain(const char *text)
{
    if (!*text)
        return false;
    for (; *text; text++)
        if (isspace((unsigned char)*text) || iscntrl((unsigned char)*text))
            return false;
    return true;
}

static int check_fields(const struct texts *fields, struct err *err)
{
    for (size_t i = 0; i < fields->count; i++)
        if (!field_is_sound(fields->items[i]))
            return err_set(err, ERR_USAGE, "\"%.100s\" is no header: write it as Name: value",
                           fields->items[i]);
    return 0;
}

int trial_check(const struct trial *trial, struct err *err)
{
    const char *host = trial->authority;
    if (!http_is_token(trial->method, strlen(trial->method)))
        return err_set(err, ERR_USAGE, "\"%.100s\" is no method, as GET is one", trial->method);
    if (!is_plain(trial->target))
        return err_set(err, ERR_USAGE,
                       "\"%.100s\" is no path, as /a: a space in it is written as %%20, and so on",
                       trial->target);
    if (host && !is_plain(host))
        return err_set(err, ERR_USAGE, "\"%.100s\" is no host", host);
    if (host && strchr(host, '@'))
        return err_set(err, ERR_USAGE,
                       "the URL has a user or a password: write them as a header, as "
                       "-H 'Authorization: Basic ...'");
    if (trial->status < STATUS_FIRST || trial->status > STATUS_LAST)
        return err_set(err, ERR_USAGE,
                       "the status of the server behind the filter is to be one from %d to %d",
                       STATUS_FIRST, STATUS_LAST);
    int rc = check_fields(&trial->fields, err);
    return rc ? rc : check_fields(&trial->answer_fields, err);
}
