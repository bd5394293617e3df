/* Several images that go into the store together. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/dir.h"
#include "base/file.h"
#include "files.h"
#include "image/media_type.h"
#include "store/layout.h"
#include "store/sync.h"

#define CONFIG "{\"type\":\"envoy_proxy\",\"abiVersions\":[\"v0.2.1\"]}"
enum { MANY = 70 }; /* more than one group */

struct fixture {
    char dir[MADE_STORE_DIR];
    struct store *store;
    struct ref refs[MANY];
    struct store_parts parts[MANY];
    struct store_change changes[MANY];
};

static int setup(void **state)
{
    struct fixture *f = mem_zero(1, sizeof(*f));
    f->store = made_store_open(f->dir);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    for (size_t i = 0; i < MANY; i++) {
        ref_release(&f->refs[i]);
        store_file_end(f->parts[i].wasm);
        descriptor_release(&f->parts[i].layer);
        err_release(&f->changes[i].err);
    }
    made_store_remove(f->store, f->dir);
    free(f);
    return 0;
}

static void prepare(struct fixture *f, size_t number, const char *name, const char *content)
{
    struct store_parts *parts = &f->parts[number];
    struct digest digest;
    *parts = (struct store_parts){.runtime_config = CONFIG, .runtime_config_len = strlen(CONFIG)};
    assert_int_equal(ref_parse(name, NULL, &f->refs[number], ERR_IGNORED), 0);
    assert_int_equal(store_file_begin(f->store, NULL, &parts->wasm, ERR_IGNORED), 0);
    assert_int_equal(
        file_write_all(store_file_fd(parts->wasm), content, strlen(content), "wasm", ERR_IGNORED),
        0);
    digest_of(content, strlen(content), &digest);
    descriptor_init(&parts->layer, MEDIA_WASM_LAYER, &digest, (long long)strlen(content),
                    TITLE_WASM);
    f->changes[number] = (struct store_change){.ref = &f->refs[number], .parts = parts};
}

static void prepare_many(struct fixture *f)
{
    for (int i = 0; i < MANY; i++) {
        char name[32], content[32];
        snprintf(name, sizeof(name), "many:%d", i);
        snprintf(content, sizeof(content), "content %d", i);
        prepare(f, (size_t)i, name, content);
    }
}

static void assert_content(struct fixture *f, const char *name, const char *content)
{
    AUTO(err_release) struct err err = ERR_INIT;
    AUTO(ref_release) struct ref ref = {0};
    AUTO(store_image_release) struct store_image image = STORE_IMAGE_INIT;
    char found[64] = "";
    assert_int_equal(ref_parse(name, NULL, &ref, ERR_IGNORED), 0);
    assert_ok(store_get(f->store, &ref, &image, &err), &err);
    assert_true(pread(image.wasm, found, sizeof(found) - 1, 0) >= 0);
    assert_string_equal(found, content);
}

/* How many names in the store's folder begin with a dot, .lock apart. */
static size_t leftovers(struct fixture *f)
{
    size_t count = 0;
    AUTO(dir_close_at) DIR *dir = dir_open(f->store->fd, ".");
    for (struct dirent *item; (item = readdir(dir));)
        count += item->d_name[0] == '.' && strcmp(item->d_name, ".") != 0 &&
                 strcmp(item->d_name, "..") != 0 && strcmp(item->d_name, ".lock") != 0;
    return count;
}

static void many_images_appear(void **state)
{
    struct fixture *f = *state;
    prepare_many(f);
    store_commit_all(f->store, f->changes, MANY);
    for (size_t i = 0; i < MANY; i++)
        assert_ok(f->changes[i].rc, &f->changes[i].err);
    assert_content(f, "many:0", "content 0");
    assert_content(f, "many:31", "content 31");
    assert_content(f, "many:32", "content 32");
    assert_content(f, "many:69", "content 69");
    assert_int_equal(leftovers(f), 0);
}

static void a_failed_image_says_nothing_of_the_others(void **state)
{
    struct fixture *f = *state;
    prepare_many(f);
    f->parts[3].layer.size++;                      /* not the size of its file */
    f->parts[5].wasm->name[0]++;                   /* a file that is gone */
    AUTO_CLOSE int locked = f->parts[40].wasm->fd; /* closed at the end */
    assert_true(locked >= 0);
    f->parts[40].wasm->fd = open("/dev/null", O_RDONLY); /* EINVAL, in the second group */
    f->parts[40].layer.size = 0;
    store_commit_all(f->store, f->changes, MANY);
    for (size_t i = 0; i < MANY; i++)
        if (i == 3 || i == 5 || i == 40)
            assert_int_not_equal(f->changes[i].rc, 0);
        else
            assert_ok(f->changes[i].rc, &f->changes[i].err);
    assert_int_equal(f->changes[3].rc, ERR_DAMAGED);
    assert_non_null(strstr(err_text(&f->changes[5].err), "move "));
    assert_non_null(strstr(err_text(&f->changes[40].err), "sync .new-"));
    assert_content(f, "many:4", "content 4");
    assert_content(f, "many:41", "content 41");
    f->parts[5].wasm->name[0]--;
    for (size_t i = 0; i < MANY; i++)
        store_file_end(STEAL(f->parts[i].wasm));
    assert_int_equal(leftovers(f), 0);
}

static void each_image_replaces_its_own(void **state)
{
    struct fixture *f = *state;
    prepare(f, 0, "a:1", "old");
    prepare(f, 1, "b:1", "old");
    store_commit_all(f->store, f->changes, 2);
    prepare(f, 2, "b:1", "new");
    prepare(f, 3, "c:1", "first");
    prepare(f, 4, "c:1", "second"); /* the same reference twice: the later image stays */
    store_commit_all(f->store, f->changes + 2, 3);
    for (size_t i = 0; i < 5; i++)
        assert_ok(f->changes[i].rc, &f->changes[i].err);
    assert_content(f, "a:1", "old");
    assert_content(f, "b:1", "new");
    assert_content(f, "c:1", "second");
    assert_int_equal(leftovers(f), 0);
}

static void without_the_lock_all_fail(void **state)
{
    struct fixture *f = *state;
    prepare(f, 0, "a:1", "one");
    prepare(f, 1, "b:1", "two");
    assert_int_equal(mkdirat(f->store->fd, ".lock", 0700), 0);
    store_commit_all(f->store, f->changes, 2);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(f->changes[i].rc, ERR_FAILED);
        assert_non_null(strstr(err_text(&f->changes[i].err), ".lock"));
    }
    assert_int_equal(unlinkat(f->store->fd, ".lock", AT_REMOVEDIR), 0);
}

static void each_sync_has_its_own_result(void **state)
{
    (void)state;
    AUTO(sync_release) struct sync_list list = {0};
    sync_all(&list);
    for (size_t i = 0; i < 3 * SYNC_THREADS; i++)
        sync_add(&list, i % 3 ? memory_file("x", 1) : -1, i % 3, "a file", i);
    sync_all(&list);
    for (size_t i = 0; i < list.count; i++) {
        assert_int_equal(list.jobs[i].of, i);
        assert_int_equal(list.jobs[i].number, i % 3 ? 0 : EBADF);
    }
}

#define COMMIT_TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        COMMIT_TEST(many_images_appear),
        COMMIT_TEST(a_failed_image_says_nothing_of_the_others),
        COMMIT_TEST(each_image_replaces_its_own),
        COMMIT_TEST(without_the_lock_all_fail),
        cmocka_unit_test(each_sync_has_its_own_result),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
