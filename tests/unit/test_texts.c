/* Lists of texts. */
#include "unit.h"

#include "base/texts.h"

static void fill(struct texts *list, const char *letters)
{
    for (; *letters; letters++)
        texts_add(list, mem_dup_n(letters, 1));
}

static void assert_items(const struct texts *list, const char *letters)
{
    assert_int_equal(list->count, strlen(letters));
    for (size_t i = 0; i < list->count; i++)
        assert_int_equal(list->items[i][0], letters[i]);
}

static void test_sort(void **state)
{
    AUTO(texts_release) struct texts list = {0};
    (void)state;
    texts_sort(&list);
    fill(&list, "cabac");
    texts_sort(&list);
    assert_items(&list, "aabcc");
}

static void test_sort_once(void **state)
{
    AUTO(texts_release) struct texts list = {0};
    (void)state;
    texts_sort_once(&list);
    fill(&list, "cabac");
    texts_sort_once(&list);
    assert_items(&list, "abc");
}

static void test_has(void **state)
{
    AUTO(texts_release) struct texts list = {0};
    (void)state;
    assert_false(texts_have(&list, "a"));
    fill(&list, "bdf");
    assert_true(texts_have(&list, "b"));
    assert_true(texts_have(&list, "f"));
    assert_false(texts_have(&list, "c"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sort),
        cmocka_unit_test(test_sort_once),
        cmocka_unit_test(test_has),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
