/* Descriptors, runtime configs and manifests, against the golden bytes of the original. */
#include "unit.h"

#include "image/manifest.h"
#include "image/media_type.h"

static const char golden_config[] =
    "{\"type\":\"envoy_proxy\",\"abiVersions\":[\"v0-4689a30309abf31aee9ae36e73d34b1bb182685f\","
    "\"v0.2.1\"],\"config\":{\"rootIds\":[\"root_id\"]}}";
static const char golden_config_digest[] =
    "sha256:c9cd896f632a321093530c659e58a689a917b05bacb5dc2f0c7e58ceb308bbc7";
static const char golden_manifest_digest[] =
    "sha256:e5cf9f86109a8ad0af46ae444850505ce13c06e2b19423aefd4346d79aac4c60";
static const unsigned char tiny_wasm[8] = {0, 'a', 's', 'm', 1, 0, 0, 0};

static void parse(const char *text, struct runtime_config *out)
{
    AUTO(err_release) struct err err = ERR_INIT;
    assert_ok(runtime_config_parse(text, strlen(text), out, &err), &err);
}

static void assert_rewritten(const char *text, const char *expected)
{
    AUTO(runtime_config_release) struct runtime_config config = {0};
    AUTO(buf_release) struct buf out = BUF_INIT(4096);
    parse(text, &config);
    runtime_config_write(&config, &out);
    assert_string_equal(buf_text(&out), expected);
}

static void config_is_golden(void **state)
{
    (void)state;
    assert_int_equal(strlen(golden_config), 126);
    assert_rewritten(golden_config, golden_config);
    struct digest digest;
    digest_of(golden_config, 126, &digest);
    assert_string_equal(digest.text, golden_config_digest);
}

static void config_is_normalised(void **state)
{
    (void)state;
    assert_rewritten(" { \"abi_versions\" : [ \"v1\" ] , \"config\": {\"root_ids\":[]}, "
                     "\"type\":\"envoy_proxy\" }\n",
                     "{\"type\":\"envoy_proxy\",\"abiVersions\":[\"v1\"],\"config\":{\"rootIds\":"
                     "[]}}");
    assert_rewritten("{\"type\":\"\"}", "{}");
    assert_rewritten("{\"config\":{}}", "{\"config\":{}}");
    assert_rewritten("{\"type\":\"<a>&\\u2028\"}", "{\"type\":\"\\u003ca\\u003e\\u0026\\u2028\"}");
}

static void config_errors_name_the_key(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"{\"kind\":1}", "\"kind\""},
        {"{\"config\":{\"x\":1}}", "\"x\""},
        {"{\"type\":1}", "\"type\""},
        {"{\"abiVersions\":[1]}", "\"abiVersions\""},
        {"{\"abiVersions\":[],\"abi_versions\":[]}", "both"},
        {"{\"config\":[]}", "\"config\""},
        {"[]", "not a JSON object"},
        {"{\"type\":\"a\",\"type\":\"b\"}", "duplicate"},
        {"{", "line 1"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        AUTO(err_release) struct err err = ERR_INIT;
        struct runtime_config config = {0};
        int rc = runtime_config_parse(cases[i][0], strlen(cases[i][0]), &config, &err);
        assert_int_equal(rc, ERR_DAMAGED);
        assert_contains(err_text(&err), cases[i][1]);
    }
}

static void config_is_made_from_versions(void **state)
{
    (void)state;
    static const char *const versions[] = {"v0.2.1"};
    AUTO(runtime_config_release) struct runtime_config config = {0};
    AUTO(buf_release) struct buf out = BUF_INIT(4096);
    runtime_config_make(&config, versions, 1);
    runtime_config_write(&config, &out);
    assert_string_equal(buf_text(&out), "{\"type\":\"envoy_proxy\",\"abiVersions\":[\"v0.2.1\"]}");
}

static void golden_descriptors(struct descriptor *config, struct descriptor *wasm)
{
    struct digest digest;
    digest_of(golden_config, strlen(golden_config), &digest);
    descriptor_init(config, MEDIA_WASM_CONFIG, &digest, 126, TITLE_CONFIG);
    digest_of(tiny_wasm, sizeof(tiny_wasm), &digest);
    descriptor_init(wasm, MEDIA_WASM_LAYER, &digest, sizeof(tiny_wasm), TITLE_WASM);
}

static void descriptor_sizes_are_golden(void **state)
{
    (void)state;
    static const struct {
        long long size;
        size_t len;
    } cases[] = {{76318, 224}, {248664, 225}};
    struct digest digest;
    digest_of("x", 1, &digest);
    for (size_t i = 0; i < COUNT(cases); i++) {
        AUTO(descriptor_release) struct descriptor layer = {0};
        AUTO(buf_release) struct buf out = BUF_INIT(4096);
        descriptor_init(&layer, MEDIA_WASM_LAYER, &digest, cases[i].size, TITLE_WASM);
        descriptor_write(&layer, &out);
        assert_int_equal(out.len, cases[i].len);
    }
}

/* Puts the texts in the places of the three "%s". */
static void fill_form(struct buf *out, const char *form, const char *digest, const char *size)
{
    const char *const texts[] = {MEDIA_WASM_LAYER, digest, size};
    for (size_t i = 0; i < COUNT(texts); i++) {
        const char *at = strstr(form, "%s");
        buf_add(out, form, (size_t)(at - form));
        buf_add_text(out, texts[i]);
        form = at + 2;
    }
    buf_add_text(out, form);
}

/* The quick way and the general one give the same, and what is nearly usual is parsed in full. */
static void descriptors_are_parsed(void **state)
{
    (void)state;
    static const char digest[] =
        "sha256:93a44bbb96c751218e4c00d479e4c14358122a389acca16205b1e4d0dc5f9476";
    static const char *const forms[] = {
        "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%s,\"annotations\":{"
        "\"org.opencontainers.image.title\":\"filter.wasm\"}}",
        "{ \"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%s,\"annotations\":{"
        "\"org.opencontainers.image.title\":\"filter.wasm\"}}\n",
    };
    static const char *const bad_sizes[] = {"", "-8", "+8", "08", "8.5", "8\"", "\"8\"", "1e99"};
    for (size_t form = 0; form < COUNT(forms); form++) {
        AUTO(err_release) struct err err = ERR_INIT;
        AUTO(descriptor_release) struct descriptor got = {0};
        AUTO(buf_release) struct buf text = BUF_INIT(4096);
        fill_form(&text, forms[form], digest, "76318");
        assert_ok(descriptor_parse(buf_text(&text), text.len, &got, &err), &err);
        assert_string_equal(got.digest.text, digest);
        assert_int_equal(got.size, 76318);
        assert_string_equal(got.media_type, MEDIA_WASM_LAYER);
        assert_string_equal(got.title, TITLE_WASM);
        for (size_t i = 0; i < COUNT(bad_sizes); i++) {
            struct descriptor none = {0};
            buf_clear(&text);
            fill_form(&text, forms[form], digest, bad_sizes[i]);
            assert_int_equal(descriptor_parse(buf_text(&text), text.len, &none, ERR_IGNORED),
                             ERR_DAMAGED);
        }
    }
}

static void write_golden(struct buf *out)
{
    AUTO(descriptor_release) struct descriptor config = {0};
    AUTO(descriptor_release) struct descriptor wasm = {0};
    AUTO(runtime_config_release) struct runtime_config runtime = {0};
    golden_descriptors(&config, &wasm);
    parse(golden_config, &runtime);
    const struct manifest_oci_parts parts = {.config = &config, .wasm = &wasm, .runtime = &runtime};
    manifest_write_oci(&parts, out);
}

static void manifest_is_golden(void **state)
{
    (void)state;
    AUTO(buf_release) struct buf out = BUF_INIT(MANIFEST_MAX);
    write_golden(&out);
    assert_int_equal(out.len, 852);
    struct digest digest;
    digest_of(out.data, out.len, &digest);
    assert_string_equal(digest.text, golden_manifest_digest);
}

static void manifest_is_read(void **state)
{
    (void)state;
    AUTO(buf_release) struct buf text = BUF_INIT(MANIFEST_MAX);
    AUTO(manifest_release) struct manifest manifest = {0};
    AUTO(err_release) struct err err = ERR_INIT;
    write_golden(&text);
    assert_ok(manifest_parse(text.data, text.len, &manifest, &err), &err);
    assert_null(manifest.media_type);
    assert_int_equal(manifest.layer_count, 2);
    assert_string_equal(manifest.config.title, TITLE_CONFIG);
    const struct descriptor *wasm = manifest_wasm_layer(&manifest);
    assert_non_null(wasm);
    assert_int_equal(wasm->size, 8);
}

#define D                                                                                          \
    "{\"mediaType\":\"a/b\",\"digest\":\"sha256:"                                                  \
    "93a44bbb96c751218e4c00d479e4c14358122a389acca16205b1e4d0dc5f9476\",\"size\":8}"

static void manifest_errors_say_what_is_wrong(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"[]", "not a JSON object"},
        {"{\"schemaVersion\":1}", "schemaVersion"},
        {"{\"schemaVersion\":2,\"manifests\":[]}", "index"},
        {"{\"schemaVersion\":2,\"layers\":[]}", "no config"},
        {"{\"schemaVersion\":2,\"config\":" D "}", "no layers"},
        {"{\"schemaVersion\":2,\"config\":{},\"layers\":[]}",
         "config: the descriptor has no media"},
        {"{\"schemaVersion\":2,\"config\":" D ",\"layers\":[{\"mediaType\":\"a/x\"}]}",
         "layer 1: the descriptor has no digest"},
        {"{\"schemaVersion\":2,\"config\":" D ",\"layers\":[{\"mediaType\":\"a/x\",\"digest\":"
         "\"sha256:0\",\"size\":1}]}",
         "64 lower-case hex"},
        {"{\"schemaVersion\":2,\"config\":" D ",\"layers\":[{\"mediaType\":\"a/x\",\"digest\":"
         "\"sha256:93a44bbb96c751218e4c00d479e4c14358122a389acca16205b1e4d0dc5f9476\",\"size\":-1}]"
         "}",
         "size"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        AUTO(err_release) struct err err = ERR_INIT;
        struct manifest manifest = {0};
        assert_true(manifest_parse(cases[i][0], strlen(cases[i][0]), &manifest, &err) < 0);
        assert_contains(err_text(&err), cases[i][1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(config_is_golden),
        cmocka_unit_test(config_is_normalised),
        cmocka_unit_test(config_errors_name_the_key),
        cmocka_unit_test(config_is_made_from_versions),
        cmocka_unit_test(descriptor_sizes_are_golden),
        cmocka_unit_test(descriptors_are_parsed),
        cmocka_unit_test(manifest_is_golden),
        cmocka_unit_test(manifest_is_read),
        cmocka_unit_test(manifest_errors_say_what_is_wrong),
    };
    return cmocka_run_group_tests_name("image", tests, NULL, NULL);
}
