/*
 * The tables of hosts against a file of facts, which HOSTS_TSV names: lines of host, version,
 * module, function, signature, status, ABI and note with tabs between them. Without such a file,
 * nothing is compared.
 */
#include "unit.h"

#include <limits.h>
#include <stdio.h>

#include "module/host/trial.h"

enum { FIELDS = 8, LINE_MAX_LEN = 4096, ROWS_MAX = 20000 };

struct fact {
    char line[LINE_MAX_LEN];
    char *host, *version, *module, *function, *signature, *status, *abi;
};

static size_t compared, wrong;

/* --- The file --- */

static bool split(struct fact *fact)
{
    char **fields[FIELDS] = {&fact->host,      &fact->version, &fact->module, &fact->function,
                             &fact->signature, &fact->status,  &fact->abi,    NULL};
    char *rest = fact->line;
    for (size_t i = 0; i < FIELDS; i++) {
        char *field = strsep(&rest, "\t\n");
        if (!field)
            return false;
        if (fields[i])
            *fields[i] = field;
    }
    return strcmp(fact->host, "host") != 0;
}

static const char *our_name(const char *host)
{
    if (strcmp(host, "istio-proxy") == 0)
        return "istio";
    return strcmp(host, "ngx_wasm_module") == 0 ? "kong" : host;
}

/* "1.36" as a number that can be compared. */
static long line_of(const char *version)
{
    char *rest = NULL;
    long major = strtol(version, &rest, 10);
    return major * 1000 + (*rest == '.' ? strtol(rest + 1, NULL, 10) : 0);
}

/* Is the fact one of this version? "1.33..1.40", "1.24"; others are of all versions. */
static bool is_of_version(const struct fact *fact, const char *version)
{
    long line = line_of(version);
    const char *to = strstr(fact->version, "..");
    if (!strchr("0123456789", fact->version[0]) || strstr(fact->version, ".x"))
        return true;
    return line_of(fact->version) <= line &&
           line <= (to ? line_of(to + 2) : line_of(fact->version));
}

static unsigned read_abis(const char *text)
{
    static const struct {
        const char *name;
        unsigned abi;
    } abis[] = {
        {"any", ABI_ANY},
        {"-", ABI_ANY},
        {"0_1_0", ABI_0_1_0},
        {"0_2_0", ABI_0_2_0},
        {"0_2_1", ABI_0_2_1},
        {"0_2_100", ABI_0_2_100},
        {"mosn_0_2_0", ABI_MOSN_CODEC},
    };
    unsigned set = 0;
    for (size_t len; *text; text += len + (text[len] == ' ')) {
        len = strcspn(text, " ");
        for (size_t i = 0; i < COUNT(abis); i++) {
            if (strlen(abis[i].name) == len && strncmp(abis[i].name, text, len) == 0)
                set |= abis[i].abi;
        }
    }
    return set;
}

/* --- One fact --- */

static void complain(const struct fact *fact, const char *version, const char *what)
{
    wrong++;
    print_message("%s %s: %s.%s (%s): %s\n", fact->host, version, fact->module, fact->function,
                  fact->abi, what);
}

static bool status_fits(const struct host_function *row, const char *status)
{
    bool works = row->status == HOST_WORKS;
    /* The file does not tell these from others. */
    if (row->status == HOST_IDLE ||
        (row->status == HOST_TRAPS && strncmp(row->name, "sock_", 5) == 0))
        return true;
    return works == (strcmp(status, "offered") == 0);
}

static void compare_one(const struct fact *fact, const struct host *host,
                        const struct host_version *version, unsigned abi)
{
    const struct module_import import = {fact->module, fact->function, EXTERN_FUNC, 0};
    const struct host_function *row = trial_find_row(host->rules, abi, version->level, &import);
    bool missing = strcmp(fact->status, "missing") == 0;
    compared++;
    if (missing != !row) {
        complain(fact, version->name, row ? "is in the table" : "is not in the table");
        return;
    }
    if (missing)
        return;
    AUTO_FREE char *words = signature_words(row->signature);
    if (strcmp(words, fact->signature) != 0)
        complain(fact, version->name, words);
    if (!status_fits(row, fact->status))
        complain(fact, version->name, "has another status");
}

static void compare(const struct fact *fact)
{
    struct host_choice choice;
    AUTO(err_release) struct err err = ERR_INIT;
    assert_ok(host_parse(our_name(fact->host), &choice, &err), &err);
    unsigned abis = read_abis(fact->abi);
    const struct host_rules *rules = choice.host->rules;
    for (const struct host_version *version = choice.host->versions; version->name; version++) {
        if (!is_of_version(fact, version->name))
            continue;
        for (const struct host_marker *marker = rules->markers; marker->export; marker++) {
            if (marker->abi & abis)
                compare_one(fact, choice.host, version, marker->abi);
        }
        if (rules->marker_rule == MARKER_NONE)
            compare_one(fact, choice.host, version, ABI_ANY);
    }
}

static void tables_agree_with_the_facts(void **state)
{
    (void)state;
    const char *path = getenv("HOSTS_TSV");
    if (!path) {
        print_message("skipped: HOSTS_TSV names no file of facts\n");
        skip();
    }
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    static struct fact fact;
    size_t facts = 0;
    while (facts < ROWS_MAX && fgets(fact.line, sizeof(fact.line), file)) {
        if (!split(&fact))
            continue;
        compare(&fact);
        facts++;
    }
    fclose(file);
    print_message("%zu facts, %zu comparisons, %zu differences\n", facts, compared, wrong);
    assert_true(facts > 1000);
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(tables_agree_with_the_facts)};
    return cmocka_run_group_tests_name("host_data", tests, NULL, NULL);
}
