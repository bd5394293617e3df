#!/usr/bin/env bats
# wasme rm

load helper

@test "rm: one, and several" {
    for name in a b c; do add_image "$name:v1"; done
    try rm a:v1
    assert_status 0
    assert_output ""
    refute_exists "$(image_dir docker.io/library/a:v1)"
    try rm b:v1 c:v1
    assert_status 0
    try list
    assert_line_count 1
    assert_equal "$(store_leftovers)" ""
}

@test "rm: what is not there is an error that names it; the others go" {
    add_image a:v1
    add_image b:v1
    try rm a:v1 nowhere:v1 b:v1
    assert_status 1
    assert_stderr_contains docker.io/library/nowhere:v1
    try list
    assert_line_count 1
    try rm a:v1
    assert_status 1
    assert_stderr_contains docker.io/library/a:v1
}

@test "rm: a missing store is not made" {
    try rm a:v1
    assert_status 1
    refute_exists "$HOME/.wasme"
}

@test "rm: takes what else is in the image's folder with it" {
    add_image a:v1
    mkdir -p "$(image_dir docker.io/library/a:v1)/more/below"
    echo x >"$(image_dir docker.io/library/a:v1)/more/below/file"
    try rm a:v1
    assert_status 0
    assert_equal "$(find "$STORE" -mindepth 1 ! -name .lock)" ""
}

@test "rm: does not follow a link out of the store" {
    add_image a:v1
    mkdir outside
    echo precious >outside/file
    ln -s "$PWD/outside" "$(image_dir docker.io/library/a:v1)/link"
    try rm a:v1
    assert_status 0
    assert_exists outside/file
}
