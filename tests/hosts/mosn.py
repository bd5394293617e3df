#!/usr/bin/env python3
"""Asks wazero 1.2.1 about modules, with MOSN's rules and functions: mosn.py - FOLDER [NAME...].

The Go program in mosn/ does what MOSN does; each line of this script's output is as of envoy.py.
"""

import os
import shutil
import subprocess
import tempfile

import functions as fn
import verdicts

HERE = os.path.dirname(os.path.abspath(__file__))
LACKS_010 = (
    "proxy_get_header_map_size",
    "proxy_get_buffer_status",
    "proxy_get_status",
    "proxy_send_local_response",
    "proxy_grpc_stream",
    "proxy_grpc_send",
    "proxy_grpc_cancel",
    "proxy_grpc_close",
    "pthread_equal",
    "emscripten_notify_memory_growth",
)
SHARED_020 = (
    "proxy_log",
    "proxy_set_effective_context",
    "proxy_close_stream",
    "proxy_get_buffer_bytes",
    "proxy_get_header_map_pairs",
    "proxy_get_header_map_value",
    "proxy_replace_header_map_value",
    "proxy_http_call",
)
OF_010 = {
    **{title: kind for title, kind in fn.ENV.items() if title not in LACKS_010},
    **fn.MOSN_010,
}
OF_020 = {
    **{title: kind for title, kind in {**fn.ENV, **fn.ENV_02X}.items() if title in SHARED_020},
    **fn.MOSN_020,
}
READ_MEMORY = (
    "proxy_call_foreign_function",
    "proxy_define_metric",
    "proxy_enqueue_shared_queue",
    "proxy_get_current_time_nanoseconds",
    "proxy_get_property",
    "proxy_get_shared_data",
    "proxy_http_call",
    "proxy_log",
    "proxy_register_shared_queue",
    "proxy_set_property",
    "proxy_set_shared_data",
)


def write_functions(path):
    with open(path, "w", encoding="utf-8") as file:
        for marker, table in (
            ("proxy_abi_version_0_1_0", OF_010),
            ("proxy_abi_version_0_2_0", OF_020),
            ("proxy_abi_mosn_version_0_2_0", OF_010),
        ):
            for title, kind in table.items():
                print(
                    marker,
                    title,
                    kind,
                    "memory" if title in READ_MEMORY else "-",
                    sep="\t",
                    file=file,
                )


def build(folder):
    if not shutil.which("go"):
        raise verdicts.Absent("there is no Go to build wazero with")
    program = os.path.join(folder, "mosn")
    done = subprocess.run(
        ["go", "build", "-buildvcs=false", "-o", program, "."],
        cwd=os.path.join(HERE, "mosn"),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise verdicts.Absent(
            "wazero 1.2.1 was not built: " + done.stderr.strip().splitlines()[-1]
        )
    return program


def judge(_, modules):
    names = {path: name for name, path in modules}
    with tempfile.TemporaryDirectory(prefix="wasme-hosts.") as folder:
        program, table = build(folder), os.path.join(folder, "functions")
        write_functions(table)
        left, found = list(names), {}
        while left:
            done = subprocess.run([program, table, *left[:100]], capture_output=True, check=False)
            lines = done.stdout.decode(errors="replace").splitlines()
            for line in lines:
                path, verdict, words = line.split("\t")
                found[names[path]] = (verdict, words)
            left = left[len(lines) :]
            if (
                done.returncode and left and len(lines) < 100
            ):  # a fault that Go does not recover from
                found[names[left.pop(0)]] = ("crashes", done.stderr.decode().split("\n")[0])
    return {name: found[name] for name in names.values()}


if __name__ == "__main__":
    verdicts.main(judge)
