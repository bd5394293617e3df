/* Paths of folders. */
#include <fcntl.h>
#include <stdlib.h>

#include "unit.h"

#include "base/dir.h"
#include "base/file.h"

static void folders_that_hold_others(void **state)
{
    (void)state;
    assert_true(dir_holds("/a", "/a"));
    assert_true(dir_holds("/a", "/a/b"));
    assert_true(dir_holds("/", "/a"));
    assert_false(dir_holds("/a", "/ab"));
    assert_false(dir_holds("/a/b", "/a"));
}

static void the_folder_of_a_folder_and_of_a_file(void **state)
{
    (void)state;
    char root[] = "/tmp/wasme-test-XXXXXX";
    assert_non_null(mkdtemp(root));
    AUTO_FREE char *file = mem_printf("%s/./file", root);
    assert_int_equal(file_create(AT_FDCWD, file, "x", 1, ERR_IGNORED), 0);
    AUTO_FREE char *of_folder = dir_of(root);
    AUTO_FREE char *of_file = dir_of(file);
    AUTO_FREE char *of_device = dir_of("/dev/null");
    assert_string_equal(of_folder, root);
    assert_string_equal(of_file, root);
    assert_string_equal(of_device, "/dev");
    assert_int_equal(dir_remove_all(AT_FDCWD, root, ERR_IGNORED), 0);
    assert_null(dir_of(root));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(folders_that_hold_others),
        cmocka_unit_test(the_folder_of_a_folder_and_of_a_file),
    };
    return cmocka_run_group_tests_name("dir", tests, NULL, NULL);
}
