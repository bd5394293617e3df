/* The forms of images, told from manifests. */
#include "unit.h"

#include "image/annotation.h"
#include "image/form.h"
#include "image/media_type.h"

#define DIGEST "sha256:93a44bbb96c751218e4c00d479e4c14358122a389acca16205b1e4d0dc5f9476"
#define BLOB(type) "{\"mediaType\":\"" type "\",\"digest\":\"" DIGEST "\",\"size\":8}"
#define TITLED(type, title)                                                                        \
    "{\"mediaType\":\"" type "\",\"digest\":\"" DIGEST "\",\"size\":8,\"annotations\":{"           \
    "\"org.opencontainers.image.title\":\"" title "\"}}"
#define MANIFEST(config, layers)                                                                   \
    "{\"schemaVersion\":2,\"config\":" BLOB(config) ",\"layers\":[" layers "]}"
#define COMPAT                                                                                     \
    "{\"schemaVersion\":2,\"config\":" BLOB(MEDIA_OCI_CONFIG) ",\"layers\":[" BLOB(                \
        MEDIA_OCI_TAR_GZIP) "],\"annotations\":{\"module.wasm.image/variant\":\"compat\"}}"
#define EMPTY "application/vnd.oci.empty.v1+json"

static void parse(const char *text, struct manifest *out)
{
    AUTO(err_release) struct err err = ERR_INIT;
    assert_ok(manifest_parse(text, strlen(text), out, &err), &err);
}

static void names_are_parsed(void **state)
{
    (void)state;
    static const char *const names[] = {"oci", "compat", "docker", "cncf"};
    AUTO(err_release) struct err err = ERR_INIT;
    enum image_form form = FORM_IMAGE;
    for (size_t i = 0; i < COUNT(names); i++) {
        assert_ok(form_parse(names[i], &form, &err), &err);
        assert_string_equal(form_name(form), names[i]);
    }
    assert_int_equal(form_parse("plugin", &form, &err), ERR_USAGE);
    assert_string_equal(err_text(&err), "format \"plugin\": choose oci, compat, docker or cncf");
}

static void forms_are_found(void **state)
{
    (void)state;
    static const struct {
        const char *manifest;
        enum image_form form;
        size_t layer;
        enum wrapping wrapping;
    } cases[] = {
        {MANIFEST(MEDIA_WASM_CONFIG, BLOB(MEDIA_WASM_CONFIG) "," BLOB(MEDIA_WASM_LAYER)), FORM_OCI,
         1, WRAP_RAW},
        {COMPAT, FORM_COMPAT, 0, WRAP_TAR_GZIP},
        {MANIFEST(MEDIA_DOCKER_CONFIG, BLOB(MEDIA_DOCKER_TAR_GZIP)), FORM_DOCKER, 0, WRAP_TAR_GZIP},
        {MANIFEST(MEDIA_CNCF_CONFIG, BLOB(MEDIA_CNCF_LAYER)), FORM_CNCF, 0, WRAP_RAW},
        {MANIFEST(MEDIA_OCI_CONFIG,
                  BLOB("application/vnd.module.wasm.spec.v1+yaml") "," BLOB(
                      "application/vnd.module.wasm.doc.v1+markdown") "," BLOB(MEDIA_OCI_TAR_GZIP)),
         FORM_PLUGIN, 2, WRAP_TAR_GZIP},
        {MANIFEST(MEDIA_WASM_CONFIG, BLOB(MEDIA_WASM_LAYER)), FORM_WASM, 0, WRAP_RAW},
        {MANIFEST("application/vnd.wasm.config.v1+json", BLOB(MEDIA_CONTENT_LAYER)), FORM_WASM, 0,
         WRAP_RAW},
        {MANIFEST(EMPTY, BLOB(EMPTY) "," BLOB(MEDIA_CNCF_LAYER)), FORM_WASM, 1, WRAP_RAW},
        {MANIFEST(EMPTY, BLOB(MEDIA_WASM_LAYER) "," BLOB(MEDIA_WASM_LAYER)), FORM_WASM, 0,
         WRAP_RAW},
        {MANIFEST(EMPTY, BLOB(MEDIA_CNCF_LAYER) "," BLOB(MEDIA_WASM_LAYER)), FORM_WASM, 1,
         WRAP_RAW},
        {MANIFEST(EMPTY, TITLED("application/octet-stream", "plugin.wasm")), FORM_WASM, 0,
         WRAP_RAW},
        {MANIFEST(EMPTY, TITLED(MEDIA_OCI_TAR, "plugin.wasm")), FORM_WASM, 0, WRAP_RAW},
        {MANIFEST(MEDIA_OCI_CONFIG, BLOB(MEDIA_OCI_TAR_GZIP)), FORM_IMAGE, 0, WRAP_TAR_GZIP},
        {MANIFEST(MEDIA_OCI_CONFIG, BLOB(MEDIA_OCI_TAR) "," BLOB(MEDIA_OCI_TAR_ZSTD)), FORM_IMAGE,
         1, WRAP_TAR_ZSTD},
        {MANIFEST(MEDIA_DOCKER_CONFIG, BLOB(MEDIA_DOCKER_TAR) "," BLOB(MEDIA_DOCKER_TAR)),
         FORM_IMAGE, 1, WRAP_TAR},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        AUTO(err_release) struct err err = ERR_INIT;
        AUTO(manifest_release) struct manifest manifest = {0};
        struct form_found found = {0};
        parse(cases[i].manifest, &manifest);
        assert_ok(form_find(&manifest, &found, &err), &err);
        assert_string_equal(form_name(found.form), form_name(cases[i].form));
        assert_int_equal(found.layer, cases[i].layer);
        assert_int_equal(found.wrapping, cases[i].wrapping);
        assert_int_equal(found.has_runtime,
                         strcmp(manifest.config.media_type, MEDIA_WASM_CONFIG) == 0);
    }
}

static void what_carries_no_wasm_is_named(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {MANIFEST("application/vnd.cncf.helm.config.v1+json",
                  BLOB("application/vnd.cncf.helm.chart.content.v1.tar+gzip")),
         "no wasm in it: its config is of type application/vnd.cncf.helm.config.v1+json, its "
         "layers of "
         "application/vnd.cncf.helm.chart.content.v1.tar+gzip"},
        {MANIFEST(EMPTY, ""), "it has no layers"},
        {MANIFEST(EMPTY, TITLED("application/octet-stream", "notes.txt")), "no wasm"},
        {MANIFEST(EMPTY, TITLED(MEDIA_OCI_TAR, "a.wasm") "," TITLED(MEDIA_OCI_TAR, "b.wasm")),
         "2 wasm layers, and which is the filter is not said"},
        {MANIFEST(EMPTY, BLOB(MEDIA_WASM_LAYER) "," BLOB(MEDIA_WASM_LAYER) "," BLOB(EMPTY)),
         "2 wasm layers, and which is the filter is not said"},
        {MANIFEST(EMPTY, "{\"mediaType\":\"" MEDIA_CONTENT_LAYER "\",\"digest\":\"" DIGEST
                         "\",\"size\":8,\"annotations\":{\"org.opencontainers.image.title\":"
                         "\"one\"}}," BLOB(MEDIA_CONTENT_LAYER)),
         "2 wasm layers, and which is the filter is not said (" MEDIA_CONTENT_LAYER
         " one, " MEDIA_CONTENT_LAYER " sha256:93a44"},
        {MANIFEST(EMPTY, BLOB("a/1") "," BLOB("a/2") "," BLOB("a/3") "," BLOB("a/4") "," BLOB(
                             "a/5") "," BLOB("a/6") "," BLOB("a/7") "," BLOB("a/8")),
         "a/5, a/6 and 2 more"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        AUTO(err_release) struct err err = ERR_INIT;
        AUTO(manifest_release) struct manifest manifest = {0};
        struct form_found found = {0};
        parse(cases[i][0], &manifest);
        assert_int_equal(form_find(&manifest, &found, &err), ERR_UNSUPPORTED);
        assert_contains(err_text(&err), cases[i][1]);
    }
}

static void lower_layers_follow(void **state)
{
    (void)state;
    AUTO(manifest_release) struct manifest manifest = {0};
    AUTO(manifest_release) struct manifest oci = {0};
    struct form_found found = {0};
    parse(MANIFEST(MEDIA_OCI_CONFIG,
                   BLOB(MEDIA_OCI_TAR) "," BLOB("text/x") "," BLOB(MEDIA_OCI_TAR_GZIP)),
          &manifest);
    assert_int_equal(form_find(&manifest, &found, ERR_IGNORED), 0);
    assert_int_equal(found.layer, 2);
    assert_true(form_go_lower(&manifest, &found));
    assert_int_equal(found.layer, 0);
    assert_int_equal(found.wrapping, WRAP_TAR);
    assert_false(form_go_lower(&manifest, &found));
    parse(MANIFEST(MEDIA_WASM_CONFIG, BLOB(MEDIA_OCI_TAR) "," BLOB(MEDIA_WASM_LAYER)), &oci);
    assert_int_equal(form_find(&oci, &found, ERR_IGNORED), 0);
    assert_false(form_go_lower(&oci, &found));
}

static void gateways_look_at_the_last_tar_first(void **state)
{
    (void)state;
    static const struct {
        const char *manifest;
        size_t first, second; /* 9: there is none */
    } cases[] = {
        {MANIFEST(EMPTY, BLOB(MEDIA_WASM_LAYER) "," BLOB(MEDIA_OCI_TAR_GZIP)), 1, 0},
        {MANIFEST(EMPTY, BLOB(MEDIA_OCI_TAR_GZIP) "," BLOB(MEDIA_WASM_LAYER)), 1, 9},
        {MANIFEST(EMPTY, BLOB(MEDIA_WASM_LAYER) "," BLOB(MEDIA_OCI_TAR)), 0, 9},
        {MANIFEST(EMPTY, BLOB(MEDIA_WASM_LAYER) "," BLOB(MEDIA_DOCKER_TAR_GZIP)), 0, 9},
        {MANIFEST(EMPTY,
                  BLOB(MEDIA_WASM_LAYER) "," BLOB(MEDIA_WASM_LAYER) "," BLOB(MEDIA_OCI_TAR_GZIP)),
         2, 9},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        AUTO(manifest_release) struct manifest manifest = {0};
        struct form_found found = {0};
        parse(cases[i].manifest, &manifest);
        assert_int_equal(form_find(&manifest, &found, ERR_IGNORED), 0);
        assert_int_equal(found.layer, cases[i].first);
        assert_int_equal(found.before_wasm, manifest.layer_count == 3 || cases[i].second != 9);
        assert_int_equal(form_go_lower(&manifest, &found), cases[i].second != 9);
        if (cases[i].second == 9)
            continue;
        assert_int_equal(found.layer, cases[i].second);
        assert_int_equal(found.wrapping, WRAP_RAW);
        assert_false(form_go_lower(&manifest, &found));
    }
}

static void manifests_keep_their_annotations(void **state)
{
    (void)state;
    AUTO(manifest_release) struct manifest manifest = {0};
    parse(COMPAT, &manifest);
    assert_int_equal(manifest.annotation_count, 1);
    assert_string_equal(manifest_annotation(&manifest, ANNOTATION_VARIANT), "compat");
    assert_null(manifest_annotation(&manifest, "none"));
    AUTO(manifest_release) struct manifest artifact = {0};
    parse("{\"schemaVersion\":2,\"artifactType\":\"a/b\",\"config\":" BLOB(
              EMPTY) ",\"layers\":[],\"annotations\":{"
                     "\"x\":1}}",
          &artifact);
    assert_string_equal(artifact.artifact_type, "a/b");
    assert_int_equal(artifact.annotation_count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_parsed),
        cmocka_unit_test(forms_are_found),
        cmocka_unit_test(what_carries_no_wasm_is_named),
        cmocka_unit_test(lower_layers_follow),
        cmocka_unit_test(gateways_look_at_the_last_tar_first),
        cmocka_unit_test(manifests_keep_their_annotations),
    };
    return cmocka_run_group_tests_name("form", tests, NULL, NULL);
}
