#!/usr/bin/env bats
# Bounds on the time and the space that a peer can use: tests/fake/peer.py has the scenarios.

load helper

setup() {
    scratch
    skip_unless python3
    DIR=$BATS_TEST_TMPDIR
    PEER_PID=
}

teardown() {
    stop_all
}

# peer NAME SCENARIO [ARGUMENT...]: starts a peer, and sets PORT, REF, LOG and PEER_PID.
peer() {
    local name=$1 scenario=$2
    shift 2
    LOG=$DIR/$name.requests
    start_fake peer "$LOG" --scenario "$scenario" "$@"
    PEER_PID=$FAKE_PID PORT=${FAKE[0]}
    REF=127.0.0.1:$PORT/fake/image:v1
}

# Stores an image under TO, a reference at the peer of the scenario.
peer_to_push_to() { # SCENARIO
    peer first plain
    "$WASME" pull --store "$STORE" "$REF" >/dev/null 2>&1
    local first=$REF
    peer second "$1"
    TO=127.0.0.1:$PORT/fake/new:v2
    "$WASME" tag --store "$STORE" "$first" "$TO" >/dev/null 2>&1
}

# A command that does not end in time is ended with status 124.
try_for() { # SECONDS ARGUMENT...
    local seconds=$1
    shift
    try_command timeout "$seconds" "$WASME" "$@"
}

requests() { # PATTERN
    grep -c -- "$1" "$LOG" || true
}

# --- Space ---

@test "copy: a blob of 10^12 bytes is refused before anything of it is fetched or sent" {
    peer source huge
    local from=$REF source_log=$LOG
    peer target fresh
    try copy --retries 0 "$from" "127.0.0.1:$PORT/fake/copy:v1"
    assert_status 1
    assert_stderr_contains "it has 1000000000000 bytes, more than the"
    assert_stderr_contains "raise --max-size if that is right"
    assert_equal "$(grep -c 'GET .*/blobs/' "$source_log" || true)" 0
    assert_equal "$(requests POST)" 0
    assert_equal "$(requests PUT)" 0
}

@test "copy: --max-size bounds each blob and all of an image's that pass through this machine" {
    peer source plain
    local from=$REF
    peer target fresh
    try copy --retries 0 --max-size 100000 "$from" "127.0.0.1:$PORT/fake/copy:v1"
    assert_status 1
    assert_stderr_contains "more than the 100000 allowed"
    assert_equal "$(requests PUT)" 0
    # The config has 80 bytes, the wasm 200017; a copy transfers both.
    try copy --retries 0 --max-size 200017 "$from" "127.0.0.1:$PORT/fake/copy:v1"
    assert_status 1
    assert_stderr_contains "the blobs of the image that are to be sent have 200097 bytes, more than the 200017 allowed"
    assert_equal "$(requests PUT)" 0
    try copy --retries 0 --max-size 300000 "$from" "127.0.0.1:$PORT/fake/copy:v1"
    assert_status 0
}

# --- Time ---

@test "pull: a peer that gives one byte in turn is given up after the tries that are granted" {
    peer drip drip
    try_for 30 pull --store "$STORE" --retries 2 "$REF"
    assert_status 1
    # The first try and two more tries.
    assert_equal "$(requests 'GET .*/blobs/sha256:')" 4 # one is of the config
}

@test "pull: a peer that gives one byte and 100 kB in turn gets no further, and is given up" {
    peer see-saw see-saw
    try_for 30 pull --store "$STORE" --retries 2 "$REF"
    assert_status 1
    assert_stderr_contains "the connection to 127.0.0.1:$PORT broke"
    # The 100 kB of the second try count as progress, once.
    (($(requests 'GET .*/blobs/sha256:') <= 6))
}

@test "pull: a body that comes with 150 bytes a second has stalled" {
    peer trickle trickle
    try_for 30 pull --store "$STORE" --retries 0 --stall-timeout 2 "$REF"
    assert_status 1
}

@test "push: a body that is taken with 500 bytes a second has stalled" {
    peer_to_push_to trickle-upload
    try_for 40 push --store "$STORE" --retries 0 --stall-timeout 4 "$TO"
    assert_status 1
}

@test "pull: a registry that begins to listen a second later is waited for" {
    peer late plain
    local port=$PORT ref=$REF
    stop_background "$PEER_PID"
    in_background late bash -c "sleep 1; exec python3 '$ROOT/tests/fake/peer.py' --port $port \
        --port-file '$DIR/late.port' --scenario plain"
    try_for 30 pull --store "$STORE" --retries 5 "$ref"
    assert_status 0
    assert_stderr_contains "trying again in"
}

@test "push: a registry that answers each HEAD by 503 costs no pause, and gets all" {
    peer_to_push_to busy-heads
    try push --store "$STORE" --retries 5 "$TO"
    assert_status 0
    refute_stderr_contains "trying again"
    assert_equal "$(requests 'HEAD .*/blobs/')" 2
    assert_equal "$(requests 'commit')" 2
}
