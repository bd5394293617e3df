#include "server/intake.h"

#include <stdlib.h>

#include "base/mem.h"

struct intake *intake_new(const struct server_request *request, const struct server_sink *sink,
                          int64_t began)
{
    struct intake *intake = mem_zero(1, sizeof(*intake));
    intake->texts = request_copy(request, &intake->request);
    intake->sink = *sink;
    intake->left = request->content_length > 0 ? request->content_length : 0;
    intake->began = began;
    return intake;
}

/* Whether the bytes received and the bytes announced together exceed the limit of the sink. */
static bool is_too_large(const struct intake *intake)
{
    long long known = intake->request.chunked ? intake->chunks.left : intake->left;
    return known > intake->sink.limit - intake->received;
}

static int give(struct intake *intake, const char *data, size_t len, struct err *err)
{
    intake->received += (long long)len;
    return intake->sink.piece(intake->sink.arg, data, len, err);
}

static enum intake_step break_off(int *status, int with)
{
    *status = with;
    return INTAKE_BROKEN;
}

static enum intake_step take_counted(struct intake *intake, const char *data, size_t len,
                                     size_t *used, int *status, struct err *err)
{
    if (is_too_large(intake))
        return break_off(status, 413);
    *used = intake->left < (long long)len ? (size_t)intake->left : len;
    intake->left -= (long long)*used;
    if (*used && give(intake, data, *used, err))
        return break_off(status, 500);
    return intake->left ? INTAKE_MORE : INTAKE_DONE;
}

static enum intake_step take_chunks(struct intake *intake, const char *data, size_t len,
                                    size_t *used, int *status, struct err *err)
{
    while (*used < len) {
        const char *part = data + *used;
        size_t size = 0;
        enum chunked_part kind = chunked_next(&intake->chunks, part, len - *used, &size);
        *used += size;
        if (kind == CHUNKED_END)
            return INTAKE_DONE;
        if (kind == CHUNKED_BAD)
            return break_off(status, 400);
        if (kind == CHUNKED_CONTENT && give(intake, part, size, err))
            return break_off(status, 500);
        if (is_too_large(intake))
            return break_off(status, 413);
    }
    return INTAKE_MORE;
}

enum intake_step intake_take(struct intake *intake, const char *data, size_t len, size_t *used,
                             int *status, struct err *err)
{
    *used = 0;
    if (!intake->request.transfer_encoding)
        return take_counted(intake, data, len, used, status, err);
    if (!intake->request.chunked)
        return break_off(status, 501);
    return take_chunks(intake, data, len, used, status, err);
}

int intake_end(struct intake *intake, struct server_reply *reply, struct err *err)
{
    intake->ended = true;
    return intake->sink.end(intake->sink.arg, &intake->request, reply, err);
}

long long intake_progress(struct intake *intake)
{
    long long progress = intake->received - intake->counted;
    intake->counted = intake->received;
    return progress;
}

void intake_free_at(struct intake **at)
{
    struct intake *intake = *at;
    if (!intake)
        return;
    if (!intake->ended)
        intake->sink.end(intake->sink.arg, &intake->request, NULL, ERR_IGNORED);
    free(intake->texts);
    free(intake);
}
