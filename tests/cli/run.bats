#!/usr/bin/env bats
# wasme run: a filter in a real Envoy.

load helper
load running

@test "run: a file runs, the server behind it shows what it got, and Ctrl-C leaves nothing" {
    start_run "$PROBE" --config 'some text'
    output=$(curl -s -D fields "$RUN_URL/a/b?c=d" -H 'X-Twice: 1' -H 'x-twice: 2' -d 'the body')
    assert_json .method POST
    assert_json .path '/a/b?c=d'
    assert_json '.headers["x-twice"]' '1, 2'
    assert_json '.headers["x-order"]' 'some text'
    assert_json .body 'the body'
    grep -q '^x-probe: some text' fields
    assert_equal "$(wc -l <"$BACKGROUND_LOG")" 1
    end_run
}

@test "run: SIGTERM, and a signal while Envoy starts, leave nothing" {
    start_run "$PROBE"
    end_run TERM
    in_background run env --default-signal=INT "$WASME" run "$PROBE"
    RUN_PID=$BACKGROUND_PID
    begins() { compgen -G "$TMPDIR/wasme-run-*/admin"; }
    wait_until 10 begins
    kill -INT "$RUN_PID"
    wait_until 20 run_is_gone
    refute_left
}

@test "run: SIGHUP, and a second Ctrl-C while Envoy takes its time, leave nothing" {
    start_run "$PROBE"
    end_run HUP
    start_run "$PROBE"
    kill -STOP "$(envoys)"
    kill -INT "$RUN_PID"
    sleep 0.5
    end_run
}

@test "run: SIGKILL leaves no Envoy, and the next run removes the folder, but none of a run that lives" {
    local killed living
    start_run "$PROBE"
    [[ $(envoys) ]]
    kill -KILL "$RUN_PID"
    wait "$RUN_PID" 2>/dev/null || true
    none_is_left() { [[ ! $(envoys) ]]; }
    wait_until 10 none_is_left
    killed=$(echo "$TMPDIR"/wasme-run-*)
    [[ -d $killed ]]
    ln -s "$BATS_TEST_TMPDIR" "$TMPDIR/wasme-run-linked"
    mkdir -m 700 "$TMPDIR/wasme-run-backup"
    mkdir -m 700 "$TMPDIR/wasme-run-old"
    start_run "$PROBE"
    [[ ! -e $killed && -L $TMPDIR/wasme-run-linked ]]
    rm "$TMPDIR/wasme-run-linked"
    rmdir "$TMPDIR/wasme-run-backup" "$TMPDIR/wasme-run-old"
    living=$(echo "$TMPDIR"/wasme-run-*)
    try_run "$PROBE" --check /
    assert_status 0
    [[ -d $living ]]
    end_run
}

@test "run: the folder may have any name" {
    local place
    for place in $'a b\'c"d\ne' $'\xff\xfe'; do
        mkdir "$TMPDIR/$place"
        try_command env TMPDIR="$TMPDIR/$place" timeout 60 "$WASME" run "$PROBE" --check /
        assert_status 0
    done
    try_command env TMPDIR="$TMPDIR/none" "$WASME" run "$PROBE" --check /
    assert_status 1
    assert_stderr_contains "$TMPDIR/none/wasme-run-"
    assert_stderr_contains "TMPDIR chooses the place"
}

@test "run: the filter's lines are shown with their level, and --log-level chooses" {
    start_run "$PROBE" --config text
    ask /log
    wait_until 10 grep -q 'a line of error' "$RUN_TALK"
    grep -q 'level=info msg="a line of info\\nand its second half" filter=probe' "$RUN_TALK"
    grep -q 'level=warning msg="a line of warning" filter=probe' "$RUN_TALK"
    grep -q 'level=error msg="a line of error" filter=probe' "$RUN_TALK"
    grep -q 'level=info msg=text filter=probe' "$RUN_TALK"
    try_command grep -E 'debug|trace|active downstream|caught|vm->host' "$RUN_TALK"
    assert_output ""
    end_run
    start_run "$PROBE" --log-level trace
    ask /log
    wait_until 10 grep -q 'a line of error' "$RUN_TALK"
    grep -q 'level=debug msg="a line of trace"' "$RUN_TALK"
    grep -q 'level=debug msg="a line of debug"' "$RUN_TALK"
    try_command grep -E 'vm->host' "$RUN_TALK"
    assert_output ""
    end_run
    start_run "$PROBE" --log-level error
    ask /log
    wait_until 10 grep -q 'a line of error' "$RUN_TALK"
    try_command grep -E 'of info|of warning' "$RUN_TALK"
    assert_output ""
    end_run
}

@test "run: a parent that ignores the ends of children changes nothing" {
    try_command timeout 60 env --ignore-signal=CHLD "$WASME" run "$PROBE" --check /
    assert_status 0
}

@test "run: a trap is shown, and answered by Envoy" {
    start_run "$PROBE"
    assert_equal "$(ask /trap | cut -c 1-3)" 503
    wait_until 10 grep -q 'level=error .*unreachable.* envoy=wasm' "$RUN_TALK"
    end_run
}

@test "run: a module that does not load is warned of, and Envoy's words are the error" {
    make_module bad.wasm 'export proxy_abi_version_0_2_1 :' 'export malloc i:i' 'memory 1' \
        'import env.no_such_function i:i'
    try_run bad.wasm
    assert_status 1
    assert_stderr_contains "will not load bad.wasm: because"
    assert_stderr_contains "Envoy 1."
    assert_stderr_contains "missing import: env.no_such_function"
    assert_output ""
    refute_left
    try_run "$PROBE" --config refused
    assert_status 1
    assert_stderr_contains 'msg=refused filter=probe'
    assert_stderr_contains "Failed to configure base Wasm plugin"
    refute_left
}

@test "run: a module that crashes Envoy is told, in few lines" {
    skip_unless wat2wasm
    cat >crash.wat <<'END'
(module
 (import "env" "proxy_log" (func $log (param i32 i32 i32) (result i32)))
 (memory 1)
 (func (export "proxy_abi_version_0_2_1"))
 (func (export "malloc") (param i32) (result i32) (i32.const 8))
 (func (export "proxy_on_configure") (param i32 i32) (result i32) (drop (call $log (i32.const 2) (i32.const 0) (i32.const 4))) (i32.const 1)))
END
    wat2wasm crash.wat -o crash.wasm
    try_run crash.wasm
    assert_status 1
    assert_output ""
    assert_stderr_contains "will not load crash.wasm: because the module exports no memory"
    assert_stderr_contains "Caught Segmentation fault"
    refute_stderr_contains "#1:"
    assert_stderr_contains "was ended by signal 11 (Segmentation fault) while it ran the filter"
    refute_left
}

@test "run: the port is the given one, and one in use is told" {
    start_run "$PROBE"
    local port=${RUN_URL##*:}
    try_run "$PROBE" --port "$port" --watch
    assert_status 1
    assert_stderr_contains "$port"
    end_run
    start_run "$PROBE" --port "$port"
    assert_equal "$RUN_URL" "http://127.0.0.1:$port"
    end_run
}

@test "run: Envoy's own flags come behind --" {
    start_run "$PROBE" -- --concurrency 2 --log-level info
    assert_equal "$(ask / | cut -c 1-3)" 200
    end_run
    try_run "$PROBE" -- --no-such-flag
    assert_status 1
    assert_stderr_contains "no-such-flag"
    refute_left
}

@test "run: an image of the store runs with its root id" {
    make_root_config runtime.json stamp
    "$WASME" build precompiled "$PROBE" -t filter:v1 -c runtime.json
    start_run filter:v1
    assert_equal "$(ask / | cut -c 1-3)" 200
    grep -q '^x-root: stamp' fields
    end_run
    start_run store:filter:v1
    end_run
    try_run store:none:v1
    assert_status 1
    assert_stderr_contains "none:v1"
}

@test "run: what is wrong on the command line is told before anything starts" {
    try run
    assert_status 2
    try_run "$PROBE" --config a --config b
    assert_status 2
    assert_stderr_contains "--config was given 2 times for 1 filter"
    try_run "$PROBE" --to ftp://x
    assert_status 2
    try_run "$PROBE" --cluster x
    assert_status 2
    try_run "$PROBE" --cluster upstream=a:1
    assert_status 2
    assert_stderr_contains 'another cluster has the name "upstream"'
    try_run "$PROBE" --cluster a=b:1 --cluster a=c:1
    assert_status 2
    try_run "$PROBE" -- -c other.json
    assert_status 2
    assert_stderr_contains "-c behind --"
    try_run a.example/a:v1 b.example/b:v1 --username me --password secret
    assert_status 2
    assert_stderr_contains "--username is for one registry"
    try_run "$PROBE" --watch --config @<(echo text)
    assert_status 2
    assert_stderr_contains "is no regular file, and cannot be read again"
    try_run "$PROBE" --config $'\xff'
    assert_status 1
    assert_stderr_contains "its configuration is no UTF-8"
    try_run "$PROBE" --log-level loud
    assert_status 2
    try_run "$PROBE" --envoy-version new
    assert_status 2
    try_run no-such.wasm
    assert_status 1
    assert_stderr_contains "there is no such file"
    refute_left
}
