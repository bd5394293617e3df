/* Blobs that a store has, found by their digests. */
#include "tests/unit/files.h"

#include "unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "store/blobs.h"

#define FOLDER "0123456789abcdef0123456789abcde"
#define WASM "the bytes of a wasm"
#define LAYER "the bytes of a layer"
#define CONFIG "{}"

struct fixture {
    char dir[MADE_STORE_DIR];
    struct store *store;
    struct store_blobs *blobs;
};

static int setup(void **state)
{
    struct fixture *f = mem_zero(1, sizeof(*f));
    f->store = made_store_open(f->dir);
    store_blobs_open(f->store, &f->blobs);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    store_blobs_close(f->blobs);
    made_store_remove(f->store, f->dir);
    free(f);
    return 0;
}

static struct descriptor blob_of(const char *text)
{
    struct descriptor blob = {.size = (long long)strlen(text)};
    digest_of(text, strlen(text), &blob.digest);
    return blob;
}

static void put(const struct fixture *f, int number, const char *name, const char *text)
{
    AUTO_FREE char *path = mem_printf("%s/" FOLDER "%x/%s", f->dir, (unsigned)number, name);
    AUTO_CLOSE int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    assert_int_equal(file_write_all(fd, text, strlen(text), name, ERR_IGNORED), 0);
}

/* An image of that number, 0 to 15, which says of its wasm that it is WASM. */
static void put_image(const struct fixture *f, int number, const char *wasm)
{
    const struct descriptor layer = blob_of(WASM);
    AUTO_FREE char *dir = mem_printf("%s/" FOLDER "%x", f->dir, (unsigned)number);
    AUTO_FREE char *text = mem_printf("{\"mediaType\":\"a/b\",\"digest\":\"%s\",\"size\":%lld}",
                                      layer.digest.text, layer.size);
    assert_int_equal(mkdir(dir, 0777), 0);
    put(f, number, "descriptor.json", text);
    put(f, number, "filter.wasm", wasm);
}

/* The number of places where the store has the blob. */
static int count(struct fixture *f, const char *text)
{
    const struct descriptor blob = blob_of(text);
    size_t at = 0;
    int found = 0;
    for (int fd; (fd = store_blobs_next(f->blobs, &blob, &at)) >= 0; found++)
        close(fd);
    return found;
}

static void an_empty_store_has_no_blobs(void **state)
{
    assert_int_equal(count(*state, WASM), 0);
    assert_int_equal(count(*state, WASM), 0);
}

static void a_wasm_is_found_in_every_image_that_has_it(void **state)
{
    struct fixture *f = *state;
    put_image(f, 1, WASM);
    put_image(f, 2, WASM);
    put_image(f, 3, WASM "of another size");
    assert_int_equal(count(f, WASM), 2);
    assert_int_equal(count(f, "another"), 0);
}

static void a_layer_is_found_where_a_manifest_was_kept(void **state)
{
    struct fixture *f = *state;
    const struct descriptor layer = blob_of(LAYER);
    AUTO_FREE char *name = mem_printf("sha256-%s", digest_hex(&layer.digest));
    put_image(f, 1, WASM);
    put(f, 1, name, LAYER);
    put(f, 1, "manifest.json", "{}");
    put_image(f, 2, WASM);
    put(f, 2, name, LAYER);
    assert_int_equal(count(f, LAYER), 1);
}

static void what_is_no_file_is_passed_over(void **state)
{
    struct fixture *f = *state;
    AUTO_FREE char *fifo = mem_printf("%s/" FOLDER "1/filter.wasm", f->dir);
    AUTO_FREE char *link = mem_printf("%s/" FOLDER "2/filter.wasm", f->dir);
    put_image(f, 1, "");
    put_image(f, 2, "");
    put_image(f, 3, WASM);
    assert_int_equal(unlink(fifo) | mkfifo(fifo, 0666), 0);
    assert_int_equal(unlink(link) | symlink("../" FOLDER "3/filter.wasm", link), 0);
    assert_int_equal(count(f, WASM), 1);
}

static void a_config_is_found_beside_the_layer(void **state)
{
    struct fixture *f = *state;
    const struct descriptor wasm = blob_of(WASM);
    const struct descriptor config = blob_of(CONFIG);
    const struct descriptor other = blob_of("[]");
    AUTO(buf_release) struct buf out = BUF_INIT(100);
    put_image(f, 1, WASM);
    put(f, 1, "runtime-config.json", "[1]");
    put_image(f, 2, WASM);
    put(f, 2, "runtime-config.json", "()"); /* as long as it, with other bytes */
    assert_int_equal(count(f, WASM), 2);
    assert_false(store_blobs_config(f->blobs, &wasm, &config, &out));
    put(f, 1, "config.json", CONFIG);
    assert_false(store_blobs_config(f->blobs, &wasm, &other, &out));
    assert_true(store_blobs_config(f->blobs, &wasm, &config, &out));
    assert_string_equal(buf_text(&out), CONFIG);
}

#define BLOBS_TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        BLOBS_TEST(an_empty_store_has_no_blobs),
        BLOBS_TEST(a_wasm_is_found_in_every_image_that_has_it),
        BLOBS_TEST(a_layer_is_found_where_a_manifest_was_kept),
        BLOBS_TEST(what_is_no_file_is_passed_over),
        BLOBS_TEST(a_config_is_found_beside_the_layer),
    };
    return cmocka_run_group_tests_name("blobs", tests, NULL, NULL);
}
