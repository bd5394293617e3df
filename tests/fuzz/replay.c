/* Runs a fuzz target over files, without libFuzzer: replay FILE|FOLDER... */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/mem.h"

#include <fcntl.h>

enum { INPUT_MAX = 64 * 1024 * 1024 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t replayed;

static int replay_file(const char *path)
{
    AUTO(err_release) struct err err = ERR_INIT;
    AUTO(buf_release) struct buf input = BUF_INIT(INPUT_MAX);
    if (file_read(AT_FDCWD, path, NULL, &input, &err) != 0) {
        fprintf(stderr, "%s\n", err_text(&err));
        return 1;
    }
    /* A block of exactly that size, so that a sanitizer sees a read past its end. */
    AUTO_FREE uint8_t *exact = mem_alloc(input.len ? input.len : 1);
    if (input.len)
        memcpy(exact, input.data, input.len);
    fprintf(stderr, "%s\n", path); /* the last line tells which input a crash is of */
    LLVMFuzzerTestOneInput(exact, input.len);
    replayed++;
    return 0;
}

static int replay(const char *path)
{
    struct stat info;
    if (stat(path, &info) != 0) {
        perror(path);
        return 1;
    }
    if (!S_ISDIR(info.st_mode))
        return replay_file(path);
    struct dirent **items = NULL;
    int count = scandir(path, &items, NULL, alphasort);
    int rc = count < 0;
    for (int i = 0; i < count; i++) {
        AUTO_FREE char *item = mem_printf("%s/%s", path, items[i]->d_name);
        if (items[i]->d_name[0] != '.')
            rc |= replay(item);
        free(items[i]);
    }
    free(items);
    return rc;
}

int main(int argc, char **argv)
{
    int rc = 0;
    for (int i = 1; i < argc; i++)
        rc |= replay(argv[i]);
    printf("%zu inputs\n", replayed);
    return rc || !replayed;
}
