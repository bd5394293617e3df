/* Strips of modules: which sections go, and that all other bytes stay the same. */
#include "tests/unit/files.h"

#include "unit.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/stop.h"
#include "module/module.h"
#include "module/strip.h"
#include "tests/unit/wasm.h"

#define HEAD "\0asm\1\0\0\0"
#define TYPE "\1\4\1\x60\0\0"
#define FUNC "\3\2\1\0"
#define CODE "\12\4\1\2\0\13"
#define NAME "\0\7\4name\0\0"
#define PRODUCERS "\0\13\11producers\0"
#define DEBUG "\0\14\12.debug_str\0"
#define OTHER "\0\7\5other\1"
/* The same section, with a size of five bytes. */
#define WIDE_NAME "\0\x87\x80\x80\x80\0\4name\0\0"
#define WIDE_OTHER "\0\x87\x80\x80\x80\0\5other\1"
#define WIDE_TYPE "\1\x84\x80\x80\x80\0\1\x60\0\0"

#define OUT_MAX (1 << 20)

/* The strip of some bytes, in `out`. */
static size_t strip_bytes(const void *bytes, size_t len, uint8_t *out)
{
    AUTO(module_release) struct module module = {0};
    AUTO(err_release) struct err err = ERR_INIT;
    AUTO_CLOSE int from = memory_file(bytes, len);
    AUTO_CLOSE int to = memory_file("", 0);
    assert_ok(module_read(from, "f.wasm", &module, &err), &err);
    assert_ok(strip_copy(from, &module, to, "f.wasm", &err), &err);
    ssize_t got = pread(to, out, OUT_MAX, 0);
    assert_true(got >= 0);
    assert_int_equal(got, strip_size(&module));
    return (size_t)got;
}

static void expect_bytes(const void *bytes, size_t len, const void *wanted, size_t wanted_len)
{
    AUTO_FREE uint8_t *out = mem_alloc(OUT_MAX);
    assert_int_equal(strip_bytes(bytes, len, out), wanted_len);
    assert_memory_equal(out, wanted, wanted_len);
}

#define EXPECT(bytes, wanted) expect_bytes(bytes, sizeof(bytes) - 1, wanted, sizeof(wanted) - 1)

static void test_positions(void **state)
{
    (void)state;
    EXPECT(HEAD, HEAD);
    EXPECT(HEAD TYPE FUNC CODE, HEAD TYPE FUNC CODE);
    EXPECT(HEAD NAME TYPE FUNC CODE, HEAD TYPE FUNC CODE);
    EXPECT(HEAD TYPE NAME FUNC DEBUG CODE, HEAD TYPE FUNC CODE);
    EXPECT(HEAD TYPE FUNC CODE NAME PRODUCERS DEBUG, HEAD TYPE FUNC CODE);
    EXPECT(HEAD OTHER NAME TYPE OTHER FUNC DEBUG CODE OTHER NAME,
           HEAD OTHER TYPE OTHER FUNC CODE OTHER);
    EXPECT(HEAD NAME NAME OTHER NAME NAME, HEAD OTHER);
    EXPECT(HEAD NAME PRODUCERS DEBUG, HEAD);
}

/* The bytes of what stays are not written anew: a number in more bytes than it needs stays one. */
static void test_padded_numbers(void **state)
{
    (void)state;
    EXPECT(HEAD WIDE_TYPE WIDE_NAME FUNC WIDE_OTHER CODE, HEAD WIDE_TYPE FUNC WIDE_OTHER CODE);
}

static bool drops(const char *name)
{
    AUTO_FREE char *own = mem_dup(name);
    const struct module_section section = {.name = own};
    return strip_drops(&section);
}

static void test_names(void **state)
{
    (void)state;
    static const char *const gone[] = {"name",       "producers",         ".debug_info",
                                       ".debug_",    "linking",           "sourceMappingURL",
                                       "reloc.CODE", "reloc..debug_info", "external_debug_info"};
    static const char *const stay[] = {"",
                                       "names",
                                       "nam",
                                       "Name",
                                       "name ",
                                       ".debug",
                                       "x.debug_",
                                       "precompiled_v8",
                                       "wasmedge",
                                       "dylink.0",
                                       "build_id",
                                       "target_features",
                                       "reloc",
                                       "linking2",
                                       "go:buildid",
                                       "metadata.code.branch_hint",
                                       "producers\xef\xbf\xbd"};
    for (size_t i = 0; i < COUNT(gone); i++)
        assert_true(drops(gone[i]));
    for (size_t i = 0; i < COUNT(stay); i++)
        assert_false(drops(stay[i]));
    assert_false(strip_drops(&(const struct module_section){.id = 10}));
}

/* Sections that are larger than what is copied at once, beside small ones. */
static void test_large_sections(void **state)
{
    (void)state;
    enum { LARGE = 300000 };
    AUTO_FREE char *large = mem_zero(LARGE, 1);
    AUTO(buf_release) struct buf in = BUF_INIT(WASM_MAX);
    AUTO(buf_release) struct buf wanted = BUF_INIT(WASM_MAX);
    for (size_t i = 0; i < LARGE; i++)
        large[i] = (char)(i % 251);
    wasm_begin(&in);
    wasm_begin(&wanted);
    wasm_custom(&in, "name", "1234567", 7);
    wasm_custom(&in, "kept", large, LARGE);
    wasm_custom(&wanted, "kept", large, LARGE);
    wasm_custom(&in, ".debug_line", large, LARGE);
    wasm_custom(&in, "x", "yz", 2);
    wasm_custom(&wanted, "x", "yz", 2);
    expect_bytes(in.data, in.len, wanted.data, wanted.len);
}

/* As many sections as a module may have: half of them stay. */
static void test_many_sections(void **state)
{
    (void)state;
    AUTO(buf_release) struct buf in = BUF_INIT(WASM_MAX);
    AUTO(buf_release) struct buf wanted = BUF_INIT(WASM_MAX);
    wasm_begin(&in);
    wasm_begin(&wanted);
    for (int i = 0; i < MODULE_MAX_SECTIONS; i++) {
        uint8_t byte = (uint8_t)i;
        wasm_custom(&in, i % 2 ? "name" : "keep", &byte, 1);
        if (i % 2 == 0)
            wasm_custom(&wanted, "keep", &byte, 1);
    }
    expect_bytes(in.data, in.len, wanted.data, wanted.len);
}

static void refuse_bytes(const void *bytes, size_t len)
{
    AUTO(module_release) struct module module = {0};
    AUTO(err_release) struct err err = ERR_INIT;
    AUTO_CLOSE int from = memory_file(bytes, len);
    assert_int_equal(module_read(from, "f.wasm", &module, &err), ERR_DAMAGED);
    assert_null(module.sections);
}

/* A cut module is refused at each byte where the cut is not between sections. */
static void test_truncated(void **state)
{
    (void)state;
    static const char whole[] = HEAD TYPE NAME FUNC CODE DEBUG;
    for (size_t len = 0; len < sizeof(whole) - 1; len++) {
        bool between = len == 8 || len == 14 || len == 23 || len == sizeof(whole) - 1 - 14;
        if (!between)
            refuse_bytes(whole, len);
    }
    refuse_bytes(HEAD "\0\xff\xff\xff\xff\xf\4name", 8 + 11);
    refuse_bytes(HEAD "\0\5\xff\xff\xff\xff\xf", 8 + 7);
}

/* The file becomes shorter between the two reads. */
static void test_shrunk(void **state)
{
    (void)state;
    static const char whole[] = HEAD NAME TYPE OTHER;
    AUTO(module_release) struct module module = {0};
    AUTO(err_release) struct err err = ERR_INIT;
    AUTO_CLOSE int from = memory_file(whole, sizeof(whole) - 1);
    AUTO_CLOSE int to = memory_file("", 0);
    assert_ok(module_read(from, "f.wasm", &module, &err), &err);
    assert_int_equal(ftruncate(from, 20), 0);
    assert_int_equal(strip_copy(from, &module, to, "f.wasm", &err), ERR_DAMAGED);
    assert_contains(err_text(&err), "f.wasm: the file became shorter while it was read");
}

static void test_failures(void **state)
{
    (void)state;
    static const char whole[] = HEAD NAME TYPE OTHER;
    AUTO(module_release) struct module module = {0};
    AUTO(err_release) struct err err = ERR_INIT;
    AUTO_CLOSE int from = memory_file(whole, sizeof(whole) - 1);
    AUTO_CLOSE int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    assert_ok(module_read(from, "f.wasm", &module, &err), &err);
    assert_int_equal(strip_copy(from, &module, full, "f.wasm", &err), ERR_FULL);
    assert_contains(err_text(&err), "No space left on device");
    volatile int interrupted = 15;
    stop_when(&interrupted, 0);
    assert_int_equal(strip_copy(from, &module, full, "f.wasm", &err), ERR_INTERRUPTED);
    stop_when(NULL, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_positions),     cmocka_unit_test(test_padded_numbers),
        cmocka_unit_test(test_names),         cmocka_unit_test(test_large_sections),
        cmocka_unit_test(test_many_sections), cmocka_unit_test(test_truncated),
        cmocka_unit_test(test_shrunk),        cmocka_unit_test(test_failures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
