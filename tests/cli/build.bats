#!/usr/bin/env bats
# Building: the command for each compiler and version, and sources that are refused. Cargo and Go
# are the real ones when they are installed; tests/fake/tinygo takes the place of TinyGo.

load helper
load toolchains

setup() {
    scratch
    DIR=$BATS_TEST_TMPDIR
    EXAMPLES=$ROOT/examples
    OLD_PATH=$PATH
    export FAKE_TINYGO_LOG=$DIR/argv FAKE_TINYGO_OUTPUT=$EXAMPLES/add-header.wasm
    unset CARGO_TARGET_DIR CARGO_BUILD_TARGET GOFLAGS
    mkdir "$DIR/bin"
    ln -s "$ROOT/tests/fake/tinygo" "$DIR/bin/tinygo"
}

teardown() {
    PATH=$OLD_PATH
    stop_all
}

# build LANGUAGE SOURCE [FLAG...]: the flags are for the compiler.
build() {
    local language=$1 source=$2
    shift 2
    try build "$language" "$source" -t add-header:v1 -- "$@"
}

# Two ways to run wasme: with $DIR/bin first in PATH, and with an empty PATH.
build_with_bin() {
    PATH=$DIR/bin:$PATH build "$@"
}

build_without_tools() {
    try_command env PATH=/nonexistent "$WASME" build "$@" -t add-header:v1
}

assert_built() {
    assert_status 0
    assert_line_count 1
    assert_output_matches '^docker\.io/library/add-header:v1@sha256:[0-9a-f]{64}$'
    assert_exists "$(image_dir docker.io/library/add-header:v1)/filter.wasm"
}

# The exit status is 1, the error has each part, standard output is empty, and so is the store.
assert_failed() {
    local part
    assert_status 1
    assert_line_count 0
    for part; do
        assert_stderr_contains "$part"
    done
    refute_exists "$(image_dir docker.io/library/add-header:v1)"
    assert_equal "$(store_leftovers 2>/dev/null)" ""
}

# A folder with a Go program whose main has the given body.
go_source() {
    mkdir -p "$DIR/src"
    printf 'module example.com/filter\n' >"$DIR/src/go.mod"
    printf 'package main\n\nfunc main() {%s}\n' "$1" >"$DIR/src/main.go"
}

# expect_tinygo VERSION WANTED: WANTED are the arguments between the output and the package.
expect_tinygo() {
    rm -rf "$STORE" "$FAKE_TINYGO_LOG"
    FAKE_TINYGO_VERSION=$1 build_with_bin tinygo "$DIR/src"
    assert_built
    assert_equal "$(sed -n 1,2p "$FAKE_TINYGO_LOG" | tr '\n' ' ')" "build -o "
    [[ $(sed -n 3p "$FAKE_TINYGO_LOG") == /*/filter.wasm ]]
    assert_equal "$(sed 1,3d "$FAKE_TINYGO_LOG" | tr '\n' '|')" "-scheduler=none|$2|.|"
}

@test "tinygo: the classic flags up to 0.26" {
    go_source ' run() '
    expect_tinygo 0.23.0 "-target=wasi|-wasm-abi=generic|-no-debug"
    expect_tinygo 0.26.0 "-target=wasi|-wasm-abi=generic|-no-debug"
}

@test "tinygo: 0.27 to 0.31 take -target=wasi and no -wasm-abi" {
    go_source ''
    expect_tinygo 0.27.0 "-target=wasi"
    expect_tinygo 0.28.1 "-target=wasi"
    expect_tinygo 0.31.2 "-target=wasi"
}

@test "tinygo: nottinygc's collector with 0.28" {
    go_source ' run() '
    printf 'require github.com/wasilibs/nottinygc v0.7.1\n' >>"$DIR/src/go.mod"
    expect_tinygo 0.28.1 "-target=wasi|-gc=custom|-tags=custommalloc nottinygc_finalizer"
    assert_stderr_contains "-gc=custom -tags='custommalloc nottinygc_finalizer' ."
    expect_tinygo 0.27.0 "-target=wasi"
    expect_tinygo 0.31.2 "-target=wasi"
}

@test "tinygo: wasip1 from 0.32, a reactor from 0.35 when main is empty, else the legacy mode from 0.36" {
    go_source ''
    expect_tinygo 0.32.0 "-target=wasip1"
    expect_tinygo 0.35.0 "-target=wasip1|-buildmode=c-shared"
    expect_tinygo 0.39.0 "-target=wasip1|-buildmode=c-shared"
    go_source ' run() '
    expect_tinygo 0.35.0 "-target=wasip1"
    expect_tinygo 0.36.0 "-target=wasip1|-buildmode=wasi-legacy"
    expect_tinygo 0.38.0 "-target=wasip1|-buildmode=wasi-legacy"
}

@test "tinygo: the example, its command line told, and the compiler's talk kept off stdout" {
    export FAKE_TINYGO_VERSION=0.31.2
    build_with_bin tinygo "$EXAMPLES/add-header-tinygo"
    assert_built
    assert_stderr_contains "cd $EXAMPLES/add-header-tinygo && tinygo build -o "
    assert_stderr_contains "this is talk of the compiler"
}

@test "tinygo: flags after -- stand behind ours" {
    go_source ''
    export FAKE_TINYGO_VERSION=0.31.2
    build_with_bin tinygo "$DIR/src" -opt=z -size short
    assert_built
    assert_equal "$(sed 1,3d "$FAKE_TINYGO_LOG" | tr '\n' ' ')" \
        "-scheduler=none -target=wasi -opt=z -size short . "
}

@test "tinygo: pairs that are known to fail are told with the way out" {
    go_source ' run() '
    FAKE_TINYGO_GO=1.24.0 expect_tinygo 0.35.0 "-target=wasip1"
    assert_stderr_contains "TinyGo 0.35 refuses Go 1.24: \`GOTOOLCHAIN=go1.23.12 wasme build tinygo ...\` is the quick fix; else install TinyGo 0.36 or later, or put Go 1.23 first in PATH"
    assert_stderr_contains "TinyGo 0.35 ends the module when main returns"
    FAKE_TINYGO_GO=1.24.0 expect_tinygo 0.36.0 "-target=wasip1|-buildmode=wasi-legacy"
    refute_stderr_contains "refuses"
    refute_stderr_contains "ends the module"
}

@test "tinygo: a missing one says where to get it" {
    go_source ''
    build_without_tools tinygo "$DIR/src"
    assert_failed "tinygo: not found in PATH" "https://tinygo.org/getting-started/install/"
}

@test "tinygo: a failing one is named with its status" {
    go_source ''
    export FAKE_TINYGO_VERSION=0.31.2 FAKE_TINYGO_STATUS=3
    build_with_bin tinygo "$DIR/src"
    assert_failed "main.go:1: it does not compile" "tinygo build ended with status 3: see its output above"
}

store_sums() {
    (cd "$STORE" && find . -type f -exec sha256sum {} + | sort)
}

@test "a failing build leaves the image that was there" {
    build precompiled "$EXAMPLES/add-header.wasm"
    assert_built
    local before
    before=$(store_sums)
    go_source ''
    export FAKE_TINYGO_VERSION=0.31.2 FAKE_TINYGO_STATUS=1
    build_with_bin tinygo "$DIR/src"
    assert_status 1
    build_without_tools cargo "$EXAMPLES/add-header"
    assert_status 1
    assert_equal "$(store_sums)" "$before"
}

@test "output that is no module is refused" {
    go_source ''
    echo "no module at all" >"$DIR/text"
    export FAKE_TINYGO_VERSION=0.31.2 FAKE_TINYGO_OUTPUT=$DIR/text
    build_with_bin tinygo "$DIR/src"
    assert_failed "not a WebAssembly module: begins with \"no module at all"
}

@test "a module without an ABI version is kept with a warning" {
    golden_wasm "$DIR/empty.wasm"
    golden_config "$DIR/config.json"
    try build precompiled "$DIR/empty.wasm" -t add-header:v1 -c "$DIR/config.json"
    assert_built
    assert_stderr_matches '[Mm]issing or unknown Proxy-Wasm ABI version'
}

@test "a path behind --tag, and flags that stand before --, get words of their own" {
    go_source ''
    # shellcheck disable=SC2088 # wasme is what sees the tilde
    for tag in ./filter:v1 /filter.wasm .. '~/filter'; do
        try build precompiled "$EXAMPLES/add-header.wasm" -t "$tag"
        assert_status 2
        assert_stderr_contains "build: --tag $tag: that is a path, and the image is named by a reference: [REGISTRY/]NAME[:TAG]"
    done
    for flag in -scheduler=none --opt=z -opt; do
        try build tinygo "$DIR/src" -t add-header:v1 "$flag"
        assert_status 2
        assert_stderr_contains "flags for the compiler stand behind --"
    done
    try build tinygo "$DIR/src" -t add-header:v1 --optimise
    assert_status 2
    assert_stderr_contains "no option --optimise; did you mean --optimize? flags for the compiler stand behind --"
}

@test "tinygo: -wasm-abi, which it dropped with 0.27, gets a sentence" {
    go_source ''
    FAKE_TINYGO_VERSION=0.26.0 build_with_bin tinygo "$DIR/src" -wasm-abi=js
    assert_built
    rm -r "$STORE"
    use_tinygo
    build tinygo "$DIR/src" -wasm-abi=generic
    assert_status 2
    assert_stderr_contains "TinyGo has no flag -wasm-abi since 0.27"
    assert_stderr_contains "leave it out"
}

@test "tinygo: a Go that is too new is told of with the GOTOOLCHAIN that fits" {
    local tinygo
    use_tinygo
    # The compiler behind the wrapper of build-tinygo.sh uses the installed Go.
    tinygo=$ROOT/build/peers/usr/lib/tinygo/bin
    [[ -x $tinygo/tinygo ]] || skip "no TinyGo of build-tinygo.sh"
    use_go
    [[ $(GOTOOLCHAIN=local go env GOVERSION) > go1.25z ]] || skip "Go is not too new"
    go_source ''
    PATH=$tinygo:$PATH GOTOOLCHAIN=local build tinygo "$DIR/src"
    assert_failed "TinyGo 0.39 refuses Go 1." "GOTOOLCHAIN=go1.25.10" "requires go version"
    PATH=$tinygo:$PATH GOTOOLCHAIN=go1.25.10 build tinygo "$DIR/src"
    refute_stderr_contains refuses
}

@test "go, tinygo: a folder without Go files names those below that have a main" {
    mkdir -p "$DIR/sdk/examples/one" "$DIR/sdk/two" "$DIR/sdk/lib"
    printf 'module m\n' >"$DIR/sdk/go.mod"
    printf 'package main\nfunc main() {}\n' | tee "$DIR/sdk/examples/one/main.go" >"$DIR/sdk/two/main.go"
    printf '//go:build ignore\n\npackage main\nfunc main() {}\n' | tee "$DIR/sdk/gen.go" >"$DIR/sdk/lib/gen.go"
    for language in go tinygo; do
        build_without_tools $language "$DIR/sdk"
        assert_failed "$DIR/sdk: no Go file there" "func main is in two, examples/one: name one of these folders"
    done
}

@test "tinygo: files that the build leaves out do not count" {
    use_tinygo
    go_source ''
    printf '//go:build ignore\n\npackage main\nfunc main() { println(1) }\n' >"$DIR/src/gen.go"
    printf 'package main\nfunc main() { println(1) }\n' >"$DIR/src/main_windows.go"
    printf '//go:build !tinygo\n\npackage main\nfunc main() { println(1) }\n' >"$DIR/src/other.go"
    build tinygo "$DIR/src"
    assert_stderr_contains " -buildmode=c-shared ."
    # With a build tag of the user, another file is the program.
    printf '//go:build !mine\n\npackage main\nfunc main() {}\n' >"$DIR/src/main.go"
    printf '//go:build mine\n\npackage main\nfunc main() { println(1) }\n' >"$DIR/src/mine.go"
    build tinygo "$DIR/src" -tags mine
    assert_stderr_contains " -buildmode=wasi-legacy -tags mine ."
}

@test "go: a project of the tetratelabs SDK is not sent for a runtime config" {
    use_go
    cp -r "$ROOT/tests/filters/tick-post" "$DIR/src"
    use_modules "$DIR/src"
    build go "$DIR/src"
    assert_failed "which is for TinyGo" "exports no ABI version" "wasme build tinygo"
    refute_stderr_contains " -c"
}

@test "the command line that is told has no control characters, and can be typed" {
    local odd=$DIR/$'x\033]0;title\007 \342\200\256y' line
    use_go
    cp -r "$EXAMPLES/add-header-go" "$odd"
    build go "$odd"
    assert_built
    refute_stderr_contains $'\033'
    refute_stderr_contains $'\007'
    refute_stderr_contains $'\342\200\256'
    assert_stderr_contains "x\\033]0;title\\007 \\342\\200\\256y' && GOOS=wasip1"
    line=$(sed -n "s/^\$ \(cd .*\) && GOOS.*/\1/p" <<<"$stderr")
    assert_equal "$(bash -c "$line && pwd")" "$odd"
}

@test "sources that cannot be built are named before anything runs" {
    mkdir "$DIR/empty"
    build_without_tools tinygo "$DIR/empty"
    assert_failed "$DIR/empty: no go.mod there or in a folder above"
    build_without_tools go "$DIR/empty"
    assert_failed "no go.mod"
    build_without_tools cargo "$DIR/empty"
    assert_failed "$DIR/empty: no Cargo.toml"
    build_without_tools tinygo "$DIR/missing"
    assert_failed "$DIR/missing" "No such file or directory"
    build_without_tools go "$EXAMPLES/add-header-go/main.go"
    assert_failed "main.go is not a folder"
    build_without_tools rust "$EXAMPLES/add-header.wasm"
    assert_failed "wasme build precompiled"
    build precompiled "$EXAMPLES"
    assert_failed "is a folder: name the .wasm file"
}

crate() {
    mkdir -p "$1"
    cp -r "$EXAMPLES/add-header/src" "$1/"
    sed "s/^name = .*/name = \"$2\"/" "$EXAMPLES/add-header/Cargo.toml" >"$1/Cargo.toml"
}

@test "cargo: builds the example for the installed target" {
    use_cargo
    cp -r "$EXAMPLES/add-header" "$DIR/rust"
    build cargo "$DIR/rust"
    assert_built
    assert_stderr_contains "cd $DIR/rust && cargo build --message-format=json-render-diagnostics "
    assert_stderr_contains " --release --target $TARGET"
    try inspect --json add-header:v1
    assert_output_contains v0.2.1
}

@test "cargo: the target of the user or of the project counts" {
    use_cargo
    crate "$DIR/rust" add-header
    build rust "$DIR/rust" --target wasm32-unknown-unknown
    assert_built
    assert_stderr_contains "--release --target wasm32-unknown-unknown"
    assert_exists "$DIR/rust/target/wasm32-unknown-unknown/release/add_header.wasm"

    rm -rf "$STORE" "$DIR/rust/target"
    mkdir "$DIR/rust/.cargo"
    printf '[build]\ntarget = "wasm32-unknown-unknown"\n' >"$DIR/rust/.cargo/config.toml"
    build rust "$DIR/rust"
    assert_built
    refute_stderr_contains "--target"
    assert_exists "$DIR/rust/target/wasm32-unknown-unknown/release/add_header.wasm"
}

@test "cargo: CARGO_BUILD_TARGET counts before the project's target, and only for wasm32" {
    use_cargo
    crate "$DIR/rust" add-header
    mkdir "$DIR/rust/.cargo"
    printf '[build]\ntarget = "wasm32-elsewhere"\n' >"$DIR/rust/.cargo/config.toml"
    CARGO_BUILD_TARGET=wasm32-unknown-unknown build rust "$DIR/rust"
    assert_built
    refute_stderr_contains "--target"
    assert_stderr_contains "target wasm32-unknown-unknown, from CARGO_BUILD_TARGET"
    assert_exists "$DIR/rust/target/wasm32-unknown-unknown/release/add_header.wasm"
    rm -rf "$STORE" "$DIR/rust/.cargo"
    CARGO_BUILD_TARGET=x86_64-unknown-linux-gnu build rust "$DIR/rust"
    assert_built
    assert_stderr_contains "--release --target $TARGET"
}

@test "cargo: a workspace, and CARGO_TARGET_DIR" {
    use_cargo
    crate "$DIR/ws/one" one
    crate "$DIR/ws/two" two
    printf '[workspace]\nmembers = ["one", "two"]\n' >"$DIR/ws/Cargo.toml"
    build cargo "$DIR/ws"
    assert_failed "2 modules, of the packages" "one" "two" "choose one with \`-- -p NAME\`"
    CARGO_TARGET_DIR=$DIR/elsewhere build cargo "$DIR/ws" -p two
    assert_built
    assert_exists "$DIR/elsewhere/$TARGET/release/two.wasm"
    rm -rf "$STORE"
    build cargo "$DIR/ws/one"
    assert_built
}

@test "cargo: code that does not compile, and a crate that is no filter" {
    use_cargo
    crate "$DIR/rust" add-header
    echo "fn broken(" >>"$DIR/rust/src/lib.rs"
    build cargo "$DIR/rust"
    assert_failed "unclosed delimiter" "cargo build ended with status 101: see its output above"
    crate "$DIR/plain" plain
    sed -i '/crate-type/d' "$DIR/plain/Cargo.toml"
    build cargo "$DIR/plain"
    assert_failed "crate-type = [\"cdylib\"]"
}

@test "cargo: no standard library for wasm32 names the remedy" {
    cat >"$DIR/bin/cargo" <<'END'
#!/bin/sh
echo "cargo 1.95.0"
END
    cat >"$DIR/bin/rustc" <<'END'
#!/bin/sh
case $* in
*target-list*) printf 'wasm32-unknown-unknown\nwasm32-wasip1\n' ;;
*) echo /nonexistent/lib ;;
esac
END
    chmod +x "$DIR/bin/cargo" "$DIR/bin/rustc"
    build_with_bin cargo "$EXAMPLES/add-header"
    assert_failed "rustup target add wasm32-wasip1" "libstd-rust-dev-wasm32"
}

@test "go: builds the example" {
    use_go
    build go "$EXAMPLES/add-header-go"
    assert_built
    assert_stderr_contains "GOOS=wasip1 GOARCH=wasm go build -buildmode=c-shared -o /"
    try inspect --json add-header:v1
    assert_output_contains v0.2.1
}

@test "go: one before 1.24 is refused with the fix" {
    printf '#!/bin/sh\necho go version go1.22.3 linux/amd64\n' >"$DIR/bin/go"
    chmod +x "$DIR/bin/go"
    build_with_bin go "$EXAMPLES/add-header-go"
    assert_failed "Go 1.22.3 cannot build a filter" "https://go.dev/dl/"
}

@test "go: a filter that begins in main, or with TinyGo's SDK, is warned of" {
    cat >"$DIR/bin/go" <<'END'
#!/bin/sh
[ "$1" = build ] || exec echo "go version go1.24.0 linux/amd64"
cp "$FAKE_TINYGO_OUTPUT" "$4"
END
    chmod +x "$DIR/bin/go"
    go_source ' run() '
    build_with_bin go "$DIR/src"
    assert_built
    assert_stderr_contains "main is never called"
    printf 'require github.com/tetratelabs/proxy-wasm-go-sdk v0.24.0\n' >>"$DIR/src/go.mod"
    build_with_bin go "$DIR/src"
    assert_built
    assert_stderr_contains "which is for TinyGo"
}
