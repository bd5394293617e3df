/* Changes in folders. */
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "unit.h"

#include "base/dir_watch.h"
#include "files.h"

struct watched {
    struct made_folder folder;
    int root;
    struct dir_watch *watch;
};

static void begin(struct watched *watched, const char *script)
{
    watched->folder = (struct made_folder)MADE_FOLDER;
    assert_int_equal(made_folder_fill(&watched->folder, script), 0);
    watched->root = open(watched->folder.path, O_PATH | O_CLOEXEC);
    assert_int_equal(dir_watch_open(watched->root, &watched->watch, ERR_IGNORED), 0);
}

static void end(struct watched *watched)
{
    dir_watch_close(watched->watch);
    close(watched->root);
    made_folder_remove(&watched->folder);
}

/* Whether a change is noticed after the script. */
static bool notices(const struct watched *watched, const char *script)
{
    bool noticed = false;
    struct pollfd wait = {.fd = dir_watch_fd(watched->watch), .events = POLLIN};
    assert_int_equal(made_folder_run(&watched->folder, script), 0);
    while (poll(&wait, 1, 0) > 0)
        noticed = dir_watch_read(watched->watch) || noticed;
    return noticed;
}

static const char tree[] =
    "mkdir -p a/b/c d && echo x >a/b/file && echo y >a/other && ln -s b a/link";

static void changes_on_the_way(void **state)
{
    (void)state;
    static const struct {
        const char *script;
        bool noticed;
    } cases[] = {
        {"cat a/b/file >copy && rm copy", false},
        {"echo more >>a/b/file", true},
        {"echo new >a/b/x && mv a/b/x a/b/file", true},
        {"rm a/b/file", true},
        {": >a/b/file", true},
        {"truncate -s 9 a/b/file", true},
        {"touch -d 2020-01-01 a/b/file", true},
        {"chmod 600 a/b/file", true},
        {"ln a/b/file a/b/second", true},
        {"mv a z && mv z a", true},
        {"mv a/b d/b && mv d/b a/b", true},
        {"rm -r a && mkdir -p a/b && echo x >a/b/file", true},
        {"chmod 755 a && chmod 700 a", true},
        {"echo more >>a/other", false},
        {"mkdir a/e && rmdir a/e", false},
        {"echo z >z && rm z", false},
        {"echo z >d/z", false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct watched watched;
        begin(&watched, tree);
        assert_true(dir_watch_path(watched.watch, "/a/b/file"));
        assert_true(dir_watch_path(watched.watch, "/a/b/file"));
        if (notices(&watched, cases[i].script) != cases[i].noticed)
            fail_msg("%s", cases[i].script);
        /* And once more. */
        assert_true(dir_watch_path(watched.watch, "/a/b/file"));
        assert_true(notices(&watched, "echo again >a/b/file"));
        end(&watched);
    }
}

static void a_folder_on_the_way_becomes_the_last(void **state)
{
    (void)state;
    struct watched watched;
    begin(&watched, tree);
    assert_true(dir_watch_path(watched.watch, "/a/b/file"));
    assert_false(notices(&watched, "echo more >>a/other"));
    assert_true(dir_watch_path(watched.watch, "/a/other"));
    assert_true(notices(&watched, "echo more >>a/other"));
    assert_true(dir_watch_path(watched.watch, "/"));
    assert_true(notices(&watched, ": >z"));
    end(&watched);
}

static void what_cannot_be_watched(void **state)
{
    (void)state;
    struct watched watched;
    begin(&watched, tree);
    assert_false(dir_watch_path(watched.watch, "/a/link/file"));
    assert_false(dir_watch_path(watched.watch, "/nowhere/file"));
    assert_false(dir_watch_path(watched.watch, "/a/b/file/"));
    assert_true(dir_watch_path(watched.watch, "/a/nowhere"));
    assert_true(notices(&watched, ": >a/nowhere"));
    end(&watched);
}

static void folders_have_a_bound(void **state)
{
    (void)state;
    struct watched watched;
    char path[32];
    begin(&watched, "seq 1100 | xargs mkdir");
    int count = 0;
    for (int i = 1; i <= 1100; i++) {
        snprintf(path, sizeof(path), "/%d/", i);
        count += dir_watch_path(watched.watch, path);
    }
    assert_in_range(count, 1, DIR_WATCH_MAX - 1); /* the root is one, too */
    assert_true(dir_watch_path(watched.watch, "/1/x"));
    assert_true(notices(&watched, "rmdir 1"));
    assert_true(dir_watch_path(watched.watch, "/1100/x")); /* there is room again */
    end(&watched);
}

/* More events than the system keeps. */
static void nothing_is_missed_in_a_flood(void **state)
{
    (void)state;
    struct watched watched;
    begin(&watched, "mkdir a b");
    assert_true(dir_watch_path(watched.watch, "/a/x"));
    assert_true(dir_watch_path(watched.watch, "/b/x"));
    assert_true(notices(&watched, "cd a && seq 20000 | xargs touch"));
    assert_true(dir_watch_path(watched.watch, "/b/x"));
    assert_true(notices(&watched, ": >b/x"));
    end(&watched);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(changes_on_the_way),
        cmocka_unit_test(a_folder_on_the_way_becomes_the_last),
        cmocka_unit_test(what_cannot_be_watched),
        cmocka_unit_test(folders_have_a_bound),
        cmocka_unit_test(nothing_is_missed_in_a_flood),
    };
    return cmocka_run_group_tests_name("dir_watch", tests, NULL, NULL);
}
