#!/usr/bin/env bats
# kill -9 at random points, and writers at the same time: the store holds the old image or the new
# one, `list` always works, and the next write removes leftovers. kill.py kills the processes.

load helper

REF=harbor.example/kill/filter:v1

setup() {
    scratch
    skip_unless python3 jq
    golden_config config.json
    make_wasm a.wasm 0_2_1 400000 AAAA
    make_wasm b.wasm 0_2_0 300000 BBBB
    A="sha256:$(sha256_of a.wasm) v0.2.1" B="sha256:$(sha256_of b.wasm) v0.2.0"
    kills=300
    ! is_sanitized || kills=60
}

# Sets $output to the counts of kill.py, which fails when a check of the store fails.
kill_at_random() {
    try_command python3 "$ROOT/tests/cli/kill.py" "$@"
    assert_status 0
    echo "$output"
    jq -e '.killed > .finished / 5' <<<"$output"
}

assert_only_a_or_b() {
    assert_json "[keys[] | select(startswith(\"sha256:\"))] - [\"$A\", \"$B\"] | length" 0
    assert_json "has(\"$A\") and has(\"$B\")" true
}

assert_leftovers_go() {
    build a >/dev/null 2>&1
    assert_equal "$(store_leftovers)" ""
    try list
    assert_status 0
    assert_no_stderr
}

build() { # a|b
    "$WASME" build precompiled "$1.wasm" -t "$REF" -c config.json
}

@test "kill: while an image is replaced" {
    build a >/dev/null 2>&1
    kill_at_random "$kills" "$REF" "build precompiled a.wasm -t $REF" \
        "build precompiled b.wasm -t $REF"
    assert_only_a_or_b
    assert_leftovers_go
    assert_equal "$(find "$(image_dir $REF)" -type f | wc -l)" 4
}

@test "kill: while images are made anew" {
    kill_at_random "$kills" "" "build precompiled a.wasm -t harbor.example/new:v{i}"
    "$WASME" list --json | jq -r '.[].reference' >references
    while read -r name; do
        try inspect "$name"
        assert_status 0
    done <references
    assert_leftovers_go
}

@test "kill: while a tag moves" {
    "$WASME" build precompiled a.wasm -t is:a >/dev/null 2>&1
    "$WASME" build precompiled b.wasm -t is:b >/dev/null 2>&1
    "$WASME" tag is:a "$REF" 2>/dev/null
    kill_at_random "$kills" "$REF" "tag is:a $REF" "tag is:b $REF"
    assert_only_a_or_b
    "$WASME" tag is:a "$REF" 2>/dev/null
    assert_equal "$(store_leftovers)" ""
    assert_equal "$(find "$STORE" -name filter.wasm -printf '%i\n' | sort -u | wc -l)" 2
}

@test "kill: while an image is removed and made" {
    kill_at_random "$kills" "" "build precompiled a.wasm -t $REF" "rm $REF"
    assert_leftovers_go
}

@test "kill: while an image is pulled" {
    start_registry plain
    for file in a b; do
        "$WASME" build precompiled $file.wasm -t "$REGISTRY/kill/$file:v1" >/dev/null 2>&1
    done
    "$WASME" push "$REGISTRY/kill/a:v1" "$REGISTRY/kill/b:v1" >/dev/null 2>&1
    kill_at_random $((kills / 3)) "$REGISTRY/kill/a:v1" "pull $REGISTRY/kill/a:v1" \
        "pull $REGISTRY/kill/b:v1"
    assert_leftovers_go
}

@test "kill: while several images go into the store together" {
    start_registry plain
    local i refs=()
    for i in {1..8}; do
        make_wasm "$i.wasm" 0_2_1 30000 "$i"
        refs+=("$REGISTRY/kill/$i:v1")
        "$WASME" build precompiled "$i.wasm" -t "$REGISTRY/kill/$i:v1" >/dev/null 2>&1
    done
    "$WASME" push "${refs[@]}" >/dev/null 2>&1
    kill_at_random $((kills / 3)) "" "pull ${refs[*]}" "rm ${refs[*]}" \
        "build precompiled a.wasm -t ${refs[3]}"
    "$WASME" list --json | jq -r '.[].reference' >references
    while read -r name; do
        try inspect "$name" --json
        assert_status 0
        assert_json ".layerDigest == .fileDigest" true
    done <references
    assert_leftovers_go
    try pull "${refs[@]}"
    assert_status 0
    for i in {1..8}; do
        assert_same_file "$(image_dir "${refs[i - 1]}")/filter.wasm" "$i.wasm"
    done
}

write_in_turn() { # TIMES
    local i
    for ((i = 0; i < $1; i++)); do
        if ((i % 2)); then build a; else build b; fi || return 1
        "$WASME" tag "$REF" "two:v$((i % 3))" || return 1
    done >/dev/null
}

wait_for_writers() { # PID...
    local pid
    for pid; do
        wait "$pid" || { cat writer*.log && return 1; }
    done
}

assert_whole() {
    try inspect "$REF" --json
    assert_status 0
    [[ "$(jq -r '.fileDigest + " " + .abiVersions[0]' <<<"$output")" == @("$A"|"$B") ]] ||
        complain "neither A nor B"
}

@test "writers at the same time, with readers among them" {
    times=25
    ! is_sanitized || times=8
    build a >/dev/null 2>&1
    pids=()
    for writer in 1 2 3 4; do
        write_in_turn $times 2>"writer$writer.log" 3>&- &
        pids+=($!)
    done
    while kill -0 "${pids[@]}" 2>/dev/null; do
        try list
        assert_status 0
        assert_no_stderr
        assert_whole
    done
    wait_for_writers "${pids[@]}"
    try list
    assert_no_stderr
    assert_line_count 5
    assert_equal "$(store_leftovers)" ""
}

@test "writers at the same time, of which one is always killed" {
    build a >/dev/null 2>&1
    write_in_turn $((kills / 10)) 2>writer.log 3>&- &
    writer=$!
    kill_at_random $((kills / 3)) "$REF" "build precompiled a.wasm -t $REF" \
        "build precompiled b.wasm -t $REF"
    wait_for_writers $writer
    assert_leftovers_go
}

@test "images and their removal at the same time" {
    build a >/dev/null 2>&1
    for _ in {1..40}; do
        build b >/dev/null 2>&1
        "$WASME" rm "$REF" 2>/dev/null
    done 3>&- &
    writer=$!
    while kill -0 $writer 2>/dev/null; do
        try list
        assert_status 0
        assert_no_stderr
        "$WASME" inspect "$REF" >/dev/null 2>inspect.err || grep -q "no such image" inspect.err
    done
    wait $writer
    assert_equal "$(store_leftovers)" ""
}
