# `wasme run` for tests: the filter of tests/filters/probe, a run in the background, and what is
# left of one.
# shellcheck shell=bash

setup_file() {
    scratch
    skip_unless envoy curl jq clang wasm-ld
    [[ ! ${SKIP_FILE:-} ]] || return 0
    make_probe "$BATS_FILE_TMPDIR/probe.wasm"
}

setup() {
    scratch
    export TMPDIR=$BATS_TEST_TMPDIR/tmp
    mkdir "$TMPDIR"
    PROBE=$BATS_FILE_TMPDIR/probe.wasm
    ENVOY=$(type -P envoy)
}

teardown() {
    stop_all
    refute_left
}

# make_probe FILE [FLAG...]: compiles the filter.
make_probe() {
    local file=$1
    shift
    clang --target=wasm32 -O1 -nostdlib -Wall -Werror -Wl,--no-entry "$@" -o "$file" \
        "$ROOT/tests/filters/probe/filter.c"
}

# start_run ARGUMENT...: sets RUN_URL, RUN_PID, and RUN_TALK, the file with its talk.
start_run() {
    start_run_unready "$@"
    wait_until 40 test -s "$BACKGROUND_LOG" || {
        cat "$RUN_TALK"
        return 1
    }
    RUN_URL=$(<"$BACKGROUND_LOG")
}

# start_run_unready ARGUMENT...: the same without RUN_URL: Envoy need not become ready.
start_run_unready() {
    in_background run env --default-signal=INT "$WASME" run "$@"
    RUN_PID=$BACKGROUND_PID RUN_TALK=$BACKGROUND_LOG.err
}

# ask PATH [CURL ARGUMENT...]: the status and the body.
ask() {
    local path=$1
    shift
    curl -s -w '%{http_code} ' -o body -D fields "$@" "$RUN_URL$path"
    cat body
}

# end_run [SIGNAL]: the run ends with status 0 (or END_STATUS), and leaves neither a process nor a folder.
end_run() {
    local status=0
    kill "-${1:-INT}" "$RUN_PID"
    wait_until 20 run_is_gone
    wait "$RUN_PID" || status=$?
    assert_equal "$status" "${END_STATUS:-0}" "status of wasme run"
    refute_left
}

run_is_gone() {
    ! kill -0 "$RUN_PID" 2>/dev/null
}

# The processes of Envoy whose configuration is in this test's folder.
envoys() {
    pgrep -f -- "-c $TMPDIR/wasme-run-" || true
}

refute_left() {
    assert_equal "$(find "$TMPDIR" -mindepth 1 -maxdepth 1 -name 'wasme-run-*')" ""
    wait_until 10 test -z "$(envoys)"
}

# try_run ARGUMENT...: a run that ends by itself, soon.
try_run() {
    try_command timeout 60 "$WASME" run "$@"
}
