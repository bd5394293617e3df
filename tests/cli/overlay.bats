#!/usr/bin/env bats
# A store that is part of a container's image: its images are in a lower layer of an overlay, where
# a folder cannot be renamed. The tests mount a real overlay, which only root may do.

load helper

REF=harbor.example/baked/filter:v1

setup() {
    scratch
    [[ $(id -u) == 0 ]] || skip "only root can mount an overlay"
    make_wasm new.wasm 0_2_0 30000 NEW
    make_wasm baked.wasm 0_2_1 40000 BAKED
    golden_config config.json
    mkdir layers
    mount -t tmpfs tmpfs layers || skip "no tmpfs can be mounted here" # it holds any upper layer
    mkdir -p layers/{lower,upper,work} "$STORE"
    bake
    merge || skip "no overlay can be mounted here: $(cat mount.err)"
}

teardown() {
    umount "$HOME/.wasme/store" layers 2>/dev/null || true
    stop_all
}

bake() {
    "$WASME" build precompiled baked.wasm -t "$REF" --store layers/lower >/dev/null 2>&1
    "$WASME" build precompiled new.wasm -t harbor.example/baked/new:v1 --store layers/lower \
        >/dev/null 2>&1
    mkdir "$(image_dir "$REF" layers/lower)/notes"
    echo kept >"$(image_dir "$REF" layers/lower)/notes/file"
    chmod 640 "$(image_dir "$REF" layers/lower)/notes/file"
    BAKED=sha256:$(sha256_of baked.wasm) NEW=sha256:$(sha256_of new.wasm)
}

# An empty upper layer, as at the start of the container.
merge() {
    umount "$STORE" 2>/dev/null || true
    rm -rf layers/upper layers/work
    mkdir layers/upper layers/work
    mount -t overlay overlay -o "lowerdir=layers/lower,upperdir=layers/upper,workdir=layers/work" \
        "$STORE" 2>mount.err
}

digest_of() {
    try inspect "$1" --json
    assert_status 0
    jq -r .fileDigest <<<"$output"
}

@test "overlay: an image of a lower layer is replaced, and what lies beside it stays" {
    skip_unless python3
    ! python3 -c 'import os, sys; os.rename(*sys.argv[1:])' "$(image_dir "$REF")" "$STORE/other" \
        2>/dev/null || skip "this overlay renames folders"
    try build precompiled new.wasm -t "$REF" -c config.json
    assert_status 0
    assert_equal "$(digest_of "$REF")" "$NEW"
    assert_equal "$(cat "$(image_dir "$REF")/notes/file")" kept
    assert_equal "$(stat -c %a "$(image_dir "$REF")/notes/file")" 640
    assert_equal "$(store_leftovers)" ""
    try build precompiled baked.wasm -t "$REF" -c config.json
    assert_status 0
    assert_equal "$(digest_of "$REF")" "$BAKED"
    assert_equal "$(cat "$(image_dir "$REF")/notes/file")" kept
    assert_equal "$(find layers/lower -name filter.wasm | wc -l)" 2
}

@test "overlay: an image of a lower layer is tagged, replaced by a tag, pulled and removed" {
    start_registry plain
    try tag "$REF" baked:v2
    assert_status 0
    try tag harbor.example/baked/new:v1 "$REF"
    assert_status 0
    assert_equal "$(digest_of "$REF")" "$NEW"
    assert_equal "$(digest_of baked:v2)" "$BAKED"
    merge
    try rm "$REF"
    assert_status 0
    try inspect "$REF"
    assert_status 1
    assert_stderr_contains "no such image"
    try list
    assert_line_count 2
    assert_no_stderr
    assert_equal "$(store_leftovers)" ""
    try build precompiled new.wasm -t "$REF" -c config.json
    assert_status 0
    assert_equal "$(digest_of "$REF")" "$NEW"
    try rm "$REF"
    assert_status 0
}

@test "overlay: a pull replaces an image of a lower layer" {
    start_registry plain
    REF=$REGISTRY/baked/filter:v1
    "$WASME" build precompiled new.wasm -t "$REF" --store elsewhere >/dev/null 2>&1
    "$WASME" push "$REF" --store elsewhere >/dev/null 2>&1
    umount "$STORE"
    "$WASME" build precompiled baked.wasm -t "$REF" --store layers/lower >/dev/null 2>&1
    merge
    assert_equal "$(digest_of "$REF")" "$BAKED"
    try pull "$REF"
    assert_status 0
    assert_equal "$(digest_of "$REF")" "$NEW"
}

# kill_everywhere "DIGEST..." COMMAND...: kills the command before each of its calls in turn. Each
# time the image then has one of the digests ("none": no image), and the command works.
kill_everywhere() {
    local allowed=$1 call=0 found
    shift
    while ((++call)); do
        merge
        run --separate-stderr -- env LD_PRELOAD="$PWD/recorder.so" RECORDER_KILL=$call "$WASME" "$@"
        ran="wasme $*, killed before call $call"
        found=none
        "$WASME" inspect "$REF" --json >found 2>found.err && found=$(jq -r .fileDigest found)
        [[ $found != none ]] || grep -q "no such image" found.err || complain "$(cat found.err)"
        [[ " $allowed " == *" $found "* ]] || complain "found $found"
        [[ $status -eq 137 ]] || break
        try list
        assert_status 0
        assert_no_stderr
        [[ $found == none ]] || assert_output_contains baked/filter
        if [[ $found == none ]]; then continue; fi
        try "$@"
        assert_status 0
        assert_equal "$(store_leftovers)" ""
        try list
        assert_no_stderr
    done
    [[ $status -eq 0 && $call -gt 15 ]] || complain "ended after $call calls"
}

@test "overlay: whoever is killed at any point leaves the old image or the new one" {
    recorded_program
    skip_unless "${CC:-gcc}" jq
    "${CC:-gcc}" -std=gnu11 -D_GNU_SOURCE -shared -fPIC -o recorder.so \
        "$ROOT/tests/cli/recorder.c" -ldl
    kill_everywhere "$BAKED $NEW" tag harbor.example/baked/new:v1 "$REF"
    kill_everywhere "$BAKED none" rm "$REF"
}
