#!/usr/bin/env bats
# The progress bar on a terminal, with a real registry behind an nginx that sends slowly.

load helper

IMAGE_BYTES=600000

setup_file() {
    scratch
    skip_unless nginx python3
    start_registry plain
    [[ ! ${SKIP_FILE:-} ]] || return 0
    local i
    start_nginx <<'END'
server {
    listen 127.0.0.1:@PORT@;
    location / { proxy_pass @REGISTRY_URL@; }
    location ~ /slow/.*/blobs/ { proxy_pass @REGISTRY_URL@; limit_rate 50k; }
    location ~ /blobs/ { proxy_pass @REGISTRY_URL@; limit_rate 300k; }
}
END
    for i in 1 2 3; do
        make_wasm "$i.wasm" 0_2_1 "$IMAGE_BYTES" random
        "$WASME" build precompiled "$i.wasm" -t "$REGISTRY/a/filter:v$i" >/dev/null 2>&1
    done
    "$WASME" tag "$REGISTRY/a/filter:v1" "$REGISTRY/slow/filter:v1" >/dev/null 2>&1
    "$WASME" push "$REGISTRY"/{a/filter:v1,a/filter:v2,a/filter:v3,slow/filter:v1} >/dev/null 2>&1
}

# on_terminal COLUMNS [QUESTION ANSWER]... -- ARGUMENT...: sets $raw to the bytes that wasme sent to
# the terminal, and $drawn to the bars, one per line.
on_terminal() {
    local columns=$1 words=()
    shift
    while [[ $1 != -- ]]; do
        words+=("$1") && shift
    done
    shift
    rm -rf "$STORE"
    try_command env TERM="${USED_TERM-xterm}" python3 "$ROOT/tests/cli/terminal.py" \
        --columns "$columns" "${words[@]}" -- "$WASME" "$@"
    raw=$output
    # A bar ends where wasme erases it, a log line at the end of the line.
    # shellcheck disable=SC2001 # patterns of sed
    drawn=$(sed 's/\r\x1b\[K/\n/g' <<<"$raw" | grep -v $'\r$' | grep -v '^echo is' | grep . || true)
}

# No bar is wider than the terminal, and no bar stays at the end.
assert_bars() { # COLUMNS PATTERN
    [[ $drawn ]] || complain "expected a bar"
    [[ $(awk -v most="$1" 'length >= most' <<<"$drawn") == "" ]] || complain "wider than $1 columns"
    grep -Eq -- "$2" <<<"$drawn" || complain "expected a bar that matches $2"
    [[ $(grep -c . <<<"$(grep -Ev "$2" <<<"$drawn")") -eq 0 ]] || complain "another bar than $2"
    assert_clean
}

assert_clean() {
    # shellcheck disable=SC2001 # patterns of sed
    [[ $(sed 's/[^\r]*\r\x1b\[K//g' <<<"$raw") != *"of 6"* ]] || complain "a bar was left behind"
}

@test "progress: the bar says what moves, how far, how fast and how long, and fits the terminal" {
    on_terminal 80 -- pull "$NGINX/a/filter:v1"
    assert_status 0
    assert_bars 80 '^filter\.wasm \[=*>? *\] +[0-9.]+ k?B of [0-9.]+ kB +([0-9.]+ k?B|-)/s +[-0-9]+:[-0-9]+ left$'
    grep -Eq '\[=+> +\].*[0-9] kB/s .*0:0[0-9] left' <<<"$drawn"
    on_terminal 132 -- pull "$NGINX/a/filter:v1"
    assert_bars 132 '^filter\.wasm \[.{40}\] '
    on_terminal 60 -- pull "$NGINX/a/filter:v1"
    assert_bars 60 '^filter\.wasm \[.*\] .*B of .* left$'
    on_terminal 38 -- pull "$NGINX/a/filter:v1"
    assert_bars 38 '^filter\.wasm +[0-9.]+ k?B of 600\.[0-9] kB$'
    on_terminal 20 -- pull "$NGINX/a/filter:v1"
    assert_bars 20 '^filter\.wasm +[0-9]+%$'
    on_terminal 5 -- pull "$NGINX/a/filter:v1"
    assert_bars 5 '^ *[0-9]+%$'
    on_terminal 3 -- pull "$NGINX/a/filter:v1"
    assert_status 0
    assert_equal "$drawn" ""
}

@test "progress: the bar follows the terminal's width" {
    on_terminal 100 "of 600" ~20 -- pull "$NGINX/a/filter:v1"
    assert_status 0
    grep -Eq '^filter\.wasm +[0-9]+%$' <<<"$drawn"
    [[ $(awk 'length >= 20' <<<"$drawn" | grep -c .) -le 2 ]] || complain "still as wide"
}

@test "progress: of several images it says how many are done, and no title twice" {
    on_terminal 80 -- pull "$NGINX/a/filter:v1" "$NGINX/a/filter:v2" "$NGINX/a/filter:v3" -j 1
    assert_status 0
    assert_bars 80 '^[0-3] of 3 images \[.* of 1\.8 MB '
    grep -q '^1 of 3 images ' <<<"$drawn"
    [[ $(grep -c "Pulling" <<<"$raw") -eq 3 ]] || complain "a title was repeated"
}

@test "progress: images that are here already are done" {
    "$WASME" pull "$NGINX/a/filter:v1" --store there >/dev/null 2>&1
    on_terminal 80 -- pull "$NGINX/a/filter:v1" "$NGINX/a/filter:v2" --store there
    assert_status 0
    assert_bars 80 '^[12] of 2 images \[.* of 600\.[0-9] kB '
}

@test "progress: a copy between registries counts each byte once" {
    on_terminal 80 -- copy "$NGINX/a/filter:v2" "$REGISTRY/c/filter:v2"
    assert_status 0
    assert_bars 80 '^image \[.* of 600\.[0-9] kB '
}

@test "progress: the line is clean after an error and after Ctrl-C" {
    on_terminal 80 "of 600" ^C -- pull "$NGINX/a/filter:v1"
    assert_status 130
    assert_clean
    on_terminal 80 -- pull "$NGINX/slow/filter:v1" --timeout 1 --retries 0
    assert_status 1
    assert_clean
    [[ $raw == *"of 600"*$'\r\x1b[K'*"wasme: "*"--timeout"* ]] || complain "no error behind the bar"
}

@test "progress: a dumb terminal gets no control sequence, NO_COLOR a bar without colours" {
    USED_TERM=dumb on_terminal 80 -- pull "$NGINX/a/filter:v1"
    assert_status 0
    [[ $raw != *$'\x1b'* ]] || complain "an escape sequence"
    [[ $raw == *"Pulling image"* && $raw != *"of 600"* ]]
    NO_COLOR=1 on_terminal 80 -- pull "$NGINX/a/filter:v1"
    assert_bars 80 '^filter\.wasm '
    # shellcheck disable=SC2001 # patterns of sed
    [[ $(sed 's/\x1b\[K//g' <<<"$raw") != *$'\x1b'* ]] || complain "a colour"
}

@test "progress: where no terminal is, a line now and then" {
    try pull "$NGINX/slow/filter:v1" --store "$PWD/store"
    assert_status 0
    [[ $stderr != *$'\x1b'* && $stderr != *$'\r'* ]] || complain "an escape sequence"
    assert_equal "$(grep -cE 'level=info msg="Pulling image .*" left="0:0[0-9]" rate="[0-9.]+ kB/s" transferred="[0-9.]+ kB of 600\.[0-9] kB"$' <<<"$stderr")" 1
}

@test "progress: in the background of a shell there is no bar" {
    rm -rf "$STORE"
    try_command env TERM=xterm python3 "$ROOT/tests/cli/terminal.py" --columns 80 -- \
        "$(command -v bash)" -m -c '"$@" & wait $!' _ "$WASME" pull "$NGINX/a/filter:v1"
    assert_status 0
    assert_output_contains "Pulling image"
    refute_output_contains "of 600"
}
