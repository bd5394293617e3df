/* Any text as a file of credentials that a login and a logout change: other entries stay, and
 * a file that is not understood does not change. */
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "credential/file.h"

enum { DUMP_MAX = 64 * 1024 * 1024 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool good)
{
    if (!good)
        abort();
}

static char folder[] = "/tmp/wasme-fuzz-edit-XXXXXX";
static char *path;

static void remove_folder(void)
{
    (void)unlink(path);
    (void)rmdir(folder);
    free(path);
}

static void make_folder(void)
{
    if (path)
        return;
    check(mkdtemp(folder) != NULL);
    path = mem_printf("%s/c", folder);
    check(atexit(remove_folder) == 0);
}

static void put(const uint8_t *data, size_t size)
{
    AUTO_CLOSE int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    check(fd >= 0 && file_write_all(fd, data, size, path, ERR_IGNORED) == 0);
}

static bool holds(const uint8_t *data, size_t size)
{
    AUTO(buf_release) struct buf now = BUF_INIT(CREDENTIALS_FILE_MAX);
    check(file_read(AT_FDCWD, path, NULL, &now, ERR_IGNORED) == 0);
    return now.len == size && (!size || memcmp(now.data, data, size) == 0);
}

static struct json_t *parse(void)
{
    AUTO(buf_release) struct buf now = BUF_INIT(CREDENTIALS_FILE_MAX);
    struct json_t *doc = NULL;
    check(file_read(AT_FDCWD, path, NULL, &now, ERR_IGNORED) == 0);
    return now.len && json_doc_parse(now.data, now.len, &doc, ERR_IGNORED) == 0 ? doc : NULL;
}

static bool same(const struct json_t *a, const struct json_t *b)
{
    AUTO(buf_release) struct buf first = BUF_INIT(DUMP_MAX);
    AUTO(buf_release) struct buf second = BUF_INIT(DUMP_MAX);
    if (!a || !b)
        return a == b;
    json_dump(a, &first);
    json_dump(b, &second);
    return strcmp(buf_text(&first), buf_text(&second)) == 0;
}

static int entry_stays(void *arg, const char *key, const struct json_t *value)
{
    check(credential_key_names(key, "h.x") || same(value, json_member(arg, key)));
    return 0;
}

static int member_stays(void *arg, const char *key, const struct json_t *value)
{
    check(strcmp(key, "auths") == 0 || same(value, json_member(arg, key)));
    return 0;
}

static void check_others(const struct json_t *before)
{
    AUTO(json_doc_free_at) struct json_t *after = parse();
    check(json_is_obj(after));
    if (!before)
        return; /* the file was empty */
    (void)json_each_member(before, member_stays, after);
    struct json_t *auths = json_obj_in(after, "auths");
    check(auths != NULL);
    (void)json_each_member(json_member(before, "auths"), entry_stays, auths);
}

static void check_login(bool kept)
{
    AUTO(buf_release) struct buf now = BUF_INIT(CREDENTIALS_FILE_MAX);
    AUTO(credential_entry_release) struct credential_entry entry = {0};
    check(file_read(AT_FDCWD, path, NULL, &now, ERR_IGNORED) == 0);
    const struct credential_target target = {.registry = "h.x"};
    if (credential_config_read(now.data, now.len, &target, &entry, ERR_IGNORED) != 0)
        return; /* a helper's name that is none */
    check((entry.stored.username != NULL) == kept);
    check(!kept || strcmp(entry.stored.username, "u") == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct lock_wait no_wait;
    AUTO(err_release) struct err err = ERR_INIT;
    struct credential mine = {.username = (char[]){"u"}, .password = (char[]){"p"}};
    bool removed = false;
    make_folder();
    put(data, size);
    AUTO(json_doc_free_at) struct json_t *before = parse();
    int rc = credential_file_store(path, "h.x", &mine, &no_wait, &err);
    if (rc) {
        check(err.code == rc && holds(data, size));
        return 0;
    }
    check(before ? json_is_obj(before) : !size);
    check_others(before);
    check_login(true);
    check(credential_file_erase(path, "h.x", &no_wait, &removed, ERR_IGNORED) == 0 && removed);
    check_others(before);
    check_login(false);
    return 0;
}
