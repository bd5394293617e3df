/* All images of a store as of one moment. */
#include "unit.h"

#include <stdio.h>
#include <time.h>

#include "base/file.h"
#include "files.h"
#include "image/media_type.h"
#include "store/pack.h"
#include "store/snapshot.h"

#define CONFIG "{\"type\":\"envoy_proxy\",\"abiVersions\":[\"v0.2.1\"]}"

struct fixture {
    char dir[MADE_STORE_DIR];
    struct store *store;
    int warnings;
    struct notice notice;
};

static void count_warning(void *arg, enum notice_level level, const char *text)
{
    struct fixture *f = arg;
    (void)text;
    f->warnings += level == NOTICE_WARNING;
}

static int setup(void **state)
{
    struct fixture *f = mem_zero(1, sizeof(*f));
    f->store = made_store_open(f->dir);
    f->notice = (struct notice){count_warning, f};
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    made_store_remove(f->store, f->dir);
    free(f);
    return 0;
}

static void commit(struct fixture *f, const char *name, const char *content)
{
    AUTO(err_release) struct err err = ERR_INIT;
    AUTO(ref_release) struct ref ref = {0};
    AUTO(store_file_end_at) struct store_file *wasm = NULL;
    struct store_parts parts = {.runtime_config = CONFIG, .runtime_config_len = strlen(CONFIG)};
    struct digest digest;
    assert_ok(ref_parse(name, NULL, &ref, &err), &err);
    assert_ok(store_file_begin(f->store, NULL, &wasm, &err), &err);
    assert_ok(file_write_all(store_file_fd(wasm), content, strlen(content), "wasm", &err), &err);
    digest_of(content, strlen(content), &digest);
    descriptor_init(&parts.layer, MEDIA_WASM_LAYER, &digest, (long long)strlen(content),
                    TITLE_WASM);
    parts.wasm = wasm;
    assert_ok(store_commit(f->store, &ref, &parts, &err), &err);
    descriptor_release(&parts.layer);
}

static struct store_snapshot *look(struct fixture *f, const struct store_snapshot *before)
{
    AUTO(err_release) struct err err = ERR_INIT;
    struct store_snapshot *made = NULL;
    assert_ok(store_snapshot_make(f->store, before, &f->notice, &made, &err), &err);
    return made;
}

/* A file that has just been written may be written again without another time. */
static void let_settle(void)
{
    nanosleep(&(struct timespec){0, 150 * 1000 * 1000}, NULL);
}

static void an_empty_store(void **state)
{
    AUTO(store_snapshot_drop_at) struct store_snapshot *snapshot = look(*state, NULL);
    assert_int_equal(snapshot->count, 0);
    assert_null(snapshot_by_ref(snapshot, "h.example/a:1"));
}

static void the_order_is_that_of_list(void **state)
{
    struct fixture *f = *state;
    commit(f, "h.example/b:2", "two");
    commit(f, "h.example/ab:1", "three");
    commit(f, "h.example/a:1", "one");
    AUTO(store_snapshot_drop_at) struct store_snapshot *snapshot = look(f, NULL);
    assert_int_equal(snapshot->count, 3);
    assert_string_equal(snapshot->images[0]->ref, "h.example/a:1");
    assert_string_equal(snapshot->images[1]->ref, "h.example/ab:1");
    assert_string_equal(snapshot->images[2]->ref, "h.example/b:2");
}

static void facts_are_those_of_a_push(void **state)
{
    struct fixture *f = *state;
    struct digest wasm, manifest;
    AUTO(ref_release) struct ref ref = {0};
    commit(f, "h.example/a:1", "one");
    AUTO(store_snapshot_drop_at) struct store_snapshot *snapshot = look(f, NULL);
    const struct snapshot_image *image = snapshot_by_ref(snapshot, "h.example/a:1");
    assert_non_null(image);
    assert_ptr_equal(image, snapshot_by_folder(snapshot, image->folder));
    digest_of("one", 3, &wasm);
    assert_string_equal(image->wasm.digest.text, wasm.text);
    assert_int_equal(ref_parse("h.example/a:1", NULL, &ref, ERR_IGNORED), 0);
    assert_true(store_manifest_digest(f->store, &ref, &manifest));
    assert_string_equal(image->manifest.text, manifest.text);
    assert_true(image->manifest_size > 0);
    assert_string_equal(image->media_type, MEDIA_OCI_MANIFEST);
    assert_string_equal(image->form, "oci");
    assert_int_equal(image->blob_count, 3);
    assert_string_equal(image->blobs[2].digest.text, wasm.text);
    assert_int_equal(image->blobs[2].size, 3);
}

static void unchanged_images_are_taken_over(void **state)
{
    struct fixture *f = *state;
    commit(f, "h.example/a:1", "one");
    commit(f, "h.example/b:1", "two");
    let_settle();
    AUTO(store_snapshot_drop_at) struct store_snapshot *first = look(f, NULL);
    AUTO(store_snapshot_drop_at) struct store_snapshot *second = look(f, first);
    assert_true(snapshot_same(first, second));
    commit(f, "h.example/b:1", "three");
    AUTO(store_snapshot_drop_at) struct store_snapshot *third = look(f, second);
    assert_false(snapshot_same(second, third));
    assert_ptr_equal(third->images[0], first->images[0]);
    assert_int_equal(third->images[1]->wasm.size, 5);
}

/* The original wasme writes to the files of an image. */
static void a_change_in_place_is_seen(void **state)
{
    struct fixture *f = *state;
    commit(f, "h.example/a:1", "one");
    let_settle();
    AUTO(store_snapshot_drop_at) struct store_snapshot *first = look(f, NULL);
    AUTO_FREE char *path =
        mem_printf("%s/%s/runtime-config.json", f->dir, first->images[0]->folder);
    FILE *file = fopen(path, "r+");
    assert_non_null(file);
    fputs("{\"type\":\"envoy_proxy\",\"abiVersions\":[\"v0.1.0\"]}", file);
    fclose(file);
    AUTO(store_snapshot_drop_at) struct store_snapshot *second = look(f, first);
    assert_false(snapshot_same(first, second));
    assert_string_not_equal(first->images[0]->manifest.text, second->images[0]->manifest.text);
}

static void a_removed_image_is_gone_and_a_kept_one_stays(void **state)
{
    struct fixture *f = *state;
    AUTO(ref_release) struct ref ref = {0};
    commit(f, "h.example/a:1", "one");
    AUTO(store_snapshot_drop_at) struct store_snapshot *first = look(f, NULL);
    assert_int_equal(ref_parse("h.example/a:1", NULL, &ref, ERR_IGNORED), 0);
    assert_int_equal(store_remove(f->store, &ref, ERR_IGNORED), 0);
    AUTO(store_snapshot_drop_at) struct store_snapshot *second = look(f, first);
    assert_int_equal(second->count, 0);
    AUTO(store_snapshot_drop_at) struct store_snapshot *kept = store_snapshot_keep(first);
    assert_string_equal(kept->images[0]->ref, "h.example/a:1");
}

static void a_damaged_image_is_told_and_left_out(void **state)
{
    struct fixture *f = *state;
    commit(f, "h.example/a:1", "one");
    commit(f, "h.example/b:1", "two");
    AUTO(store_snapshot_drop_at) struct store_snapshot *first = look(f, NULL);
    AUTO_FREE char *path = mem_printf("%s/%s/descriptor.json", f->dir, first->images[0]->folder);
    assert_int_equal(remove(path), 0);
    AUTO(store_snapshot_drop_at) struct store_snapshot *second = look(f, first);
    assert_int_equal(second->count, 1);
    assert_string_equal(second->images[0]->ref, "h.example/b:1");
    assert_int_equal(f->warnings, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_empty_store, setup, teardown),
        cmocka_unit_test_setup_teardown(the_order_is_that_of_list, setup, teardown),
        cmocka_unit_test_setup_teardown(facts_are_those_of_a_push, setup, teardown),
        cmocka_unit_test_setup_teardown(unchanged_images_are_taken_over, setup, teardown),
        cmocka_unit_test_setup_teardown(a_change_in_place_is_seen, setup, teardown),
        cmocka_unit_test_setup_teardown(a_removed_image_is_gone_and_a_kept_one_stays, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_damaged_image_is_told_and_left_out, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
