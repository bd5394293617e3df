/* Which languages fit a folder or a file, by what is in it. */
#include "unit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/dir.h"
#include "base/mem.h"
#include "toolchain/clang_source.h"
#include "toolchain/fits.h"

static void put(const char *path, const char *text)
{
    AUTO_CLOSE int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
}

/* The words of a `fits`, or "" for a source that does not fit. */
static void assert_fits(char *(*fits)(const struct fit_request *request), const char *source,
                        const char *words)
{
    struct stat info = {0};
    (void)stat(source, &info);
    const struct fit_request request = {.source = source, .is_folder = S_ISDIR(info.st_mode)};
    AUTO_FREE char *why = fits(&request);
    assert_string_equal(why ? why : "", words);
}

static void folders_and_files(void **state)
{
    (void)state;
    char folder[] = "/tmp/fits-XXXXXX";
    assert_non_null(mkdtemp(folder));
    assert_int_equal(chdir(folder), 0);
    assert_fits(clang_source_fits, ".", "");
    assert_fits(fits_cargo, ".", "");
    mkdir("src", 0700);
    put("src/lib.cc", "int x;");
    assert_fits(clang_source_fits, ".", "the folder has C or C++ files, as src/lib.cc");
    put("b.c", "int x;");
    put("a.cpp", "int x;");
    put(".hidden.c", "int x;");
    assert_fits(clang_source_fits, ".", "the folder has C or C++ files, as a.cpp");
    put("main.go", "package main");
    assert_fits(clang_source_fits, ".", "");
    assert_fits(clang_source_fits, "b.c", "the file is named as one of C or C++");
    assert_fits(clang_source_fits, "main.go", "");
    mkdir("no-sources", 0700);
    mkdir("no-sources/folder.c", 0700);
    put("no-sources/only_test.c", "int x;");
    assert_int_equal(mkfifo("no-sources/pipe.c", 0600), 0);
    assert_int_equal(symlink("nowhere", "no-sources/link.cc"), 0);
    assert_fits(clang_source_fits, "no-sources", "");
    put("Cargo.toml", "[package]");
    assert_fits(fits_cargo, ".", "the folder has a Cargo.toml");
    put("package.json", "{}");
    assert_fits(fits_assemblyscript, ".", "");
    mkdir("assembly", 0700);
    assert_fits(fits_assemblyscript, ".", "the folder has a package.json and a folder assembly");
    put("text.wasm", "text");
    assert_fits(fits_precompiled, "text.wasm", "the file is named .wasm");
    assert_fits(fits_precompiled, "b.c", "");
    assert_fits(fits_precompiled, ".", "");
    assert_int_equal(chdir("/"), 0);
    assert_int_equal(dir_remove_all(AT_FDCWD, folder, ERR_IGNORED), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(folders_and_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
