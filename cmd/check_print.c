#include "cmd/check_print.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_write.h"
#include "base/mem.h"
#include "base/visible.h"
#include "cmd/json_print.h"

enum { JSON_MAX = 4 * 1024 * 1024 };

void answer_release(struct answer *answer)
{
    free(answer->picks);
    free(answer->because);
    free(answer->next);
    free(answer->note);
}

/* The Kubernetes object that has the field "sha256". */
static const char *object_of(enum gateway gateway)
{
    return gateway == GATEWAY_ENVOY_GATEWAY ? "EnvoyExtensionPolicy" : "WasmPlugin";
}

/* --- Notes: facts that do not decide --- */

static char *index_note(const struct subject *subject)
{
    if (subject->empty || !subject->has_index)
        return NULL;
    return mem_printf("the reference names an index, %s, of which %s is looked at: %s; a sha256 "
                      "field, and the digest behind @ in a reference, is the image's, not the "
                      "index's",
                      subject->raw.digest.text, subject->choice, subject->digest.text);
}

static char *file_note(const struct subject *subject)
{
    if (subject->kind != SUBJECT_FILE)
        return NULL;
    return mem_printf("only the module was looked at; beside an http:// URL its sha256 is %s",
                      digest_hex(&subject->digest));
}

/* Calls `each` for every note; a note that several answers have is told once. */
static void walk_notes(const struct subject *subject, const struct answer *answers, size_t count,
                       void (*each)(void *arg, const char *note), void *arg)
{
    AUTO_FREE char *index = index_note(subject);
    AUTO_FREE char *file = file_note(subject);
    if (index)
        each(arg, index);
    if (file)
        each(arg, file);
    for (size_t i = 0; i < count; i++) {
        bool told = !answers[i].note;
        for (size_t k = 0; !told && k < i; k++)
            told = answers[k].note && strcmp(answers[k].note, answers[i].note) == 0;
        if (!told)
            each(arg, answers[i].note);
    }
}

/* --- Lines --- */

static void print_loads(const struct answer *answer)
{
    fputs("will load: ", stdout);
    visible_print(answer->picks, stdout);
    if (answer->abi)
        printf(", ABI %s", answer->abi);
    if (answer->sha256.text[0])
        printf("; sha256 for the %s: %s", object_of(answer->gateway), digest_hex(&answer->sha256));
}

static void print_answer(const struct answer *answer)
{
    printf("%-14s ", gateway_name(answer->gateway));
    if (answer->state == ANSWER_LOADS) {
        print_loads(answer);
    } else {
        fputs(answer->state == ANSWER_REFUSES ? "will not load: because " : "not known: ", stdout);
        visible_print(answer->because, stdout);
    }
    if (answer->state != ANSWER_LOADS && answer->next) {
        fputs("; do: ", stdout);
        visible_print(answer->next, stdout);
    }
    putchar('\n');
}

static void print_note(void *arg, const char *note)
{
    (void)arg;
    fputs("note: ", stdout);
    visible_print(note, stdout);
    putchar('\n');
}

void answers_print(const struct subject *subject, const struct answer *answers, size_t count)
{
    for (size_t i = 0; i < count; i++)
        print_answer(&answers[i]);
    walk_notes(subject, answers, count, print_note, NULL);
}

/* --- JSON --- */

static void put_answer(struct buf *out, const struct answer *answer)
{
    static const char *const states[] = {
        [ANSWER_LOADS] = "loads", [ANSWER_REFUSES] = "refuses", [ANSWER_UNKNOWN] = "unknown"};
    bool loads = answer->state == ANSWER_LOADS;
    json_begin_object(out);
    json_put_pair(out, "gateway", gateway_name(answer->gateway));
    json_put_pair(out, "verdict", states[answer->state]);
    if (loads) {
        json_put_pair_if(out, "picks", answer->picks);
        json_put_pair_if(out, "abiVersion", answer->abi);
        json_put_pair_if(out, "sha256",
                         answer->sha256.text[0] ? digest_hex(&answer->sha256) : NULL);
        json_put_pair_if(out, "moduleSha256",
                         answer->wasm.text[0] ? digest_hex(&answer->wasm) : NULL);
    } else {
        json_put_pair_if(out, "because", answer->because);
        json_put_pair_if(out, "do", answer->next);
    }
    json_end_object(out);
}

static void put_note(void *out, const char *note)
{
    json_put_text(out, note);
}

static void put_subject(struct buf *out, const struct subject *subject)
{
    if (subject->kind == SUBJECT_FILE) {
        json_put_pair(out, "file", subject->text);
        json_put_pair(out, "fileDigest", subject->digest.text);
        return;
    }
    json_put_pair(out, "reference", subject->ref.full);
    if (subject->has_index)
        json_put_pair(out, "indexDigest", subject->raw.digest.text);
    json_put_pair_if(out, "manifestDigest", subject->digest.text);
}

int answers_print_json(const struct subject *subject, const struct answer *answers, size_t count,
                       struct err *err)
{
    AUTO(buf_release) struct buf out = BUF_INIT(JSON_MAX);
    json_begin_object(&out);
    put_subject(&out, subject);
    json_key(&out, "gateways");
    json_begin_array(&out);
    for (size_t i = 0; i < count; i++)
        put_answer(&out, &answers[i]);
    json_end_array(&out);
    json_key(&out, "notes");
    json_begin_array(&out);
    walk_notes(subject, answers, count, put_note, &out);
    json_end_array(&out);
    json_end_object(&out);
    return json_print(&out, "check", err);
}
