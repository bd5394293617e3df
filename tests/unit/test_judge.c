/* The other hosts. */
#include "unit.h"

#include "judging.h"
#include "module/host/table.h"
#include "wasm_builder.h"

#define WASI "wasi_snapshot_preview1"
#define ABI "f:proxy_abi_version_0_2_1/: "
#define REST " f:malloc/i:i m:memory/1"
#define CONFIGURE " f:proxy_on_configure/ii:i"
#define CONTEXT " f:proxy_on_context_create/ii:"
#define OLD "f:proxy_abi_version_0_1_0/: "

static void mosn_has_rules(void **state)
{
    (void)state;
    static const struct judging cases[] = {
        {"mosn", "i:env.proxy_log/iii:i " OLD REST CONTEXT, HOST_LOADS, {"-"}},
        {"mosn",
         "i:env.proxy_log/iii:i " ABI REST CONTEXT,
         HOST_REFUSES,
         {"module[env] not instantiated", "ABI v0.1.0"}},
        {"mosn", REST CONTEXT, HOST_REFUSES, {"panic: runtime error: index out of range"}},
        {"mosn", OLD "f:proxy_abi_version_0_2_0/:" REST CONTEXT, HOST_REFUSES, {"exactly one"}},
        {"mosn",
         "i:env.proxy_send_local_response/iiiiiiii:i " OLD REST CONTEXT,
         HOST_REFUSES,
         {"\"proxy_send_local_response\" is not exported in module \"env\""}},
        {"mosn",
         "i:env.proxy_get_property/iiii:i f:proxy_abi_version_0_2_0/:" REST CONTEXT,
         HOST_REFUSES,
         {"is not exported in module", "an SDK for ABI v0.1.0"}},
        {"mosn",
         "i:env.proxy_resolve_shared_queue/iiiii:i " OLD REST CONTEXT,
         HOST_REFUSES,
         {"signature mismatch"}},
        {"mosn",
         "i:env.proxy_define_metric/iiii:i " OLD REST CONTEXT,
         HOST_LOADS,
         {"return an error in MOSN: proxy_define_metric"}},
        {"mosn", "i:wasi_unstable.fd_write/iiii:i " OLD REST CONTEXT, HOST_LOADS, {"-"}},
        {"mosn",
         "i:wasi_unstable.fd_write/iiii:i f:proxy_abi_version_0_2_0/:" REST CONTEXT,
         HOST_REFUSES,
         {"module[wasi_unstable] not instantiated"}},
        {"mosn", "im:env.memory/1 " OLD "f:malloc/i:i" CONTEXT, HOST_REFUSES, {"env.memory"}},
        {"mosn", "ig:env.g " OLD REST CONTEXT, HOST_REFUSES, {"env.g"}},
        {"mosn", OLD REST CONTEXT " f:_initialize/:!", HOST_LOADS, {"never calls _initialize"}},
        {"mosn", OLD REST CONTEXT " f:_start/:i", HOST_LOADS, {"-"}},
        {"mosn", OLD REST CONTEXT " f:_start/i:", HOST_REFUSES, {"_start has the type i32 ->"}},
        {"mosn",
         "i:" WASI ".proc_exit/i: " OLD REST CONTEXT " f:_start/:@0",
         HOST_UNKNOWN,
         {"each later call fails"}},
        {"mosn", OLD REST CONTEXT " f:_start/:!", HOST_REFUSES, {"_start always traps"}},
        {"mosn",
         OLD REST CONTEXT " f:proxy_on_request_headers/ii:i",
         HOST_LOADS,
         {"calls proxy_on_request_headers as i32 i32 i32 -> i32"}},
        {"mosn",
         OLD REST CONTEXT " f:proxy_on_tick/i:",
         HOST_LOADS,
         {"never calls: proxy_on_tick"}},
        {"mosn",
         OLD REST CONTEXT CONFIGURE,
         HOST_LOADS,
         {"never calls: proxy_on_configure", "in a second call of proxy_on_vm_start", "digit 0"}},
        {"mosn", OLD REST CONTEXT " f:proxy_on_vm_start/ii:i", HOST_LOADS, {"-"}},
        {"mosn",
         "f:proxy_abi_version_0_2_0/:" REST CONTEXT CONFIGURE,
         HOST_LOADS,
         {"never calls: proxy_on_configure"}},
        {"mosn",
         OLD REST,
         HOST_LOADS,
         {"note: proxy_on_context_create is not exported", "NewFilter fail to create context"}},
        {"mosn",
         "i:env.proxy_log/iii:i " OLD REST CONTEXT " f:_start/:@0",
         HOST_REFUSES,
         {"nil p"}},
        {"mosn", "i:env.proxy_log/iii:i " OLD REST CONTEXT " f:_start/:?0", HOST_LOADS, {"-"}},
        {"mosn", OLD REST CONTEXT " c:empty", HOST_REFUSES, {"empty, which MOSN cannot read"}},
        {"mosn",
         "i:env.proxy_log/iii:i " OLD REST CONTEXT " f:a/iii:i+tail",
         HOST_REFUSES,
         {"tail calls"}},
        {"mosn",
         "i:env.proxy_log/iii:i " OLD REST CONTEXT " s:@0",
         HOST_REFUSES,
         {"start section"}},
    };
    check_judgings(cases, COUNT(cases));
}

#define CODEC                                                                                      \
    "f:proxy_abi_mosn_version_0_2_0/: f:proxy_decode_buffer_bytes/iii:i "                          \
    "f:proxy_encode_buffer_bytes/iii:i f:proxy_keepalive_buffer_bytes/iI:i "                       \
    "f:proxy_reply_keepalive_buffer_bytes/iii:i "

static void codecs_are_known(void **state)
{
    (void)state;
    static const struct judging cases[] = {
        {"mosn",
         "i:env.proxy_set_buffer_bytes/iiiii:i " CODEC "f:proxy_hijack_buffer_bytes/iiii:i" REST,
         HOST_LOADS,
         {"-"}},
        {"mosn",
         CODEC "f:proxy_hijack_buffer_bytes/iii:i" REST,
         HOST_LOADS,
         {"calls proxy_hijack_buffer_bytes as i32 i32 i32 i32 -> i32"}},
        {"mosn",
         CODEC "f:proxy_hijack_buffer_bytes/iiii:i f:proxy_on_vm_start/ii:i" CONFIGURE REST,
         HOST_LOADS,
         {"-"}},
        {"mosn", CODEC REST, HOST_LOADS, {"unknown func proxy_hijack_buffer_bytes"}},
        {"envoy", CODEC REST, HOST_REFUSES, {"proxy_abi_mosn_version_0_2_0 is for MOSN"}},
    };
    check_judgings(cases, COUNT(cases));
}

static void apisix_has_rules(void **state)
{
    (void)state;
    static const struct judging cases[] = {
        {"apisix", "i:env.proxy_log/iii:i " ABI REST CONFIGURE, HOST_LOADS, {"-"}},
        {"apisix", REST CONFIGURE, HOST_LOADS, {"-"}},
        {"apisix",
         "i:env.proxy_get_metric/ii:i " ABI REST CONFIGURE,
         HOST_REFUSES,
         {"incompatible import type for `env::proxy_get_metric`", "the reading of metrics"}},
        {"apisix",
         "i:env.proxy_get_log_level/i:i " ABI REST CONFIGURE,
         HOST_REFUSES,
         {"unknown import: `env::proxy_get_log_level` has not been defined"}},
        {"apisix",
         ABI "f:malloc/i:i m:mem/1" CONFIGURE,
         HOST_REFUSES,
         {"the wasm plugin doesn't export memory"}},
        {"apisix", ABI REST, HOST_REFUSES, {"failed to configure plugin context"}},
        {"apisix", ABI REST " f:proxy_on_configure/ii:i=0", HOST_REFUSES, {"failed to configure"}},
        {"apisix", ABI REST " f:proxy_on_configure/i:i", HOST_REFUSES, {"another type"}},
        {"apisix", ABI "m:memory/1" CONFIGURE, HOST_LOADS, {"exports no malloc"}},
        {"apisix",
         "i:env.proxy_done/:i i:env.proxy_grpc_close/i:i " ABI REST CONFIGURE,
         HOST_LOADS,
         {"return an error in APISIX: proxy_done, proxy_grpc_close"}},
        {"apisix",
         "i:env.proxy_define_metric/iiii:i " ABI REST CONFIGURE,
         HOST_LOADS,
         {"do nothing in APISIX: proxy_define_metric"}},
        {"apisix",
         ABI REST CONFIGURE " f:proxy_on_request_body/iii:i",
         HOST_LOADS,
         {"wasm_process_req_body"}},
        {"apisix",
         ABI REST CONFIGURE " f:proxy_on_log/i: f:proxy_on_vm_start/ii:i",
         HOST_LOADS,
         {"never calls: proxy_on_log, proxy_on_vm_start"}},
        {"apisix",
         OLD REST CONFIGURE " f:proxy_on_request_headers/iii:i",
         HOST_LOADS,
         {"each call fails"}},
        {"apisix", OLD ABI REST CONFIGURE " f:proxy_on_request_headers/iii:i", HOST_LOADS, {"-"}},
        {"apisix", ABI REST CONFIGURE " f:_start/: f:_initialize/:!", HOST_LOADS, {"_start only"}},
        {"apisix",
         "i:" WASI ".proc_exit/i: " ABI REST CONFIGURE " f:_start/:@0",
         HOST_REFUSES,
         {"ends with proc_exit"}},
        {"apisix", ABI REST CONFIGURE " f:_initialize/:!", HOST_REFUSES, {"always traps"}},
        {"apisix",
         "i:" WASI ".sock_recv/iiiiii:i " ABI REST CONFIGURE " f:_start/:@0",
         HOST_REFUSES,
         {"_start calls wasi_snapshot_preview1.sock_recv, and APISIX traps"}},
        {"apisix", "i:env.proxy_log/iii:i " ABI REST CONFIGURE " s:@0", HOST_REFUSES, {"SIGSEGV"}},
        {"apisix", "i:env.proxy_log/iii:i " ABI REST CONFIGURE " f:_start/:@0", HOST_LOADS, {"-"}},
        {"apisix", ABI REST CONFIGURE " f:_start/i:", HOST_REFUSES, {"_start has the type"}},
        {"apisix",
         "i:wasi_unstable.sock_accept/iii:i " ABI REST CONFIGURE,
         HOST_REFUSES,
         {"unknown import: `wasi_unstable::sock_accept`"}},
        {"apisix",
         "im:env.memory/1 " ABI "f:malloc/i:i" CONFIGURE,
         HOST_REFUSES,
         {"unknown import"}},
        {"apisix", "ie:env.t " ABI REST CONFIGURE, HOST_REFUSES, {"failed to new module"}},
    };
    check_judgings(cases, COUNT(cases));
}

static void programs_run_in_wasmedge(void **state)
{
    (void)state;
    static const struct judging cases[] = {
        {"wasmedge", "i:" WASI ".fd_write/iiii:i f:_start/: m:memory/1", HOST_LOADS, {"-"}},
        {"wasmedge", "i:" WASI ".sock_accept/iii:i f:_start/: m:memory/1", HOST_LOADS, {"-"}},
        {"wasmedge", "i:" WASI ".sock_accept/ii:i f:_start/: m:memory/1", HOST_LOADS, {"-"}},
        {"wasmedge",
         "i:" WASI ".sock_accept/i:i f:_start/: m:memory/1",
         HOST_REFUSES,
         {"incompatible import type"}},
        {"wasmedge:0.14",
         "i:" WASI ".sock_accept/i:i f:_start/: m:memory/1",
         HOST_UNKNOWN,
         {"may ac"}},
        {"wasmedge", "f:_initialize/i: f:a/:", HOST_REFUSES, {"called without parameters"}},
        {"wasmedge", "i:" WASI ".sock_accept_v2/iii:i f:_start/: m:memory/1", HOST_LOADS, {"-"}},
        {"wasmedge",
         "i:wasi_unstable.fd_write/iiii:i f:_start/: m:memory/1",
         HOST_REFUSES,
         {"unknown import"}},
        {"wasmedge", "i:env.proxy_log/iii:i " ABI REST, HOST_REFUSES, {"unknown import"}},
        {"wasmedge", "f:add/ii:i", HOST_LOADS, {"name a function"}},
        {"wasmedge:0.15",
         "i:" WASI ".sched_yield/:i f:_start/: f:a/:i+tail",
         HOST_REFUSES,
         {"tail calls", "use wasmedge 0.16 or later"}},
        {"wasmedge:0.16", "i:" WASI ".sched_yield/:i f:_start/: f:a/:i+tail", HOST_LOADS, {"-"}},
    };
    check_judgings(cases, COUNT(cases));
}

#define KONG REST CONFIGURE CONTEXT " f:proxy_on_vm_start/ii:i"

static void kong_has_rules(void **state)
{
    (void)state;
    static const struct judging cases[] = {
        {"kong", "i:env.proxy_log/iii:i " ABI KONG, HOST_LOADS, {"-"}},
        {"kong", "f:proxy_abi_version_vnext/:" KONG, HOST_REFUSES, {"unknown ABI version"}},
        {"kong", "i:env.proxy_get_log_level/i:i " ABI KONG, HOST_REFUSES, {"incompatible import"}},
        {"kong",
         "i:env.proxy_get_buffer_status/iii:i " ABI KONG,
         HOST_REFUSES,
         {"failed importing \"env.proxy_get_buffer_status\": missing host function"}},
        {"kong", "i:env.proxy_done/:i " ABI KONG, HOST_LOADS, {"trap in Kong: proxy_done"}},
        {"kong",
         ABI "m:memory/1" CONFIGURE CONTEXT " f:proxy_on_vm_start/ii:i",
         HOST_REFUSES,
         {"filter missing malloc"}},
        {"kong",
         ABI REST CONFIGURE CONTEXT " f:proxy_on_vm_start/ii:i=0",
         HOST_REFUSES,
         {"on_vm_start failure"}},
        {"kong", ABI REST CONFIGURE CONTEXT, HOST_REFUSES, {"proxy_on_vm_start is not exported"}},
        {"kong",
         ABI "f:malloc/i:i m:mem/1" CONFIGURE CONTEXT " f:proxy_on_vm_start/ii:i",
         HOST_LOADS,
         {"-"}},
        {"kong",
         ABI "f:malloc/i:i" CONFIGURE CONTEXT " f:proxy_on_vm_start/ii:i",
         HOST_REFUSES,
         {"exports no memory"}},
        {"kong", ABI KONG " f:_initialize/: f:_start/:!", HOST_LOADS, {"-"}},
        {"kong", ABI KONG " f:_start/:! f:_initialize/:", HOST_REFUSES, {"_start always traps"}},
        {"kong", ABI KONG " f:proxy_on_queue_ready/ii:", HOST_LOADS, {"never calls"}},
    };
    check_judgings(cases, COUNT(cases));
}

static void google_is_a_guess(void **state)
{
    (void)state;
    static const char google[] = "google-service-extensions";
    static const struct judging cases[] = {
        {google, "i:env.proxy_log/iii:i " ABI REST, HOST_LOADS, {"-"}},
        {google, ABI "f:malloc/i:i m:memory/257", HOST_REFUSES, {"257 pages"}},
        {google, "i:env.proxy_http_call/iiiiiiiiii:i " ABI REST, HOST_UNKNOWN, {"not public"}},
        {google, "i:env.proxy_nothing/:i " ABI REST, HOST_UNKNOWN, {"proxy_nothing"}},
        {google, "i:" WASI ".fd_pread/iiiIi:i " ABI REST, HOST_UNKNOWN, {"fd_pread"}},
        {google, "f:malloc/i:i m:memory/1", HOST_UNKNOWN, {"proxy_abi_version_*"}},
    };
    check_judgings(cases, COUNT(cases));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mosn_has_rules),   cmocka_unit_test(codecs_are_known),
        cmocka_unit_test(apisix_has_rules), cmocka_unit_test(programs_run_in_wasmedge),
        cmocka_unit_test(kong_has_rules),   cmocka_unit_test(google_is_a_guess),
    };
    return cmocka_run_group_tests_name("judge", tests, NULL, NULL);
}
