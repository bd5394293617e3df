/* A push sends the stored manifest when it fits the files, otherwise the oci form. */
#include "unit.h"

#include <sys/mman.h>

#include "base/file.h"
#include "image/media_type.h"
#include "store/pack.h"

#define CONFIG "{\"type\":\"envoy_proxy\",\"abiVersions\":[\"v0.2.1\"]}"

/* An image as if the store had read it, without a store. */
static void make_image(struct store_image *image, const char *wasm, const char *config)
{
    struct digest digest;
    *image = (struct store_image)STORE_IMAGE_INIT;
    digest_of(wasm, strlen(wasm), &digest);
    descriptor_init(&image->layer, MEDIA_WASM_LAYER, &digest, (long long)strlen(wasm), TITLE_WASM);
    image->dir = mem_dup("/store/folder");
    image->wasm = memfd_create("wasm", MFD_CLOEXEC);
    assert_true(image->wasm >= 0);
    assert_int_equal(file_write_all(image->wasm, wasm, strlen(wasm), "wasm", ERR_IGNORED), 0);
    buf_init(&image->runtime_config, RUNTIME_CONFIG_MAX);
    buf_init(&image->manifest, MANIFEST_MAX);
    buf_init(&image->config_blob, MANIFEST_MAX);
    buf_add_text(&image->runtime_config, config);
}

static void pack(const struct store_image *image, struct store_pack *out)
{
    AUTO(err_release) struct err err = ERR_INIT;
    assert_ok(store_pack(image, out, &err), &err);
}

/* The manifest that would be made, with a mediaType in front: other bytes, the same blobs. */
static void keep_manifest(struct store_image *image)
{
    AUTO(store_pack_release) struct store_pack made = {0};
    pack(image, &made);
    assert_false(made.kept);
    buf_printf(&image->manifest, "{\"mediaType\":\"" MEDIA_OCI_MANIFEST "\",%s",
               buf_text(&made.manifest) + 1);
}

static void a_kept_manifest_is_sent(void **state)
{
    (void)state;
    AUTO(store_image_release) struct store_image image;
    AUTO(store_pack_release) struct store_pack sent = {0};
    make_image(&image, "abc", CONFIG);
    keep_manifest(&image);
    pack(&image, &sent);
    assert_true(sent.kept);
    assert_string_equal(buf_text(&sent.manifest), buf_text(&image.manifest));
    assert_string_equal(store_pack_media_type(&sent), MEDIA_OCI_MANIFEST);
}

/* The original wasme rewrites the files of an image, and does not know the stored manifest. */
static void a_manifest_of_other_files_is_not_sent(void **state)
{
    (void)state;
    AUTO(store_image_release) struct store_image image;
    AUTO(store_image_release) struct store_image other;
    AUTO(store_pack_release) struct store_pack config_changed = {0};
    AUTO(store_pack_release) struct store_pack wasm_changed = {0};
    make_image(&image, "abc", CONFIG);
    keep_manifest(&image);
    make_image(&other, "changed", CONFIG);
    buf_add_text(&other.manifest, buf_text(&image.manifest));
    pack(&other, &wasm_changed);
    assert_false(wasm_changed.kept);
    buf_clear(&image.runtime_config);
    buf_add_text(&image.runtime_config, "{}");
    pack(&image, &config_changed);
    assert_false(config_changed.kept);
}

static void a_config_that_cannot_be_read_is_named(void **state)
{
    (void)state;
    AUTO(err_release) struct err err = ERR_INIT;
    AUTO(store_image_release) struct store_image image;
    struct store_pack sent = {0};
    make_image(&image, "abc", "{\"kind\":1}");
    assert_int_equal(store_pack(&image, &sent, &err), ERR_DAMAGED);
    assert_contains(err_text(&err), "/store/folder: runtime-config.json: unknown key \"kind\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_kept_manifest_is_sent),
        cmocka_unit_test(a_manifest_of_other_files_is_not_sent),
        cmocka_unit_test(a_config_that_cannot_be_read_is_named),
    };
    return cmocka_run_group_tests_name("pack", tests, NULL, NULL);
}
