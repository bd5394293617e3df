#!/usr/bin/env bats
# wasme serve: addresses, ports in use, and places without rights

load helper
load serving

setup() {
    setup_site
}

# start_at ADDRESS: sets URLS, the announced addresses.
start_at() {
    in_background serve "$WASME" serve -q -p 0 --bind "$1" site
    wait_until 10 grep -q 'CTRL-C' "$BACKGROUND_LOG"
    mapfile -t URLS < <(sed -n 's/^  //p' "$BACKGROUND_LOG")
}

assert_all_answer() {
    local url
    for url in "${URLS[@]}"; do
        curl -gsf -o got "$url/filter.wasm"
        assert_same_file got site/filter.wasm
    done
}

@test "serve --bind: all addresses of this machine are announced, and answer" {
    start_at 0.0.0.0
    [[ " ${URLS[*]}" == *" http://127.0.0.1:"* && "${URLS[*]}" != *0.0.0.0* && "${URLS[*]}" != *[* ]]
    assert_all_answer
}

@test "serve --bind: IPv6, with and without brackets, and a name" {
    if ! grep -qs ' lo$' /proc/net/if_inet6; then # a machine without IPv6
        try serve --bind '[::1]' -p 0 site
        assert_status 1
        assert_stderr_contains "listen on ::1"
        return
    fi
    for address in '[::1]' ::1; do
        start_at "$address"
        assert_equal "${#URLS[@]}" 1
        [[ ${URLS[0]} == 'http://[::1]:'* ]]
        assert_all_answer
    done
    start_at ::
    [[ " ${URLS[*]}" == *" http://127.0.0.1:"* && "${URLS[*]}" != *'[::]'* ]]
    assert_all_answer
    start_at localhost
    [[ ${URLS[0]} == http://localhost:* ]]
    assert_all_answer
}

@test "serve: who has the port" {
    start_serve site
    port=${SERVE_URL##*:}
    try serve --bind 127.0.0.1 -p "$port" site
    assert_status 1
    assert_stderr_contains "listen on 127.0.0.1 port $port: Address already in use by wasme, process $SERVE_PID"
    assert_stderr_contains "choose another port with --port"
    # Another user's processes cannot be looked into.
    [[ $(id -u) != 0 ]] || {
        chmod 755 . site
        try_command setpriv --reuid=65534 --regid=65534 --clear-groups "$WASME" serve --bind 127.0.0.1 -p "$port" /
        assert_stderr_contains "ss -ltnp 'sport = :$port'"
    }
}

@test "serve: an address that this machine does not have" {
    try serve --bind 192.0.2.1 -p 0 site
    assert_status 1
    assert_stderr_contains "listen on 192.0.2.1 port 0: Cannot assign requested address"
}

@test "serve: any user, no HOME, and a file system that cannot be written to" {
    skip_unless setpriv unshare
    unshare -m true 2>/dev/null || skip "no mount namespaces here"
    place=$(mktemp -d "${TMPDIR:-/tmp}/wasme-test.XXXXXX") # other users reach it
    RUNTIME=$place # teardown removes it
    "$WASME" build precompiled site/filter.wasm -t filter:v1 --store "$place/served"
    cp "$(readlink -f "$WASME")" "$place/program"
    chmod -R a+rX "$place"
    # shellcheck disable=SC2016 # the script's own arguments
    in_background serve unshare -m bash -c 'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" &&
        exec setpriv --reuid=54321 --regid=0 --clear-groups --no-new-privs --bounding-set=-all \
            env -i "$1/program" serve --bind 127.0.0.1 -p 0 --store "$1/served"' - "$place"
    wait_until 10 grep -q 'CTRL-C' "$BACKGROUND_LOG"
    url=$(grep -oE 'http://127\.0\.0\.1:[0-9]+' "$BACKGROUND_LOG")
    curl -sf -o got "$url/filter.wasm"
    assert_same_file got site/filter.wasm
    curl -sf "$url/v2/" >/dev/null
    curl -sf "$url/healthz" >/dev/null
    kill -TERM "$BACKGROUND_PID"
    wait "$BACKGROUND_PID"
}
