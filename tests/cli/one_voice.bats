#!/usr/bin/env bats
# What check says of a module, build says of the same source: the reason, the host's words, and the
# way out with the toolchain, which real compilers and a real Envoy follow.

load helper
load envoy
load toolchains

setup() {
    scratch
    unset CARGO_TARGET_DIR CARGO_BUILD_TARGET GOFLAGS GOTOOLCHAIN RUSTFLAGS
}

# build LANGUAGE [OPTION...]: builds the folder source; a module that is stored goes to filter.wasm.
build() {
    local language=$1
    shift
    try build "$language" source -t filter:v1 "$@"
    [[ $status != 0 ]] || cp "$(image_dir docker.io/library/filter:v1)/filter.wasm" filter.wasm
}

# assert_same_words HOST REASON FIX: the build of before and a check of filter.wasm have the
# same words behind "because", and these contain the reason and end with the fix.
assert_same_words() {
    local words
    words=$(grep "$1[: ].* filter:v1: because " <<<"$stderr" | sed 's/.*: because //; s/"$//; s/\\"/"/g')
    [[ $words == *"$2"*"; do: $3" ]] || complain "build has not: because $2 ...; do: $3"
    try check filter.wasm --host "$1"
    [[ $(grep "^$1[: ]" <<<"$output" | sed 's/.*: because //') == "$words" ]] ||
        complain "check has not the words of build: $words"
}

assert_no_warning() {
    assert_status 0
    refute_stderr_contains "level=warning"
}

# go_call STATEMENT PACKAGE: the Go example, with the statement in a callback.
go_call() {
    rm -rf source
    cp -r "$ROOT/examples/add-header-go" source
    sed -i "s/^package main/&\n\nimport \"$2\"/" source/main.go
    printf '\n//go:wasmexport proxy_on_tick\nfunc onTick(context uint32) { %s }\n' "$1" >>source/main.go
}

@test "go: os.Link, which no Envoy takes" {
    use_go
    go_call '_ = os.Link("a", "b")' os
    build go
    assert_status 0
    assert_same_words envoy "the module imports wasi_snapshot_preview1.path_link" \
        "leave out os.Link and os.Symlink, in the packages that the filter imports, too"
    refute_runs "import type mismatch: wasi_snapshot_preview1.path_link"
    rm -rf source
    cp -r "$ROOT/examples/add-header-go" source
    build go --require envoy
    assert_no_warning
    assert_runs
}

@test "go: files, before the Envoy that has their functions" {
    use_go
    go_call '_, _ = os.ReadFile("a")' os
    build go
    assert_no_warning
    assert_runs
    build go --require envoy:1.36
    assert_status 1
    assert_same_words envoy:1.36 "Envoy 1.36 does not have what the module imports: wasi_snapshot_preview1.fd_" \
        "use envoy 1.39 or later, or leave out what reads or writes files"
}

@test "cargo: files, and the target without WASI" {
    use_cargo
    [[ $TARGET == wasm32-wasi* ]] || skip "this Rust has no library for WASI"
    cp -r "$ROOT/examples/add-header" source
    sed -i '/^strip/d' source/Cargo.toml
    sed -i '0,/pub extern "C" fn proxy_on_vm_start[^{]*{/s//&\n    let _ = std::fs::rename("a", "b");/' source/src/lib.rs
    build cargo
    assert_status 0
    build cargo --require envoy:1.36
    assert_status 1
    assert_same_words envoy:1.36 "Envoy 1.36 does not have what the module imports: wasi_snapshot_preview1." \
        "use envoy 1.39 or later, or leave out os.Rename and the like, or build with \`-- --target wasm32-unknown-unknown\`, whose library asks for nothing of WASI"
    build cargo --require envoy:1.36 -- --target wasm32-unknown-unknown
    assert_no_warning
    assert_runs
}

@test "cargo: a feature that the engine lacks" {
    use_cargo
    cp -r "$ROOT/examples/add-header" source
    sed -i '/^strip/d' source/Cargo.toml
    mkdir source/.cargo
    printf '[build]\nrustflags = ["-C", "target-feature=+atomics"]\n' >source/.cargo/config.toml
    cat >>source/src/lib.rs <<'END'

static CALLS: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);

#[no_mangle]
pub extern "C" fn proxy_on_tick(_context: u32) {
    CALLS.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
}
END
    build cargo
    assert_status 0
    build cargo --require apisix
    assert_status 1
    assert_same_words apisix "the module uses threads" \
        "build the module without threads, or take \`-C target-feature=+...\` out of RUSTFLAGS and .cargo/config.toml: RUSTFLAGS='-C target-cpu=mvp' has the fewest features"
    RUSTFLAGS='-C target-cpu=mvp' build cargo --require apisix
    assert_no_warning
    assert_runs
}

@test "tinygo: a module that ends with main" {
    use_tinygo
    cp -r "$ROOT/tests/filters/tick-post" source
    use_modules source
    build tinygo -- -buildmode=default
    assert_status 0
    assert_same_words envoy "_start may end with proc_exit" \
        "build with \`wasme build tinygo\`, which chooses -buildmode by func main: c-shared when main is empty (initialise in func init()), else wasi-legacy, which keeps the module alive when main returns (TinyGo 0.36 or later)"
    refute_runs "Function: _start failed: Uncaught Error: restricted_callback"
    build tinygo --require envoy
    assert_no_warning
    assert_runs
}

@test "tinygo: a host that never calls _initialize" {
    use_tinygo
    cp -r "$ROOT/examples/add-header-tinygo" source
    sed -i s/proxy_abi_version_0_2_1/proxy_abi_version_0_1_0/ source/main.go
    build tinygo --require mosn
    assert_status 0
    assert_stderr_contains "mosn:1.6: MOSN never calls _initialize"
    assert_stderr_contains "with TinyGo: build with \`-- -buildmode=wasi-legacy\`, which makes a _start that calls main"
    try check filter.wasm --host mosn
    assert_status 0
    assert_output_contains "with TinyGo: build with \`-- -buildmode=wasi-legacy\`, which makes a _start that calls main"
    build tinygo --require mosn -- -buildmode=wasi-legacy
    assert_no_warning
    try check filter.wasm --host mosn
    assert_status 0
    refute_output_contains "_initialize"
}

@test "go, tinygo: no ABI version" {
    use_tinygo
    use_go
    local fix
    for language in go tinygo; do
        rm -rf source
        cp -r "$ROOT/examples/add-header-$language" source
        sed -i '/^\/\/.*proxy_abi_version/,+1d' source/main.go
        build $language
        assert_status 1
        fix=$(sed -n 's/^wasme: the module that .* made exports no ABI version, so that no proxy would load it: //p' <<<"$stderr")
        build $language -c <(golden_config /dev/stdout)
        assert_status 0
        try check filter.wasm --host envoy
        assert_status 1
        assert_output_contains "the module exports no function proxy_abi_version_*"
        assert_output_contains "; do: $fix"
        [[ $fix == *SDK* ]]
    done
    refute_runs "Missing or unknown Proxy-Wasm ABI version"
}
