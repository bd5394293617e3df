/* How many connections each address has. */
#include <string.h>

#include "unit.h"

#include "server/crowd.h"

static struct address number(unsigned i)
{
    return (struct address){
        .bytes = {10, (unsigned char)(i >> 16), (unsigned char)(i >> 8), (unsigned char)i}};
}

static void counted_by_address(void **state)
{
    (void)state;
    enum { ADDRESSES = 5000 };
    static struct crowd crowd = {.seed = 12345};
    static struct crowd_member *members[2 * ADDRESSES];
    for (unsigned i = 0; i < 2 * ADDRESSES; i++) {
        const struct address address = number(i / 2);
        members[i] = crowd_enter(&crowd, &address);
    }
    for (unsigned i = 0; i < ADDRESSES; i++) {
        const struct address address = number(i);
        assert_int_equal(crowd_count(&crowd, &address), 2);
        crowd_leave(&crowd, members[2 * i]);
        assert_int_equal(crowd_count(&crowd, &address), 1);
    }
    for (unsigned i = 0; i < ADDRESSES; i++)
        crowd_leave(&crowd, members[2 * i + 1]);
    for (size_t i = 0; i < CROWD_BUCKETS; i++)
        assert_null(crowd.buckets[i]);
}

static void a_network_of_ipv6_is_one(void **state)
{
    (void)state;
    struct crowd crowd = {0};
    struct address one = {.six = true, .bytes = {0x20, 1, 0xd, 0xb8, 0, 0, 0, 1, 9, 9}};
    struct address same = {.six = true, .bytes = {0x20, 1, 0xd, 0xb8, 0, 0, 0, 1, 8}};
    struct address other = {.six = true, .bytes = {0x20, 1, 0xd, 0xb8, 0, 0, 0, 2}};
    struct address four = {.bytes = {0x20, 1, 0xd, 0xb8}};
    struct crowd_member *first = crowd_enter(&crowd, &one);
    struct crowd_member *second = crowd_enter(&crowd, &same);
    assert_ptr_equal(first, second);
    assert_int_equal(crowd_count(&crowd, &one), 2);
    assert_int_equal(crowd_count(&crowd, &other), 0);
    assert_int_equal(crowd_count(&crowd, &four), 0);
    crowd_leave(&crowd, first);
    crowd_leave(&crowd, second);
    assert_int_equal(crowd_count(&crowd, &same), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counted_by_address),
        cmocka_unit_test(a_network_of_ipv6_is_one),
    };
    return cmocka_run_group_tests_name("crowd", tests, NULL, NULL);
}
