#include "credential/helper.h"

#include <signal.h>
#include <string.h>

#include "base/json.h"
#include "base/json_write.h"
#include "base/mem.h"
#include "base/process.h"
#include "base/utf8.h"
#include "base/visible.h"
#include "credential/config.h"

/* The words of programs that have nothing for a registry; they end with status 1 then. */
static const char *const none_words[] = {"credentials not found in native keychain",
                                         "credentials not found"};
/* The user in a reply whose secret is an identity token. */
#define TOKEN_USER "<token>"

/* The input and the outcome of one run of a program. */
struct request {
    const char *action;      /* "get", "store" or "erase" */
    const struct buf *input; /* lent */
    struct buf *reply;       /* lent; filled with the answer */
    int status;              /* set: how the program ended */
};

static int ask(const struct helper *helper, struct request *request, struct err *err)
{
    AUTO_FREE char *program = mem_printf("docker-credential-%s", helper->name);
    const char *action = request->action;
    struct buf *reply = request->reply;
    const char *const argv[] = {program, action, NULL};
    const struct process process = {.argv = argv,
                                    .input = buf_text(request->input),
                                    .input_len = request->input->len,
                                    .output = process_fill(reply),
                                    .interrupted = helper->interrupted,
                                    .seconds = helper->seconds};
    buf_reserve(reply);
    int rc = process_run(&process, &request->status, err);
    if (rc == ERR_NOT_FOUND)
        return err_set(err, rc,
                       "%s, which %s names, is not in PATH: install it, or take it out of that "
                       "file",
                       program, helper->origin);
    if (rc == ERR_TRANSIENT)
        return err_set(err, ERR_FAILED, "%s %s (%s) gave no answer in %ld second%s and was ended",
                       program, action, helper->origin, helper->seconds,
                       helper->seconds == 1 ? "" : "s");
    if (rc)
        return err_wrap(err, "%s %s (%s)", program, action, helper->origin);
    if (request->status == 128 + SIGINT)
        return err_set(err, ERR_INTERRUPTED, "%s was interrupted", program);
    if (buf_overflowed(reply))
        return err_set(err, ERR_DAMAGED, "%s %s (%s) answers with more than %zu bytes", program,
                       action, helper->origin, reply->max);
    return 0;
}

/* The length without the line ends behind the words, which say nothing. */
static size_t trimmed_len(const struct buf *reply)
{
    size_t len = reply->len;
    while (len && strchr(" \t\r\n", reply->data[len - 1]))
        len--;
    return len;
}

static bool says_none(const struct buf *reply)
{
    size_t len = trimmed_len(reply);
    for (size_t i = 0; i < COUNT(none_words); i++)
        if (len == strlen(none_words[i]) && memcmp(reply->data, none_words[i], len) == 0)
            return true;
    return false;
}

/* Repeats the program's complaint. By the protocol a complaint is on standard output, which holds
 * no secret when the status is not 0. */
static int complain(const struct helper *helper, const struct request *request, struct err *err)
{
    struct buf words AUTO(buf_release) = BUF_INIT(2 * HELPER_WORDS_MAX);
    visible_add_clean(&words, buf_text(request->reply), trimmed_len(request->reply),
                      HELPER_WORDS_MAX);
    return err_set(err, ERR_FAILED, "docker-credential-%s %s (%s) ends with status %d%s%s",
                   helper->name, request->action, helper->origin, request->status,
                   words.len ? ": " : "", buf_text(&words));
}

int helper_read_reply(const char *text, size_t len, struct credential *out, struct err *err)
{
    AUTO(json_doc_free_at) struct json_t *doc = NULL;
    int rc = json_doc_parse(text, len, &doc,
                            ERR_IGNORED); /* the words of its error may quote a secret */
    const char *user = rc ? NULL : json_member_text(doc, "Username");
    const char *secret = rc ? NULL : json_member_text(doc, "Secret");
    if (!user || !secret)
        return err_set(err, ERR_DAMAGED, "the answer is no JSON with Username and Secret");
    if (!*secret)
        return 0;
    if (strcmp(user, TOKEN_USER) == 0) {
        out->identity_token = mem_dup(secret);
    } else {
        out->username = mem_dup(user);
        out->password = mem_dup(secret);
    }
    return 0;
}

int helper_get(const struct helper *helper, const char *registry, struct credential *out,
               struct err *err)
{
    struct buf input AUTO(buf_release) = BUF_INIT(HELPER_REPLY_MAX);
    struct buf reply AUTO(buf_wipe) = BUF_INIT(HELPER_REPLY_MAX);
    struct request request = {"get", &input, &reply, 0};
    buf_add_text(&input, credential_key(registry));
    int rc = ask(helper, &request, err);
    if (rc)
        return rc;
    if (request.status && says_none(&reply))
        return 0;
    if (request.status)
        return complain(helper, &request, err);
    rc = helper_read_reply(buf_text(&reply), reply.len, out, err);
    return rc ? err_wrap(err, "docker-credential-%s get (%s)", helper->name, helper->origin) : 0;
}

/* A JSON text is UTF-8; with other bytes replaced, another secret would be stored. */
static bool is_utf8(const char *text)
{
    const unsigned char *at = (const unsigned char *)text;
    const unsigned char *end = at + strlen(text);
    size_t len = 1;
    for (; at < end && len; at += len)
        len = utf8_len(at, (size_t)(end - at));
    return len != 0;
}

/* Overwrites each place where the text stands in the reply. */
static void hide(struct buf *reply, const char *text)
{
    size_t len = strlen(text);
    char *at = reply->data;
    while (at && len && (at = memmem(at, reply->len - (size_t)(at - reply->data), text, len)))
        memset(at, '*', len);
}

/* A program that fails may repeat its input, plain or encoded. The text behind "Secret" is hidden
 * as well: it may have the secret in other escapes of JSON, which no search finds. */
static void hide_secret(struct buf *reply, const struct buf *input, const char *user,
                        const char *secret)
{
    static const char member[] = "\"Secret\"";
    AUTO(credential_wipe) char *encoded = credential_encode(user, secret);
    AUTO(credential_wipe) char *escaped = mem_dup(strstr(buf_text(input), member) + strlen(member));
    escaped[strlen(escaped) - strlen("\"}")] = '\0';
    hide(reply, secret);
    hide(reply, escaped + strlen(":\""));
    hide(reply, encoded);
    char *rest = reply->data ? memmem(reply->data, reply->len, member, strlen(member)) : NULL;
    if (rest)
        memset(rest, '*', reply->len - (size_t)(rest - reply->data));
}

int helper_store(const struct helper *helper, const char *registry,
                 const struct credential *credential, struct err *err)
{
    struct buf input AUTO(buf_wipe) = BUF_INIT(HELPER_REPLY_MAX);
    struct buf reply AUTO(buf_wipe) = BUF_INIT(HELPER_REPLY_MAX);
    bool token = credential->identity_token != NULL;
    const char *user = token ? TOKEN_USER : credential->username;
    const char *secret = token ? credential->identity_token : credential->password;
    struct request request = {"store", &input, &reply, 0};
    if (!is_utf8(user) || !is_utf8(secret))
        return err_set(err, ERR_USAGE,
                       "the user or the secret is not UTF-8, and docker-credential-%s (%s) takes "
                       "nothing else",
                       helper->name, helper->origin);
    buf_reserve(&input);
    json_begin_object(&input);
    json_put_pair(&input, "ServerURL", credential_key(registry));
    json_put_pair(&input, "Username", user);
    json_put_pair(&input, "Secret", secret);
    json_end_object(&input);
    if (buf_overflowed(&input))
        return err_set(err, ERR_USAGE, "the secret is longer than %d bytes", HELPER_REPLY_MAX / 2);
    int rc = ask(helper, &request, err);
    if (rc || !request.status)
        return rc;
    hide_secret(&reply, &input, user, secret);
    return complain(helper, &request, err);
}

int helper_erase(const struct helper *helper, const char *registry, struct err *err)
{
    struct buf input AUTO(buf_release) = BUF_INIT(HELPER_REPLY_MAX);
    struct buf reply AUTO(buf_wipe) = BUF_INIT(HELPER_REPLY_MAX);
    struct request request = {"erase", &input, &reply, 0};
    buf_add_text(&input, credential_key(registry));
    int rc = ask(helper, &request, err);
    if (rc)
        return rc;
    return request.status && !says_none(&reply) ? complain(helper, &request, err) : 0;
}
