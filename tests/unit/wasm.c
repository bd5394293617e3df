#include "tests/unit/wasm.h"

#include <string.h>

#include "base/mem.h"
#include "tests/unit/files.h"

void wasm_begin(struct buf *out)
{
    buf_add(out, "\0asm\1\0\0\0", 8);
}

void wasm_u32(struct buf *out, uint32_t value)
{
    do {
        uint8_t byte = (uint8_t)((value & 0x7f) | (value > 0x7f ? 0x80 : 0));
        buf_add(out, &byte, 1);
        value >>= 7;
    } while (value);
}

void wasm_section(struct buf *out, uint8_t id, const void *bytes, size_t len)
{
    buf_add(out, &id, 1);
    wasm_u32(out, (uint32_t)len);
    buf_add(out, bytes, len);
}

void wasm_custom(struct buf *out, const char *name, const void *bytes, size_t len)
{
    AUTO(buf_release) struct buf content = BUF_INIT(WASM_MAX);
    wasm_u32(&content, (uint32_t)strlen(name));
    buf_add_text(&content, name);
    buf_add(&content, bytes, len);
    wasm_section(out, 0, buf_text(&content), content.len);
}

void wasm_body(struct buf *out, const void *bytes, size_t len)
{
    struct buf body = BUF_INIT(WASM_MAX);
    wasm_u32(&body, 1);
    wasm_u32(&body, (uint32_t)len);
    buf_add(&body, bytes, len);
    wasm_section(out, 10, body.data, body.len);
    buf_release(&body);
}

int wasm_read(const void *data, size_t len, const char *shown, struct module *out, struct err *err)
{
    AUTO_CLOSE int fd = memory_file(data, len);
    return module_read(fd, shown, out, err);
}
