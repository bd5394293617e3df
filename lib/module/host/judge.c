#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "module/abi.h"
#include "module/host/trial.h"

void host_verdict_release(struct host_verdict *verdict)
{
    free(verdict->abi);
    free(verdict->because);
    free(verdict->quote);
    free(verdict->next);
    for (size_t i = 0; i < verdict->note_count; i++)
        free(verdict->notes[i]);
    free(verdict->notes);
    *verdict = (struct host_verdict){0};
}

/* --- The version of the ABI --- */

static const struct host_marker *find_marker(const struct trial *trial,
                                             const struct module_export *export)
{
    if (export->kind != EXTERN_FUNC)
        return NULL;
    const struct host_marker *marker = trial->rules->markers;
    while (marker->export && strcmp(marker->export, export->name) != 0)
        marker++;
    return marker->export ? marker : NULL;
}

/* The marker that counts, or NULL. `*count` is how many there are. */
static const struct host_marker *choose_marker(const struct trial *trial, size_t *count)
{
    const struct host_marker *chosen = NULL;
    *count = 0;
    for (size_t i = 0; i < trial->module->export_count; i++) {
        const struct host_marker *marker = find_marker(trial, &trial->module->exports[i]);
        if (!marker)
            continue;
        ++*count;
        /* The tables begin with the oldest marker. */
        if (!chosen || (trial->rules->marker_rule == MARKER_NEWEST && marker > chosen))
            chosen = marker;
    }
    return chosen;
}

/* "v0.1.0, v0.2.0 and v0.2.1" */
static void add_known(const struct host_rules *rules, struct buf *out)
{
    for (const struct host_marker *marker = rules->markers; marker->export; marker++) {
        const char *before = marker == rules->markers ? "" : marker[1].export ? ", " : " and ";
        buf_printf(out, "%s%s", before, marker->name);
    }
}

/* The title of a host that knows the marker, or NULL. */
static const char *owner_of(const char *export)
{
    for (const struct host *const *host = host_table; *host; host++) {
        for (const struct host_marker *row = (*host)->rules->markers; row->export; row++) {
            if (strcmp(row->export, export) == 0)
                return (*host)->title;
        }
    }
    return NULL;
}

/* The first exported function whose name is one of a marker. */
static const char *first_claim(const struct module *module)
{
    for (size_t i = 0; i < module->export_count; i++) {
        const struct module_export *export = &module->exports[i];
        if (export->kind == EXTERN_FUNC && strncmp(export->name, "proxy_abi", 9) == 0)
            return export->name;
    }
    return NULL;
}

static bool imports_from(const struct module *module, const char *name)
{
    for (size_t i = 0; i < module->import_count; i++) {
        if (strcmp(module->imports[i].module, name) == 0)
            return true;
    }
    return false;
}

static void refuse_marker(const struct trial *trial)
{
    const char *claim = first_claim(trial->module);
    char *quote = trial_quote(trial->rules->words.marker, &(struct quote){.name = claim});
    bool single = trial->rules->marker_rule == MARKER_SINGLE;
    const char *best = single ? "v0.1.0" : "v0.2.1";
    if (single && !imports_from(trial->module, "env")) {
        free(quote);
        quote = mem_dup("panic: runtime error: index out of range [0] with length 0");
    }
    if (!claim) {
        bool counts = trial_refuse(
            trial, mem_dup("the module exports no function " ABI_EXPORT_PREFIX "*"), quote,
            mem_printf("build it with a proxy-wasm SDK for ABI %s, as a library (reactor), "
                       "and see that the linker keeps the SDK's exports",
                       best));
        if (counts)
            trial->out->reason = HOST_REASON_NO_ABI;
        return;
    }
    AUTO(buf_release) struct buf known = BUF_INIT(TRIAL_TEXT_MAX);
    add_known(trial->rules, &known);
    const char *owner = owner_of(claim);
    char *next =
        owner ? mem_printf("build it with an SDK for ABI %s (%.200s is for %s)", best, claim, owner)
              : mem_printf("build it with an SDK for ABI %s", best);
    trial_refuse(trial,
                 mem_printf("the module exports %.200s, and %s knows the ABIs %s", claim,
                            trial->host->title, buf_text(&known)),
                 quote, next);
}

/* Finds the ABI that counts. */
static void settle_abi(struct trial *trial)
{
    size_t count = 0;
    const struct host_marker *marker = choose_marker(trial, &count);
    if (trial->rules->marker_rule == MARKER_NONE) {
        trial->abi = ABI_ANY;
        return;
    }
    if (!marker && trial->rules->marker_rule == MARKER_NEWEST) {
        marker = trial->rules->markers;
        while (marker[1].export)
            marker++;
    }
    if (!marker) {
        refuse_marker(trial);
        return;
    }
    trial->abi = marker->abi;
    trial->out->abi = mem_dup(marker->name);
    if (count > 1 && trial->rules->marker_rule == MARKER_SINGLE)
        trial_refuse(trial,
                     mem_printf("the module exports markers of %zu ABIs, and %s takes exactly one",
                                count, trial->host->title),
                     mem_dup("module[env] has already been instantiated"),
                     mem_dup("build it with an SDK of one ABI version: v0.1.0"));
}

/* --- What the engine has --- */

/* "use envoy 1.35 or later, or build the module without tail calls" */
static char *advise_features(const struct trial *trial, uint32_t lacks, const char *names)
{
    for (const struct host_version *row = trial->version + 1; row->name; row++) {
        if (!(lacks & ~row->features))
            return mem_printf("use %s %s or later, or build the module without %s",
                              trial->host->name, row->name, names);
    }
    return mem_printf("build the module without %s", names);
}

void trial_check_features(const struct trial *trial)
{
    const struct host_version *version = trial->version;
    uint32_t lacks = trial->module->features & ~version->features;
    uint32_t never = trial->rules->never_together;
    if (never && (trial->module->features & never) == never)
        lacks = never;
    if (!lacks)
        return;
    uint32_t surely = lacks & ~version->unsure_features;
    AUTO_FREE char *names = features_words(surely ? surely : lacks);
    char *quote = trial_quote(trial->rules->words.bytecode, NULL);
    char *next = advise_features(trial, lacks, names);
    bool counts;
    if (surely)
        counts = trial_refuse(
            trial,
            mem_printf("the module uses %s, which the engine of %s %s (%s) does not have", names,
                       trial->host->title, version->name, version->engine),
            quote, next);
    else
        counts = trial_doubt(trial, mem_printf("the module uses %s: %s", names, version->unsure),
                             quote, next);
    if (counts)
        trial->out->reason = HOST_REASON_FEATURES;
}

/* --- The instructions --- */

/* An engine refuses a module whose instructions have wrong types; no toolchain makes one. */
static void check_bodies(const struct trial *trial, const struct validation *validation)
{
    if (validation->result == MODULE_NOT_VALIDATED)
        trial_note(trial, "the types of the instructions were not checked: %s", validation->why);
    else if (validation->result == MODULE_INVALID)
        trial_refuse_surely(
            trial, mem_dup(validation->why), trial_quote(trial->rules->words.bytecode, NULL),
            mem_dup("build the filter again: its bytes are damaged, or its compiler "
                    "is"));
}

/* --- All of it --- */

int host_judge(const struct host_choice *choice, int fd, const struct module *module,
               const struct validation *validation, struct host_verdict *out, struct err *err)
{
    *out = (struct host_verdict){0};
    struct trial trial = {.host = choice->host,
                          .version = choice->version,
                          .rules = choice->host->rules,
                          .module = module,
                          .fd = fd,
                          .out = out};
    static void (*const checks[])(const struct trial *) = {
        trial_check_counts,   trial_check_types, trial_check_imports, trial_check_memories,
        trial_check_segments, trial_check_names, trial_check_exports,
    };
    static int (*const runs[])(const struct trial *, struct err *) = {
        trial_check_start_section,
        trial_check_memoryless,
        trial_check_start,
        trial_check_gates,
    };
    int rc = 0;
    trial_check_features(&trial);
    settle_abi(&trial);
    if (!trial.abi)
        trial.abi = ABI_ANY; /* the source is not public, and the rest is worth a look */
    for (size_t i = 0; i < COUNT(checks) && out->answer != HOST_REFUSES; i++)
        checks[i](&trial);
    for (size_t i = 0; !rc && i < COUNT(runs) && out->answer != HOST_REFUSES; i++)
        rc = runs[i](&trial, err);
    if (rc) {
        host_verdict_release(out);
        return rc;
    }
    if (validation && out->answer != HOST_REFUSES)
        check_bodies(&trial, validation);
    if (out->answer != HOST_REFUSES)
        trial_add_notes(&trial);
    return 0;
}
