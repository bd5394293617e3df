/* The store: layout, transactions, damage, leftovers. */
#include "unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/dir.h"
#include "base/file.h"
#include "base/process.h"
#include "image/media_type.h"
#include "store/layout.h"

#define CONFIG "{\"type\":\"envoy_proxy\",\"abiVersions\":[\"v0.2.1\"]}"

struct fixture {
    char root[64];
    char *dir;
    struct store *store;
};

static int setup(void **state)
{
    struct fixture *f = mem_zero(1, sizeof(*f));
    snprintf(f->root, sizeof(f->root), "/tmp/wasme-store-XXXXXX");
    assert_non_null(mkdtemp(f->root));
    f->dir = mem_printf("%s/deep/store", f->root);
    assert_int_equal(store_open(f->dir, &f->store, ERR_IGNORED), 0);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    store_close(f->store);
    dir_remove_all(AT_FDCWD, f->root, ERR_IGNORED);
    free(f->dir);
    free(f);
    return 0;
}

static struct ref make_ref(const char *text)
{
    struct ref ref = {0};
    assert_int_equal(ref_parse(text, NULL, &ref, ERR_IGNORED), 0);
    return ref;
}

static void put(struct fixture *f, const char *name, const char *content)
{
    AUTO(err_release) struct err err = ERR_INIT;
    AUTO(ref_release) struct ref ref = make_ref(name);
    AUTO(store_file_end_at) struct store_file *file = NULL;
    AUTO(descriptor_release) struct descriptor layer = {0};
    struct digest digest;
    assert_ok(store_file_begin(f->store, NULL, &file, &err), &err);
    assert_int_equal(
        file_write_all(store_file_fd(file), content, strlen(content), "wasm", ERR_IGNORED), 0);
    digest_of(content, strlen(content), &digest);
    descriptor_init(&layer, MEDIA_WASM_LAYER, &digest, (long long)strlen(content), TITLE_WASM);
    struct store_parts parts = {.layer = layer,
                                .wasm = file,
                                .runtime_config = CONFIG,
                                .runtime_config_len = strlen(CONFIG)};
    assert_ok(store_commit(f->store, &ref, &parts, &err), &err);
}

static void assert_content(struct fixture *f, const char *name, const char *content)
{
    AUTO(err_release) struct err err = ERR_INIT;
    AUTO(ref_release) struct ref ref = make_ref(name);
    AUTO(store_image_release) struct store_image image = STORE_IMAGE_INIT;
    AUTO(buf_release) struct buf text = BUF_INIT(4096);
    AUTO_CLOSE int fd = -1;
    assert_ok(store_get(f->store, &ref, &image, &err), &err);
    assert_ok(store_open_part(&image, STORE_WASM, &fd, &err), &err);
    assert_int_equal(file_read_fd(fd, "wasm", &text, ERR_IGNORED), 0);
    assert_string_equal(buf_text(&text), content);
}

/* Counts images and remembers the last warning. */
struct seen {
    int images;
    int warnings;
    char last[512];
};

static int count_image(void *arg, const struct store_image *image)
{
    assert_non_null(image->ref);
    ((struct seen *)arg)->images++;
    return 0;
}

static void count_warning(void *arg, enum notice_level level, const char *text)
{
    struct seen *seen = arg;
    assert_int_equal(level, NOTICE_WARNING);
    seen->warnings++;
    snprintf(seen->last, sizeof(seen->last), "%s", text);
}

static struct seen walk(struct fixture *f)
{
    struct seen seen = {0};
    struct notice notice = {count_warning, &seen};
    AUTO(err_release) struct err err = ERR_INIT;
    assert_ok(store_each(f->store, count_image, &seen, &notice, &err), &err);
    return seen;
}

/* Runs a line of shell in the folder; what it printed, which the caller frees. */
static char *shell(const char *folder, const char *line)
{
    AUTO(buf_release) struct buf out = BUF_INIT(4096);
    AUTO(err_release) struct err err = ERR_INIT;
    const char *const argv[] = {"sh", "-c", line, NULL};
    struct process process = {.argv = argv, .cwd = folder, .output = process_keep(&out)};
    int status = -1;
    assert_ok(process_run(&process, &status, &err), &err);
    assert_int_equal(status, 0);
    return buf_steal(&out);
}

/* How many names in the store are not images, the lock aside. */
static int leftovers(struct fixture *f)
{
    AUTO_FREE char *count = shell(f->dir, "ls -A | grep -cvE '^([0-9a-f]{32}|\\.lock)$' || true");
    return (int)strtol(count, NULL, 10);
}

static char *path_in(struct fixture *f, const char *folder, const char *file)
{
    return mem_printf("%s/%s/%s", f->dir, folder, file);
}

static void folder_of(const char *name, char out[MD5_HEX_LEN + 1])
{
    AUTO(ref_release) struct ref ref = make_ref(name);
    md5_hex(ref.full, out);
}

static void a_missing_store_is_empty(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(walk(f).images, 0);
    assert_int_equal(access(f->dir, F_OK), -1);
    AUTO(ref_release) struct ref ref = make_ref("a");
    struct store_image image;
    assert_int_equal(store_get(f->store, &ref, &image, ERR_IGNORED), ERR_NOT_FOUND);
    assert_int_equal(store_remove(f->store, &ref, ERR_IGNORED), ERR_NOT_FOUND);
}

static void the_four_files_have_the_originals_bytes(void **state)
{
    struct fixture *f = *state;
    put(f, "harbor.hellobike.cn/base/melon-add-header:v0.6", "abc");
    static const char *const expected[][2] = {
        {"image_ref", "harbor.hellobike.cn/base/melon-add-header:v0.6"},
        {"runtime-config.json", CONFIG},
        {"filter.wasm", "abc"},
        {"descriptor.json",
         "{\"mediaType\":\"application/vnd.module.wasm.content.layer.v1+wasm\",\"digest\":"
         "\"sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\",\"size\":3,"
         "\"annotations\":{\"org.opencontainers.image.title\":\"filter.wasm\"}}"},
    };
    for (size_t i = 0; i < COUNT(expected); i++) {
        AUTO(buf_release) struct buf text = BUF_INIT(4096);
        AUTO_FREE char *path = path_in(f, "a32bb86b56fd75088071c2c348382a44", expected[i][0]);
        assert_int_equal(file_read(AT_FDCWD, path, NULL, &text, ERR_IGNORED), 0);
        assert_string_equal(buf_text(&text), expected[i][1]);
    }
    assert_int_equal(leftovers(f), 0);
}

static void a_second_put_replaces(void **state)
{
    struct fixture *f = *state;
    put(f, "a:1", "old");
    put(f, "a:1", "newer");
    put(f, "b:1", "other");
    assert_content(f, "a:1", "newer");
    assert_int_equal(walk(f).images, 2);
    assert_int_equal(leftovers(f), 0);
}

static void files_of_the_user_stay(void **state)
{
    struct fixture *f = *state;
    char folder[MD5_HEX_LEN + 1];
    folder_of("a:1", folder);
    put(f, "a:1", "old");
    AUTO_FREE char *note = path_in(f, folder, "Dockerfile");
    assert_int_equal(file_create(AT_FDCWD, note, "FROM scratch", 12, ERR_IGNORED), 0);
    put(f, "a:1", "new");
    AUTO(buf_release) struct buf text = BUF_INIT(64);
    assert_int_equal(file_read(AT_FDCWD, note, NULL, &text, ERR_IGNORED), 0);
    assert_string_equal(buf_text(&text), "FROM scratch");
}

static void an_aborted_change_leaves_nothing(void **state)
{
    struct fixture *f = *state;
    put(f, "a:1", "old");
    struct store_file *file = NULL;
    assert_int_equal(store_file_begin(f->store, NULL, &file, ERR_IGNORED), 0);
    assert_int_equal(leftovers(f), 1);
    store_file_end(file);
    assert_int_equal(leftovers(f), 0);
    assert_content(f, "a:1", "old");
}

static void a_wrong_size_is_refused(void **state)
{
    struct fixture *f = *state;
    AUTO(ref_release) struct ref ref = make_ref("a:1");
    AUTO(store_file_end_at) struct store_file *file = NULL;
    AUTO(descriptor_release) struct descriptor layer = {0};
    struct digest digest;
    assert_int_equal(store_file_begin(f->store, NULL, &file, ERR_IGNORED), 0);
    digest_of("x", 1, &digest);
    descriptor_init(&layer, MEDIA_WASM_LAYER, &digest, 1, TITLE_WASM);
    struct store_parts parts = {
        .layer = layer, .wasm = file, .runtime_config = "{}", .runtime_config_len = 2};
    assert_int_equal(store_commit(f->store, &ref, &parts, ERR_IGNORED), ERR_DAMAGED);
    assert_int_equal(walk(f).images, 0);
}

static void tag_shares_the_wasm(void **state)
{
    struct fixture *f = *state;
    put(f, "a:1", "abc");
    AUTO(ref_release) struct ref from = make_ref("a:1");
    AUTO(ref_release) struct ref to = make_ref("h.x/b:2");
    AUTO(err_release) struct err err = ERR_INIT;
    assert_ok(store_tag(f->store, &from, &to, &err), &err);
    assert_ok(store_tag(f->store, &from, &from, &err), &err);
    assert_content(f, "h.x/b:2", "abc");
    char a[MD5_HEX_LEN + 1], b[MD5_HEX_LEN + 1];
    folder_of("a:1", a);
    folder_of("h.x/b:2", b);
    AUTO_FREE char *pa = path_in(f, a, STORE_WASM);
    AUTO_FREE char *pb = path_in(f, b, STORE_WASM);
    struct stat ia, ib;
    assert_int_equal(stat(pa, &ia), 0);
    assert_int_equal(stat(pb, &ib), 0);
    assert_int_equal(ia.st_ino, ib.st_ino);
    put(f, "a:1", "changed");
    assert_content(f, "h.x/b:2", "abc");
}

static void remove_takes_one_image(void **state)
{
    struct fixture *f = *state;
    put(f, "a:1", "abc");
    put(f, "a:2", "def");
    AUTO(ref_release) struct ref ref = make_ref("a:1");
    assert_int_equal(store_remove(f->store, &ref, ERR_IGNORED), 0);
    assert_int_equal(store_remove(f->store, &ref, ERR_IGNORED), ERR_NOT_FOUND);
    assert_int_equal(walk(f).images, 1);
    assert_content(f, "a:2", "def");
    assert_int_equal(leftovers(f), 0);
}

/* Damages the image a:1 by a shell command in its folder, and looks at what the walk says. */
static void check_damage(struct fixture *f, const char *command, const char *reason)
{
    char folder[MD5_HEX_LEN + 1];
    folder_of("a:1", folder);
    put(f, "a:1", "abc");
    AUTO_FREE char *dir = mem_printf("%s/%s", f->dir, folder);
    free(shell(dir, command));
    struct seen seen = walk(f);
    assert_int_equal(seen.images, 1);
    assert_int_equal(seen.warnings, 1);
    assert_contains(seen.last, folder);
    assert_contains(seen.last, reason);
}

static void damage_is_a_warning_and_the_walk_goes_on(void **state)
{
    struct fixture *f = *state;
    put(f, "b:1", "fine");
    check_damage(f, "rm image_ref", "image_ref");
    check_damage(f, ": >image_ref", "image_ref");
    check_damage(f, "rm descriptor.json", "descriptor.json");
    check_damage(f, "echo '{' >descriptor.json", "descriptor.json");
    check_damage(f, "rm filter.wasm", "filter.wasm");
    check_damage(f, "echo more >>filter.wasm", "filter.wasm has 8 bytes");
    check_damage(f, "rm runtime-config.json", "runtime-config.json");
    check_damage(f, "rm image_ref; mkfifo image_ref", "image_ref");
    check_damage(f, "rm -f *", "");
    assert_content(f, "b:1", "fine");
}

static void strangers_in_the_store_are_named(void **state)
{
    struct fixture *f = *state;
    put(f, "b:1", "fine");
    AUTO_FREE char *stranger = path_in(f, "my-backup", "x");
    AUTO_FREE char *file = path_in(f, "notes.txt", "");
    assert_int_equal(dir_make_all(stranger, ERR_IGNORED), 0);
    file[strlen(file) - 1] = '\0';
    assert_int_equal(file_create(AT_FDCWD, file, "x", 1, ERR_IGNORED), 0);
    struct seen seen = walk(f);
    assert_int_equal(seen.images, 1);
    assert_int_equal(seen.warnings, 1);
    assert_contains(seen.last, "my-backup");
}

static void the_next_writer_cleans_up(void **state)
{
    struct fixture *f = *state;
    put(f, "a:1", "abc");
    AUTO_FREE char *stage = path_in(f, ".stage-1", "filter.wasm");
    AUTO_FREE char *new_file = path_in(f, ".new-1", "");
    assert_int_equal(dir_make_all(stage, ERR_IGNORED), 0);
    new_file[strlen(new_file) - 1] = '\0';
    assert_int_equal(file_create(AT_FDCWD, new_file, "x", 1, ERR_IGNORED), 0);
    assert_int_equal(leftovers(f), 2);
    struct store_file *alive = NULL;
    assert_int_equal(store_file_begin(f->store, NULL, &alive, ERR_IGNORED), 0);
    put(f, "a:2", "def");
    assert_int_equal(leftovers(f), 1); /* that of the living writer */
    store_file_end(alive);
    assert_int_equal(leftovers(f), 0);
}

static void a_cut_off_replacement_comes_back(void **state)
{
    struct fixture *f = *state;
    char folder[MD5_HEX_LEN + 1];
    folder_of("a:1", folder);
    put(f, "a:1", "abc");
    AUTO_FREE char *here = mem_printf("%s/%s", f->dir, folder);
    AUTO_FREE char *old = mem_printf("%s/.old-%s", f->dir, folder);
    assert_int_equal(rename(here, old), 0);
    put(f, "b:1", "other");
    assert_content(f, "a:1", "abc");
    assert_int_equal(leftovers(f), 0);
}

static void folders_are_replaced_without_exchange_too(void **state)
{
    struct fixture *f = *state;
    char a[MD5_HEX_LEN + 1], b[MD5_HEX_LEN + 1];
    put(f, "a:1", "abc");
    put(f, "b:1", "def");
    folder_of("a:1", a);
    folder_of("b:1", b);
    AUTO(err_release) struct err err = ERR_INIT;
    AUTO_FREE char *name = path_in(f, b, STORE_REF);
    assert_int_equal(unlink(name), 0);
    assert_int_equal(file_create(AT_FDCWD, name, "docker.io/library/a:1",
                                 strlen("docker.io/library/a:1"), ERR_IGNORED),
                     0);
    char stage[STORE_NAME_MAX] = ".stage-9";
    assert_int_equal(renameat(f->store->fd, b, f->store->fd, stage), 0);
    char replaced[STORE_NAME_MAX] = "";
    assert_ok(layout_place(f->store, stage, a, false, replaced, &err), &err);
    assert_string_equal(stage, "");
    assert_string_equal(replaced, ".stage-9");
    assert_ok(dir_remove_all(f->store->fd, replaced, &err), &err);
    assert_content(f, "a:1", "def");
    assert_int_equal(walk(f).images, 1);
    assert_int_equal(leftovers(f), 0);
}

#define STORE_TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(a_missing_store_is_empty),
        STORE_TEST(the_four_files_have_the_originals_bytes),
        STORE_TEST(a_second_put_replaces),
        STORE_TEST(files_of_the_user_stay),
        STORE_TEST(an_aborted_change_leaves_nothing),
        STORE_TEST(a_wrong_size_is_refused),
        STORE_TEST(tag_shares_the_wasm),
        STORE_TEST(remove_takes_one_image),
        STORE_TEST(damage_is_a_warning_and_the_walk_goes_on),
        STORE_TEST(strangers_in_the_store_are_named),
        STORE_TEST(the_next_writer_cleans_up),
        STORE_TEST(a_cut_off_replacement_comes_back),
        STORE_TEST(folders_are_replaced_without_exchange_too),
    };
    return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
