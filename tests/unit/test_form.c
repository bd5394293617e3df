/* The forms of images, told from manifests, and the wasm taken out of layers. */
#include "unit.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/file.h"
#include "base/process.h"
#include "base/tar.h"
#include "image/form.h"
#include "image/media_type.h"
#include "image/unwrap.h"

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
    assert_int_equal(form_find(&manifest, &found, NULL), 0);
    assert_int_equal(found.layer, 2);
    assert_true(form_lower_layer(&manifest, &found));
    assert_int_equal(found.layer, 0);
    assert_int_equal(found.wrapping, WRAP_TAR);
    assert_false(form_lower_layer(&manifest, &found));
    parse(MANIFEST(MEDIA_WASM_CONFIG, BLOB(MEDIA_OCI_TAR) "," BLOB(MEDIA_WASM_LAYER)), &oci);
    assert_int_equal(form_find(&oci, &found, NULL), 0);
    assert_false(form_lower_layer(&oci, &found));
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
        assert_int_equal(form_find(&manifest, &found, NULL), 0);
        assert_int_equal(found.layer, cases[i].first);
        assert_int_equal(found.before_wasm, manifest.layer_count == 3 || cases[i].second != 9);
        assert_int_equal(form_lower_layer(&manifest, &found), cases[i].second != 9);
        if (cases[i].second == 9)
            continue;
        assert_int_equal(found.layer, cases[i].second);
        assert_int_equal(found.wrapping, WRAP_RAW);
        assert_false(form_lower_layer(&manifest, &found));
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

/* --- Layers --- */

static const char wasm[] = "\0asm\1\0\0\0and more of it";
enum { WASM_LEN = sizeof(wasm) - 1, LIMIT = 1000 };

static int memory_file(const void *data, size_t len)
{
    int fd = memfd_create("layer", MFD_CLOEXEC);
    assert_true(fd >= 0 && write(fd, data, len) == (ssize_t)len);
    return fd;
}

struct file {
    const char *name;
    const char *text; /* NULL: the wasm */
};

static int make_layer(enum tar_packing packing, const struct file *files)
{
    AUTO(err_release) struct err err = ERR_INIT;
    AUTO(tar_abandon_at) struct tar_writer *writer = NULL;
    int fd = memory_file("", 0);
    assert_ok(tar_create(fd, "layer", packing, 0, &writer, &err), &err);
    for (; files->name; files++) {
        const char *text = files->text ? files->text : wasm;
        size_t len = files->text ? strlen(files->text) : WASM_LEN;
        assert_ok(tar_add(writer, files->name, text, len, &err), &err);
    }
    assert_ok(tar_finish(writer, &err), &err);
    return fd;
}

static int unwrap(int layer, enum wrapping declared, struct unwrapped *out, struct err *err)
{
    AUTO_CLOSE int to = memory_file("", 0);
    int rc = unwrap_wasm(layer, "layer", declared, to, LIMIT, out, err);
    if (rc)
        return rc;
    char got[LIMIT];
    struct digest digest;
    assert_int_equal(pread(to, got, sizeof(got), 0), WASM_LEN);
    assert_memory_equal(got, wasm, WASM_LEN);
    assert_int_equal(digest_of(wasm, WASM_LEN, &digest, NULL), 0);
    assert_string_equal(out->digest.text, digest.text);
    assert_int_equal(out->size, WASM_LEN);
    return 0;
}

static void the_wasm_is_found_in_a_tar(void **state)
{
    (void)state;
    static const struct {
        struct file files[4];
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
        for (int packing = TAR_PLAIN; packing <= TAR_GZIP; packing++) {
            AUTO(err_release) struct err err = ERR_INIT;
            AUTO(unwrapped_release) struct unwrapped got = {0};
            AUTO_CLOSE int layer = make_layer(packing, cases[i].files);
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
    static const struct file before[] = {{"runtime-config.json", "{}"}, {"plugin.wasm", NULL}, {0}};
    static const struct file behind[] = {
        {"plugin.wasm", NULL}, {"x/runtime-config.json", "{}"}, {0}};
    const struct file *const both[] = {before, behind};
    for (size_t i = 0; i < COUNT(both); i++) {
        AUTO(err_release) struct err err = ERR_INIT;
        AUTO(unwrapped_release) struct unwrapped got = {0};
        AUTO_CLOSE int layer = make_layer(TAR_GZIP, both[i]);
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
        struct file files[3];
        const char *says;
    } cases[] = {
        {{{"README", "text"}}, "no plugin.wasm and no other .wasm file"},
        {{{"a.wasm", "a"}, {"b.wasm", "b"}}, "no plugin.wasm, and 2 other .wasm files"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        AUTO(err_release) struct err err = ERR_INIT;
        struct unwrapped got = {0};
        AUTO_CLOSE int layer = make_layer(TAR_GZIP, cases[i].files);
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
    assert_int_equal(tar_create(tar, "layer", TAR_GZIP, 0, &writer, NULL), 0);
    assert_int_equal(tar_add(writer, "plugin.wasm", large, LIMIT + 1, NULL), 0);
    assert_int_equal(tar_finish(writer, NULL), 0);
    const int layers[] = {tar, raw};
    for (size_t i = 0; i < COUNT(layers); i++) {
        AUTO(err_release) struct err err = ERR_INIT;
        AUTO_CLOSE int to = memory_file("", 0);
        struct unwrapped got = {0};
        assert_int_equal(unwrap_wasm(layers[i], "layer", WRAP_RAW, to, LIMIT, &got, &err),
                         ERR_DAMAGED);
        assert_contains(err_text(&err),
                        "more than 1000 bytes, the limit: raise it with --max-size");
        assert_int_equal(lseek(to, 0, SEEK_END), 0);
    }
}

static const char script[] =
    "set -e; cd \"$0\"; printf '\\000asm\\001\\000\\000\\000and more of it' >plugin.wasm; "
    "gzip -k plugin.wasm; zstd -qk plugin.wasm; mkdir d l; cp plugin.wasm d; "
    "tar -cf plain.tar d; tar -czf gzip.tar d; zstd -q plain.tar -o zstd.tar; "
    "tar --format=v7 -cf old.tar d; ln -s ../plugin.wasm l/plugin.wasm; tar -cf link.tar l; "
    "tar -cf both.tar l d";

/* What gzip, zstd and GNU tar write. */
static void real_layers_are_unwrapped(void **state)
{
    (void)state;
    char dir[] = "/tmp/wasme-form.XXXXXX";
    assert_non_null(mkdtemp(dir));
    const struct process process = {.argv = (const char *const[]){"sh", "-c", script, dir, NULL}};
    int status = 1;
    assert_int_equal(process_run(&process, &status, NULL), 0);
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
        AUTO(buf_release) struct buf bytes = BUF_INIT(1024 * 1024);
        AUTO_FREE char *path = mem_printf("%s/%s", dir, cases[i].file);
        assert_int_equal(file_read(AT_FDCWD, path, NULL, &bytes, &err), 0);
        AUTO_CLOSE int layer = memory_file(bytes.data, bytes.len);
        int rc = unwrap(layer, WRAP_TAR, &got, &err);
        assert_int_equal(rc, cases[i].rc);
        if (rc == 0)
            assert_string_equal(wrapping_name(got.wrapping), wrapping_name(cases[i].wrapping));
        assert_int_equal(got.note != NULL, strcmp(cases[i].file, "both.tar") == 0);
    }
    const struct process remove = {.argv = (const char *const[]){"rm", "-rf", dir, NULL}};
    int removed = 1;
    assert_int_equal(process_run(&remove, &removed, NULL), 0);
    if (status)
        skip(); /* no zstd */
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
        cmocka_unit_test(the_wasm_is_found_in_a_tar),
        cmocka_unit_test(a_runtime_config_comes_along),
        cmocka_unit_test(a_raw_layer_is_the_wasm),
        cmocka_unit_test(layers_without_one_wasm_are_refused),
        cmocka_unit_test(what_is_no_layer_is_refused),
        cmocka_unit_test(a_wasm_beyond_the_limit_is_refused),
        cmocka_unit_test(real_layers_are_unwrapped),
    };
    return cmocka_run_group_tests_name("form", tests, NULL, NULL);
}
