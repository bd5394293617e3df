#include "module/proxy.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "module/abi.h"

#define WASI "wasi_snapshot_preview1"

enum { SHOWN_MAX = 5, TEXT_MAX = 1024 * 1024 };

void proxy_verdict_release(struct proxy_verdict *verdict)
{
    free(verdict->because);
    free(verdict->next);
    free(verdict->note);
    *verdict = (struct proxy_verdict){0};
}

/* --- ABI versions --- */

/* Bits of a set of them. */
enum { ABI_0_1_0 = 1, ABI_0_2_0 = 2, ABI_0_2_1 = 4, ABI_0_2_100 = 8, ABI_ANY = 15 };

static const struct version {
    const char *export;
    const char *name;
    unsigned bit;
    bool envoy; /* knows it; Higress knows all */
} versions[] = {
    {ABI_EXPORT_PREFIX "0_1_0", "v0.1.0", ABI_0_1_0, true},
    {ABI_EXPORT_PREFIX "0_2_0", "v0.2.0", ABI_0_2_0, true},
    {ABI_EXPORT_PREFIX "0_2_1", "v0.2.1", ABI_0_2_1, true},
    {ABI_EXPORT_PREFIX "0_2_100", "v0.2.100", ABI_0_2_100, false},
};

/* The first of the exports that the proxy knows, in their order. */
static const struct version *find_version(enum proxy proxy, const struct module *module)
{
    for (size_t i = 0; i < module->export_count; i++) {
        for (size_t k = 0; k < COUNT(versions); k++) {
            if (module->exports[i].kind == EXTERN_FUNC &&
                strcmp(module->exports[i].name, versions[k].export) == 0 &&
                (proxy == PROXY_HIGRESS || versions[k].envoy))
                return &versions[k];
        }
    }
    return NULL;
}

static void refuse_version(enum proxy proxy, const struct module *module, struct proxy_verdict *out)
{
    char **claimed = NULL;
    size_t count = 0;
    abi_versions(module, &claimed, &count);
    const char *known = proxy == PROXY_HIGRESS ? "v0.1.0, v0.2.0, v0.2.1 and v0.2.100"
                                               : "v0.1.0, v0.2.0 and v0.2.1";
    if (!count) {
        out->because = mem_dup("the module exports no function " ABI_EXPORT_PREFIX "*: \"Missing "
                               "or unknown Proxy-Wasm ABI version\"");
        out->next = mem_dup("build it with a proxy-wasm SDK, as a library (reactor), and see that "
                            "the linker keeps the SDK's exports");
    } else {
        bool higress = strcmp(claimed[0], "v0.2.100") == 0;
        out->because =
            mem_printf("the module speaks ABI %s, and the proxy knows %s", claimed[0], known);
        out->next = mem_printf("build it with an SDK for v0.2.1%s",
                               higress ? " (v0.2.100 is Higress's own)" : "");
    }
    abi_versions_free(claimed, count);
}

/* --- Functions of the proxy --- */

/* When proxy-wasm-cpp-host got a function. */
enum since { ALWAYS, SINCE_GO, SINCE_ALL_OF_WASI };
static const char *const since_words[] = {
    [SINCE_GO] = "December 2024 (c4d7bb0)",
    [SINCE_ALL_OF_WASI] = "April 2026 (94091cd)",
};

/* FOR_ALL_WASI_FUNCTIONS; for wasi_unstable and wasi_snapshot_preview1 alike. */
static const struct {
    const char *name;
    enum since since;
} wasi_functions[] = {
    {"fd_write", ALWAYS},
    {"fd_read", ALWAYS},
    {"fd_seek", ALWAYS},
    {"fd_close", ALWAYS},
    {"fd_fdstat_get", ALWAYS},
    {"environ_get", ALWAYS},
    {"environ_sizes_get", ALWAYS},
    {"args_get", ALWAYS},
    {"args_sizes_get", ALWAYS},
    {"clock_time_get", ALWAYS},
    {"random_get", ALWAYS},
    {"proc_exit", ALWAYS},
    {"path_open", ALWAYS},
    {"fd_prestat_get", ALWAYS},
    {"fd_prestat_dir_name", ALWAYS},
    {"fd_fdstat_set_flags", SINCE_GO},
    {"sched_yield", SINCE_GO},
    {"poll_oneoff", SINCE_GO},
    {"fd_fdstat_set_rights", SINCE_ALL_OF_WASI},
    {"clock_res_get", SINCE_ALL_OF_WASI},
    {"fd_advise", SINCE_ALL_OF_WASI},
    {"fd_allocate", SINCE_ALL_OF_WASI},
    {"fd_datasync", SINCE_ALL_OF_WASI},
    {"fd_filestat_get", SINCE_ALL_OF_WASI},
    {"fd_filestat_set_size", SINCE_ALL_OF_WASI},
    {"fd_filestat_set_times", SINCE_ALL_OF_WASI},
    {"fd_pread", SINCE_ALL_OF_WASI},
    {"fd_pwrite", SINCE_ALL_OF_WASI},
    {"fd_readdir", SINCE_ALL_OF_WASI},
    {"fd_renumber", SINCE_ALL_OF_WASI},
    {"fd_sync", SINCE_ALL_OF_WASI},
    {"fd_tell", SINCE_ALL_OF_WASI},
    {"path_create_directory", SINCE_ALL_OF_WASI},
    {"path_filestat_get", SINCE_ALL_OF_WASI},
    {"path_filestat_set_times", SINCE_ALL_OF_WASI},
    {"path_link", SINCE_ALL_OF_WASI},
    {"path_readlink", SINCE_ALL_OF_WASI},
    {"path_remove_directory", SINCE_ALL_OF_WASI},
    {"path_rename", SINCE_ALL_OF_WASI},
    {"path_symlink", SINCE_ALL_OF_WASI},
    {"path_unlink_file", SINCE_ALL_OF_WASI},
    {"sock_accept", SINCE_ALL_OF_WASI},
    {"sock_recv", SINCE_ALL_OF_WASI},
    {"sock_send", SINCE_ALL_OF_WASI},
    {"sock_shutdown", SINCE_ALL_OF_WASI},
};

/* Of the module "env": FOR_ALL_HOST_FUNCTIONS with "proxy_" before, and registerCallbacks(). */
static const struct env_function {
    const char *name;
    unsigned abi; /* a set: with which versions it is there */
    bool higress; /* nowhere else */
} env_functions[] = {
    {"pthread_equal", ABI_ANY, false},
    {"emscripten_notify_memory_growth", ABI_ANY, false},
    {"proxy_log", ABI_ANY, false},
    {"proxy_get_status", ABI_ANY, false},
    {"proxy_set_property", ABI_ANY, false},
    {"proxy_get_property", ABI_ANY, false},
    {"proxy_send_local_response", ABI_ANY, false},
    {"proxy_get_shared_data", ABI_ANY, false},
    {"proxy_set_shared_data", ABI_ANY, false},
    {"proxy_register_shared_queue", ABI_ANY, false},
    {"proxy_resolve_shared_queue", ABI_ANY, false},
    {"proxy_dequeue_shared_queue", ABI_ANY, false},
    {"proxy_enqueue_shared_queue", ABI_ANY, false},
    {"proxy_get_header_map_value", ABI_ANY, false},
    {"proxy_add_header_map_value", ABI_ANY, false},
    {"proxy_replace_header_map_value", ABI_ANY, false},
    {"proxy_remove_header_map_value", ABI_ANY, false},
    {"proxy_get_header_map_pairs", ABI_ANY, false},
    {"proxy_set_header_map_pairs", ABI_ANY, false},
    {"proxy_get_header_map_size", ABI_ANY, false},
    {"proxy_get_buffer_status", ABI_ANY, false},
    {"proxy_get_buffer_bytes", ABI_ANY, false},
    {"proxy_set_buffer_bytes", ABI_ANY, false},
    {"proxy_http_call", ABI_ANY, false},
    {"proxy_grpc_call", ABI_ANY, false},
    {"proxy_grpc_stream", ABI_ANY, false},
    {"proxy_grpc_close", ABI_ANY, false},
    {"proxy_grpc_cancel", ABI_ANY, false},
    {"proxy_grpc_send", ABI_ANY, false},
    {"proxy_set_tick_period_milliseconds", ABI_ANY, false},
    {"proxy_get_current_time_nanoseconds", ABI_ANY, false},
    {"proxy_define_metric", ABI_ANY, false},
    {"proxy_increment_metric", ABI_ANY, false},
    {"proxy_record_metric", ABI_ANY, false},
    {"proxy_get_metric", ABI_ANY, false},
    {"proxy_set_effective_context", ABI_ANY, false},
    {"proxy_done", ABI_ANY, false},
    {"proxy_call_foreign_function", ABI_ANY, false},
    {"proxy_get_configuration", ABI_0_1_0, false},
    {"proxy_continue_request", ABI_0_1_0, false},
    {"proxy_continue_response", ABI_0_1_0, false},
    {"proxy_clear_route_cache", ABI_0_1_0, false},
    {"proxy_continue_stream", ABI_0_2_0 | ABI_0_2_1 | ABI_0_2_100, false},
    {"proxy_close_stream", ABI_0_2_0 | ABI_0_2_1 | ABI_0_2_100, false},
    {"proxy_get_log_level", ABI_0_2_1 | ABI_0_2_100, false},
    {"proxy_redis_init", ABI_ANY, true},
    {"proxy_redis_call", ABI_ANY, true},
    {"proxy_get_upstream_hosts", ABI_ANY, true},
    {"proxy_inject_encoded_data_to_filter_chain", ABI_ANY, true},
    {"proxy_set_upstream_override_host", ABI_ANY, true},
};

static const struct env_function *find_env(const char *name)
{
    for (size_t i = 0; i < COUNT(env_functions); i++) {
        if (strcmp(env_functions[i].name, name) == 0)
            return &env_functions[i];
    }
    return NULL;
}

static bool is_wasi(const char *module)
{
    return strcmp(module, WASI) == 0 || strcmp(module, "wasi_unstable") == 0;
}

/* Whether it is in the list, and since when. */
static bool find_wasi(const char *name, enum since *since)
{
    for (size_t i = 0; i < COUNT(wasi_functions); i++) {
        if (strcmp(wasi_functions[i].name, name) == 0) {
            *since = wasi_functions[i].since;
            return true;
        }
    }
    return false;
}

/* Memories and tables are made for whoever imports them. */
static bool has(enum proxy proxy, const struct version *version, const struct module_import *import,
                enum since *since)
{
    *since = ALWAYS;
    if (import->kind != EXTERN_FUNC)
        return import->kind == EXTERN_MEMORY || import->kind == EXTERN_TABLE;
    if (is_wasi(import->module))
        return find_wasi(import->name, since);
    if (strcmp(import->module, "env") != 0)
        return false;
    const struct env_function *function = find_env(import->name);
    return function && (function->abi & version->bit) &&
           (!function->higress || proxy == PROXY_HIGRESS);
}

/* --- Imports --- */

static bool begins_with(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* What to do about an import that is missing. */
static char *import_advice(const struct version *version, const struct module_import *import)
{
    bool env = strcmp(import->module, "env") == 0;
    const struct env_function *function = env ? find_env(import->name) : NULL;
    if (import->kind != EXTERN_FUNC)
        return mem_printf("link it into the module: proxies give no %s",
                          import->kind == EXTERN_GLOBAL ? "globals" : "tags");
    if (function && function->higress)
        return mem_dup("leave it out: only Higress has that function");
    if (function)
        return mem_printf("build it with the SDK of one ABI version: a module of %s does not get "
                          "that function",
                          version->name);
    if (is_wasi(import->module))
        return mem_dup("leave out what needs it (files, sockets, threads), or build with a "
                       "toolchain that proxy-wasm SDKs support");
    if (begins_with(import->module, "wasi"))
        return mem_dup("build for WASI preview 1 (wasip1): proxies have no other");
    if (begins_with(import->module, "__wbindgen") || strcmp(import->module, "go") == 0 ||
        strcmp(import->module, "gojs") == 0 || begins_with(import->name, "syscall/js."))
        return mem_dup("build for WASI (wasip1), not for a browser");
    return mem_dup("link that function into the module: the proxy has none of that name");
}

static void refuse_imports(enum proxy proxy, const struct module *module,
                           const struct version *version, const struct module_import *first,
                           struct proxy_verdict *out)
{
    AUTO(buf_release) struct buf text = BUF_INIT(TEXT_MAX);
    size_t missing = 0;
    for (size_t i = 0; i < module->import_count; i++) {
        const struct module_import *import = &module->imports[i];
        enum since since;
        if (has(proxy, version, import, &since) || missing++ >= SHOWN_MAX)
            continue;
        buf_printf(&text, "%s%.200s.%.200s", missing > 1 ? ", " : "", import->module, import->name);
        if (import->kind != EXTERN_FUNC)
            buf_printf(&text, " (a %s)", module_kind_name(import->kind));
    }
    if (missing > SHOWN_MAX)
        buf_printf(&text, " and %zu more", missing - SHOWN_MAX);
    out->because = mem_printf("missing import: %s", buf_text(&text));
    out->next = import_advice(version, first);
}

/* Whether each import is there; otherwise says so. */
static bool check_imports(enum proxy proxy, const struct module *module,
                          const struct version *version, struct proxy_verdict *out)
{
    const struct module_import *youngest = NULL;
    enum since least = ALWAYS;
    for (size_t i = 0; i < module->import_count; i++) {
        const struct module_import *import = &module->imports[i];
        enum since since;
        if (!has(proxy, version, import, &since)) {
            refuse_imports(proxy, module, version, import, out);
            return false;
        }
        if (since > least) {
            least = since;
            youngest = import;
        }
    }
    /* Higress has had them all since April 2025. */
    if (youngest && proxy == PROXY_ENVOY)
        out->note = mem_printf("%s.%s needs a proxy whose proxy-wasm-cpp-host is of %s or later: "
                               "older ones say \"missing import\"",
                               youngest->module, youngest->name, since_words[least]);
    return true;
}

/* --- All of it --- */

static bool exports_function(const struct module *module, const char *name)
{
    for (size_t i = 0; i < module->export_count; i++) {
        if (module->exports[i].kind == EXTERN_FUNC && strcmp(module->exports[i].name, name) == 0)
            return true;
    }
    return false;
}

void proxy_judge(enum proxy proxy, const struct module *module, struct proxy_verdict *out)
{
    *out = (struct proxy_verdict){0};
    const struct version *version = find_version(proxy, module);
    if (!version) {
        refuse_version(proxy, module, out);
        return;
    }
    out->abi = version->name;
    if (!check_imports(proxy, module, version, out))
        return;
    if (!exports_function(module, "malloc") &&
        !exports_function(module, "proxy_on_memory_allocate")) {
        out->because = mem_dup("the module exports neither malloc nor proxy_on_memory_allocate: "
                               "\"Wasm module is missing malloc function\"");
        out->next = mem_dup("export one of them: SDKs do, unless the linker drops it");
        return;
    }
    out->loads = true;
}
