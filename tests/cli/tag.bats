#!/usr/bin/env bats
# wasme tag

load helper

wasm_inode() {
    stat -c %i "$(image_dir "$1")/filter.wasm"
}

@test "tag: a digest as the new name is refused" {
    add_image a:v1
    try tag a:v1 b@sha256:93a44bbb96c751218e4c00d479e4c14358122a389acca16205b1e4d0dc5f9476
    assert_status 2
    assert_stderr_contains "not a digest"
}

@test "tag: a second reference that shares the wasm" {
    add_image harbor.example/a/b:v1 1000000
    try tag harbor.example/a/b:v1 harbor.example/c/d:v2
    assert_status 0
    assert_output ""
    assert_equal "$(wasm_inode harbor.example/c/d:v2)" "$(wasm_inode harbor.example/a/b:v1)"
    assert_equal "$(cat "$(image_dir harbor.example/c/d:v2)/image_ref")" harbor.example/c/d:v2
    try list
    assert_line_count 3
    for file in descriptor.json runtime-config.json; do
        assert_same_file "$(image_dir harbor.example/a/b:v1)/$file" \
            "$(image_dir harbor.example/c/d:v2)/$file"
    done
}

@test "tag: the two live on by themselves" {
    add_image a:v1 1000 one
    "$WASME" tag a:v1 b:v1
    first=$(sha256_of "$(image_dir docker.io/library/b:v1)/filter.wasm")
    add_image a:v1 1000 two
    assert_equal "$(sha256_of "$(image_dir docker.io/library/b:v1)/filter.wasm")" "$first"
    try rm a:v1
    assert_status 0
    try inspect b:v1
    assert_status 0
}

@test "tag: replaces an image, and onto itself changes nothing" {
    add_image a:v1 1000 one
    add_image b:v1 1000 two
    try tag a:v1 b:v1
    assert_status 0
    assert_equal "$(wasm_inode docker.io/library/b:v1)" "$(wasm_inode docker.io/library/a:v1)"
    try tag a:v1 a:v1
    assert_status 0
    try inspect a:v1
    assert_status 0
    assert_equal "$(store_leftovers)" ""
}

@test "tag: a hundred names of one wasm" {
    add_image a:v0 100000
    for i in {1..100}; do
        "$WASME" tag a:v0 "a:v$i" 2>/dev/null
    done
    assert_equal "$(find "$STORE" -name filter.wasm -printf '%i\n' | sort -u | wc -l)" 1
    try list
    assert_line_count 102
}

@test "tag: an image that is not there, and one that is damaged" {
    try tag nowhere:v1 b:v1
    assert_status 1
    assert_stderr_contains docker.io/library/nowhere:v1
    refute_exists "$STORE"
    add_image a:v1
    truncate -s 3 "$(image_dir docker.io/library/a:v1)/filter.wasm"
    try tag a:v1 b:v1
    assert_status 1
    assert_stderr_contains "$(image_dir docker.io/library/a:v1)"
    refute_exists "$(image_dir docker.io/library/b:v1)"
}

@test "tag: references that are none" {
    add_image a:v1
    try tag a:v1 'B C'
    assert_status 2
    try tag a:v1 a:v1:v2
    assert_status 2
}

@test "tag: keeps the manifest's digest" {
    add_image a:v1
    "$WASME" tag a:v1 b:v1
    assert_equal "$("$WASME" inspect b:v1 --json | jq -r .manifestDigest)" \
        "$("$WASME" inspect a:v1 --json | jq -r .manifestDigest)"
}
