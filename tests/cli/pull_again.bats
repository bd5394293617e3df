#!/usr/bin/env bats
# Pulls of what the store has already, in part or whole. A real registry, and for answers that no
# registry gives a fake one.

load helper

setup_file() {
    scratch
    start_registry plain
    export PLAIN_REGISTRY=$REGISTRY
}

setup() {
    scratch
    # Each test has its own repository, and a store for what it pulls.
    REPO=$REGISTRY/test$BATS_TEST_NUMBER/filter
    OTHER=$PWD/other-store
}

# push_image TAG SIZE FILL [CONFIG]: sets PUSHED to its REF@DIGEST.
push_image() {
    make_wasm filter.wasm 0_2_1 "$2" "$3"
    printf '%s' "${4:-{\}}" >config.json
    "$WASME" build precompiled filter.wasm -t "$REPO:$1" -c config.json >/dev/null 2>&1
    PUSHED=$("$WASME" push "$REPO:$1" 2>/dev/null)
}

config_of() { # ROOT_ID
    printf '{"type":"envoy_proxy","abiVersions":["v0.2.1"],"config":{"rootIds":["%s"]}}' "$1"
}

pull_other() { # TAG [OPTION...]
    local tag=$1
    shift
    registry_mark
    try pull "$REPO:$tag" --store "$OTHER" "$@"
    assert_status 0
}

damage() { # FILE
    printf XXXXXXXX | dd of="$1" bs=1 seek=100 conv=notrunc status=none
}

assert_pulled() { # TAG
    assert_same_file filter.wasm "$(image_dir "$REPO:$1" "$OTHER")/filter.wasm"
    assert_equal "$(store_leftovers "$OTHER")" ""
}

@test "pull again: an unchanged tag is one question" {
    push_image v1 20000 random "$(config_of a)"
    pull_other v1
    assert_output "$PUSHED"
    assert_equal "$(count_requests GET)" 3
    pull_other v1
    assert_output "$PUSHED"
    assert_stderr_contains "Image: $REPO:v1 (unchanged)"
    assert_equal "$(count_requests GET)" 1
    assert_equal "$(count_requests 'GET [^"]*manifests/v1 [^"]*" 304')" 1
    pull_other v1 -v
    assert_equal "$(count_requests GET)" 1
}

@test "pull again: a tag that has moved is fetched" {
    push_image v1 20000 random "$(config_of a)"
    pull_other v1
    push_image v1 20000 random "$(config_of a)"
    pull_other v1
    assert_output "$PUSHED"
    refute_stderr_contains "unchanged"
    assert_equal "$(count_requests GET)" 3
    assert_pulled v1
}

@test "pull again: damage is found, and mended" {
    push_image v1 20000 random "$(config_of a)"
    pull_other v1
    damage "$(image_dir "$REPO:v1" "$OTHER")/filter.wasm"
    pull_other v1
    refute_stderr_contains "unchanged"
    assert_output "$PUSHED"
    assert_equal "$(count_requests 'GET [^"]*manifests')" 2
    assert_equal "$(count_requests 'GET [^"]*blobs')" 1 "the config is undamaged"
    assert_pulled v1
}

@test "pull again: a second tag with the same wasm costs the manifest and the config" {
    push_image v1 20000 same "$(config_of a)"
    push_image v2 20000 same "$(config_of b)"
    pull_other v1
    pull_other v2
    assert_output "$PUSHED"
    assert_equal "$(count_requests GET)" 2
    assert_equal "$(count_requests "GET [^\"]*blobs/sha256:$(sha256_of config.json)")" 1
    assert_pulled v2
    # The two are files of their own: the original writes to filter.wasm in place.
    damage "$(image_dir "$REPO:v1" "$OTHER")/filter.wasm"
    assert_pulled v2
}

@test "pull again: a second name of an image costs its manifest alone" {
    push_image v1 20000 same "$(config_of a)"
    pull_other v1
    "$WASME" tag "$REPO:v1" "$REPO:v2" 2>/dev/null
    "$WASME" push "$REPO:v2" >/dev/null 2>&1
    pull_other v2
    assert_equal "$(count_requests GET)" 1
    assert_pulled v2
    registry_mark
    try pull "$REPO:v2" -o out.wasm --store "$OTHER"
    assert_status 0
    assert_same_file out.wasm filter.wasm
    assert_equal "$(count_requests GET)" 1
}

@test "pull again: a damaged blob of another image is fetched" {
    push_image v1 20000 same "$(config_of a)"
    push_image v2 20000 same "$(config_of b)"
    pull_other v1
    damage "$(image_dir "$REPO:v1" "$OTHER")/filter.wasm"
    pull_other v2
    assert_equal "$(count_requests GET)" 3
    assert_pulled v2
    pull_other v2 -o out.wasm
    assert_same_file out.wasm filter.wasm
}

@test "pull again: a layer that was kept is found too" {
    make_wasm filter.wasm 0_2_1 20000 random
    "$WASME" build precompiled filter.wasm -t "$REPO:v1" --format compat >/dev/null 2>&1
    "$WASME" tag "$REPO:v1" "$REPO:v2" 2>/dev/null
    "$WASME" push "$REPO:v1" "$REPO:v2" >/dev/null 2>&1
    pull_other v1
    pull_other v2
    assert_equal "$(count_requests GET)" 1
    assert_pulled v2
    assert_equal "$("$WASME" push "$REPO:v2" --store "$OTHER" 2>/dev/null)" "$output"
}

@test "pull again: ten tags of one image in one run fetch its blobs once" {
    push_image v1 20000 same "$(config_of a)"
    refs=("$REPO:v1")
    for n in {2..10}; do
        "$WASME" tag "$REPO:v1" "$REPO:v$n" 2>/dev/null
        refs+=("$REPO:v$n")
    done
    "$WASME" push "${refs[@]}" >pushed 2>/dev/null
    for jobs in 1 8; do
        rm -rf "$OTHER"
        registry_mark
        try pull "${refs[@]}" -j "$jobs" --store "$OTHER"
        assert_status 0
        assert_output "$(<pushed)"
        assert_equal "$(count_requests 'GET [^"]*manifests')" 10
        assert_equal "$(count_requests 'GET [^"]*blobs')" 2
        for n in {1..10}; do
            assert_pulled "v$n"
        done
    done
}

@test "pull again: an index is asked for, and not its image" {
    push_image v1 20000 random "$(config_of a)"
    digest=${PUSHED#*@}
    size=$(curl -sf -H "Accept: application/vnd.oci.image.manifest.v1+json" \
        "$REGISTRY_URL/v2/${REPO#*/}/manifests/v1" | wc -c)
    type=application/vnd.oci.image.index.v1+json
    printf '{"schemaVersion":2,"mediaType":"%s","manifests":[{"mediaType":"%s","digest":"%s","size":%d}]}' \
        "$type" application/vnd.oci.image.manifest.v1+json "$digest" "$size" >index.json
    curl -sf -X PUT -H "Content-Type: $type" --data-binary @index.json \
        "$REGISTRY_URL/v2/${REPO#*/}/manifests/all"
    pull_other all
    assert_output "$REPO:all@$digest"
    assert_equal "$(count_requests GET)" 4
    pull_other all
    assert_output "$REPO:all@$digest"
    assert_stderr_contains "(unchanged)"
    assert_equal "$(count_requests GET)" 1
    damage "$(image_dir "$REPO:all" "$OTHER")/filter.wasm"
    pull_other all
    refute_stderr_contains "unchanged"
    assert_pulled all
}

@test "pull again: a copy into a store that has the image is one question" {
    push_image v1 20000 random "$(config_of a)"
    for times in 3 1; do
        registry_mark
        try copy "$REPO:v1" store:mine:v1 --to-store "$OTHER"
        assert_status 0
        assert_output_contains "@${PUSHED#*@}"
        assert_equal "$(count_requests GET)" "$times"
    done
    assert_stderr_contains "Unchanged"
}

@test "pull again: a damaged folder, or none that can be read, is no reason to fail" {
    push_image v1 20000 random "$(config_of a)"
    mkdir -p "$OTHER/0123456789abcdef0123456789abcdef"
    mkfifo "$OTHER/0123456789abcdef0123456789abcdef/descriptor.json"
    ln -s /dev/zero "$OTHER/0123456789abcdef0123456789abcdef/filter.wasm"
    pull_other v1
    assert_same_file filter.wasm "$(image_dir "$REPO:v1" "$OTHER")/filter.wasm"
}

# --- Answers that are no answers ---

peer() { # SCENARIO
    LOG=$PWD/requests
    start_fake peer "$LOG" --scenario "$1"
    REF=127.0.0.1:${FAKE[0]}/fake/image:v1
}

manifest_requests() {
    grep -c 'GET [^ ]*/manifests/' "$LOG" || true
}

@test "pull again: a registry without conditions is asked once too" {
    peer plain
    try pull "$REF" --store "$OTHER"
    assert_status 0
    : >"$LOG"
    try pull "$REF" --store "$OTHER"
    assert_status 0
    assert_stderr_contains "(unchanged)"
    assert_equal "$(grep -c GET "$LOG")" 1
}

@test "pull again: 304 without a condition is an error" {
    peer never-modified
    try pull "$REF" --store "$OTHER"
    assert_status 1
    assert_stderr_contains "304"
    # With an image it is an answer; with a damaged one it is an error again.
    make_wasm filter.wasm 0_2_1 20000 random
    "$WASME" build precompiled filter.wasm -t "$REF" --store "$OTHER" >/dev/null 2>&1
    try pull "$REF" --store "$OTHER"
    assert_status 0
    damage "$(image_dir "$REF" "$OTHER")/filter.wasm"
    try pull "$REF" --store "$OTHER"
    assert_status 1
    assert_stderr_contains "304"
}

@test "pull again: 304 about another manifest is no answer" {
    peer other-modified
    make_wasm filter.wasm 0_2_1 20000 random
    "$WASME" build precompiled filter.wasm -t "$REF" --store "$OTHER" >/dev/null 2>&1
    try pull "$REF" --store "$OTHER"
    assert_status 0
    assert_output "$REF@${FAKE[2]}"
    refute_stderr_contains "unchanged"
    assert_equal "$(manifest_requests)" 2
}
