/* What gateways take out of a layer: tests/hosts/gateways holds the same against their own code. */
#include "tests/unit/files.h"
#include "tests/unit/gateway_image.h"

#include "unit.h"

#include <unistd.h>

#include "base/base64.h"
#include "image/gateway_gzip.h"
#include "image/gateway_tar.h"

static void assert_layer(const struct buf *layer, const char *because)
{
    AUTO(blobs_release) struct blobs blobs = {.count = 0};
    AUTO_FREE char *described = describe(&blobs, MEDIA_OCI_TAR_GZIP, layer, "");
    AUTO_FREE char *manifest = compose(CONFIG, described);
    assert_verdict(&(struct way){.texts = {manifest}}, &blobs, because);
}

static void a_search_ends_behind_the_module(void **state)
{
    (void)state;
    static const struct {
        char type;         /* of a first entry, named... */
        const char *first; /* NULL: there is none */
        size_t cut;        /* bytes that are missing at the end */
        const char *behind;
        const char *because;
    } cases[] = {
        {0, NULL, 0, NULL, NULL},
        {0, NULL, BLOCK - WASM_LEN, NULL, NULL}, /* no padding */
        {0, NULL, BLOCK - WASM_LEN + 1, NULL, "before the end of its plugin.wasm"},
        {0, NULL, BLOCK + 1, NULL, "before the end of its plugin.wasm"},
        {0, NULL, 0, "no header of a tar", NULL},
        {'5', "plugin.wasm/", 0, NULL,
         "the first plugin.wasm in the last layer is no file but a folder"},
        {'2', "a/plugin.wasm", 0, NULL, "is no file but a link"},
        {'1', "plugin.wasm", 0, NULL, "is no file but a link"},
        {'3', "plugin.wasm", 0, NULL, "is no file but a device"},
        {'0', "plugin.wasm", 0, NULL, "does not begin as a wasm does"},
        {'5', "a/", 0, NULL, NULL},
        {'0', "plugin.wasm.gz", 0, NULL, NULL},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        AUTO(buf_release) struct buf tar = BUF_INIT(1 << 20);
        AUTO(buf_release) struct buf layer = BUF_INIT(1 << 20);
        if (cases[i].first)
            add_header(&tar, cases[i].first, cases[i].type, 0);
        add_file(&tar, "./plugin.wasm", WASM, WASM_LEN);
        tar.len -= cases[i].cut;
        if (cases[i].behind)
            buf_add_text(&tar, cases[i].behind);
        add_gzip(&layer, &tar);
        assert_layer(&layer, cases[i].because);
    }
}

static void headers_have_to_be_right(void **state)
{
    (void)state;
    static const struct {
        size_t at; /* in the block before the module's: what is changed */
        const char *to;
        const char *because;
    } cases[] = {
        {148, "000000", "archive/tar: invalid tar header"}, /* the sum */
        {257, "USTAR", "archive/tar: invalid tar header"},  /* covered by the sum */
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        AUTO(buf_release) struct buf tar = BUF_INIT(1 << 20);
        AUTO(buf_release) struct buf layer = BUF_INIT(1 << 20);
        add_file(&tar, "README", "x", 1);
        add_file(&tar, "plugin.wasm", WASM, WASM_LEN);
        memcpy(tar.data + cases[i].at, cases[i].to, strlen(cases[i].to));
        add_gzip(&layer, &tar);
        assert_layer(&layer, cases[i].because);
    }
}

static void pax_and_long_names_count(void **state)
{
    (void)state;
    static const struct {
        char type;
        const char *text, *name, *because;
    } cases[] = {
        {'x', "22 path=a/plugin.wasm\n", "short", NULL},
        {'x', "17 path=a/b.wasm\n", "plugin.wasm",
         "has no plugin.wasm, and a/b.wasm is not looked for"},
        {'x', "17 path=a/b.wasm", "plugin.wasm", "invalid tar header"},
        {'x', "12 mtime=now\n", "plugin.wasm", "invalid tar header"},
        {'x', "13 mtime=1.5\n", "plugin.wasm", NULL},
        {'x', "9 size=x\n", "plugin.wasm", "invalid tar header"},
        {'g', "17 path=a/b.wasm\n", "plugin.wasm", NULL},
        {'L', "a/plugin.wasm", "short", NULL},
        {'L', "a/b", "plugin.wasm", "has no plugin.wasm"},
        {'K', "a/b", "plugin.wasm", NULL},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        AUTO(buf_release) struct buf tar = BUF_INIT(1 << 20);
        AUTO(buf_release) struct buf layer = BUF_INIT(1 << 20);
        size_t len = strlen(cases[i].text);
        add_header(&tar, "x", cases[i].type, len);
        buf_add(&tar, cases[i].text, len);
        add_zeros(&tar, BLOCK - len);
        add_file(&tar, cases[i].name, WASM, WASM_LEN);
        add_zeros(&tar, 2 * BLOCK);
        add_gzip(&layer, &tar);
        assert_layer(&layer, cases[i].because);
    }
}

/* A module of many blocks, compressed by zlib, comes out whole. */
static void large_modules_come_out_whole(void **state)
{
    (void)state;
    enum { LEN = 400 * 1000 };
    static const struct layer_entry files[] = {{"README", "text"}, {"plugin.wasm", NULL}, {0}};
    AUTO(err_release) struct err err = ERR_INIT;
    AUTO(gateway_found_release) struct gateway_found found = {0};
    AUTO_FREE char *module = mem_zero(LEN, 1);
    unsigned next = 1;
    memcpy(module, WASM, WASM_LEN);
    for (size_t i = WASM_LEN; i < LEN; i++) {
        next = next * 1103515245U + 12345U;
        module[i] = (char)(i / 1000 % 3 == 0   ? next >> 16 & 0xff
                           : i / 1000 % 3 == 1 ? next >> 30
                                               : 7);
    }
    AUTO_CLOSE int layer = make_layer(TAR_GZIP, files, module, LEN);
    AUTO_CLOSE int wasm = memory_file("", 0);
    struct digest digest;
    digest_of(module, LEN, &digest);
    assert_ok(gateway_tar_find(layer, "layer", wasm, &found, &err), &err);
    assert_null(found.fault);
    assert_string_equal(found.digest.text, digest.text);
    assert_int_equal(found.size, LEN);
    assert_ok(digest_of_fd(wasm, &found.digest, NULL, &err), &err);
    assert_string_equal(found.digest.text, digest.text);
}

static int keep(void *arg, const void *data, size_t len, struct err *err)
{
    (void)err;
    buf_add(arg, data, len);
    return 0;
}

static enum gunzip_end unpack(int layer, struct buf *out)
{
    AUTO(err_release) struct err err = ERR_INIT;
    enum gunzip_end end = GUNZIP_WHOLE;
    assert_ok(gateway_gunzip(layer, "layer", keep, out, &end, &err), &err);
    return end;
}

/* The fault is in the same compressed block as the module. */
static void bytes_before_a_fault_count(void **state)
{
    (void)state;
    enum { TEXT_LEN = 4000, BEHIND = 1000 /* compressed bytes, of about 3000 */ };
    unsigned char wrong[64];
    AUTO_FREE char *text = mem_zero(TEXT_LEN + 1, 1);
    const struct layer_entry files[] = {{"plugin.wasm", NULL}, {"README", text}, {0}};
    unsigned next = 1;
    memset(wrong, 0xff, sizeof(wrong));
    for (size_t i = 0; i < TEXT_LEN; i++) {
        next = next * 1103515245U + 12345U;
        text[i] = (char)('0' + (next >> 16) % 64);
    }
    for (int cut = 0; cut < 2; cut++) {
        AUTO(buf_release) struct buf whole = BUF_INIT(1 << 20);
        AUTO(buf_release) struct buf part = BUF_INIT(1 << 20);
        AUTO_CLOSE int layer = make_layer(TAR_GZIP, files, WASM, WASM_LEN);
        off_t at = lseek(layer, 0, SEEK_END) - BEHIND;
        assert_true(at > BEHIND);
        assert_int_equal(unpack(layer, &whole), GUNZIP_WHOLE);
        if (cut)
            assert_int_equal(ftruncate(layer, at), 0);
        else
            assert_int_equal(pwrite(layer, wrong, sizeof(wrong), at), sizeof(wrong));
        assert_int_equal(unpack(layer, &part), cut ? GUNZIP_CUT : GUNZIP_DAMAGED);
        assert_true(part.len > TEXT_LEN / 2);
        assert_true(part.len < whole.len);
        assert_memory_equal(part.data, whole.data, cut ? part.len : TEXT_LEN / 2);
    }
}

static void gzip_comes_off_once(void **state)
{
    (void)state;
    AUTO(buf_release) struct buf tar = BUF_INIT(1 << 20);
    AUTO(buf_release) struct buf once = BUF_INIT(1 << 20);
    AUTO(buf_release) struct buf twice = BUF_INIT(1 << 20);
    add_file(&tar, "plugin.wasm", WASM, WASM_LEN);
    add_gzip(&once, &tar);
    add_gzip(&twice, &once);
    assert_layer(&once, NULL);
    assert_layer(&twice, "the tar in it is damaged");
    assert_layer(&tar, "typed as tar+gzip, and is tar");
}

static void types_are_found_by_digest(void **state)
{
    (void)state;
    AUTO(buf_release) struct buf raw = BUF_INIT(64);
    AUTO(buf_release) struct buf other = BUF_INIT(64);
    buf_add(&raw, WASM, WASM_LEN);
    buf_add_text(&other, "other");
    static const struct {
        const char *config, *first, *second; /* types; config NULL: another blob */
        const char *because;
    } cases[] = {
        {NULL, MEDIA_WASM_LAYER, "a/b", NULL},
        {NULL, "a/b", MEDIA_WASM_LAYER, "no layer is of type"},
        {"a/b", MEDIA_WASM_LAYER, MEDIA_WASM_LAYER, "no layer is of type"},
        {MEDIA_WASM_LAYER, "a/b", "a/b", NULL},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        AUTO(blobs_release) struct blobs blobs = {.count = 0};
        AUTO_FREE char *first = describe(&blobs, cases[i].first, &raw, "");
        AUTO_FREE char *second = describe(&blobs, cases[i].second, &raw, "");
        AUTO_FREE char *layers = mem_printf("%s,%s", first, second);
        AUTO_FREE char *config = cases[i].config ? describe(&blobs, cases[i].config, &raw, "")
                                                 : describe(&blobs, "c/d", &other, "");
        AUTO_FREE char *manifest = compose(config, layers);
        assert_verdict(&(struct way){.texts = {manifest}}, &blobs, cases[i].because);
    }
}

static void the_first_content_layer_counts(void **state)
{
    (void)state;
    AUTO(buf_release) struct buf raw = BUF_INIT(64);
    AUTO(buf_release) struct buf other = BUF_INIT(64);
    buf_add(&raw, WASM, WASM_LEN);
    buf_add_text(&other, "no wasm at all");
    for (int swapped = 0; swapped < 2; swapped++) {
        AUTO(blobs_release) struct blobs blobs = {.count = 0};
        AUTO_FREE char *first = describe(&blobs, MEDIA_WASM_LAYER, swapped ? &other : &raw, "");
        AUTO_FREE char *second = describe(&blobs, MEDIA_WASM_LAYER, swapped ? &raw : &other, "");
        AUTO_FREE char *layers = mem_printf("%s,%s", first, second);
        AUTO_FREE char *manifest = compose(CONFIG, layers);
        assert_verdict(&(struct way){.texts = {manifest}}, &blobs,
                       swapped ? "the content layer does not begin as a wasm does" : NULL);
    }
}

static void bytes_in_the_manifest_are_read(void **state)
{
    (void)state;
    AUTO(buf_release) struct buf raw = BUF_INIT(64);
    AUTO(buf_release) struct buf other = BUF_INIT(64);
    AUTO_FREE char *right = base64_encode(WASM, WASM_LEN);
    AUTO_FREE char *wrong = base64_encode("other", 5);
    buf_add(&raw, WASM, WASM_LEN);
    buf_add_text(&other, "other");
    const struct {
        const char *data;
        bool stored; /* the registry has the layer */
        const char *because;
    } cases[] = {
        {right, true, NULL},
        {right, false, NULL},
        {wrong, true, "does not match its digest or its size"},
        {"", true, "does not match its digest or its size"},
        {"no base64", true, "does not match its digest or its size"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        AUTO(blobs_release) struct blobs blobs = {.count = 0};
        AUTO_FREE char *data = mem_printf("," FIELD("data", "%s"), cases[i].data);
        AUTO_FREE char *first = describe(&blobs, MEDIA_WASM_LAYER, &raw, data);
        AUTO_FREE char *second = describe(&blobs, "a/b", &other, "");
        AUTO_FREE char *layers = mem_printf("%s,%s", first, second);
        AUTO_FREE char *manifest = compose(CONFIG, layers);
        if (!cases[i].stored)
            blobs.digests[0] = blobs.digests[1];
        assert_verdict(&(struct way){.texts = {manifest}}, &blobs, cases[i].because);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_search_ends_behind_the_module),
        cmocka_unit_test(headers_have_to_be_right),
        cmocka_unit_test(pax_and_long_names_count),
        cmocka_unit_test(large_modules_come_out_whole),
        cmocka_unit_test(bytes_before_a_fault_count),
        cmocka_unit_test(gzip_comes_off_once),
        cmocka_unit_test(types_are_found_by_digest),
        cmocka_unit_test(the_first_content_layer_counts),
        cmocka_unit_test(bytes_in_the_manifest_are_read),
    };
    return cmocka_run_group_tests_name("gateway_layer", tests, NULL, NULL);
}
