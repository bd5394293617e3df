/* The wasm that wasme finds in layers. */
#include "tests/unit/files.h"

#include "unit.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/tar_write.h"
#include "image/unwrap.h"

static const char wasm[] = "\0asm\1\0\0\0and more of it";
enum { WASM_LEN = sizeof(wasm) - 1, LIMIT = 1000 };

static int unwrap_to(int layer, enum wrapping declared, int wasm_fd, struct unwrapped *out,
                     struct err *err)
{
    const struct unwrap_request request = {
        .layer = layer, .shown = "layer", .declared = declared, .wasm = wasm_fd, .max = LIMIT};
    return unwrap_wasm(&request, out, err);
}

static int unwrap(int layer, enum wrapping declared, struct unwrapped *out, struct err *err)
{
    AUTO_CLOSE int to = memory_file("", 0);
    int rc = unwrap_to(layer, declared, to, out, err);
    if (rc)
        return rc;
    char got[LIMIT];
    struct digest digest;
    assert_int_equal(pread(to, got, sizeof(got), 0), WASM_LEN);
    assert_memory_equal(got, wasm, WASM_LEN);
    digest_of(wasm, WASM_LEN, &digest);
    assert_string_equal(out->digest.text, digest.text);
    assert_int_equal(out->size, WASM_LEN);
    return 0;
}

static void the_wasm_is_found_in_a_tar(void **state)
{
    (void)state;
    static const struct {
        struct layer_entry files[4];
        const char *entry;
        bool by_rule;
    } cases[] = {
        {{{"plugin.wasm", NULL}}, "plugin.wasm", true},
        {{{"x/plugin.wasm", NULL}, {"plugin.wasm", "second"}}, "x/plugin.wasm", true},
        {{{"other.wasm", "other"}, {"./plugin.wasm", NULL}}, "./plugin.wasm", true},
        {{{"README", "text"}, {"a/filter.wasm", NULL}, {".wasm", "no name"}},
         "a/filter.wasm",
         false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        for (enum tar_packing packing = TAR_PLAIN; packing <= TAR_GZIP; packing++) {
            AUTO(err_release) struct err err = ERR_INIT;
            AUTO(unwrapped_release) struct unwrapped got = {0};
            AUTO_CLOSE int layer = make_layer(packing, cases[i].files, wasm, WASM_LEN);
            assert_ok(unwrap(layer, WRAP_TAR_GZIP, &got, &err), &err);
            assert_string_equal(got.entry, cases[i].entry);
            assert_int_equal(got.wrapping, packing == TAR_GZIP ? WRAP_TAR_GZIP : WRAP_TAR);
            assert_int_equal(got.by_rule, cases[i].by_rule);
            assert_int_equal(got.note == NULL, cases[i].by_rule);
            assert_false(got.has_runtime);
        }
    }
}

static void a_runtime_config_comes_along(void **state)
{
    (void)state;
    static const struct layer_entry before[] = {
        {"runtime-config.json", "{}"}, {"plugin.wasm", NULL}, {0}};
    static const struct layer_entry behind[] = {
        {"plugin.wasm", NULL}, {"x/runtime-config.json", "{}"}, {0}};
    const struct layer_entry *const both[] = {before, behind};
    for (size_t i = 0; i < COUNT(both); i++) {
        AUTO(err_release) struct err err = ERR_INIT;
        AUTO(unwrapped_release) struct unwrapped got = {0};
        AUTO_CLOSE int layer = make_layer(TAR_GZIP, both[i], wasm, WASM_LEN);
        assert_ok(unwrap(layer, WRAP_TAR_GZIP, &got, &err), &err);
        assert_true(got.has_runtime);
        assert_string_equal(buf_text(&got.runtime_config), "{}");
    }
}

static void a_raw_layer_is_the_wasm(void **state)
{
    (void)state;
    AUTO(err_release) struct err err = ERR_INIT;
    AUTO(unwrapped_release) struct unwrapped got = {0};
    AUTO_CLOSE int layer = memory_file(wasm, WASM_LEN);
    assert_ok(unwrap(layer, WRAP_TAR_GZIP, &got, &err), &err); /* whatever the media type says */
    assert_int_equal(got.wrapping, WRAP_RAW);
    assert_null(got.entry);
}

static void layers_without_one_wasm_are_refused(void **state)
{
    (void)state;
    static const struct {
        struct layer_entry files[3];
        const char *says;
    } cases[] = {
        {{{"README", "text"}}, "no plugin.wasm and no other .wasm file"},
        {{{"a.wasm", "a"}, {"b.wasm", "b"}}, "no plugin.wasm, and 2 other .wasm files"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        AUTO(err_release) struct err err = ERR_INIT;
        struct unwrapped got = {0};
        AUTO_CLOSE int layer = make_layer(TAR_GZIP, cases[i].files, wasm, WASM_LEN);
        assert_int_equal(unwrap(layer, WRAP_TAR_GZIP, &got, &err), ERR_NOT_FOUND);
        assert_contains(err_text(&err), cases[i].says);
    }
}

static void what_is_no_layer_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {"", "a text, and no layer", "\x1f\x8b\x08 and nonsense"};
    for (size_t i = 0; i < COUNT(texts); i++) {
        AUTO(err_release) struct err err = ERR_INIT;
        struct unwrapped got = {0};
        AUTO_CLOSE int layer = memory_file(texts[i], strlen(texts[i]));
        /* An empty one may be a layer above the one with the wasm. */
        int expected = texts[i][0] ? ERR_DAMAGED : ERR_NOT_FOUND;
        assert_int_equal(unwrap(layer, WRAP_RAW, &got, &err), expected);
        assert_contains(err_text(&err), "layer: ");
    }
}

static void a_wasm_beyond_the_limit_is_refused(void **state)
{
    (void)state;
    AUTO_FREE char *large = mem_alloc(LIMIT + 2);
    memset(large, 'x', LIMIT + 1);
    memcpy(large, wasm, 8);
    large[LIMIT + 1] = '\0';
    AUTO(tar_abandon_at) struct tar_writer *writer = NULL;
    AUTO_CLOSE int tar = memory_file("", 0);
    AUTO_CLOSE int raw = memory_file(large, LIMIT + 1);
    assert_int_equal(tar_create(tar, "layer", TAR_GZIP, &writer, ERR_IGNORED), 0);
    assert_int_equal(tar_add(writer, "plugin.wasm", large, LIMIT + 1, ERR_IGNORED), 0);
    assert_int_equal(tar_finish(writer, ERR_IGNORED), 0);
    const int layers[] = {tar, raw};
    for (size_t i = 0; i < COUNT(layers); i++) {
        AUTO(err_release) struct err err = ERR_INIT;
        AUTO_CLOSE int to = memory_file("", 0);
        struct unwrapped got = {0};
        assert_int_equal(unwrap_to(layers[i], WRAP_RAW, to, &got, &err), ERR_DAMAGED);
        assert_contains(err_text(&err),
                        "more than 1000 bytes, the limit: raise it with --max-size");
        assert_int_equal(lseek(to, 0, SEEK_END), 0);
    }
}

static const char script[] =
    "printf '\\000asm\\001\\000\\000\\000and more of it' >plugin.wasm; "
    "gzip -k plugin.wasm; zstd -qk plugin.wasm; mkdir d l; cp plugin.wasm d; "
    "tar -cf plain.tar d; tar -czf gzip.tar d; zstd -q plain.tar -o zstd.tar; "
    "tar --format=v7 -cf old.tar d; ln -s ../plugin.wasm l/plugin.wasm; tar -cf link.tar l; "
    "tar -cf both.tar l d";

/* Layers that gzip, zstd and GNU tar wrote. */
static void real_layers_are_unwrapped(void **state)
{
    (void)state;
    struct made_folder folder = MADE_FOLDER;
    int status = made_folder_fill(&folder, script);
    static const struct {
        const char *file;
        enum wrapping wrapping;
        int rc;
    } cases[] = {
        {"plugin.wasm.gz", WRAP_GZIP, 0},
        {"plugin.wasm.zst", WRAP_ZSTD, 0},
        {"plain.tar", WRAP_TAR, 0},
        {"gzip.tar", WRAP_TAR_GZIP, 0},
        {"zstd.tar", WRAP_TAR_ZSTD, 0},
        {"old.tar", WRAP_TAR, 0},
        {"link.tar", WRAP_TAR, ERR_NOT_FOUND},
        {"both.tar", WRAP_TAR, 0},
    };
    for (size_t i = 0; status == 0 && i < COUNT(cases); i++) {
        AUTO(err_release) struct err err = ERR_INIT;
        AUTO(unwrapped_release) struct unwrapped got = {0};
        AUTO_CLOSE int layer = made_folder_open(&folder, cases[i].file);
        int rc = unwrap(layer, WRAP_TAR, &got, &err);
        assert_int_equal(rc, cases[i].rc);
        if (rc == 0)
            assert_string_equal(wrapping_name(got.wrapping), wrapping_name(cases[i].wrapping));
        assert_int_equal(got.note != NULL, strcmp(cases[i].file, "both.tar") == 0);
    }
    made_folder_remove(&folder);
    if (status)
        skip(); /* no zstd */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_wasm_is_found_in_a_tar),
        cmocka_unit_test(a_runtime_config_comes_along),
        cmocka_unit_test(a_raw_layer_is_the_wasm),
        cmocka_unit_test(layers_without_one_wasm_are_refused),
        cmocka_unit_test(what_is_no_layer_is_refused),
        cmocka_unit_test(a_wasm_beyond_the_limit_is_refused),
        cmocka_unit_test(real_layers_are_unwrapped),
    };
    return cmocka_run_group_tests_name("unwrap", tests, NULL, NULL);
}
