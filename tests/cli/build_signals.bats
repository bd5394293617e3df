#!/usr/bin/env bats
# Signals that reach wasme alone while a compiler runs: the compiler ends too, its files are gone,
# and nothing is tagged. The compilers are real; a script takes the place of a compiler that ignores
# signals.

load helper
load toolchains

setup() {
    scratch
    unset CARGO_TARGET_DIR CARGO_BUILD_TARGET GOFLAGS GOTOOLCHAIN GOTMPDIR
    export TMPDIR=$PWD/temporary GOCACHE=$PWD/cold # a warm cache would be too fast
    mkdir "$TMPDIR"
}

teardown() {
    compilers | xargs -r kill -KILL
    stop_all
}

# The processes that a build of this test has started: the environment of each has the folder of the
# test.
compilers() {
    grep -lsF "TMPDIR=$TMPDIR/wasme" /proc/[0-9]*/environ | cut -d/ -f3
}

compiler_runs() { [[ $(compilers) && $(grep -c '^\$' "$BACKGROUND_LOG.err") -ge 1 ]]; }

# start_build LANGUAGE SOURCE [OPTION]: starts a build and waits until the compiler works.
start_build() {
    in_background build env --default-signal=INT "$WASME" build "$@" -t filter:v1
    wait_until 30 compiler_runs
    sleep 0.3
}

# ended_by SIGNAL STATUS: only wasme gets the signal.
ended_by() {
    kill -s "$1" "$BACKGROUND_PID"
    status=0
    wait "$BACKGROUND_PID" || status=$?
    cat "$BACKGROUND_LOG.err"
    assert_equal "$status" "$2"
    grep -q 'interrupted$' "$BACKGROUND_LOG.err"
    assert_equal "$(compilers)" "" "processes that go on"
    assert_equal "$(ls "$TMPDIR")" "" "what is left in TMPDIR"
    assert_equal "$(<"$BACKGROUND_LOG")" ""
    assert_equal "$("$WASME" list | grep -c '')" 1
}

@test "signals: TinyGo" {
    use_tinygo
    cp -r "$ROOT/examples/add-header-tinygo" source
    start_build tinygo source
    ended_by TERM 143
    start_build tinygo source
    ended_by INT 130
    start_build tinygo source
    ended_by HUP 129
}

@test "signals: Go" {
    use_go
    cp -r "$ROOT/examples/add-header-go" source
    start_build go source
    ended_by INT 130
    start_build go source
    ended_by TERM 143
    start_build go source
    ended_by HUP 129
}

# A build script is a program that cargo waits for.
@test "signals: cargo" {
    use_cargo
    cp -r "$ROOT/examples/add-header" source
    echo 'fn main() { std::thread::sleep(std::time::Duration::from_secs(60)); }' >source/build.rs
    start_build cargo source
    ended_by HUP 129
    start_build cargo source
    ended_by INT 130
    start_build cargo source
    ended_by TERM 143
}

# wasm-opt takes some seconds for a module of Go.
@test "signals: wasm-opt" {
    skip_unless wasm-opt
    use_go
    cp -r "$ROOT/examples/add-header-go" source
    (cd source && GOOS=wasip1 GOARCH=wasm go build -buildmode=c-shared -o ../go.wasm .)
    sha256sum go.wasm >sum
    start_build precompiled go.wasm --optimize
    ended_by INT 130
    start_build precompiled go.wasm --optimize
    ended_by TERM 143
    sha256sum -c --quiet sum
}

@test "signals: what was ignored before the start stays ignored, for wasme and the compiler" {
    use_go
    cp -r "$ROOT/examples/add-header-go" source
    in_background build nohup env --ignore-signal=INT "$WASME" build go source -t filter:v1
    wait_until 30 compiler_runs
    for pid in $BACKGROUND_PID $(compilers); do
        kill -s INT "$pid" || true
        kill -s HUP "$pid" || true
    done
    wait "$BACKGROUND_PID"
    "$WASME" inspect filter:v1 >/dev/null
}

# A compiler that ignores all signals but the last one, and so does its child.
stubborn_compiler() {
    mkdir bin source
    cat >bin/tinygo <<'END'
#!/bin/bash
[[ $1 != version ]] || exec echo "tinygo version 0.39.0 linux/amd64 (using go version go1.25.1)"
trap '' TERM INT HUP
sleep 60 &
while :; do echo x >"$TMPDIR/$RANDOM"; sleep 0.01; done
END
    chmod +x bin/tinygo
    printf 'module m\n' >source/go.mod
    printf 'package main\nfunc main() {}\n' >source/main.go
}

@test "signals: a compiler and its children that do not heed them are killed after three seconds" {
    local began
    stubborn_compiler
    PATH=$PWD/bin:$PATH start_build tinygo source
    began=$(date +%s%3N)
    ended_by TERM 143
    (($(date +%s%3N) - began >= 3000))
}

@test "signals: the second one kills the compiler at once, and the folder is removed all the same" {
    local began signal
    stubborn_compiler
    for signal in INT:130 TERM:143 HUP:129; do
        PATH=$PWD/bin:$PATH start_build tinygo source
        began=$(date +%s%3N)
        kill -s "${signal%:*}" "$BACKGROUND_PID"
        sleep 0.5
        kill -0 "$BACKGROUND_PID"
        ended_by "${signal%:*}" "${signal#*:}"
        (($(date +%s%3N) - began < 2900))
    done
}

# The children of clang: the compiler itself, and the linker.
@test "signals: clang" {
    use_clang
    cp -r "$ROOT/tests/filters/header-c" source
    seq 1 9000 | sed 's/.*/int f&(int x) { int s = 0; for (int i = 0; i < x; i++) s += i * f(x, i) % (i + &); return s; }/' \
        | sed '1i static inline int f(int a, int b) { return a > 3 ? f(a - 1, b) * f(a - 2, b) : b; }' >source/long.c
    start_build c source
    ended_by INT 130
    start_build c source
    ended_by TERM 143
}

# npm runs a shell, which runs Node.js.
@test "signals: npm, its shell and the program of a script" {
    skip_unless node npm
    mkdir source
    echo '{"scripts": {"asbuild": "node -e \"setTimeout(() => {}, 60000)\"; true"}}' >source/package.json
    start_build assemblyscript source
    wait_until 20 eval '[[ $(compilers | wc -l) -ge 3 ]]'
    ended_by TERM 143
    start_build assemblyscript source
    ended_by INT 130
}

# The processes of a Go that is slow to tell its version, as one that fetches the toolchain which a
# go.mod names.
slow_go() {
    grep -lsF "TMPDIR=$TMPDIR" /proc/[0-9]*/environ | cut -d/ -f3 | xargs -r ps -o pid= -o args= -p |
        grep 'sleep 61$'
}

@test "signals: a tool that is asked while the language is found out" {
    local signal
    stubborn_compiler
    printf '#!/bin/sh\nsleep 61\n' >bin/go
    chmod +x bin/go
    for signal in INT:130 TERM:143 HUP:129; do
        PATH=$PWD/bin:$PATH in_background build env --default-signal=INT "$WASME" build source -t filter:v1
        wait_until 10 slow_go
        ended_by "${signal%:*}" "${signal#*:}"
        assert_equal "$(slow_go)" "" "a Go that goes on"
    done
}

is_copying() { [[ $(store_leftovers) ]]; }

@test "signals: a module that is copied into the store leaves no part there" {
    local signal size=$((1 << 30))
    make_wasm large.wasm
    {
        put_bytes 00
        put_wide_number $((size + 8))
        put_text padding
    } >>large.wasm
    truncate -s +$size large.wasm
    for signal in INT:130 TERM:143 HUP:129; do
        in_background build env --default-signal=INT "$WASME" build precompiled large.wasm --strip -t filter:v1
        wait_until 10 is_copying
        ended_by "${signal%:*}" "${signal#*:}"
        assert_equal "$(store_leftovers)" "" "what is left in the store"
    done
}
