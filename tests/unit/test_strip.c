/* Strips of modules: which sections go, and that all other bytes stay the same. */
#include "tests/unit/files.h"

#include "unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/stop.h"
#include "module/mention.h"
#include "module/module.h"
#include "module/reader.h"
#include "module/strip.h"

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

/* A section of the name with so many bytes behind the name. */
static size_t put_custom(uint8_t *out, const char *name, size_t len, uint8_t byte)
{
    size_t name_len = strlen(name), size = 1 + name_len + len;
    out[0] = 0;
    for (int i = 0; i < 5; i++)
        out[1 + i] = (uint8_t)((size >> 7 * i & 0x7f) | (i < 4 ? 0x80 : 0));
    out[6] = (uint8_t)name_len;
    memcpy(out + 7, name, name_len);
    memset(out + 7 + name_len, byte, len);
    return 6 + size;
}

/* Sections that are larger than what is copied at once, beside small ones. */
static void test_large_sections(void **state)
{
    (void)state;
    enum { LARGE = 300000 };
    AUTO_FREE uint8_t *in = mem_alloc(OUT_MAX);
    AUTO_FREE uint8_t *out = mem_alloc(OUT_MAX);
    memcpy(in, HEAD, 8);
    size_t len = 8 + put_custom(in + 8, "name", 7, 1);
    size_t kept = len;
    len += put_custom(in + len, "kept", LARGE, 0xab);
    size_t kept_len = len - kept;
    len += put_custom(in + len, ".debug_line", LARGE, 2);
    size_t last = len;
    len += put_custom(in + len, "x", 3, 4);
    assert_int_equal(strip_bytes(in, len, out), 8 + kept_len + (len - last));
    assert_memory_equal(out + 8, in + kept, kept_len);
    assert_memory_equal(out + 8 + kept_len, in + last, len - last);
}

/* As many sections as a module may have: half of them stay. */
static void test_many_sections(void **state)
{
    (void)state;
    AUTO_FREE uint8_t *in = mem_alloc(OUT_MAX);
    AUTO_FREE uint8_t *out = mem_alloc(OUT_MAX);
    memcpy(in, HEAD, 8);
    size_t len = 8;
    for (int i = 0; i < MODULE_MAX_SECTIONS; i++)
        len += put_custom(in + len, i % 2 ? "name" : "keep", 1, (uint8_t)i);
    assert_int_equal(strip_bytes(in, len, out), 8 + (len - 8) / 2);
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
    assert_int_equal(strip_copy(from, &module, full, "f.wasm", &err), ERR_FAILED);
    assert_contains(err_text(&err), "No space left on device");
    volatile int interrupted = 15;
    stop_when(&interrupted, 0);
    assert_int_equal(strip_copy(from, &module, full, "f.wasm", &err), ERR_INTERRUPTED);
    stop_when(NULL, 0);
}

/* A module whose section of that id or name has the text. */
static size_t module_with(const char *name, const char *text, size_t text_len, uint8_t *out)
{
    memcpy(out, HEAD, 8);
    size_t len = put_custom(out + 8, name, text_len, 0);
    memcpy(out + 8 + len - text_len, text, text_len);
    return 8 + len;
}

static void expect_mentions(const char *name, const char *text, size_t text_len, uint64_t wanted)
{
    static const char *const folders[] = {"/home/ann", "/src", "/home/ann/project", "/", "rel",
                                          "/src",      NULL};
    AUTO(module_release) struct module module = {0};
    AUTO(err_release) struct err err = ERR_INIT;
    AUTO_FREE uint8_t *bytes = mem_alloc(OUT_MAX);
    size_t len = module_with(name, text, text_len, bytes);
    AUTO_CLOSE int fd = memory_file(bytes, len);
    struct mentions mentions;
    assert_ok(module_read(fd, "f.wasm", &module, &err), &err);
    assert_ok(module_mentions(fd, &module, folders, &mentions, &err), &err);
    if (mentions.dropped != wanted)
        fail_msg("%s: %d, not %d", text, (int)mentions.dropped, (int)wanted);
    assert_int_equal(mentions.data, 0);
}

#define MENTIONS(text, wanted) expect_mentions(".debug_str", text, sizeof(text) - 1, wanted)

static void test_mentions(void **state)
{
    (void)state;
    MENTIONS("", 0);
    MENTIONS("/home/ann", 1);
    MENTIONS("/home/ann\0/home/ann/a.go\0x/home/ann/b", 3);
    MENTIONS("/home/anna\0/home/an\0/home/ann.old/x", 0);
    MENTIONS("/home/ann/project/main.go", 1); /* once, though two of the folders fit */
    MENTIONS("/src/a.c\0/src\0", 2);
    MENTIONS("/usr/go/src/a.go\0/srcs\0//src", 0);
    MENTIONS("out of bounds/src/a.rs", 1); /* as messages stand in data */
    MENTIONS("relative / rel/x", 0);
    expect_mentions("other", "/home/ann/x", 11, 0);
}

/* No path is lost or counted twice where the pieces meet that are read at once. */
static void test_mentions_at_edges(void **state)
{
    (void)state;
    enum { LEN = 300000, STEP = 997 };
    AUTO_FREE char *text = mem_zero(LEN, 1);
    uint64_t wanted = 0;
    for (size_t at = 0; at + 16 < LEN; at += STEP, wanted++)
        memcpy(text + at, "/home/ann/x", 11);
    expect_mentions(".debug_line", text, LEN, wanted);
    for (size_t edge = READER_WINDOW - 12; edge < READER_WINDOW + 3; edge++) {
        memset(text, 0, LEN);
        memcpy(text + edge, "/home/ann", 9);
        expect_mentions(".debug_line", text, LEN, 1);
    }
    for (size_t edge = 0; edge < 16; edge++) {
        size_t at = READER_WINDOW - MENTION_FOLDER_MAX - edge;
        memset(text, 0, LEN);
        memcpy(text + at, "/go/src/a", 9); /* the bytes before the path are in another piece */
        expect_mentions(".debug_line", text, LEN, 0);
    }
}

static void test_mentions_in_data(void **state)
{
    (void)state;
    static const char module_bytes[] = HEAD "\5\3\1\0\1"
                                            "\13\25\1\1\22/home/ann/src/a.rs";
    static const char *const folders[] = {"/home/ann", NULL};
    AUTO(module_release) struct module module = {0};
    AUTO(err_release) struct err err = ERR_INIT;
    AUTO_CLOSE int fd = memory_file(module_bytes, sizeof(module_bytes) - 1);
    struct mentions mentions;
    assert_ok(module_read(fd, "f.wasm", &module, &err), &err);
    assert_ok(module_mentions(fd, &module, folders, &mentions, &err), &err);
    assert_int_equal(mentions.data, 1);
    assert_int_equal(mentions.dropped, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_positions),
        cmocka_unit_test(test_padded_numbers),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_large_sections),
        cmocka_unit_test(test_many_sections),
        cmocka_unit_test(test_truncated),
        cmocka_unit_test(test_shrunk),
        cmocka_unit_test(test_failures),
        cmocka_unit_test(test_mentions),
        cmocka_unit_test(test_mentions_at_edges),
        cmocka_unit_test(test_mentions_in_data),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
