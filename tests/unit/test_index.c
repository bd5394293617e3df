/* Indexes of images: what is read from them, and which image is chosen. */
#include "unit.h"

#include "base/buf.h"
#include "image/index.h"
#include "image/media_type.h"

#define DIGEST "sha256:93a44bbb96c751218e4c00d479e4c14358122a389acca16205b1e4d0dc5f9476"
#define CHILD(rest)                                                                                \
    "{\"mediaType\":\"" MEDIA_OCI_MANIFEST "\",\"digest\":\"" DIGEST "\",\"size\":8" rest "}"
#define ON(os, arch) CHILD(",\"platform\":{\"os\":\"" os "\",\"architecture\":\"" arch "\"}")
#define ARM(variant)                                                                               \
    CHILD(",\"platform\":{\"os\":\"linux\",\"architecture\":\"arm\",\"variant\":\"" variant "\"}")
#define ATTESTATION                                                                                \
    CHILD(",\"platform\":{\"os\":\"unknown\",\"architecture\":\"unknown\"},\"annotations\":{"      \
          "\"vnd.docker.reference.type\":\"attestation-manifest\"}")
#define INDEX(children) "{\"schemaVersion\":2,\"manifests\":[" children "]}"

static void parse(const char *text, struct image_index *out)
{
    AUTO(err_release) struct err err = ERR_INIT;
    assert_ok(index_parse(text, strlen(text), out, &err), &err);
}

static void an_index_is_read(void **state)
{
    (void)state;
    AUTO(index_release) struct image_index index = {0};
    parse("{\"schemaVersion\":2,\"mediaType\":\"" MEDIA_OCI_INDEX "\",\"manifests\":[" ARM(
              "v7") "," CHILD(",\"annotations\":{\"org.opencontainers.image.ref.name\":\"v1\","
                              "\"io.containerd.image.name\":\"h.x/a:v1\",\"other\":7}") "]}",
          &index);
    assert_string_equal(index.media_type, MEDIA_OCI_INDEX);
    assert_int_equal(index.count, 2);
    assert_string_equal(index.children[0].descriptor.digest.text, DIGEST);
    assert_true(index.children[0].has_platform);
    assert_string_equal(index.children[0].platform.variant, "v7");
    assert_false(index.children[1].has_platform);
    assert_null(index.children[1].platform.os);
    assert_string_equal(index.children[1].ref_name, "v1");
    assert_string_equal(index.children[1].image_name, "h.x/a:v1");
}

static void indexes_are_told_from_manifests(void **state)
{
    (void)state;
    static const char index[] = INDEX("");
    static const char manifest[] = "{\"schemaVersion\":2,\"layers\":[]}";
    assert_true(index_is_one(index, strlen(index)));
    assert_false(index_is_one(manifest, strlen(manifest)));
    assert_false(index_is_one("{", 1));
    assert_false(index_is_one("[]", 2));
}

static void index_errors_say_what_is_wrong(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"{", "the index: JSON, line 1"},
        {"[]", "no index"},
        {"{\"manifests\":{}}", "not a list"},
        {INDEX("7"), "the index's image 1: the descriptor is not a JSON object"},
        {INDEX(CHILD("") ",{}"), "the index's image 2: the descriptor has no mediaType"},
        {"{\"mediaType\":\"x\",\"manifests\":[]}", "mediaType"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        AUTO(err_release) struct err err = ERR_INIT;
        struct image_index index = {0};
        assert_true(index_parse(cases[i][0], strlen(cases[i][0]), &index, &err) < 0);
        assert_contains(err_text(&err), cases[i][1]);
    }
}

static void too_many_images_are_refused(void **state)
{
    (void)state;
    AUTO(err_release) struct err err = ERR_INIT;
    AUTO(buf_release) struct buf text = BUF_INIT(1024 * 1024);
    struct image_index index = {0};
    buf_add_text(&text, "{\"manifests\":[" CHILD(""));
    for (int i = 0; i < INDEX_CHILDREN_MAX; i++)
        buf_add_text(&text, "," CHILD(""));
    buf_add_text(&text, "]}");
    assert_int_equal(index_parse(buf_text(&text), text.len, &index, &err), ERR_DAMAGED);
    assert_contains(err_text(&err), "1025 images, and 1024 is the limit");
}

static void platforms_are_parsed(void **state)
{
    (void)state;
    AUTO(err_release) struct err err = ERR_INIT;
    AUTO(platform_release) struct platform three = {0};
    AUTO(platform_release) struct platform two = {0};
    assert_ok(platform_parse("linux/arm64/v8", &three, &err), &err);
    assert_string_equal(three.os, "linux");
    assert_string_equal(three.architecture, "arm64");
    assert_string_equal(three.variant, "v8");
    assert_ok(platform_parse("wasip1/wasm", &two, &err), &err);
    assert_null(two.variant);
    static const char *const bad[] = {"",        "linux", "linux/", "/amd64",
                                      "a/b/c/d", "a/b/",  "a//b",   "a/b c"};
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct platform none = {0};
        assert_int_equal(platform_parse(bad[i], &none, &err), ERR_USAGE);
        assert_contains(err_text(&err), "os/architecture");
    }
}

/* An index, the platform wanted (NULL: as gateways do), and the words of the choice. */
struct choosing {
    const char *index;
    const char *wanted;
    const char *words;
    bool as_gateways;
};

static void the_right_image_is_chosen(void **state)
{
    (void)state;
    static const struct choosing cases[] = {
        {INDEX(ON("linux", "arm64") "," ON("linux", "amd64") "," ON("linux", "amd64")), NULL,
         "linux/amd64, 2 of 3", true},
        {INDEX(ON("linux", "arm64") "," CHILD("")), NULL, "no platform, 2 of 2", true},
        {INDEX(CHILD("") "," ON("linux", "amd64")), NULL, "no platform, 1 of 2", true},
        {INDEX(ATTESTATION "," ON("linux", "arm64")), NULL, "linux/arm64, 2 of 2", false},
        {INDEX(ON("linux", "arm64") "," ON("wasip1", "wasm")), NULL, "wasip1/wasm, 2 of 2", false},
        {INDEX(ON("wasip1", "wasm") "," ON("linux", "amd64")), NULL, "linux/amd64, 2 of 2", true},
        {INDEX(ON("wasip1", "wasm") "," ON("linux", "amd64")), "wasip1/wasm", "wasip1/wasm, 1 of 2",
         false},
        {INDEX(ON("linux", "amd64") "," ON("linux", "amd64")), "linux/amd64", "linux/amd64, 1 of 2",
         true},
        {INDEX(ARM("v6") "," ARM("v7")), "linux/arm/v7", "linux/arm/v7, 2 of 2", false},
        {INDEX(ARM("v6") "," ARM("v7")), "linux/arm", "linux/arm/v6, 1 of 2", false},
        {INDEX(CHILD("")), "linux/amd64", "no platform, 1 of 1", true},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        AUTO(err_release) struct err err = ERR_INIT;
        AUTO(index_release) struct image_index index = {0};
        AUTO(platform_release) struct platform wanted = {0};
        AUTO(index_choice_release) struct index_choice choice = {0};
        parse(cases[i].index, &index);
        if (cases[i].wanted)
            assert_ok(platform_parse(cases[i].wanted, &wanted, &err), &err);
        assert_ok(index_choose(&index, cases[i].wanted ? &wanted : NULL, &choice, &err), &err);
        assert_string_equal(choice.words, cases[i].words);
        assert_int_equal(choice.as_gateways, cases[i].as_gateways);
    }
}

static void no_image_is_said_with_what_there_is(void **state)
{
    (void)state;
    static const struct choosing cases[] = {
        {INDEX(ON("linux", "arm64") "," ON("windows", "amd64") "," ATTESTATION), NULL,
         "none for wasm: it has linux/arm64, windows/amd64: choose one with --platform", false},
        {INDEX(ON("linux", "arm64")), "linux/amd64", "no image for linux/amd64: it has linux/arm64",
         false},
        {INDEX(CHILD("")), "linux/amd64/v2", "no image for linux/amd64/v2: it has no platform",
         false},
        {INDEX(ATTESTATION), NULL, "it has no image", false},
        {INDEX(ATTESTATION), "unknown/unknown", "it has no image", false},
        {INDEX(""), NULL, "it has no image", false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        AUTO(err_release) struct err err = ERR_INIT;
        AUTO(index_release) struct image_index index = {0};
        AUTO(platform_release) struct platform wanted = {0};
        struct index_choice choice = {0};
        parse(cases[i].index, &index);
        if (cases[i].wanted)
            assert_ok(platform_parse(cases[i].wanted, &wanted, &err), &err);
        assert_int_equal(index_choose(&index, cases[i].wanted ? &wanted : NULL, &choice, &err),
                         ERR_NOT_FOUND);
        assert_contains(err_text(&err), cases[i].words);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_index_is_read),
        cmocka_unit_test(indexes_are_told_from_manifests),
        cmocka_unit_test(index_errors_say_what_is_wrong),
        cmocka_unit_test(too_many_images_are_refused),
        cmocka_unit_test(platforms_are_parsed),
        cmocka_unit_test(the_right_image_is_chosen),
        cmocka_unit_test(no_image_is_said_with_what_there_is),
    };
    return cmocka_run_group_tests_name("index", tests, NULL, NULL);
}
