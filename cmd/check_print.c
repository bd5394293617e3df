#include "cmd/check_print.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_write.h"
#include "base/mem.h"
#include "base/visible.h"

void checked_release(struct checked *checked)
{
    for (size_t i = 0; i < checked->count; i++)
        answer_release(&checked->answers[i]);
    free(checked->answers);
    subject_release(&checked->subject);
}

/* The Kubernetes object that has the field "sha256". */
static const char *object_of(enum gateway gateway)
{
    return gateway == GATEWAY_ENVOY_GATEWAY ? "EnvoyExtensionPolicy" : "WasmPlugin";
}

/* "istio" for the gateway, "istio:1.31" for the host. */
static char *name_of(const struct answer *answer)
{
    return answer->of_gateway
               ? mem_dup(gateway_name(answer->gateway))
               : mem_printf("%s:%s", host_name(&answer->host), host_version_name(&answer->host));
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

/* Which of the things with that name was looked at. */
static char *place_note(const struct subject *subject)
{
    if (subject->kind == SUBJECT_FILE)
        return mem_printf("only the module was looked at; beside an http:// URL its sha256 is %s",
                          digest_hex(&subject->digest));
    if (subject->kind == SUBJECT_STORED && subject_ref(subject) == subject->text)
        return mem_dup("the image of the local store was looked at, as wasme push would send it "
                       "(--remote: the registry's)");
    return NULL;
}

/* A function that takes notes, each once. */
struct notes {
    void (*each)(void *arg, const char *note);
    void *arg;
    const char **told; /* owned array */
    size_t count;
};

static void tell(struct notes *notes, const char *note)
{
    for (size_t i = 0; i < notes->count; i++)
        if (strcmp(notes->told[i], note) == 0)
            return;
    notes->told = mem_resize(notes->told, notes->count + 1, sizeof(*notes->told));
    notes->told[notes->count++] = note;
    notes->each(notes->arg, note);
}

/* Calls `each` for every note; a note that several answers have is told once. */
static void walk_notes(const struct checked *checked, void (*each)(void *arg, const char *note),
                       void *arg)
{
    AUTO_FREE char *index = index_note(&checked->subject);
    AUTO_FREE char *place = place_note(&checked->subject);
    struct notes notes = {.each = each, .arg = arg};
    if (place)
        tell(&notes, place);
    if (index)
        tell(&notes, index);
    for (size_t i = 0; i < checked->count; i++)
        for (size_t k = 0; k < checked->answers[i].note_count; k++)
            tell(&notes, checked->answers[i].notes[k]);
    free(notes.told);
}

/* --- Lines --- */

static void print_loads(const struct answer *answer)
{
    fputs("will load", stdout);
    if (answer->picks) {
        fputs(": ", stdout);
        visible_print(answer->picks, stdout);
    }
    if (answer->abi)
        printf("%s ABI %s", answer->picks ? "," : ":", answer->abi);
    if (answer->of_gateway && answer->host.host)
        printf(" in %s:%s", host_name(&answer->host), host_version_name(&answer->host));
    if (answer->sha256.text[0])
        printf("; sha256 for the %s: %s", object_of(answer->gateway), digest_hex(&answer->sha256));
}

static void print_refusal(const struct answer *answer)
{
    fputs(answer->state == ANSWER_REFUSES ? "will not load: because " : "cannot be told: because ",
          stdout);
    visible_print(answer->because, stdout);
    if (answer->quote) {
        fputs(" (\"", stdout);
        visible_print(answer->quote, stdout);
        fputs("\")", stdout);
    }
    if (answer->next) {
        fputs("; do: ", stdout);
        visible_print(answer->next, stdout);
    }
}

static void print_note(void *indent, const char *note)
{
    printf("%snote: ", (const char *)indent);
    visible_print(note, stdout);
    putchar('\n');
}

/* Where the verdicts begin. */
static size_t width_of(const struct checked *checked)
{
    size_t width = strlen("envoy-gateway");
    for (size_t i = 0; i < checked->count; i++) {
        AUTO_FREE char *name = name_of(&checked->answers[i]);
        width = strlen(name) > width ? strlen(name) : width;
    }
    return width + 1;
}

void checked_print(const struct checked *checked, bool named)
{
    int width = (int)width_of(checked);
    const char *indent = named ? "  " : "";
    if (named) {
        visible_print(checked->subject.text, stdout);
        fputs(":\n", stdout);
    }
    for (size_t i = 0; i < checked->count; i++) {
        const struct answer *answer = &checked->answers[i];
        AUTO_FREE char *name = name_of(answer);
        printf("%s%-*s ", indent, width, name);
        if (answer->state == ANSWER_LOADS)
            print_loads(answer);
        else
            print_refusal(answer);
        putchar('\n');
    }
    walk_notes(checked, print_note, (void *)(uintptr_t)indent);
}

/* --- JSON --- */

static void put_host(struct buf *out, const struct answer *answer)
{
    if (!answer->host.host)
        return;
    json_put_pair(out, "host", host_name(&answer->host));
    json_put_pair(out, "version", host_version_name(&answer->host));
}

static void put_answer(struct buf *out, const struct answer *answer)
{
    static const char *const states[] = {
        [ANSWER_LOADS] = "loads", [ANSWER_REFUSES] = "refuses", [ANSWER_UNKNOWN] = "unknown"};
    bool loads = answer->state == ANSWER_LOADS;
    json_begin_object(out);
    if (answer->of_gateway)
        json_put_pair(out, "gateway", gateway_name(answer->gateway));
    put_host(out, answer);
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
        json_put_pair_if(out, "quote", answer->quote);
        json_put_pair_if(out, "do", answer->next);
    }
    json_end_object(out);
}

static void put_answers(struct buf *out, const struct checked *checked, const char *key,
                        bool of_gateway)
{
    json_key(out, key);
    json_begin_array(out);
    for (size_t i = 0; i < checked->count; i++)
        if (checked->answers[i].of_gateway == of_gateway)
            put_answer(out, &checked->answers[i]);
    json_end_array(out);
}

static void put_note(void *out, const char *note)
{
    json_put_text(out, note);
}

static void put_subject(struct buf *out, const struct subject *subject)
{
    static const char *const places[] = {
        [SUBJECT_REMOTE] = "registry", [SUBJECT_STORED] = "store", [SUBJECT_FILE] = "file"};
    if (subject->kind == SUBJECT_FILE) {
        json_put_pair(out, "file", subject->text);
        json_put_pair(out, "fileDigest", subject->digest.text);
    } else {
        json_put_pair(out, "reference", subject->ref.full);
        if (subject->has_index)
            json_put_pair(out, "indexDigest", subject->raw.digest.text);
        json_put_pair_if(out, "manifestDigest", subject->digest.text);
    }
    json_put_pair(out, "from", places[subject->kind]);
}

void checked_put(struct buf *out, const struct checked *checked)
{
    json_begin_object(out);
    put_subject(out, &checked->subject);
    put_answers(out, checked, "gateways", true);
    put_answers(out, checked, "hosts", false);
    json_key(out, "notes");
    json_begin_array(out);
    walk_notes(checked, put_note, out);
    json_end_array(out);
    json_end_object(out);
}
