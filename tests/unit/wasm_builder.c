#include "wasm_builder.h"

#include "base/buf.h"
#include "unit.h"

enum { PART_MAX = 1024 * 1024, NAME_MAX_LEN = 200 };

/* The sections, without their counts. */
struct building {
    struct buf types, imports, funcs, tables, memories, tags, globals, exports, start, elements,
        code, data, custom;
    unsigned type_count, import_count, func_count, table_count, memory_count, tag_count,
        global_count, export_count, element_count, data_count;
    unsigned imported_funcs, funcs_all, tables_all, memories_all, tags_all, globals_all;
    char signatures[64][32]; /* of imported functions */
};

static void add_byte(struct buf *out, unsigned byte)
{
    buf_add_char(out, (char)(unsigned char)byte);
}

static void add_number(struct buf *out, size_t number)
{
    do {
        unsigned low = number & 0x7f;
        number >>= 7;
        add_byte(out, number ? low | 0x80 : low);
    } while (number);
}

static void add_name(struct buf *out, const char *name, size_t len)
{
    add_number(out, len);
    buf_add(out, name, len);
}

static unsigned value_byte(char letter)
{
    switch (letter) {
    case 'i':
        return 0x7f;
    case 'I':
        return 0x7e;
    case 'f':
        return 0x7d;
    case 'F':
        return 0x7c;
    case 'v':
        return 0x7b;
    case 'r':
        return 0x6f;
    default:
        fail_msg("no value type %c", letter);
        return 0;
    }
}

/* Adds a type; returns its number. */
static unsigned add_type(struct building *b, const char *signature, size_t len)
{
    const char *colon = memchr(signature, ':', len);
    assert_non_null(colon);
    size_t params = (size_t)(colon - signature);
    add_byte(&b->types, 0x60);
    add_number(&b->types, params);
    for (size_t i = 0; i < params; i++)
        add_byte(&b->types, value_byte(signature[i]));
    add_number(&b->types, len - params - 1);
    for (size_t i = params + 1; i < len; i++)
        add_byte(&b->types, value_byte(signature[i]));
    return b->type_count++;
}

/* --- Imports --- */

static void add_limits(struct buf *out, const char *text)
{
    char *end = NULL;
    size_t min = strtoul(text, &end, 10);
    bool shared = *end == 's';
    add_byte(out, shared ? 3 : 0);
    add_number(out, min);
    if (shared)
        add_number(out, min);
}

static void begin_import(struct building *b, const char *text, const char *end)
{
    const char *dot = strchr(text, '.');
    assert_non_null(dot);
    add_name(&b->imports, text, (size_t)(dot - text));
    add_name(&b->imports, dot + 1, (size_t)(end - dot - 1));
    b->import_count++;
}

static void import_function(struct building *b, const char *text)
{
    const char *slash = strchr(text, '/');
    assert_non_null(slash);
    begin_import(b, text, slash);
    add_byte(&b->imports, 0);
    add_number(&b->imports, add_type(b, slash + 1, strlen(slash + 1)));
    assert_true(b->imported_funcs < COUNT(b->signatures));
    snprintf(b->signatures[b->imported_funcs++], sizeof(b->signatures[0]), "%s", slash + 1);
    b->funcs_all++;
}

static void import_memory(struct building *b, const char *text)
{
    const char *slash = strchr(text, '/');
    assert_non_null(slash);
    begin_import(b, text, slash);
    add_byte(&b->imports, 2);
    add_limits(&b->imports, slash + 1);
    b->memories_all++;
}

static void import_other(struct building *b, char kind, const char *text)
{
    begin_import(b, text, text + strlen(text));
    if (kind == 't') {
        buf_add(&b->imports, "\x01\x70\x00\x01", 4);
        b->tables_all++;
    } else if (kind == 'g') {
        buf_add(&b->imports, "\x03\x7f\x00", 3);
        b->globals_all++;
    } else {
        buf_add(&b->imports, "\x04\x00", 2);
        add_number(&b->imports, add_type(b, ":", 1));
        b->tags_all++;
    }
}

/* --- Functions --- */

static void add_constant(struct buf *out, char letter, unsigned value)
{
    switch (letter) {
    case 'i':
        add_byte(out, 0x41);
        add_number(out, value);
        break;
    case 'I':
        add_byte(out, 0x42);
        add_number(out, value);
        break;
    case 'f':
        buf_add(out, "\x43\x00\x00\x80\x3f", 5);
        break;
    default:
        buf_add(out, "\x44\x00\x00\x00\x00\x00\x00\xf0\x3f", 9);
        break;
    }
}

/* A zero for each parameter; returns where the results begin. */
static const char *add_constants(struct buf *out, const char *letter)
{
    for (; *letter != ':'; letter++)
        add_constant(out, *letter, 0);
    return letter;
}

static void add_call(struct building *b, struct buf *out, unsigned callee)
{
    assert_true(callee < b->imported_funcs);
    const char *letter = add_constants(out, b->signatures[callee]);
    add_byte(out, 0x10);
    add_number(out, callee);
    for (letter++; *letter; letter++)
        add_byte(out, 0x1a);
}

/* What stands behind the signature. */
static void add_what(struct building *b, struct buf *out, const char *what)
{
    unsigned number = *what ? (unsigned)strtoul(what + 1, NULL, 10) : 0;
    if (*what == '!') {
        add_byte(out, 0x00);
    } else if (*what == '@') {
        add_call(b, out, number);
    } else if (*what == '?' || *what == '^') {
        buf_add(out, "\x41\x00\x04\x40", 4);
        add_call(b, out, number);
        if (*what == '^')
            add_byte(out, 0x00);
        add_byte(out, 0x0b);
    } else if (strcmp(what, "+simd") == 0) {
        buf_add(out, "\x41\x00\xfd\x0f\x1a", 5); /* i8x16.splat, drop */
    } else if (strcmp(what, "+tail") == 0) {
        add_constants(out, b->signatures[0]);
        buf_add(out, "\x12\x00", 2); /* return_call of an import with the same results */
    } else if (*what && *what != '=') {
        fail_msg("no body %s", what);
    }
}

/* Adds a function; returns its number. */
static unsigned add_function(struct building *b, const char *signature)
{
    AUTO(buf_release) struct buf body = BUF_INIT(PART_MAX);
    size_t len = strcspn(signature, "=!@?^+");
    const char *what = signature + len;
    unsigned value = *what == '=' ? (unsigned)strtoul(what + 1, NULL, 10) : 1;
    add_byte(&body, 0);
    add_what(b, &body, what);
    const char *colon = memchr(signature, ':', len);
    assert_non_null(colon);
    for (const char *letter = colon + 1; letter < signature + len; letter++)
        add_constant(&body, *letter, value);
    add_byte(&body, 0x0b);
    add_number(&b->funcs, add_type(b, signature, len));
    add_name(&b->code, body.data, body.len);
    b->func_count++;
    return b->funcs_all++;
}

static void add_export(struct building *b, const char *name, size_t len, unsigned kind,
                       unsigned index)
{
    add_name(&b->exports, name, len);
    add_byte(&b->exports, kind);
    add_number(&b->exports, index);
    b->export_count++;
}

/* --- Items --- */

static void add_memory(struct building *b, const char *text)
{
    const char *slash = strchr(text, '/');
    assert_non_null(slash);
    add_limits(&b->memories, slash + 1);
    b->memory_count++;
    if (slash > text)
        add_export(b, text, (size_t)(slash - text), 2, b->memories_all);
    b->memories_all++;
}

static void add_custom(struct building *b, const char *name)
{
    AUTO(buf_release) struct buf section = BUF_INIT(PART_MAX);
    add_name(&section, name, strlen(name));
    add_byte(&b->custom, 0);
    add_name(&b->custom, section.data, section.len);
}

static void add_hex(struct buf *out, const char *digits)
{
    for (; digits[0] && digits[1]; digits += 2) {
        const char byte[] = {digits[0], digits[1], '\0'};
        add_byte(out, (unsigned)strtoul(byte, NULL, 16));
    }
}

static void add_segment(struct building *b, char kind, const char *digits)
{
    ++*(kind == 'e' ? &b->element_count : &b->data_count);
    add_hex(kind == 'e' ? &b->elements : &b->data, digits);
}

static void add_defined(struct building *b, char kind, const char *text)
{
    if (kind == 't') {
        buf_add(&b->tables, "\x70\x00", 2);
        add_number(&b->tables, strtoul(text, NULL, 10));
        b->table_count++;
        b->tables_all++;
    } else if (kind == 'e') {
        add_byte(&b->tags, 0);
        add_number(&b->tags, add_type(b, ":", 1));
        b->tag_count++;
        add_export(b, text, strlen(text), 4, b->tags_all++);
    } else {
        buf_add(&b->globals, "\x7f\x00\x41\x00\x0b", 5);
        b->global_count++;
        add_export(b, text, strlen(text), 3, b->globals_all++);
    }
}

static void add_item(struct building *b, const char *item)
{
    const char *colon = strchr(item, ':');
    assert_non_null(colon);
    const char *text = colon + 1;
    if (item[0] == 'i' && colon == item + 1) {
        import_function(b, text);
    } else if (item[0] == 'i' && item[1] == 'm') {
        import_memory(b, text);
    } else if (item[0] == 'i') {
        import_other(b, item[1], text);
    } else if (item[0] == 'f') {
        size_t len = strcspn(text, "/");
        add_export(b, text, len, 0, add_function(b, text + len + 1));
    } else if (item[0] == 's') {
        AUTO_FREE char *signature = mem_printf(":%s", text);
        add_number(&b->start, add_function(b, signature));
    } else if (item[0] == 'm') {
        add_memory(b, text);
    } else if (item[0] == 'x') {
        add_segment(b, item[1], text);
    } else if (item[0] == 'c') {
        add_custom(b, text);
    } else {
        add_defined(b, item[0], text);
    }
}

/* --- The module --- */

static void add_section(struct buf *out, unsigned id, unsigned count, const struct buf *contents)
{
    AUTO(buf_release) struct buf section = BUF_INIT(PART_MAX);
    if (!contents->len)
        return;
    if (id != 8)
        add_number(&section, count);
    buf_add(&section, contents->data, contents->len);
    add_byte(out, id);
    add_name(out, section.data, section.len);
}

uint8_t *build_wasm(const char *items, size_t *len)
{
    struct building b = {0};
    struct buf *parts[] = {&b.types, &b.imports, &b.funcs,   &b.tables, &b.memories,
                           &b.tags,  &b.globals, &b.exports, &b.start,  &b.elements,
                           &b.code,  &b.data,    &b.custom};
    struct buf out = BUF_INIT(PART_MAX);
    for (size_t i = 0; i < COUNT(parts); i++)
        buf_init(parts[i], PART_MAX);
    AUTO_FREE char *copy = mem_dup(items);
    char *rest = NULL;
    for (char *item = strtok_r(copy, " ", &rest); item; item = strtok_r(NULL, " ", &rest))
        add_item(&b, item);
    buf_add(&out, "\0asm\1\0\0\0", 8);
    add_section(&out, 1, b.type_count, &b.types);
    add_section(&out, 2, b.import_count, &b.imports);
    add_section(&out, 3, b.func_count, &b.funcs);
    add_section(&out, 4, b.table_count, &b.tables);
    add_section(&out, 5, b.memory_count, &b.memories);
    add_section(&out, 13, b.tag_count, &b.tags);
    add_section(&out, 6, b.global_count, &b.globals);
    add_section(&out, 7, b.export_count, &b.exports);
    add_section(&out, 8, 0, &b.start);
    add_section(&out, 9, b.element_count, &b.elements);
    add_section(&out, 10, b.func_count, &b.code);
    add_section(&out, 11, b.data_count, &b.data);
    if (b.custom.len)
        buf_add(&out, b.custom.data, b.custom.len);
    for (size_t i = 0; i < COUNT(parts); i++)
        buf_release(parts[i]);
    *len = out.len;
    return (uint8_t *)buf_steal(&out);
}
