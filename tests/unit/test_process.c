/* Children that run at the same time: start, wait, stop. */
#include "unit.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/process.h"
#include "base/process_spawn.h"

enum { LONG_MS = 10000 }; /* more than any of these takes */

#define SHELL(script) ((const char *const[]){"sh", "-c", script, NULL})

/* Whether the process runs; a process that has ended and was not waited for does not run. */
static bool is_alive(pid_t pid)
{
    char state[200] = "";
    AUTO_FREE char *path = mem_printf("/proc/%ld/stat", (long)pid);
    AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || read(fd, state, sizeof(state) - 1) <= 0)
        return false;
    const char *bracket = strrchr(state, ')');
    return bracket && bracket[2] != 'Z';
}

/* Waits until the child has said something. */
static void wait_for_words(struct process_child *child, const struct buf *said)
{
    AUTO(err_release) struct err err = ERR_INIT;
    for (int64_t end = clock_ms() + LONG_MS; !said->len && child->running && clock_ms() < end;)
        assert_ok(process_wait(child, 20, &err), &err);
    assert_true(said->len > 0);
}

static void a_child_is_stopped(void **state)
{
    (void)state;
    AUTO(err_release) struct err err = ERR_INIT;
    AUTO(process_release) struct process_child child = PROCESS_CHILD_INIT;
    const struct process process = {.argv = (const char *const[]){"sleep", "100", NULL}};
    assert_ok(process_start(&process, &child, &err), &err);
    assert_ok(process_wait(&child, 50, &err), &err);
    assert_true(child.running);
    assert_true(is_alive(child.pid));
    int64_t begun = clock_ms();
    process_stop(&child, SIGTERM, LONG_MS);
    assert_true(clock_ms() - begun < LONG_MS / 2);
    assert_false(child.running);
    assert_int_equal(child.status, 128 + SIGTERM);
    assert_false(is_alive(child.pid));
    process_stop(&child, SIGKILL, 0); /* nothing is left to stop */
    assert_ok(process_wait(&child, -1, &err), &err);
    assert_int_equal(child.status, 128 + SIGTERM);
}

static void a_stubborn_child_is_killed(void **state)
{
    (void)state;
    AUTO(err_release) struct err err = ERR_INIT;
    AUTO(buf_release) struct buf said = BUF_INIT(100);
    AUTO(process_release) struct process_child child = PROCESS_CHILD_INIT;
    const struct process process = {
        .argv = SHELL("trap '' TERM; echo ready; while :; do sleep 0.05; done"),
        .output = process_keep(&said),
        .own_group = true,
    };
    assert_ok(process_start(&process, &child, &err), &err);
    wait_for_words(&child, &said);
    int64_t begun = clock_ms();
    process_stop(&child, SIGTERM, 200);
    assert_true(clock_ms() - begun >= 200);
    assert_int_equal(child.status, 128 + SIGKILL);
}

/* The whole group ends, also when its first process has already ended by itself. */
static void grandchildren_are_stopped(void **state)
{
    (void)state;
    static const char *const scripts[] = {"sleep 100 & echo $!; wait",
                                          "sleep 100 & echo $!; exec sleep 1"};
    for (size_t i = 0; i < COUNT(scripts); i++) {
        AUTO(err_release) struct err err = ERR_INIT;
        AUTO(buf_release) struct buf said = BUF_INIT(100);
        AUTO(process_release) struct process_child child = PROCESS_CHILD_INIT;
        const struct process process = {
            .argv = SHELL(scripts[i]), .output = process_keep(&said), .own_group = true};
        assert_ok(process_start(&process, &child, &err), &err);
        wait_for_words(&child, &said);
        pid_t grandchild = (pid_t)strtol(buf_text(&said), NULL, 10);
        assert_true(is_alive(grandchild));
        while (i == 1 && is_alive(child.pid))
            clock_sleep_ms(5);
        assert_true(child.running);
        process_stop(&child, SIGTERM, LONG_MS);
        assert_int_equal(child.status, i == 0 ? 128 + SIGTERM : 0);
        assert_false(is_alive(grandchild));
    }
}

static void a_child_may_end_early(void **state)
{
    (void)state;
    AUTO(err_release) struct err err = ERR_INIT;
    AUTO(process_release) struct process_child child = PROCESS_CHILD_INIT;
    const struct process process = {.argv = SHELL("exit 3")};
    assert_ok(process_start(&process, &child, &err), &err);
    assert_ok(process_wait(&child, LONG_MS, &err), &err);
    assert_false(child.running);
    assert_int_equal(child.status, 3);
    process_stop(&child, SIGTERM, 0);
    assert_int_equal(child.status, 3);
}

static void a_missing_program_is_not_started(void **state)
{
    (void)state;
    AUTO(err_release) struct err err = ERR_INIT;
    AUTO(process_release) struct process_child child = PROCESS_CHILD_INIT;
    const struct process process = {
        .argv = (const char *const[]){"wasme-no-such-program", NULL}, .input = "x", .input_len = 1};
    assert_int_equal(process_start(&process, &child, &err), ERR_NOT_FOUND);
    assert_contains(err_text(&err), "start wasme-no-such-program");
    assert_false(child.running);
    assert_ok(process_wait(&child, -1, &err), &err);
}

struct count {
    size_t bytes;
    size_t max; /* then no more is wanted */
};

static bool count_piece(void *arg, const void *data, size_t len)
{
    struct count *count = arg;
    assert_non_null(data);
    count->bytes += len;
    return count->bytes < count->max;
}

/* Output and talk go to functions of the caller's; a pipe is closed when no more is wanted. */
static void output_goes_to_a_function(void **state)
{
    (void)state;
    AUTO(err_release) struct err err = ERR_INIT;
    struct count out = {0, SIZE_MAX}, talk = {0, SIZE_MAX}, little = {0, 10};
    int status = 0;
    const struct process both = {.argv = SHELL("printf 12345; printf 123 >&2"),
                                 .output = {count_piece, &out},
                                 .talk = {count_piece, &talk}};
    assert_ok(process_run(&both, &status, &err), &err);
    assert_int_equal(out.bytes, 5);
    assert_int_equal(talk.bytes, 3);
    const struct process endless = {.argv = (const char *const[]){"yes", NULL},
                                    .output = {count_piece, &little}};
    assert_ok(process_run(&endless, &status, &err), &err);
    assert_int_equal(status, 128 + SIGPIPE);
}

/* The output of a child that writes much at its end is read completely. */
static void last_words_are_heard(void **state)
{
    (void)state;
    AUTO(err_release) struct err err = ERR_INIT;
    AUTO(buf_release) struct buf said = BUF_INIT(100);
    struct count out = {0, SIZE_MAX};
    AUTO(process_release) struct process_child child = PROCESS_CHILD_INIT;
    const struct process process = {
        .argv = SHELL("trap 'head -c 1000000 /dev/zero; exit 5' TERM; echo ready >&2; "
                      "while :; do sleep 0.05; done"),
        .output = {count_piece, &out},
        .talk = process_keep(&said),
    };
    assert_ok(process_start(&process, &child, &err), &err);
    wait_for_words(&child, &said);
    process_stop(&child, SIGTERM, LONG_MS);
    assert_int_equal(child.status, 5);
    assert_int_equal(out.bytes, 1000000);
}

static void an_interrupt_ends_the_waiting(void **state)
{
    (void)state;
    AUTO(err_release) struct err err = ERR_INIT;
    AUTO(buf_release) struct buf said = BUF_INIT(100);
    AUTO(process_release) struct process_child child = PROCESS_CHILD_INIT;
    volatile int interrupted = 0;
    int status = -1;
    const struct process process = {
        .argv = SHELL("trap 'exit 7' TERM; echo ready; while :; do sleep 0.05; done"),
        .output = process_keep(&said),
        .own_group = true,
        .interrupted = &interrupted,
    };
    assert_ok(process_start(&process, &child, &err), &err);
    wait_for_words(&child, &said);
    interrupted = SIGTERM; /* SIGINT may be ignored where tests run in the background */
    assert_int_equal(process_wait(&child, LONG_MS, &err), ERR_INTERRUPTED);
    assert_true(child.running);
    process_stop(&child, interrupted, LONG_MS);
    assert_int_equal(child.status, 7);
    assert_int_equal(process_run(&process, &status, &err), ERR_INTERRUPTED);
    assert_int_equal(status, -1);
}

static void a_run_has_a_limit(void **state)
{
    (void)state;
    AUTO(err_release) struct err err = ERR_INIT;
    int status = -1;
    const struct process process = {.argv = (const char *const[]){"sleep", "100", NULL},
                                    .seconds = 1};
    assert_int_equal(process_run(&process, &status, &err), ERR_TRANSIENT);
    assert_contains(err_text(&err), "not done after 1 second");
    assert_int_equal(status, -1);
}

static void nothing_is_inherited(void **state)
{
    (void)state;
    AUTO(err_release) struct err err = ERR_INIT;
    AUTO(buf_release) struct buf said = BUF_INIT(1000);
    AUTO(buf_release) struct buf talk = BUF_INIT(1000);
    AUTO_CLOSE int open_for_all = dup(STDERR_FILENO); /* without close-on-exec */
    AUTO(process_release) struct process_child other = PROCESS_CHILD_INIT;
    int status = -1;
    assert_true(open_for_all > STDERR_FILENO);
    const struct process sleeper = {.argv = (const char *const[]){"sleep", "100", NULL},
                                    .input = "x",
                                    .input_len = 1,
                                    .output = process_keep(&talk)};
    assert_ok(process_start(&sleeper, &other, &err), &err); /* its pipes are nobody else's */
    /* A glob or a pipe would show the descriptors that the shell opens for it. */
    const struct process process = {.argv = SHELL("for n in 0 1 2 3 4 5 6 7 8 9; do "
                                                  "[ -e /proc/$$/fd/$n ] && echo $n; done; :"),
                                    .output = process_keep(&said),
                                    .talk = process_keep(&talk)};
    assert_ok(process_run(&process, &status, &err), &err);
    assert_string_equal(buf_text(&said), "0\n1\n2\n");
    assert_string_equal(buf_text(&talk), "");
}

static void a_forgotten_child_is_killed(void **state)
{
    (void)state;
    AUTO(err_release) struct err err = ERR_INIT;
    struct process_child child = PROCESS_CHILD_INIT;
    const struct process process = {.argv = SHELL("trap '' TERM; while :; do sleep 0.05; done")};
    assert_ok(process_start(&process, &child, &err), &err);
    process_release(&child);
    assert_int_equal(kill(child.pid, 0), -1);
    process_release(&child);
}

/* A dialogue: what is said next depends on the answer before. */
static void input_comes_in_parts(void **state)
{
    (void)state;
    AUTO(err_release) struct err err = ERR_INIT;
    AUTO(buf_release) struct buf said = BUF_INIT(100);
    AUTO(process_release) struct process_child child = PROCESS_CHILD_INIT;
    const struct process process = {
        .argv = SHELL("echo who; read name; echo hello $name; cat; echo end"),
        .output = process_keep(&said),
        .input_later = true,
    };
    assert_ok(process_start(&process, &child, &err), &err);
    wait_for_words(&child, &said);
    assert_string_equal(buf_text(&said), "who\n");
    buf_clear(&said);
    process_send(&child, "you\n", 4, false);
    wait_for_words(&child, &said);
    assert_string_equal(buf_text(&said), "hello you\n");
    assert_ok(process_wait(&child, 50, &err), &err);
    assert_true(child.running); /* its input is still open */
    process_send(&child, "last\n", 5, true);
    assert_ok(process_wait(&child, LONG_MS, &err), &err);
    assert_false(child.running);
    assert_string_equal(buf_text(&said), "hello you\nlast\nend\n");
}

static pid_t start_bound(const char *const *argv, int *rc)
{
    const struct process_spawn spawn = {.argv = argv,
                                        .input = -1,
                                        .output = -1,
                                        .talk = -1,
                                        .own_group = true,
                                        .dies_with_us = true};
    pid_t pid = -1;
    *rc = process_spawn(&spawn, &pid, ERR_IGNORED);
    return pid;
}

/* The child of a child of ours dies when that one is killed. */
static void a_bound_child_dies_with_its_parent(void **state)
{
    (void)state;
    int pair[2];
    pid_t grandchild = -1;
    assert_int_equal(pipe2(pair, O_CLOEXEC), 0);
    pid_t child = fork();
    if (child == 0) {
        int rc = 0;
        grandchild = start_bound((const char *const[]){"sleep", "100", NULL}, &rc);
        (void)!write(pair[1], &grandchild, sizeof(grandchild));
        pause();
        _exit(0);
    }
    assert_int_equal(read(pair[0], &grandchild, sizeof(grandchild)), sizeof(grandchild));
    (void)close(pair[0]);
    (void)close(pair[1]);
    assert_true(grandchild > 0);
    assert_true(is_alive(grandchild));
    (void)kill(child, SIGKILL);
    assert_int_equal(waitpid(child, NULL, 0), child);
    for (int64_t end = clock_ms() + LONG_MS; is_alive(grandchild) && clock_ms() < end;)
        clock_sleep_ms(5);
    assert_false(is_alive(grandchild));
}

static void a_missing_program_is_not_bound(void **state)
{
    (void)state;
    int rc = 0;
    (void)start_bound((const char *const[]){"/no/such/program", NULL}, &rc);
    assert_int_equal(rc, ERR_NOT_FOUND);
    pid_t pid = start_bound((const char *const[]){"true", NULL}, &rc);
    assert_int_equal(rc, 0);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void processes_run_without_a_shell(void **state)
{
    (void)state;
    AUTO(err_release) struct err err = ERR_INIT;
    AUTO(buf_release) struct buf out = BUF_INIT(64);
    int status = -1;
    const char *const echo[] = {"printf", "%s|%s", "$HOME;ls", "a b", NULL};
    struct process process = {.argv = echo, .output = process_keep(&out)};
    assert_ok(process_run(&process, &status, &err), &err);
    assert_int_equal(status, 0);
    assert_string_equal(buf_text(&out), "$HOME;ls|a b");
    const char *const show[] = {"sh", "-c", "printf '%s %s' \"$WASME_T\" \"$PWD\"; exit 3", NULL};
    const char *const env[] = {"WASME_T=set", NULL};
    struct process other = {.argv = show, .cwd = "/", .env = env, .output = process_keep(&out)};
    buf_clear(&out);
    assert_ok(process_run(&other, &status, &err), &err);
    assert_int_equal(status, 3);
    assert_string_equal(buf_text(&out), "set /");
    const char *const killed[] = {"sh", "-c", "kill -9 $$", NULL};
    struct process third = {.argv = killed};
    assert_ok(process_run(&third, &status, &err), &err);
    assert_int_equal(status, 137);
    const char *const none[] = {"wasme-no-such-program", NULL};
    struct process missing = {.argv = none};
    assert_int_equal(process_run(&missing, &status, &err), ERR_NOT_FOUND);
    assert_contains(err_text(&err), "wasme-no-such-program");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(processes_run_without_a_shell),
        cmocka_unit_test(a_child_is_stopped),
        cmocka_unit_test(a_stubborn_child_is_killed),
        cmocka_unit_test(grandchildren_are_stopped),
        cmocka_unit_test(a_child_may_end_early),
        cmocka_unit_test(a_missing_program_is_not_started),
        cmocka_unit_test(output_goes_to_a_function),
        cmocka_unit_test(last_words_are_heard),
        cmocka_unit_test(an_interrupt_ends_the_waiting),
        cmocka_unit_test(a_run_has_a_limit),
        cmocka_unit_test(nothing_is_inherited),
        cmocka_unit_test(a_forgotten_child_is_killed),
        cmocka_unit_test(input_comes_in_parts),
        cmocka_unit_test(a_bound_child_dies_with_its_parent),
        cmocka_unit_test(a_missing_program_is_not_bound),
    };
    return cmocka_run_group_tests_name("process", tests, NULL, NULL);
}
