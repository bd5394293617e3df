#include "image/gateway_header.h"

#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void tar_header_release(struct tar_header *header)
{
    free(header->name);
    *header = (struct tar_header){.name = NULL};
}

void tar_changes_release(struct tar_changes *changes)
{
    free(changes->path);
    free(changes->gnu_name);
    free(changes->real_name);
    *changes = (struct tar_changes){.path = NULL};
}

bool tar_type_is_bare(char type)
{
    return type >= '1' && type <= '6';
}

bool tar_block_is_zero(const unsigned char *block)
{
    for (size_t i = 0; i < TAR_BLOCK; i++) {
        if (block[i])
            return false;
    }
    return true;
}

/* --- Numbers --- */

/* The fields of a block that hold numbers; those of all forms come first. */
enum number { MODE, UID, GID, MTIME, SIZE, SUM, MAJOR, MINOR, STAR_ATIME, STAR_CTIME, REAL_SIZE };

static const struct field {
    size_t at, len;
} fields[] = {
    [MODE] = {100, 8},        [UID] = {108, 8},        [GID] = {116, 8},
    [MTIME] = {136, 12},      [SIZE] = {124, 12},      [SUM] = {148, 8},
    [MAJOR] = {329, 8},       [MINOR] = {337, 8},      [STAR_ATIME] = {476, 12},
    [STAR_CTIME] = {488, 12}, [REAL_SIZE] = {483, 12},
};

/* Octal digits between spaces and NULs; the digits end at a NUL between them. */
static bool read_octal(const unsigned char *at, size_t len, long long *out)
{
    uint64_t value = 0;
    *out = 0;
    while (len && (*at == ' ' || !*at)) {
        at++;
        len--;
    }
    while (len && (at[len - 1] == ' ' || !at[len - 1]))
        len--;
    for (size_t i = 0; i < len && at[i]; i++) {
        if (at[i] < '0' || at[i] > '7' || value >> 61)
            return false;
        value = value << 3 | (uint64_t)(at[i] - '0');
    }
    *out = (long long)value;
    return true;
}

/* A number of GNU tar: two's complement, of which the highest bit says only that it is one. */
static bool read_binary(const unsigned char *at, size_t len, long long *out)
{
    bool negative = at[0] & 0x40;
    uint64_t value = 0;
    for (size_t i = 0; i < len; i++) {
        unsigned char byte = negative ? (unsigned char)~at[i] : at[i];
        if (value >> 56)
            return false;
        value = value << 8 | (i == 0 ? byte & 0x7fU : byte);
    }
    if (value >> 63)
        return false;
    *out = negative ? -(long long)value - 1 : (long long)value;
    return true;
}

static bool read_number(const unsigned char *block, enum number number, long long *out)
{
    const unsigned char *at = block + fields[number].at;
    size_t len = fields[number].len;
    return *at & 0x80 ? read_binary(at, len, out) : read_octal(at, len, out);
}

/* --- A block --- */

static bool sum_is_right(const unsigned char *block)
{
    long long stated = 0, plain = 0, with_sign = 0;
    for (size_t i = 0; i < TAR_BLOCK; i++) {
        bool own = i >= fields[SUM].at && i < fields[SUM].at + fields[SUM].len;
        plain += own ? ' ' : block[i];
        with_sign += own ? ' ' : (signed char)block[i];
    }
    return read_octal(block + fields[SUM].at, fields[SUM].len, &stated) &&
           (stated == plain || stated == with_sign);
}

static char *copy_field(const unsigned char *block, size_t at, size_t max)
{
    const char *text = (const char *)block + at;
    return mem_dup_n(text, strnlen(text, max));
}

/* Whether all numbers up to the last one that the form of the header has are numbers. */
static bool numbers_are_right(const unsigned char *block, bool is_v7, bool is_star)
{
    unsigned end = is_star ? STAR_CTIME : is_v7 ? SIZE : MINOR;
    bool right = true;
    for (unsigned i = MODE; right && i <= end; i++)
        right = i == SUM || read_number(block, (enum number)i, &(long long){0});
    return right;
}

bool tar_header_read(const unsigned char *block, struct tar_header *out)
{
    bool is_ustar = memcmp(block + 257, "ustar\0", 6) == 0;
    bool is_star = is_ustar && memcmp(block + 508, "tar\0", 4) == 0;
    bool is_gnu = memcmp(block + 257, "ustar  \0", 8) == 0;
    AUTO(tar_header_release) struct tar_header header = {.type = (char)block[156]};
    if (!sum_is_right(block) || !read_number(block, SIZE, &header.size) ||
        !numbers_are_right(block, !is_ustar && !is_gnu, is_star))
        return false;
    header.is_sparse = header.type == 'S';
    if (header.is_sparse && (!is_gnu || !read_number(block, REAL_SIZE, &(long long){0})))
        return false;
    header.extended = header.is_sparse && block[482];
    AUTO_FREE char *name = copy_field(block, 0, 100);
    AUTO_FREE char *prefix = is_ustar ? copy_field(block, 345, is_star ? 131 : 155) : mem_dup("");
    header.name = *prefix ? mem_printf("%s/%s", prefix, name) : STEAL(name);
    *out = header;
    header.name = NULL;
    return true;
}

/* --- What extends a header --- */

/* A decimal number as Go's strconv.ParseInt reads it. */
static bool read_decimal(const char *text, long long *out)
{
    bool negative = *text == '-';
    uint64_t value = 0;
    const char *at = text + (negative || *text == '+');
    if (!*at)
        return false;
    for (; *at; at++) {
        uint64_t digit = (uint64_t)(*at - '0');
        if (*at < '0' || *at > '9' || value > (INT64_MAX - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    *out = negative ? -(long long)value : (long long)value;
    return true;
}

/* Seconds, and perhaps a point and digits. */
static bool is_time(const char *text)
{
    size_t seconds = strcspn(text, ".");
    AUTO_FREE char *whole = mem_dup_n(text, seconds);
    const char *rest = text + seconds + (text[seconds] == '.');
    return read_decimal(whole, &(long long){0}) && strspn(rest, "0123456789") == strlen(rest);
}

static void replace(char **own, const char *with)
{
    free(*own);
    *own = mem_dup(with);
}

/* A record whose value is not empty; both texts may hold no NUL where that matters. */
static bool take_record(const char *key, const char *value, struct tar_changes *changes)
{
    static const char *const times[] = {"atime", "mtime", "ctime"};
    static const char *const ids[] = {"uid", "gid"};
    for (size_t i = 0; i < COUNT(times); i++) {
        if (strcmp(key, times[i]) == 0)
            return is_time(value);
    }
    for (size_t i = 0; i < COUNT(ids); i++) {
        if (strcmp(key, ids[i]) == 0)
            return read_decimal(value, &(long long){0});
    }
    if (strcmp(key, "path") == 0) {
        replace(&changes->path, value);
    } else if (strcmp(key, "size") == 0) {
        changes->has_size = true;
        return read_decimal(value, &changes->size);
    } else if (strcmp(key, "GNU.sparse.name") == 0) {
        replace(&changes->real_name, value);
    } else if (strcmp(key, "GNU.sparse.major") == 0 || strcmp(key, "GNU.sparse.map") == 0 ||
               strcmp(key, "GNU.sparse.offset") == 0) {
        changes->has_map = true;
    }
    return true;
}

/* The record at the start of the text: its length, 0 when there is none. */
static size_t record_len(const char *text, size_t len, size_t *digits)
{
    size_t total = 0;
    *digits = 0;
    while (*digits < len && *digits < 10 && text[*digits] >= '0' && text[*digits] <= '9')
        total = total * 10 + (size_t)(text[(*digits)++] - '0');
    bool right = *digits && *digits < len && text[*digits] == ' ' && total >= 5 && total <= len &&
                 total > *digits + 1 && text[total - 1] == '\n';
    return right ? total : 0;
}

static bool is_one_of_texts(const char *key)
{
    static const char *const texts[] = {"path", "linkpath", "uname", "gname"};
    for (size_t i = 0; i < COUNT(texts); i++) {
        if (strcmp(key, texts[i]) == 0)
            return true;
    }
    return false;
}

bool tar_changes_read(const char *text, size_t len, struct tar_changes *changes)
{
    while (len) {
        size_t digits = 0;
        size_t total = record_len(text, len, &digits);
        if (!total)
            return false;
        const char *record = text + digits + 1;
        const char *end = text + total - 1;
        const char *equals = memchr(record, '=', (size_t)(end - record));
        if (!equals || equals == record || memchr(record, 0, (size_t)(equals - record)))
            return false;
        AUTO_FREE char *key = mem_dup_n(record, (size_t)(equals - record));
        AUTO_FREE char *value = mem_dup_n(equals + 1, (size_t)(end - equals - 1));
        bool has_nul = memchr(equals + 1, 0, (size_t)(end - equals - 1));
        if (has_nul && is_one_of_texts(key))
            return false;
        if (end > equals + 1 && !take_record(key, value, changes))
            return false;
        text += total;
        len -= total;
    }
    return true;
}

bool tar_header_change(struct tar_header *header, struct tar_changes *changes)
{
    char **const names[] = {&changes->path, &changes->gnu_name, &changes->real_name};
    for (size_t i = 0; i < COUNT(names); i++) {
        if (!*names[i] || (i == 2 && !changes->has_map))
            continue;
        free(header->name);
        header->name = STEAL(*names[i]);
    }
    size_t len = strlen(header->name);
    if (header->type == '\0') /* before POSIX, a slash at the end made a folder */
        header->type = len && header->name[len - 1] == '/' ? '5' : '0';
    if (changes->has_size)
        header->size = changes->size;
    header->is_sparse = header->is_sparse || changes->has_map;
    tar_changes_release(changes);
    return tar_type_is_bare(header->type) ? !header->is_sparse : header->size >= 0;
}
