#!/usr/bin/env bats
# From source to a running filter: real compilers, and a real Envoy that loads their modules.

load helper
load envoy
load toolchains

setup() {
    scratch
    unset CARGO_TARGET_DIR CARGO_BUILD_TARGET GOFLAGS GOTOOLCHAIN
    REF=$REGISTRY/envoy/filter:v1
}

@test "envoy: runs the Rust example" {
    use_cargo
    copy_of examples/add-header
    build cargo source
    assert_runs
}

@test "envoy: runs the Go example" {
    use_go
    copy_of examples/add-header-go
    build go source
    assert_runs
}

@test "envoy: runs the TinyGo example, a reactor" {
    use_tinygo
    copy_of examples/add-header-tinygo
    build tinygo source
    assert_stderr_contains "-target=wasip1 -buildmode=c-shared ."
    assert_runs
}

@test "envoy: one source runs with Go and with TinyGo, when main is empty" {
    use_tinygo
    copy_of examples/add-header-go
    build tinygo source
    assert_stderr_contains "-buildmode=c-shared ."
    assert_runs
}

# All steps of a user: source, registry, the store of a second machine, serve, and an Envoy that
# fetches by digest; each POST of the filter arrives at an upstream.
@test "envoy: a filter of the tetratelabs SDK, from source to its POSTs every half second" {
    skip_unless nginx
    use_tinygo
    copy_of tests/filters/tick-post
    use_modules source
    build tinygo source
    assert_stderr_contains "-target=wasip1 -buildmode=wasi-legacy ."
    refute_stderr_contains "level=warning"
    sha256=$(sha256_of filter.wasm)
    try push "$REF"
    assert_status 0
    try pull "$REF" --store second
    assert_status 0
    start_serve "$REF" --store second
    start_nginx <<END
    server { listen 127.0.0.1:@PORT@; location /tick { return 200; } }
END
    envoy_config "{remote: {sha256: '$sha256', http_uri: {
        uri: '$SERVE_URL/filter.wasm', cluster: wasme, timeout: 5s}}}" \
        "$(envoy_cluster wasme "${SERVE_URL##*:}"), $(envoy_cluster upstream "${NGINX##*:}")" >envoy.yaml
    start_envoy
    wait_until 20 posts_are 1
    began=$(date +%s%3N)
    first=$(count_nginx ' POST /tick 200 ')
    wait_until 20 posts_are $((first + 8))
    # Envoy runs the filter in two of its threads: 8 calls of each half second take two seconds.
    [[ $(($(date +%s%3N) - began)) -ge 1500 ]]
    assert_equal "$(header)" "200 hello"
    try_command grep -i wasm "$BACKGROUND_LOG.err"
    refute_output_contains "error"
}

posts_are() {
    [[ $(grep -c ' POST /tick 200 ' "$NGINX_LOG") -ge $1 ]]
}

@test "envoy: the mode that the user gives wins, and its consequence is told" {
    use_tinygo
    copy_of tests/filters/tick-post
    use_modules source
    build tinygo source -buildmode=c-shared
    refute_stderr_contains "wasi-legacy"
    assert_stderr_contains "main is never called in a filter of -buildmode=c-shared: initialise in func init()"
    refute_runs "Function: proxy_on_context_create failed"
    build tinygo source -buildmode=default
    assert_stderr_contains "a module of -buildmode=default ends when main returns"
    refute_runs "Function: _start failed: Uncaught Error: restricted_callback"
    # The build as the warning advises.
    sed -i 's/^func main() {/func main() {}\n\nfunc init() {/' source/main.go
    build tinygo source
    assert_stderr_contains "-buildmode=c-shared ."
    refute_stderr_contains "level=warning"
    assert_runs
}

@test "envoy: exports by go:wasmexport and a main that does something are warned of" {
    use_tinygo
    copy_of examples/add-header-go
    sed -i 's/^func main() {}/func main() { println("set up") }/' source/main.go
    build tinygo source
    assert_stderr_contains "-buildmode=c-shared ."
    assert_stderr_contains "the only mode for exports by //go:wasmexport: initialise in func init()"
    assert_runs
    build tinygo source -buildmode=wasi-legacy
    assert_stderr_contains "cannot be called once main has returned"
    refute_runs "failed"
}

# assert_refused HOST VERDICT ADVICE: check's answer about filter.wasm
assert_refused() {
    try check filter.wasm --host "$1"
    assert_status 1
    assert_output_contains "$2: because "
    assert_output_contains "; do: $3"
}

assert_mended() { # HOST
    try check filter.wasm --host "$1"
    assert_status 0
    assert_output_contains "will load: ABI"
}

# add_section HEX: a custom section at the end of filter.wasm, its bytes behind its id and size
add_section() {
    local bytes
    read -ra bytes <<<"$1"
    put_bytes 00 "$(printf %02x "${#bytes[@]}")" "${bytes[@]}" >>filter.wasm
}

@test "envoy: a section of names that it refuses, and what check tells to do" {
    skip_unless wasm-strip
    cp "$ROOT/examples/add-header.wasm" filter.wasm
    add_section "04 6e 61 6d 65 01 7f" # "name": functions in 127 bytes, which are not there
    assert_refused envoy "will not load" "build the module again, or remove the section: wasm-strip FILE"
    refute_runs "Failed to parse corrupted Wasm module"
    wasm-strip filter.wasm
    assert_mended envoy
    assert_runs
}

@test "check: an empty section at the end, which MOSN cannot read, and what check tells to do" {
    skip_unless wasm-strip
    python3 "$ROOT/tests/cli/make_module.py" filter.wasm "import env.proxy_log iii:i" "export proxy_abi_version_0_1_0 :" \
        "export malloc i:i" "export proxy_on_context_create ii:" "memory 1"
    add_section "01 78" # "x"
    assert_refused mosn "will not load" "remove the section: wasm-strip FILE"
    wasm-strip filter.wasm
    assert_mended mosn
}

@test "envoy: a command of Go, and what check tells to do" {
    use_go
    copy_of examples/add-header-go
    (cd source && GOOS=wasip1 GOARCH=wasm go build -o ../filter.wasm .)
    assert_refused envoy "will not load" "build it as a library: go build -buildmode=c-shared (Go 1.24 or later)"
    refute_runs "Function: _start failed"
    (cd source && GOOS=wasip1 GOARCH=wasm go build -buildmode=c-shared -o ../filter.wasm .)
    assert_mended envoy
    assert_runs
}

@test "envoy: a command of TinyGo, and what check tells to do" {
    use_tinygo
    copy_of examples/add-header-tinygo
    (cd source && tinygo build -target=wasip1 -o ../filter.wasm .)
    assert_refused envoy "cannot be told" "build with \`wasme build tinygo\`, which chooses -buildmode by func main: c-shared when main is empty"
    refute_runs "Function: _start failed"
    (cd source && tinygo build -target=wasip1 -buildmode=c-shared -o ../filter.wasm .)
    assert_mended envoy
    assert_runs
}
