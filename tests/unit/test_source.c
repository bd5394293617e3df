/* Sources of images: an upload, which is a manifest and blobs in files, becomes an image of the
 * store. */
#include "tests/unit/files.h"

#include "unit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "image/media_type.h"
#include "image/package.h"
#include "store/layout.h"
#include "store/pack.h"
#include "store/transit/fetch.h"
#include "store/transit/file_source.h"
#include "store/transit/keep_queue.h"

#define RUNTIME "{\"type\":\"envoy_proxy\",\"abiVersions\":[\"v0.2.1\"]}"
#define WASM "\0asm\1\0\0\0\0\3\1xy"

enum { WASM_LEN = sizeof(WASM) - 1, LIMIT = 1024 * 1024 };

/* A store, and an upload to it. */
struct fixture {
    char dir[MADE_STORE_DIR];
    struct store *store;
    struct package package;
    struct store_file *files[2];
    struct file_source_blob blobs[2]; /* the config and the layer */
    struct file_source source;
};

static int setup(void **state)
{
    struct fixture *f = mem_zero(1, sizeof(*f));
    f->store = made_store_open(f->dir);
    *state = f;
    return 0;
}

static void end_upload(struct fixture *f)
{
    package_release(&f->package);
    for (size_t i = 0; i < COUNT(f->files); i++) {
        store_file_end(f->files[i]);
        f->files[i] = NULL;
    }
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    end_upload(f);
    made_store_remove(f->store, f->dir);
    free(f);
    return 0;
}

/* Puts the bytes of `from`, or else `data`, into a file of the store, as an upload does. */
static void upload(struct fixture *f, size_t number, const struct descriptor *blob, int from,
                   const char *data)
{
    assert_int_equal(store_file_begin(f->store, &blob->digest, &f->files[number], ERR_IGNORED), 0);
    int fd = store_file_fd(f->files[number]);
    if (data)
        assert_int_equal(file_write_all(fd, data, (size_t)blob->size, "blob", ERR_IGNORED), 0);
    else
        assert_int_equal(file_copy(from, fd, ERR_IGNORED), 0);
    f->blobs[number] = (struct file_source_blob){blob->digest, fd};
}

static void begin_upload(struct fixture *f, enum image_form form)
{
    AUTO(err_release) struct err err = ERR_INIT;
    AUTO(descriptor_release) struct descriptor wasm = {0};
    AUTO_CLOSE int fd = memory_file(WASM, WASM_LEN);
    AUTO_CLOSE int layer = memory_file("", 0);
    const struct package_options options = {.form = form};
    struct digest digest;
    digest_of(WASM, WASM_LEN, &digest);
    descriptor_init(&wasm, MEDIA_WASM_LAYER, &digest, WASM_LEN, TITLE_WASM);
    const struct filter filter = {&wasm, fd, RUNTIME, strlen(RUNTIME)};
    assert_ok(package_make(&options, &filter, layer, &f->package, &err), &err);
    upload(f, 0, &f->package.config, -1, buf_text(&f->package.config_blob));
    upload(f, 1, &f->package.layer, f->package.wrapped ? layer : fd, NULL);
    f->source = (struct file_source){buf_text(&f->package.manifest), f->package.manifest.len,
                                     f->blobs, COUNT(f->blobs)};
}

/* Takes the upload into the store; the result is that of the image. */
static int take(struct fixture *f, const char *name, struct err *err)
{
    const struct image_source source = source_from_files(&f->source);
    const struct fetch_wish wish = {.store = f->store, .max_size = LIMIT, .whole = true};
    const struct notice notice = {0};
    AUTO(ref_release) struct ref ref = {0};
    assert_int_equal(ref_parse(name, NULL, &ref, ERR_IGNORED), 0);
    AUTO(fetched_release) struct fetched item = {.ref = &ref};
    int rc = fetch_images(&source, &wish, &item, 1, err);
    assert_ok(rc, err);
    rc = err_move(err, &item.err);
    return rc ? rc : keep_fetched(f->store, &item, &ref, &notice, err);
}

static void an_upload_becomes_the_same_image(void **state)
{
    static const enum image_form forms[] = {FORM_OCI, FORM_COMPAT, FORM_DOCKER, FORM_CNCF};
    struct fixture *f = *state;
    for (size_t i = 0; i < COUNT(forms); i++) {
        AUTO(err_release) struct err err = ERR_INIT;
        AUTO(store_image_release) struct store_image image = STORE_IMAGE_INIT;
        AUTO(store_pack_release) struct store_pack pack = {0};
        AUTO(ref_release) struct ref ref = {0};
        char wasm[WASM_LEN + 1];
        begin_upload(f, forms[i]);
        assert_ok(take(f, "harbor.example/a:1", &err), &err);
        assert_int_equal(ref_parse("harbor.example/a:1", NULL, &ref, ERR_IGNORED), 0);
        assert_ok(store_get(f->store, &ref, &image, &err), &err);
        assert_int_equal(pread(image.wasm, wasm, sizeof(wasm), 0), WASM_LEN);
        assert_memory_equal(wasm, WASM, WASM_LEN);
        assert_ok(store_pack(&image, &pack, &err), &err);
        assert_string_equal(pack.digest.text, f->package.digest.text);
        end_upload(f);
    }
}

static void a_blob_that_is_missing_or_damaged_is_refused(void **state)
{
    struct fixture *f = *state;
    AUTO(err_release) struct err err = ERR_INIT;
    begin_upload(f, FORM_CNCF);
    assert_int_equal(pwrite(f->blobs[1].fd, "z", 1, WASM_LEN - 1), 1);
    assert_int_equal(take(f, "harbor.example/a:1", &err), ERR_DAMAGED);
    assert_contains(err_text(&err), "the upload's blob sha256:");
    f->source.count = 1;
    assert_int_equal(take(f, "harbor.example/a:1", &err), ERR_NOT_FOUND);
    assert_contains(err_text(&err), "is missing: upload it");
}

static void a_reference_with_another_digest_finds_no_manifest(void **state)
{
    struct fixture *f = *state;
    AUTO(err_release) struct err err = ERR_INIT;
    AUTO_FREE char *own = NULL;
    begin_upload(f, FORM_OCI);
    own = mem_printf("harbor.example/a@%s", f->package.digest.text);
    assert_ok(take(f, own, &err), &err);
    AUTO_FREE char *other = mem_printf("harbor.example/a@sha256:%064d", 0);
    assert_int_equal(take(f, other, &err), ERR_NOT_FOUND);
}

/* --- A source whose answers come in an order that the test chooses --- */

enum { MANIFESTS = 2 };

/* An answer: the want of that number is fulfilled, while the list has so many wants. */
struct answer {
    size_t want;
    size_t wants_before;
};

struct ordered {
    struct fixture *f;
    const struct answer *answers;
    size_t count;
    int damage; /* the number of an answer before which an image of the store is damaged; or -1 */
};

static void fulfil(struct ordered *ordered, struct registry_want *want)
{
    const struct image_source source = source_from_files(&ordered->f->source);
    AUTO(registry_wants_release) struct registry_wants one = {0};
    registry_wants_add(&one, want);
    assert_int_equal(source.fetch(source.arg, &one, ERR_IGNORED), 0);
    assert_int_equal(one.count, 1); /* what `done` adds is in the fetch's own list */
}

static void damage_wasm(struct fixture *f)
{
    AUTO(store_image_release) struct store_image image = STORE_IMAGE_INIT;
    AUTO(ref_release) struct ref ref = {0};
    assert_int_equal(ref_parse("harbor.example/a:1", NULL, &ref, ERR_IGNORED), 0);
    assert_int_equal(store_get(f->store, &ref, &image, ERR_IGNORED), 0);
    AUTO_FREE char *path = mem_printf("%s/filter.wasm", image.dir);
    AUTO_CLOSE int fd = open(path, O_WRONLY | O_CLOEXEC);
    assert_int_equal(pwrite(fd, "z", 1, WASM_LEN - 1), 1);
}

static int fetch_in_order(void *arg, struct registry_wants *wants, struct err *err)
{
    struct ordered *ordered = arg;
    (void)err;
    for (size_t i = 0; i < ordered->count; i++) {
        assert_int_equal(wants->count, ordered->answers[i].wants_before);
        if ((int)i == ordered->damage)
            damage_wasm(ordered->f);
        fulfil(ordered, wants->items[ordered->answers[i].want]);
    }
    assert_int_equal(wants->count, ordered->count);
    return 0;
}

/* The item is there: puts it into the store, as pull does. */
static void keep(void *arg, struct fetched *item)
{
    const struct notice notice = {0};
    item->rc = keep_fetched(arg, item, item->ref, &notice, &item->err);
}

/* Fetches a:1 and a:2, which are the same image. */
static void fetch_two(struct fixture *f, const struct answer *answers, size_t count, int damage)
{
    AUTO(err_release) struct err err = ERR_INIT;
    static const char *const names[MANIFESTS] = {"harbor.example/a:1", "harbor.example/a:2"};
    struct ordered ordered = {f, answers, count, damage};
    const struct image_source source = {fetch_in_order, &ordered};
    const struct fetch_wish wish = {
        .store = f->store, .max_size = LIMIT, .whole = true, .done = keep, .done_arg = f->store};
    struct ref refs[MANIFESTS] = {0};
    struct fetched items[MANIFESTS] = {0};
    begin_upload(f, FORM_OCI);
    for (size_t i = 0; i < MANIFESTS; i++) {
        assert_int_equal(ref_parse(names[i], NULL, &refs[i], ERR_IGNORED), 0);
        items[i].ref = &refs[i];
    }
    assert_ok(fetch_images(&source, &wish, items, MANIFESTS, &err), &err);
    for (size_t i = 0; i < MANIFESTS; i++) {
        struct digest wasm;
        long long size;
        assert_ok(items[i].rc, &items[i].err);
        bool holds = store_holds(f->store, &refs[i], &f->package.digest, &wasm, &size);
        assert_int_equal(holds, i > 0 || damage < 0);
        fetched_release(&items[i]);
        ref_release(&refs[i]);
    }
}

static void the_blobs_of_an_image_do_not_wait_for_another_manifest(void **state)
{
    /* Want 0 and 1: the manifests; 2 and 3: wasm and config of the first image. The second image
     * comes when all of the first is there, and asks for nothing. */
    static const struct answer answers[] = {{0, 2}, {3, 4}, {2, 4}, {1, 4}};
    fetch_two(*state, answers, COUNT(answers), -1);
}

static void a_blob_under_way_is_not_asked_for_again(void **state)
{
    static const struct answer answers[] = {{0, 2}, {3, 4}, {1, 4}, {2, 4}};
    fetch_two(*state, answers, COUNT(answers), -1);
}

static void a_blob_that_was_changed_since_is_asked_for_again(void **state)
{
    /* Want 4: the wasm, once more. */
    static const struct answer answers[] = {{0, 2}, {2, 4}, {3, 4}, {1, 4}, {4, 5}};
    fetch_two(*state, answers, COUNT(answers), 3);
}

/* An image of the queue: fetched, but not in the store yet. */
struct queued {
    struct ref ref;
    struct fetched item;
};

static void fetch_one(struct fixture *f, const char *name, struct queued *out)
{
    AUTO(err_release) struct err err = ERR_INIT;
    const struct image_source source = source_from_files(&f->source);
    const struct fetch_wish wish = {.store = f->store, .max_size = LIMIT, .whole = true};
    assert_int_equal(ref_parse(name, NULL, &out->ref, ERR_IGNORED), 0);
    out->item = (struct fetched){.ref = &out->ref};
    assert_ok(fetch_images(&source, &wish, &out->item, 1, &err), &err);
    assert_ok(err_move(&err, &out->item.err), &err);
}

/* With and without a thread. */
static void images_of_a_queue_are_in_the_store_at_its_end(void **state)
{
    static const struct notice notice = {0};
    struct fixture *f = *state;
    enum { MANY = 20, BROKEN = 7 };
    for (size_t expected = 1; expected <= MANY; expected += MANY - 1) {
        struct queued queued[MANY] = {0};
        begin_upload(f, FORM_OCI);
        struct keep_queue *queue = keep_queue_new(f->store, expected, &notice);
        for (size_t i = 0; i < MANY; i++) {
            AUTO_FREE char *name = mem_printf("harbor.example/a:%zu", i + 100 * expected);
            fetch_one(f, name, &queued[i]);
            if (i == BROKEN)
                queued[i].item.wasm->name[0]++; /* a file that is not there */
            keep_queue_add(queue, &queued[i].item);
        }
        keep_queue_end(queue);
        queued[BROKEN].item.wasm->name[0]--;
        for (size_t i = 0; i < MANY; i++) {
            AUTO(store_image_release) struct store_image image = STORE_IMAGE_INIT;
            int rc = store_get(f->store, &queued[i].ref, &image, ERR_IGNORED);
            assert_int_equal(rc, i == BROKEN ? ERR_NOT_FOUND : 0);
            assert_int_equal(queued[i].item.rc, i == BROKEN ? ERR_NOT_FOUND : 0);
            fetched_release(&queued[i].item);
            ref_release(&queued[i].ref);
        }
        end_upload(f);
    }
    keep_queue_end(keep_queue_new(f->store, 2, &notice)); /* nothing came */
}

#define SOURCE_TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SOURCE_TEST(an_upload_becomes_the_same_image),
        SOURCE_TEST(a_blob_that_is_missing_or_damaged_is_refused),
        SOURCE_TEST(a_reference_with_another_digest_finds_no_manifest),
        SOURCE_TEST(the_blobs_of_an_image_do_not_wait_for_another_manifest),
        SOURCE_TEST(a_blob_under_way_is_not_asked_for_again),
        SOURCE_TEST(a_blob_that_was_changed_since_is_asked_for_again),
        SOURCE_TEST(images_of_a_queue_are_in_the_store_at_its_end),
    };
    return cmocka_run_group_tests_name("source", tests, NULL, NULL);
}
