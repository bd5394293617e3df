/* Files that are written into the store, and parts of blobs that stay for a later run. */
#include "tests/unit/files.h"

#include "unit.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "store/layout.h"

struct fixture {
    char dir[MADE_STORE_DIR];
    struct store *store;
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
    made_store_remove(f->store, f->dir);
    free(f);
    return 0;
}

/* Any change cleans up, also a change that fails because the image does not exist. */
static void change_store(struct fixture *f)
{
    AUTO(ref_release) struct ref ref = {0};
    assert_int_equal(ref_parse("a:1", NULL, &ref, ERR_IGNORED), 0);
    assert_int_equal(store_remove(f->store, &ref, ERR_IGNORED), ERR_NOT_FOUND);
}

static int leftovers(const struct fixture *f)
{
    int count = 0;
    DIR *dir = opendir(f->dir);
    assert_non_null(dir);
    for (struct dirent *item; (item = readdir(dir));)
        count += strncmp(item->d_name, ".new-", 5) == 0 || strncmp(item->d_name, ".part-", 6) == 0;
    closedir(dir);
    return count;
}

static struct store_file *begin_blob(struct fixture *f, const struct digest *digest)
{
    struct store_file *file = NULL;
    assert_int_equal(store_file_begin(f->store, digest, &file, ERR_IGNORED), 0);
    return file;
}

static void a_part_of_a_blob_is_kept(void **state)
{
    struct fixture *f = *state;
    struct digest digest;
    AUTO_FREE char *bytes = mem_zero(STORE_PART_MIN, 1);
    digest_of("blob", 4, &digest);
    struct store_file *file = begin_blob(f, &digest);
    assert_int_equal(store_file_kept(file), 0);
    assert_int_equal(file_write_all(store_file_fd(file), bytes, STORE_PART_MIN, "", ERR_IGNORED),
                     0);
    struct store_file *other = begin_blob(f, &digest); /* the first one has it */
    assert_int_equal(store_file_kept(other), 0);
    assert_int_equal(leftovers(f), 2);
    store_file_end(other);
    store_file_end(file);
    assert_int_equal(leftovers(f), 1);
    change_store(f); /* young: it is let be */
    file = begin_blob(f, &digest);
    assert_int_equal(store_file_kept(file), STORE_PART_MIN);
    assert_int_equal(lseek(store_file_fd(file), 0, SEEK_CUR), STORE_PART_MIN);
    store_file_spoil(file);
    store_file_end(file);
    assert_int_equal(leftovers(f), 0);
    file = begin_blob(f, &digest); /* too little to keep */
    assert_int_equal(file_write_all(store_file_fd(file), "x", 1, "", ERR_IGNORED), 0);
    store_file_end(file);
    assert_int_equal(leftovers(f), 0);
}

static void an_old_part_goes(void **state)
{
    struct fixture *f = *state;
    struct digest digest;
    AUTO_FREE char *bytes = mem_zero(STORE_PART_MIN, 1);
    digest_of("blob", 4, &digest);
    struct store_file *file = begin_blob(f, &digest);
    assert_int_equal(file_write_all(store_file_fd(file), bytes, STORE_PART_MIN, "", ERR_IGNORED),
                     0);
    time_t then = time(NULL) - STORE_PART_LIFE - 100;
    const struct timespec times[] = {{.tv_sec = then}, {.tv_sec = then}};
    assert_int_equal(futimens(store_file_fd(file), times), 0);
    change_store(f);
    assert_int_equal(leftovers(f), 1); /* its writer lives */
    store_file_end(file);
    change_store(f);
    assert_int_equal(leftovers(f), 0);
}

#define STORE_TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(a_part_of_a_blob_is_kept),
        STORE_TEST(an_old_part_goes),
    };
    return cmocka_run_group_tests_name("store_file", tests, NULL, NULL);
}
