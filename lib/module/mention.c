#include "module/mention.h"

#include <ctype.h>
#include <limits.h>
#include <string.h>

#include "base/dir.h"
#include "base/mem.h"
#include "module/reader.h"
#include "module/strip.h"

#define DATA_SECTION 11

/* A piece of a section. */
struct piece {
    const uint8_t *bytes;
    size_t len;     /* bytes that can be read */
    size_t part;    /* a path that begins behind these belongs to the next piece */
    uint8_t before; /* the byte before the piece; 0 at the beginning of a section */
};

/* Whether places of that folder are to be counted: not when they count for another one. */
static bool is_wanted(const char *const *folders, size_t at)
{
    const char *folder = folders[at];
    if (folder[0] != '/' || !folder[1] || strlen(folder) > MENTION_FOLDER_MAX)
        return false;
    for (size_t i = 0; folders[i]; i++) {
        bool counts = folders[i][0] == '/' && folders[i][1] && dir_holds(folders[i], folder);
        if (counts && (i < at || strcmp(folder, folders[i]) != 0))
            return false;
    }
    return true;
}

static bool is_name_byte(uint8_t byte)
{
    return isalnum(byte) || byte == '_' || byte == '-' || byte == '.' || byte >= 0x80;
}

/* Whether the folder that was found is the end of a longer path: "/src" of "/go/src". */
static bool is_end_of_path(const struct piece *piece, const uint8_t *found)
{
    const uint8_t *at = found;
    while (at > piece->bytes && found - at < NAME_MAX && is_name_byte(at[-1]))
        at--;
    uint8_t before = at > piece->bytes ? at[-1] : piece->before;
    return before == '/' || (at == piece->bytes && is_name_byte(before));
}

static uint64_t count_folder(const struct piece *piece, const char *folder)
{
    size_t len = strlen(folder);
    bool one_name = !strchr(folder + 1, '/');
    uint64_t count = 0;
    const uint8_t *end = piece->bytes + piece->len, *found;
    for (const uint8_t *at = piece->bytes; at < end; at = found + len) {
        found = memmem(at, (size_t)(end - at), folder, len);
        if (!found || found >= piece->bytes + piece->part)
            break;
        uint8_t behind = found + len < end ? found[len] : 0;
        if ((behind == '/' || !behind) && !(one_name && is_end_of_path(piece, found)))
            count++;
    }
    return count;
}

static uint64_t count_piece(const struct piece *piece, const char *const *folders)
{
    uint64_t count = 0;
    for (size_t i = 0; folders[i]; i++) {
        if (is_wanted(folders, i))
            count += count_folder(piece, folders[i]);
    }
    return count;
}

/* Pieces overlap, so that no path is cut. */
static uint64_t count_section(struct reader *reader, const struct module_section *section,
                              const char *const *folders)
{
    enum { OVERLAP = MENTION_FOLDER_MAX + 1 };
    uint64_t count = 0;
    struct piece piece = {0};
    reader->at = section->offset;
    reader->end = section->offset + section->size;
    while (reader_left(reader) && !reader_failed(reader)) {
        bool last = reader_left(reader) <= READER_WINDOW;
        piece.len = last ? (size_t)reader_left(reader) : READER_WINDOW;
        piece.part = last ? piece.len : piece.len - OVERLAP;
        piece.bytes = reader_view(reader, piece.len);
        if (!piece.bytes)
            break;
        count += count_piece(&piece, folders);
        piece.before = piece.bytes[piece.part - 1];
        reader_skip(reader, piece.part);
    }
    return count;
}

int module_mentions(int fd, const struct module *module, const char *const *folders,
                    struct mentions *out, struct err *err)
{
    AUTO(reader_release) struct reader reader;
    reader_init_fd(&reader, fd, "the module", err);
    *out = (struct mentions){0};
    for (size_t i = 0; i < module->section_count && !reader_failed(&reader); i++) {
        const struct module_section *section = &module->sections[i];
        if (strip_drops(section))
            out->dropped += count_section(&reader, section, folders);
        else if (section->id == DATA_SECTION)
            out->data += count_section(&reader, section, folders);
    }
    return reader.rc;
}
