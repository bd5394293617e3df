#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static int store_message(struct err *err, int code, char *message)
{
    free(err->message);
    err->code = code;
    err->message = message;
    if (err->wordless)
        free(STEAL(err->message));
    return code;
}

int err_set(struct err *err, int code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *message = mem_vprintf(format, args);
    va_end(args);
    return store_message(err, code, message);
}

static int code_of(int number)
{
    bool full = number == ENOSPC || number == EDQUOT || number == EFBIG;
    return number == ENOENT ? ERR_NOT_FOUND : full ? ERR_FULL : ERR_FAILED;
}

int err_errno(struct err *err, const char *format, ...)
{
    int number = errno;
    va_list args;
    va_start(args, format);
    AUTO_FREE char *what = mem_vprintf(format, args);
    va_end(args);
    return store_message(err, code_of(number), mem_printf("%s: %s", what, strerror(number)));
}

int err_wrap(struct err *err, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    AUTO_FREE char *what = mem_vprintf(format, args);
    va_end(args);
    return store_message(err, err->code ? err->code : ERR_FAILED,
                         mem_printf("%s: %s", what, err_text(err)));
}

int err_move(struct err *to, struct err *from)
{
    int code = from->code;
    from->code = 0;
    return store_message(to, code, STEAL(from->message));
}

const char *err_text(const struct err *err)
{
    return err->message ? err->message : "";
}

void err_release(struct err *err)
{
    if (!err)
        return;
    free(err->message);
    err->message = NULL;
    err->code = 0;
}
