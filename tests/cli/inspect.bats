#!/usr/bin/env bats
# wasme inspect

load helper

@test "inspect: an image, with each digest labelled" {
    make_wasm a.wasm 0_2_1 500
    golden_config config.json
    "$WASME" build precompiled a.wasm -t a:v1 -c config.json 2>/dev/null >built
    try inspect a:v1
    assert_status 0
    assert_no_stderr
    assert_output_contains "docker.io/library/a:v1"
    assert_output_contains "500 bytes"
    assert_output_matches "manifest +$(sed 's/.*@//' built)"
    assert_output_matches "layer +sha256:$(sha256_of a.wasm)"
    assert_output_matches "file +sha256:$(sha256_of a.wasm)"
    assert_output_matches '^ABI +v0.2.1'
    assert_output_matches '^Type +envoy_proxy'
    assert_output_matches 'Root ids +root_id'
    assert_output_contains proxy_abi_version_0_2_1
}

@test "inspect: JSON" {
    make_wasm a.wasm 0_2_0 500
    golden_config config.json
    "$WASME" build precompiled a.wasm -t a:v1 -c config.json >/dev/null 2>&1
    try inspect --json a:v1
    assert_status 0
    assert_json .reference docker.io/library/a:v1
    assert_json .size 500
    assert_json .layerDigest "sha256:$(sha256_of a.wasm)"
    assert_json .fileDigest "sha256:$(sha256_of a.wasm)"
    assert_json '.abiVersions[0]' v0.2.0
    assert_json '.runtimeConfig.config.rootIds[0]' root_id
    assert_json '.exports[0].name' proxy_abi_version_0_2_0
    assert_json '.exports[0].kind' func
    assert_json '[.sections[].section] | join(" ")' "type function export code custom"
    assert_json '.sections[-1].name' padding
    assert_json '.imports | length' 0
}

@test "inspect: a file" {
    make_wasm a.wasm none
    try inspect a.wasm
    assert_status 0
    assert_output_contains "$(sha256_of a.wasm)"
    refute_output_contains manifest
    assert_output_matches '^ABI +none'
    try inspect ./a.wasm --json
    assert_json .file ./a.wasm
    assert_json '.manifestDigest // "absent"' absent
}

@test "inspect: the example's imports and exports" {
    try inspect "$ROOT/examples/add-header.wasm" --json
    assert_status 0
    assert_json '.abiVersions[0]' v0.2.1
    assert_json '[.imports[].module] | unique | join(" ")' env
    assert_json '[.exports[].name] | index("proxy_on_response_headers") != null' true
    try inspect "$ROOT/examples/add-header.wasm"
    assert_output_contains proxy_on_response_headers
}

@test "inspect: a file comes before an image of that name" {
    add_image a 500
    make_wasm a 0_2_0
    try inspect a --json
    assert_json .file a
    try inspect a:latest --json
    assert_json .size 500
}

@test "inspect: what is not there, and what is no module" {
    try inspect nowhere:v1
    assert_status 1
    assert_stderr_contains docker.io/library/nowhere:v1
    echo text >text.wasm
    try inspect text.wasm
    assert_status 1
    assert_stderr_contains text.wasm
    assert_output ""
}

@test "inspect: wasm that was changed in place is called damaged" {
    add_image a:v1 500
    printf x | dd of="$(image_dir docker.io/library/a:v1)/filter.wasm" bs=1 seek=400 \
        conv=notrunc status=none
    try inspect a:v1
    assert_status 1
    assert_stderr_contains "$(image_dir docker.io/library/a:v1)"
    assert_stderr_contains damaged
}

@test "inspect: names in a module do not drive the terminal" {
    {
        printf '\0asm\1\0\0\0\1\4\1\140\0\0\3\2\1\0'
        printf '\7\14\1\10\33[31mred\0\0' # an export called ESC [31mred
        printf '\12\4\1\2\0\13'
    } >a.wasm
    try inspect a.wasm
    assert_status 0
    assert_output_contains 31mred
    [[ $output != *$'\033'* ]]
    try inspect a.wasm --json
    [[ $output != *$'\033'* ]]
    assert_json '.exports[0].name' $'\033[31mred'
}
