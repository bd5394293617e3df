#include "cmd/run/trials_run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/visible.h"
#include "cmd/run/client.h"
#include "cmd/run/field.h"

enum {
    ANSWER_MS = 30 * 1000, /* the time that an answer may take */
    LINES_MS = 2000,       /* the time that a line of the log may take after the answer */
    QUIET_MS = 150,        /* the time that is waited for a line that must not come */
    REQUEST_MAX = UPSTREAM_BODY_MAX + 1024 * 1024,
    LINE_MAX_BYTES = 64 * 1024,
};

/* --- The request --- */

static void write_request(const struct trial *trial, int port, struct buf *out)
{
    buf_printf(out, "%s %s HTTP/1.1\r\n", trial->method, trial->target);
    bool has_host = field_is_among(&trial->fields, "host");
    if (!has_host && trial->authority)
        buf_printf(out, "host: %s\r\n", trial->authority);
    else if (!has_host)
        buf_printf(out, "host: 127.0.0.1:%d\r\n", port);
    for (size_t i = 0; i < trial->fields.count; i++)
        buf_printf(out, "%s\r\n", trial->fields.items[i]);
    bool sends =
        trial->body.len || strcmp(trial->method, "POST") == 0 || strcmp(trial->method, "PUT") == 0;
    if (sends && !field_is_among(&trial->fields, "content-length") &&
        !field_is_among(&trial->fields, "transfer-encoding"))
        buf_printf(out, "content-length: %zu\r\n", trial->body.len);
    buf_add_text(out, "\r\n");
    buf_add(out, trial->body.data, trial->body.len);
}

/* --- What came --- */

static void take_seen(struct session *session, struct trial_facts *facts)
{
    AUTO(upstream_seen_release) struct upstream_seen seen = {0};
    if (!session->upstream)
        return;
    upstream_take_seen(session->upstream, &seen);
    facts->passed = seen.came;
    if (!seen.came)
        return;
    texts_add(&facts->request, mem_printf(":method: %s", seen.method));
    texts_add(&facts->request, mem_printf(":path: %s", seen.path));
    for (size_t i = 0; i < seen.fields.count; i++) {
        const char *line = seen.fields.items[i];
        bool host = field_is(line, "host");
        texts_add(&facts->request, host ? mem_printf(":authority:%s", line + 5) : mem_dup(line));
        if (field_is(line, "x-forwarded-proto"))
            texts_add(&facts->request, mem_printf(":scheme:%s", line + 18));
    }
    facts->request_body = seen.body;
    seen.body = (struct buf){0};
}

static void take_answer(struct client_answer *answer, struct trial_facts *facts)
{
    facts->status = answer->status;
    texts_add(&facts->response, mem_printf(":status: %d", answer->status));
    for (size_t i = 0; i < answer->fields.count; i++)
        texts_add(&facts->response, mem_dup(answer->fields.items[i]));
    facts->response_body = answer->body;
    answer->body = (struct buf){0};
}

/* Reads the log until all lines are there that are expected, and for a while when some must not
 * come. */
static int read_lines(struct session *session, const struct trial *trial,
                      const struct trial_facts *facts, struct err *err)
{
    int64_t began = clock_ms();
    for (;;) {
        bool missing = false, forbidden = false;
        for (size_t i = 0; i < trial->count; i++) {
            const struct trial_expectation *one = &trial->expected[i];
            if (one->place != TRIAL_LOG)
                continue;
            missing |= !one->invert && !trial_is_met(one, facts);
            forbidden |= one->invert;
        }
        int64_t most = missing ? LINES_MS : forbidden ? QUIET_MS : 0;
        if (clock_ms() - began >= most)
            return 0;
        enum proxy_turn turn = proxy_turn(&session->proxy, -1, 0, clock_ms() + 20);
        if (turn == PROXY_STOP)
            return err_set(err, ERR_INTERRUPTED, "interrupted");
        if (turn == PROXY_ENDED)
            return session_ended(session, err);
    }
}

static int make_request(struct session *session, const struct trial *trial,
                        struct trial_facts *facts, struct err *err)
{
    AUTO(buf_release) struct buf text = BUF_INIT(REQUEST_MAX);
    AUTO(client_answer_release) struct client_answer answer = {0};
    AUTO_CLOSE int fd = -1;
    write_request(trial, session->port, &text);
    const struct client_request request = {.text = buf_text(&text),
                                           .len = text.len,
                                           .head = strcmp(trial->method, "HEAD") == 0,
                                           .ms = ANSWER_MS};
    int rc = client_connect_port(session->port, &fd, err);
    if (!rc)
        rc = client_ask(&session->proxy, fd, &request, &answer, err);
    if (rc)
        return rc;
    take_answer(&answer, facts);
    take_seen(session, facts);
    return read_lines(session, trial, facts, err);
}

/* --- The report --- */

/* Prints a text of several lines as comments. */
static void comment(const char *text)
{
    AUTO(buf_release) struct buf clean = BUF_INIT(LINE_MAX_BYTES);
    visible_add(&clean, text, true);
    for (const char *line = buf_text(&clean); *line;) {
        int len = (int)strcspn(line, "\n");
        printf("# %.*s\n", len, line);
        line += len + (line[len] == '\n');
    }
}

/* A "#" gets a backslash: behind a bare one, readers of the report look for SKIP and TODO, which
 * make a failure count as none. */
static void print_result(const struct trial *trial, size_t number, bool failed)
{
    AUTO(buf_release) struct buf name = BUF_INIT(LINE_MAX_BYTES);
    visible_add(&name, trial->name, false);
    printf("%sok %zu - ", failed ? "not " : "", number);
    for (const char *at = buf_text(&name); *at; at++)
        printf("%s%c", *at == '#' ? "\\" : "", *at);
    putchar('\n');
}

static void print_complaints(const struct trial *trial, const struct trial_facts *facts)
{
    for (size_t i = 0; i < trial->count; i++) {
        if (trial_is_met(&trial->expected[i], facts))
            continue;
        AUTO_FREE char *words = trial_complaint(&trial->expected[i], facts);
        comment(words);
    }
}

static bool is_met(const struct trial *trial, const struct trial_facts *facts)
{
    for (size_t i = 0; i < trial->count; i++)
        if (!trial_is_met(&trial->expected[i], facts))
            return false;
    return true;
}

static int run_one(struct session *session, const struct trial *trial, size_t number,
                   const struct texts *start_log, size_t *failed, struct err *err)
{
    AUTO(trial_facts_release)
    struct trial_facts facts = {.log = &session->talk.lines, .start_log = start_log};
    AUTO(err_release) struct err fault = ERR_INIT;
    const struct upstream_answer answer = {.status = trial->status,
                                           .fields = &trial->answer_fields,
                                           .body = trial->answer_body.data,
                                           .body_len = trial->answer_body.len};
    talk_forget(&session->talk);
    if (session->upstream)
        upstream_expect(session->upstream, trial->answers ? &answer : NULL);
    int rc = make_request(session, trial, &facts, &fault);
    if (session->upstream)
        upstream_expect(session->upstream, NULL);
    if (rc == ERR_INTERRUPTED)
        return err_move(err, &fault);
    bool bad = rc || !is_met(trial, &facts);
    *failed += bad;
    print_result(trial, number, bad);
    if (rc)
        comment(err_text(&fault));
    else if (bad)
        print_complaints(trial, &facts);
    fflush(stdout);
    return session->proxy.running ? 0 : session_ended(session, err);
}

int trials_run(struct session *session, const struct trials *trials, size_t *failed,
               struct err *err)
{
    AUTO(texts_release) struct texts start_log = session->talk.lines;
    session->talk.lines = (struct texts){0};
    talk_forget(&session->talk);
    printf("TAP version 13\n1..%zu\n", trials->count);
    *failed = 0;
    for (size_t i = 0; i < trials->count; i++) {
        int rc = run_one(session, &trials->items[i], i + 1, &start_log, failed, err);
        if (rc)
            return rc;
    }
    return 0;
}
