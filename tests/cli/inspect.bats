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
    assert_json '.exports[1].name' proxy_abi_version_0_2_0
    assert_json '.exports[1].kind' func
    assert_json '[.sections[].section] | join(" ")' "type function memory export code custom"
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

# A filter with something of everything.
rich_module() {
    make_module "$1" "import env.proxy_log iii:i" "import env.abort iiii:" \
        "import wasi_snapshot_preview1.path_link iiiiii:i" "import env.proxy_get_metric iI:i" \
        "export proxy_abi_version_0_2_1 :" "export proxy_on_request_headers ii:i 300" \
        "export malloc i:i" "export _initialize :" "export helper :" "func a::function i:i 1000" \
        "memory 17 64" "table 3 3" start "feature sign" "feature simd" \
        "producer language Rust 2021" "producer processed-by rustc 1.70.0_(90c541806)" \
        "producer processed-by walrus 0.19.0" "custom notes 500"
}

@test "inspect: the kind of the module, its features, limits, start and producers" {
    rich_module a.wasm
    try inspect a.wasm
    assert_status 0
    assert_output_matches '^Kind +proxy-wasm filter, ABI v0.2.1$'
    assert_output_matches '^Features +sign extension, SIMD$'
    assert_output_matches '^Memory +17 pages \(1\.0 MiB\), at most 64, exported as memory$'
    assert_output_matches '^Table +funcref, 3 entries, at most 3$'
    assert_output_matches '^Start +_initialize, a start section$'
    assert_output_matches '^Language +Rust 2021$'
    assert_output_matches '^Made by +rustc 1\.70\.0 \(90c541806\), walrus 0\.19\.0$'
    try inspect a.wasm --json
    assert_json .kind "proxy-wasm filter, ABI v0.2.1"
    assert_json '.features | join(" ")' "sign extension SIMD"
    assert_json '.memories[0] | "\(.min) \(.max) \(.pageBytes) \(.imported)"' "17 64 65536 false"
    assert_json '.tables[0] | "\(.element) \(.min) \(.max)"' "funcref 3 3"
    assert_json '.start | join(" ")' "_initialize a start section"
    assert_json '.languages[0]' "Rust 2021"
    assert_json '.tools[1]' "walrus 0.19.0"
}

@test "inspect: imports that no standard has, or has with another type, are shown with their types" {
    rich_module a.wasm
    try inspect a.wasm
    assert_output_matches '^  func    env\.proxy_log$'
    assert_output_contains $'  func    env.abort  i32 i32 i32 i32 -> void\n          no function of proxy-wasm or WASI preview 1; no known host has it'
    assert_output_contains $'  func    wasi_snapshot_preview1.path_link  i32 i32 i32 i32 i32 i32 -> i32\n          another type than the standard has: i32 i32 i32 i32 i32 i32 i32 -> i32'
    assert_output_contains $'  func    env.proxy_get_metric  i32 i64 -> i32\n          another type than the standard has: i32 i32 -> i32'
    try inspect a.wasm --json
    assert_json '[.imports[] | select(.standard | not) | .name] | join(" ")' "abort path_link proxy_get_metric"
    assert_json '.imports[0].type' "i32 i32 i32 -> i32"
    assert_json '.imports[3].standardType' "i32 i32 -> i32"
    make_module b.wasm "memory-import env.memory 2" "global-import env.base" "export f :"
    try inspect b.wasm
    assert_output_matches '^  memory  env\.memory  2 pages \(128 KiB\), no maximum$'
    assert_output_matches '^  global  env\.base  i32$'
    assert_output_matches '^Memory .*, imported, not exported$'
}

@test "inspect: callbacks are shown with their types" {
    rich_module a.wasm
    try inspect a.wasm
    assert_output_contains $'  func    proxy_on_request_headers  i32 i32 -> i32\n          another type than the standard has: i32 i32 i32 -> i32'
    assert_output_matches '^  func    malloc  i32 -> i32$'
    assert_output_matches '^  func    helper$'
    # In ABI v0.1.0, header callbacks have two parameters.
    make_module old.wasm "export proxy_abi_version_0_1_0 :" "export proxy_on_request_headers ii:i" \
        "export proxy_on_tick i:"
    try inspect old.wasm
    refute_output_contains "another type"
    assert_output_matches '^  func    proxy_on_tick  i32 -> void$'
    try inspect old.wasm --json
    assert_json '[.exports[] | select(.callback) | .name] | join(" ")' "proxy_on_request_headers proxy_on_tick"
}

@test "inspect: what kind of thing it is" {
    make_module codec.wasm "export proxy_abi_mosn_version_0_2_0 :" "export proxy_decode_buffer_bytes iii:i"
    make_module command.wasm "import wasi_snapshot_preview1.fd_write iiii:i" "export _start :" "memory 1"
    make_module reactor.wasm "import wasi_snapshot_preview1.fd_write iiii:i" "export _initialize :" "memory 1"
    make_module two.wasm "export proxy_abi_version_0_2_0 :" "export proxy_abi_version_0_1_0 :"
    for pair in "codec:MOSN codec plugin" "command:WASI command" "reactor:WASI reactor" \
        "two:proxy-wasm filter, ABI v0.2.0"; do
        try inspect "${pair%%:*}.wasm"
        assert_output_matches "^Kind +${pair#*:}"
    done
}

@test "inspect: bars of the sections and the largest functions, within 80 columns" {
    rich_module a.wasm
    try inspect a.wasm
    assert_output_matches '^  code +[0-9]+ bytes +[0-9.]+% +#+$'
    assert_output_matches '^  custom +506 bytes +[0-9.]+% +#+ +notes$'
    assert_output_matches '^Functions  9, and 4 imported; the largest:$'
    # The names come from the name section, else from the exports.
    assert_output_matches '^ +1004 bytes +[0-9.]+% +#+  a::function$'
    assert_output_matches '^ +304 bytes +[0-9.]+% +#+ +proxy_on_request_headers$'
    [[ $(awk 'length > 80 && !/ -> / && !/sha256|^ +the plain/' <<<"$output") == "" ]] || complain "wider than 80 columns"
    longest=$(sed -n '/^Functions/,$p' <<<"$output" | tr -cd '#\n' | awk '{ print length }' | head -3 | tr '\n' ' ')
    assert_equal "$longest" "0 17 5 "
    try inspect a.wasm --functions 1 --json
    assert_json '.functions | "\(.imported) \(.defined)"' "4 9"
    assert_json '.functions.largest | map("\(.index) \(.name) \(.size)") | join(",")' "9 a::function 1004"
    try inspect a.wasm --functions 0
    assert_output_matches '^Functions  9, and 4 imported$'
}

@test "inspect: bars are as wide as the terminal, up to 100 columns, and need no colours" {
    skip_unless python3
    rich_module a.wasm
    local columns widest
    for columns in 70 90 300; do
        try_command env TERM=xterm python3 "$ROOT/tests/cli/terminal.py" --columns "$columns" -- \
            "$WASME" inspect a.wasm
        assert_status 0
        [[ $output != *$'\033'* ]] || complain "steers the terminal"
        widest=$(grep -a '#' <<<"$output" | tr -d '\r' | awk '{ print length }' | sort -n | tail -n 1)
        ((widest <= columns && widest <= 100)) || complain "$widest columns in a terminal of $columns"
        echo "$widest" >>widths
    done
    assert_equal "$(sort -n widths | uniq | wc -l)" 3
}

@test "inspect: long and odd names of functions are cut, and drive no terminal" {
    local long
    long=$(printf 'x%.0s' {1..300})
    make_module a.wasm "func $long : 20" $'func \033[31mred : 10'
    try inspect a.wasm
    assert_output_contains xxx...
    [[ $output != *$'\033'* ]]
    [[ $(awk 'length > 80 && !/sha256|the plain/' <<<"$output") == "" ]] || complain "wider than 80 columns"
    try inspect a.wasm --json
    [[ $output != *$'\033'* ]]
    assert_json '.functions.largest[0].name' "$long"
}
