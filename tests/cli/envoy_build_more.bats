#!/usr/bin/env bats
# C, C++ and AssemblyScript, from source to a running filter: real compilers, and a real Envoy that
# loads their modules.

load helper
load envoy
load toolchains

setup() {
    scratch
    unset CC WASI_SDK_PATH PROXY_WASM_CPP_SDK
    REF=$REGISTRY/envoy/filter:v1
}

@test "envoy: runs a C filter of the bare ABI, without attributes" {
    use_clang
    copy_of tests/filters/header-c
    build c source
    assert_stderr_contains "clang --target=wasm32-wasi"
    refute_stderr_contains "level=warning"
    assert_runs
}

@test "envoy: runs one C file, by the name of the file, with flags of its folder and of the user" {
    use_clang
    copy_of tests/filters/header-c
    printf '# what the filter needs\n-Iinclude\n\n  -DVALUE="hello"  \n' >source/compile_flags.txt
    mkdir source/include
    echo '#define NAME "x-wasme"' >source/include/name.h
    sed -i 's/"x-wasme", 7, "hello"/NAME, 7, VALUE/; s/#include <stdint.h>/&\n#include "name.h"/' source/filter.c
    echo '#error "another program"' >source/other.c
    build c source/filter.c -O3 '-DVALUE="hullo"' -Wno-macro-redefined
    assert_stderr_contains "\$ cd source && clang "
    envoy_config "{local: {filename: $PWD/filter.wasm}}" >envoy.yaml
    start_envoy
    assert_equal "$(header)" "200 hullo"
}

@test "envoy: runs a C++ filter of two files, and leaves a test out" {
    use_cpp
    copy_of tests/filters/header-cpp
    build cpp source
    assert_stderr_contains "host_test.cc is left out"
    assert_stderr_contains "-fno-exceptions -fno-rtti"
    refute_stderr_contains "level=warning"
    assert_runs
}

@test "envoy: runs C and C++ in one filter, of the folder src" {
    use_cpp
    mkdir -p source/src
    cp "$ROOT"/tests/filters/header-cpp/* source/src
    echo 'const char *value(void) { return "hello"; }' >source/src/value.c
    sed -i 's/^static std::map.*/extern "C" const char *value();\nstatic std::map<std::string, std::string> headers{{"x-wasme", value()}};/
        s/value + "lo"/value/' source/src/filter.cc
    build c source
    assert_runs
}
