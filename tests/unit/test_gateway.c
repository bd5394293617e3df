/* The images that each gateway accepts: real packages, and images as users have them. */
#include "tests/unit/files.h"

#include "unit.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/tar_write.h"
#include "image/gateway.h"
#include "image/media_type.h"
#include "image/package.h"

#define RUNTIME "{\"type\":\"envoy_proxy\",\"abiVersions\":[\"v0.2.1\"]}"
#define DIGEST "sha256:93a44bbb96c751218e4c00d479e4c14358122a389acca16205b1e4d0dc5f9476"
/* Each blob gets a digest of its own: numbered(). */
#define ANY "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define BLOB(type) "{\"mediaType\":\"" type "\",\"digest\":\"" ANY "\",\"size\":8}"
#define MANIFEST(layers)                                                                           \
    "{\"schemaVersion\":2,\"config\":" BLOB(MEDIA_OCI_CONFIG) ",\"layers\":[" layers "]}"
#define DOCKER(layers)                                                                             \
    "{\"schemaVersion\":2,\"mediaType\":\"" MEDIA_DOCKER_MANIFEST                                  \
    "\",\"config\":" BLOB(MEDIA_DOCKER_CONFIG) ",\"layers\":[" layers "]}"
#define REF "h.example/a/b:v1"

static const char wasm[8] = {0, 'a', 's', 'm', 1, 0, 0, 0};

/* The layer of every image here; -1: the layer cannot be read. */
static int open_layer(void *arg, const struct descriptor *layer, int *fd, struct err *err)
{
    (void)layer;
    int from = *(int *)arg;
    if (from < 0)
        return err_set(err, ERR_NOT_FOUND, "the registry has it no more");
    *fd = fcntl(from, F_DUPFD_CLOEXEC, 0);
    return 0;
}

/* A copy of the text in which the digests ANY end in 10, 11, 12, ... */
static char *numbered(const char *text)
{
    char *copy = mem_dup(text);
    char next = '0';
    for (char *at = strstr(copy, ANY); at; at = strstr(at, ANY)) {
        at[DIGEST_TEXT_LEN - 2] = '1';
        at[DIGEST_TEXT_LEN - 1] = next++;
    }
    return copy;
}

/* `index` is the text of an index that leads to the manifest, or NULL. */
static void check_image(enum gateway gateway, const char *given, int *layer, const char *index,
                        struct gateway_verdict *out)
{
    AUTO_FREE char *text = numbered(given);
    AUTO(err_release) struct err err = ERR_INIT;
    AUTO(manifest_release) struct manifest manifest = {0};
    struct digest digest;
    assert_ok(manifest_parse(text, strlen(text), &manifest, &err), &err);
    digest_of(text, strlen(text), &digest);
    const struct gateway_step steps[] = {
        {index, index ? strlen(index) : 0, &digest, NULL},
        {text, strlen(text), &digest, NULL},
    };
    const struct gateway_image image = {.ref = REF,
                                        .manifest = &manifest,
                                        .digest = &digest,
                                        .open_layer = layer ? open_layer : NULL,
                                        .arg = layer,
                                        .steps = steps,
                                        .step_count = index ? 2 : 0};
    assert_ok(gateway_check(gateway, &image, out, &err), &err);
    if (!out->loads || gateway == GATEWAY_WKG)
        assert_string_equal(out->sha256.text, "");
    else
        assert_string_equal(out->sha256.text, digest.text);
    assert_true(out->loads == (out->next == NULL) && out->loads == (out->picks != NULL));
    assert_non_null(out->because);
}

static void names_are_parsed(void **state)
{
    (void)state;
    AUTO(err_release) struct err err = ERR_INIT;
    enum gateway gateway = GATEWAY_WKG;
    for (int i = 0; i < GATEWAY_COUNT; i++) {
        assert_ok(gateway_parse(gateway_name((enum gateway)i), &gateway, &err), &err);
        assert_int_equal(gateway, i);
    }
    assert_int_equal(gateway_parse("nginx", &gateway, &err), ERR_USAGE);
    assert_contains(err_text(&err), "istio, envoy-gateway, higress or wkg");
}

/* Each form that wasme writes, and the gateways that accept it. */
static void our_forms_are_taken(void **state)
{
    (void)state;
    static const struct {
        enum image_form form;
        bool by_gateways, by_wkg;
        const char *picks;
        size_t layer;
        bool in_tar;
    } cases[] = {
        {FORM_OCI, true, false, "layer 2 (sha256:", 1, false},
        {FORM_COMPAT, true, false, "plugin.wasm in layer 1 (sha256:", 0, true},
        {FORM_DOCKER, true, false, "plugin.wasm in layer 1 (sha256:", 0, true},
        {FORM_CNCF, false, true, "layer 1 (" DIGEST ")", 0, false},
    };
    AUTO(descriptor_release) struct descriptor whole = {0};
    AUTO_CLOSE int wasm_fd = memory_file(wasm, sizeof(wasm));
    struct digest digest;
    digest_of(wasm, sizeof(wasm), &digest);
    descriptor_init(&whole, MEDIA_WASM_LAYER, &digest, sizeof(wasm), TITLE_WASM);
    for (size_t i = 0; i < COUNT(cases); i++) {
        AUTO(err_release) struct err err = ERR_INIT;
        AUTO(package_release) struct package package = {0};
        AUTO_CLOSE int layer_fd = memory_file("", 0);
        const struct package_options options = {.form = cases[i].form};
        const struct filter filter = {&whole, wasm_fd, RUNTIME, strlen(RUNTIME)};
        assert_ok(package_make(&options, &filter, layer_fd, &package, &err), &err);
        int layer = package.wrapped ? layer_fd : wasm_fd;
        for (int gateway = 0; gateway < GATEWAY_COUNT; gateway++) {
            AUTO(gateway_verdict_release) struct gateway_verdict verdict = {0};
            check_image((enum gateway)gateway, buf_text(&package.manifest), &layer, NULL, &verdict);
            assert_int_equal(verdict.loads,
                             gateway == GATEWAY_WKG ? cases[i].by_wkg : cases[i].by_gateways);
            if (verdict.loads) {
                assert_contains(verdict.picks, cases[i].picks);
                assert_int_equal(verdict.layer, cases[i].layer);
                assert_int_equal(verdict.in_tar, cases[i].in_tar);
                continue;
            }
            assert_string_equal(verdict.form, gateway == GATEWAY_WKG ? "cncf" : "oci");
            assert_string_equal(verdict.next, gateway == GATEWAY_WKG
                                                  ? "wasme convert " REF " --to cncf"
                                                  : "wasme convert " REF " --to oci");
        }
    }
}

struct met {
    const char *manifest;
    const char *because; /* NULL: it loads */
    const char *form;    /* to convert to */
};

/* Manifests of real images, without their layers. */
static void manifests_are_judged(void **state)
{
    (void)state;
    static const struct met cases[] = {
        /* Published by oras with the raw wasm as its only layer (higress-group/higress#4528). */
        {MANIFEST(BLOB(MEDIA_WASM_LAYER)),
         "as compat: the last layer is of type " MEDIA_WASM_LAYER
         ", and must be of " MEDIA_OCI_TAR_GZIP "; as oci: number of layers must be 2 but got 1",
         "oci"},
        {MANIFEST(BLOB(MEDIA_WASM_CONFIG) "," BLOB(MEDIA_WASM_LAYER) "," BLOB("a/b")),
         "number of layers must be 2 but got 3", "oci"},
        {MANIFEST(BLOB("a/b") "," BLOB(MEDIA_CNCF_LAYER)), "no layer is of type " MEDIA_WASM_LAYER,
         "oci"},
        {MANIFEST(""), "as compat: it has no layers; as oci: number of layers must be 2 but got 0",
         "oci"},
        {MANIFEST(BLOB(MEDIA_OCI_TAR_ZSTD)), "the last layer is of type " MEDIA_OCI_TAR_ZSTD,
         "compat"},
        {MANIFEST(BLOB(MEDIA_DOCKER_TAR_GZIP)), "the last layer is of type " MEDIA_DOCKER_TAR_GZIP,
         "compat"},
        {DOCKER(BLOB(MEDIA_OCI_TAR_GZIP)), "as a Docker image: the last layer is of type",
         "compat"},
        {DOCKER(""), "as a Docker image: it has no layers", "oci"},
        {MANIFEST(BLOB(MEDIA_WASM_LAYER) "," BLOB("a/b")), NULL, NULL},
        {MANIFEST(BLOB(MEDIA_PLUGIN_SPEC "v1+yaml") "," BLOB(
             MEDIA_PLUGIN_DOC "v1+markdown") "," BLOB(MEDIA_OCI_TAR_GZIP)),
         NULL, NULL},
        {MANIFEST(BLOB(MEDIA_OCI_TAR) "," BLOB("a/b") "," BLOB(MEDIA_OCI_TAR_GZIP)), NULL, NULL},
        {DOCKER(BLOB(MEDIA_DOCKER_TAR_GZIP) "," BLOB(MEDIA_DOCKER_TAR_GZIP)), NULL, NULL},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        for (int gateway = GATEWAY_ISTIO; gateway <= GATEWAY_HIGRESS; gateway++) {
            AUTO(gateway_verdict_release) struct gateway_verdict verdict = {0};
            check_image((enum gateway)gateway, cases[i].manifest, NULL, NULL, &verdict);
            assert_int_equal(verdict.loads, cases[i].because == NULL);
            assert_false(verdict.looked);
            if (verdict.loads)
                continue;
            assert_contains(verdict.because, cases[i].because);
            AUTO_FREE char *next = mem_printf("wasme convert " REF " --to %s", cases[i].form);
            assert_string_equal(verdict.next, next);
        }
    }
}

static void wkg_wants_one_layer_and_its_config(void **state)
{
    (void)state;
    static const struct met cases[] = {
        {MANIFEST(BLOB(MEDIA_CNCF_LAYER)), "its config is of type " MEDIA_OCI_CONFIG, NULL},
        {MANIFEST(""), "exactly one layer, and has 0", NULL},
        {MANIFEST(BLOB(MEDIA_CNCF_LAYER) "," BLOB(MEDIA_CNCF_LAYER)), "and has 2", NULL},
        {MANIFEST(BLOB(MEDIA_CNCF_LAYER) "," BLOB("a/b")), "layer 2 is of type a/b", NULL},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        AUTO(gateway_verdict_release) struct gateway_verdict verdict = {0};
        check_image(GATEWAY_WKG, cases[i].manifest, NULL, NULL, &verdict);
        assert_false(verdict.loads);
        assert_contains(verdict.because, cases[i].because);
    }
}

/* The content of the layer decides too. */
static void layers_are_looked_into(void **state)
{
    (void)state;
    static const struct {
        struct layer_entry files[3];
        enum tar_packing packing;
        const char *because; /* NULL: it loads */
        const char *form;    /* NULL: no other would help */
    } cases[] = {
        {{{"x/plugin.wasm", NULL}}, TAR_GZIP, NULL, NULL},
        {{{"plugin.wasm", NULL}, {"x/plugin.wasm", "no wasm"}}, TAR_GZIP, NULL, NULL},
        {{{"x/plugin.wasm", "no wasm"}, {"plugin.wasm", NULL}},
         TAR_GZIP,
         "does not begin as a wasm does",
         NULL},
        {{{"plugin.wasm", NULL}}, TAR_PLAIN, "typed as tar+gzip, and is tar;", "compat"},
        {{{"main.wasm", NULL}},
         TAR_GZIP,
         "has no plugin.wasm, and main.wasm is not looked for",
         "compat"},
        {{{"README", "text"}},
         TAR_GZIP,
         "the last layer has no plugin.wasm (the gateway says",
         "compat"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        AUTO(gateway_verdict_release) struct gateway_verdict verdict = {0};
        AUTO_CLOSE int layer = make_layer(cases[i].packing, cases[i].files, wasm, sizeof(wasm));
        check_image(GATEWAY_ISTIO, MANIFEST(BLOB(MEDIA_OCI_TAR_GZIP)), &layer, NULL, &verdict);
        assert_int_equal(verdict.loads, cases[i].because == NULL);
        assert_int_equal(verdict.looked, verdict.loads);
        if (verdict.loads)
            continue;
        assert_contains(verdict.because, cases[i].because);
        if (cases[i].form)
            assert_string_equal(verdict.form, cases[i].form);
        else
            assert_null(verdict.form);
    }
}

static void what_lies_too_deep_is_not_reached(void **state)
{
    (void)state;
    AUTO(err_release) struct err err = ERR_INIT;
    AUTO(gateway_verdict_release) struct gateway_verdict verdict = {0};
    AUTO(tar_abandon_at) struct tar_writer *writer = NULL;
    AUTO_CLOSE int zeros = memory_file("", 0);
    AUTO_CLOSE int layer = memory_file("", 0);
    assert_int_equal(ftruncate(zeros, GATEWAY_READ_MAX), 0);
    assert_ok(tar_create(layer, "layer", TAR_GZIP, &writer, &err), &err);
    assert_ok(tar_add_fd(writer, "zeros", zeros, GATEWAY_READ_MAX, &err), &err);
    assert_ok(tar_add(writer, "plugin.wasm", wasm, sizeof(wasm), &err), &err);
    assert_ok(tar_finish(writer, &err), &err);
    check_image(GATEWAY_HIGRESS, MANIFEST(BLOB(MEDIA_OCI_TAR_GZIP)), &layer, NULL, &verdict);
    assert_false(verdict.loads);
    assert_contains(verdict.because, "no plugin.wasm ends within the first 268435456 bytes");
}

/* A content layer is not unpacked, so a compressed one is no wasm. */
static void content_layers_must_be_raw(void **state)
{
    (void)state;
    static const struct layer_entry files[] = {{"plugin.wasm", NULL}, {0}};
    AUTO(gateway_verdict_release) struct gateway_verdict verdict = {0};
    AUTO_CLOSE int layer = make_layer(TAR_GZIP, files, wasm, sizeof(wasm));
    check_image(GATEWAY_ISTIO, MANIFEST(BLOB("a/b") "," BLOB(MEDIA_WASM_LAYER)), &layer, NULL,
                &verdict);
    assert_false(verdict.loads);
    assert_contains(verdict.because, "must be the wasm itself, and is tar+gzip");
}

static void a_layer_that_cannot_be_had_is_an_error(void **state)
{
    (void)state;
    AUTO(err_release) struct err err = ERR_INIT;
    AUTO(manifest_release) struct manifest manifest = {0};
    AUTO_FREE char *text = numbered(MANIFEST(BLOB(MEDIA_OCI_TAR_GZIP)));
    int layer = -1;
    const struct digest digest = {DIGEST};
    assert_ok(manifest_parse(text, strlen(text), &manifest, &err), &err);
    const struct gateway_image image = {.ref = REF,
                                        .manifest = &manifest,
                                        .digest = &digest,
                                        .open_layer = open_layer,
                                        .arg = &layer};
    struct gateway_verdict verdict = {0};
    assert_int_equal(gateway_check(GATEWAY_ISTIO, &image, &verdict, &err), ERR_NOT_FOUND);
    assert_string_equal(err_text(&err), REF ": the registry has it no more");
}

/* An index is followed to linux/amd64, or to a child without platform, and nowhere else. */
static void indexes_are_followed(void **state)
{
    (void)state;
    AUTO_FREE char *manifest = numbered(MANIFEST(BLOB("a/b") "," BLOB(MEDIA_WASM_LAYER)));
    static const struct {
        const char *platform, *digest; /* digest NULL: the manifest's */
        const char *because;           /* NULL: it loads */
    } cases[] = {
        {",\"platform\":{\"os\":\"linux\",\"architecture\":\"amd64\"}", NULL, NULL},
        {"", NULL, NULL},
        {",\"platform\":{\"os\":\"wasip1\",\"architecture\":\"wasm\"}", NULL,
         "an index without an image for linux/amd64, the only one that is looked for (there is "
         "wasip1/wasm; the gateway says: no child with platform)"},
        {"", DIGEST, "another image is taken: " DIGEST},
    };
    struct digest digest;
    digest_of(manifest, strlen(manifest), &digest);
    for (size_t i = 0; i < COUNT(cases); i++) {
        AUTO(gateway_verdict_release) struct gateway_verdict verdict = {0};
        AUTO_FREE char *text =
            mem_printf("{\"manifests\":[{\"mediaType\":\"" MEDIA_OCI_MANIFEST
                       "\",\"digest\":\"%s\",\"size\":8%s}]}",
                       cases[i].digest ? cases[i].digest : digest.text, cases[i].platform);
        check_image(GATEWAY_ENVOY_GATEWAY, manifest, NULL, text, &verdict);
        assert_int_equal(verdict.loads, cases[i].because == NULL);
        if (verdict.loads)
            continue;
        assert_contains(verdict.because, cases[i].because);
        assert_contains(verdict.next, digest.text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_parsed),
        cmocka_unit_test(our_forms_are_taken),
        cmocka_unit_test(manifests_are_judged),
        cmocka_unit_test(wkg_wants_one_layer_and_its_config),
        cmocka_unit_test(layers_are_looked_into),
        cmocka_unit_test(what_lies_too_deep_is_not_reached),
        cmocka_unit_test(content_layers_must_be_raw),
        cmocka_unit_test(a_layer_that_cannot_be_had_is_an_error),
        cmocka_unit_test(indexes_are_followed),
    };
    return cmocka_run_group_tests_name("gateway", tests, NULL, NULL);
}
