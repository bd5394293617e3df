/* Which functions a function calls, and the custom sections that name functions and tools. */
#include "tests/unit/files.h"
#include "tests/unit/wasm.h"

#include "unit.h"

#include <unistd.h>

#include "base/mem.h"
#include "module/names.h"
#include "module/producers.h"
#include "module/reach.h"

/* A module of functions of type () -> () but for those of `results`; 0 is env.a, 1 is proc_exit. */
static int make(struct module *module, const char *const *bodies, const size_t *lens, size_t count)
{
    struct buf bytes = BUF_INIT(WASM_MAX), section = BUF_INIT(WASM_MAX);
    wasm_begin(&bytes);
    WASM_SECTION(&bytes, 1, "\1\x60\0\0");
    WASM_SECTION(&bytes, 2, "\2\3env\1a\0\0\1w\x9proc_exit\0\0");
    wasm_u32(&section, (uint32_t)count);
    for (size_t i = 0; i < count; i++)
        buf_add(&section, "\0", 1);
    wasm_section(&bytes, 3, section.data, section.len);
    WASM_SECTION(&bytes, 4, "\1\x70\0\1");
    buf_clear(&section);
    wasm_u32(&section, (uint32_t)count);
    for (size_t i = 0; i < count; i++) {
        wasm_u32(&section, (uint32_t)lens[i] + 2);
        buf_add(&section, "\0", 1);
        buf_add(&section, bodies[i], lens[i]);
        buf_add(&section, "\x0b", 1);
    }
    wasm_section(&bytes, 10, section.data, section.len);
    WASM_SECTION(&bytes, 0,
                 "\4name\0\3\2me\1\xa\2\2\3two\4\2x\xff\1\2\0\0"); /* the second is damaged */
    WASM_SECTION(&bytes, 0,
                 "\x9producers\1\x8language\1\2Go\4"
                 "1.24");
    WASM_SECTION(&bytes, 0, "\xftarget_features\2+\7simd128-\4simd");
    int fd = memory_file(bytes.data, bytes.len);
    struct err err = ERR_INIT;
    if (module_read(fd, "f.wasm", module, &err))
        fail_msg("%s", err_text(&err));
    buf_release(&section);
    buf_release(&bytes);
    return fd;
}

#define BODY(literal) bodies[count] = literal, lens[count++] = sizeof(literal) - 1

struct set {
    const char *may, *must; /* "01": of the functions 0 and 1 */
    bool indirect, traps, endless;
};

static void look(int fd, const struct module *module, uint32_t func, struct set wanted)
{
    AUTO(module_reach_release) struct module_reach reach = {0};
    assert_int_equal(module_reach_find(fd, module, func, &reach, ERR_IGNORED), 0);
    for (size_t i = 0; i < module->func_count; i++) {
        if (reach.may[i] != (strchr(wanted.may, (int)('0' + i)) != NULL) ||
            reach.must[i] != (strchr(wanted.must, (int)('0' + i)) != NULL))
            fail_msg("function %u: may %d and must %d call %zu", func, reach.may[i], reach.must[i],
                     i);
    }
    assert_int_equal(reach.indirect, wanted.indirect);
    assert_int_equal(reach.traps, wanted.traps);
    assert_int_equal(reach.endless, wanted.endless);
}

static void calls(void **state)
{
    (void)state;
    const char *bodies[10];
    size_t lens[10], count = 0;
    BODY("\x10\0");                   /* 2: calls 0 */
    BODY("\x10\2\x10\1\x10\0");       /* 3: by 2, then exits */
    BODY("\x02\x40\x0c\0\x0b\x10\2"); /* 4: behind a branch */
    BODY("\x41\0\x11\0\0\x10\0");     /* 5: through a table */
    BODY("\x10\7\x10\0");             /* 6: of one that never returns */
    BODY("\x10\0\x00");               /* 7: traps */
    BODY("\x10\x9\x10\0");            /* 8 and 9: in a circle */
    BODY("\x03\x40\x10\x8\x0b");
    AUTO(module_release) struct module module = {0};
    AUTO_CLOSE int fd = make(&module, bodies, lens, count);
    look(fd, &module, 0, (struct set){"", "", false, false, false});
    look(fd, &module, 2, (struct set){"0", "0", false, false, false});
    look(fd, &module, 3, (struct set){"012", "012", false, false, false});
    look(fd, &module, 4, (struct set){"02", "", false, false, false});
    look(fd, &module, 5, (struct set){"0", "", true, false, false});
    look(fd, &module, 6, (struct set){"07", "07", false, true, false});
    look(fd, &module, 7, (struct set){"0", "0", false, true, false});
    look(fd, &module, 8, (struct set){"089", "89", false, false, true});
}

/* No function calls itself here to look into a function: the depth does not matter. */
static void deep(void **state)
{
    (void)state;
    enum { DEPTH = 100000 };
    AUTO_FREE char *text = mem_zero(DEPTH, 8);
    AUTO_FREE const char **bodies = mem_zero(DEPTH, sizeof(*bodies));
    AUTO_FREE size_t *lens = mem_zero(DEPTH, sizeof(*lens));
    for (size_t i = 0; i < DEPTH; i++) {
        struct buf call = BUF_INIT(8);
        buf_add(&call, "\x10", 1);
        wasm_u32(&call, i + 1 < DEPTH ? (uint32_t)i + 3 : 0);
        memcpy(text + 8 * i, call.data, call.len);
        bodies[i] = text + 8 * i;
        lens[i] = call.len;
        buf_release(&call);
    }
    AUTO(module_release) struct module module = {0};
    AUTO_CLOSE int fd = make(&module, bodies, lens, DEPTH);
    AUTO(module_reach_release) struct module_reach reach = {0};
    assert_int_equal(module_reach_find(fd, &module, 2, &reach, ERR_IGNORED), 0);
    assert_true(reach.must[0] && reach.may[0] && !reach.must[1]);
}

static void constants(void **state)
{
    (void)state;
    struct buf bytes = BUF_INIT(WASM_MAX);
    wasm_begin(&bytes);
    WASM_SECTION(&bytes, 1, "\2\x60\0\1\x7f\x60\0\1\x7e");
    WASM_SECTION(&bytes, 3, "\3\0\1\0");
    WASM_SECTION(&bytes, 10, "\3\4\0\x41\x7f\x0b\5\0\x42\x80\1\x0b\5\0\x41\1\x45\x0b");
    AUTO_CLOSE int fd = memory_file(bytes.data, bytes.len);
    AUTO(module_release) struct module module = {0};
    assert_int_equal(module_read(fd, "f.wasm", &module, ERR_IGNORED), 0);
    static const int64_t values[] = {-1, 128, 0};
    for (uint32_t i = 0; i < 3; i++) {
        AUTO(module_reach_release) struct module_reach reach = {0};
        assert_int_equal(module_reach_find(fd, &module, i, &reach, ERR_IGNORED), 0);
        assert_int_equal(reach.constant, i < 2);
        assert_int_equal(reach.value, values[i]);
    }
    /* The file is another one now. */
    AUTO(module_reach_release) struct module_reach reach = {0};
    struct err err = ERR_INIT;
    assert_int_equal(ftruncate(fd, (off_t)bytes.len - 6), 0);
    assert_int_equal(module_reach_find(fd, &module, 2, &reach, &err), ERR_DAMAGED);
    err_release(&err);
    buf_release(&bytes);
}

static void hints(void **state)
{
    (void)state;
    const char *bodies[] = {"\x10\0"};
    AUTO(module_release) struct module module = {0};
    AUTO_CLOSE int fd = make(&module, bodies, (const size_t[]){2}, 1);
    AUTO(module_names_release) struct module_names names = {0};
    assert_int_equal(module_names_read(fd, &module, &names, ERR_IGNORED), 0);
    assert_string_equal(names.module, "me");
    assert_string_equal(module_names_func(&names, 2), "two");
    assert_null(module_names_func(&names, 1));
    assert_null(module_names_func(&names, 99));
    AUTO(module_producers_release) struct module_producers producers = {0};
    assert_int_equal(module_producers_read(fd, &module, &producers, ERR_IGNORED), 0);
    assert_int_equal(producers.count, 1);
    assert_string_equal(producers.items[0].field, "language");
    assert_string_equal(producers.items[0].name, "Go");
    assert_string_equal(producers.items[0].version, "1.24");
    assert_int_equal(producers.feature_count, 2);
    assert_string_equal(producers.features[0], "+simd128");
    assert_string_equal(producers.features[1], "-simd");
    assert_false(module.relocatable);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calls),
        cmocka_unit_test(deep),
        cmocka_unit_test(constants),
        cmocka_unit_test(hints),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
