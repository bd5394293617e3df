#include "cmd/serve/status.h"

#include <string.h>

#include "server/metrics.h"

enum { TEXT_MAX = 256 * 1024 };

static void set_up(struct server_reply *out, const char *type)
{
    out->kind = REPLY_PAGE;
    out->content_type = type;
    out->cache = "no-store";
    buf_init(&out->page, TEXT_MAX);
}

void status_health(struct server_reply *out)
{
    set_up(out, "text/plain; charset=utf-8");
    buf_add_text(&out->page, "ok\n");
}

bool status_resolve(const struct status *status, const char *path, struct server_reply *out)
{
    if (strcmp(path, "/healthz") == 0) {
        status_health(out);
    } else if (strcmp(path, "/metrics") == 0) {
        set_up(out, "text/plain; version=0.0.4; charset=utf-8");
        metrics_begin(&out->page, "wasme_build_info", "gauge", "The version of wasme.");
        buf_add_text(&out->page, "wasme_build_info{version=\"" WASME_VERSION "\"} 1\n");
        server_metrics(status->server, &out->page);
        if (status->live)
            live_metrics(status->live, &out->page);
    } else {
        return false;
    }
    return true;
}
