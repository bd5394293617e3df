/* Modules: the content of good ones, and the messages for damaged ones. */
#include "tests/unit/files.h"
#include "tests/unit/wasm.h"

#include "unit.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "module/module.h"
#include "module/reader.h"

#define HEAD "\0asm\1\0\0\0"
/* A function that is imported, and exported as "run". */
#define RUN_IMPORT                                                                                 \
    "\1\4\1\x60\0\0"                                                                               \
    "\2\5\1\0\0\0\0"
#define RUN_EXPORT "\7\7\1\3run\0\0"
#define RUN RUN_IMPORT RUN_EXPORT
/* A type section: () -> () and (i32, i64) -> (f32). */
#define TYPES "\1\xa\2\x60\0\0\x60\2\x7f\x7e\1\x7d"
#define READ(bytes, module, err) wasm_read(bytes, sizeof(bytes) - 1, "f.wasm", module, err)

/* The bytes are refused, and the message holds `part`. */
static void expect_bytes(const void *bytes, size_t len, const char *part)
{
    struct module module = {0};
    struct err err = ERR_INIT;
    assert_int_equal(wasm_read(bytes, len, "f.wasm", &module, &err), ERR_DAMAGED);
    if (!strstr(err_text(&err), part))
        fail_msg("\"%s\" does not say \"%s\"", err_text(&err), part);
    assert_ptr_equal(strstr(err_text(&err), "f.wasm: "), err_text(&err));
    assert_null(module.sections);
    err_release(&err);
}

#define REFUSED(bytes, part) expect_bytes(bytes, sizeof(bytes) - 1, part)

static void accept_bytes(const void *bytes, size_t len)
{
    struct module module = {0};
    struct err err = ERR_INIT;
    if (wasm_read(bytes, len, "f.wasm", &module, &err))
        fail_msg("%s", err_text(&err));
    module_release(&module);
}

#define ACCEPTED(bytes) accept_bytes(bytes, sizeof(bytes) - 1)

static void smallest(void **state)
{
    (void)state;
    struct module module = {0};
    assert_int_equal(READ(HEAD, &module, ERR_IGNORED), 0);
    assert_int_equal(module.size, 8);
    assert_int_equal(module.section_count, 0);
    module_release(&module);
}

static void sections_are_listed(void **state)
{
    (void)state;
    struct module module = {0};
    assert_int_equal(READ(HEAD "\0\5\4name"
                               "\1\1\0"
                               "\0\3\1xy"
                               "\7\1\0",
                          &module, ERR_IGNORED),
                     0);
    assert_int_equal(module.section_count, 4);
    assert_string_equal(module.sections[0].name, "name");
    assert_int_equal(module.sections[0].offset, 10);
    assert_int_equal(module.sections[0].size, 5);
    assert_null(module.sections[1].name);
    assert_string_equal(module_section_name(module.sections[1].id), "type");
    assert_string_equal(module.sections[2].name, "x");
    assert_int_equal(module.sections[3].id, 7);
    module_release(&module);
}

static void imports_of_every_kind(void **state)
{
    (void)state;
    static const char bytes[] =
        HEAD TYPES "\2\x53\xc"
                   "\3env\1f\0\x81\0"                 /* func, type 1 in two bytes */
                   "\3env\1t\1\x70\0\1"               /* table of funcref */
                   "\3env\1u\1\x6f\1\1\2"             /* table of externref, with max */
                   "\3env\1m\2\0\1"                   /* memory */
                   "\3env\1s\2\3\1\2"                 /* shared memory */
                   "\3env\1l\2\4\x80\x80\x80\x80\x10" /* 64-bit: 2^32 pages */
                   "\3env\1g\3\x7f\0"                 /* const i32 */
                   "\3env\1h\3\x7b\1"                 /* var v128 */
                   "\3env\1r\3\x63\x70\0"             /* const (ref null func) */
                   "\3env\1x\4\0\0"                   /* tag */
                   "\0\0\0\0"                         /* two empty names */
                   "\1\0\0\0\0";                      /* a name that is one NUL */
    struct module module = {0};
    struct err err = ERR_INIT;
    static const enum extern_kind kinds[] = {
        EXTERN_FUNC,   EXTERN_TABLE,  EXTERN_TABLE,  EXTERN_MEMORY, EXTERN_MEMORY, EXTERN_MEMORY,
        EXTERN_GLOBAL, EXTERN_GLOBAL, EXTERN_GLOBAL, EXTERN_TAG,    EXTERN_FUNC,   EXTERN_FUNC};
    char patched[sizeof(bytes)];
    memcpy(patched, bytes, sizeof(bytes));
    patched[sizeof(HEAD TYPES)] = (char)(sizeof(bytes) - 1 - sizeof(HEAD TYPES) - 1);
    if (wasm_read(patched, sizeof(bytes) - 1, "f.wasm", &module, &err))
        fail_msg("%s", err_text(&err));
    assert_int_equal(module.import_count, COUNT(kinds));
    for (size_t i = 0; i < COUNT(kinds); i++)
        assert_int_equal(module.imports[i].kind, kinds[i]);
    assert_string_equal(module.imports[0].module, "env");
    assert_string_equal(module.imports[9].name, "x");
    assert_string_equal(module.imports[10].name, "");
    assert_string_equal(module.imports[11].module, "\xef\xbf\xbd");
    assert_int_equal(module.imports[10].index, 1);
    assert_int_equal(module.imported_funcs, 3);
    assert_true(type_has_signature(module_func_type(&module, 0), "iI:f"));
    assert_int_equal(module.tables[1].element.code, VALUE_EXTERNREF);
    assert_int_equal(module.tables[1].limits.max, 2);
    assert_true(module.memories[1].shared && module.memories[2].wide);
    assert_int_equal(module.memories[2].min, UINT64_C(1) << 32);
    assert_int_equal(module.globals[1].value.code, VALUE_V128);
    assert_true(module.globals[1].mutable && !module.globals[0].mutable);
    assert_int_equal(module.globals[2].value.code, VALUE_FUNCREF); /* (ref null func) */
    module_release(&module);
}

static void exports(void **state)
{
    (void)state;
    struct module module = {0};
    assert_int_equal(READ(HEAD TYPES "\2\x16\4\0\0\0\0\0\0\2\0\1\0\1g\3\x7f\0\0\1h\3\x7f\1"
                                     "\7\x14\3\3run\0\0\6memory\2\0\1g\3\1",
                          &module, ERR_IGNORED),
                     0);
    assert_int_equal(module.export_count, 3);
    assert_string_equal(module.exports[1].name, "memory");
    assert_string_equal(module_kind_name(module.exports[1].kind), "memory");
    assert_string_equal(module_kind_name(module.exports[2].kind), "global");
    module_release(&module);
}

static void what_it_is_instead(void **state)
{
    (void)state;
    char tar[512] = "plugin.wasm";
    memcpy(tar + 257, "ustar", 5);
    expect_bytes("", 0, "the file is empty");
    expect_bytes(tar, sizeof(tar), "a tar archive");
    REFUSED("\x1f\x8b\x08\0\0\0\0\0", "begins with 1f 8b 08 00 00 00 00 00 (a gzip file");
    REFUSED("\x7f"
            "ELF\2\1\1\0",
            "an ELF program");
    REFUSED("(module)", "WebAssembly text");
    REFUSED("<!doctype html><html lang=\"en\">", "begins with \"<!doctype html><html lan\"");
    REFUSED("{\"schemaVersion\":2}", "begins with \"{\"schemaVersion\":2}\"");
    REFUSED("\0as", "begins with 00 61 73");
    REFUSED("\0asm\1\0", "ends within the version");
    REFUSED("\0asm\2\0\0\0", "version 02 00 00 00");
    REFUSED("\0asm\xd\0\1\0", "a component, not a core module");
}

static void order(void **state)
{
    (void)state;
    ACCEPTED(HEAD "\1\4\1\x60\0\0"
                  "\2\5\1\0\0\0\0"
                  "\3\1\0"
                  "\4\1\0"
                  "\5\1\0"
                  "\xd\1\0"
                  "\6\1\0"
                  "\7\1\0"
                  "\x8\1\0"
                  "\x9\1\0"
                  "\xc\1\0"
                  "\xa\1\0"
                  "\xb\1\0"
                  "\0\1\0");
    REFUSED(HEAD "\1\1\0"
                 "\0\1\0"
                 "\1\1\0",
            "a second type section, at offset 14");
    REFUSED(HEAD "\7\1\0"
                 "\2\1\0",
            "the import section stands behind the export section");
    REFUSED(HEAD "\xa\1\0"
                 "\xc\1\0",
            "the data count section stands behind the code section");
    REFUSED(HEAD "\6\1\0"
                 "\xd\1\0",
            "the tag section stands behind the global section");
    REFUSED(HEAD "\xe\1\0", "unknown section 14, at offset 8");
}

static void bounds(void **state)
{
    (void)state;
    REFUSED(HEAD "\1", "the file ends too early, at offset 9");
    REFUSED(HEAD "\1\2\0", "the type section says 2 bytes, but the file has 1 more");
    REFUSED(HEAD "\0\1\5", "a name of 5 bytes goes past its section");
    REFUSED(HEAD "\0\0", "the file ends too early");
    REFUSED(HEAD "\0\0\1\1\0", "the section ends too early");
    REFUSED(HEAD "\7\5\xff\xff\xff\xff\xf", "4294967295 exports do not fit");
    REFUSED(HEAD "\2\5\2\0\0\0\0", "2 imports do not fit");
    REFUSED(HEAD "\3\3\0\0\0", "2 bytes are left over behind the functions");
    REFUSED(HEAD "\7\4\1\1a\0", "ends too early");
}

static void numbers(void **state)
{
    (void)state;
    ACCEPTED(HEAD "\1\x81\x80\x80\x80\0\0");
    REFUSED(HEAD "\1\x81\x80\x80\x80\x80\0\0", "a number of 32 bits takes too many bytes");
    REFUSED(HEAD "\1\x81\x80\x80\x80\x10\0", "a number has more than 32 bits");
    /* Memory limits of 64 bits: the tenth byte may hold one bit. */
    ACCEPTED(HEAD "\2\x10\1\0\0\1\x70\4\x80\x80\x80\x80\x80\x80\x80\x80\x80\0");
    REFUSED(HEAD "\2\xf\1\0\0\2\4\xff\xff\xff\xff\xff\xff\xff\xff\xff\1",
            "more than 281474976710656 pages");
    REFUSED(HEAD "\2\xf\1\0\0\2\4\xff\xff\xff\xff\xff\xff\xff\xff\xff\2", "more than 64 bits");
    /* Heap types are signed numbers of 33 bits. */
    ACCEPTED(HEAD "\2\xb\1\0\0\3\x64\xf0\xff\xff\xff\x7f\0");
    REFUSED(HEAD "\2\xb\1\0\0\3\x64\xff\xff\xff\xff\xf\0", "unknown heap type");
    REFUSED(HEAD "\2\xb\1\0\0\3\x64\x80\x80\x80\x80\x70\0", "unknown heap type");
    REFUSED(HEAD "\2\xb\1\0\0\3\x64\xff\xff\xff\xff\x1f\0", "more than 33 bits");
}

static void types(void **state)
{
    (void)state;
    REFUSED(HEAD "\2\6\1\0\0\3\x40\0", "unknown value type 0x40");
    REFUSED(HEAD "\2\6\1\0\0\3\x7f\2", "unknown mutability 0x02");
    REFUSED(HEAD "\2\6\1\0\0\2\2\0", "shared memory without a maximum");
    REFUSED(HEAD "\2\6\1\0\0\2\x10\0", "unknown limits 0x10");
    REFUSED(HEAD "\2\6\1\0\0\4\1\0", "unknown tag attribute 0x01");
    REFUSED(HEAD "\2\5\1\0\0\5\0", "unknown kind 0x05");
}

static void names(void **state)
{
    (void)state;
    ACCEPTED(HEAD "\0\5\4\xf0\x9f\x98\x80");
    ACCEPTED(HEAD "\0\4\3\xed\x9f\xbf");
    REFUSED(HEAD "\0\3\2\xc0\x80", "not valid UTF-8, at offset 10");
    REFUSED(HEAD "\0\4\3\xed\xa0\x80", "not valid UTF-8");
    REFUSED(HEAD "\0\4\3\xe0\x9f\x80", "not valid UTF-8");
    REFUSED(HEAD "\0\5\4\xf4\x90\x80\x80", "not valid UTF-8");
    REFUSED(HEAD "\0\3\2\xe2\x82", "not valid UTF-8");
    REFUSED(HEAD "\0\2\1\xff", "not valid UTF-8");
}

static void add_u32(char **at, uint32_t value)
{
    for (int i = 0; i < 5; i++, value >>= 7)
        *(*at)++ = (char)((value & 0x7f) | (i < 4 ? 0x80 : 0));
}

static void long_names(void **state)
{
    (void)state;
    enum { NAME = MODULE_MAX_NAME };
    AUTO_FREE char *bytes = mem_alloc(NAME + 64);
    for (uint32_t len = NAME; len <= NAME + 1; len++) {
        memcpy(bytes, HEAD, 8);
        char *at = bytes + 8;
        *at++ = 0;
        add_u32(&at, len + 5);
        add_u32(&at, len);
        memset(at, 'n', len);
        size_t total = (size_t)(at - bytes) + len;
        if (len == NAME)
            accept_bytes(bytes, total);
        else
            expect_bytes(bytes, total, "a name of 1000001 bytes is longer than 1000000");
    }
}

static void too_many(void **state)
{
    (void)state;
    enum { BYTES = 3 * (MODULE_MAX_EXPORTS + 1) };
    AUTO_FREE char *bytes = mem_zero(BYTES + 64, 1);
    memcpy(bytes, HEAD, 8);
    char *at = bytes + 8;
    *at++ = 7;
    add_u32(&at, BYTES + 5);
    add_u32(&at, MODULE_MAX_EXPORTS + 1);
    expect_bytes(bytes, (size_t)(at - bytes) + BYTES, "1000001 exports are more than 1000000");
    memset(bytes + 8, 0, BYTES);
    for (size_t i = 0; i <= MODULE_MAX_SECTIONS; i++)
        memcpy(bytes + 8 + 3 * i, "\0\1", 3);
    expect_bytes(bytes, 8 + 3 * (MODULE_MAX_SECTIONS + 1), "more than 10000 sections");
}

static void from_a_descriptor(void **state)
{
    (void)state;
    static const char bytes[] = HEAD RUN;
    AUTO_CLOSE int fd = memory_file(bytes, sizeof(bytes) - 1);
    struct module module = {0};
    assert_int_equal(module_read(fd, "f.wasm", &module, ERR_IGNORED), 0);
    assert_string_equal(module.exports[0].name, "run");
    module_release(&module);
    assert_int_equal(lseek(fd, 0, SEEK_CUR), sizeof(bytes) - 1);

    AUTO_CLOSE int folder = open("/", O_RDONLY | O_CLOEXEC);
    struct err err = ERR_INIT;
    assert_int_equal(module_read(folder, "f.wasm", &module, &err), ERR_DAMAGED);
    assert_string_equal(err_text(&err), "f.wasm: not a regular file");
    err_release(&err);
}

/* A name that begins in one window of the reader and ends in another. */
static void across_windows(void **state)
{
    (void)state;
    enum { BYTES = READER_WINDOW + 1024 };
    AUTO_FREE char *bytes = mem_zero(BYTES, 1);
    for (size_t gap = READER_WINDOW - 40; gap < READER_WINDOW; gap++) {
        memcpy(bytes, HEAD RUN_IMPORT, sizeof(HEAD RUN_IMPORT) - 1);
        char *at = bytes + sizeof(HEAD RUN_IMPORT) - 1;
        *at++ = 0;
        add_u32(&at, (uint32_t)gap);
        at += gap;
        memcpy(at, RUN_EXPORT, sizeof(RUN_EXPORT) - 1);
        AUTO_CLOSE int fd = memory_file(bytes, (size_t)(at - bytes) + sizeof(RUN_EXPORT) - 1);
        struct module module = {0};
        assert_int_equal(module_read(fd, "f.wasm", &module, ERR_IGNORED), 0);
        assert_string_equal(module.exports[0].name, "run");
        module_release(&module);
        memset(bytes, 0, BYTES);
    }
}

/* What is not looked at is not read, whatever its size. */
static void large_file(void **state)
{
    (void)state;
    enum { DATA = 300 * 1024 * 1024 };
    char head[32] = HEAD "\xb";
    char *at = head + 9;
    add_u32(&at, DATA + 7);
    *at++ = 1;
    *at++ = 1; /* passive */
    add_u32(&at, DATA);
    AUTO_CLOSE int fd = memory_file(head, (size_t)(at - head));
    assert_int_equal(ftruncate(fd, (off_t)(at - head) + DATA), 0);
    struct rusage before, after;
    getrusage(RUSAGE_SELF, &before);
    struct module module = {0};
    assert_int_equal(module_read(fd, "f.wasm", &module, ERR_IGNORED), 0);
    getrusage(RUSAGE_SELF, &after);
    assert_int_equal(module.sections[0].size, DATA + 7);
    assert_true(after.ru_maxrss - before.ru_maxrss < 1024); /* kB */
    module_release(&module);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(smallest),
        cmocka_unit_test(sections_are_listed),
        cmocka_unit_test(imports_of_every_kind),
        cmocka_unit_test(exports),
        cmocka_unit_test(what_it_is_instead),
        cmocka_unit_test(order),
        cmocka_unit_test(bounds),
        cmocka_unit_test(numbers),
        cmocka_unit_test(types),
        cmocka_unit_test(names),
        cmocka_unit_test(long_names),
        cmocka_unit_test(too_many),
        cmocka_unit_test(from_a_descriptor),
        cmocka_unit_test(across_windows),
        cmocka_unit_test(large_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
