#!/usr/bin/env bats
# wasme serve: who may use it

load helper

setup() {
    scratch
    skip_unless curl python3
    mkdir site
    make_wasm site/filter.wasm 0_2_1 1000 random
}

# Prints the status of the response; 000: the connection was closed.
status_of() {
    curl -s -o body -w '%{http_code}' "$@" || true
}

@test "serve --allow: other networks are refused, and that is told" {
    start_serve --allow 10.0.0.0/8 --allow fd00::/8 site
    assert_equal "$(status_of "$SERVE_URL/filter.wasm")" 000
    wait_until 5 grep -q 'refused a connection from 127.0.0.1' "$SERVE_LOG.err"
}

@test "serve --allow: several networks, and IPv4 on a socket for both" {
    in_background serve "$WASME" serve -p 0 --allow 10.0.0.0/8 --allow 127.0.0.0/8 site
    wait_until 10 grep -q 'CTRL-C' "$BACKGROUND_LOG"
    url=$(grep -oE 'http://127\.0\.0\.1:[0-9]+' "$BACKGROUND_LOG")
    assert_equal "$(status_of "$url/filter.wasm")" 200
    assert_same_file body site/filter.wasm
}

@test "serve --allow: what is no network" {
    try serve --allow 10.0.0.0/33 site
    assert_status 2
    assert_stderr_contains '--allow: "10.0.0.0/33": the prefix is a number of bits, from 0 to 32'
    try serve --allow 10.0.0.7/8 site
    assert_status 2
    assert_stderr_contains 'write 10.0.0.7 for the one address, or 10.0.0.0/8 for the network'
}
