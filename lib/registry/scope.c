#include "registry/scope.h"

#include <string.h>

#include "base/mem.h"

static bool has_action(const char *actions, const char *action, size_t len)
{
    for (const char *at = actions; *at; at += strcspn(at, ","), at += *at == ',') {
        size_t here = strcspn(at, ",");
        if (here == len && memcmp(at, action, len) == 0)
            return true;
    }
    return false;
}

/* Does the scope, `len` bytes long, grant all access of the other one? Both are single scopes. */
static bool covers(const char *scope, size_t len, const char *other)
{
    AUTO_FREE char *mine = mem_dup_n(scope, len);
    const char *actions = strrchr(mine, ':');
    const char *theirs = strrchr(other, ':');
    if (!actions || !theirs || actions - mine != theirs - other ||
        memcmp(mine, other, (size_t)(actions - mine)) != 0)
        return false;
    for (const char *at = theirs + 1; *at; at += strcspn(at, ","), at += *at == ',') {
        size_t action_len = strcspn(at, ",");
        if (action_len && !has_action(actions + 1, at, action_len))
            return false;
    }
    return true;
}

bool scope_covers(const char *scope, const char *other)
{
    for (const char *at = scope; *at; at += strspn(at, " ")) {
        size_t len = strcspn(at, " ");
        if (len && covers(at, len, other))
            return true;
        at += len;
    }
    return false;
}

bool scope_covers_all(const char *scope, const char *others)
{
    for (const char *at = others; *at; at += strspn(at, " ")) {
        size_t len = strcspn(at, " ");
        AUTO_FREE char *one = mem_dup_n(at, len);
        if (!scope_covers(scope, one))
            return false;
        at += len;
    }
    return *others != '\0';
}

bool scope_is_outdone(const char *scope, const char *list)
{
    for (const char *at = list; *at; at += strspn(at, " ")) {
        size_t len = strcspn(at, " ");
        AUTO_FREE char *one = mem_dup_n(at, len);
        if (covers(one, len, scope) && !scope_covers(scope, one))
            return true;
        at += len;
    }
    return false;
}
