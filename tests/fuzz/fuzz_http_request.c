/* Requests as a peer may send them: parsed as a pipeline, with every parsed value used. */
#include <stdint.h>

#include "base/mem.h"
#include "server/condition.h"
#include "server/parse.h"
#include "server/range.h"
#include "server/target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void check(bool holds)
{
    if (!holds)
        abort();
}

/* A path that the server hands to its resolver. */
static void check_path(const char *path)
{
    check(path[0] == '/' && strlen(path) <= TARGET_PATH_MAX);
    check(!strstr(path, "//") && !strstr(path, "/../") && !strstr(path, "/./"));
}

static void use(const struct server_request *request)
{
    char path[TARGET_PATH_MAX + 1];
    check(strlen(request->target) <= REQUEST_TARGET_MAX && *request->method);
    check(!(request->transfer_encoding && request->content_length >= 0));
    check(request->transfer_encoding || !request->chunked);
    if (target_path(request->target, path) == 0)
        check_path(path);
    condition_check(request, "sha256:0", 784111777);
    condition_range_counts(request, "sha256:0", 784111777, 1000000000);
    long long first = 0, last = 0;
    if (request->range && range_parse(request->range, 1000, &first, &last) == RANGE_ONE)
        check(first >= 0 && first <= last && last < 1000);
}

/* Only the bytes of a request matter: the parser is not done before its end, and the bytes behind
 * it change nothing. */
static void check_end(const char *data, size_t size)
{
    AUTO_FREE char *copy = mem_alloc(size);
    struct server_request request;
    memcpy(copy, data, size);
    check(request_parse(copy, size - 1, &request) != PARSE_DONE);
    memcpy(copy, data, size);
    check(request_parse(copy, size, &request) == PARSE_DONE && request.size == size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    AUTO_FREE char *copy = mem_alloc(len);
    if (len)
        memcpy(copy, data, len);
    for (size_t at = 0; at < len;) {
        struct server_request request;
        enum parse_result result = request_parse(copy + at, len - at, &request);
        check((result == PARSE_BAD) == (request.status != 0));
        if (result == PARSE_MORE)
            check(memcmp(copy + at, data + at, len - at) == 0);
        if (result != PARSE_DONE)
            break;
        check(request.size > 0 && request.size <= len - at);
        use(&request);
        check_end((const char *)data + at, request.size);
        at += request.size;
    }
    return 0;
}
