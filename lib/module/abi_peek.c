/* The ABI versions of a module of which little is read: for lists of many files. */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "module/abi.h"
#include "module/preamble.h"

enum {
    SECTION_EXPORT = 7,
    SECTIONS_MAX = 1000,
    AHEAD = 512, /* bytes: most sections are passed over */
};

static void add(char out[ABI_PEEK_MAX], const char *version)
{
    size_t len = strlen(out), more = strlen(version);
    if (len + more + 3 > ABI_PEEK_MAX)
        return;
    snprintf(out + len, ABI_PEEK_MAX - len, "%s%s", len ? ", " : "", version);
}

/* Reads the exports into a module that has nothing else, for abi_versions(). */
static void read_exports(struct reader *reader, char out[ABI_PEEK_MAX])
{
    AUTO(module_release) struct module module = {0};
    uint32_t count = reader_count(reader, "exports", 3, ABI_PEEK_EXPORTS);
    module.exports = mem_zero(count ? count : 1, sizeof(*module.exports));
    for (uint32_t i = 0; i < count && !reader_failed(reader); i++) {
        struct module_export *export = &module.exports[i];
        export->name = reader_name(reader);
        export->kind = (enum extern_kind)reader_byte(reader);
        export->index = reader_u32(reader);
        module.export_count += export->name != NULL;
    }
    char **versions;
    size_t found;
    abi_versions(&module, &versions, &found);
    for (size_t i = 0; i < found; i++)
        add(out, versions[i]);
    abi_versions_free(versions, found);
}

bool abi_peek(int fd, char out[ABI_PEEK_MAX])
{
    AUTO(reader_release) struct reader reader;
    out[0] = '\0';
    reader_init_fd(&reader, fd, "", ERR_IGNORED);
    reader.ahead = AHEAD;
    preamble_read(&reader);
    for (int i = 0; i < SECTIONS_MAX && !reader_failed(&reader) && reader_left(&reader); i++) {
        uint8_t id = reader_byte(&reader);
        uint64_t size = reader_u32(&reader), end = reader.end;
        if (id == SECTION_EXPORT && size <= reader_left(&reader)) {
            reader.ahead = READER_WINDOW;
            reader.end = reader.at + size;
            read_exports(&reader, out);
            reader.end = end;
            break;
        }
        reader_skip(&reader, size);
    }
    return !reader_failed(&reader);
}
