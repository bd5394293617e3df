/* Locks between processes. */
#include "unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/dir.h"
#include "base/lock.h"

struct place {
    char path[64];
    int dir;
    char said[256]; /* the last notice */
};

static void keep_notice(void *arg, enum notice_level level, const char *text)
{
    struct place *place = arg;
    assert_int_equal(level, NOTICE_INFO);
    snprintf(place->said, sizeof(place->said), "%s", text);
}

static int set_up(void **state)
{
    struct place *place = mem_zero(1, sizeof(*place));
    snprintf(place->path, sizeof(place->path), "/tmp/lock-test-XXXXXX");
    assert_non_null(mkdtemp(place->path));
    place->dir = open(place->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    *state = place;
    return 0;
}

static int tear_down(void **state)
{
    struct place *place = *state;
    close(place->dir);
    (void)dir_remove_all(AT_FDCWD, place->path, ERR_IGNORED);
    free(place);
    return 0;
}

static int take(struct place *place, long seconds, const volatile int *interrupted, int *fd,
                struct err *err)
{
    const struct notice notice = {keep_notice, place};
    const struct lock_wait wait = {&notice, interrupted, seconds};
    const struct lock_place file = {place->dir, ".lock", "STORE/.lock"};
    return lock_take(&file, &wait, fd, err);
}

static mode_t mode_of(const struct place *place)
{
    struct stat info;
    assert_int_equal(fstatat(place->dir, ".lock", &info, 0), 0);
    return info.st_mode & 07777;
}

static void nobody_else_can_open_it(void **state)
{
    struct place *place = *state;
    AUTO(err_release) struct err err = ERR_INIT;
    static const struct {
        mode_t folder, file;
    } cases[] = {
        {0700, 0600}, {0755, 0600}, {0775, 0660}, {0777, 0666}, {01777, 0600}, {0755, 0600},
    };
    /* An older lock file that others can read gets the right mode. */
    close(openat(place->dir, ".lock", O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
    for (size_t i = 0; i < COUNT(cases); i++) {
        AUTO_CLOSE int fd = -1;
        assert_int_equal(fchmod(place->dir, cases[i].folder), 0);
        assert_ok(take(place, 0, NULL, &fd, &err), &err);
        assert_int_equal(mode_of(place), cases[i].file);
        assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    }
}

static void what_root_makes_belongs_to_the_folders_owner(void **state)
{
    struct place *place = *state;
    AUTO_CLOSE int fd = -1;
    struct stat info;
    if (geteuid() != 0)
        skip();
    assert_int_equal(fchown(place->dir, 1234, 2345), 0);
    assert_int_equal(take(place, 0, NULL, &fd, ERR_IGNORED), 0);
    assert_int_equal(fstat(fd, &info), 0);
    assert_int_equal(info.st_uid, 1234);
    assert_int_equal(info.st_gid, 2345);
    assert_int_equal(info.st_mode & 07777, 0600);
}

static void the_wait_is_told_and_has_an_end(void **state)
{
    struct place *place = *state;
    AUTO(err_release) struct err err = ERR_INIT;
    AUTO_CLOSE int first = -1;
    int second = -1;
    assert_int_equal(take(place, 0, NULL, &first, ERR_IGNORED), 0);
    int64_t begun = clock_ms();
    assert_int_equal(take(place, 2, NULL, &second, &err), ERR_FAILED);
    assert_in_range(clock_ms() - begun, 1990, 20000);
    assert_int_equal(second, -1);
    assert_string_equal(place->said, "waiting for STORE/.lock, which another wasme holds");
    assert_contains(err_text(&err), "another process has held STORE/.lock for 2 s");
}

static void an_interrupt_ends_the_wait(void **state)
{
    struct place *place = *state;
    AUTO(err_release) struct err err = ERR_INIT;
    AUTO_CLOSE int first = -1;
    int second = -1;
    static const volatile int interrupted = 1;
    assert_int_equal(take(place, 0, NULL, &first, ERR_IGNORED), 0);
    assert_int_equal(take(place, 0, &interrupted, &second, &err), ERR_INTERRUPTED);
    assert_string_equal(place->said, "");
}

/* A process that holds the lock for a moment and then removes the file. */
static pid_t hold_and_remove(struct place *place)
{
    int ready[2];
    char byte;
    assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
    pid_t child = fork();
    if (child == 0) {
        int fd = -1;
        if (take(place, 0, NULL, &fd, ERR_IGNORED) != 0 || write(ready[1], "x", 1) != 1)
            _exit(1);
        clock_sleep_ms(200);
        _exit(unlinkat(place->dir, ".lock", 0) != 0);
    }
    assert_int_equal(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    close(ready[1]);
    return child;
}

static void a_file_that_is_removed_is_no_lock_any_more(void **state)
{
    struct place *place = *state;
    AUTO(err_release) struct err err = ERR_INIT;
    AUTO_CLOSE int fd = -1;
    struct stat ours, there;
    int status = 0;
    pid_t child = hold_and_remove(place);
    assert_ok(take(place, 0, NULL, &fd, &err), &err);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(fstat(fd, &ours), 0);
    assert_int_equal(fstatat(place->dir, ".lock", &there, 0), 0);
    assert_int_equal(ours.st_ino, there.st_ino);
}

static void other_things_in_its_place_are_errors(void **state)
{
    struct place *place = *state;
    AUTO(err_release) struct err err = ERR_INIT;
    int fd = -1;
    assert_int_equal(mkfifoat(place->dir, ".lock", 0600), 0);
    assert_int_equal(take(place, 0, NULL, &fd, &err), ERR_FAILED);
    assert_contains(err_text(&err), "STORE/.lock is not a regular file");
    assert_int_equal(unlinkat(place->dir, ".lock", 0), 0);
    assert_int_equal(symlinkat("elsewhere", place->dir, ".lock"), 0);
    assert_int_equal(take(place, 0, NULL, &fd, &err), ERR_FAILED);
    assert_int_equal(faccessat(place->dir, "elsewhere", F_OK, 0), -1);
    assert_int_equal(fd, -1);
}

/* Another user may have another name of the file, so its owner and mode stay. */
static void a_file_of_several_names_stays_as_it_is(void **state)
{
    struct place *place = *state;
    struct stat info;
    struct err err AUTO(err_release) = ERR_INIT;
    int fd = -1;
    int victim = openat(place->dir, "victim", O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
    assert_int_equal(fchmod(victim, 0644), 0);
    assert_int_equal(linkat(place->dir, "victim", place->dir, ".lock", 0), 0);
    assert_int_equal(take(place, 0, NULL, &fd, &err), 0);
    assert_int_equal(fstat(victim, &info), 0);
    assert_int_equal(info.st_mode & 07777, 0644);
    close(victim);
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(nobody_else_can_open_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_root_makes_belongs_to_the_folders_owner, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(the_wait_is_told_and_has_an_end, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_interrupt_ends_the_wait, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_file_that_is_removed_is_no_lock_any_more, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(other_things_in_its_place_are_errors, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_file_of_several_names_stays_as_it_is, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
