#include "git/pktline.h"

#include <stdarg.h>
#include <string.h>

#include "base/mem.h"
#include "base/percent.h"

enum { DIGITS = 4 };

/* The length that the four digits name; -1: they are none, or the length is not allowed. */
static long length_of(const char *digits)
{
    long len = 0;
    for (int i = 0; i < DIGITS; i++) {
        int digit = percent_digit(digits[i]);
        if (digit < 0)
            return -1;
        len = len * 16 + digit;
    }
    return len == 0 || (len >= DIGITS && len <= PKT_MAX) ? len : -1;
}

static void collect(struct pkt_reader *reader, const char **data, size_t *len, size_t until)
{
    size_t want = until - reader->have;
    size_t take = *len < want ? *len : want;
    memcpy(reader->part + reader->have, *data, take);
    reader->have += take;
    *data += take;
    *len -= take;
}

int pkt_feed(struct pkt_reader *reader, const char *data, size_t len, struct err *err)
{
    while (len) {
        if (reader->have < DIGITS)
            collect(reader, &data, &len, DIGITS);
        if (reader->have < DIGITS)
            return 0;
        long total = length_of(reader->part);
        if (total < 0)
            return err_set(err, ERR_DAMAGED, "the answer is not in git's protocol");
        if (total)
            collect(reader, &data, &len, (size_t)total);
        if (reader->have < (size_t)total)
            return 0;
        reader->have = 0;
        int rc = total
                     ? reader->line(reader->arg, reader->part + DIGITS, (size_t)total - DIGITS, err)
                     : reader->line(reader->arg, NULL, 0, err);
        if (rc)
            return rc;
    }
    return 0;
}

int pkt_end(const struct pkt_reader *reader, struct err *err)
{
    return reader->have ? err_set(err, ERR_DAMAGED, "the answer ends in the middle of a line") : 0;
}

void pkt_add(struct buf *out, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    AUTO_FREE char *line = mem_vprintf(format, args);
    va_end(args);
    buf_printf(out, "%04zx%s", strlen(line) + DIGITS, line);
}
