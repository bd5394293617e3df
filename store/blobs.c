#include "store/blobs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/dir.h"
#include "base/file.h"
#include "base/mem.h"
#include "store/layout.h"

/* A blob in an image's folder. */
struct place {
    char hex[DIGEST_HEX_LEN + 1];
    char folder[MD5_HEX_LEN + 1];
    bool is_wasm; /* filter.wasm; otherwise a layer that was kept */
};

struct store_blobs {
    struct store *store;
    DIR *dir;  /* of the store, read as far as the time allowed; NULL: not begun */
    bool over; /* all folders have been read */
    struct place *places;
    size_t count;
    size_t room;
};

void store_blobs_open(struct store *store, struct store_blobs **out)
{
    *out = mem_zero(1, sizeof(**out));
    (*out)->store = store;
}

void store_blobs_close(struct store_blobs *blobs)
{
    if (!blobs)
        return;
    dir_close_at(&blobs->dir);
    free(blobs->places);
    free(blobs);
}

void store_blobs_close_at(struct store_blobs **blobs)
{
    store_blobs_close(*blobs);
}

/* --- Reading the folders --- */

static void add_place(struct store_blobs *blobs, const char *folder, const char *hex, bool is_wasm)
{
    if (blobs->count == blobs->room) {
        blobs->room = blobs->room ? 2 * blobs->room : 64;
        blobs->places = mem_resize(blobs->places, blobs->room, sizeof(*blobs->places));
    }
    struct place *place = &blobs->places[blobs->count++];
    (void)snprintf(place->hex, sizeof(place->hex), "%.*s", DIGEST_HEX_LEN, hex);
    (void)snprintf(place->folder, sizeof(place->folder), "%s", folder);
    place->is_wasm = is_wasm;
}

static int open_at(int dirfd, const char *name)
{
    return openat(dirfd, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
}

/* The digest is searched for in descriptor.json without parsing it, since most images have another
 * one. Whoever uses the file verifies its bytes. */
static void add_wasm(struct store_blobs *blobs, const char *folder)
{
    static const char sign[] = "\"sha256:";
    char name[STORE_NAME_MAX];
    char text[4096];
    (void)snprintf(name, sizeof(name), "%.*s/%s", MD5_HEX_LEN, folder, STORE_DESCRIPTOR);
    AUTO_CLOSE int fd = open_at(blobs->store->fd, name);
    ssize_t got = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
    if (got <= 0)
        return;
    text[got] = '\0';
    const char *at = strstr(text, sign);
    if (at && strspn(at + strlen(sign), "0123456789abcdef") == DIGEST_HEX_LEN)
        add_place(blobs, folder, at + strlen(sign), true);
}

/* Only an image whose manifest was kept has layers of its own. */
static void add_layers(struct store_blobs *blobs, const char *folder)
{
    size_t prefix = strlen(STORE_BLOB_PREFIX);
    char name[STORE_NAME_MAX];
    (void)snprintf(name, sizeof(name), "%.*s/%s", MD5_HEX_LEN, folder, STORE_MANIFEST);
    if (faccessat(blobs->store->fd, name, F_OK, 0) != 0)
        return;
    AUTO(dir_close_at) DIR *dir = dir_open(blobs->store->fd, folder);
    for (struct dirent *item; dir && (item = readdir(dir));)
        if (strncmp(item->d_name, STORE_BLOB_PREFIX, prefix) == 0 && store_is_part(item->d_name))
            add_place(blobs, folder, item->d_name + prefix, false);
}

static bool is_folder(const char *name)
{
    return strlen(name) == MD5_HEX_LEN && strspn(name, "0123456789abcdef") == MD5_HEX_LEN;
}

static void read_on(struct store_blobs *blobs, long long size)
{
    int64_t until = clock_ms() + size / (STORE_BLOBS_RATE / 1000);
    int sure = STORE_BLOBS_FOLDERS;
    if (!blobs->dir && !blobs->over)
        blobs->dir = layout_open(blobs->store) ? dir_open(blobs->store->fd, ".") : NULL;
    blobs->over = !blobs->dir;
    while (!blobs->over && (sure-- > 0 || clock_ms() < until)) {
        const struct dirent *item = readdir(blobs->dir);
        blobs->over = !item;
        if (!item || !is_folder(item->d_name))
            continue;
        add_wasm(blobs, item->d_name);
        add_layers(blobs, item->d_name);
    }
}

/* --- Looking --- */

static int open_place(const struct store_blobs *blobs, const struct place *place, long long size)
{
    struct stat info;
    AUTO_FREE char *name =
        place->is_wasm ? mem_printf("%s/%s", place->folder, STORE_WASM)
                       : mem_printf("%s/%s%s", place->folder, STORE_BLOB_PREFIX, place->hex);
    AUTO_CLOSE int fd = open_at(blobs->store->fd, name);
    if (fd < 0 || fstat(fd, &info) != 0 || !S_ISREG(info.st_mode) || info.st_size != size)
        return -1;
    return STEAL_FD(fd);
}

/* The next place of the blob from number `*at` on; NULL when there is none. */
static const struct place *next_place(const struct store_blobs *blobs, const struct digest *digest,
                                      size_t *at)
{
    while (*at < blobs->count) {
        const struct place *place = &blobs->places[(*at)++];
        if (strcmp(place->hex, digest_hex(digest)) == 0)
            return place;
    }
    return NULL;
}

static bool knows(const struct store_blobs *blobs, const struct digest *digest)
{
    size_t at = 0;
    return next_place(blobs, digest, &at) != NULL;
}

int store_blobs_next(struct store_blobs *blobs, const struct descriptor *blob, size_t *at)
{
    int fd = -1;
    if (*at == 0 && !knows(blobs, &blob->digest))
        read_on(blobs, blob->size);
    for (const struct place *place; fd < 0 && (place = next_place(blobs, &blob->digest, at));)
        fd = open_place(blobs, place, blob->size);
    return fd;
}

/* Adds the file to `out` if it is the config blob. */
static bool take_config(const struct store_blobs *blobs, const char *folder, const char *file,
                        const struct descriptor *config, struct buf *out)
{
    struct stat info;
    struct digest found;
    AUTO(buf_release) struct buf text = BUF_INIT(out->max);
    AUTO_FREE char *name = mem_printf("%s/%s", folder, file);
    AUTO_CLOSE int fd = open_at(blobs->store->fd, name);
    if (fd < 0 || fstat(fd, &info) != 0 || !S_ISREG(info.st_mode) || info.st_size != config->size ||
        file_read_fd(fd, name, &text, ERR_IGNORED) != 0)
        return false;
    digest_of(buf_text(&text), text.len, &found);
    if (!digest_equal(&found, &config->digest))
        return false;
    buf_add(out, buf_text(&text), text.len);
    return true;
}

bool store_blobs_config(struct store_blobs *blobs, const struct descriptor *layer,
                        const struct descriptor *config, struct buf *out)
{
    size_t at = 0;
    for (int tries = 0; tries < STORE_BLOBS_TRIES; tries++) {
        const struct place *place = next_place(blobs, &layer->digest, &at);
        if (!place)
            return false;
        if (take_config(blobs, place->folder, STORE_CONFIG_BLOB, config, out) ||
            take_config(blobs, place->folder, STORE_CONFIG, config, out))
            return true;
    }
    return false;
}
