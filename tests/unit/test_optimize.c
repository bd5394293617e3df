/* The flags that allow wasm-opt the extensions of a module. */
#include "unit.h"

#include "base/buf.h"
#include "toolchain/optimize.h"

#define SET(name) (1u << FEATURE_##name)

static void expect_flags(uint32_t features, const char *wanted)
{
    AUTO(args_release) struct args args = {0};
    AUTO(buf_release) struct buf line = BUF_INIT(1024);
    optimize_add_features(features, &args);
    for (size_t i = 0; i < args.count; i++)
        buf_printf(&line, "%s%s", i ? " " : "", args.items[i]);
    assert_string_equal(buf_text(&line), wanted);
}

static void test_flags(void **state)
{
    (void)state;
    expect_flags(0, "--mvp-features");
    expect_flags(SET(SIGN_EXTENSION) | SET(BULK_MEMORY),
                 "--mvp-features --enable-sign-ext --enable-bulk-memory");
    expect_flags(SET(RELAXED_SIMD), "--mvp-features --enable-simd --enable-relaxed-simd");
    expect_flags(SET(GC) | SET(TYPED_REFS), "--mvp-features --enable-reference-types --enable-gc");
    expect_flags(SET(LEGACY_EXCEPTIONS),
                 "--mvp-features --enable-reference-types --enable-exception-handling");
}

/* Every feature has a flag. */
static void test_all(void **state)
{
    (void)state;
    for (unsigned i = 0; i < FEATURE_COUNT; i++) {
        AUTO(args_release) struct args args = {0};
        optimize_add_features(1u << i, &args);
        assert_true(args.count >= 2);
        for (size_t at = 1; at < args.count; at++)
            assert_ptr_equal(strstr(args.items[at], "--enable-"), args.items[at]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_flags),
        cmocka_unit_test(test_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
