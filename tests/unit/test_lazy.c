/* Libraries that are loaded when they are first needed, by several threads at once. */
#include "unit.h"

#include <dlfcn.h>
#include <pthread.h>

#include "base/lazy.h"

enum { THREADS = 8, ROUNDS = 200 };

#define SONAME "libarchive.so.13" /* nothing that the tests are linked with needs it */

static int (*version_number)(void);
static void *absent;

/* The work of each thread; all threads begin at the same time. */
struct work {
    struct lazy_library *library;
    pthread_barrier_t *start;
    struct err err;
    int rc;
    int version;
};

static void *load(void *opaque)
{
    struct work *work = opaque;
    (void)pthread_barrier_wait(work->start);
    work->rc = lazy_load(work->library, &work->err);
    if (!work->rc && work->library->symbols[0].slot == &version_number)
        work->version = version_number();
    return NULL;
}

static void load_at_once(struct lazy_library *library, struct work works[THREADS])
{
    pthread_t threads[THREADS];
    pthread_barrier_t start;
    assert_int_equal(pthread_barrier_init(&start, NULL, THREADS), 0);
    for (int i = 0; i < THREADS; i++) {
        works[i] = (struct work){.library = library, .start = &start};
        assert_int_equal(pthread_create(&threads[i], NULL, load, &works[i]), 0);
    }
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    (void)pthread_barrier_destroy(&start);
}

/* One close removes the library from the process, so it was opened only once. */
static void one_thread_loads(void **state)
{
    (void)state;
    static const struct lazy_symbol symbols[] = {{"archive_version_number", &version_number}};
    struct work works[THREADS];
    for (int round = 0; round < ROUNDS; round++) {
        struct lazy_library library = {SONAME, symbols, COUNT(symbols), NULL};
        version_number = NULL;
        load_at_once(&library, works);
        for (int i = 0; i < THREADS; i++) {
            assert_ok(works[i].rc, &works[i].err);
            assert_true(works[i].version > 3000000);
        }
        assert_int_equal(dlclose(library.handle), 0);
        assert_null(dlopen(SONAME, RTLD_LAZY | RTLD_NOLOAD));
    }
}

static void expect_failure(const char *soname, const char *symbol, const char *words)
{
    const struct lazy_symbol symbols[] = {{symbol, &absent}};
    struct lazy_library library = {soname, symbols, COUNT(symbols), NULL};
    struct work works[THREADS];
    load_at_once(&library, works);
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(works[i].rc, ERR_NOT_FOUND);
        assert_contains(err_text(&works[i].err), words);
        assert_string_equal(err_text(&works[i].err), err_text(&works[0].err));
    }
    for (int i = 0; i < THREADS; i++)
        err_release(&works[i].err);
    assert_null(library.handle);
}

static void each_thread_is_told_the_failure(void **state)
{
    (void)state;
    expect_failure("libwasme-no-such.so.1", "f", "load libwasme-no-such.so.1: ");
    expect_failure(SONAME, "wasme_no_such", "it has no wasme_no_such: install a newer version");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_thread_loads),
        cmocka_unit_test(each_thread_is_told_the_failure),
    };
    return cmocka_run_group_tests_name("lazy", tests, NULL, NULL);
}
