/* The addresses of the registry API, digests of both algorithms, what manifests name. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "store/distribution/contents.h"
#include "store/distribution/depot.h"
#include "store/distribution/graph.h"
#include "store/distribution/images.h"
#include "store/distribution/path.h"
#include "tests/unit/unit.h"

#define HEX64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void expect_path(const char *path, enum dist_kind kind, const char *name, const char *key)
{
    struct dist_path read;
    assert_true(dist_path_read(path, &read));
    assert_int_equal(read.kind, kind);
    assert_string_equal(read.name, name);
    assert_string_equal(read.key, key);
}

static void test_paths(void **state)
{
    (void)state;
    expect_path("/v2", DIST_BASE, "", "");
    expect_path("/v2/", DIST_BASE, "", "");
    expect_path("/v2/_catalog", DIST_CATALOG, "", "");
    expect_path("/v2/a/b/tags/list", DIST_TAGS, "a/b", "");
    expect_path("/v2/a/b/manifests/v1", DIST_MANIFEST, "a/b", "v1");
    expect_path("/v2/a/blobs/sha256:" HEX64, DIST_BLOB, "a", "sha256:" HEX64);
    expect_path("/v2/a/referrers/sha256:" HEX64, DIST_REFERRERS, "a", "sha256:" HEX64);
    expect_path("/v2/a/blobs/uploads", DIST_UPLOADS, "a", "");
    expect_path("/v2/a/blobs/uploads/", DIST_UPLOADS, "a", "");
    expect_path("/v2/a/blobs/uploads/12", DIST_UPLOAD, "a", "12");
    expect_path("/v2/blobs/uploads/manifests/x", DIST_MANIFEST, "blobs/uploads", "x");
    expect_path("/v2/tags/list/tags/list", DIST_TAGS, "tags/list", "");
}

static void test_no_paths(void **state)
{
    static const char *const paths[] = {
        "/v2/a",
        "/v2/manifests/v1",
        "/v2/a/manifests/",
        "/v2/a/tags/other",
        "/v2/a/other/x",
        "/v2/uploads/1",
        "/v2//",
        "/v3/",
        "/v2x/",
        "/v2/blobs/uploads/",
    };
    struct dist_path read;
    (void)state;
    for (size_t i = 0; i < COUNT(paths); i++)
        if (dist_path_read(paths[i], &read))
            fail_msg("%s", paths[i]);
    AUTO_FREE char *many = mem_alloc(1000);
    memset(many, 'a', 1000);
    memcpy(many, "/v2/", 4);
    memcpy(many + 600, "/tags/list", 11);
    assert_false(dist_path_read(many, &read));
}

static void expect_query(const char *query, size_t number, const char *value)
{
    AUTO_FREE char *got = dist_query(query, "tag", number);
    if (value)
        assert_string_equal(got, value);
    else
        assert_null(got);
}

static void test_queries(void **state)
{
    (void)state;
    expect_query(NULL, 0, NULL);
    expect_query("", 0, NULL);
    expect_query("tag=v1", 0, "v1");
    expect_query("tag=v1", 1, NULL);
    expect_query("tags=x&tag=a%2Fb+c&tag=2", 0, "a/b c");
    expect_query("tags=x&tag=a%2Fb&tag=2", 1, "2");
    expect_query("tag", 0, "");
    expect_query("tag=%", 0, NULL);
    expect_query("tag=%2", 0, NULL);
    expect_query("tag=%zz", 0, NULL);
    expect_query("tag=a%00b", 0, NULL);
}

static void test_digests(void **state)
{
    struct digest_any digest, again;
    char entry[DEPOT_ENTRY_MAX + 1];
    (void)state;
    digest_any_of("abc", 3, DIGEST_SHA512, &digest);
    assert_string_equal(digest.text,
                        "sha512:ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                        "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
    depot_entry(&digest, entry);
    assert_null(strchr(entry, ':'));
    assert_true(depot_entry_read(entry, &again));
    assert_true(digest_any_equal(&digest, &again));
    assert_false(depot_entry_read("sha256-../../x", &again));
    assert_int_equal(digest_any_parse("sha512:" HEX64, &again, ERR_IGNORED), ERR_DAMAGED);
    assert_int_equal(digest_any_parse("md5:" HEX64, &again, ERR_IGNORED), ERR_DAMAGED);
}

static int read_text(const char *text, struct contents *out)
{
    return contents_read(text, strlen(text), out, ERR_IGNORED);
}

static void test_contents(void **state)
{
    AUTO(contents_release) struct contents contents = {0};
    (void)state;
    assert_int_equal(
        read_text("{\"schemaVersion\":2,\"config\":{\"mediaType\":\"a/b\",\"size\":2,\"digest\":"
                  "\"sha256:" HEX64 "\"},\"layers\":null,\"subject\":{\"mediaType\":\"a/c\","
                  "\"size\":1,\"digest\":\"sha256:" HEX64 "\"}}",
                  &contents),
        0);
    assert_int_equal(contents.count, 1);
    assert_string_equal(contents.artifact_type, "a/b");
    assert_string_equal(contents.subject.text, "sha256:" HEX64);
    assert_false(contents_is_index(&contents));
}

static void test_bad_contents(void **state)
{
    static const char *const texts[] = {
        "",
        "[]",
        "{}",
        "{\"schemaVersion\":1}",
        "{\"schemaVersion\":2,\"layers\":{}}",
        "{\"schemaVersion\":2,\"layers\":[1]}",
        "{\"schemaVersion\":2,\"config\":{\"mediaType\":\"a/b\",\"size\":-1,\"digest\":\"sha256:" HEX64
        "\"}}",
        "{\"schemaVersion\":2,\"subject\":{\"mediaType\":\"a/b\",\"size\":1,\"digest\":\"x\"}}",
    };
    struct contents contents;
    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++)
        assert_int_equal(read_text(texts[i], &contents), ERR_DAMAGED);
}

static void set_node(struct graph_node *node, char digit, const char *child, const char *subject)
{
    digest_any_of(&digit, 1, DIGEST_SHA256, &node->digest);
    if (*subject)
        digest_any_of(subject, 1, DIGEST_SHA256, &node->contents.subject);
    if (!*child)
        return;
    node->contents.parts = mem_zero(1, sizeof(*node->contents.parts));
    node->contents.parts[0].manifest = true;
    digest_any_of(child, 1, DIGEST_SHA256, &node->contents.parts[0].digest);
    node->contents.count = 1;
}

static int by_digest(const void *a, const void *b)
{
    const struct graph_node *one = a, *other = b;
    return strcmp(one->digest.text, other->digest.text);
}

/* A and B name each other, C refers to B, D to C; E refers to what is not there, F to E. */
static void test_graph(void **state)
{
    static const char *const nodes[][3] = {
        {"A", "B", ""}, {"B", "A", ""}, {"C", "", "B"},
        {"D", "", "C"}, {"E", "", "x"}, {"F", "y", "E"},
    };
    AUTO(graph_release) struct graph graph = {0};
    (void)state;
    graph.nodes = mem_zero(COUNT(nodes), sizeof(*graph.nodes));
    for (size_t i = 0; i < COUNT(nodes); i++)
        set_node(&graph.nodes[graph.count++], nodes[i][0][0], nodes[i][1], nodes[i][2]);
    qsort(graph.nodes, graph.count, sizeof(*graph.nodes), by_digest);
    struct digest_any first;
    digest_any_of("A", 1, DIGEST_SHA256, &first);
    graph_find(&graph, &first)->kept = true;
    graph_spread(&graph);
    for (size_t i = 0; i < COUNT(nodes); i++) {
        struct digest_any digest;
        digest_any_of(nodes[i][0], 1, DIGEST_SHA256, &digest);
        assert_int_equal(graph_find(&graph, &digest)->kept, i < 4);
    }
}

static void test_image_names(void **state)
{
    struct image_name name;
    (void)state;
    image_name_read("a.example:5000/b/c:v1", &name);
    assert_int_equal(name.host_len, strlen("a.example:5000"));
    assert_int_equal(name.path_len, strlen("b/c"));
    assert_string_equal(name.tag, "v1");
    image_name_read("a.example/b@sha256:" HEX64, &name);
    assert_int_equal(name.path_len, 1);
    assert_null(name.tag);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_paths),    cmocka_unit_test(test_no_paths),
        cmocka_unit_test(test_queries),  cmocka_unit_test(test_digests),
        cmocka_unit_test(test_contents), cmocka_unit_test(test_bad_contents),
        cmocka_unit_test(test_graph),    cmocka_unit_test(test_image_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
