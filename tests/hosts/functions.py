"""The functions that modules import, with their types; and the callbacks that modules export.

i, I, f, F stand for i32, i64, f32, f64; "ii:i" is (i32, i32) -> i32.
"""


def table(text):
    return {
        title: line.split()[0] for line in text.strip().splitlines() for title in line.split()[1:]
    }


# WASI preview 1, as wasi-libc declares it.
WASI = table("""
:i sched_yield
i: proc_exit
i:i fd_close fd_datasync fd_sync proc_raise
iI:i fd_filestat_set_size
iII:i fd_allocate fd_fdstat_set_rights
iIIi:i fd_advise fd_filestat_set_times
iIi:i clock_time_get
iIii:i fd_seek
ii:i args_get args_sizes_get clock_res_get environ_get environ_sizes_get fd_fdstat_get
ii:i fd_fdstat_set_flags fd_filestat_get fd_prestat_get fd_renumber fd_tell random_get sock_shutdown
iii:i fd_prestat_dir_name path_create_directory path_remove_directory path_unlink_file sock_accept
iiiIi:i fd_pread fd_pwrite fd_readdir
iiii:i fd_read fd_write poll_oneoff
iiiiIIi:i path_filestat_set_times
iiiii:i path_filestat_get path_symlink sock_send
iiiiiIIii:i path_open
iiiiii:i path_readlink path_rename sock_recv
iiiiiii:i path_link
""")

# WasmEdge's additions.
WASMEDGE = table("""
ii:i sock_listen sock_listen_v2
iii:i sock_open sock_bind sock_connect sock_accept_v2 sock_open_v2 sock_bind_v2 sock_connect_v2
iii:i sock_getlocaladdr_v2 sock_getpeeraddr_v2
iiii:i sock_getlocaladdr sock_getpeeraddr epoll_oneoff
iiiii:i sock_send_v2 sock_getsockopt sock_setsockopt
iiiiii:i sock_recv_v2
iiiiiii:i sock_recv_from sock_send_to sock_send_to_v2
iiiiiiii:i sock_recv_from_v2 sock_getaddrinfo
""")

# The functions that the SDKs of Proxy-Wasm declare, in every version of the ABI.
ENV = table("""
:i proxy_done
i: emscripten_notify_memory_growth
i:i proxy_grpc_close proxy_grpc_cancel proxy_set_tick_period_milliseconds
i:i proxy_get_current_time_nanoseconds proxy_set_effective_context
iI:i proxy_increment_metric proxy_record_metric
ii:i pthread_equal proxy_get_header_map_size proxy_get_metric
iii:i proxy_log proxy_get_status proxy_register_shared_queue proxy_dequeue_shared_queue
iii:i proxy_enqueue_shared_queue proxy_remove_header_map_value proxy_get_header_map_pairs
iii:i proxy_set_header_map_pairs proxy_get_buffer_status
iiii:i proxy_set_property proxy_get_property proxy_grpc_send proxy_define_metric
iiiii:i proxy_get_shared_data proxy_set_shared_data proxy_resolve_shared_queue
iiiii:i proxy_get_header_map_value proxy_add_header_map_value proxy_replace_header_map_value
iiiii:i proxy_get_buffer_bytes proxy_set_buffer_bytes
iiiiii:i proxy_call_foreign_function
iiiiiiii:i proxy_send_local_response
iiiiiiiii:i proxy_grpc_stream
iiiiiiiiii:i proxy_http_call
iiiiiiiiiiii:i proxy_grpc_call
""")

# Those that belong to one version, or to two.
ENV_010 = table(
    ":i proxy_continue_request proxy_continue_response proxy_clear_route_cache\n"
    "ii:i proxy_get_configuration"
)
ENV_02X = table("i:i proxy_continue_stream proxy_close_stream")
ENV_021 = table("i:i proxy_get_log_level")

HIGRESS = table("""
ii:i proxy_get_upstream_hosts proxy_set_upstream_override_host
iii:i proxy_inject_encoded_data_to_filter_chain
iiiii:i proxy_redis_call
iiiiiii:i proxy_redis_init
""")

# MOSN's own: what its 0.1.0 has besides the SDKs' functions, or with another type, ...
MOSN_010 = table("""
:i proxy_resume_downstream proxy_resume_upstream
:i proxy_resume_http_request proxy_resume_http_response
i:i proxy_cancel_grpc_call proxy_close_grpc_call proxy_remove_metric proxy_remove_shared_queue
iii:i proxy_resolve_shared_queue
iiii:i proxy_send_grpc_call_message
iiiiiii:i proxy_open_grpc_stream
iiiiiiii:i proxy_send_http_response
iiiiiiiiii:i proxy_grpc_call proxy_dispatch_grpc_call proxy_dispatch_http_call
""")
# ... and its 0.2.0, an early draft of vNEXT.
MOSN_020 = table("""
:i proxy_context_finalize
i:i proxy_resume_stream proxy_resume_http_stream proxy_close_http_stream
i:i proxy_delete_shared_kvstore proxy_delete_shared_queue proxy_delete_timer proxy_delete_metric
i:i proxy_cancel_grpc_call proxy_close_grpc_call
iI:i proxy_set_metric_value proxy_increment_metric_value
ii:i proxy_get_metric_value
iii:i proxy_dequeue_shared_queue_item proxy_enqueue_shared_queue_item proxy_create_timer
iii:i proxy_send_grpc_stream_message
iiii:i proxy_open_shared_kvstore proxy_remove_shared_kvstore_key proxy_open_shared_queue
iiii:i proxy_create_metric
iiiii:i proxy_get_buffer proxy_set_buffer proxy_call_custom_function
iiiiii:i proxy_get_shared_kvstore_key_values proxy_set_shared_kvstore_key_values
iiiiii:i proxy_add_shared_kvstore_key_values
iiiiiiii:i proxy_send_http_response
iiiiiiiii:i proxy_open_grpc_stream
iiiiiiiiii:i proxy_dispatch_http_call
iiiiiiiiiiii:i proxy_dispatch_grpc_call
""")

# APISIX: the SDKs' functions without these, and two with types of its own.
APISIX_LACKS = (
    "proxy_get_header_map_size",
    "proxy_get_buffer_status",
    "pthread_equal",
    "emscripten_notify_memory_growth",
)
APISIX = {
    **{
        title: kind
        for title, kind in {**ENV, **ENV_010, **ENV_02X}.items()
        if title not in APISIX_LACKS
    },
    "proxy_get_metric": "iI:i",
    "proxy_send_http_response": "iiiiiiii:i",
}

CALLBACKS = table("""
i: proxy_on_tick proxy_on_log proxy_on_delete
i:i proxy_on_new_connection proxy_on_done
ii: proxy_on_context_create proxy_on_downstream_connection_close
ii: proxy_on_upstream_connection_close proxy_on_queue_ready
ii:i proxy_validate_configuration proxy_on_vm_start proxy_on_configure proxy_on_request_trailers
ii:i proxy_on_request_metadata proxy_on_response_trailers proxy_on_response_metadata
iii: proxy_on_grpc_receive proxy_on_grpc_close proxy_on_grpc_receive_initial_metadata
iii: proxy_on_grpc_receive_trailing_metadata
iii:i proxy_on_downstream_data proxy_on_upstream_data proxy_on_request_body proxy_on_response_body
iiiii: proxy_on_http_call_response
""")
# Their type depends on the version: (2) in 0.1.0; (3) later. The other is new in 0.2.0.
HEADER_CALLBACKS = ("proxy_on_request_headers", "proxy_on_response_headers")
FOREIGN_CALLBACK = ("proxy_on_foreign_function", "iii:")


def wrong(kind, turn):
    """Another type, of a sort that depends on `turn`."""
    params, results = kind.split(":")
    turn %= 4
    if turn == 0:
        return f"{params}i:{results}"
    if turn == 1:
        return f"{params}:{'' if results else 'i'}"
    if turn == 2 and params:
        return f"{'I' if params[0] == 'i' else 'i'}{params[1:]}:{results}"
    return f"{params}:I"
