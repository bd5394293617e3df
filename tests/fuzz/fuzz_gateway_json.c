/* Any text as a manifest or an index: it is decoded, refused, or nobody can tell; and a verdict on
 * it has a reason. */
#include <stdint.h>
#include <stdlib.h>

#include "base/mem.h"
#include "image/gateway.h"
#include "image/gateway_json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void judge(const char *text, size_t len, const struct manifest *manifest)
{
    struct digest digest;
    digest_of(text, len, &digest);
    const struct gateway_step steps[] = {{text, len, &digest, "application/json"},
                                         {text, len, &digest, NULL}};
    for (size_t count = 0; count <= COUNT(steps); count++) {
        AUTO(err_release) struct err err = ERR_INIT;
        AUTO(gateway_verdict_release) struct gateway_verdict verdict = {.size = -1};
        const struct gateway_image image = {.ref = "h.example/a:v1",
                                            .manifest = manifest,
                                            .digest = &digest,
                                            .steps = steps,
                                            .step_count = count};
        int rc = manifest || count ? gateway_check(GATEWAY_ISTIO, &image, &verdict, &err) : 0;
        if ((rc != 0) != (err.code != 0))
            abort();
        if (!rc && (manifest || count) &&
            (!verdict.because || verdict.loads != (verdict.picks != NULL)))
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(manifest_release) struct manifest manifest = {0};
    AUTO_FREE char *text = mem_dup_n((const char *)data, size);
    for (int is_index = 0; is_index < 2; is_index++) {
        AUTO(err_release) struct err err = ERR_INIT;
        AUTO_FREE char *fault = NULL;
        int rc = gateway_json_fault(text, size, is_index, &fault, &err);
        if ((rc != 0) != (err.code != 0) || (rc && fault))
            abort();
    }
    bool parsed = manifest_parse(text, size, &manifest, ERR_IGNORED) == 0;
    judge(text, size, parsed ? &manifest : NULL);
    return 0;
}
