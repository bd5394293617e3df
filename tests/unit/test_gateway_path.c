/* How gateways come to a manifest, and what they read in it: tests/hosts/gateways holds the same
 * against their own code. */
#include "tests/unit/files.h"
#include "tests/unit/gateway_image.h"

#include "unit.h"

#include <unistd.h>

#include "image/gateway_login.h"

#define AMD64 ",\"platform\":{\"os\":\"linux\",\"architecture\":\"amd64\"}"

static void members_have_to_be_of_their_types(void **state)
{
    (void)state;
    static const struct {
        const char *more, *because;
    } cases[] = {
        {",\"annotations\":{\"a\":\"b\",\"c\":null}", NULL},
        {",\"annotations\":{\"a\":1}", "its member \"a\" is of a wrong type"},
        {",\"annotations\":[]", "its member \"annotations\" is of a wrong type"},
        {",\"urls\":\"x\"", "its member \"urls\" is of a wrong type"},
        {",\"platform\":{\"features\":[1]}", "its member \"features\" is of a wrong type"},
        {",\"artifactType\":1", "its member \"artifactType\" is of a wrong type"},
        {",\"unknown\":{\"a\":1}", NULL},
    };
    AUTO(buf_release) struct buf layer = BUF_INIT(1 << 20);
    add_layer(&layer);
    for (size_t i = 0; i < COUNT(cases); i++) {
        AUTO(blobs_release) struct blobs blobs = {.count = 0};
        AUTO_FREE char *described = describe(&blobs, MEDIA_OCI_TAR_GZIP, &layer, cases[i].more);
        AUTO_FREE char *manifest = compose(CONFIG, described);
        assert_verdict(&(struct way){.texts = {manifest}}, &blobs, cases[i].because);
    }
    AUTO(err_release) struct err err = ERR_INIT;
    AUTO(blobs_release) struct blobs blobs = {.count = 0};
    AUTO(gateway_verdict_release) struct gateway_verdict verdict = {.size = -1};
    AUTO_FREE char *described =
        describe(&blobs, MEDIA_OCI_TAR_GZIP, &layer, "," FIELD("MediaType", "a/b"));
    AUTO_FREE char *manifest = compose(CONFIG, described);
    const struct way way = {.texts = {manifest}};
    assert_int_equal(check_way(GATEWAY_ISTIO, &way, &blobs, &verdict, &err), ERR_UNSUPPORTED);
    assert_contains(err_text(&err), "which Go reads like \"mediaType\"");
}

static char *index_of(const char *text, const char *type, const char *more)
{
    struct digest digest;
    digest_of(text, strlen(text), &digest);
    return mem_printf("{\"schemaVersion\":2,\"manifests\":[{" FIELD("mediaType", "%s") "," FIELD(
                          "digest", "%s") ",\"size\":%zu%s}]}",
                      type, digest.text, strlen(text), more);
}

static void every_level_is_judged(void **state)
{
    (void)state;
    AUTO(buf_release) struct buf layer = BUF_INIT(1 << 20);
    AUTO(blobs_release) struct blobs blobs = {.count = 0};
    add_layer(&layer);
    AUTO_FREE char *described = describe(&blobs, MEDIA_OCI_TAR_GZIP, &layer, "");
    AUTO_FREE char *manifest = compose(CONFIG, described);
    static const struct {
        const char *inner_type, *inner_more, *outer_type, *outer_more, *sent;
        bool pinned;
        const char *because;
    } cases[] = {
        {MEDIA_OCI_MANIFEST, AMD64, MEDIA_OCI_INDEX, "", MEDIA_OCI_INDEX, false, NULL},
        {MEDIA_OCI_MANIFEST, AMD64, MEDIA_OCI_INDEX, "", NULL, false, NULL},
        {MEDIA_OCI_MANIFEST, ",\"platform\":{\"os\":\"wasip1\",\"architecture\":\"wasm\"}",
         MEDIA_OCI_INDEX, "", MEDIA_OCI_INDEX, false, "there is wasip1/wasm"},
        {MEDIA_OCI_MANIFEST, AMD64, MEDIA_OCI_MANIFEST, "", MEDIA_OCI_INDEX, false,
         "the index says that its image is " MEDIA_OCI_MANIFEST},
        {MEDIA_DOCKER_LIST, AMD64, MEDIA_OCI_INDEX, "", MEDIA_OCI_INDEX, false,
         "the index says that its image is " MEDIA_DOCKER_LIST},
        {MEDIA_OCI_MANIFEST, AMD64, MEDIA_OCI_INDEX, "", MEDIA_OCI_INDEX "; charset=utf-8", false,
         "the registry sends it as " MEDIA_OCI_INDEX "; charset=utf-8"},
        {MEDIA_OCI_MANIFEST, AMD64, MEDIA_OCI_INDEX, "", "application/json", false,
         "the registry sends it as application/json"},
        {MEDIA_OCI_MANIFEST, AMD64 "," FIELD("data", "AAAA"), MEDIA_OCI_INDEX, "", MEDIA_OCI_INDEX,
         false, "does not match its digest or its size"},
        {MEDIA_OCI_MANIFEST, AMD64, MEDIA_OCI_INDEX, "", MEDIA_OCI_INDEX, true,
         "the digest in the reference is that of an index"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        AUTO_FREE char *inner = index_of(manifest, cases[i].inner_type, cases[i].inner_more);
        AUTO_FREE char *outer = index_of(inner, cases[i].outer_type, cases[i].outer_more);
        struct digest digest;
        digest_of(outer, strlen(outer), &digest);
        assert_verdict(&(struct way){.texts = {outer, inner, manifest},
                                     .type = cases[i].sent,
                                     .pinned = cases[i].pinned ? digest.text : NULL},
                       &blobs, cases[i].because);
    }
    assert_verdict(&(struct way){.texts = {manifest}, .type = MEDIA_OCI_INDEX}, &blobs,
                   "while it is an image");
    assert_verdict(&(struct way){.texts = {manifest}, .type = "text/plain"}, &blobs, NULL);
    assert_verdict(
        &(struct way){.texts = {manifest},
                      .type = "application/vnd.docker.distribution.manifest.v1+prettyjws"},
        &blobs, "unsupported MediaType");
}

static void children_are_chosen(void **state)
{
    (void)state;
    static const char *const children[] = {
        ",\"platform\":{\"os\":\"linux\",\"architecture\":\"arm64\"}",
        ",\"platform\":{\"os\":\"linux\",\"architecture\":\"amd64\",\"variant\":\"v3\"}",
        ",\"annotations\":{\"vnd.docker.reference.type\":\"attestation-manifest\"}",
        ",\"platform\":{\"os\":\"Linux\",\"architecture\":\"amd64\"}",
        ",\"platform\":{}",
    };
    static const bool chosen[] = {false, true, true, false, false};
    for (size_t i = 0; i < COUNT(children); i++) {
        AUTO(err_release) struct err err = ERR_INIT;
        AUTO(index_release) struct image_index index = {0};
        AUTO_FREE char *text = index_of("text", MEDIA_OCI_MANIFEST, children[i]);
        size_t child = 1;
        assert_ok(index_parse(text, strlen(text), &index, &err), &err);
        assert_int_equal(gateway_choose(&index, &child), chosen[i]);
        assert_int_equal(child, chosen[i] ? 0 : 1);
    }
}

static void sizes_are_judged(void **state)
{
    (void)state;
    static const struct {
        long long size;
        bool loads[3];
        const char *because;
    } cases[] = {
        {GATEWAY_SERVED_MAX, {true, true, true}, NULL},
        {GATEWAY_SERVED_MAX + 1, {true, false, true}, "Envoy accepts at most 33554432"},
        {GATEWAY_READ_MAX + 1, {false, false, false}, "and "},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        AUTO_FREE char *text =
            mem_printf("{\"schemaVersion\":2,\"config\":" CONFIG ",\"layers\":[" CONFIG
                       ",{" FIELD("mediaType", MEDIA_WASM_LAYER) "," FIELD(
                           "digest", "sha256:%064d") ",\"size\":%lld}]}",
                       1, cases[i].size);
        AUTO(err_release) struct err err = ERR_INIT;
        AUTO(manifest_release) struct manifest manifest = {0};
        struct digest digest;
        assert_ok(manifest_parse(text, strlen(text), &manifest, &err), &err);
        digest_of(text, strlen(text), &digest);
        const struct gateway_image image = {.ref = REF, .manifest = &manifest, .digest = &digest};
        for (int gateway = GATEWAY_ISTIO; gateway <= GATEWAY_HIGRESS; gateway++) {
            AUTO(gateway_verdict_release) struct gateway_verdict verdict = {.size = -1};
            assert_ok(gateway_check((enum gateway)gateway, &image, &verdict, &err), &err);
            assert_int_equal(verdict.loads, cases[i].loads[gateway]);
            assert_true(verdict.found && verdict.layer == 1 && verdict.size == cases[i].size);
            if (!verdict.loads)
                assert_contains(verdict.because, cases[i].because);
        }
    }
}

static void modules_are_taken(void **state)
{
    (void)state;
    AUTO(buf_release) struct buf raw = BUF_INIT(64);
    buf_add(&raw, WASM, WASM_LEN);
    static const struct {
        const char *type;
        bool as_gateway;
    } cases[] = {{MEDIA_WASM_LAYER, false}, {MEDIA_CNCF_LAYER, false}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        AUTO(err_release) struct err err = ERR_INIT;
        AUTO(blobs_release) struct blobs blobs = {.count = 0};
        AUTO(manifest_release) struct manifest manifest = {0};
        AUTO(gateway_verdict_release) struct gateway_verdict verdict = {.size = -1};
        AUTO(gateway_module_release) struct gateway_module module = {0};
        AUTO_CLOSE int file = memory_file("", 0);
        AUTO_FREE char *described = describe(&blobs, cases[i].type, &raw, "");
        AUTO_FREE char *text = compose(CONFIG, described);
        struct digest digest;
        assert_ok(manifest_parse(text, strlen(text), &manifest, &err), &err);
        const struct gateway_image image = {.ref = REF,
                                            .manifest = &manifest,
                                            .digest = &digest,
                                            .open_layer = open_blob,
                                            .arg = &blobs};
        digest_of(text, strlen(text), &digest);
        assert_ok(gateway_check(GATEWAY_ISTIO, &image, &verdict, &err), &err);
        assert_false(verdict.loads || verdict.found);
        assert_ok(gateway_take(&image, &verdict, file, &module, &err), &err);
        char got[WASM_LEN + 1];
        assert_int_equal(pread(file, got, sizeof(got), 0), WASM_LEN);
        assert_memory_equal(got, WASM, WASM_LEN);
        assert_int_equal(module.as_gateway, cases[i].as_gateway);
        assert_string_equal(module.place, "the wasm");
    }
}

/* The addresses that a registry may send a gateway to for a token. */
static void realms_are_judged(void **state)
{
    (void)state;
    static const struct {
        const char *realm;
        bool secure, open_at_first; /* secure: the registry speaks https */
        const char *istio, *envoy_gateway;
    } cases[] = {
        {NULL, false, false, NULL, NULL},
        {"https://auth.example/token", true, false, NULL, NULL},
        {"https://auth.example/token", true, true, "asks for no token", "asks for no token"},
        {"http://auth.example/token", true, false, "only by https", "only by https"},
        {"http://auth.example/token", false, false, NULL, NULL},
        {"http://127.0.0.1:5000/token", false, false, "unsafe bearer realm", NULL},
        {"http://127.0.0.1:5001/token", false, false, "unsafe bearer realm", "invalid realm"},
        {"http://localhost:5000/token", false, false, "unsafe bearer realm", NULL},
        {"http://10.1.2.3/token", false, false, "unsafe bearer realm", "invalid realm"},
        {"http://172.32.0.1/token", false, false, NULL, NULL},
        {"http://user:word@192.168.0.1/token", false, false, "unsafe bearer", "invalid realm"},
        {"http://169.254.169.254/", false, false, "unsafe bearer realm", "invalid realm"},
        {"http://[::1]:5001/token", false, false, "unsafe bearer realm", "invalid realm"},
        {"http://[fd00::1]/token", false, false, "unsafe bearer realm", "invalid realm"},
        {"http://[::ffff:10.0.0.1]/", false, false, "unsafe bearer realm", "invalid realm"},
        {"http://[2001:db8::1]/token", false, false, NULL, NULL},
        {"http://0.0.0.0/token", false, false, "invalid realm", "invalid realm"},
        {"http://metadata.google.internal/", false, false, "unsafe bearer realm", NULL},
        {"ftp://auth.example/", false, false, "unsafe bearer realm", "invalid realm"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct gateway_login login = {.registry = "127.0.0.1:5000",
                                            .plain_http = !cases[i].secure,
                                            .realm = cases[i].realm,
                                            .open_at_first = cases[i].open_at_first};
        const char *const expected[] = {
            [GATEWAY_ISTIO] = cases[i].istio, [GATEWAY_ENVOY_GATEWAY] = cases[i].envoy_gateway};
        for (size_t gateway = 0; gateway < COUNT(expected); gateway++) {
            AUTO_FREE char *fault = gateway_login_fault((enum gateway)gateway, &login);
            assert_true(!fault == !expected[gateway]);
            if (fault)
                assert_contains(fault, expected[gateway]);
        }
        AUTO_FREE char *higress = gateway_login_fault(GATEWAY_HIGRESS, &login);
        assert_true(!higress == !login.open_at_first);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_have_to_be_of_their_types),
        cmocka_unit_test(every_level_is_judged),
        cmocka_unit_test(children_are_chosen),
        cmocka_unit_test(sizes_are_judged),
        cmocka_unit_test(modules_are_taken),
        cmocka_unit_test(realms_are_judged),
    };
    return cmocka_run_group_tests_name("gateway_path", tests, NULL, NULL);
}
