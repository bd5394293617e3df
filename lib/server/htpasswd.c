#include "server/htpasswd.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "server/lines.h"
#include "server/password.h"

static bool is_name(const char *name)
{
    size_t len = strlen(name);
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)name[i] < 0x20 || name[i] == 0x7f)
            return false;
    return len > 0 && len <= HTPASSWD_NAME_MAX;
}

static int read_user(void *opaque, const char *line, size_t number, struct err *err)
{
    struct htpasswd *out = opaque;
    const char *colon = strchr(line, ':');
    if (!colon)
        return err_set(err, ERR_DAMAGED, "no line of \"name:hash\", as `htpasswd -B` writes it");
    AUTO_FREE char *name = mem_dup_n(line, (size_t)(colon - line));
    AUTO_FREE char *hash = mem_dup_n(colon + 1, strcspn(colon + 1, ":"));
    if (!is_name(name))
        return err_set(err, ERR_DAMAGED,
                       "the name must have 1 to %d bytes and no control characters",
                       HTPASSWD_NAME_MAX);
    int rc = password_check_hash(hash, err);
    if (rc)
        return err_wrap(err, "user %s", name);
    out->users = mem_grow(out->users, out->count, sizeof(*out->users));
    out->users[out->count++] = (struct htpasswd_user){STEAL(name), STEAL(hash), number};
    return 0;
}

static int by_name(const void *a, const void *b)
{
    const struct htpasswd_user *one = a, *other = b;
    int order = strcmp(one->name, other->name);
    return order ? order : one->line < other->line ? -1 : one->line > other->line;
}

static int check_names(const struct htpasswd *htpasswd, const char *shown, struct err *err)
{
    for (size_t i = 1; i < htpasswd->count; i++) {
        const struct htpasswd_user *user = &htpasswd->users[i];
        if (strcmp(user->name, user[-1].name) == 0)
            return err_set(err, ERR_DAMAGED, "%s: line %zu: user %s is on line %zu, too", shown,
                           user->line, user->name, user[-1].line);
    }
    return 0;
}

int htpasswd_parse(const char *text, const char *shown, struct htpasswd *out, struct err *err)
{
    AUTO(htpasswd_release) struct htpasswd read = {.users = NULL};
    int rc = lines_each(text, shown, read_user, &read, err);
    if (rc)
        return rc;
    if (read.count)
        qsort(read.users, read.count, sizeof(*read.users), by_name);
    rc = check_names(&read, shown, err);
    if (rc)
        return rc;
    *out = read;
    read = (struct htpasswd){.users = NULL};
    return 0;
}

static int to_name(const void *name, const void *user)
{
    return strcmp(name, ((const struct htpasswd_user *)user)->name);
}

const struct htpasswd_user *htpasswd_find(const struct htpasswd *htpasswd, const char *name)
{
    if (!htpasswd->count)
        return NULL;
    return bsearch(name, htpasswd->users, htpasswd->count, sizeof(*htpasswd->users), to_name);
}

void htpasswd_release(struct htpasswd *htpasswd)
{
    for (size_t i = 0; i < htpasswd->count; i++) {
        free(htpasswd->users[i].name);
        free(htpasswd->users[i].hash);
    }
    free(htpasswd->users);
    *htpasswd = (struct htpasswd){.users = NULL};
}
