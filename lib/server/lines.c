#include "server/lines.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static const char blanks[] = " \t\r";

int lines_each(const char *text, const char *shown,
               int (*take)(void *arg, const char *line, size_t number, struct err *err), void *arg,
               struct err *err)
{
    int rc = 0;
    for (size_t number = 1; *text && !rc; number++) {
        size_t len = strcspn(text, "\n");
        const char *next = text[len] ? text + len + 1 : text + len;
        size_t skip = strspn(text, blanks);
        if (skip > len)
            skip = len;
        while (len > skip && strchr(blanks, text[len - 1]))
            len--;
        if (len > skip && text[skip] != '#') {
            char *line = mem_dup_n(text + skip, len - skip);
            rc = take(arg, line, number, err);
            mem_wipe(line);
        }
        if (rc)
            err_wrap(err, "%s: line %zu", shown, number);
        text = next;
    }
    return rc;
}
