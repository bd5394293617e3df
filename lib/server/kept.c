#include "server/kept.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/mem.h"
#include "server/head.h"
#include "server/state.h"

#define BEFORE_DATE "HTTP/1.1 200 OK\r\nDate: "

static size_t size_of(const struct kept *kept)
{
    return kept->text_len + (kept->body ? kept->body->page.cap : 0);
}

static bool has_file(const struct kept *kept)
{
    return kept->body && kept->body->file >= 0;
}

static void unlink_use(struct kept_table *table, struct kept *kept)
{
    *(kept->newer ? &kept->newer->older : &table->newest) = kept->older;
    *(kept->older ? &kept->older->newer : &table->oldest) = kept->newer;
}

static void link_use(struct kept_table *table, struct kept *kept)
{
    kept->newer = NULL;
    kept->older = table->newest;
    *(kept->older ? &kept->older->newer : &table->oldest) = kept;
    table->newest = kept;
}

static void forget(struct kept_table *table, struct kept *kept)
{
    struct kept **at = &table->buckets[kept->hash % KEPT_BUCKETS];
    while (*at != kept)
        at = &(*at)->next;
    *at = kept->next;
    unlink_use(table, kept);
    table->count--;
    table->bytes -= size_of(kept);
    table->files -= has_file(kept);
    body_drop(kept->body);
    free(kept->target);
    free(kept->accept);
    free(kept->host);
    free(kept->path);
    free(kept->text);
    free(kept);
}

void kept_reply_clear(struct server *server)
{
    struct kept_table *table = &server->kept;
    table->changes++;
    while (table->oldest)
        forget(table, table->oldest);
}

void server_changed(struct server *server)
{
    kept_reply_clear(server);
}

static bool is_old(const struct server *server, const struct kept *kept)
{
    return server->now - kept->made >= KEPT_MS;
}

void kept_reply_sweep(struct server *server)
{
    struct kept_table *table = &server->kept;
    if (!table->count || server->now < table->sweep_at)
        return;
    for (struct kept *at = table->oldest, *next; at; at = next) {
        next = at->newer;
        if (is_old(server, at))
            forget(table, at);
    }
    table->sweep_at = server->now + KEPT_MS;
}

/* Whether the file is as it was. Small files, of which very many are sent in a second, are not
 * looked at each time. */
static bool is_current(const struct server *server, struct kept *kept)
{
    struct stat info;
    if (!kept->facts.known || (!kept->body && server->now - kept->checked < KEPT_CHECK_MS))
        return true;
    kept->checked = server->now;
    if (!kept->path)
        return !kept->body || file_facts_hold(&kept->facts, kept->body->file);
    if (fstatat(kept->folder, kept->path, &info, 0) != 0)
        return false;
    struct file_facts now = file_facts_of(&info);
    return file_facts_same(&kept->facts, &now);
}

/* Whether the request is one for the whole resource, as the server has it. */
static bool is_plain(const struct server_request *request)
{
    return request_reads(request) && request->path && !request->transfer_encoding &&
           request->content_length <= 0 && !request->fresh && !request->range &&
           !request->if_match && !request->if_none_match && !request->if_modified_since &&
           !request->if_unmodified_since;
}

static bool fits(const char *kept, const char *value)
{
    return !kept || strcmp(kept, value ? value : "") == 0;
}

/* The entry that the request would be answered from, also an old one. */
static struct kept *look_up(const struct server *server, const struct server_request *request,
                            uint64_t hash)
{
    struct kept *kept = server->kept.buckets[hash % KEPT_BUCKETS];
    while (kept && (kept->hash != hash || strcmp(kept->target, request->target) != 0 ||
                    !fits(kept->accept, request->accept) || !fits(kept->host, request->host)))
        kept = kept->next;
    return kept;
}

struct kept *kept_reply_find(struct server *server, const struct server_request *request)
{
    struct kept_table *table = &server->kept;
    if (!table->count || !is_plain(request))
        return NULL;
    struct kept *kept = look_up(
        server, request, hash_bytes(server->kept.seed, request->target, strlen(request->target)));
    if (!kept)
        return NULL;
    if (is_old(server, kept) || !is_current(server, kept)) {
        forget(table, kept);
        return NULL;
    }
    if (kept->newer) {
        unlink_use(table, kept);
        link_use(table, kept);
    }
    return kept;
}

static bool read_all(int fd, char *data, size_t len)
{
    for (size_t done = 0; done < len;) {
        ssize_t count = pread(fd, data + done, len - done, (off_t)done);
        if (count <= 0 && !(count < 0 && errno == EINTR))
            return false;
        done += count > 0 ? (size_t)count : 0;
    }
    return true;
}

/* Adds the body to the text, or shares it. Returns false when the file is not what it was. */
static bool take_body(struct kept *kept, struct server_reply *reply, const struct file_facts *facts)
{
    bool file = reply->kind == REPLY_FILE;
    size_t len = (size_t)kept->length;
    if (kept->length > MESSAGE_BODY_MAX) {
        kept->body = file ? body_of_file(STEAL_FD(reply->fd), facts) : body_of_page(&reply->page);
        return true;
    }
    kept->text = mem_resize(kept->text, kept->text_len + len + 1, 1);
    char *end = kept->text + kept->text_len;
    if (!file)
        memcpy(end, buf_text(&reply->page), len);
    else if (!read_all(reply->fd, end, len) || !file_facts_hold(facts, reply->fd))
        return false;
    kept->text_len += len;
    kept->length = 0;
    return true;
}

static void write_head(struct server *server, const struct server_reply *reply, long long length,
                       struct kept *kept)
{
    struct head head = head_of_reply(reply, length);
    head.http11 = true;
    head_write(server, &head);
    kept->text_len = kept->head_len = server->out.len;
    kept->text = mem_dup_n(server->out.data, server->out.len);
    kept->date = server->date_second;
}

static bool can_be_kept(const struct server *server, const struct server_request *request,
                        const struct server_reply *reply, struct file_facts *facts)
{
    const struct kept_table *table = &server->kept;
    if (!reply->keep || (reply->status && reply->status != 200) || reply->unfit ||
        !is_plain(request) || request->if_range)
        return false;
    if (reply->kind == REPLY_PAGE)
        return !buf_overflowed(&reply->page) && reply->page.len <= KEPT_PAGE_MAX &&
               server->held + reply->page.cap <= SERVER_PAGES_MAX;
    if (reply->kind != REPLY_FILE)
        return false;
    *facts = reply->facts.known ? reply->facts : file_facts_of_fd(reply->fd);
    return file_facts_are_settled(facts) && facts->size == reply->size &&
           (reply->size <= MESSAGE_BODY_MAX || table->files_max > 0);
}

static void make_room(struct kept_table *table, const struct kept *kept)
{
    while (table->oldest &&
           (table->count >= KEPT_ENTRIES || table->bytes + size_of(kept) > KEPT_BYTES ||
            table->files + has_file(kept) > table->files_max))
        /* forget() also takes the entry off the list. NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
        forget(table, table->oldest);
}

static void enter(struct server *server, struct kept *kept)
{
    struct kept_table *table = &server->kept;
    struct kept **bucket = &table->buckets[kept->hash % KEPT_BUCKETS];
    make_room(table, kept);
    if (!table->count++)
        table->sweep_at = server->now + KEPT_MS;
    table->bytes += size_of(kept);
    table->files += has_file(kept);
    kept->next = *bucket;
    *bucket = kept;
    link_use(table, kept);
}

struct kept *kept_reply_add(struct server *server, const struct server_request *request,
                            struct server_reply *reply)
{
    struct file_facts facts = {.known = false};
    if (!can_be_kept(server, request, reply, &facts))
        return NULL;
    bool file = reply->kind == REPLY_FILE;
    struct kept *kept = mem_zero(1, sizeof(*kept));
    kept->length = file ? reply->size : (long long)reply->page.len;
    write_head(server, reply, kept->length, kept);
    if (server->out.full || kept->head_len > REPLY_FIELDS_MAX || !take_body(kept, reply, &facts)) {
        free(kept->text);
        free(kept);
        return NULL;
    }
    kept->made = kept->checked = server->now;
    kept->facts = facts;
    kept->folder = reply->keep_folder;
    kept->path = file ? STEAL(reply->keep_path) : NULL;
    kept->hash = hash_bytes(server->kept.seed, request->target, strlen(request->target));
    kept->target = mem_dup(request->target);
    kept->accept = reply->keep_accept ? mem_dup(request->accept ? request->accept : "") : NULL;
    kept->host = reply->keep_host ? mem_dup(request->host ? request->host : "") : NULL;
    enter(server, kept);
    return kept;
}

static void set_date(struct server *server, struct kept *kept)
{
    const char *date = head_date(server);
    if (kept->date == server->date_second)
        return;
    memcpy(kept->text + strlen(BEFORE_DATE), date, HTTP_DATE_LEN);
    kept->date = server->date_second;
}

/* The text with a field Connection, in server->out. */
static void write_with_connection(struct server *server, const struct kept *kept, size_t len,
                                  struct delivery *delivery)
{
    struct message *out = &server->out;
    message_clear(out);
    message_bytes(out, kept->text, kept->head_len - 2);
    message_field(out, "Connection", delivery->close ? "close" : "keep-alive");
    message_bytes(out, "\r\n", 2);
    delivery->head_len = out->len;
    message_bytes(out, kept->text + kept->head_len, len - kept->head_len);
    delivery->text = out->data;
    delivery->text_len = out->len;
}

void kept_reply_deliver(struct server *server, struct kept *kept,
                        const struct server_request *request, struct delivery *delivery)
{
    bool head_only = request->method[0] == 'H';
    size_t len = head_only ? kept->head_len : kept->text_len;
    set_date(server, kept);
    delivery->status = 200;
    if (delivery->close || !request->http11) {
        write_with_connection(server, kept, len, delivery);
    } else {
        delivery->text = kept->text;
        delivery->text_len = len;
        delivery->head_len = kept->head_len;
    }
    if (head_only || !kept->body)
        return;
    delivery->body = body_share(kept->body);
    delivery->left = kept->length;
}
