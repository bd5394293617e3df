#include "cmd/serve/assets.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/digest.h"
#include "base/mem.h"
#include "base/percent.h"

/* Puts the file between two symbols of this object file; a path counts from the folder of the
 * Makefile. */
#define EMBED(symbol, path)                                                                        \
    extern const char embedded_##symbol[] __attribute__((visibility("hidden")));                   \
    __asm__(".pushsection .rodata\nembedded_" #symbol ":\n"                                        \
            ".incbin \"cmd/serve/" path "\"\n"                                                     \
            ".byte 0\n"                                                                            \
            ".popsection")

EMBED(page_css, "page.css");
EMBED(page_js, "page.js");

static char policy[512];
static pthread_once_t policy_once = PTHREAD_ONCE_INIT;

const char *assets_style(void)
{
    return embedded_page_css;
}

const char *assets_script(void)
{
    return embedded_page_js;
}

/* The base64 of the digest, as policies have it (CSP level 3, 2.3.1). The caller frees it. */
static char *hash_of(const char *text)
{
    struct digest digest;
    char raw[DIGEST_HEX_LEN / 2];
    digest_of(text, strlen(text), &digest);
    const char *hex = digest_hex(&digest);
    for (size_t i = 0; i < sizeof(raw); i++)
        raw[i] = (char)(percent_digit(hex[2 * i]) * 16 + percent_digit(hex[2 * i + 1]));
    return base64_encode(raw, sizeof(raw));
}

static void make_policy(void)
{
    AUTO_FREE char *style = hash_of(embedded_page_css);
    AUTO_FREE char *script = hash_of(embedded_page_js);
    snprintf(policy, sizeof(policy),
             "default-src 'none'; style-src 'sha256-%s'; script-src 'sha256-%s'; img-src data:; "
             "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
             style, script);
}

const char *assets_policy(void)
{
    pthread_once(&policy_once, make_policy);
    return policy;
}
