#!/usr/bin/env bats
# Builds that fail, with the real compilers: each failure is a sentence with the way out.

load helper
load toolchains

setup() {
    scratch
    DIR=$BATS_TEST_TMPDIR
    EXAMPLES=$ROOT/examples
    OLD_PATH=$PATH
    unset CARGO_TARGET_DIR CARGO_BUILD_TARGET GOFLAGS GOTOOLCHAIN
    mkdir "$DIR/bin"
}

teardown() {
    PATH=$OLD_PATH
}

# assert_fails LANGUAGE WORDS [FLAG...]: the build of source ends with one line that has the words.
# ONLY is the PATH for it, when other programs must not be there.
assert_fails() {
    local language=$1 words=$2
    shift 2
    try_command env PATH="${ONLY:-$PATH}" "$WASME" build "$language" source -t filter:v1 -- "$@"
    [[ $status == 1 || $status == 2 ]] || complain "expected status 1 or 2"
    assert_line_count 0
    assert_equal "$(tail -n 1 <<<"$stderr" | cut -c1-7)" "wasme: "
    [[ $(tail -n 1 <<<"$stderr") == *"$words"* ]] || complain "the last line has not: $words"
    refute_exists "$(image_dir docker.io/library/filter:v1)"
}

# go_source BODY [FIRST LINE OF main.go]
go_source() {
    rm -rf source
    mkdir source
    printf 'module example.com/filter\n\ngo 1.24\n' >source/go.mod
    printf '%s\n\npackage main\n\n%s\n' "${2:-}" "$1" >source/main.go
}

crate() {
    mkdir -p "$1"
    cp -r "$EXAMPLES/add-header/." "$1"
    sed -i "s/^name = .*/name = \"$2\"/" "$1/Cargo.toml"
    rm -f "$1/Cargo.lock"
}

use_both() {
    use_tinygo
    use_go
}

@test "a store that cannot be opened is known before the compiler runs" {
    use_go
    cp -r "$EXAMPLES/add-header-go" source
    touch file
    try build go source -t filter:v1 --store file/store
    assert_status 1
    assert_equal "$stderr" "wasme: open the store $DIR/file/store: Not a directory"
    try_command env -u HOME "$WASME" build go source -t filter:v1
    assert_status 1
    assert_equal "$stderr" "wasme: HOME is not set: set it, or WASME_HOME, or name the store with --store"
}

@test "go, tinygo: files that constraints leave out are named with the line" {
    go_source 'func main() {}' '//go:build linux'
    for language in go tinygo; do
        assert_fails $language "source: no Go file there that a build for wasip1 takes: main.go is left out by its line \`//go:build linux\`: change that, or give a build tag with \`-- -tags NAME\`"
    done
    mv source/main.go source/main_linux.go
    assert_fails go "main_linux.go is left out by its name"
    use_go
    go_source 'func main() {}' '//go:build filter'
    try build go source -t filter:v1 -c <(golden_config /dev/stdout) -- -tags filter
    assert_status 0
}

@test "go, tinygo: a folder without a func main names the folders that have one" {
    go_source 'func Filter() {}'
    assert_fails go "source: no func main in the Go files there, nor a func main in a folder below: name the folder of the filter's package main"
    mkdir -p source/cmd/filter
    printf 'package main\n\nfunc main() {}\n' >source/cmd/filter/main.go
    for language in go tinygo; do
        assert_fails $language "source: no func main in the Go files there; below it, a func main is in cmd/filter: name one of these folders"
    done
}

@test "go: a go.mod for a newer Go" {
    use_go
    go_source 'func main() {}'
    sed -i 's/^go .*/go 1.99/' source/go.mod
    export GOTOOLCHAIN=local
    assert_fails go "go build ended with status 1: go: go.mod requires go >= 1.99 (running go 1."
    assert_stderr_contains "or let Go fetch it with \`GOTOOLCHAIN=auto wasme build go ...\`, or lower the line \`go\` in go.mod"
}

@test "tinygo: a go.mod for a newer Go than TinyGo takes" {
    use_both
    go_source 'func main() {}'
    sed -i 's/^go .*/go 1.99/' source/go.mod
    assert_fails tinygo "lower the line \`go\` in go.mod to the Go that TinyGo uses, or install a newer TinyGo"
}

# The compiler behind the wrapper of build-tinygo.sh uses the installed Go.
plain_tinygo() {
    use_both
    [[ -x $ROOT/build/peers/usr/lib/tinygo/bin/tinygo ]] || skip "no TinyGo of build-tinygo.sh"
    ln -s "$ROOT/build/peers/usr/lib/tinygo/bin/tinygo" "$DIR/bin/tinygo"
    PATH=$DIR/bin:$PATH
}

@test "tinygo: a Go that is too new, and the quick fix" {
    plain_tinygo
    [[ $(GOTOOLCHAIN=local go env GOVERSION) > go1.25z ]] || skip "Go is not too new"
    cp -r "$EXAMPLES/add-header-tinygo" source
    export GOTOOLCHAIN=local
    assert_fails tinygo "tinygo build failed: TinyGo 0.39 refuses Go 1."
    [[ $stderr =~ \`GOTOOLCHAIN=(go[0-9.]+)\ wasme\ build\ tinygo\ ...\`\ is\ the\ quick\ fix ]] || complain "no quick fix"
    (cd / && GOTOOLCHAIN=${BASH_REMATCH[1]} go version >/dev/null 2>&1) || skip "that Go cannot be fetched here"
    GOTOOLCHAIN=${BASH_REMATCH[1]} try build tinygo source -t filter:v1
    assert_status 0
}

@test "tinygo: no Go, no linker, no Binaryen" {
    plain_tinygo
    go_source 'func main() {}'
    export GOTOOLCHAIN=go1.25.10
    local ONLY=$DIR/bin
    assert_fails tinygo "could not find 'go' command: executable file not found in \$PATH: TinyGo reads Go's own library: put a Go that it takes in PATH"
    ln -s "$(command -v go)" "$DIR/bin/go"
    assert_fails tinygo "install that program of LLVM (Debian: apt install clang lld)"
    ln -s "$(command -v clang-19 clang | head -n 1)" "$DIR/bin/clang-19"
    assert_fails tinygo "wasm-ld: install that program of LLVM"
    ln -s "$(command -v wasm-ld-19 wasm-ld | head -n 1)" "$DIR/bin/wasm-ld"
    assert_fails tinygo "install Binaryen (Debian: apt install binaryen), or set WASMOPT to its path"
}

@test "go, tinygo: modules that are missing, and code that does not compile" {
    use_both
    export GOPROXY=off
    go_source 'func main() { y.Z() }'
    sed -i 's|^package main|&\n\nimport "example.com/x/y"|' source/main.go
    for language in go tinygo; do
        assert_fails $language "no required module provides package example.com/x/y; to add it: run \`go mod tidy\` in the source folder"
    done
    echo 'require example.com/x v1.0.0' >>source/go.mod
    for language in go tinygo; do
        assert_fails $language "missing go.sum entry"
        assert_stderr_contains "run \`go mod tidy\` in the source folder"
    done
    go_source 'func main() { var x int = "s" }'
    for language in go tinygo; do
        assert_fails $language "$language build ended with status 1: see its output above"
        assert_stderr_contains "cannot use \"s\""
    done
    go_source 'func f()

func main() { f() }'
    for language in go tinygo; do
        assert_fails $language "a func of the host needs a line //go:wasmimport MODULE NAME above"
    done
}

@test "go, tinygo, cargo: modules and crates that cannot be fetched" {
    use_both
    export GOFLAGS=-mod=mod GONOSUMDB='*' CARGO_HTTP_PROXY=http://127.0.0.1:1 CARGO_HOME=$DIR/cargo CARGO_NET_RETRY=0
    go_source 'func main() { x.Y() }'
    sed -i 's|^package main|&\n\nimport "example.com/x"|' source/main.go
    echo 'require example.com/x v1.0.0' >>source/go.mod
    for language in go tinygo; do
        GOPROXY=off assert_fails $language "set GOPROXY to a proxy that this machine reaches, or run \`go mod vendor\` where one is"
        GOPROXY=http://127.0.0.1:1 assert_fails $language "the modules in go.mod cannot be fetched: set GOPROXY to a proxy that this machine reaches"
    done
    use_cargo
    crate source filter
    printf '\n[dependencies]\nsome-crate = "1"\n' >>source/Cargo.toml
    assert_fails cargo "the crates cannot be fetched: name a registry that this machine reaches in .cargo/config.toml, or run \`cargo vendor\` where one is"
    # An index in git.
    mkdir source/.cargo
    printf '[source.crates-io]\nreplace-with = "near"\n[source.near]\nregistry = "file:///none/index.git"\n' \
        >source/.cargo/config.toml
    assert_fails cargo "status 101: failed to fetch \`file:///none/index.git\`: the crates cannot be fetched: "
}

@test "go, tinygo: packages that are not in the library" {
    use_both
    go_source 'func main() { cgi.Serve(nil) }'
    sed -i 's|^package main|&\n\nimport "net/http/cgi"|' source/main.go
    assert_fails tinygo "TinyGo does not have that package of Go's library: do without it, or build with \`wasme build go\`"
    sed -i 's|net/http/cgi|mine/cgi|' source/main.go
    assert_fails go "package mine/cgi is not in std"
    assert_stderr_contains "name the package by the path of its module"
}

@test "go, tinygo: flags that the compiler does not have, or not with that value" {
    use_both
    go_source 'func main() {}'
    assert_fails go "flag provided but not defined: -scheduler: \`go help build\` lists the flags" -scheduler=none
    assert_fails go "buildmode=foo not supported: leave -buildmode out" -buildmode=foo
    assert_fails tinygo "flag provided but not defined: -trimpath: \`tinygo help build\` lists the flags of this TinyGo" -trimpath
    assert_fails tinygo "TinyGo has no flag -wasm-abi since 0.27" -wasm-abi=generic
    assert_fails tinygo "this TinyGo has no such target: leave -target out, and wasme chooses it" -target=wasip9
    assert_fails tinygo "invalid buildmode option 'foo': valid values are default, c-shared, wasi-legacy: leave -buildmode out" -buildmode=foo
    assert_fails tinygo "invalid gc option 'extalloc'" -gc=extalloc
    go_source 'func main() { println(1) }'
    assert_fails tinygo "buildmode wasi-legacy only supports scheduler=none: leave -scheduler out" -scheduler=asyncify
}

@test "tinygo: wasip1 was named wasi before 0.32" {
    go_source 'func main() {}'
    ln -s "$ROOT/tests/fake/tinygo" "$DIR/bin/tinygo"
    export FAKE_TINYGO_VERSION=0.31.2
    PATH=$DIR/bin:$PATH assert_fails tinygo "TinyGo 0.31 has no target wasip1, which is named wasi before 0.32: leave -target out" -target=wasip1
}

@test "go, tinygo: flags of the user stand in place of ours" {
    use_both
    cp -r "$EXAMPLES/add-header-go" source
    try build go source -t filter:v1 -- -buildmode=c-shared -o mine.wasm
    assert_status 0
    assert_stderr_contains " go build -buildmode=c-shared -o mine.wasm ."
    assert_exists source/mine.wasm
    try build tinygo source -t filter:v1 -- -target wasi --buildmode=c-shared -scheduler none -o "$DIR/its.wasm"
    assert_status 0
    assert_stderr_contains "tinygo build -target wasi --buildmode=c-shared -scheduler none -o $DIR/its.wasm ."
    assert_exists "$DIR/its.wasm"
    mkdir source/folder
    rm -rf "$STORE"
    assert_fails go "go build ended well and wrote no file source/folder: leave out the flags behind --" -o folder
    # A file of before is not what this run made.
    cp "$EXAMPLES/add-header.wasm" source/old.wasm
    assert_fails go "go build ended well and wrote no file source/old.wasm: leave out the flags behind --" -n -o old.wasm
    assert_same_file source/old.wasm "$EXAMPLES/add-header.wasm"
}

@test "cargo: targets that this Rust does not know, or has no library for" {
    use_cargo
    crate source filter
    assert_fails cargo "this Rust knows no target wasm32-elsewhere: leave it out, and wasme chooses one" --target wasm32-elsewhere
    CARGO_BUILD_TARGET=wasm32-unknown-emscripten assert_fails cargo \
        "this Rust has no standard library for wasm32-unknown-emscripten: \`rustup target add wasm32-unknown-emscripten\`"
    mkdir source/.cargo
    printf '[build]\ntarget = "wasm32-unknown-emscripten"\n' >source/.cargo/config.toml
    assert_fails cargo "this Rust has no standard library for wasm32-unknown-emscripten"
    assert_fails cargo "--target x86_64-unknown-linux-gnu behind -- makes no WebAssembly" --target=x86_64-unknown-linux-gnu
    assert_fails cargo "--message-format behind --: wasme reads cargo's messages" --message-format=short
}

@test "cargo: the name wasm32-wasi with a Rust that dropped it" {
    use_cargo
    # A rustc that has forgotten the name says what that of Rust 1.84 says.
    cat >"$DIR/bin/rustc" <<END
#!/bin/sh
case "\$*" in
*wasm32-wasi*) echo 'error: error loading target specification: could not find specification for target "wasm32-wasi"' >&2; exit 1 ;;
esac
exec $(command -v rustc) "\$@"
END
    chmod +x "$DIR/bin/rustc"
    crate source filter
    PATH=$DIR/bin:$PATH assert_fails cargo "this Rust knows no target wasm32-wasi: Rust 1.84 and later name it wasm32-wasip1" --target wasm32-wasi
}

@test "cargo: no library, a program, two libraries" {
    use_cargo
    crate source filter
    sed -i '/crate-type/d' source/Cargo.toml
    assert_fails cargo "cargo build made no module: a filter is a library, in src/lib.rs, and its Cargo.toml has [lib] with crate-type = [\"cdylib\"]"
    mv source/src/lib.rs source/src/main.rs
    sed -i '/\[lib\]/d' source/Cargo.toml
    echo 'fn main() {}' >source/src/main.rs
    assert_fails cargo "cargo build made no module but a program with a main function: a filter is a library"
    rm -rf source
    crate source/one one
    crate source/two two
    printf '[workspace]\nmembers = ["one", "two"]\n' >source/Cargo.toml
    assert_fails cargo "cargo build made 2 modules, of the packages "
    assert_stderr_contains "choose one with \`-- -p NAME\`"
    try build cargo source -t filter:v1 -- -p two
    assert_status 0
    rm -rf "$STORE"
    assert_fails cargo "see its output above" -p three
    assert_stderr_contains "did not match any packages"
}

@test "cargo: a crate below a workspace that does not know it" {
    use_cargo
    crate other other
    crate source filter
    printf '[workspace]\nmembers = ["other"]\n' >Cargo.toml
    assert_fails cargo "believes it's in a workspace when it's not: add the package to workspace.members in the Cargo.toml above, or an empty [workspace] to its own Cargo.toml"
    echo '[workspace]' >>source/Cargo.toml
    try build cargo source -t filter:v1
    assert_status 0
}

@test "go, tinygo: a module below a workspace that does not know it" {
    use_both
    cp -r "$EXAMPLES/add-header-go" source
    mkdir other
    printf 'module other\n\ngo 1.24\n' >other/go.mod
    printf 'go 1.24\n\nuse ./other\n' >go.work
    for language in go tinygo; do
        assert_fails $language "run \`go work use .\` in the folder of the source, or build with GOWORK=off"
    done
    export GOWORK=off
    try build go source -t filter:v1
    assert_status 0
}

@test "cargo: a Cargo.toml that this Rust cannot read" {
    use_cargo
    crate source filter
    sed -i 's/^edition = .*/edition = "2099"/' source/Cargo.toml
    assert_fails cargo "mend Cargo.toml"
    crate source filter
    echo '[dependencies' >>source/Cargo.toml
    assert_fails cargo "mend Cargo.toml"
    crate source filter
    sed -i 's/^edition = .*/&\nrust-version = "1.999"/' source/Cargo.toml
    assert_fails cargo "cargo build failed: the package filter requires Rust 1.999, and this Rust is 1."
    crate source filter
    printf 'version = 99\n' >source/Cargo.lock
    assert_fails cargo "get a newer one from https://rustup.rs/, or remove Cargo.lock"
}

@test "a missing compiler says where to get it" {
    cp -r "$EXAMPLES/add-header-go" source
    cp "$EXAMPLES/add-header/Cargo.toml" source
    local ONLY=$DIR/bin
    assert_fails go "go: not found in PATH: get Go 1.24 or later from https://go.dev/dl/"
    assert_fails tinygo "tinygo: not found in PATH: get it from https://tinygo.org/getting-started/install/, or, unless the SDK is that of tetratelabs, build with \`wasme build go\` and Go 1.24 or later"
    assert_fails cargo "cargo: not found in PATH: get Rust from https://rustup.rs/, or Debian's packages cargo and libstd-rust-dev-wasm32"
    printf '#!/bin/sh\necho cargo 1.95.0\n' >"$DIR/bin/cargo"
    chmod +x "$DIR/bin/cargo"
    assert_fails cargo "rustc: not found in PATH: get Rust from https://rustup.rs/"
}
