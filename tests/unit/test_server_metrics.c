/* The counters of the server, and their text. */
#include "unit.h"

#include "server/metrics.h"

static void written(const struct metrics *metrics, int open, char out[8192])
{
    struct buf text = BUF_INIT(8191);
    metrics_write(metrics, &(struct metrics_now){open, 5, 1}, &text);
    assert_false(buf_overflowed(&text));
    memcpy(out, buf_text(&text), text.len + 1);
    buf_release(&text);
}

static void count(struct metrics *metrics, const char *method, int status, long long bytes,
                  int64_t ms)
{
    struct server_log entry = {.method = method, .status = status, .bytes = bytes, .ms = ms};
    metrics_count(metrics, &entry);
}

static void requests(void **state)
{
    (void)state;
    static struct metrics metrics;
    char text[8192];
    count(&metrics, "GET", 200, 1000, 0);
    count(&metrics, "GET", 200, 500, 1);
    count(&metrics, "GET", 404, 14, 3);
    count(&metrics, "BREW", 405, 0, 70000);
    count(&metrics, "-", 9999, -1, -5);
    metrics.connections = 4;
    written(&metrics, 2, text);
    assert_contains(text, "wasme_http_requests_total{method=\"GET\",code=\"200\"} 2\n");
    assert_contains(text, "wasme_http_requests_total{method=\"GET\",code=\"404\"} 1\n");
    assert_contains(text, "wasme_http_requests_total{method=\"other\",code=\"405\"} 1\n");
    assert_null(strstr(text, "9999"));
    assert_contains(text, "wasme_http_response_bytes_total 1514\n");
    assert_contains(text, "wasme_http_connections_total 4\n");
    assert_contains(text, "wasme_http_open_connections 2\n");
    assert_contains(text, "wasme_http_jobs{state=\"waiting\"} 5\n");
    assert_contains(text, "wasme_http_jobs{state=\"working\"} 1\n");
}

static void durations(void **state)
{
    (void)state;
    static struct metrics metrics;
    char text[8192];
    count(&metrics, "GET", 200, 0, 0);
    count(&metrics, "GET", 200, 0, 5);
    count(&metrics, "GET", 200, 0, 6);
    count(&metrics, "GET", 200, 0, 61234);
    written(&metrics, 0, text);
    assert_contains(text, "_bucket{le=\"0.001\"} 1\n");
    assert_contains(text, "_bucket{le=\"0.005\"} 2\n");
    assert_contains(text, "_bucket{le=\"0.010\"} 3\n");
    assert_contains(text, "_bucket{le=\"60.000\"} 3\n");
    assert_contains(text, "_bucket{le=\"+Inf\"} 4\n");
    assert_contains(text, "wasme_http_request_duration_seconds_sum 61.245\n");
    assert_contains(text, "wasme_http_request_duration_seconds_count 4\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests),
        cmocka_unit_test(durations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
