#include "cmd/names.h"

#include <stdio.h>

#include "base/json_write.h"
#include "base/mem.h"
#include "cmd/json_print.h"

enum { JSON_MAX = 256 * 1024 * 1024 };

int names_print(const struct registry_names *names, bool json, struct err *err)
{
    AUTO(buf_release) struct buf out = BUF_INIT(JSON_MAX);
    if (!json) {
        for (size_t i = 0; i < names->count; i++)
            puts(names->items[i]);
        return 0;
    }
    json_begin_array(&out);
    for (size_t i = 0; i < names->count; i++)
        json_put_text(&out, names->items[i]);
    json_end_array(&out);
    return json_print(&out, "the list", err);
}
