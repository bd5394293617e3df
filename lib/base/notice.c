#include "base/notice.h"

#include <stdarg.h>

#include "base/mem.h"

void notice_say(const struct notice *notice, enum notice_level level, const char *format, ...)
{
    if (!notice || !notice->say)
        return;
    va_list args;
    va_start(args, format);
    AUTO_FREE char *text = mem_vprintf(format, args);
    va_end(args);
    notice->say(notice->arg, level, text);
}
