#include "tests/unit/files.h"

#include "unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/dir.h"
#include "base/process.h"
#include "store/store.h"

int memory_file(const void *data, size_t len)
{
    int fd = memfd_create("test", MFD_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, data, len), len);
    return fd;
}

int make_layer(enum tar_packing packing, const struct layer_entry *entries, const void *wasm,
               size_t wasm_len)
{
    AUTO(err_release) struct err err = ERR_INIT;
    AUTO(tar_abandon_at) struct tar_writer *writer = NULL;
    int fd = memory_file("", 0);
    assert_ok(tar_create(fd, "layer", packing, &writer, &err), &err);
    for (; entries->name; entries++) {
        const char *text = entries->text;
        assert_ok(tar_add(writer, entries->name, text ? text : wasm, text ? strlen(text) : wasm_len,
                          &err),
                  &err);
    }
    assert_ok(tar_finish(writer, &err), &err);
    return fd;
}

static int run(const char *const *argv)
{
    AUTO(err_release) struct err err = ERR_INIT;
    const struct process process = {.argv = argv};
    int status = 1;
    assert_ok(process_run(&process, &status, &err), &err);
    return status;
}

int made_folder_fill(struct made_folder *folder, const char *script)
{
    assert_non_null(mkdtemp(folder->path));
    return made_folder_run(folder, script);
}

int made_folder_run(const struct made_folder *folder, const char *script)
{
    AUTO_FREE char *in_folder = mem_printf("set -e; cd \"$0\"; %s", script);
    return run((const char *const[]){"sh", "-c", in_folder, folder->path, NULL});
}

int made_folder_open(const struct made_folder *folder, const char *name)
{
    AUTO_FREE char *path = mem_printf("%s/%s", folder->path, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    return fd;
}

void made_folder_remove(struct made_folder *folder)
{
    assert_int_equal(run((const char *const[]){"rm", "-rf", folder->path, NULL}), 0);
}

int private_folder_set_up(void **state)
{
    struct made_folder *folder = mem_zero(1, sizeof(*folder));
    *folder = (struct made_folder)MADE_FOLDER;
    *state = folder;
    return made_folder_fill(folder, "chmod 700 .");
}

int private_folder_tear_down(void **state)
{
    struct made_folder *folder = *state;
    made_folder_remove(folder);
    free(folder);
    return 0;
}

struct store *made_store_open(char dir[MADE_STORE_DIR])
{
    struct store *store = NULL;
    snprintf(dir, MADE_STORE_DIR, "/tmp/wasme-unit-XXXXXX");
    assert_non_null(mkdtemp(dir));
    assert_int_equal(store_open(dir, &store, ERR_IGNORED), 0);
    return store;
}

void made_store_remove(struct store *store, const char *dir)
{
    store_close(store);
    assert_int_equal(dir_remove_all(AT_FDCWD, dir, ERR_IGNORED), 0);
}
