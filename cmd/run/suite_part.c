#include "cmd/run/suite_part.h"

#include <ctype.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"

bool suite_is_name(const char *key, const char *name)
{
    for (; *name; name++) {
        bool hump = *name == '_';
        if (hump && *key == '_') {
            key++;
            continue;
        }
        name += hump;
        if (*key++ != (hump ? (char)toupper((unsigned char)*name) : *name))
            return false;
    }
    return !*key;
}

char *suite_path(const char *folder, const char *path)
{
    return *path == '/' ? mem_dup(path) : mem_printf("%s%s", folder, path);
}

int suite_unknown(const struct phase *phase, const char *within, const char *key)
{
    return err_set(phase->err, ERR_FAILED, "%s.%s.%s is not known", phase->name, within, key);
}

int suite_file(const struct phase *phase, const char *path, struct buf *out)
{
    AUTO_FREE char *full = suite_path(phase->folder, path);
    int rc = file_read_named(full, out, phase->err);
    return rc ? err_wrap(phase->err, "%s", phase->name) : 0;
}

int suite_members(struct phase *phase, const char *what, const struct json_t *value,
                  int (*each)(void *phase, const char *key, const struct json_t *value))
{
    if (!json_is_obj(value))
        return err_set(phase->err, ERR_FAILED, "%s%s is to be an object", phase->name, what);
    return json_each_member(value, each, phase);
}

int suite_items(struct phase *phase, const char *what, const struct json_t *value,
                int (*each)(struct phase *phase, const struct json_t *item))
{
    if (!json_is_arr(value))
        return err_set(phase->err, ERR_FAILED, "%s%s is to be a list", phase->name, what);
    for (size_t i = 0; i < json_arr_len(value); i++) {
        const struct json_t *item = json_arr_at(value, i);
        int rc = json_is_obj(item)
                     ? each(phase, item)
                     : err_set(phase->err, ERR_FAILED, "%s%s: item %zu is to be an object",
                               phase->name, what, i + 1);
        if (rc)
            return rc;
    }
    return 0;
}

static int check_header_member(void *arg, const char *key, const struct json_t *value)
{
    struct phase *phase = arg;
    bool known = strcmp(key, "key") == 0 || strcmp(key, "value") == 0;
    if (known && json_text(value))
        return 0;
    return err_set(phase->err, ERR_FAILED,
                   known ? "%s: the %s of a header is no text"
                         : "%s: a header has a key and a value, and no %s",
                   phase->name, key);
}

int suite_header(struct phase *phase, const char *what, const struct json_t *item, const char **key,
                 const char **value)
{
    *key = json_member_text(item, "key");
    *value = json_member_text(item, "value");
    int rc = json_each_member(item, check_header_member, phase);
    if (!rc && (!*key || !**key))
        rc = err_set(phase->err, ERR_FAILED, "%s%s: a header has no key", phase->name, what);
    return rc;
}
