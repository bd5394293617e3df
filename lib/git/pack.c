#include "git/pack.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/stop.h"

enum { WORDS_MAX = 300 }; /* bytes of a server's complaint that an error repeats */
enum { BAND_PACK = 1, BAND_PROGRESS = 2, BAND_ERROR = 3 };

static bool is_wanted(const char *name)
{
    return strcmp(name, "HEAD") == 0 || strncmp(name, "refs/heads/", 11) == 0 ||
           strncmp(name, "refs/tags/", 10) == 0;
}

static void add_want(const struct advert *advert, const char *id, const char *agent, bool first,
                     struct buf *out)
{
    if (!first) {
        pkt_add(out, "want %s\n", id);
        return;
    }
    pkt_add(out, "want %s%s side-band-64k no-progress%s agent=%s\n", id,
            advert->multi_ack ? " multi_ack_detailed" : "",
            advert->offset_delta ? " ofs-delta" : "", agent);
}

void pack_request(const struct advert *advert, const char *id, const char *agent, struct buf *out)
{
    bool first = true;
    if (id)
        add_want(advert, id, agent, true, out);
    for (size_t i = 0; !id && i < advert->refs.count; i++) {
        if (!is_wanted(advert->refs.items[i].name))
            continue;
        add_want(advert, advert->refs.items[i].id, agent, first, out);
        first = false;
    }
    if (id && advert->shallow)
        pkt_add(out, "deepen 1\n");
    buf_add_text(out, PKT_FLUSH);
    pkt_add(out, "done\n");
}

static int said(const char *data, size_t len, struct err *err)
{
    int shown = (int)(len < WORDS_MAX ? len : WORDS_MAX);
    while (shown && data[shown - 1] == '\n')
        shown--;
    AUTO_FREE char *text = mem_dup_n(data, (size_t)shown);
    return err_set(err, strstr(text, "not our ref") ? ERR_NOT_FOUND : ERR_FAILED,
                   "the server says: %s", text);
}

/* libgit2 asks after each object, also while it puts objects together from their parts, which can
 * take long. */
static int go_on(const git_indexer_progress *stats, void *arg)
{
    (void)stats;
    (void)arg;
    return stop_check(ERR_IGNORED) ? GIT_EUSER : 0;
}

static int damaged(int code, struct err *err)
{
    int rc = stop_check(err);
    return rc ? rc : libgit2_fail(err, code, "the objects that came are damaged");
}

static int add_bytes(struct pack_reader *pack, const char *data, size_t len, struct err *err)
{
    int code = pack->writer ? 0 : lib_odb_write_pack(&pack->writer, pack->odb, go_on, NULL);
    if (!code)
        code = pack->writer->append(pack->writer, data, len, &pack->stats);
    return code ? damaged(code, err) : 0;
}

static int take_line(void *arg, const char *data, size_t len, struct err *err)
{
    struct pack_reader *pack = arg;
    if (!data) { /* of the list of commits without history, or of the pack */
        pack->complete = pack->acknowledged;
        return 0;
    }
    if (len > 4 && memcmp(data, "ERR ", 4) == 0)
        return said(data + 4, len - 4, err);
    if (!pack->acknowledged) {
        /* "shallow ID" comes before; no ACK does, since nothing is said to be here already. */
        pack->acknowledged = len >= 3 && memcmp(data, "NAK", 3) == 0;
        return 0;
    }
    if (pack->complete || !len)
        return err_set(err, ERR_DAMAGED, "the answer is not in git's protocol");
    if (data[0] == BAND_ERROR)
        return said(data + 1, len - 1, err);
    if (data[0] == BAND_PACK)
        return len > 1 ? add_bytes(pack, data + 1, len - 1, err) : 0;
    return data[0] == BAND_PROGRESS
               ? 0
               : err_set(err, ERR_DAMAGED, "the answer is not in git's protocol");
}

struct pack_reader *pack_new(const struct objects *objects, long long *received)
{
    struct pack_reader *pack = mem_zero(1, sizeof(*pack));
    pack->reader.line = take_line;
    pack->reader.arg = pack;
    pack->odb = objects->odb;
    pack->received = received;
    return pack;
}

void pack_free_at(struct pack_reader **pack)
{
    if (*pack && (*pack)->writer)
        (*pack)->writer->free((*pack)->writer);
    free(*pack);
    *pack = NULL;
}

int pack_feed(struct pack_reader *pack, const char *data, size_t len, struct err *err)
{
    *pack->received += (long long)len;
    if (*pack->received > GIT_RECEIVED_MAX)
        return err_set(err, ERR_DAMAGED,
                       "the server sends more than %lld MiB: fetch the source with git, and build "
                       "the folder",
                       GIT_RECEIVED_MAX / 1024 / 1024);
    int rc = stop_check(err);
    return rc ? rc : pkt_feed(&pack->reader, data, len, err);
}

int pack_finish(struct pack_reader *pack, struct err *err)
{
    int rc = pkt_end(&pack->reader, err);
    if (rc)
        return rc;
    if (!pack->complete || !pack->writer)
        return err_set(err, ERR_DAMAGED, "the answer ends before all objects came");
    int code = pack->writer->commit(pack->writer, &pack->stats);
    return code ? damaged(code, err) : 0;
}
