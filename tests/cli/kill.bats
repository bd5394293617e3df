#!/usr/bin/env bats
# kill -9 at random points, and writers at the same time: the store holds the old image or the new
# one, `list` always works, and leftovers go with the next write.

load helper

REF=harbor.example/kill/filter:v1

setup() {
    scratch
    golden_config config.json
    make_wasm a.wasm 0_2_1 400000 AAAA
    make_wasm b.wasm 0_2_0 300000 BBBB
    A=$(sha256_of a.wasm) B=$(sha256_of b.wasm)
    # A pipe that nobody writes to: reading it is a sleep that takes no process.
    mkfifo never
    exec {never}<>never
    kills=200
    ! is_sanitized || kills=40
}

nap() { # microseconds
    read -rt "$(printf '%d.%06d' $(($1 / 1000000)) $(($1 % 1000000)))" <&"$never" || true
}

# How long the command takes, in microseconds: the middle of five.
measure() {
    local start
    for _ in 1 2 3 4 5; do
        start=${EPOCHREALTIME/./}
        "$@" >/dev/null 2>&1
        echo $((${EPOCHREALTIME/./} - start))
    done | sort -n | sed -n 3p
}

# Starts the command and kills it within $1 microseconds; counts in $killed and $finished.
run_and_kill() {
    local within=$1 pid status=0
    shift
    "$@" >/dev/null 2>&1 3>&- &
    pid=$!
    nap $(((RANDOM << 15 | RANDOM) % within))
    kill -KILL $pid 2>/dev/null || true
    wait $pid 2>/dev/null || status=$?
    if ((status == 137)); then killed=$((killed + 1)); else finished=$((finished + 1)); fi
}

assert_list_is_clean() {
    try list
    assert_status 0
    assert_no_stderr
}

assert_image_is_whole() { # REF
    try inspect "$1" --json
    assert_status 0
    case $(jq -r '.fileDigest + " " + .abiVersions[0]' <<<"$output") in
    "sha256:$A v0.2.1" | "sha256:$B v0.2.0") ;;
    *) complain "neither A nor B" ;;
    esac
}

build() { # a|b
    "$WASME" build precompiled "$1.wasm" -t "$REF" -c config.json
}

@test "kill: while an image is replaced" {
    build a >/dev/null 2>&1
    took=$(measure build b)
    killed=0 finished=0 seen_a=0 seen_b=0
    for ((i = 0; i < kills; i++)); do
        if ((i % 2)); then file=a; else file=b; fi
        run_and_kill $((took * 13 / 10)) "$WASME" build precompiled "$file.wasm" -t "$REF" \
            -c config.json
        assert_list_is_clean
        assert_line_count 2
        assert_image_is_whole "$REF"
        if [[ $output == *$A* ]]; then seen_a=$((seen_a + 1)); else seen_b=$((seen_b + 1)); fi
    done
    echo "took $took us; killed $killed, finished $finished, then A $seen_a times, B $seen_b times"
    ((killed > kills / 4 && seen_a > 0 && seen_b > 0))
    build a >/dev/null 2>&1
    assert_equal "$(store_leftovers)" ""
    assert_equal "$(find "$(image_dir $REF)" -type f | wc -l)" 4
}

@test "kill: while an image is made anew" {
    took=$(measure build a)
    killed=0 finished=0
    for ((i = 0; i < kills / 2; i++)); do
        run_and_kill $((took * 13 / 10)) "$WASME" build precompiled a.wasm -t "$REF$i" -c config.json
        assert_list_is_clean
    done
    "$WASME" list --json | jq -r '.[].reference' | while read -r name; do
        assert_image_is_whole "$name"
    done
    build b >/dev/null 2>&1
    assert_equal "$(store_leftovers)" ""
    ((killed > kills / 8))
}

@test "kill: while a tag moves" {
    golden_config config.json
    build a >/dev/null 2>&1
    "$WASME" tag "$REF" is:a 2>/dev/null
    build b >/dev/null 2>&1
    "$WASME" tag "$REF" is:b 2>/dev/null
    took=$(measure "$WASME" tag is:a "$REF")
    killed=0 finished=0 seen_a=0 seen_b=0
    for ((i = 0; i < kills; i++)); do
        if ((i % 2)); then from=is:a; else from=is:b; fi
        run_and_kill $((took * 13 / 10)) "$WASME" tag "$from" "$REF"
        assert_list_is_clean
        assert_line_count 4
        assert_image_is_whole "$REF"
        if [[ $output == *$A* ]]; then seen_a=$((seen_a + 1)); else seen_b=$((seen_b + 1)); fi
    done
    echo "took $took us; killed $killed, finished $finished, then A $seen_a times, B $seen_b times"
    ((killed > kills / 4 && seen_a > 0 && seen_b > 0))
    assert_image_is_whole is:a
    assert_image_is_whole is:b
    "$WASME" tag is:a "$REF" 2>/dev/null
    assert_equal "$(store_leftovers)" ""
    assert_equal "$(find "$STORE" -name filter.wasm -printf '%i\n' | sort -u | wc -l)" 2
}

@test "kill: while an image is removed" {
    build a >/dev/null 2>&1
    took=$(measure "$WASME" rm nowhere)
    killed=0 finished=0
    for ((i = 0; i < kills / 4; i++)); do
        build a >/dev/null 2>&1
        run_and_kill $((took * 2)) "$WASME" rm "$REF"
        assert_list_is_clean
        [[ $output != *filter* ]] || assert_image_is_whole "$REF"
    done
    build a >/dev/null 2>&1
    assert_equal "$(store_leftovers)" ""
}

@test "kill: while an image is pulled" {
    start_registry plain
    "$WASME" build precompiled a.wasm -t "$REGISTRY/kill/a:v1" >/dev/null 2>&1
    "$WASME" push "$REGISTRY/kill/a:v1" >/dev/null 2>&1
    "$WASME" tag "$REGISTRY/kill/a:v1" "$REGISTRY/kill/b:v1" 2>/dev/null
    rm -rf "$STORE"
    took=$(measure "$WASME" pull "$REGISTRY/kill/a:v1")
    killed=0 finished=0
    for ((i = 0; i < kills / 4; i++)); do
        run_and_kill $((took * 13 / 10)) "$WASME" pull "$REGISTRY/kill/a:v1"
        assert_list_is_clean
        assert_image_is_whole "$REGISTRY/kill/a:v1"
    done
    ((killed > kills / 16))
    "$WASME" pull "$REGISTRY/kill/a:v1" >/dev/null 2>&1
    assert_equal "$(store_leftovers)" ""
}

write_in_turn() { # TIMES
    local i
    for ((i = 0; i < $1; i++)); do
        if ((i % 2)); then build a; else build b; fi || return 1
        "$WASME" tag "$REF" "two:v$((i % 3))" || return 1
    done >/dev/null
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
        assert_list_is_clean
        assert_image_is_whole "$REF"
    done
    for pid in "${pids[@]}"; do
        wait "$pid" || { cat writer*.log && false; }
    done
    assert_list_is_clean
    assert_line_count 5
    assert_equal "$(store_leftovers)" ""
}

@test "writers at the same time, one of which is always killed" {
    build a >/dev/null 2>&1
    took=$(measure build a)
    write_in_turn 20 2>writer.log 3>&- &
    writer=$!
    killed=0 finished=0
    for ((i = 0; i < 40; i++)); do
        run_and_kill $((took * 2)) "$WASME" build precompiled b.wasm -t "$REF" -c config.json
        assert_list_is_clean
    done
    wait $writer || { cat writer.log && false; }
    assert_image_is_whole "$REF"
    build a >/dev/null 2>&1
    assert_equal "$(store_leftovers)" ""
}

@test "images and their removal at the same time" {
    build a >/dev/null 2>&1
    for _ in {1..60}; do
        build b >/dev/null 2>&1
        "$WASME" rm "$REF" 2>/dev/null
    done 3>&- &
    writer=$!
    while kill -0 $writer 2>/dev/null; do
        assert_list_is_clean
        "$WASME" inspect "$REF" >/dev/null 2>inspect.err || grep -q "no such image" inspect.err
    done
    wait $writer
    assert_equal "$(store_leftovers)" ""
}
