#include "unit.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/base64.h"
#include "base/file.h"
#include "credential/config.h"
#include "credential/find.h"

static const struct credential_target host = {.registry = "h.x"};

/* A file with the text, below a folder of the test; the caller frees the name and unlinks it. */
static char *write_file(const char *text)
{
    char *path = mem_dup("/tmp/wasme-credentials-XXXXXX");
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(file_write_all(fd, text, strlen(text), path, ERR_IGNORED), 0);
    close(fd);
    return path;
}

static int find_in(const char *text, const char *registry, struct credential *out, struct err *err)
{
    AUTO_FREE char *path = write_file(text);
    struct credential_place sources[] = {{.name = "/nonexistent/config.json"}, {.name = path}, {0}};
    struct credential_sources options = {.places = sources};
    const struct credential_target target = {.registry = registry};
    int rc = credential_find(&options, &target, out, NULL, err);
    unlink(path);
    return rc;
}

static void expect(const char *text, const char *registry, const char *user, const char *password)
{
    AUTO(err_release) struct err err = ERR_INIT;
    AUTO(credential_release) struct credential found = {0};
    assert_ok(find_in(text, registry, &found, &err), &err);
    if (!user) {
        assert_null(found.username);
        return;
    }
    assert_non_null(found.username);
    assert_string_equal(found.username, user);
    assert_string_equal(found.password, password);
    assert_contains(found.source, "wasme-credentials-");
}

static void takes_the_forms_of_keys(void **state)
{
    (void)state;
    static const char *const keys[] = {"h.x:8443", "https://h.x:8443", "https://h.x:8443/v1/",
                                       "http://h.x:8443/v2/", "H.X:8443/"};
    for (size_t i = 0; i < COUNT(keys); i++) {
        AUTO_FREE char *text = mem_printf("{\"auths\":{\"%s\":{\"auth\":\"dTpwOnE=\"}}}", keys[i]);
        expect(text, "h.x:8443", "u", "p:q");
        expect(text, "h.x", NULL, NULL);
        expect(text, "xh.x:8443", NULL, NULL);
    }
    /* A path is part of the name: not for the whole host. */
    expect("{\"auths\":{\"h.x/org\":{\"auth\":\"dTpw\"}}}", "h.x", NULL, NULL);
}

static void knows_the_hub(void **state)
{
    (void)state;
    const char *text = "{\"auths\":{\"https://index.docker.io/v1/\":{\"auth\":\"dTpw\"}}}";
    expect(text, "docker.io", "u", "p");
    expect("{\"auths\":{\"docker.io\":{\"auth\":\"dTpw\"}}}", "docker.io", "u", "p");
}

static void takes_username_and_password(void **state)
{
    (void)state;
    const char *plain = "{\"auths\":{\"h.x\":{\"username\":\"robot$p+n\",\"password\":\"s\"}}}";
    expect(plain, "h.x", "robot$p+n", "s");
    expect("{\"auths\":{\"h.x\":{}}}", "h.x", NULL, NULL);
    expect("{\"credHelpers\":{}}", "h.x", NULL, NULL);
    expect("", "h.x", NULL, NULL);
}

static void prefers_the_exact_key(void **state)
{
    (void)state;
    expect("{\"auths\":{\"https://h.x\":{\"auth\":\"YTpi\"},\"h.x\":{\"auth\":\"dTpw\"}}}", "h.x",
           "u", "p");
}

static void prefers_what_the_user_gave(void **state)
{
    (void)state;
    AUTO(credential_release) struct credential found = {0};
    struct credential_sources options = {.username = "me", .password = "mine"};
    assert_int_equal(credential_find(&options, &host, &found, NULL, ERR_IGNORED), 0);
    assert_string_equal(found.username, "me");
    assert_string_equal(found.source, "-u");
    AUTO(credential_wipe) char *line = credential_basic(&found);
    assert_string_equal(line, "Authorization: Basic bWU6bWluZQ==");
}

static void count_warnings(void *arg, enum notice_level level, const char *text)
{
    (void)text;
    *(int *)arg += level == NOTICE_WARNING;
}

static void goes_on_without_an_optional_source(void **state)
{
    (void)state;
    int warnings = 0;
    const struct notice notice = {count_warnings, &warnings};
    AUTO_FREE char *path = write_file("{\"auths\":{\"h.x\":{\"auth\":\"dTpw\"}}}");
    AUTO_FREE char *large = mem_zero(CREDENTIALS_FILE_MAX + 2, 1);
    struct credential_place sources[] = {{.name = "/tmp", .optional = true},
                                         {.name = "VARIABLE", .text = large, .optional = true},
                                         {.name = path, .optional = true},
                                         {0}};
    struct credential_sources options = {.places = sources, .notice = &notice};
    memset(large, ' ', CREDENTIALS_FILE_MAX + 1);
    for (int i = 0; i < 2; i++) {
        AUTO(credential_release) struct credential found = {0};
        assert_int_equal(credential_find(&options, &host, &found, NULL, ERR_IGNORED), 0);
        assert_string_equal(found.username, "u");
        assert_int_equal(warnings, 2);
    }
    AUTO_FREE char *words = credential_missing(&options, "h.x");
    assert_contains(words, "/tmp, which cannot be used: /tmp: not a regular file");
    assert_contains(words, "VARIABLE, which cannot be used: more than 1048576 bytes");
    sources[1].optional = false;
    AUTO(err_release) struct err err = ERR_INIT;
    AUTO(credential_release) struct credential found = {0};
    assert_int_equal(credential_find(&options, &host, &found, NULL, &err), ERR_DAMAGED);
    assert_contains(err_text(&err), "credentials in VARIABLE: more than");
    free(sources[0].problem);
    free(sources[1].problem);
    unlink(path);
}

static void takes_tokens(void **state)
{
    (void)state;
    AUTO(credential_entry_release) struct credential_entry entry = {0};
    const char *text = "{\"auths\":{\"h.x\":{\"auth\":\"dTo=\",\"identitytoken\":\"t\"},"
                       "\"g.x\":{\"registrytoken\":\"r\"},\"f.x\":{\"auth\":\"OnA=\"}}}";
    assert_int_equal(credential_config_read(text, strlen(text), &host, &entry, ERR_IGNORED), 0);
    assert_string_equal(entry.stored.identity_token, "t");
    assert_null(entry.stored.username); /* without a password it is no login */
    credential_entry_release(&entry);
    assert_int_equal(credential_config_read(text, strlen(text),
                                            &(struct credential_target){"g.x", NULL}, &entry,
                                            ERR_IGNORED),
                     0);
    assert_string_equal(entry.stored.registry_token, "r");
    credential_entry_release(&entry);
    assert_int_equal(credential_config_read(text, strlen(text),
                                            &(struct credential_target){"f.x", NULL}, &entry,
                                            ERR_IGNORED),
                     0);
    assert_true(credential_is_empty(&entry.stored));
}

static void prefers_the_longest_path(void **state)
{
    (void)state;
    /* Base64 of a:a, b:b, c:c, d:d, e:e. */
    const char *text = "{\"auths\":{\"h.x/o/r\":{\"auth\":\"Yzpj\"},\"h.x\":{\"auth\":\"YTph\"},"
                       "\"https://h.x/o/\":{\"auth\":\"Yjpi\"},\"h.x/o/rr\":{\"auth\":\"ZDpk\"},"
                       "\"docker.io/library/f\":{\"auth\":\"ZTpl\"}}}";
    static const struct {
        const char *registry, *repository, *user;
        bool narrow;
    } cases[] = {
        {"h.x", NULL, "a", true},
        {"h.x", "p", "a", true},
        {"h.x", "o", "b", true},
        {"h.x", "o/r", "c", true},
        {"h.x", "o/r/s", "c", true},
        {"h.x", "o/rr", "d", true},
        {"h.x", "o/rrr", "b", true},
        {"h.x", "oo/r", "a", true},
        {"docker.io", "library/f", "e", true},
        {"docker.io", "library/g", NULL, true},
        {"g.x", "o/r", NULL, false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        AUTO(credential_entry_release) struct credential_entry entry = {0};
        const struct credential_target target = {cases[i].registry, cases[i].repository};
        assert_int_equal(credential_config_read(text, strlen(text), &target, &entry, ERR_IGNORED),
                         0);
        assert_int_equal(entry.narrow, cases[i].narrow);
        assert_int_equal(entry.stored.username == NULL, cases[i].user == NULL);
        if (cases[i].user)
            assert_string_equal(entry.stored.username, cases[i].user);
    }
}

static void refuses_names_that_are_no_helpers(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "\"../x\"",
        "\"a/b\"",
        "\"-x\"",
        "\".x\"",
        "\"a b\"",
        "7",
        "null",
        "\"a\\u00e9\"",
        "\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\""};
    for (size_t i = 0; i < COUNT(bad); i++) {
        AUTO(err_release) struct err err = ERR_INIT;
        AUTO(credential_entry_release) struct credential_entry entry = {0};
        AUTO_FREE char *text = mem_printf("{\"credsStore\":%s}", bad[i]);
        assert_int_equal(credential_config_read(text, strlen(text), &host, &entry, &err),
                         ERR_DAMAGED);
        assert_contains(err_text(&err), "credsStore");
    }
    AUTO(credential_entry_release) struct credential_entry entry = {0};
    const char *good =
        "{\"credHelpers\":{\"g.x\":\"a/b\",\"h.x\":\"ecr-login.2_x\"},\"credsStore\":\"y\"}";
    assert_int_equal(credential_config_read(good, strlen(good), &host, &entry, ERR_IGNORED), 0);
    assert_string_equal(entry.helper, "ecr-login.2_x");
    assert_string_equal(entry.member, "credHelpers");
}

static void names_a_damaged_file(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "{",
        "{\"auths\":{\"h.x\":{\"auth\":\"???\"}}}",
        "{\"auths\":{\"h.x\":{\"auth\":dXA=}}}", /* not quoted: no JSON */
        "{\"auths\":{\"h.x\":{\"auth\":\"dXA=}}}",
        "{\"auths\":{\"h.x\":{\"auth\":\"dXA=\"}}}", /* no colon */
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        AUTO(err_release) struct err err = ERR_INIT;
        AUTO(credential_release) struct credential found = {0};
        assert_int_equal(find_in(cases[i], "h.x", &found, &err), ERR_DAMAGED);
        assert_contains(err_text(&err), "credentials file /tmp/wasme-credentials-");
        assert_null(strstr(err_text(&err), "dXA="));
    }
}

#define SECRET(type, member, text)                                                                 \
    "{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"type\":\"kubernetes.io/" type "\"," member       \
    ":{\"." type "\":" text "}}"

static void reads_the_forms_that_people_have(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "{\"https://h.x\":{\"auth\":\"dTpw\",\"email\":\"a@b\"},\"g.x\":{\"auth\":\"YTpi\"}}",
        SECRET("dockercfg", "\"data\"", "\"eyJoLngiOnsiYXV0aCI6ImRUcHcifX0=\""),
        SECRET("dockerconfigjson", "\"data\"",
               "\"eyJhdXRocyI6eyJoLngi\\nOnsiYXV0aCI6ImRUcHcifX19\""),
        SECRET("dockerconfigjson", "\"stringData\"",
               "\"{\\\"auths\\\":{\\\"h.x\\\":{\\\"auth\\\":\\\"dTpw\\\"}}}\""),
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        expect(cases[i], "h.x", "u", "p");
        expect(cases[i], "f.x", NULL, NULL);
    }
    /* Docker's form counts where a file has it. */
    expect("{\"h.x\":{\"auth\":\"dTpw\"},\"auths\":{}}", "h.x", NULL, NULL);
}

static void names_the_forms_that_it_does_not_read(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"apiVersion: v1\nkind: Secret\ndata:\n  .dockerconfigjson: dXA=\n",
         "kubectl get secret NAME -o json"},
        {"---\r\nkind: Secret\r\n", "in YAML"},
        {"{\"kind\":\"Secret\",\"type\":\"Opaque\",\"data\":{\"password\":\"dXA=\"}}",
         "type Opaque"},
        {"{\"kind\":\"Secret\"}", "type not given"},
        {"{\"kind\":\"List\",\"items\":[]}", "name one Secret"},
        {SECRET("dockerconfigjson", "\"data\"", "\"dXA=\""), ".dockerconfigjson of the Kubernetes"},
        {SECRET("dockercfg", "\"data\"", "\"dXA=%\""), "not base64"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        AUTO(err_release) struct err err = ERR_INIT;
        AUTO(credential_release) struct credential found = {0};
        assert_int_equal(find_in(cases[i][0], "h.x", &found, &err), ERR_DAMAGED);
        assert_contains(err_text(&err), cases[i][1]);
        assert_null(strstr(err_text(&err), "dXA="));
    }
}

static void decodes_base64(void **state)
{
    (void)state;
    static const char *const good[][2] = {{"", ""},
                                          {"Zg==", "f"},
                                          {"Zm8=", "fo"},
                                          {"Zm9v", "foo"},
                                          {"Zm9vYg", "foob"},
                                          {"Zm9vYmE=", "fooba"},
                                          {"/+8=", "\xff\xef"},
                                          {"Zm9v\r\nYmE=\r\n", "fooba"},
                                          {"Zg=\n=", "f"}};
    static const char *const bad[] = {"Z", "Zm9v!", "Zm 9v", "Zg===", "Zg=v", "Zm9vY", "Zm9v\nY"};
    for (size_t i = 0; i < COUNT(good); i++) {
        AUTO(buf_release) struct buf out = BUF_INIT(64);
        assert_int_equal(base64_decode(good[i][0], &out, ERR_IGNORED), 0);
        assert_string_equal(buf_text(&out), good[i][1]);
    }
    for (size_t i = 0; i < COUNT(bad); i++) {
        AUTO(buf_release) struct buf out = BUF_INIT(64);
        assert_int_equal(base64_decode(bad[i], &out, ERR_IGNORED), ERR_DAMAGED);
    }
    AUTO(buf_release) struct buf small = BUF_INIT(2);
    assert_int_equal(base64_decode("Zm9v", &small, ERR_IGNORED), ERR_DAMAGED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_the_forms_of_keys),
        cmocka_unit_test(knows_the_hub),
        cmocka_unit_test(takes_username_and_password),
        cmocka_unit_test(prefers_the_exact_key),
        cmocka_unit_test(prefers_what_the_user_gave),
        cmocka_unit_test(goes_on_without_an_optional_source),
        cmocka_unit_test(takes_tokens),
        cmocka_unit_test(prefers_the_longest_path),
        cmocka_unit_test(refuses_names_that_are_no_helpers),
        cmocka_unit_test(names_a_damaged_file),
        cmocka_unit_test(reads_the_forms_that_people_have),
        cmocka_unit_test(names_the_forms_that_it_does_not_read),
        cmocka_unit_test(decodes_base64),
    };
    return cmocka_run_group_tests_name("credentials", tests, NULL, NULL);
}
