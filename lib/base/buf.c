#include "base/buf.h"

#include <stdint.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void buf_init(struct buf *buf, size_t max)
{
    *buf = (struct buf)BUF_INIT(max);
}

void buf_release(struct buf *buf)
{
    free(buf->data);
    buf_init(buf, buf->max);
}

void buf_wipe(struct buf *buf)
{
    if (buf->data)
        explicit_bzero(buf->data, buf->cap);
    buf_release(buf);
}

void buf_clear(struct buf *buf)
{
    buf->len = 0;
    buf->overflow = false;
    if (buf->data)
        buf->data[0] = '\0';
}

static bool make_room(struct buf *buf, size_t len)
{
    if (buf->overflow || len > buf->max - buf->len) {
        buf->overflow = true;
        return false;
    }
    size_t need = buf->len + len + 1;
    if (need <= buf->cap)
        return true;
    size_t cap = buf->cap ? buf->cap : 64;
    while (cap < need)
        cap = cap > SIZE_MAX / 2 ? need : cap * 2; /* not just `need`: each byte would move it */
    buf->data = mem_resize(buf->data, cap, 1);
    buf->cap = cap;
    return true;
}

void buf_reserve(struct buf *buf)
{
    if (buf->cap > buf->max)
        return;
    buf->data = mem_resize(buf->data, buf->max + 1, 1);
    buf->data[buf->len] = '\0';
    buf->cap = buf->max + 1;
}

void buf_add(struct buf *buf, const void *data, size_t len)
{
    if (!make_room(buf, len))
        return;
    if (len)
        memcpy(buf->data + buf->len, data, len);
    buf->len += len;
    buf->data[buf->len] = '\0';
}

void buf_add_text(struct buf *buf, const char *text)
{
    buf_add(buf, text, strlen(text));
}

void buf_add_char(struct buf *buf, char c)
{
    buf_add(buf, &c, 1);
}

void buf_printf(struct buf *buf, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    AUTO_FREE char *text = mem_vprintf(format, args);
    va_end(args);
    buf_add_text(buf, text);
}

bool buf_overflowed(const struct buf *buf)
{
    return buf->overflow;
}

const char *buf_text(const struct buf *buf)
{
    return buf->data ? buf->data : "";
}

char *buf_steal(struct buf *buf)
{
    char *data = buf->data ? STEAL(buf->data) : mem_dup("");
    buf_init(buf, buf->max);
    return data;
}

void buf_add_names(struct buf *buf, const char *(*name_at)(size_t at))
{
    for (size_t i = 0; name_at(i); i++) {
        const char *before = i == 0 ? "" : name_at(i + 1) ? ", " : " or ";
        buf_printf(buf, "%s%s", before, name_at(i));
    }
}
