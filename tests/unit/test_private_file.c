/* Small files that are mere memory, and the memory of blobs that is kept in one. */
#include "unit.h"

#include <dirent.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/private_file.h"
#include "files.h"
#include "registry/seen.h"

struct place {
    struct made_folder folder;
    char dir[64]; /* below the folder; not made yet */
    struct private_file file;
};

static int set_up(void **state)
{
    struct place *place = mem_zero(1, sizeof(*place));
    place->folder = (struct made_folder)MADE_FOLDER;
    assert_int_equal(made_folder_fill(&place->folder, "umask 022"), 0);
    snprintf(place->dir, sizeof(place->dir), "%s/cache/wasme", place->folder.path);
    place->file = (struct private_file){.dir = place->dir, .name = "memory"};
    *state = place;
    return 0;
}

static int tear_down(void **state)
{
    struct place *place = *state;
    made_folder_remove(&place->folder);
    free(place);
    return 0;
}

static bool reads(const struct place *place, const char *text)
{
    struct buf out AUTO(buf_release) = BUF_INIT(16);
    return private_file_read(&place->file, &out) && strcmp(buf_text(&out), text) == 0;
}

/* Runs a script of the shell in the folder that has the file. */
static void script(const struct place *place, const char *text)
{
    AUTO_FREE char *whole = mem_printf("cd cache/wasme; %s", text);
    assert_int_equal(made_folder_run(&place->folder, whole), 0);
}

static mode_t mode_of(const char *dir, const char *name)
{
    AUTO_FREE char *path = mem_printf("%s/%s", dir, name);
    struct stat info;
    assert_int_equal(lstat(path, &info), 0);
    return info.st_mode & 07777;
}

static size_t count_files(const char *path)
{
    size_t count = 0;
    DIR *dir = opendir(path);
    assert_non_null(dir);
    while (readdir(dir))
        count++;
    closedir(dir);
    return count - 2;
}

static void what_is_written_is_read_and_is_private(void **state)
{
    const struct place *place = *state;
    assert_false(reads(place, ""));
    assert_true(private_file_write(&place->file, "one", 3));
    assert_true(reads(place, "one"));
    assert_true(private_file_write(&place->file, "two", 3));
    assert_true(reads(place, "two"));
    assert_int_equal(mode_of(place->dir, "."), 0700);
    assert_int_equal(mode_of(place->dir, ".."), 0700);
    assert_int_equal(mode_of(place->dir, "memory"), 0600);
    assert_int_equal(count_files(place->dir), 1);
    private_file_remove(&place->file);
    assert_false(reads(place, "two"));
    assert_int_equal(count_files(place->dir), 0);
}

static void other_things_in_its_place_count_as_no_file(void **state)
{
    static const char *const scripts[] = {
        "chmod 0644 memory",
        "chmod 0660 memory",
        "rm memory; mkdir memory",
        "rm memory; mkfifo -m 600 memory",
        "mv memory real; ln -s real memory",
        "ln memory second",
        "printf 0123456789abcdefX >memory",
    };
    const struct place *place = *state;
    for (size_t i = 0; i < COUNT(scripts); i++) {
        assert_true(private_file_write(&place->file, "text", 4));
        script(place, scripts[i]);
        assert_false(reads(place, "text"));
        bool folder = strstr(scripts[i], "mkdir");
        assert_int_equal(private_file_write(&place->file, "new", 3), !folder);
        assert_int_equal(reads(place, "new"), !folder);
        script(place, "rm -rf ./*");
    }
}

static void a_folder_of_others_is_not_used(void **state)
{
    struct place *place = *state;
    assert_true(private_file_write(&place->file, "text", 4));
    script(place, "chmod 0755 .");
    assert_true(reads(place, "text")); /* nobody else may write to it */
    place->file.secret = true;
    assert_false(reads(place, "text"));
    assert_false(private_file_write(&place->file, "new", 3));
    place->file.secret = false;
    script(place, "chmod 0775 .");
    assert_false(reads(place, "text"));
    script(place, "chmod 0700 .; cd ..; mv wasme real; ln -s real wasme");
    assert_false(reads(place, "text"));
    assert_false(private_file_write(&place->file, "new", 3));
}

static void root_makes_no_folder_in_that_of_another_user(void **state)
{
    const struct place *place = *state;
    if (geteuid() != 0)
        skip();
    assert_int_equal(chown(place->folder.path, 1, 1), 0);
    assert_false(private_file_write(&place->file, "text", 4));
    assert_int_equal(count_files(place->folder.path), 0);
    assert_int_equal(chown(place->folder.path, 0, 0), 0);
}

static void a_relative_folder_and_none_are_no_error(void **state)
{
    (void)state;
    const struct private_file none = {.name = "memory"};
    const struct private_file relative = {.dir = "no-such-folder", .name = "memory"};
    struct buf out AUTO(buf_release) = BUF_INIT(16);
    assert_false(private_file_read(&none, &out));
    assert_false(private_file_write(&none, "text", 4));
    assert_false(private_file_write(&relative, "text", 4));
    private_file_remove(&none);
}

/* --- The memory of blobs --- */

static void add_blobs(const char *dir, size_t from, size_t to)
{
    struct seen seen = {.dir = dir};
    for (size_t i = from; i < to; i++) {
        AUTO_FREE char *name = mem_printf("host/a/b@sha256:%zu", i);
        seen_add(&seen, name);
        assert_true(seen_has(&seen, name));
    }
    seen_close(&seen);
}

static size_t count_blobs(const char *dir, size_t from, size_t to)
{
    struct seen seen = {.dir = dir};
    size_t count = 0;
    for (size_t i = from; i < to; i++) {
        AUTO_FREE char *name = mem_printf("host/a/b@sha256:%zu", i);
        count += seen_has(&seen, name);
    }
    seen_close(&seen);
    return count;
}

static void blobs_are_remembered_and_the_oldest_go(void **state)
{
    const struct place *place = *state;
    const char *dir = place->dir;
    assert_int_equal(count_blobs(dir, 0, 10), 0);
    add_blobs(dir, 0, 10);
    assert_int_equal(count_blobs(dir, 0, 20), 10);
    add_blobs(dir, 10, SEEN_MAX);
    assert_int_equal(count_blobs(dir, 0, SEEN_MAX), SEEN_MAX);
    add_blobs(dir, 0, 10); /* in use again: the newest */
    add_blobs(dir, SEEN_MAX, SEEN_MAX + 5);
    assert_int_equal(count_blobs(dir, 0, 10), 10);
    assert_int_equal(count_blobs(dir, 10, 15), 0);
    assert_int_equal(count_blobs(dir, 15, SEEN_MAX + 5), SEEN_MAX - 10);
    add_blobs(dir, 0, 3 * SEEN_MAX);
    assert_int_equal(count_blobs(dir, 2 * SEEN_MAX, 3 * SEEN_MAX), SEEN_MAX);
}

static void what_another_process_wrote_meanwhile_stays(void **state)
{
    const struct place *place = *state;
    struct seen first = {.dir = place->dir}, second = {.dir = place->dir};
    seen_add(&first, "host/a/b@sha256:0");
    seen_add(&second, "host/a/b@sha256:1");
    seen_close(&first);
    seen_close(&second);
    assert_int_equal(count_blobs(place->dir, 0, 2), 2);
}

static void nothing_new_writes_nothing(void **state)
{
    const struct place *place = *state;
    add_blobs(place->dir, 0, 3);
    script(place, "cp -p blobs old");
    script(place, "touch -d @1 blobs");
    add_blobs(place->dir, 0, 3);
    script(place, "test $(stat -c %Y blobs) = 1 && cmp blobs old");
    struct seen none = {0};
    seen_add(&none, "host/a/b@sha256:0");
    assert_false(seen_has(&none, "host/a/b@sha256:0"));
    seen_close(&none);
}

static void a_damaged_memory_of_blobs_is_none(void **state)
{
    const struct place *place = *state;
    static const char *const scripts[] = {
        "printf x >>blobs",
        "echo garbage >blobs",
        ": >blobs",
        "head -c 40000 /dev/zero >>blobs",
        "rm blobs; ln -s /etc/passwd blobs",
    };
    for (size_t i = 0; i < COUNT(scripts); i++) {
        add_blobs(place->dir, 0, 3);
        assert_int_equal(count_blobs(place->dir, 0, 3), 3);
        script(place, scripts[i]);
        assert_int_equal(count_blobs(place->dir, 0, 3), 0);
    }
    add_blobs(place->dir, 0, 3);
    assert_int_equal(count_blobs(place->dir, 0, 3), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_written_is_read_and_is_private, set_up, tear_down),
        cmocka_unit_test_setup_teardown(other_things_in_its_place_count_as_no_file, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_folder_of_others_is_not_used, set_up, tear_down),
        cmocka_unit_test_setup_teardown(root_makes_no_folder_in_that_of_another_user, set_up,
                                        tear_down),
        cmocka_unit_test(a_relative_folder_and_none_are_no_error),
        cmocka_unit_test_setup_teardown(blobs_are_remembered_and_the_oldest_go, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_another_process_wrote_meanwhile_stays, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(nothing_new_writes_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_damaged_memory_of_blobs_is_none, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
