/* JSON: what its parser cannot hold. */
#include "unit.h"

#include <string.h>

#include "base/json.h"

static void tells_numbers_that_overflow(void **state)
{
    (void)state;
    static const char *const good[] = {"9223372036854775808", "1e999", " -1E+999 ",
                                       "{\"a\":[1.5e400,{\"b\\\"1\":1}]}"};
    static const char *const bad[] = {"",
                                      "1",
                                      "9223372036854775807",
                                      "{\"a\":1e999",
                                      "--1",
                                      "01e999",
                                      "1e999x",
                                      "[1e999 2]",
                                      "1e+",
                                      "1e999 --1",
                                      "{\"a\":1e999,\"a\":2}",
                                      "\"1e999",
                                      "[\"1\\\"1e999\",]"};
    for (size_t i = 0; i < COUNT(good); i++)
        assert_true(json_doc_overflows(good[i], strlen(good[i])));
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_false(json_doc_overflows(bad[i], strlen(bad[i])));
    assert_false(json_doc_overflows("1e999\0", 6));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_numbers_that_overflow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
