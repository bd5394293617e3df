#!/usr/bin/env bats
# Building without the name of a language: which one is chosen, and the words when none can be.

load helper
load toolchains

setup() {
    scratch
    DIR=$BATS_TEST_TMPDIR
    EXAMPLES=$ROOT/examples
    OLD_PATH=$PATH
    export FAKE_TINYGO_LOG=$DIR/argv FAKE_TINYGO_OUTPUT=$EXAMPLES/add-header.wasm FAKE_TINYGO_VERSION=0.39.0
    mkdir "$DIR/bin" "$DIR/src"
}

teardown() {
    PATH=$OLD_PATH
}

detect() {
    try build "$1" -t filter:v1
}

# assert_chosen LANGUAGE REASON
assert_chosen() {
    assert_stderr_contains "$DIR/src: LANGUAGE $1, since $2"
}

# Stand-ins: a Go of a version that cannot be installed beside the real one, and TinyGo.
fake_go() {
    cat >"$DIR/bin/go" <<END
#!/bin/sh
[ "\$1" = build ] || exec echo "go version go$1 linux/amd64"
cp "$FAKE_TINYGO_OUTPUT" "\$4"
END
    chmod +x "$DIR/bin/go"
    PATH=$DIR/bin:/usr/bin:/bin
}

fake_tinygo() {
    ln -s "$ROOT/tests/fake/tinygo" "$DIR/bin/tinygo"
    PATH=$DIR/bin:/usr/bin:/bin
}

# go_source [REQUIRED MODULE]: a filter whose main is empty.
go_source() {
    printf 'module example.com/filter\n\n%s\n' "${1:+require $1 v0.1.0}" >"$DIR/src/go.mod"
    printf 'package main\n\nfunc main() {}\n' >"$DIR/src/main.go"
}

@test "the examples are built by what is in their folders" {
    use_tinygo
    use_go
    for language in go tinygo; do
        rm -rf "$DIR/src"
        cp -r "$EXAMPLES/add-header-$language" "$DIR/src"
        detect "$DIR/src"
        assert_status 0
        assert_stderr_contains "$DIR/src: LANGUAGE $language, since "
    done
    use_cargo
    rm -rf "$DIR/src"
    cp -r "$EXAMPLES/add-header" "$DIR/src"
    detect "$DIR/src"
    assert_status 0
    assert_chosen cargo "the folder has a Cargo.toml"
}

@test "a file is precompiled by its first bytes" {
    cp "$EXAMPLES/add-header.wasm" "$DIR/src/module"
    detect "$DIR/src/module"
    assert_status 0
    assert_stderr_contains "module: LANGUAGE precompiled, since the file is a finished module"
    echo text >"$DIR/src/text.wasm"
    detect "$DIR/src/text.wasm"
    assert_status 1
    assert_stderr_contains "not a WebAssembly module: begins with \"text"
    detect "$DIR/src/main.go"
    assert_status 1
    assert_stderr_contains "main.go: No such file or directory"
    touch "$DIR/src/main.go"
    detect "$DIR/src/main.go"
    assert_status 2
    assert_stderr_contains "main.go is neither a folder nor a WebAssembly module: name the folder that has a go.mod or *.go for tinygo or go"
}

@test "an SDK for TinyGo alone chooses TinyGo, also when there is none" {
    go_source github.com/tetratelabs/proxy-wasm-go-sdk
    fake_go 1.26.1
    detect "$DIR/src"
    assert_status 1
    assert_chosen tinygo "go.mod requires github.com/tetratelabs/proxy-wasm-go-sdk, which is for TinyGo"
    assert_stderr_contains "tinygo: not found in PATH"
    fake_tinygo
    detect "$DIR/src"
    assert_status 0
}

@test "sources for both compilers are built by Go, unless only TinyGo can" {
    fake_go 1.24.0
    fake_tinygo
    for module in github.com/proxy-wasm/proxy-wasm-go-sdk github.com/higress-group/wasm-go; do
        go_source $module
        fake_go 1.24.0
        detect "$DIR/src"
        assert_status 0
        assert_chosen go "go.mod requires $module"
        fake_go 1.23.4
        detect "$DIR/src"
        assert_status 0
        assert_chosen tinygo "go.mod requires $module, and there is no Go 1.24 or later, but TinyGo"
    done
    rm "$DIR/bin/tinygo"
    detect "$DIR/src"
    assert_status 1
    assert_chosen go "go.mod requires"
    assert_stderr_contains "Go 1.23.4 cannot build a filter"
}

@test "the root of a Go workspace: the folders with a func main are named" {
    fake_go 1.24.0
    go_source
    mkdir "$DIR/work"
    mv "$DIR/src" "$DIR/work/filter"
    printf 'go 1.24\nuse ./filter\n' >"$DIR/work/go.work"
    detect "$DIR/work"
    assert_status 1
    assert_stderr_contains "$DIR/work: LANGUAGE go, since "
    assert_stderr_contains "below it, a func main is in filter: name one of these folders"
}

@test "with --image the compilers of this machine do not count" {
    fake_go 1.23.4
    fake_tinygo
    go_source github.com/proxy-wasm/proxy-wasm-go-sdk
    try_command env PATH="$DIR/bin" "$WASME" build "$DIR/src" -t filter:v1 --image golang
    assert_status 1
    assert_chosen go "go.mod requires github.com/proxy-wasm/proxy-wasm-go-sdk"
    assert_stderr_contains "neither docker nor podman is in PATH"
}

@test "build constraints and the use of main count" {
    fake_go 1.24.0
    fake_tinygo
    go_source
    sed -i '1i //go:build tinygo\n' "$DIR/src/main.go"
    detect "$DIR/src"
    assert_status 0
    assert_chosen tinygo "the //go:build lines leave func main to TinyGo alone"
    go_source
    sed -i 's/{}/{ println(1) }/' "$DIR/src/main.go"
    detect "$DIR/src"
    assert_status 0
    assert_chosen tinygo "func main does something, and Go's own compiler would never call it"
    printf 'package main\n\n//go:wasmexport f\nfunc f() {}\n' >"$DIR/src/f.go"
    detect "$DIR/src"
    assert_status 0
    assert_chosen go "the source exports by //go:wasmexport"
}

@test "several languages that fit are named with the command to type" {
    go_source
    touch "$DIR/src/Cargo.toml"
    fake_go 1.24.0
    detect "$DIR/src"
    assert_status 2
    assert_stderr_contains "source $DIR/src: several languages fit: go, since the folder has Go files; cargo, since the folder has a Cargo.toml: choose by \`wasme build go $DIR/src -t filter:v1\` or \`wasme build cargo $DIR/src -t filter:v1\`"
}

@test "a folder without a language says what is looked for" {
    detect "$DIR/src"
    assert_status 2
    assert_stderr_contains "source $DIR/src: nothing there tells the language: wasme looks for a go.mod or *.go for tinygo or go, a Cargo.toml for cargo"
    cp "$EXAMPLES/add-header.wasm" "$DIR/src/one.wasm"
    detect "$DIR/src"
    assert_status 2
    assert_stderr_contains "but a finished module: \`wasme build $DIR/src/one.wasm -t filter:v1\`"
    mkdir "$DIR/a folder"
    mv "$DIR/src/one.wasm" "$DIR/a folder/my filter.wasm"
    detect "$DIR/a folder"
    assert_stderr_contains "\`wasme build '$DIR/a folder/my filter.wasm' -t filter:v1\`"
}

@test "a single word is the source, and a language's name only where a folder has it" {
    cd "$DIR/src"
    try build tinygo -t filter:v1
    assert_status 2
    assert_stderr_contains "build: tinygo is a language, and nothing here has that name: name the source, too, as in \`wasme build tinygo . -t filter:v1\`"
    cp -r "$EXAMPLES/add-header-go" tinygo
    fake_go 1.24.0
    try build tinygo -t filter:v1
    assert_status 0
    assert_stderr_contains "tinygo: LANGUAGE go, since "
}
