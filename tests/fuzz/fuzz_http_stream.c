/*
 * A connection's bytes as a peer may send them: header blocks, targets, conditions, ranges, bodies
 * with a length and in chunks, one request behind the other. However the network cuts the bytes,
 * the requests are the same.
 */
#include <stdint.h>

#include "base/mem.h"
#include "server/condition.h"
#include "server/intake.h"
#include "server/parse.h"
#include "server/range.h"
#include "server/target.h"

enum { BODY_LIMIT = 100000, SIZE_OF_FILE = 1000 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void check(bool holds)
{
    if (!holds)
        abort();
}

/* What became of the bytes. */
struct outcome {
    uint64_t sum; /* of all that the requests and bodies hold */
    int requests;
    int ended; /* bodies */
    int broken;
    long long body;
    bool bad;
};

static void add(struct outcome *outcome, const void *data, size_t len)
{
    for (size_t i = 0; i < len; i++)
        outcome->sum = (outcome->sum ^ ((const unsigned char *)data)[i]) * 1099511628211U;
}

static void add_number(struct outcome *outcome, long long number)
{
    add(outcome, &number, sizeof(number));
}

static void add_text(struct outcome *outcome, const char *text)
{
    if (text)
        add(outcome, text, strlen(text) + 1);
}

static int take_piece(void *arg, const void *data, size_t len, struct err *err)
{
    struct outcome *outcome = arg;
    (void)err;
    outcome->body += (long long)len;
    check(len > 0 && outcome->body <= BODY_LIMIT);
    add(outcome, data, len);
    return 0;
}

static int take_end(void *arg, const struct server_request *request, struct server_reply *reply,
                    struct err *err)
{
    struct outcome *outcome = arg;
    (void)err;
    check(request->method && request->target);
    *(reply ? &outcome->ended : &outcome->broken) += 1;
    outcome->body = 0;
    return 0;
}

static void use(struct outcome *outcome, const struct server_request *request)
{
    char path[TARGET_PATH_MAX + 1];
    long long first = -1, last = -1;
    outcome->requests++;
    add_text(outcome, request->method);
    add_text(outcome, request->target);
    int refused = target_path(request->target, path);
    add_number(outcome, refused);
    if (!refused) {
        check(path[0] == '/' && !strstr(path, "//") && !strstr(path, "/../"));
        add_text(outcome, path);
    }
    add_number(outcome, condition_check(request, "a-b", 784111777));
    add_number(outcome, condition_range_counts(request, "a-b", 784111777, 1000000000));
    if (request->range && range_parse(request->range, SIZE_OF_FILE, &first, &last) == RANGE_ONE)
        check(first >= 0 && first <= last && last < SIZE_OF_FILE);
    add_number(outcome, first);
    add_number(outcome, last);
    add_number(outcome, request->keep_alive);
}

/* The bytes that have come in. */
struct stream {
    char *data;
    size_t at; /* the first byte that nobody has used */
    struct intake *intake;
    struct outcome outcome;
};

static void take_body(struct stream *stream, size_t end)
{
    size_t used = 0;
    int status = 0;
    enum intake_step step = intake_take(stream->intake, stream->data + stream->at, end - stream->at,
                                        &used, &status, ERR_IGNORED);
    check(used <= end - stream->at);
    stream->at += used;
    stream->outcome.bad = step == INTAKE_BROKEN;
    check(stream->outcome.bad == (status != 0));
    check(step != INTAKE_MORE || stream->at == end);
    if (step == INTAKE_DONE) {
        struct server_reply reply;
        reply_init(&reply);
        intake_end(stream->intake, &reply, ERR_IGNORED);
        reply_release(&reply);
    }
    if (step == INTAKE_MORE)
        return;
    intake_free_at(&stream->intake);
    stream->intake = NULL;
}

static bool take_head(struct stream *stream, size_t end)
{
    struct server_request request;
    const struct server_sink sink = {BODY_LIMIT, take_piece, take_end, &stream->outcome};
    enum parse_result result = request_parse(stream->data + stream->at, end - stream->at, &request);
    stream->outcome.bad = result == PARSE_BAD;
    check(stream->outcome.bad == (request.status != 0));
    if (result != PARSE_DONE)
        return false;
    check(request.size > 0 && request.size <= end - stream->at);
    use(&stream->outcome, &request);
    stream->at += request.size;
    stream->intake = intake_new(&request, &sink, 0);
    return true;
}

/* Gives the bytes up to `end` to the connection, as the server does. */
static void arrive(struct stream *stream, size_t end)
{
    while (!stream->outcome.bad) {
        if (stream->intake) {
            take_body(stream, end);
            if (stream->intake)
                return;
        } else if (stream->at == end || !take_head(stream, end)) {
            return;
        }
    }
}

static struct outcome play(const uint8_t *data, size_t len, size_t step)
{
    AUTO_FREE char *copy = mem_alloc(len + 1);
    if (len)
        memcpy(copy, data, len);
    struct stream stream = {.data = copy};
    for (size_t end = 0; end < len && !stream.outcome.bad;) {
        end = len - end < step ? len : end + step;
        arrive(&stream, end);
    }
    intake_free_at(&stream.intake);
    check(stream.outcome.ended + stream.outcome.broken == stream.outcome.requests);
    return stream.outcome;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static const size_t steps[] = {1, 5, 61, 1024};
    struct outcome whole = play(data, len, len ? len : 1);
    for (size_t i = 0; i < COUNT(steps); i++) {
        if (len / steps[i] > 2048) /* parsing anew after each byte takes long */
            continue;
        struct outcome cut = play(data, len, steps[i]);
        check(cut.bad == whole.bad && cut.requests == whole.requests);
        check(cut.bad || (cut.sum == whole.sum && cut.ended == whole.ended));
    }
    return 0;
}
