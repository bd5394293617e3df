#include "tests/unit/gateway_image.h"

#include "tests/unit/files.h"

#include "unit.h"

void add_header(struct buf *tar, const char *name, char type, size_t size)
{
    unsigned char block[BLOCK] = {0};
    unsigned sum = 8 * ' ';
    memcpy(block, name, strlen(name));
    AUTO_FREE char *octal = mem_printf("%011zo", size);
    memcpy(block + 124, octal, 11);
    block[156] = (unsigned char)type;
    memcpy(block + 257, "ustar\00000", 8);
    for (size_t i = 0; i < BLOCK; i++)
        sum += block[i];
    AUTO_FREE char *check = mem_printf("%06o", sum);
    memcpy(block + 148, check, 7);
    block[155] = ' ';
    buf_add(tar, block, BLOCK);
}

void add_zeros(struct buf *out, size_t len)
{
    static const char zeros[BLOCK];
    for (; len; len -= len < BLOCK ? len : BLOCK)
        buf_add(out, zeros, len < BLOCK ? len : BLOCK);
}

void add_file(struct buf *tar, const char *name, const void *data, size_t len)
{
    add_header(tar, name, '0', len);
    buf_add(tar, data, len);
    add_zeros(tar, (BLOCK - len % BLOCK) % BLOCK);
}

void add_gzip(struct buf *out, const struct buf *data)
{
    enum { STORED_MAX = 0xffff };
    buf_add(out, "\x1f\x8b\x08\0\0\0\0\0\0\xff", 10);
    for (size_t at = 0; at <= data->len; at += STORED_MAX) {
        size_t left = data->len - at, len = left < STORED_MAX ? left : STORED_MAX;
        const unsigned char head[] = {left <= STORED_MAX, (unsigned char)len,
                                      (unsigned char)(len >> 8), (unsigned char)~len,
                                      (unsigned char)(~len >> 8)};
        buf_add(out, head, sizeof(head));
        buf_add(out, data->data + at, len);
    }
    buf_add(out, "12345678", 8);
}

void add_layer(struct buf *out)
{
    AUTO(buf_release) struct buf tar = BUF_INIT(2 * BLOCK);
    add_file(&tar, "plugin.wasm", WASM, WASM_LEN);
    add_gzip(out, &tar);
}

void blobs_release(struct blobs *blobs)
{
    for (size_t i = 0; i < COUNT(blobs->bytes); i++)
        buf_release(&blobs->bytes[i]);
}

int open_blob(void *arg, const struct descriptor *layer, int *fd, struct err *err)
{
    struct blobs *blobs = arg;
    for (size_t i = 0; i < blobs->count; i++) {
        if (digest_equal(&blobs->digests[i], &layer->digest)) {
            *fd = memory_file(buf_text(&blobs->bytes[i]), blobs->bytes[i].len);
            return 0;
        }
    }
    return err_set(err, ERR_NOT_FOUND, "no such blob");
}

char *describe(struct blobs *blobs, const char *type, const struct buf *data, const char *more)
{
    struct digest digest;
    digest_of(buf_text(data), data->len, &digest);
    if (blobs->count < COUNT(blobs->bytes)) {
        struct buf *copy = &blobs->bytes[blobs->count];
        buf_init(copy, data->len + 1);
        buf_add(copy, buf_text(data), data->len);
        blobs->digests[blobs->count++] = digest;
    }
    return mem_printf("{" FIELD("mediaType", "%s") "," FIELD("digest", "%s") ",\"size\":%zu%s}",
                      type, digest.text, data->len, more);
}

char *compose(const char *config, const char *layers)
{
    return mem_printf("{\"schemaVersion\":2,\"config\":%s,\"layers\":[%s]}", config, layers);
}

int check_way(enum gateway gateway, const struct way *way, struct blobs *blobs,
              struct gateway_verdict *out, struct err *err)
{
    AUTO(manifest_release) struct manifest manifest = {0};
    struct digest digests[3];
    struct gateway_step steps[3];
    size_t count = 0;
    for (; count < COUNT(steps) && way->texts[count]; count++) {
        const char *text = way->texts[count];
        digest_of(text, strlen(text), &digests[count]);
        steps[count] = (struct gateway_step){text, strlen(text), &digests[count], NULL};
    }
    steps[0].type = way->type;
    const char *text = steps[count - 1].text;
    AUTO_FREE char *ref = way->pinned ? mem_printf(REF "@%s", way->pinned) : mem_dup(REF ":v1");
    assert_ok(manifest_parse(text, strlen(text), &manifest, err), err);
    const struct gateway_image image = {.ref = ref,
                                        .manifest = &manifest,
                                        .digest = steps[count - 1].digest,
                                        .open_layer = open_blob,
                                        .arg = blobs,
                                        .steps = steps,
                                        .step_count = count};
    return gateway_check(gateway, &image, out, err);
}

void assert_verdict(const struct way *way, struct blobs *blobs, const char *because)
{
    for (int gateway = GATEWAY_ISTIO; gateway <= GATEWAY_HIGRESS; gateway++) {
        AUTO(err_release) struct err err = ERR_INIT;
        AUTO(gateway_verdict_release) struct gateway_verdict verdict = {.size = -1};
        assert_ok(check_way((enum gateway)gateway, way, blobs, &verdict, &err), &err);
        if (because)
            assert_contains(verdict.because, because);
        assert_int_equal(verdict.loads, because == NULL);
        assert_true(!verdict.loads || verdict.wasm.text[0]);
        assert_true(verdict.loads == (verdict.next == NULL));
    }
}
