#!/usr/bin/env bats
# wasme serve as a service of systemd

load helper
load serving

setup() {
    setup_site
}

# start_managed OPTION... -- ARGUMENT...: serve, started by tests/fake/systemd.py. Sets MESSAGES (the
# file of them), PORTS, SERVE_PID, SERVE_LOG.
start_managed() {
    local options=()
    while [[ $1 != -- ]]; do
        options+=("$1")
        shift
    done
    shift
    MESSAGES=$(background_dir)/messages
    in_background systemd python3 "$ROOT/tests/fake/systemd.py" --log "$MESSAGES" "${options[@]}" -- \
        "$WASME" serve -q "$@"
    MANAGER_PID=$BACKGROUND_PID SERVE_LOG=$BACKGROUND_LOG
    wait_until 10 grep -qx 'READY=1' "$MESSAGES"
    SERVE_PID=$(cat "$MESSAGES.pid")
    read -ra PORTS <"$MESSAGES.ports"
}

assert_served_at() { # PORT
    curl -sf -o got "http://127.0.0.1:$1/filter.wasm"
    assert_same_file got site/filter.wasm
}

has_message() {
    grep -qxE "$1" "$MESSAGES"
}

@test "serve, under systemd: its sockets, and messages" {
    start_managed --sockets 2 -- --bind 127.0.0.9 -p 1 site
    assert_served_at "${PORTS[0]}"
    assert_served_at "${PORTS[1]}"
    assert_equal "$(grep -c 'http://' "$SERVE_LOG")" 2
    grep -qx "  http://127.0.0.1:${PORTS[1]}" "$SERVE_LOG"
    kill -TERM "$SERVE_PID"
    wait "$MANAGER_PID"
    assert_equal "$(cat "$MESSAGES")" $'READY=1\nSTOPPING=1'
}

@test "serve, under systemd: no sockets, and a socket for messages without a file" {
    start_managed --abstract -- --bind 127.0.0.1 -p 0 site
    port=$(grep -oE 'http://127\.0\.0\.1:[0-9]+' "$SERVE_LOG" | sed 's/.*://')
    assert_served_at "$port"
    kill -HUP "$SERVE_PID"
    wait_until 10 has_message 'RELOADING=1 \| MONOTONIC_USEC=[0-9]+'
    wait_until 10 eval '[[ $(grep -cx READY=1 "$MESSAGES") == 2 ]]'
    assert_served_at "$port"
}

@test "serve, under systemd: the watchdog" {
    start_managed --watchdog 200 --sockets 1 -- site
    wait_until 10 eval '[[ $(grep -cx WATCHDOG=1 "$MESSAGES") -ge 3 ]]'
}

@test "serve, under systemd: its variables are not those of children or of later processes" {
    start_managed --sockets 1 -- site
    # What a process is given stays in /proc; a restart shows what it hands on.
    kill -USR2 "$SERVE_PID"
    wait_until 30 has_message 'MAINPID=[0-9]+'
    new=$(sed -n 's/^MAINPID=//p' "$MESSAGES")
    echo "$new" >>"$(background_dir)/pids"
    tr '\0' '\n' <"/proc/$new/environ" >environ
    grep -qx "LISTEN_PID=$new" environ
    grep -qx LISTEN_FDS=1 environ
    grep -q '^NOTIFY_SOCKET=' environ
    run ! grep -qE '^(LISTEN_FDNAMES|WATCHDOG_PID)=' environ
    assert_served_at "${PORTS[0]}"
    wait "$MANAGER_PID"
    # The old process said nothing of an end: the service goes on.
    run ! has_message STOPPING=1
    assert_served_at "${PORTS[0]}"
    kill -TERM "$new"
}

@test "serve: sockets for another process are none of ours" {
    LISTEN_PID=1 LISTEN_FDS=1 start_serve site
    assert_served_at "${SERVE_URL##*:}"
}

@test "serve, under systemd: descriptors that are no sockets" {
    for kind in udp quiet file; do
        try_command python3 "$ROOT/tests/fake/systemd.py" --log "$PWD/$kind" --sockets 1 --kind "$kind" -- \
            "$WASME" serve site
        assert_status 2
        assert_stderr_contains "descriptor 3 is no listening socket of TCP"
    done
    LISTEN_PID=$$ LISTEN_FDS=17 try_command python3 -c 'import os, sys
os.environ["LISTEN_PID"] = str(os.getpid())
os.execv(sys.argv[1], sys.argv[1:])' "$WASME" serve site
    assert_status 2
    assert_stderr_contains 'LISTEN_FDS is "17": at most 16 sockets can be used'
}

@test "serve: login and writing count the sockets of systemd, and not --bind" {
    skip_unless systemd-socket-activate
    port=$((RANDOM % 12000 + 20000))
    in_background activate systemd-socket-activate -l "0.0.0.0:$port" \
        "$WASME" serve --bind 127.0.0.1 --writable --store "$PWD/served"
    wait_until 10 grep -q Listening "$BACKGROUND_LOG.err"
    curl -s -o got "http://127.0.0.1:$port/" || true
    wait_until 10 grep -q 'everybody who can reach this machine could push' "$BACKGROUND_LOG.err"
}

@test "serve: started by systemd-socket-activate with the first connection" {
    skip_unless systemd-socket-activate
    port=$((RANDOM % 12000 + 20000))
    in_background activate systemd-socket-activate -l "127.0.0.1:$port" "$WASME" serve site
    wait_until 10 grep -q Listening "$BACKGROUND_LOG.err"
    assert_served_at "$port"
}

@test "serve: the units are installed, and systemd finds no fault in them" {
    skip_unless systemd-analyze make
    install_into "$PWD/root"
    units=root/usr/lib/systemd/system
    grep -q '^ExecStart=/usr/bin/wasme serve ' $units/wasme-serve.service
    sed -i "s,/usr/bin/wasme,$PWD/root/usr/bin/wasme," $units/wasme-serve.service
    try_command systemd-analyze verify --man=no --recursive-errors=no "$PWD/$units/wasme-serve.service" \
        "$PWD/$units/wasme-serve.socket"
    assert_status 0
    assert_equal "$output$stderr" ""
}
