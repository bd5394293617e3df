/*
 * The tables of hosts against facts: lines of host, version, module, function, signature, status,
 * ABI and note with tabs between them. HOSTS_TSV names a file of them; some stand here.
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

/* Facts that a real program was heard to say, or that its source says. */
static const char *const known[] = {
    "envoy\t1.33..1.40\tenv\tproxy_log\ti32 i32 i32 -> i32\toffered\tany\t\n",
    "envoy\t1.33..1.40\twasi_unstable\tpoll_oneoff\ti32 i32 i32 i32 -> i32\toffered\tany\t\n",
    "envoy\t1.39..1.40\twasi_snapshot_preview1\tfd_pread\ti32 i32 i32 i64 i32 -> i32\tunimplemented\tany\t\n",
    "envoy\t1.33..1.38\twasi_snapshot_preview1\tfd_pread\t\tmissing\tany\t\n",
    "envoy\t1.39..1.40\twasi_snapshot_preview1\tpath_link\ti32 i32 i32 i32 i32 i32 -> i32\tunimplemented\tany\t\n",
    "envoy\t1.33..1.40\tenv\tproxy_get_log_level\ti32 -> i32\toffered\t0_2_1\t\n",
    "envoy\t1.33..1.40\tenv\tproxy_get_log_level\t\tmissing\t0_1_0\t\n",
    "istio-proxy\t1.24\twasi_snapshot_preview1\tpoll_oneoff\t\tmissing\tany\t\n",
    "higress\tany\tenv\tproxy_redis_call\ti32 i32 i32 i32 i32 -> i32\toffered\tany\t\n",
    "mosn\t1.x\tenv\tproxy_get_property\t\tmissing\t0_2_0\t\n",
    "apisix\t3.x\tenv\tproxy_get_metric\ti32 i64 -> i32\toffered\tany\t\n",
    "apisix\t3.x\tenv\tproxy_get_log_level\t\tmissing\tany\t\n",
    "wasmedge\tany\tenv\tproxy_log\t\tmissing\t-\t\n",
    "ngx_wasm_module\tany\tenv\tproxy_get_log_level\ti32 i32 -> i32\tunimplemented\tany\t\n",
};

static void compare_line(const char *line)
{
    static struct fact fact;
    (void)snprintf(fact.line, sizeof(fact.line), "%s", line);
    if (split(&fact))
        compare(&fact);
}

static void tables_agree_with_what_is_known(void **state)
{
    (void)state;
    compared = wrong = 0;
    for (size_t i = 0; i < COUNT(known); i++)
        compare_line(known[i]);
    assert_true(compared > COUNT(known));
    assert_int_equal(wrong, 0);
}

/* Without a file, there is nothing more to compare. */
static void tables_agree_with_the_file(void **state)
{
    (void)state;
    const char *path = getenv("HOSTS_TSV");
    FILE *file = path ? fopen(path, "re") : NULL;
    assert_true(!path || file);
    char line[LINE_MAX_LEN];
    size_t facts = 0;
    compared = wrong = 0;
    for (; file && facts < ROWS_MAX && fgets(line, sizeof(line), file); facts++)
        compare_line(line);
    if (file)
        fclose(file);
    print_message("%zu facts, %zu comparisons, %zu differences\n", facts, compared, wrong);
    assert_true(!file || facts > 1000);
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables_agree_with_what_is_known),
        cmocka_unit_test(tables_agree_with_the_file),
    };
    return cmocka_run_group_tests_name("host_data", tests, NULL, NULL);
}
