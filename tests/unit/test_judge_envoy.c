/* What Envoy, and proxies that are Envoy, load and refuse. */
#include "unit.h"

#include "judging.h"

#define WASI "wasi_snapshot_preview1"
#define ABI "f:proxy_abi_version_0_2_1/: "
#define LOG "i:env.proxy_log/iii:i "
#define REST " f:malloc/i:i m:memory/1"

static void loads_what_is_right(void **state)
{
    (void)state;
    static const struct judging cases[] = {
        {"envoy", LOG ABI REST, HOST_LOADS, {"-"}},
        {"envoy", ABI "f:proxy_on_memory_allocate/i:i m:any/1", HOST_LOADS, {"-"}},
        {"envoy", "im:a.b/1 it:a.c i:env.proxy_done/:i " ABI "f:malloc/i:i", HOST_LOADS, {"-"}},
        {"envoy", "i:wasi_unstable.fd_write/iiii:i " ABI REST, HOST_LOADS, {"-"}},
        {"envoy", ABI REST " f:proxy_on_request_headers/iii:i", HOST_LOADS, {"-"}},
        {"envoy", ABI REST " f:proxy_on_whatever/i:", HOST_LOADS, {"never calls: proxy_on_whate"}},
        {"envoy", ABI "f:malloc/i:i", HOST_LOADS, {"-"}}, /* no call needs the memory */
        {"envoy", ABI REST " s:", HOST_LOADS, {"-"}},
        {"envoy", ABI REST " g:_start g:counter", HOST_LOADS, {"-"}},
        {"envoy", ABI "f:malloc/i:i m:memory/16384", HOST_LOADS, {"-"}},
        {"istio:1.30", LOG ABI REST, HOST_LOADS, {"-"}},
        {"istio:1.32", ABI REST, HOST_LOADS, {"-"}},
        {"envoy-gateway", ABI REST, HOST_LOADS, {"-"}},
    };
    check_judgings(cases, COUNT(cases));
}

static void markers_decide(void **state)
{
    (void)state;
    static const char missing[] = "Missing or unknown Proxy-Wasm ABI version";
    static const struct judging cases[] = {
        {"envoy", "f:malloc/i:i m:memory/1", HOST_REFUSES, {missing, "proxy_abi_version_*"}},
        {"envoy", "g:proxy_abi_version_0_2_1" REST, HOST_REFUSES, {missing}},
        {"envoy",
         "f:proxy_abi_version_0_3_0/:" REST,
         HOST_REFUSES,
         {missing, "v0.1.0, v0.2.0 and"}},
        {"envoy", "f:proxy_abi_version_0_2_100/:" REST, HOST_REFUSES, {missing, "Higress"}},
        {"envoy", "f:proxy_abi_version_0_2_1/i:" REST, HOST_LOADS, {"-"}},
        {"envoy",
         "i:env.proxy_get_configuration/ii:i f:proxy_abi_version_0_2_1/: "
         "f:proxy_abi_version_0_1_0/:" REST,
         HOST_REFUSES,
         {"missing import: env.proxy_get_configuration", "of one ABI version"}},
        {"envoy",
         "i:env.proxy_get_configuration/ii:i f:proxy_abi_version_0_1_0/: "
         "f:proxy_abi_version_0_2_1/:" REST,
         HOST_LOADS,
         {"-"}},
        {"higress", "f:proxy_abi_version_0_2_100/:" REST, HOST_LOADS, {NULL}},
    };
    check_judgings(cases, COUNT(cases));
}

static void imports_have_types(void **state)
{
    (void)state;
    static const struct judging cases[] = {
        {"envoy",
         "i:env.proxy_log2/iii:i " ABI REST,
         HOST_REFUSES,
         {"Failed to load Wasm module due to a missing import: env.proxy_log2"}},
        {"envoy",
         "i:env.proxy_log/ii:i " ABI REST,
         HOST_REFUSES,
         {"import type mismatch: env.proxy_log, want: i32 i32 -> i32, but host exports: "
          "i32 i32 i32 -> i32",
          "declare the function as i32 i32 i32 -> i32"}},
        {"envoy",
         "i:" WASI ".path_link/iiiiiii:i " ABI REST,
         HOST_REFUSES,
         {"import type mismatch: wasi_snapshot_preview1.path_link", "leave out os.Link"}},
        {"envoy", "i:" WASI ".path_symlink/iiiii:i " ABI REST, HOST_REFUSES, {"os.Symlink"}},
        {"envoy:1.38",
         "i:" WASI ".path_link/iiiiiii:i " ABI REST,
         HOST_REFUSES,
         {"missing import: wasi_snapshot_preview1.path_link", "leave out os.Link"}},
        {"envoy:1.38",
         "i:" WASI ".fd_filestat_get/ii:i " ABI REST,
         HOST_REFUSES,
         {"missing import", "use envoy 1.39 or later, or leave out what reads or writes files"}},
        {"envoy:1.39", "i:" WASI ".fd_filestat_get/ii:i " ABI REST, HOST_LOADS, {"-"}},
        {"envoy:1.32", "i:" WASI ".poll_oneoff/iiii:i " ABI REST, HOST_REFUSES, {"1.32.13"}},
        {"envoy:1.32.13", "i:" WASI ".poll_oneoff/iiii:i " ABI REST, HOST_LOADS, {"-"}},
        {"istio:1.24", "i:" WASI ".sched_yield/:i " ABI REST, HOST_REFUSES, {"use istio 1.25"}},
        {"istio:1.30", "i:" WASI ".fd_pread/iiiIi:i " ABI REST, HOST_REFUSES, {"use istio 1.31"}},
        {"envoy-gateway:1.8",
         "i:" WASI ".fd_sync/i:i " ABI REST,
         HOST_REFUSES,
         {"envoy-gateway 1.9"}},
        {"envoy", "i:" WASI ".proc_raise/i:i " ABI REST, HOST_REFUSES, {"leave out what calls it"}},
        {"envoy",
         "i:" WASI ".sock_accept/iii:i " ABI REST,
         HOST_LOADS,
         {"return an error in Envoy"}},
        {"envoy", "i:env.proxy_redis_call/iiiii:i " ABI REST, HOST_REFUSES, {"Higress has that"}},
        {"envoy", "ig:env.x " ABI REST, HOST_REFUSES, {"missing import: env.x", "(a global)"}},
        {"envoy", "i:wasi.thread-spawn/i:i " ABI REST, HOST_REFUSES, {"preview 1"}},
        {"envoy", "i:gojs.runtime.wasmExit/i: " ABI REST, HOST_REFUSES, {"not for a browser"}},
        {"envoy",
         "i:a.1/: i:a.2/: i:a.3/: i:a.4/: i:a.5/: i:a.6/: " ABI REST,
         HOST_REFUSES,
         {"a.4, a.5 and 1 more"}},
    };
    check_judgings(cases, COUNT(cases));
}

static void memories_and_tables_have_limits(void **state)
{
    (void)state;
    static const struct judging cases[] = {
        {"envoy",
         ABI "f:malloc/i:i m:memory/16385",
         HOST_REFUSES,
         {"Failed to create new Wasm instance", "16385 pages"}},
        {"envoy", "im:env.memory/16385 " ABI "f:malloc/i:i", HOST_REFUSES, {"16385 pages"}},
        {"envoy", "im:env.memory/1s " ABI "f:malloc/i:i", HOST_REFUSES, {"shared memory"}},
        {"envoy", "it:a.b it:a.c " ABI REST, HOST_REFUSES, {"more than one table"}},
        {"envoy", LOG ABI "f:malloc/i:i m:/1 f:proxy_on_log/i:@0", HOST_REFUSES, {"SIGSEGV"}},
        {"envoy", LOG ABI "f:malloc/i:i f:_initialize/:@0", HOST_REFUSES, {"no memory"}},
        {"envoy", LOG ABI "f:malloc/i:i f:proxy_on_log/i:?0", HOST_UNKNOWN, {"SIGSEGV"}},
        {"envoy", LOG ABI "f:malloc/i:i f:proxy_on_nothing/i:@0", HOST_LOADS, {NULL}},
        {"envoy", "i:env.proxy_done/:i " ABI "f:malloc/i:i f:proxy_on_log/i:@0", HOST_LOADS, {"-"}},
        {"envoy", ABI REST " f:a/v:", HOST_REFUSES, {"exports the func a", "v128", "SIGTRAP"}},
        {"envoy", "i:env.a/v: " ABI REST, HOST_REFUSES, {"imports the func a"}},
        {"envoy", ABI REST " f:a/r:", HOST_LOADS, {"-"}},
        {"envoy", "ie:env.t " ABI REST, HOST_REFUSES, {"imports the tag t", "SIGTRAP"}},
        {"envoy:1.36", ABI REST " e:__cpp_exception", HOST_REFUSES, {"exports the tag __cpp"}},
    };
    check_judgings(cases, COUNT(cases));
}

static void exports_have_types(void **state)
{
    (void)state;
    static const struct judging cases[] = {
        {"envoy", ABI "m:memory/1", HOST_REFUSES, {"Wasm module is missing malloc function."}},
        {"envoy",
         ABI "f:malloc/I:i f:proxy_on_memory_allocate/i:i m:memory/1",
         HOST_REFUSES,
         {"Bad function signature for: malloc, want: i32 -> i32, but the module exports: i64 -> "}},
        {"envoy",
         ABI REST " f:proxy_on_request_headers/ii:i",
         HOST_REFUSES,
         {"Bad function signature for: proxy_on_request_headers", "the SDK of ABI v0.2.1"}},
        {"envoy",
         "f:proxy_abi_version_0_1_0/:" REST " f:proxy_on_request_headers/ii:i",
         HOST_LOADS,
         {"-"}},
        {"envoy",
         "f:proxy_abi_version_0_1_0/:" REST " f:proxy_on_request_headers/iii:i",
         HOST_REFUSES,
         {"Bad function signature"}},
        {"envoy", ABI REST " f:proxy_on_tick/i:i", HOST_REFUSES, {"Bad function signature"}},
        {"envoy",
         ABI REST " f:_start/i:",
         HOST_REFUSES,
         {"signature for: _start, want: void -> v"}},
        {"envoy", ABI REST " f:_start/i: f:_initialize/:", HOST_LOADS, {"runs _initialize only"}},
        {"envoy", ABI REST " f:_initialize/: f:main/:", HOST_REFUSES, {"signature for: main"}},
        {"envoy", ABI REST " f:main/:", HOST_LOADS, {"-"}},
        {"envoy", ABI REST " f:_initialize/: f:__main_void/:", HOST_REFUSES, {"__main_void"}},
        {"envoy:1.38", ABI REST " f:_initialize/: f:__main_void/:", HOST_LOADS, {"-"}},
    };
    check_judgings(cases, COUNT(cases));
}

static void starts_are_followed(void **state)
{
    (void)state;
    static const struct judging cases[] = {
        {"envoy", LOG ABI REST " s:@0", HOST_REFUSES, {"dies of that"}},
        {"envoy", LOG ABI REST " s:?0", HOST_UNKNOWN, {"may call env.proxy_l"}},
        {"envoy", LOG ABI REST " s:^0", HOST_LOADS, {"-"}},
        {"envoy", ABI REST " s:!", HOST_REFUSES, {"Failed to create new Wasm instance"}},
        {"envoy",
         ABI REST " f:_start/:!",
         HOST_REFUSES,
         {"Function: _start failed: Uncaught RuntimeError: unreachable"}},
        {"envoy", LOG ABI REST " f:_start/:@0", HOST_LOADS, {"-"}},
        {"envoy",
         "i:env.proxy_set_tick_period_milliseconds/i:i " ABI REST " f:_initialize/:@0",
         HOST_REFUSES,
         {"Function: _initialize failed: Uncaught Error: restricted_callback"}},
        {"envoy",
         "i:env.proxy_get_log_level/i:i " ABI REST " f:_initialize/:?0",
         HOST_LOADS,
         {"-"}},
        {"envoy",
         "i:" WASI ".proc_exit/i: " ABI REST " f:_start/:@0",
         HOST_REFUSES,
         {"restricted_callback", "as a library (reactor)"}},
        {"envoy:1.38",
         "i:" WASI ".poll_oneoff/iiii:i " ABI REST " f:_initialize/:@0",
         HOST_REFUSES,
         {"restricted_callback"}},
        {"envoy:1.39",
         "i:" WASI ".poll_oneoff/iiii:i " ABI REST " f:_initialize/:@0",
         HOST_LOADS,
         {"-"}},
        {"envoy", ABI REST " f:_initialize/: f:_start/:!", HOST_LOADS, {"_initialize only"}},
        {"envoy", ABI REST " f:_initialize/: f:main/ii:i!", HOST_REFUSES, {"main always traps"}},
    };
    check_judgings(cases, COUNT(cases));
}

static void commands_may_exit(void **state)
{
    (void)state;
    static const char go[] = "i:" WASI ".proc_exit/i: " ABI REST " c:go:buildid f:_start/:";
    static const char go_library[] =
        "i:" WASI ".proc_exit/i: " ABI REST " c:go:buildid f:_initialize/:";
    static const char maybe[] = "i:" WASI ".proc_exit/i: " ABI REST " f:_start/:?0";
    static const char library[] = "i:" WASI ".proc_exit/i: " ABI REST " f:_initialize/:?0";
    static const struct judging cases[] = {
        {"envoy", go, HOST_REFUSES, {"restricted_callback", "go build -buildmode=c-shared"}},
        {"envoy", go_library, HOST_LOADS, {"-"}},
        {"envoy", maybe, HOST_UNKNOWN, {"may end with proc_exit", "TinyGo by -buildmode"}},
        {"envoy", library, HOST_LOADS, {"-"}},
    };
    check_judgings(cases, COUNT(cases));
}

static void first_callbacks_have_to_succeed(void **state)
{
    (void)state;
    static const struct judging cases[] = {
        {"envoy",
         ABI REST " f:proxy_on_configure/ii:i=0",
         HOST_REFUSES,
         {"Failed to configure base Wasm plugin"}},
        {"envoy",
         ABI REST " f:proxy_on_vm_start/ii:i=0",
         HOST_REFUSES,
         {"Failed to start base Wasm"}},
        {"envoy", ABI REST " f:proxy_on_vm_start/ii:i=7", HOST_LOADS, {"-"}},
        {"envoy",
         ABI REST " f:proxy_on_context_create/ii:!",
         HOST_LOADS,
         {"proxy_on_context_create always traps"}},
        {"envoy", ABI REST " f:proxy_on_log/i:!", HOST_LOADS, {"-"}},
    };
    check_judgings(cases, COUNT(cases));
}

static void engines_have_features(void **state)
{
    (void)state;
    static const struct judging cases[] = {
        {"envoy:1.31",
         "i:env.x/: " ABI REST " f:a/:+tail",
         HOST_REFUSES,
         {"Failed to load Wasm bytecode", "tail calls", "use envoy 1.32.9 or later"}},
        {"envoy:1.33", ABI REST " f:a/:+simd", HOST_LOADS, {"-"}},
        {"envoy:1.33", "i:wasi_unstable.proc_exit/i: " ABI REST " f:a/:+simd", HOST_LOADS, {"-"}},
    };
    check_judgings(cases, COUNT(cases));
}

static void go_may_trap_in_malloc(void **state)
{
    (void)state;
    static const char go[] = "i:" WASI ".poll_oneoff/iiii:i " ABI REST " c:go:buildid";
    static const struct judging cases[] = {
        {"envoy:1.38", go, HOST_LOADS, {"malloc of a Go module may trap"}},
        {"envoy:1.39", go, HOST_LOADS, {"-"}},
        {"envoy:1.38", "i:" WASI ".poll_oneoff/iiii:i " ABI REST, HOST_LOADS, {"-"}},
        {"higress:2.1", go, HOST_LOADS, {"-"}},
    };
    check_judgings(cases, COUNT(cases));
}

static void higress_has_its_own(void **state)
{
    (void)state;
    static const struct judging cases[] = {
        {"higress:2.1", "i:env.proxy_redis_call/iiiii:i " ABI REST, HOST_LOADS, {"-"}},
        {"higress:2.1", "i:" WASI ".path_rename/iiiiii:i " ABI REST, HOST_REFUSES, {"os.Rename"}},
        {"higress:2.1", "i:" WASI ".fd_pread/iiiIi:i " ABI REST, HOST_LOADS, {"-"}},
        {"higress:2.1",
         ABI REST " f:proxy_on_redis_call_response/iiii:i",
         HOST_REFUSES,
         {"signature for: proxy_on_redis_call_response"}},
        {"higress:2.1",
         "i:env.emscripten_notify_memory_growth/i: " ABI REST " f:_initialize/:@0",
         HOST_REFUSES,
         {"restricted_callback"}},
        {"higress:2.1",
         "i:" WASI ".poll_oneoff/iiii:i " ABI REST " f:_initialize/:@0",
         HOST_LOADS,
         {"-"}},
        {"higress", ABI REST, HOST_LOADS, {"-"}},
    };
    check_judgings(cases, COUNT(cases));
}

#define TABLE ABI REST " t:2"

static void segments_fit(void **state)
{
    (void)state;
    static const struct judging cases[] = {
        {"envoy", ABI REST " xd:0041000b0178", HOST_LOADS, {"-"}},
        {"envoy", ABI REST " xd:0041ffff030b0178", HOST_LOADS, {"-"}},
        {"envoy", ABI REST " xd:00418080040b0178", HOST_REFUSES, {"outside its memory: 1 from 65"}},
        /* 65,535 + 1, and what a global says */
        {"envoy", ABI REST " xd:0041ffff0341016a0b0178", HOST_REFUSES, {"1 from 65536 on"}},
        {"envoy", ABI REST " xd:004180800441016b0b0178", HOST_LOADS, {"-"}},
        {"envoy", ABI REST " g:base xd:0023000b0178", HOST_UNKNOWN, {"is computed"}},
        {"envoy",
         ABI REST " g:base xd:0023000b0178 xd:00418080040b0178",
         HOST_REFUSES,
         {"outside its memory"}},
        {"envoy", TABLE " xe:0041010b0100", HOST_LOADS, {"-"}},
        {"envoy", TABLE " xe:0041020b0100", HOST_REFUSES, {"outside its table: 1 from 2 on, of 2"}},
        {"envoy", TABLE " g:base xe:0023000b0100", HOST_UNKNOWN, {"is computed"}},
        /* (ref null func), of which an entry is an expression */
        {"envoy", TABLE " xe:060041010b637001d2000b", HOST_LOADS, {"-"}},
        {"envoy", TABLE " xe:060041020b637001d2000b", HOST_REFUSES, {"1 from 2 on"}},
        {"envoy", TABLE " xe:0441000b01d2000b xe:0041020b0100", HOST_REFUSES, {"1 from 2 on"}},
        {"envoy", TABLE " xe:057001d0700b xe:0041020b0100", HOST_REFUSES, {"1 from 2 on"}},
    };
    check_judgings(cases, COUNT(cases));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(loads_what_is_right),   cmocka_unit_test(markers_decide),
        cmocka_unit_test(imports_have_types),    cmocka_unit_test(memories_and_tables_have_limits),
        cmocka_unit_test(exports_have_types),    cmocka_unit_test(starts_are_followed),
        cmocka_unit_test(commands_may_exit),     cmocka_unit_test(first_callbacks_have_to_succeed),
        cmocka_unit_test(engines_have_features), cmocka_unit_test(go_may_trap_in_malloc),
        cmocka_unit_test(higress_has_its_own),   cmocka_unit_test(segments_fit),
    };
    return cmocka_run_group_tests_name("judge_envoy", tests, NULL, NULL);
}
