/* What is remembered of how registries want to be logged in to. */
#include "unit.h"

#include <time.h>

#include "base/private_file.h"
#include "files.h"
#include "registry/memory.h"

static void keep(struct memory *memory, const char *host, enum memory_over over, const char *realm)
{
    AUTO_FREE char *name = mem_dup(host);
    AUTO_FREE char *copy = realm ? mem_dup(realm) : NULL;
    const struct memory_entry entry = {
        .host = name, .over = over, .bearer = realm != NULL, .realm = copy};
    memory_keep(memory, &entry);
}

static void keep_one(const struct made_folder *folder, const char *host, const char *realm)
{
    struct memory memory = {.dir = folder->path};
    keep(&memory, host, OVER_HTTPS, realm);
    memory_close(&memory);
}

/* The realm of the host, "basic", or "" when nothing is known. The caller frees the text. */
static char *recall(const struct made_folder *folder, const char *host, enum memory_over over)
{
    struct memory memory = {.dir = folder->path};
    const struct memory_entry *entry = memory_find(&memory, host, over);
    char *text = mem_dup(!entry ? "" : entry->bearer ? entry->realm : "basic");
    memory_close(&memory);
    return text;
}

static void expect(const struct made_folder *folder, const char *host, enum memory_over over,
                   const char *wanted)
{
    AUTO_FREE char *text = recall(folder, host, over);
    assert_string_equal(text, wanted);
}

static void put_file(const struct made_folder *folder, const char *text)
{
    const struct private_file file = {.dir = folder->path, .name = "registries.json"};
    assert_true(private_file_write(&file, text, strlen(text)));
}

static void each_host_and_way_is_remembered_for_itself(void **state)
{
    const struct made_folder *folder = *state;
    struct memory memory = {.dir = folder->path};
    keep(&memory, "a.example", OVER_HTTPS, "https://a.example/token");
    keep(&memory, "a.example", OVER_HTTP, NULL);
    keep(&memory, "a.example:444", OVER_HTTPS, "https://other.example/token");
    memory_close(&memory);
    expect(folder, "a.example", OVER_HTTPS, "https://a.example/token");
    expect(folder, "a.example", OVER_HTTP, "basic");
    expect(folder, "a.example", OVER_UNVERIFIED, "");
    expect(folder, "a.example:444", OVER_HTTPS, "https://other.example/token");
    expect(folder, "A.example", OVER_HTTPS, "");
    keep_one(folder, "a.example", NULL);
    expect(folder, "a.example", OVER_HTTPS, "basic");
    expect(folder, "a.example:444", OVER_HTTPS, "https://other.example/token");
}

static void processes_side_by_side_lose_nothing(void **state)
{
    const struct made_folder *folder = *state;
    keep_one(folder, "gone.example", NULL);
    struct memory first = {.dir = folder->path}, second = {.dir = folder->path};
    keep(&first, "a.example", OVER_HTTPS, NULL);
    memory_forget(&first, "gone.example", OVER_HTTPS);
    assert_null(memory_find(&first, "gone.example", OVER_HTTPS));
    keep(&second, "b.example", OVER_HTTPS, NULL);
    memory_close(&first);
    memory_close(&second);
    expect(folder, "a.example", OVER_HTTPS, "basic");
    expect(folder, "b.example", OVER_HTTPS, "basic");
    expect(folder, "gone.example", OVER_HTTPS, "");
}

static void what_is_known_already_is_not_written_again(void **state)
{
    const struct made_folder *folder = *state;
    keep_one(folder, "a.example", "https://a.example/token");
    assert_int_equal(made_folder_run(folder, "touch -d @1 registries.json"), 0);
    keep_one(folder, "a.example", "https://a.example/token");
    assert_int_equal(made_folder_run(folder, "test $(stat -c %Y registries.json) = 1"), 0);
    keep_one(folder, "a.example", "https://a.example/other");
    assert_int_equal(made_folder_run(folder, "test $(stat -c %Y registries.json) != 1"), 0);
}

static void http2_is_remembered_and_forgotten(void **state)
{
    const struct made_folder *folder = *state;
    char host[] = "a.example";
    for (int i = 0; i < 4; i++) {
        struct memory memory = {.dir = folder->path};
        const struct memory_entry entry = {.host = host, .http2 = i % 2 == 0};
        memory_keep(&memory, &entry);
        memory_close(&memory);
        memory.dir = folder->path;
        const struct memory_entry *found = memory_find(&memory, host, OVER_HTTPS);
        assert_non_null(found);
        assert_int_equal(found->http2, i % 2 == 0);
        memory_close(&memory);
    }
}

static char *entry_seen_at(const char *host, long long seen)
{
    return mem_printf("{\"host\":\"%s\",\"over\":\"https\",\"scheme\":\"basic\",\"seen\":%lld}",
                      host, seen);
}

static void old_entries_and_entries_of_the_future_are_not_used(void **state)
{
    const struct made_folder *folder = *state;
    const long long now = time(NULL), day = 86400;
    AUTO_FREE char *young = entry_seen_at("young", now - 29 * day);
    AUTO_FREE char *old = entry_seen_at("old", now - 31 * day);
    AUTO_FREE char *future = entry_seen_at("future", now + 2 * day);
    AUTO_FREE char *text =
        mem_printf("{\"format\":1,\"registries\":[%s,%s,%s]}", young, old, future);
    put_file(folder, text);
    expect(folder, "young", OVER_HTTPS, "basic");
    expect(folder, "old", OVER_HTTPS, "");
    expect(folder, "future", OVER_HTTPS, "");
    keep_one(folder, "new", NULL);
    assert_int_equal(made_folder_run(folder, "! grep -E 'old|future' registries.json"), 0);
}

static void the_oldest_entries_go(void **state)
{
    const struct made_folder *folder = *state;
    const long long now = time(NULL);
    struct buf text AUTO(buf_release) = BUF_INIT(MEMORY_FILE_MAX);
    buf_add_text(&text, "{\"format\":1,\"registries\":[");
    for (int i = 0; i < MEMORY_ENTRIES_MAX; i++) {
        AUTO_FREE char *host = mem_printf("host-%d", i);
        AUTO_FREE char *entry = entry_seen_at(host, now - 1000 - (i * 7) % MEMORY_ENTRIES_MAX);
        buf_printf(&text, "%s%s", i ? "," : "", entry);
    }
    buf_add_text(&text, "]}");
    put_file(folder, buf_text(&text));
    expect(folder, "host-0", OVER_HTTPS, "basic");
    keep_one(folder, "new", NULL);
    expect(folder, "new", OVER_HTTPS, "basic");
    expect(folder, "host-0", OVER_HTTPS, "basic");
    expect(folder, "host-73", OVER_HTTPS, ""); /* 73 * 7 = 511, the oldest of them */
    expect(folder, "host-72", OVER_HTTPS, "basic");
}

static void long_texts_neither_break_the_file_nor_fill_it(void **state)
{
    const struct made_folder *folder = *state;
    struct memory memory = {.dir = folder->path};
    char realm[MEMORY_TEXT_MAX + 2];
    memset(realm, 'a', sizeof(realm));
    memcpy(realm, "https://", 8);
    realm[MEMORY_TEXT_MAX + 1] = '\0';
    keep(&memory, "long", OVER_HTTPS, realm);
    assert_null(memory_find(&memory, "long", OVER_HTTPS));
    keep(&memory, "login", OVER_HTTPS, "https://user:password@a.example/token");
    keep(&memory, "ftp", OVER_HTTPS, "ftp://a.example/token");
    keep(&memory, "line", OVER_HTTPS, "https://a.example/\ntoken");
    realm[MEMORY_TEXT_MAX] = '\0';
    for (int i = 0; i < MEMORY_ENTRIES_MAX; i++) {
        AUTO_FREE char *host = mem_printf("host-%d", i);
        keep(&memory, host, OVER_HTTPS, realm);
    }
    memory_close(&memory);
    expect(folder, "login", OVER_HTTPS, "");
    expect(folder, "ftp", OVER_HTTPS, "");
    expect(folder, "line", OVER_HTTPS, "");
    assert_int_equal(made_folder_run(folder, "grep -o host- registries.json | wc -l >n;"
                                             "test $(cat n) -gt 200"),
                     0);
}

static void other_texts_are_no_memory(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "[]",
        "{}",
        "garbage",
        "{\"format\":2,\"registries\":[]}",
        "{\"format\":1,\"registries\":[1]}",
        "{\"format\":1,\"registries\":[{\"host\":\"a\"}]}",
        "{\"format\":1,\"registries\":[{\"host\":\"\",\"over\":\"https\",\"scheme\":\"basic\","
        "\"seen\":1}]}",
        "{\"format\":1,\"registries\":[{\"host\":\"a\",\"over\":\"ftp\",\"scheme\":\"basic\","
        "\"seen\":1}]}",
        "{\"format\":1,\"registries\":[{\"host\":\"a\",\"over\":\"https\",\"scheme\":\"ntlm\","
        "\"seen\":1}]}",
        "{\"format\":1,\"registries\":[{\"host\":\"a\",\"over\":\"https\",\"scheme\":\"bearer\","
        "\"seen\":1}]}",
        "{\"format\":1,\"registries\":[{\"host\":\"a\",\"over\":\"https\",\"scheme\":\"bearer\","
        "\"realm\":\"file:///etc/passwd\",\"seen\":1}]}",
        "{\"format\":1,\"registries\":[{\"host\":\"a\",\"over\":\"https\",\"scheme\":\"basic\","
        "\"seen\":-1}]}",
    };
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct memory_list list AUTO(memory_list_release) = {0};
        if (memory_parse(texts[i], strlen(texts[i]), &list) || list.count)
            assert_string_equal(texts[i], "{\"format\":1,\"registries\":[]}");
    }
}

#define IN_FOLDER(test)                                                                            \
    cmocka_unit_test_setup_teardown(test, private_folder_set_up, private_folder_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(each_host_and_way_is_remembered_for_itself),
        IN_FOLDER(processes_side_by_side_lose_nothing),
        IN_FOLDER(what_is_known_already_is_not_written_again),
        IN_FOLDER(http2_is_remembered_and_forgotten),
        IN_FOLDER(old_entries_and_entries_of_the_future_are_not_used),
        IN_FOLDER(the_oldest_entries_go),
        IN_FOLDER(long_texts_neither_break_the_file_nor_fill_it),
        cmocka_unit_test(other_texts_are_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
