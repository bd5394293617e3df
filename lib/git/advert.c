#include "git/advert.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static bool has_word(const char *words, const char *word)
{
    size_t len = strlen(word);
    for (const char *at = strstr(words, word); at; at = strstr(at + 1, word))
        if ((at == words || at[-1] == ' ') && strchr(" \n", at[len]))
            return true;
    return false;
}

static void take_abilities(struct advert *advert, const char *words)
{
    advert->shallow = has_word(words, "shallow");
    advert->sideband = has_word(words, "side-band-64k");
    advert->any_commit = has_word(words, "allow-tip-sha1-in-want") ||
                         has_word(words, "allow-reachable-sha1-in-want") ||
                         has_word(words, "allow-any-sha1-in-want");
    advert->offset_delta = has_word(words, "ofs-delta");
    advert->multi_ack = has_word(words, "multi_ack_detailed");
    advert->not_sha1 = strstr(words, "object-format=") && !has_word(words, "object-format=sha1");
}

/* Reads "ID NAME", with the abilities behind a NUL in the first line. */
static int take_ref(struct advert *advert, const char *line, size_t len, struct err *err)
{
    if (len && line[len - 1] == '\n')
        len--;
    AUTO_FREE char *text = mem_dup_n(line, len);
    char *name = strchr(text, ' ');
    size_t visible = strlen(text);
    if (!advert->begun && visible < len)
        take_abilities(advert, text + visible + 1);
    advert->begun = true;
    if (!name || (name - text != GIT_ID_LEN && !advert->not_sha1))
        return err_set(err, ERR_DAMAGED, "the list of branches and tags is not in git's protocol");
    *name++ = '\0';
    if (advert->not_sha1)
        return 0;
    if (!refs_is_id(text))
        return err_set(err, ERR_DAMAGED, "the list of branches and tags has a bad id");
    /* The tag itself says which commit it stands for. An empty repository has such a line, too. */
    if (strstr(name, "^{}"))
        return 0;
    return refs_add(&advert->refs, name, strlen(name), text, err);
}

static int take_line(void *arg, const char *data, size_t len, struct err *err)
{
    struct advert *advert = arg;
    if (advert->complete)
        return err_set(err, ERR_DAMAGED, "there are bytes behind the list of branches and tags");
    if (!data) {
        advert->complete = !advert->over_http;
        advert->over_http = false;
        return 0;
    }
    if (len > 4 && memcmp(data, "ERR ", 4) == 0)
        return err_set(err, ERR_FAILED, "the server says: %.*s",
                       (int)(len - 4 < 300 ? len - 4 : 300), data + 4);
    if (advert->over_http || (len > 8 && !advert->begun && memcmp(data, "version ", 8) == 0) ||
        (len > 8 && memcmp(data, "shallow ", 8) == 0))
        return 0;
    return take_ref(advert, data, len, err);
}

struct advert *advert_new(bool over_http)
{
    struct advert *advert = mem_zero(1, sizeof(*advert));
    advert->over_http = over_http;
    advert->reader.line = take_line;
    advert->reader.arg = advert;
    return advert;
}

void advert_free_at(struct advert **advert)
{
    if (*advert)
        refs_release(&(*advert)->refs);
    free(*advert);
    *advert = NULL;
}

int advert_feed(struct advert *advert, const char *data, size_t len, struct err *err)
{
    advert->bytes += (long long)len;
    if (advert->bytes > REFS_BYTES_MAX)
        return err_set(err, ERR_DAMAGED, "the list of branches and tags is longer than %lld bytes",
                       REFS_BYTES_MAX);
    return pkt_feed(&advert->reader, data, len, err);
}

int advert_check(const struct advert *advert, struct err *err)
{
    int rc = pkt_end(&advert->reader, err);
    if (rc)
        return rc;
    if (!advert->complete)
        return err_set(err, ERR_DAMAGED, "the list of branches and tags ends too early");
    if (advert->not_sha1)
        return err_set(err, ERR_UNSUPPORTED,
                       "the repository is one of SHA-256, which libgit2 cannot read");
    if (advert->refs.count && !advert->sideband)
        return err_set(err, ERR_UNSUPPORTED,
                       "the server is too old: it does not offer side-band-64k");
    return 0;
}
