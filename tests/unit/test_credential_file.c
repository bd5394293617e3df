/* Changes of a file of credentials: the result, byte for byte. */
#include "unit.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/dir.h"
#include "base/file.h"
#include "credential/file.h"

static const struct lock_wait no_wait;

static char root[64];
static char *path;

static int set_up(void **state)
{
    (void)state;
    memcpy(root, "/tmp/wasme-credential-file-XXXXXX", sizeof("/tmp/wasme-credential-file-XXXXXX"));
    assert_non_null(mkdtemp(root));
    path = mem_printf("%s/config.json", root);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    free(path);
    return dir_remove_all(AT_FDCWD, root, ERR_IGNORED);
}

static void put(const char *text)
{
    (void)unlink(path);
    assert_int_equal(file_create(AT_FDCWD, path, text, strlen(text), ERR_IGNORED), 0);
}

static void expect(const char *text)
{
    AUTO(buf_release) struct buf got = BUF_INIT(CREDENTIALS_FILE_MAX);
    assert_int_equal(file_read(AT_FDCWD, path, NULL, &got, ERR_IGNORED), 0);
    assert_string_equal(buf_text(&got), text);
}

static void store(const char *registry, const char *user, const char *password, const char *token)
{
    AUTO(err_release) struct err err = ERR_INIT;
    AUTO(credential_release)
    struct credential credential = {
        .username = user ? mem_dup(user) : NULL,
        .password = password ? mem_dup(password) : NULL,
        .identity_token = token ? mem_dup(token) : NULL,
    };
    assert_ok(credential_file_store(path, registry, &credential, &no_wait, &err), &err);
}

static void makes_a_file_as_docker_does(void **state)
{
    (void)state;
    struct stat info;
    store("h.x:8443", "u", "p:q", NULL);
    expect("{\n\t\"auths\": {\n\t\t\"h.x:8443\": {\n\t\t\t\"auth\": \"dTpwOnE=\"\n\t\t}\n\t}\n}\n");
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    put("");
    store("docker.io", "u", NULL, "t");
    expect("{\n\t\"auths\": {\n\t\t\"https://index.docker.io/v1/\": {\n\t\t\t\"auth\": \"dTo=\",\n"
           "\t\t\t\"identitytoken\": \"t\"\n\t\t}\n\t}\n}\n");
}

static void replaces_every_spelling_and_nothing_else(void **state)
{
    (void)state;
    put("{\"a\": \"  x\\n  \\\" y \", "
        "\"auths\":{\"https://h.x/v1/\":{\"auth\":\"YTpi\"},\"h.x/path\":{},"
        "\"H.X\":{},\"xh.x\":{}},\"credHelpers\":{\"g.x\":\"n\"},\"n\":[1.5,{}]}");
    store("h.x", NULL, NULL, "t");
    expect("{\n\t\"a\": \"  x\\n  \\\" y \",\n\t\"auths\": {\n\t\t\"h.x/path\": {},\n\t\t\"xh.x\": "
           "{},\n"
           "\t\t\"h.x\": {\n\t\t\t\"identitytoken\": \"t\"\n\t\t}\n\t},\n\t\"credHelpers\": {\n"
           "\t\t\"g.x\": \"n\"\n\t},\n\t\"n\": [\n\t\t1.5,\n\t\t{}\n\t]\n}\n");
}

static void erases_what_is_there(void **state)
{
    (void)state;
    bool removed = true;
    assert_int_equal(credential_file_erase(path, "h.x", &no_wait, &removed, ERR_IGNORED), 0);
    assert_false(removed);
    assert_int_equal(access(path, F_OK), -1);
    put("{\"auths\":{\"g.x\":{}}}");
    assert_int_equal(credential_file_erase(path, "h.x", &no_wait, &removed, ERR_IGNORED), 0);
    assert_false(removed);
    expect("{\"auths\":{\"g.x\":{}}}"); /* the file is not even rewritten */
    assert_int_equal(credential_file_erase(path, "g.x", &no_wait, &removed, ERR_IGNORED), 0);
    assert_true(removed);
    expect("{\n\t\"auths\": {}\n}\n");
}

static void leaves_alone_what_it_does_not_understand(void **state)
{
    (void)state;
    static const char *const cases[] = {"{", "[]", "{\"auths\":7}", "{\"a\":1,\"a\":2}", "\"x\""};
    struct credential credential = {.identity_token = (char[]){"t"}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        AUTO(err_release) struct err err = ERR_INIT;
        put(cases[i]);
        assert_int_equal(credential_file_store(path, "h.x", &credential, &no_wait, &err),
                         ERR_DAMAGED);
        assert_contains(err_text(&err), path);
        expect(cases[i]);
    }
    static const char *const read_only[] = {
        "{\"g.x\":{\"auth\":\"dTpw\"}}",
        "{\"kind\":\"Secret\",\"stringData\":{\".dockerconfigjson\":\"{}\"}}"};
    for (size_t i = 0; i < COUNT(read_only); i++) {
        AUTO(err_release) struct err err = ERR_INIT;
        bool removed = false;
        put(read_only[i]);
        assert_int_equal(credential_file_store(path, "h.x", &credential, &no_wait, &err),
                         ERR_UNSUPPORTED);
        assert_int_equal(credential_file_erase(path, "g.x", &no_wait, &removed, &err),
                         ERR_UNSUPPORTED);
        expect(read_only[i]);
    }
    put("{\"auths\":{}}");
    struct credential binary = {.identity_token = (char[]){"\xff"}};
    assert_int_equal(credential_file_store(path, "h.x", &binary, &no_wait, ERR_IGNORED),
                     ERR_DAMAGED);
    expect("{\"auths\":{}}");
}

static size_t count_files(void)
{
    DIR *dir = opendir(root);
    size_t count = 0;
    assert_non_null(dir);
    for (const struct dirent *entry = readdir(dir); entry; entry = readdir(dir))
        count += entry->d_name[0] != '.';
    closedir(dir);
    return count;
}

static void a_failure_leaves_no_temporary_file(void **state)
{
    (void)state;
    struct rlimit before, small;
    struct credential credential = {.identity_token = (char[]){"t"}};
    put("{}");
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small = before;
    small.rlim_cur = 20; /* as on a full disk */
    void (*old)(int) = signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    int rc = credential_file_store(path, "h.x", &credential, &no_wait, ERR_IGNORED);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, old);
    assert_int_equal(rc, ERR_FULL);
    expect("{}");
    assert_int_equal(count_files(), 1);
}

static void writers_wait_for_each_other(void **state)
{
    (void)state;
    enum { WRITERS = 6, ENTRIES = 20 };
    struct credential credential = {.identity_token = (char[]){"t"}};
    for (int writer = 0; writer < WRITERS; writer++) {
        if (fork() != 0)
            continue;
        int rc = 0;
        for (int i = 0; !rc && i < ENTRIES; i++) {
            AUTO_FREE char *name = mem_printf("h%d-%d.x", writer, i);
            rc = credential_file_store(path, name, &credential, &no_wait, ERR_IGNORED);
        }
        _exit(rc != 0);
    }
    for (int writer = 0; writer < WRITERS; writer++) {
        int status = -1;
        assert_true(wait(&status) > 0);
        assert_int_equal(status, 0);
    }
    for (int i = 0; i < WRITERS * ENTRIES; i++) {
        AUTO_FREE char *name = mem_printf("h%d-%d.x", i / ENTRIES, i % ENTRIES);
        bool removed = false;
        assert_int_equal(credential_file_erase(path, name, &no_wait, &removed, ERR_IGNORED), 0);
        assert_true(removed);
    }
}

static void finds_the_helper_and_its_line(void **state)
{
    (void)state;
    char *name = NULL, *origin = NULL;
    assert_int_equal(credential_file_helper(path, "h.x", &name, &origin, ERR_IGNORED), 0);
    assert_null(name);
    put("{\"credsStore\":\"all\",\"credHelpers\":{\"https://h.x\":\"one\",\"g.x\":\"\"}}");
    assert_int_equal(credential_file_helper(path, "h.x", &name, &origin, ERR_IGNORED), 0);
    assert_string_equal(name, "one");
    assert_contains(origin, "credHelpers in ");
    free(name);
    free(origin);
    assert_int_equal(credential_file_helper(path, "f.x", &name, &origin, ERR_IGNORED), 0);
    assert_string_equal(name, "all");
    assert_contains(origin, path);
    free(name);
    free(origin);
    assert_int_equal(credential_file_helper(path, "g.x", &name, &origin, ERR_IGNORED), 0);
    assert_null(name);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(makes_a_file_as_docker_does),
        TEST(replaces_every_spelling_and_nothing_else),
        TEST(erases_what_is_there),
        TEST(leaves_alone_what_it_does_not_understand),
        TEST(a_failure_leaves_no_temporary_file),
        TEST(writers_wait_for_each_other),
        TEST(finds_the_helper_and_its_line),
    };
    return cmocka_run_group_tests_name("credential_file", tests, NULL, NULL);
}
