#!/usr/bin/env bats
# C and C++: what is refused, and with which words. The compiler is the real one; a script between
# wasme and the compiler hides what a machine may lack.

load helper
load toolchains

setup() {
    scratch
    unset CC WASI_SDK_PATH PROXY_WASM_CPP_SDK
    FILTERS=$ROOT/tests/filters
    mkdir bin
    CLANG=$(command -v clang || true)
}

build() {
    local language=$1 source=$2
    shift 2
    try build "$language" "$source" -t filter:v1 -- "$@"
}

# The exit status is 1 or the one given, the error has each part, and nothing is stored.
assert_failed() {
    local part
    assert_status "${FAILED_STATUS:-1}"
    assert_line_count 0
    for part; do
        assert_stderr_contains "$part"
    done
    refute_exists "$(image_dir docker.io/library/filter:v1)"
}

# between 'CASE) COMMAND ;;'...: a clang that answers these arguments itself.
between() {
    printf '#!/bin/sh\ncase "$*" in\n%s\nesac\nexec %s "$@"\n' "$*" "$CLANG" >bin/clang
    chmod +x bin/clang
}

@test "c: no compiler, none that CC names, none in the wasi-sdk, and an old one" {
    try_command env PATH=/nonexistent "$WASME" build c "$FILTERS/header-c" -t filter:v1
    assert_failed "clang: not found in PATH: get a wasi-sdk from https://github.com/WebAssembly/wasi-sdk"
    CC=clang-99 build c "$FILTERS/header-c"
    assert_failed "clang-99, which CC names: not found in PATH: get a wasi-sdk"
    WASI_SDK_PATH=$PWD/nothing build c "$FILTERS/header-c"
    assert_failed "WASI_SDK_PATH names $PWD/nothing, which has no program bin/clang: set the variable"
    use_clang
    between '*--version) echo "Debian clang version 13.0.1-11"; exit ;;'
    PATH=$PWD/bin:$PATH build c "$FILTERS/header-c"
    assert_failed "clang 13 is too old" "get clang 14 or later"
    between '*--version) echo "Apple clang version 15.0.0 (clang-1500.3.9.4)"; exit ;;'
    PATH=$PWD/bin:$PATH build c "$FILTERS/header-c"
    assert_failed "Apple's clang does not build WebAssembly: get a wasi-sdk"
}

@test "c: a relative -o counts from the folder of a source file" {
    use_clang
    cp -r "$FILTERS/header-c" source
    build c source/filter.c -o mine.wasm
    assert_status 0
    cmp source/mine.wasm "$(image_dir docker.io/library/filter:v1)/filter.wasm"
}

@test "c: a compiler without C library, linker, its own library or C++ library names the package" {
    use_cpp
    local version
    version=$(clang --version | sed -n 's/.*clang version \([0-9]*\).*/\1/p')
    PATH=$PWD/bin:$PATH
    between '*-print-file-name=libc.a*) echo libc.a; exit ;;'
    build c "$FILTERS/header-c"
    assert_failed "clang $version has no C library for wasm32-wasi: \`apt install wasi-libc\`, or get a wasi-sdk"
    between '*-print-prog-name=wasm-ld*) echo wasm-ld; exit ;;'
    build c "$FILTERS/header-c"
    assert_failed "clang $version finds no linker wasm-ld: \`apt install lld\`"
    between '*-print-libgcc-file-name*) echo /nonexistent/libclang_rt.builtins-wasm32.a; exit ;;'
    build c "$FILTERS/header-c"
    assert_failed "clang $version has no libclang_rt.builtins for wasm32: \`apt install libclang-rt-$version-dev-wasm32\`"
    between '*-print-file-name=libc++.a*) echo libc++.a; exit ;;'
    build c "$FILTERS/header-cpp"
    assert_failed "clang $version has no C++ library for wasm32-wasi: \`apt install libc++-$version-dev-wasm32"
    build c "$FILTERS/header-c"
    assert_status 0
}

@test "c: sources that cannot be built" {
    mkdir empty made
    build c empty
    assert_failed "source empty: no C or C++ file there or in src/: name the folder with the filter's .c, .cc or .cpp files"
    touch made/CMakeLists.txt made/filter_test.cc
    build cpp made
    assert_failed "source made: no C or C++ file there or in src/; it has a CMakeLists.txt: build with that"
    build c missing
    assert_failed "source missing: No such file or directory"
    build c "$ROOT/examples/add-header.wasm"
    assert_failed "wasme build precompiled"
    echo '#include "proxy_wasm_intrinsics.h"' >empty/filter.cc
    build cpp empty
    assert_failed "source empty includes proxy_wasm_intrinsics.h, and the proxy-wasm C++ SDK is not in it: get it from https://github.com/proxy-wasm/proxy-wasm-cpp-sdk"
}

@test "c: code that does not compile or link, and a filter without ABI" {
    use_clang
    cp -r "$FILTERS/header-c" source
    echo 'int broken(' >source/broken.c
    build c source
    assert_failed "broken.c:1:" "clang ended with status 1: see its output above"
    echo 'int helper(void); int proxy_on_tick(int x) { return x + helper(); }' >source/broken.c
    build c source
    assert_failed "clang ended with status 1: " "undefined symbol: helper: define the function in one of the files"
    printf '#include "nothing.h"\n' >source/broken.c
    build c source
    assert_failed "'nothing.h' file not found: name the folder of the header with -I behind --, or in compile_flags.txt"
    rm source/broken.c
    FAILED_STATUS=2
    build c source --target=x86_64-linux-gnu
    assert_failed "--target x86_64-linux-gnu behind -- makes no WebAssembly of 32 bits: leave it out"
    build c source -target
    assert_failed '--target "" behind -- makes no WebAssembly'
    FAILED_STATUS=1
    build c source -fno-such-flag
    assert_failed "unknown argument: '-fno-such-flag': change that flag"
    sed -i 's/proxy_abi_version/my_version/' source/filter.c
    build c source
    assert_failed "the module that c made exports no ABI version" "define a function proxy_abi_version_0_2_1"
    refute_stderr_contains "level=warning" # which would say the same twice
    build c source -oelsewhere.wasm
    assert_failed "clang ended well and wrote no file /" "leave out the flags behind -- that lead its output elsewhere"
    sed -i 's/my_version/proxy_abi_version/' source/filter.c
    build c source/filter.c -o elsewhere.wasm
    assert_status 0
    refute_stderr_contains "filter.wasm "
    assert_exists source/elsewhere.wasm
}

@test "c: names of files are no flags" {
    use_clang
    cp -r "$FILTERS/header-c" source
    mv source/filter.c 'source/-o x.c'
    echo '-fsyntax-only' >source/@flags.c
    build c source
    assert_failed "@flags.c:1:1: error"
    rm source/@flags.c
    build c source
    assert_status 0
    assert_stderr_contains "'./-o x.c'"
}

# The SDK's sources are no part of this project; these two files have its shape.
sdk() {
    mkdir -p "$1"
    echo 'extern "C" unsigned proxy_on_response_headers(unsigned, unsigned, unsigned);' >"$1/proxy_wasm_intrinsics.h"
    printf '#include "proxy_wasm_intrinsics.h"\nextern "C" void proxy_abi_version_0_2_1() { errno = 0; }\n' \
        >"$1/proxy_wasm_intrinsics.cc"
}

@test "cpp: the SDK is found in the folder, by -I, by compile_flags.txt and by its variable" {
    use_cpp
    mkdir source
    printf '#include "proxy_wasm_intrinsics.h"\nunsigned proxy_on_response_headers(unsigned, unsigned, unsigned) { return 0; }\n' \
        >source/filter.cc
    sdk elsewhere
    PROXY_WASM_CPP_SDK=$PWD/elsewhere build cpp source
    assert_status 0
    assert_stderr_contains "-I$PWD/elsewhere -include errno.h"
    assert_stderr_contains "filter.cc $PWD/elsewhere/proxy_wasm_intrinsics.cc"
    build cpp source -I ../elsewhere
    assert_status 0
    assert_stderr_contains "filter.cc ../elsewhere/proxy_wasm_intrinsics.cc"
    build cpp source -I../elsewhere ../elsewhere/proxy_wasm_intrinsics.cc
    assert_status 0
    refute_stderr_contains "filter.cc ../elsewhere/proxy_wasm_intrinsics.cc"
    echo "-I../elsewhere" >source/compile_flags.txt
    build cpp source
    assert_status 0
    assert_stderr_contains "filter.cc ../elsewhere/proxy_wasm_intrinsics.cc"
    rm source/compile_flags.txt
    sdk source/third_party/proxy-wasm-cpp-sdk
    build cpp source
    assert_status 0
    assert_stderr_contains "filter.cc ./third_party/proxy-wasm-cpp-sdk/proxy_wasm_intrinsics.cc"
    sdk source
    rm -r source/third_party
    build cpp source
    assert_status 0
    assert_stderr_contains "filter.cc proxy_wasm_intrinsics.cc -lc++"
}

@test "c: the same source gives the same module" {
    use_clang
    build c "$FILTERS/header-c"
    local first=$output
    build c "$FILTERS/header-c"
    assert_equal "$output" "$first"
}

@test "cpp: exceptions, and a flag that switches them on" {
    use_cpp
    mkdir source
    echo 'extern "C" int proxy_on_tick(int x) { if (x) throw 1; return x; }' >source/filter.cc
    build cpp source
    assert_failed "cannot use 'throw' with exceptions disabled: a filter has no exceptions"
    build cpp source -fexceptions
    assert_failed "undefined symbol: __cxa_" ": a filter has no exceptions: leave out -fexceptions"
}
