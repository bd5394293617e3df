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
    in_background curl curl -s --limit-rate 4M -o got "$SERVE_URL/large.wasm"
    reader=$BACKGROUND_PID
    wait_until 10 test -s got
    restart 1
    kill -0 "$old"
    [[ $(stat -c %s got) -lt 24000000 ]]
    assert_equal "$(curl -s "$SERVE_URL/filter.wasm" | sha256sum | cut -d ' ' -f 1)" "$SUM"
    wait_until 30 is_gone "$old"
    wait_until 30 is_gone "$reader" # what the kernel holds comes later
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

# --- A registry that is written to ---

digest_of() { # FILE
    echo "sha256:$(sha256sum "$1" | cut -d ' ' -f 1)"
}

@test "serve --writable: an upload in pieces goes on through a restart, and one server writes" {
    local place
    start_serve -q --writable
    fetch -X POST "$SERVE_URL/v2/a/blobs/uploads/"
    assert_equal "$code" 202
    place=$(header location)
    restart 1
    fetch -X PATCH --data-binary 1234 "$SERVE_URL$place"
    assert_equal "$code" 202
    restart 2
    fetch -X PUT --data-binary 5 "$SERVE_URL$place?digest=sha256:$(printf 12345 | sha256sum | cut -d ' ' -f 1)"
    assert_equal "$code" 201
    assert_equal "$(find "$HOME/.wasme/registry/uploads" -type f)" ""
    try serve --writable --bind 127.0.0.1 -p 0
    assert_status 1
    assert_stderr_contains "another server writes to the registry folder"
}

# The old process writes to an upload that the new one is asked about.
@test "serve --writable: a request in the middle of its body ends in the old process" {
    local old place
    head -c 600000 /dev/urandom >blob
    start_serve -q --writable
    old=$SERVE_PID
    fetch -X POST "$SERVE_URL/v2/a/blobs/uploads/"
    place=$(header location)
    in_background patch curl -s -o /dev/null -w '%{http_code}' --limit-rate 100k -X PATCH -H 'Expect:' \
        --data-binary @blob "$SERVE_URL$place"
    upload_has_begun() {
        [[ $(find "$HOME/.wasme/registry/uploads" -type f -size +0) ]]
    }
    wait_until 10 upload_has_begun
    restart 1
    kill -0 "$old"
    fetch "$SERVE_URL$place"
    assert_equal "$code" 409
    wait_until 30 is_gone "$old"
    assert_equal "$(cat "$BACKGROUND_LOG")" 202
    fetch -X PUT "$SERVE_URL$place?digest=$(digest_of blob)"
    assert_equal "$code" 201
    fetch "$SERVE_URL/v2/a/blobs/$(digest_of blob)"
    assert_same_file body blob
}

@test "serve --writable: pushes while the server is restarted" {
    start_serve -q --writable
    for number in 1 2 3; do
        (
            for push in {1..12}; do
                echo "$number $push $RANDOM" >"text$number"
                curl -sf -o /dev/null --retry 2 -X POST --data-binary "@text$number" \
                    "$SERVE_URL/v2/a/blobs/uploads/?digest=$(digest_of "text$number")" || echo "$number" >>failed
            done
        ) &
        clients+=($!)
    done
    restart 1
    restart 2
    restart 3
    wait "${clients[@]}"
    refute_exists failed
    assert_equal "$(find "$HOME/.wasme/registry/blobs" -type f | wc -l)" 36
}

@test "serve --writable: the end of a new process that fails is told with its reason" {
    skip_unless htpasswd
    htpasswd -Bbc users ann secret
    start_serve -q --writable --htpasswd users --plain-login
    rm users
    kill -USR2 "$SERVE_PID"
    wait_until 10 grep -q 'ended with exit status 1: this one goes on' "$SERVE_LOG.err"
    grep -q 'wasme: .*users: No such file' "$SERVE_LOG.err"
    fetch "$SERVE_URL/healthz"
    assert_equal "$code" 200
}
