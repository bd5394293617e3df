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

# Debian's compiler in the layout of a wasi-sdk, which has its libraries under the newer name of the
# target.
@test "envoy: runs a C++ filter by the wasi-sdk that WASI_SDK_PATH names" {
    use_cpp
    local resources sysroot=$PWD/sdk/share/wasi-sysroot part
    resources=$(clang -print-resource-dir)
    mkdir -p sdk/bin sdk/resources/lib "$sysroot"/{lib,include}
    ln -s "$resources/include" sdk/resources/
    ln -s "$resources/lib/wasi" sdk/resources/lib/wasip1
    ln -s /usr/lib/wasm32-wasi "$sysroot/lib/wasm32-wasip1"
    ln -s /usr/include/wasm32-wasi "$sysroot/include/wasm32-wasip1"
    printf '#!/bin/sh\nexec %s -resource-dir %s --sysroot=%s "$@"\n' "$(command -v clang)" "$PWD/sdk/resources" \
        "$sysroot" >sdk/bin/clang
    chmod +x sdk/bin/clang
    copy_of tests/filters/header-cpp
    WASI_SDK_PATH=$PWD/sdk build cpp source
    assert_stderr_contains "$PWD/sdk/bin/clang --target=wasm32-wasip1"
    assert_runs
}

@test "envoy: runs an AssemblyScript filter of the bare ABI, by the compiler of the lockfile" {
    copy_of tests/filters/header-assemblyscript
    use_npm source
    build assemblyscript source
    assert_stderr_contains "\$ cd source && npm ci --include=dev"
    assert_stderr_contains "node_modules/.bin/asc assembly/index.ts --optimize --use abort= -o /"
    refute_stderr_contains "level=warning"
    assert_runs
}

# with_configuration TEXT: the configuration of the filter in envoy.yaml.
with_configuration() {
    sed -i 's/^\( *\)root_id: root_id/&\n\1configuration: {"@type": type.googleapis.com\/google.protobuf.StringValue, value: "'"$1"'"}/' \
        envoy.yaml
}

@test "envoy: runs an AssemblyScript filter of the SDK, by the script for one module" {
    copy_of tests/filters/header-proxy-runtime
    use_npm source
    build assemblyscript source
    assert_stderr_contains "package.json has the script asbuild:optimized"
    assert_stderr_contains "\$ cd source && npm run asbuild:optimized"
    envoy_config "{local: {filename: $PWD/filter.wasm}}" >envoy.yaml
    with_configuration some
    start_envoy
    assert_equal "$(header)" "200 hello"
    # The warning about this SDK is true.
    assert_stderr_contains "with @solo-io/proxy-runtime 0.1.8 a filter ends in a trap when the proxy gives it no configuration"
    refute_runs "memory access out of bounds"
}

@test "envoy: of two modules of a script, the optimized one gets into the image" {
    copy_of tests/filters/header-proxy-runtime
    use_npm source
    sed -i 's/"asbuild:/"as:/; s/npm run asbuild:/npm run as:/g' source/package.json
    build assemblyscript source
    assert_stderr_contains "build/untouched.wasm"
    assert_stderr_contains "the image gets build/optimized.wasm"
    cmp filter.wasm source/build/optimized.wasm
    envoy_config "{local: {filename: $PWD/filter.wasm}}" >envoy.yaml
    with_configuration some
    start_envoy
    assert_equal "$(header)" "200 hello"
}
