/* The functions of WASI preview 1 (WebAssembly/WASI, legacy/preview1/witx), with the types that the
 * linker of Wasmtime gives them. */
#include <stddef.h>

#include "module/host/table.h"

const struct host_function wasi_functions[] = {
    {"args_get", "ii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"args_sizes_get", "ii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"clock_res_get", "ii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"clock_time_get", "iIi:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"environ_get", "ii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"environ_sizes_get", "ii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"fd_advise", "iIIi:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"fd_allocate", "iII:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"fd_close", "i:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"fd_datasync", "i:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"fd_fdstat_get", "ii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"fd_fdstat_set_flags", "ii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"fd_fdstat_set_rights", "iII:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"fd_filestat_get", "ii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"fd_filestat_set_size", "iI:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"fd_filestat_set_times", "iIIi:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"fd_pread", "iiiIi:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"fd_prestat_dir_name", "iii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"fd_prestat_get", "ii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"fd_pwrite", "iiiIi:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"fd_read", "iiii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"fd_readdir", "iiiIi:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"fd_renumber", "ii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"fd_seek", "iIii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"fd_sync", "i:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"fd_tell", "ii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"fd_write", "iiii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"path_create_directory", "iii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"path_filestat_get", "iiiii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"path_filestat_set_times", "iiiiIIi:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"path_link", "iiiiiii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"path_open", "iiiiiIIii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"path_readlink", "iiiiii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"path_remove_directory", "iii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"path_rename", "iiiiii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"path_symlink", "iiiii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"path_unlink_file", "iii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"proc_exit", "i:", ABI_ANY, 0, HOST_WORKS, NULL},
    {"random_get", "ii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"sched_yield", ":i", ABI_ANY, 0, HOST_WORKS, NULL},
    {NULL, NULL, 0, 0, HOST_WORKS, NULL},
};

const struct host_function wasi_poll_functions[] = {
    {"poll_oneoff", "iiii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {NULL, NULL, 0, 0, HOST_WORKS, NULL},
};

const struct host_function wasi_raise_functions[] = {
    {"proc_raise", "i:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {NULL, NULL, 0, 0, HOST_WORKS, NULL},
};

const struct host_function wasi_accept_functions[] = {
    {"sock_accept", "iii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {NULL, NULL, 0, 0, HOST_WORKS, NULL},
};

const struct host_function wasi_socket_functions[] = {
    {"sock_recv", "iiiiii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"sock_send", "iiiii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {"sock_shutdown", "ii:i", ABI_ANY, 0, HOST_WORKS, NULL},
    {NULL, NULL, 0, 0, HOST_WORKS, NULL},
};
