/* Packaging: the golden bytes of each form, the same at any time, and read back. */
#include "tests/unit/files.h"

#include "unit.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/process.h"
#include "image/media_type.h"
#include "image/package.h"
#include "image/form.h"
#include "image/unwrap.h"

#define RUNTIME                                                                                    \
    "{\"type\":\"envoy_proxy\",\"abiVersions\":[\"v0-4689a30309abf31aee9ae36e73d34b1bb182685f\","  \
    "\"v0.2.1\"],\"config\":{\"rootIds\":[\"root_id\"]}}"
#define WASM_DIGEST "sha256:93a44bbb96c751218e4c00d479e4c14358122a389acca16205b1e4d0dc5f9476"

/* Of the tar with the two files, both from 1970. */
#define DIFF_ID "sha256:608221eacc463798ff427f03f328983e27d72c59d1e7e08376209c01812a28a6"

static const unsigned char tiny_wasm[8] = {0, 'a', 's', 'm', 1, 0, 0, 0};

static int make_from(const struct package_options *options, const char *runtime, int layer,
                     struct package *out, struct err *err)
{
    AUTO(descriptor_release) struct descriptor wasm = {0};
    AUTO_CLOSE int fd = memory_file(tiny_wasm, sizeof(tiny_wasm));
    struct digest digest;
    digest_of(tiny_wasm, sizeof(tiny_wasm), &digest);
    descriptor_init(&wasm, MEDIA_WASM_LAYER, &digest, sizeof(tiny_wasm), TITLE_WASM);
    const struct filter filter = {&wasm, fd, runtime, strlen(runtime)};
    return package_make(options, &filter, layer, out, err);
}

/* The package; its layer stays open in `*layer` when it has one of its own. */
static void make(const struct package_options *options, struct package *out, int *layer)
{
    AUTO(err_release) struct err err = ERR_INIT;
    *layer = memory_file("", 0);
    assert_ok(make_from(options, RUNTIME, *layer, out, &err), &err);
    struct digest digest;
    digest_of(out->manifest.data, out->manifest.len, &digest);
    assert_string_equal(digest.text, out->digest.text);
    digest_of(out->config_blob.data, out->config_blob.len, &digest);
    assert_string_equal(digest.text, out->config.digest.text);
    assert_int_equal(out->config.size, out->config_blob.len);
}

static void find(const struct package *package, enum image_form expected, struct form_found *found)
{
    AUTO(err_release) struct err err = ERR_INIT;
    AUTO(manifest_release) struct manifest manifest = {0};
    assert_ok(manifest_parse(package->manifest.data, package->manifest.len, &manifest, &err), &err);
    assert_ok(form_find(&manifest, found, &err), &err);
    assert_string_equal(form_name(found->form), form_name(expected));
    assert_true(digest_equal(&manifest.layers[found->layer].digest, &package->layer.digest));
    assert_true(digest_equal(&manifest.config.digest, &package->config.digest));
    if (manifest.media_type)
        assert_string_equal(manifest.media_type, package->media_type);
}

static int unwrap(int layer, enum wrapping declared, struct unwrapped *out, struct err *err)
{
    const struct unwrap_request request = {
        .layer = layer, .shown = "layer", .declared = declared, .wasm = -1, .max = 1000};
    return unwrap_wasm(&request, out, err);
}

static void oci_is_golden(void **state)
{
    (void)state;
    const struct package_options options = {.form = FORM_OCI};
    AUTO(package_release) struct package package = {0};
    AUTO_CLOSE int layer = -1;
    struct form_found found;
    make(&options, &package, &layer);
    find(&package, FORM_OCI, &found);
    assert_int_equal(package.manifest.len, 852);
    assert_string_equal(package.digest.text,
                        "sha256:e5cf9f86109a8ad0af46ae444850505ce13c06e2b19423aefd4346d79aac4c60");
    assert_string_equal(package.media_type, MEDIA_OCI_MANIFEST);
    assert_string_equal(package.layer.digest.text, WASM_DIGEST);
    assert_false(package.wrapped);
    assert_int_equal(lseek(layer, 0, SEEK_END), 0);
}

static void cncf_is_golden(void **state)
{
    (void)state;
    const struct package_options options = {.form = FORM_CNCF};
    AUTO(package_release) struct package package = {0};
    AUTO_CLOSE int layer = -1;
    struct form_found found;
    make(&options, &package, &layer);
    find(&package, FORM_CNCF, &found);
    assert_string_equal(
        buf_text(&package.config_blob),
        "{\"created\":\"1970-01-01T00:00:00Z\",\"author\":null,\"architecture\":\"wasm\",\"os\":"
        "\"wasip1\",\"layerDigests\":[\"" WASM_DIGEST "\"]}");
    AUTO_FREE char *expected = mem_printf(
        "{\"schemaVersion\":2,\"mediaType\":\"" MEDIA_OCI_MANIFEST
        "\",\"config\":{\"mediaType\":\"application/vnd.wasm.config.v0+json\",\"digest\":\"%s\","
        "\"size\":%zu},\"layers\":[{\"mediaType\":\"application/wasm\",\"digest\":\"" WASM_DIGEST
        "\",\"size\":8,\"annotations\":{\"org.opencontainers.image.title\":\"filter.wasm\"}}]}",
        package.config.digest.text, package.config_blob.len);
    assert_string_equal(buf_text(&package.manifest), expected);
    assert_false(package.wrapped);
}

static void a_component_says_what_it_joins(void **state)
{
    (void)state;
    static const char *const imports[] = {"wasi:io/poll@0.2.0", NULL};
    const struct package_options options = {.form = FORM_CNCF,
                                            .author = "A <a@b>",
                                            .created = 1700000000,
                                            .component = true,
                                            .imports = imports};
    AUTO(package_release) struct package package = {0};
    AUTO_CLOSE int layer = -1;
    make(&options, &package, &layer);
    assert_string_equal(
        buf_text(&package.config_blob),
        "{\"created\":\"2023-11-14T22:13:20Z\",\"author\":\"A \\u003ca@b\\u003e\",\"architecture\":"
        "\"wasm\",\"os\":\"wasip2\",\"layerDigests\":[\"" WASM_DIGEST
        "\"],\"component\":{\"exports\":[],\"imports\":[\"wasi:io/poll@0.2.0\"],\"target\":null}}");
}

/* The diff_id is of the tar, whose bytes are ours; the layer's own digest is zlib's matter too. */
static void image_configs_are_golden(void **state)
{
    (void)state;
    static const char expected[] =
        "{\"created\":\"1970-01-01T00:00:00Z\",\"architecture\":\"amd64\",\"os\":\"linux\","
        "\"config\":{},\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"" DIFF_ID
        "\"]},\"history\":[{"
        "\"created\":\"1970-01-01T00:00:00Z\",\"created_by\":\"wasme: plugin.wasm\"}]}";
    static const enum image_form forms[] = {FORM_COMPAT, FORM_DOCKER};
    for (size_t i = 0; i < COUNT(forms); i++) {
        const struct package_options options = {.form = forms[i]};
        AUTO(package_release) struct package package = {0};
        AUTO_CLOSE int layer = -1;
        make(&options, &package, &layer);
        assert_string_equal(buf_text(&package.config_blob), expected);
    }
}

/* gzip and sha256sum give the diff_id of the config for the layer. */
static void diff_ids_are_of_the_plain_tar(void **state)
{
    (void)state;
    const struct package_options options = {.form = FORM_DOCKER};
    AUTO(err_release) struct err err = ERR_INIT;
    AUTO(package_release) struct package package = {0};
    AUTO(buf_release) struct buf seen = BUF_INIT(1000);
    AUTO_CLOSE int layer = -1;
    make(&options, &package, &layer);
    AUTO_FREE char *command =
        mem_printf("gzip -dc </proc/%d/fd/%d | sha256sum | cut -c1-64", (int)getpid(), layer);
    const struct process process = {.argv = (const char *const[]){"sh", "-c", command, NULL},
                                    .output = process_keep(&seen)};
    int status = 1;
    assert_ok(process_run(&process, &status, &err), &err);
    assert_int_equal(status, 0);
    assert_string_equal(buf_text(&seen), (DIFF_ID "\n") + strlen("sha256:"));
}

static void images_carry_the_wasm_in_a_layer(void **state)
{
    (void)state;
    static const struct {
        enum image_form form;
        const char *manifest, *config, *layer;
    } cases[] = {
        {FORM_COMPAT, MEDIA_OCI_MANIFEST, MEDIA_OCI_CONFIG, MEDIA_OCI_TAR_GZIP},
        {FORM_DOCKER, MEDIA_DOCKER_MANIFEST, MEDIA_DOCKER_CONFIG, MEDIA_DOCKER_TAR_GZIP},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct package_options options = {.form = cases[i].form};
        AUTO(err_release) struct err err = ERR_INIT;
        AUTO(package_release) struct package package = {0};
        AUTO(unwrapped_release) struct unwrapped got = {0};
        AUTO_CLOSE int layer = -1;
        struct form_found found;
        struct digest digest;
        make(&options, &package, &layer);
        find(&package, cases[i].form, &found);
        assert_string_equal(package.media_type, cases[i].manifest);
        assert_string_equal(package.config.media_type, cases[i].config);
        assert_string_equal(package.layer.media_type, cases[i].layer);
        assert_true(package.wrapped);
        assert_int_equal(digest_of_fd(layer, &digest, NULL, ERR_IGNORED), 0);
        assert_string_equal(digest.text, package.layer.digest.text);
        assert_ok(unwrap(layer, found.wrapping, &got, &err), &err);
        assert_string_equal(got.digest.text, WASM_DIGEST);
        assert_string_equal(got.entry, "plugin.wasm");
        assert_true(got.by_rule);
        assert_string_equal(buf_text(&got.runtime_config), RUNTIME);
    }
}

static void a_runtime_config_may_be_absent(void **state)
{
    (void)state;
    const struct package_options options = {.form = FORM_COMPAT};
    AUTO(err_release) struct err err = ERR_INIT;
    AUTO(package_release) struct package package = {0};
    AUTO(unwrapped_release) struct unwrapped got = {0};
    AUTO_CLOSE int layer = memory_file("", 0);
    assert_ok(make_from(&options, "", layer, &package, &err), &err);
    assert_ok(unwrap(layer, WRAP_TAR_GZIP, &got, &err), &err);
    assert_false(got.has_runtime);
}

static void packaging_is_reproducible(void **state)
{
    (void)state;
    struct digest first[FORM_CNCF + 1];
    for (int again = 0; again < 2; again++) {
        for (int form = FORM_OCI; form <= FORM_CNCF; form++) {
            const struct package_options options = {.form = (enum image_form)form};
            AUTO(package_release) struct package package = {0};
            AUTO_CLOSE int layer = -1;
            mode_t before = umask(again ? 077 : 022);
            make(&options, &package, &layer);
            umask(before);
            if (again)
                assert_string_equal(package.digest.text, first[form].text);
            first[form] = package.digest;
        }
        sleep(again ? 0 : 1);
    }
}

static void the_time_is_the_one_given(void **state)
{
    (void)state;
    struct package_options options = {.form = FORM_COMPAT, .created = 1700000000};
    AUTO(err_release) struct err err = ERR_INIT;
    AUTO(package_release) struct package package = {0};
    AUTO_CLOSE int layer = -1;
    make(&options, &package, &layer);
    assert_contains(buf_text(&package.config_blob), "{\"created\":\"2023-11-14T22:13:20Z\"");
    AUTO_CLOSE int second = memory_file("", 0);
    struct package none = {0};
    options.created = -1;
    assert_int_equal(make_from(&options, RUNTIME, second, &none, &err), ERR_USAGE);
    assert_contains(err_text(&err), "SOURCE_DATE_EPOCH");
}

static void annotations_are_merged_and_sorted(void **state)
{
    (void)state;
    static const struct annotation given[] = {
        {"z", "last"},
        {"a", "<first>"},
        {"module.wasm.runtime/type", "other"},
        {"z", "again"},
    };
    static const struct {
        enum image_form form;
        const char *end;
    } cases[] = {
        {FORM_OCI, ",\"annotations\":{\"a\":\"\\u003cfirst\\u003e\","
                   "\"module.wasm.runtime/abi_version\":"
                   "\"v0-4689a30309abf31aee9ae36e73d34b1bb182685f,v0.2.1\","
                   "\"module.wasm.runtime/type\":\"other\",\"z\":\"again\"}}"},
        {FORM_COMPAT, ",\"annotations\":{\"a\":\"\\u003cfirst\\u003e\","
                      "\"module.wasm.image/variant\":\"compat\","
                      "\"module.wasm.runtime/type\":\"other\",\"z\":\"again\"}}"},
        {FORM_CNCF, ",\"annotations\":{\"a\":\"\\u003cfirst\\u003e\","
                    "\"module.wasm.runtime/type\":\"other\",\"z\":\"again\"}}"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct package_options options = {
            .form = cases[i].form, .annotations = given, .annotation_count = COUNT(given)};
        AUTO(package_release) struct package package = {0};
        AUTO_CLOSE int layer = -1;
        make(&options, &package, &layer);
        assert_contains(buf_text(&package.manifest), cases[i].end);
    }
}

static void what_cannot_be_made_is_refused(void **state)
{
    (void)state;
    static const struct annotation given[] = {{"a", "b"}};
    static const struct {
        struct package_options options;
        const char *runtime;
        int rc;
        const char *says;
    } cases[] = {
        {{.form = FORM_DOCKER, .annotations = given, .annotation_count = 1},
         RUNTIME,
         ERR_USAGE,
         "a Docker manifest has no annotations: leave them out, or choose the format compat"},
        {{.form = FORM_PLUGIN}, RUNTIME, ERR_UNSUPPORTED, "the form plugin are read, not written"},
        {{.form = FORM_OCI}, "", ERR_DAMAGED, "runtime-config.json: JSON"},
        {{.form = FORM_COMPAT}, "{\"x\":1}", ERR_DAMAGED, "runtime-config.json: unknown key"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        AUTO(err_release) struct err err = ERR_INIT;
        AUTO_CLOSE int layer = memory_file("", 0);
        struct package none = {0};
        assert_int_equal(make_from(&cases[i].options, cases[i].runtime, layer, &none, &err),
                         cases[i].rc);
        assert_contains(err_text(&err), cases[i].says);
    }
}

static void a_layer_that_cannot_be_written_is_an_error(void **state)
{
    (void)state;
    const struct package_options options = {.form = FORM_COMPAT};
    AUTO(err_release) struct err err = ERR_INIT;
    struct package none = {0};
    assert_true(make_from(&options, RUNTIME, -1, &none, &err) < 0);
    assert_contains(err_text(&err), "the layer: ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(oci_is_golden),
        cmocka_unit_test(cncf_is_golden),
        cmocka_unit_test(a_component_says_what_it_joins),
        cmocka_unit_test(image_configs_are_golden),
        cmocka_unit_test(diff_ids_are_of_the_plain_tar),
        cmocka_unit_test(images_carry_the_wasm_in_a_layer),
        cmocka_unit_test(a_runtime_config_may_be_absent),
        cmocka_unit_test(packaging_is_reproducible),
        cmocka_unit_test(the_time_is_the_one_given),
        cmocka_unit_test(annotations_are_merged_and_sorted),
        cmocka_unit_test(what_cannot_be_made_is_refused),
        cmocka_unit_test(a_layer_that_cannot_be_written_is_an_error),
    };
    return cmocka_run_group_tests_name("package", tests, NULL, NULL);
}
