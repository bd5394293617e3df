#include "base/notice.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"

void notice_say(const struct notice *notice, enum notice_level level, const char *format, ...)
{
    if (!notice || !notice->say)
        return;
    AUTO_FREE char *text = NULL;
    va_list args;
    va_start(args, format);
    int len = vasprintf(&text, format, args);
    va_end(args);
    if (len < 0)
        abort();
    notice->say(notice->arg, level, text);
}
