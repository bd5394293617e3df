#include "server/head.h"

#include <string.h>
#include <time.h>

#include "base/mem.h"

const char *head_reason(int status)
{
    static const struct {
        int status;
        const char *reason;
    } reasons[] = {
        {200, "OK"},
        {201, "Created"},
        {202, "Accepted"},
        {204, "No Content"},
        {206, "Partial Content"},
        {300, "Multiple Choices"},
        {301, "Moved Permanently"},
        {304, "Not Modified"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {408, "Request Timeout"},
        {409, "Conflict"},
        {412, "Precondition Failed"},
        {413, "Content Too Large"},
        {414, "URI Too Long"},
        {416, "Range Not Satisfiable"},
        {417, "Expectation Failed"},
        {429, "Too Many Requests"},
        {431, "Request Header Fields Too Large"},
        {500, "Internal Server Error"},
        {501, "Not Implemented"},
        {503, "Service Unavailable"},
        {505, "HTTP Version Not Supported"},
        {507, "Insufficient Storage"},
    };
    for (size_t i = 0; i < COUNT(reasons); i++) {
        if (reasons[i].status == status)
            return reasons[i].reason;
    }
    return "Unknown";
}

/* The text is made once a second. */
const char *head_date(struct server *server)
{
    time_t now = time(NULL);
    if (now != server->date_second || !server->date[0]) {
        http_date_format(now, server->date);
        server->date_second = now;
    }
    return server->date;
}

static void write_connection(struct message *out, const struct head *head)
{
    if (head->close)
        message_field(out, "Connection", "close");
    else if (!head->http11)
        message_field(out, "Connection", "keep-alive");
}

static void write_range(struct message *out, const struct head *head)
{
    if (head->total < 0)
        return;
    message_text(out, "Content-Range: bytes ");
    if (head->status == 206) {
        message_number(out, head->first);
        message_bytes(out, "-", 1);
        message_number(out, head->first + head->length - 1);
    } else {
        message_bytes(out, "*", 1);
    }
    message_bytes(out, "/", 1);
    message_number(out, head->total);
    message_bytes(out, "\r\n", 2);
}

static void write_body_fields(struct message *out, const struct head *head)
{
    if (head->length < 0)
        return;
    if (head->content_type && *head->content_type)
        message_field(out, "Content-Type", head->content_type);
    message_text(out, "Content-Length: ");
    message_number(out, head->length);
    message_bytes(out, "\r\n", 2);
    if (head->content_type)
        message_field(out, "X-Content-Type-Options", "nosniff");
}

/* RFC 9111, section 3.5: a cache that many use may give a "public" reply to a request with a login
 * to anybody else. */
static void write_cache(struct message *out, const struct server *server, const char *cache)
{
    static const char public[] = "public, ";
    if (server->options.admit && strncmp(cache, public, sizeof(public) - 1) == 0) {
        message_text(out, "Cache-Control: private, ");
        message_text(out, cache + sizeof(public) - 1);
        message_bytes(out, "\r\n", 2);
    } else {
        message_field(out, "Cache-Control", cache);
    }
}

static void write_validators(struct message *out, const struct server *server,
                             const struct server_reply *reply)
{
    if (!reply)
        return;
    if (reply->etag[0]) {
        message_text(out, "ETag: \"");
        message_text(out, reply->etag);
        message_text(out, "\"\r\n");
    }
    if (reply->modified) {
        char date[HTTP_DATE_LEN + 1];
        time_t now = time(NULL); /* RFC 9110, 8.8.2.1: no date in the future is sent */
        http_date_format(reply->modified < now ? reply->modified : now, date);
        message_field(out, "Last-Modified", date);
    }
    if (reply->cache)
        write_cache(out, server, reply->cache);
}

static void write_methods(struct message *out, const struct server *server, const char *name,
                          const char *methods)
{
    message_text(out, name);
    message_bytes(out, ": ", 2);
    message_text(out, methods ? methods : server->options.methods);
    message_text(out, server->options.cors ? ", OPTIONS\r\n" : "\r\n");
}

/* https://fetch.spec.whatwg.org/, "CORS protocol": a page sees these fields only when they are
 * listed. */
static void write_cors(struct message *out, const struct server *server, const struct head *head)
{
    message_field(out, "Access-Control-Allow-Origin", "*");
    if (head->preflight) {
        write_methods(out, server, "Access-Control-Allow-Methods", NULL);
        message_field(out, "Access-Control-Allow-Headers", "*");
        message_field(out, "Access-Control-Max-Age", "86400");
    } else {
        message_field(out, "Access-Control-Expose-Headers",
                      "ETag, Content-Range, Content-Length, Accept-Ranges");
    }
}

struct head head_of_reply(const struct server_reply *reply, long long length)
{
    return (struct head){
        .status = 200,
        .reply = reply,
        .fields = &reply->fields,
        .content_type = reply->content_type ? reply->content_type : "application/octet-stream",
        .length = length,
        .total = -1,
        .ranges = reply->kind == REPLY_FILE,
    };
}

void head_write(struct server *server, const struct head *head)
{
    struct message *out = &server->out;
    message_clear(out);
    message_text(out, "HTTP/1.1 ");
    message_number(out, head->status);
    message_bytes(out, " ", 1);
    message_text(out, head_reason(head->status));
    message_bytes(out, "\r\n", 2);
    message_field(out, "Date", head_date(server));
    write_connection(out, head);
    write_body_fields(out, head);
    write_validators(out, server, head->reply);
    if (head->fields)
        message_bytes(out, buf_text(head->fields), head->fields->len);
    if (head->ranges)
        message_field(out, "Accept-Ranges", "bytes");
    write_range(out, head);
    if (head->status == 405 || head->preflight)
        write_methods(out, server, "Allow", head->allow);
    if (head->status == 503)
        message_field(out, "Retry-After", "1");
    if (server->options.cors)
        write_cors(out, server, head);
    message_bytes(out, "\r\n", 2);
}
