/* Helper programs by the protocol: small shell scripts stand in for them. */
#include "unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/dir.h"
#include "base/file.h"
#include "credential/helper.h"

static char root[64];
static const struct helper helper = {.name = "wasme-unit", .origin = "credsStore in /etc/x.json"};

static int set_up(void **state)
{
    (void)state;
    memcpy(root, "/tmp/wasme-helper-XXXXXX", sizeof("/tmp/wasme-helper-XXXXXX"));
    assert_non_null(mkdtemp(root));
    const char *old = getenv("PATH");
    AUTO_FREE char *search = mem_printf("%s:%s", root, old ? old : "/usr/bin:/bin");
    return setenv("PATH", search, 1);
}

static int tear_down(void **state)
{
    (void)state;
    AUTO_FREE char *rest = mem_dup(strchr(getenv("PATH"), ':') + 1);
    setenv("PATH", rest, 1);
    return dir_remove_all(AT_FDCWD, root, ERR_IGNORED);
}

/* The program that the helper names, as a script. */
static void script(const char *body)
{
    AUTO_FREE char *path = mem_printf("%s/docker-credential-wasme-unit", root);
    AUTO_FREE char *text = mem_printf("#!/bin/sh\n%s\n", body);
    (void)unlink(path);
    assert_int_equal(file_create(AT_FDCWD, path, text, strlen(text), ERR_IGNORED), 0);
    assert_int_equal(chmod(path, 0755), 0);
}

static void gets_what_is_kept(void **state)
{
    (void)state;
    AUTO(err_release) struct err err = ERR_INIT;
    AUTO(credential_release) struct credential found = {0};
    AUTO(credential_release) struct credential token = {0};
    script("[ \"$*\" = get ] && [ \"$(cat)\" = https://index.docker.io/v1/ ] || exit 9\n"
           "echo '{\"ServerURL\":\"x\",\"Username\":\"u\",\"Secret\":\"p\"}'");
    assert_ok(helper_get(&helper, "docker.io", &found, &err), &err);
    assert_string_equal(found.username, "u");
    assert_string_equal(found.password, "p");
    script("[ \"$(cat)\" = h.x:1 ] && echo '{\"Username\":\"<token>\",\"Secret\":\"t\"}'");
    assert_ok(helper_get(&helper, "h.x:1", &token, &err), &err);
    assert_null(token.username);
    assert_string_equal(token.identity_token, "t");
}

static void none_is_no_error(void **state)
{
    (void)state;
    static const char *const bodies[] = {
        "echo credentials not found in native keychain; exit 1",
        "printf 'credentials not found in native keychain\\r\\n\\n'; exit 1",
        "echo '{\"Username\":\"\",\"Secret\":\"\"}'"};
    for (size_t i = 0; i < COUNT(bodies); i++) {
        AUTO(err_release) struct err err = ERR_INIT;
        AUTO(credential_release) struct credential found = {0};
        script(bodies[i]);
        assert_ok(helper_get(&helper, "h.x", &found, &err), &err);
        assert_true(credential_is_empty(&found));
    }
}

static void what_fails_is_named(void **state)
{
    (void)state;
    static const struct {
        const char *body;
        int rc;
        const char *words;
    } cases[] = {
        {"echo the keyring is locked; exit 2", ERR_FAILED, "status 2: the keyring is locked"},
        {"exit 3", ERR_FAILED, "status 3"},
        {"kill -TERM $$", ERR_FAILED, "status 143"},
        {"kill -INT $$", ERR_INTERRUPTED, "interrupted"},
        {"echo secret", ERR_DAMAGED, "no JSON with Username and Secret"},
        {"echo '{\"Username\":\"secret\"}'", ERR_DAMAGED, "no JSON with Username and Secret"},
        {"yes secret", ERR_DAMAGED, "more than 65536 bytes"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        AUTO(err_release) struct err err = ERR_INIT;
        AUTO(credential_release) struct credential found = {0};
        script(cases[i].body);
        assert_int_equal(helper_get(&helper, "h.x", &found, &err), cases[i].rc);
        assert_contains(err_text(&err), "docker-credential-wasme-unit");
        assert_contains(err_text(&err), cases[i].words);
        assert_null(strstr(err_text(&err), "secret"));
        assert_true(credential_is_empty(&found));
    }
    AUTO(err_release) struct err err = ERR_INIT;
    AUTO(credential_release) struct credential found = {0};
    struct helper missing = {.name = "wasme-missing", .origin = "credsStore in /etc/x.json"};
    assert_int_equal(helper_get(&missing, "h.x", &found, &err), ERR_NOT_FOUND);
    assert_contains(err_text(&err), "docker-credential-wasme-missing");
    assert_contains(err_text(&err), "credsStore in /etc/x.json");
}

static void ends_in_time(void **state)
{
    (void)state;
    static volatile int interrupted;
    AUTO(err_release) struct err err = ERR_INIT;
    AUTO(credential_release) struct credential found = {0};
    struct helper slow = helper;
    slow.seconds = 1;
    script("exec sleep 30");
    assert_int_equal(helper_get(&slow, "h.x", &found, &err), ERR_FAILED);
    assert_contains(err_text(&err), "docker-credential-wasme-unit get (credsStore in /etc/x.json) "
                                    "gave no answer in 1 second and was ended");
    interrupted = 15;
    slow.interrupted = &interrupted;
    assert_int_equal(helper_get(&slow, "h.x", &found, &err), ERR_INTERRUPTED);
    script("sleep 5 2>/dev/null & echo '{\"Username\":\"u\",\"Secret\":\"p\"}'"); /* keeps the pipe
                                                                                     open */
    assert_ok(helper_get(&helper, "h.x", &found, &err), &err);
    assert_string_equal(found.password, "p");
}

static void stores_and_erases(void **state)
{
    (void)state;
    AUTO(err_release) struct err err = ERR_INIT;
    AUTO(buf_release) struct buf kept = BUF_INIT(1000);
    AUTO_FREE char *path = mem_printf("%s/kept", root);
    AUTO_FREE char *keep = mem_printf("cat >%s; echo \" $*\" >>%s", path, path);
    struct credential user = {.username = (char[]){"u\"x"}, .password = (char[]){"p\\<&>"}};
    struct credential token = {.identity_token = (char[]){"t"}};
    script("cat; exit 1"); /* it repeats what it is given */
    assert_int_equal(helper_store(&helper, "h.x", &user, &err), ERR_FAILED);
    assert_null(strstr(err_text(&err), "p\\"));
    err_release(&err);
    script("printf 'the keyring refuses p\\\\<&> of u: dSJ4OnBcPCY+, '; cat | cut -c20-; exit 1");
    assert_int_equal(helper_store(&helper, "h.x", &user, &err), ERR_FAILED);
    assert_contains(err_text(&err), "ends with status 1: the keyring refuses ***** of u: ****");
    assert_null(strstr(err_text(&err), "p\\"));
    assert_null(strstr(err_text(&err), "dSJ4"));
    assert_null(strstr(err_text(&err), "u003c"));
    err_release(&err);
    script(keep);
    assert_ok(helper_store(&helper, "h.x", &user, &err), &err);
    assert_int_equal(file_read(AT_FDCWD, path, NULL, &kept, ERR_IGNORED), 0);
    assert_string_equal(buf_text(&kept),
                        "{\"ServerURL\":\"h.x\",\"Username\":\"u\\\"x\",\"Secret\":"
                        "\"p\\\\\\u003c\\u0026\\u003e\"} store\n");
    buf_clear(&kept);
    assert_ok(helper_store(&helper, "h.x", &token, &err), &err);
    assert_int_equal(file_read(AT_FDCWD, path, NULL, &kept, ERR_IGNORED), 0);
    assert_contains(buf_text(&kept), "\"Username\":\"\\u003ctoken\\u003e\",\"Secret\":\"t\"");
    buf_clear(&kept);
    assert_ok(helper_erase(&helper, "docker.io", &err), &err);
    assert_int_equal(file_read(AT_FDCWD, path, NULL, &kept, ERR_IGNORED), 0);
    assert_string_equal(buf_text(&kept), "https://index.docker.io/v1/ erase\n");
    script("cat; exit 1");
    assert_int_equal(helper_store(&helper, "h.x", &user, &err), ERR_FAILED);
    struct credential binary = {.username = (char[]){"u"}, .password = (char[]){"\xff"}};
    assert_int_equal(helper_store(&helper, "h.x", &binary, &err), ERR_USAGE);
    script("echo credentials not found in native keychain; exit 1");
    assert_ok(helper_erase(&helper, "h.x", &err), &err);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(gets_what_is_kept, set_up, tear_down),
        cmocka_unit_test_setup_teardown(none_is_no_error, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_fails_is_named, set_up, tear_down),
        cmocka_unit_test_setup_teardown(ends_in_time, set_up, tear_down),
        cmocka_unit_test_setup_teardown(stores_and_erases, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("helper", tests, NULL, NULL);
}
