#include "cmd/run/ready.h"

#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "cmd/run/client.h"

enum { ASK_MS = 5000 }; /* the time that the admin interface may take for an answer */

/* Asks the admin interface; false: there is no such answer yet. */
static bool ask(struct proxy *proxy, const char *path, struct client_answer *out)
{
    AUTO_FREE char *request =
        mem_printf("GET %s HTTP/1.1\r\nHost: admin\r\nConnection: close\r\n\r\n", path);
    AUTO_CLOSE int fd = -1;
    if (client_connect_path(proxy->wish->admin, &fd, ERR_IGNORED))
        return false;
    const struct client_request wish = {.text = request, .len = strlen(request), .ms = ASK_MS};
    return client_ask(proxy, fd, &wish, out, ERR_IGNORED) == 0 && out->status == 200;
}

/* The port of the first listener; 0: it does not listen yet. */
static int read_port(const struct client_answer *answer)
{
    AUTO(json_doc_free_at) struct json_t *doc = NULL;
    if (json_doc_parse(buf_text(&answer->body), answer->body.len, &doc, ERR_IGNORED))
        return 0;
    const struct json_t *first = json_arr_at(json_member(doc, "listener_statuses"), 0);
    const struct json_t *socket =
        json_member(json_member(first, "local_address"), "socket_address");
    long long port = json_member_size(socket, "port_value", 65535);
    return port > 0 ? (int)port : 0;
}

static bool is_ready(struct proxy *proxy)
{
    AUTO(client_answer_release) struct client_answer ready = {0};
    AUTO(client_answer_release) struct client_answer listeners = {0};
    if (!ask(proxy, "/ready", &ready) || !ask(proxy, "/listeners?format=json", &listeners))
        return false;
    proxy->port = read_port(&listeners);
    return proxy->port != 0;
}

int ready_wait(struct proxy *proxy, struct err *err)
{
    for (int64_t end = clock_ms() + READY_MS; clock_ms() < end;) {
        if (is_ready(proxy))
            return 0;
        switch (proxy_turn(proxy, -1, 0, clock_ms() + PROXY_PAUSE_MS)) {
        case PROXY_ENDED:
            return err_set(err, ERR_FAILED, "Envoy ended with status %d", proxy->status);
        case PROXY_STOP:
            return err_set(err, ERR_INTERRUPTED, "interrupted");
        default:
            break;
        }
    }
    return err_set(err, ERR_FAILED, "Envoy is not ready after %d seconds", READY_MS / 1000);
}
