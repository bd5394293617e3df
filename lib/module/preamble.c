#include "module/preamble.h"

#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"

#define PREAMBLE_LEN 8
#define TAR_MAGIC_AT 257

static const uint8_t module_preamble[PREAMBLE_LEN] = {0, 'a', 's', 'm', 1, 0, 0, 0};
/* Component model, Binary.md: version 0x0d, layer 1. */
static const uint8_t component_version[4] = {0x0d, 0, 1, 0};

static const struct known {
    const char *bytes;
    size_t len, at;
    const char *what;
} known[] = {
    {"\x1f\x8b", 2, 0, "a gzip file: unpack it first"},
    {"ustar", 5, TAR_MAGIC_AT, "a tar archive: unpack it first"},
    {"PK\x03\x04", 4, 0, "a zip archive: unpack it first"},
    {"\x28\xb5\x2f\xfd", 4, 0, "a zstd file: unpack it first"},
    {"\xfd\x37zXZ", 5, 0, "an xz file: unpack it first"},
    {"\x7f"
     "ELF",
     4, 0, "an ELF program: compile for a wasm32 target"},
    {"\xcf\xfa\xed\xfe", 4, 0, "a Mach-O program: compile for a wasm32 target"},
    {"MZ", 2, 0, "a Windows program: compile for a wasm32 target"},
    {"!<arch>\n", 8, 0, "a static library: link it first"},
    {"BC\xc0\xde", 4, 0, "LLVM bitcode: link it first"},
    {"(module", 7, 0, "WebAssembly text: assemble it with wat2wasm"},
};

static const char *recognise(const uint8_t *head, size_t len)
{
    for (size_t i = 0; i < COUNT(known); i++) {
        const struct known *kind = &known[i];
        if (len >= kind->at + kind->len && memcmp(head + kind->at, kind->bytes, kind->len) == 0)
            return kind->what;
    }
    return NULL;
}

static bool is_text(const uint8_t *head, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (head[i] < 0x20 && head[i] != '\n' && head[i] != '\r' && head[i] != '\t')
            return false;
        if (head[i] == 0x7f)
            return false;
    }
    return true;
}

/* The first bytes for a message: as text where they are text, else as numbers. */
static char *quote(const uint8_t *head, size_t len)
{
    enum { SHOWN_TEXT = 24, SHOWN_BYTES = 8 };
    struct buf out = BUF_INIT(4 * SHOWN_TEXT);
    bool text = is_text(head, len);
    size_t end = text ? SHOWN_TEXT : SHOWN_BYTES;
    if (text)
        buf_add_char(&out, '"');
    for (size_t i = 0; i < len && i < end; i++) {
        if (!text)
            buf_printf(&out, "%s%02x", i ? " " : "", head[i]);
        else if (head[i] < 0x20 || head[i] > 0x7e)
            buf_add_char(&out, '.');
        else
            buf_add_char(&out, (char)head[i]);
    }
    if (text)
        buf_add_char(&out, '"');
    return buf_steal(&out);
}

static void refuse(struct reader *reader, const uint8_t *head, size_t len)
{
    if (len == 0) {
        reader->rc = err_set(reader->err, ERR_DAMAGED,
                             "%s: not a WebAssembly module: the file is empty", reader->shown);
        return;
    }
    AUTO_FREE char *first = quote(head, len);
    const char *what = recognise(head, len);
    reader->rc =
        err_set(reader->err, ERR_DAMAGED, "%s: not a WebAssembly module: begins with %s%s%s%s",
                reader->shown, first, what ? " (" : "", what ? what : "", what ? ")" : "");
}

static void check_version(struct reader *reader, const uint8_t *version)
{
    if (memcmp(version, module_preamble + 4, 4) == 0)
        return;
    if (memcmp(version, component_version, 4) == 0)
        reader->rc = err_set(reader->err, ERR_DAMAGED,
                             "%s: this is a component, not a core module: proxies load core "
                             "modules only, so build for wasm32-wasip1 and not for wasip2",
                             reader->shown);
    else
        reader_damaged(reader, 4, "version %02x %02x %02x %02x, where 01 00 00 00 is known",
                       version[0], version[1], version[2], version[3]);
}

void preamble_read(struct reader *reader)
{
    uint8_t head[TAR_MAGIC_AT + 5];
    size_t len = reader->size < sizeof(head) ? (size_t)reader->size : sizeof(head);
    for (size_t i = 0; i < len; i++)
        head[i] = reader_byte(reader);
    if (reader_failed(reader))
        return;
    if (len < 4 || memcmp(head, module_preamble, 4) != 0)
        refuse(reader, head, len);
    else if (len < PREAMBLE_LEN)
        reader_damaged(reader, len, "the file ends within the version");
    else
        check_version(reader, head + 4);
    reader->at = PREAMBLE_LEN;
}
