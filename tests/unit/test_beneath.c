/* Files below a folder: by openat2(2), and name by name. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit.h"

#include "base/beneath.h"
#include "files.h"

static const char tree_script[] =
    "umask 022; mkdir -p site/sub/deep other && cd site && echo inside >file && echo deep >sub/deep/file &&"
    "echo outside >../secret && echo outside >../other/file &&"
    "mkfifo fifo && ln -s file good && ln -s sub/deep folder && ln -s ../file sub/up &&"
    "ln -s ../../sub/up sub/deep/far && ln -s ../secret out && ln -s sub/../../secret sub-out &&"
    "ln -s ../other away && ln -s /etc etc && ln -s \"$PWD/file\" absolute && ln -s \"$PWD\" self &&"
    "ln -s \"$PWD/../secret\" sly && ln -s \"${PWD}x\" longer && ln -s loop loop && ln -s away chain &&"
    "ln -s nowhere dangling && ln -s /proc/self/root/etc magic && ln -s . here && mkdir 'a b' &&"
    "ln -s sub/deep/../../sub/deep/../../file many && ln -s ../site/file back";

struct expected {
    const char *path;
    const char *text; /* the content; NULL: an error */
    int number;       /* of errno */
    const char *link;
};

static const struct expected expectations[] = {
    {"/file", "inside\n", 0, NULL},
    {"file", "inside\n", 0, NULL},
    {"//file", "inside\n", 0, NULL},
    {"/./sub/../file", "inside\n", 0, NULL},
    {"/good", "inside\n", 0, NULL},
    {"/folder/file", "deep\n", 0, NULL},
    {"/sub/up", "inside\n", 0, NULL},
    {"/sub/deep/far", "inside\n", 0, NULL},
    {"/folder/far", "inside\n", 0, NULL},
    {"/here/here/good", "inside\n", 0, NULL},
    {"/many", "inside\n", 0, NULL},
    {"/absolute", "inside\n", 0, NULL},
    {"/self/self/file", "inside\n", 0, NULL},
    {"/out", NULL, EXDEV, "/out"},
    {"/folder/../../out", NULL, EXDEV, "/out"},
    {"/sub-out", NULL, EXDEV, "/sub-out"},
    {"/away/file", NULL, EXDEV, "/away"},
    {"/chain/file", NULL, EXDEV, "/away"},
    {"/etc/passwd", NULL, EXDEV, "/etc"},
    {"/sly", NULL, EXDEV, "/sly"},
    {"/longer", NULL, EXDEV, "/longer"},
    {"/back", NULL, EXDEV, "/back"},
    {"/magic/passwd", NULL, EXDEV, "/magic"},
    {"/self/out", NULL, EXDEV, "/out"},
    {"/../secret", NULL, EXDEV, NULL},
    {"/sub/../../secret", NULL, EXDEV, NULL},
    {"/loop", NULL, ELOOP, NULL},
    {"/nowhere", NULL, ENOENT, NULL},
    {"/dangling", NULL, ENOENT, NULL},
    {"/file/", NULL, ENOTDIR, NULL},
    {"/file/x", NULL, ENOTDIR, NULL},
    {"/good/", NULL, ENOTDIR, NULL},
    {"/fifo/x", NULL, ENOTDIR, NULL},
};

static int find_by_kernel(int root, const char *path, char **link)
{
    return beneath_find(&(struct beneath){root, .follow = false}, path, link);
}

static void check(int (*find)(int root, const char *path, char **link), int root,
                  const struct expected *expected)
{
    AUTO_FREE char *link = NULL;
    AUTO_CLOSE int found = find(root, expected->path, &link);
    int number = found < 0 ? errno : 0;
    if (number != expected->number)
        fail_msg("%s: %s", expected->path, strerror(number));
    if (!mem_same_text(link, expected->link))
        fail_msg("%s: the link %s", expected->path, link ? link : "(none)");
    if (!expected->text)
        return;
    char text[64] = "";
    AUTO_CLOSE int fd =
        beneath_open(&(struct beneath){root, .follow = false}, expected->path, found);
    assert_true(fd >= 0 && read(fd, text, sizeof(text) - 1) >= 0);
    assert_string_equal(text, expected->text);
    assert_int_equal(read(found, text, 1), -1);
}

static void open_site(const struct made_folder *folder, int *root)
{
    AUTO_FREE char *path = mem_printf("%s/site", folder->path);
    *root = open(path, O_PATH | O_CLOEXEC);
    assert_true(*root >= 0);
}

static void what_is_found(void **state)
{
    (void)state;
    AUTO(made_folder_remove) struct made_folder folder = MADE_FOLDER;
    assert_int_equal(made_folder_fill(&folder, tree_script), 0);
    AUTO_CLOSE int root = -1;
    open_site(&folder, &root);
    for (size_t i = 0; i < COUNT(expectations); i++) {
        check(find_by_kernel, root, &expectations[i]);
        check(beneath_walk, root, &expectations[i]);
    }
    struct stat info, top;
    AUTO_CLOSE int itself = beneath_find(&(struct beneath){root, .follow = false}, "/", NULL);
    AUTO_CLOSE int walked = beneath_walk(root, "/sub/..", NULL);
    assert_int_equal(fstat(itself, &info), 0);
    assert_int_equal(fstat(walked, &top), 0);
    assert_int_equal(info.st_ino, top.st_ino);
}

static void a_fifo_is_found_and_not_opened(void **state)
{
    (void)state;
    AUTO(made_folder_remove) struct made_folder folder = MADE_FOLDER;
    assert_int_equal(made_folder_fill(&folder, tree_script), 0);
    AUTO_CLOSE int root = -1;
    open_site(&folder, &root);
    AUTO_CLOSE int found = find_by_kernel(root, "/fifo", NULL);
    struct stat info;
    assert_int_equal(fstat(found, &info), 0);
    assert_true(S_ISFIFO(info.st_mode));
    AUTO_CLOSE int writer = openat(root, "fifo", O_WRONLY | O_NONBLOCK | O_CLOEXEC);
    assert_int_equal(writer, -1); /* a FIFO without a reader */
    assert_int_equal(errno, ENXIO);
}

static void followed_on_request(void **state)
{
    (void)state;
    AUTO(made_folder_remove) struct made_folder folder = MADE_FOLDER;
    assert_int_equal(made_folder_fill(&folder, tree_script), 0);
    AUTO_CLOSE int root = -1;
    open_site(&folder, &root);
    const struct beneath tree = {root, .follow = true};
    static const char *const paths[] = {"/out", "/away/file", "/chain/file", "/sly"};
    for (size_t i = 0; i < COUNT(paths); i++) {
        char text[64] = "";
        AUTO_CLOSE int found = beneath_find(&tree, paths[i], NULL);
        AUTO_CLOSE int fd = beneath_open(&tree, paths[i], found);
        assert_true(fd >= 0 && read(fd, text, sizeof(text) - 1) > 0);
        assert_string_equal(text, "outside\n");
    }
}

/* A path of links that would take for ever ends. */
static void the_way_has_a_bound(void **state)
{
    (void)state;
    AUTO(made_folder_remove) struct made_folder folder = MADE_FOLDER;
    static const char script[] =
        "mkdir -p site/a && cd site && up=$(seq 600 | sed 's|.*|a/..|' | tr '\\n' /) &&"
        "ln -s \"$up/l2\" l1 && ln -s \"$up/l3\" l2 && ln -s \"$up/l4\" l3 && ln -s \"$up/a\" l4";
    assert_int_equal(made_folder_fill(&folder, script), 0);
    AUTO_CLOSE int root = -1;
    open_site(&folder, &root);
    AUTO_CLOSE int short_way = beneath_walk(root, "/l4", NULL);
    assert_true(short_way >= 0);
    assert_int_equal(beneath_walk(root, "/l1", NULL), -1);
    assert_int_equal(errno, ELOOP);
}

struct swapper {
    int folder;
    atomic_bool stop;
};

/* Exchanges a folder for a link that leads out, as fast as can be. */
static void *swap(void *opaque)
{
    struct swapper *swapper = opaque;
    while (!atomic_load(&swapper->stop))
        renameat2(swapper->folder, "box", swapper->folder, "trap", RENAME_EXCHANGE);
    return NULL;
}

static void swapped_while_found(void **state)
{
    (void)state;
    AUTO(made_folder_remove) struct made_folder folder = MADE_FOLDER;
    static const char script[] =
        "mkdir -p site/box/in other/in && echo inside >site/box/in/file &&"
        "echo outside >other/in/file && ln -s ../other site/trap && ln -s ../../other/in site/box/up";
    assert_int_equal(made_folder_fill(&folder, script), 0);
    AUTO_CLOSE int root = -1;
    open_site(&folder, &root);
    struct swapper swapper = {.folder = root};
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, swap, &swapper), 0);
    int inside = 0, refused = 0, outside = 0;
    for (int i = 0; i < 20000; i++) {
        const struct beneath tree = {root, .follow = false};
        int found = i % 2 ? beneath_find(&tree, "/box/in/file", NULL)
                          : beneath_walk(root, "/box/in/file", NULL);
        char text[64] = "";
        AUTO_CLOSE int fd = found < 0 ? -1 : beneath_open(&tree, "/box/in/file", found);
        if (fd >= 0 && read(fd, text, sizeof(text) - 1) > 0)
            *(strcmp(text, "inside\n") == 0 ? &inside : &outside) += 1;
        else
            refused++;
        if (found >= 0)
            close(found);
    }
    atomic_store(&swapper.stop, true);
    pthread_join(thread, NULL);
    print_message("inside %d, refused %d, outside %d\n", inside, refused, outside);
    assert_int_equal(outside, 0);
    assert_true(inside > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_found),       cmocka_unit_test(a_fifo_is_found_and_not_opened),
        cmocka_unit_test(followed_on_request), cmocka_unit_test(the_way_has_a_bound),
        cmocka_unit_test(swapped_while_found),
    };
    return cmocka_run_group_tests_name("beneath", tests, NULL, NULL);
}
