/* Work that one of several threads does for all. */
#include <pthread.h>
#include <stdatomic.h>

#include "unit.h"

#include "base/clock.h"
#include "store/distribution/flights.h"

enum { THREADS = 16, ROUNDS = 200 };

static struct flights *flights;
static atomic_int under_way, done;
static atomic_bool there[ROUNDS];

/* Makes sure that the thing of each round is there, as a cache does. */
static void *work(void *arg)
{
    (void)arg;
    for (int round = 0; round < ROUNDS; round++) {
        while (!there[round]) {
            int rc = 1;
            if (!flights_begin(flights, "a thing", &rc)) {
                assert_int_equal(rc, -7);
                continue;
            }
            if (!there[round]) {
                assert_int_equal(atomic_fetch_add(&under_way, 1), 0);
                if (round % 50 == 0)
                    clock_sleep_ms(2); /* so that others wait */
                there[round] = true;
                done++;
                assert_int_equal(atomic_fetch_sub(&under_way, 1), 1);
            }
            flights_end(flights, "a thing", -7);
        }
    }
    return NULL;
}

static void each_thing_is_made_once(void **state)
{
    pthread_t threads[THREADS];
    (void)state;
    flights = flights_new();
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, work, NULL), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(done, ROUNDS);
    flights_free(flights);
}

static void other_names_do_not_wait(void **state)
{
    (void)state;
    struct flights *mine = flights_new();
    int rc = 0;
    assert_true(flights_begin(mine, "a", &rc));
    assert_true(flights_begin(mine, "b", &rc));
    flights_end(mine, "a", 0);
    assert_true(flights_begin(mine, "a", &rc));
    flights_end(mine, "b", 0);
    flights_end(mine, "a", 0);
    flights_free(mine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_thing_is_made_once),
        cmocka_unit_test(other_names_do_not_wait),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
