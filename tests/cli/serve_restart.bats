#!/usr/bin/env bats
# wasme serve: a restart without a gap, by SIGUSR2

load helper
load serving

setup() {
    setup_site
    SUM=$(sha256sum site/filter.wasm | cut -d ' ' -f 1)
}

# Starts a program that is a copy of wasme, so that a test can put another one in its place.
start_copy() {
    cp "$WASME" program
    WASME=$PWD/program start_serve -q "$@"
}

# The process that goes on, by the log; "" as long as there is none. $1: how many restarts there were.
successor() {
    grep -oE 'restart: process [0-9]+ goes on' "$SERVE_LOG.err" | sed -n "$1s/[^0-9]//gp"
}

has_successor() {
    [[ $(successor "$1") ]]
}

# restart NUMBER: SERVE_PID becomes the new process.
restart() {
    kill -USR2 "$SERVE_PID"
    wait_until 30 has_successor "$1"
    SERVE_PID=$(successor "$1")
    echo "$SERVE_PID" >>"$(background_dir)/pids" # teardown ends it
}

is_gone() {
    ! kill -0 "$1" 2>/dev/null
}

# ask_through_restarts [--keep]: clients ask without a pause while the server is restarted five times.
ask_through_restarts() {
    local asked failed
    start_serve -q site
    in_background clients python3 "$ROOT/tests/cli/many_requests.py" "$SERVE_URL/filter.wasm" "$SUM" \
        "$PWD/enough" "$@"
    for number in 1 2 3 4 5; do
        sleep 0.2
        restart "$number"
    done
    touch enough
    wait_until 30 test -s "$BACKGROUND_LOG"
    read -r asked failed why <"$BACKGROUND_LOG"
    echo "$asked requests, $failed failed $why"
    [[ $failed == 0 ]]
    ((asked > 500))
}

@test "serve: restarts under clients that connect for each request" {
    ask_through_restarts
}

@test "serve: restarts under clients that keep their connections" {
    ask_through_restarts --keep
}

@test "serve: a download goes on through a restart, and the old process then ends" {
    make_wasm site/large.wasm 0_2_1 24000000 random
    start_serve site
    old=$SERVE_PID
    in_background curl curl -s --limit-rate 12M -o got "$SERVE_URL/large.wasm"
    wait_until 10 test -s got
    restart 1
    kill -0 "$old"
    [[ $(stat -c %s got) -lt 24000000 ]]
    assert_equal "$(curl -s "$SERVE_URL/filter.wasm" | sha256sum | cut -d ' ' -f 1)" "$SUM"
    wait_until 30 is_gone "$old"
    assert_same_file got site/large.wasm
    kill -0 "$SERVE_PID"
}

@test "serve: a restart runs the program that is at the path now" {
    start_copy site
    old=$SERVE_PID
    cp "$WASME" program.new
    mv program.new program
    restart 1
    assert_equal "$(readlink "/proc/$SERVE_PID/exe")" "$PWD/program"
    assert_equal "$(tr '\0' ' ' <"/proc/$SERVE_PID/cmdline")" \
        "$PWD/program serve --bind 127.0.0.1 -p 0 -q site "
    wait_until 10 is_gone "$old"
    assert_equal "$(curl -s "$SERVE_URL/filter.wasm" | sha256sum | cut -d ' ' -f 1)" "$SUM"
}

@test "serve: a restart with a program that fails changes nothing" {
    start_copy site
    printf '#!/bin/sh\necho "cannot do it" >&2\nexit 3\n' >bad
    chmod +x bad
    mv bad program
    kill -USR2 "$SERVE_PID"
    wait_until 10 grep -qE 'restart: the new process [0-9]+ ended with exit status 3: this one goes on' \
        "$SERVE_LOG.err"
    rm program
    kill -USR2 "$SERVE_PID"
    wait_until 10 grep -q 'ended with exit status 127' "$SERVE_LOG.err"
    assert_equal "$(curl -s "$SERVE_URL/filter.wasm" | sha256sum | cut -d ' ' -f 1)" "$SUM"
    cp "$WASME" program
    restart 1
    assert_equal "$(curl -s "$SERVE_URL/filter.wasm" | sha256sum | cut -d ' ' -f 1)" "$SUM"
}

@test "serve: a new process that fails says why" {
    printf '%s\n' "$SUM" >tokens
    chmod 600 tokens
    start_serve -q --token-file tokens site
    echo short >tokens
    kill -USR2 "$SERVE_PID"
    wait_until 10 grep -qE 'restart: the new process [0-9]+ ended with exit status 1: this one goes on' \
        "$SERVE_LOG.err"
    grep -q 'a token must have' "$SERVE_LOG.err"
    assert_equal "$(curl -s -o /dev/null -w '%{http_code}' -H "Authorization: Bearer $SUM" \
        "$SERVE_URL/filter.wasm")" 200
}

# put_blob FILE [ARGUMENT...]: pushes a blob, and prints the status.
put_blob() {
    local file=$1
    shift
    curl -s -o /dev/null -w '%{http_code}' --data-binary "@$file" "$@" \
        "$SERVE_URL/v2/a/blobs/uploads/?digest=sha256:$(sha256sum "$file" | cut -d ' ' -f 1)"
}

@test "serve: a registry that is written to restarts, and a push goes on meanwhile" {
    head -c 3000000 /dev/urandom >large
    start_serve -q --writable --registry-dir pushed-here
    old=$SERVE_PID
    put_blob large --limit-rate 1M >pushed &
    wait_until 10 compgen -G "$PWD/pushed-here/uploads/*"
    for number in 1 2; do
        restart "$number"
        head -c 1000 /dev/urandom >"small$number"
        assert_equal "$(put_blob "small$number")" 201
        assert_equal "$(curl -s "$SERVE_URL/v2/a/blobs/sha256:$(sha256sum "small$number" |
            cut -d ' ' -f 1)" | sha256sum)" "$(sha256sum <"small$number")"
    done
    kill -0 "$old"
    wait_until 30 is_gone "$old"
    wait_until 10 test -s pushed
    assert_equal "$(cat pushed)" 201
    assert_equal "$(curl -s "$SERVE_URL/v2/a/blobs/sha256:$(sha256sum large | cut -d ' ' -f 1)" |
        sha256sum)" "$(sha256sum <large)"
    # The last process alone writes now, as the first one did.
    try serve --writable --registry-dir pushed-here -p 0 --bind 127.0.0.1
    assert_status 1
    assert_stderr_contains "another server writes to the registry folder pushed-here, process $SERVE_PID"
}

@test "serve: a second SIGUSR2 gives up a new process that hangs" {
    start_copy site
    # shellcheck disable=SC2016 # the script's own variables
    printf '#!/bin/sh\necho $$ >%q\nexec sleep 1000\n' "$PWD/hanging" >bad
    chmod +x bad
    mv bad program
    kill -USR2 "$SERVE_PID"
    wait_until 10 test -s hanging
    assert_equal "$(curl -s "$SERVE_URL/filter.wasm" | sha256sum | cut -d ' ' -f 1)" "$SUM"
    cp "$WASME" good
    mv good program
    restart 1
    wait_until 10 is_gone "$(cat hanging)"
}

@test "serve: SIGTERM ends a new process that is not ready, too" {
    start_copy site
    # shellcheck disable=SC2016 # the script's own variables
    printf '#!/bin/sh\necho $$ >%q\nexec sleep 1000\n' "$PWD/hanging" >bad
    chmod +x bad
    mv bad program
    kill -USR2 "$SERVE_PID"
    wait_until 10 test -s hanging
    kill -TERM "$SERVE_PID"
    wait_until 10 is_gone "$SERVE_PID"
    wait_until 10 is_gone "$(cat hanging)"
}
