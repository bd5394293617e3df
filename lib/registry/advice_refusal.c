#include "registry/advice_refusal.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/mem.h"
#include "http/retry.h"

enum { SHORT_WORDS = 24 }; /* bytes, with the code: "denied (DENIED)" */

/* The kind of thing that a call is about. */
enum subject { MANIFEST, BLOB, UPLOAD, TAGS, CATALOG, OTHER };

/* A refusal, and the facts that the advice depends on. */
struct refusal {
    const struct call *call;
    enum subject subject;
    bool reads;
    bool foreign; /* the body is not a registry's */
    bool page;    /* the body is a web page */
    char code[RESPONSE_CODE_MAX];
};

static enum subject subject_of(const struct call *call)
{
    const char *path = call->path ? call->path : "";
    if (strstr(path, "/manifests/"))
        return MANIFEST;
    if (strstr(path, "/tags/list"))
        return TAGS;
    if (strncmp(path, "/v2/_catalog", 12) == 0)
        return CATALOG;
    if (strcmp(call->method, "PUT") == 0 || strstr(path, "/blobs/uploads/"))
        return UPLOAD;
    return strstr(path, "/blobs/") ? BLOB : OTHER;
}

/* Does the registry's answer contain one of the words? `words` has them separated by |. */
static bool says(const struct refusal *refusal, const char *words)
{
    const char *text = buf_text(&refusal->call->response.refusal);
    for (const char *at = words; *at; at += strcspn(at, "|"), at += *at == '|') {
        char word[48];
        (void)snprintf(word, sizeof(word), "%.*s", (int)strcspn(at, "|"), at);
        if (strcasestr(text, word))
            return true;
    }
    return false;
}

static bool has_code(const struct refusal *refusal, const char *code)
{
    return strcasecmp(refusal->code, code) == 0;
}

#define USE_COMPAT                                                                                 \
    "the registry may not take images of this type: push it with --format compat, which is an "    \
    "ordinary image to it"
#define KEPT_BACK "a policy of the project keeps it back: see the project's settings"
#define IMMUTABLE                                                                                  \
    "the tag is immutable, or a policy of the project forbids it: push under another tag"
#define NO_REPOSITORY "there is no such repository: check its name (wasme catalog lists them)"
#define MAKE_FIRST                                                                                 \
    "this registry wants the repository or project to be made first (in ECR: aws ecr "             \
    "create-repository)"
#define NO_REGISTRY                                                                                \
    "that is no answer of a registry: check the name and the port, and that a registry is there "  \
    "(wasme doctor)"
#define BEFORE_IT                                                                                  \
    "that is a web page and no answer of a registry: either none is there (check the name and "    \
    "the "                                                                                         \
    "port), or a proxy or a firewall before it refuses that (ask who runs it)"
#define LATER "the trouble is on the registry's side: try again later"
#define TOO_LONG "the registry asks to wait for longer than is worth waiting: try again later"

/* Advice for the reasons that Harbor gives in words, and ECR for a tag, with whatever code and
 * status. The words of a 404, or of a transient failure, are not searched: they may quote a
 * name. */
static const char *of_words(const struct refusal *refusal)
{
    int status = refusal->call->response.status;
    if (status == 404 || retry_wants(status))
        return NULL;
    if (refusal->reads)
        return says(refusal, "vulnerab|policy|not signed|signature") ? KEPT_BACK : NULL;
    if (says(refusal, "quota|storage resource"))
        return "the project's quota is used up: remove images that nobody needs "
               "(wasme rm --remote), or ask its administrator for more";
    if (says(refusal, "read only mode"))
        return "try again later, or ask who runs the registry";
    if (says(refusal, "proxy project"))
        return "what a proxy project has comes from the registry behind it: push to another "
               "project";
    return says(refusal, "immutable") ? IMMUTABLE : NULL;
}

static const char *of_unknown_name(const struct refusal *refusal)
{
    return refusal->reads ? NO_REPOSITORY : MAKE_FIRST;
}

static const char *of_unknown_blob(const struct refusal *refusal)
{
    return refusal->reads ? "the registry has lost a part of the image: push it again (wasme push "
                            "--no-cache)"
                          : "the registry has lost a part that it had: push again";
}

static const char *of_unknown_manifest(const struct refusal *refusal)
{
    return refusal->reads ? "check the repository and the tag (wasme tags lists them)" : NULL;
}

/* Harbor has one code for every missing thing; only its words tell an image from a repository. */
static const char *of_unknown_thing(const struct refusal *refusal)
{
    return refusal->subject == MANIFEST && refusal->reads && says(refusal, "artifact ")
               ? of_unknown_manifest(refusal)
               : of_unknown_name(refusal);
}

static const char *of_unknown_session(const struct refusal *refusal)
{
    (void)refusal;
    return "the upload is not known there any more: push again; where several servers are one "
           "registry, they must share their storage";
}

static const char *of_bad_tag(const struct refusal *refusal)
{
    (void)refusal;
    return "the registry takes no such tag: push under another tag";
}

static const char *of_bad_name(const struct refusal *refusal)
{
    (void)refusal;
    return "the registry takes no repository of that name: check it";
}

/* The error codes of the distribution specification, and some others. */
static const struct {
    const char *code;
    const char *(*advice)(const struct refusal *refusal);
} codes[] = {
    {"NAME_UNKNOWN", of_unknown_name},
    {"PROJECT_NOT_FOUND", of_unknown_name},
    {"NOT_FOUND", of_unknown_thing},
    {"MANIFEST_UNKNOWN", of_unknown_manifest},
    {"BLOB_UNKNOWN", of_unknown_blob},
    {"MANIFEST_BLOB_UNKNOWN", of_unknown_blob},
    {"BLOB_UPLOAD_UNKNOWN", of_unknown_session},
    {"TAG_INVALID", of_bad_tag},
    {"NAME_INVALID", of_bad_name},
};

/* Do the words give a reason? Short words, and words about rights, say no more than the status. */
static bool has_reason(const struct refusal *refusal)
{
    struct buf words AUTO(buf_release) = BUF_INIT(RESPONSE_WORDS_MAX);
    response_words(&refusal->call->response, &words);
    return words.len > SHORT_WORDS && !refusal->foreign &&
           !says(refusal, "access|permission|scope|authoriz|forbidden|not allowed|role");
}

static const char *of_403(const struct refusal *refusal)
{
    if (refusal->page)
        return BEFORE_IT;
    if (has_reason(refusal)) /* advice would be a guess */
        return NULL;
    return refusal->reads ? "this account may not read it: log in as one that may (wasme login)"
                          : "this account may not do that there: check its role in the project, or "
                            "log in as another (wasme login)";
}

/* For a 404 without a code. The answer for a blob may come from a storage service with other
 * words. */
static const char *of_404(const struct refusal *refusal)
{
    if (refusal->subject == BLOB)
        return of_unknown_blob(refusal);
    if (refusal->foreign && refusal->subject != CATALOG)
        return NO_REGISTRY;
    switch (refusal->subject) {
    case MANIFEST:
        return refusal->reads ? of_unknown_manifest(refusal) : MAKE_FIRST;
    case UPLOAD:
        return MAKE_FIRST;
    case TAGS:
        return NO_REPOSITORY;
    default:
        return NULL;
    }
}

static const char *of_405(const struct refusal *refusal)
{
    if (refusal->page)
        return BEFORE_IT;
    if (refusal->subject == MANIFEST && !refusal->reads)
        return "the registry is read-only or a mirror, or takes no images of this type: for "
               "the latter, push it with --format compat";
    return "the registry takes no such requests: it is read-only, or a mirror";
}

static const char *of_413(const struct refusal *refusal)
{
    if (refusal->subject == MANIFEST)
        return "its manifest is larger than the registry takes: leave out annotations";
    return "the registry, or a proxy before it, takes nothing of this size: raise the proxy's "
           "limit "
           "(nginx: client_max_body_size)";
}

static bool waits_too_long(const struct refusal *refusal)
{
    const char *after = refusal->call->response.retry_after;
    return after && retry_after_ms(after, time(NULL)) > RETRY_AFTER_MAX;
}

static const char *of_429(const struct refusal *refusal)
{
    if (waits_too_long(refusal))
        return TOO_LONG ", or log in for a higher limit (wasme login)";
    return "too many requests: try again later, or log in for a higher limit (wasme login)";
}

static const char *of_status(const struct refusal *refusal)
{
    int status = refusal->call->response.status;
    bool manifest = refusal->subject == MANIFEST && !refusal->reads;
    switch (status) {
    case 400:
        return manifest && !refusal->foreign ? USE_COMPAT : NULL;
    case 403:
        return of_403(refusal);
    case 404:
        return of_404(refusal);
    case 405:
        return of_405(refusal);
    case 407:
        return "the proxy says so: " PROXY_LOGIN;
    case 412: /* Harbor sends it for images with vulnerabilities or without signatures too */
        return refusal->reads ? KEPT_BACK : IMMUTABLE;
    case 413:
        return of_413(refusal);
    case 415:
        return USE_COMPAT;
    case 429:
        return of_429(refusal);
    default:
        if (!retry_wants(status))
            return NULL;
        return waits_too_long(refusal) ? TOO_LONG : LATER;
    }
}

const char *advice_of_refusal(const struct call *call)
{
    struct refusal refusal = {
        .call = call,
        .subject = subject_of(call),
        .reads = strcmp(call->method, "GET") == 0 || strcmp(call->method, "HEAD") == 0,
    };
    refusal.foreign = !response_code(&call->response, refusal.code);
    refusal.page = text_is_page(buf_text(&call->response.refusal)) && !call->elsewhere;
    const char *words = of_words(&refusal);
    if (words)
        return words;
    for (size_t i = 0; i < COUNT(codes) && !retry_wants(call->response.status); i++)
        if (has_code(&refusal, codes[i].code))
            return codes[i].advice(&refusal);
    return of_status(&refusal);
}
