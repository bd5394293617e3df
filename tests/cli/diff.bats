#!/usr/bin/env bats
# wasme diff

load helper

# The items that every module here begins with.
base=("import env.proxy_log iii:i" "export proxy_abi_version_0_2_1 :" "export malloc i:i" "memory 2")

@test "diff: nothing changed" {
    cp "$ROOT/examples/add-header.wasm" a.wasm
    cp a.wasm b.wasm
    try diff a.wasm b.wasm --fail-on any --max-growth 0
    assert_status 0
    assert_no_stderr
    assert_output $'Before     a.wasm\nAfter      b.wasm\nNothing changed: both have the same wasm, byte for byte'
    try diff a.wasm b.wasm --json
    assert_json .same true
    assert_json '.size | "\(.before - .after) \(.growth)"' "0 0"
    assert_json '.facts | length' 0
    assert_json '.imports.added + .exports.removed | length' 0
}

@test "diff: imports that are added, removed, and of another type" {
    make_module a.wasm "${base[@]}" "import env.gone i:" "import env.other ii:i"
    make_module b.wasm "${base[@]}" "import env.new I:i" "import env.other iI:i"
    try diff a.wasm b.wasm
    assert_status 0
    assert_output_contains $'Imports    1 added, 1 removed, 1 of another type
  - func    env.gone  i32 -> void
  + func    env.new  i64 -> i32
  - func    env.other  i32 i32 -> i32
  + func    env.other  i32 i64 -> i32'
    refute_output_contains env.proxy_log
    refute_output_contains Exports
    try diff a.wasm b.wasm --json
    assert_json .same false
    assert_json '.imports.added[0] | "\(.module) \(.name) \(.kind) \(.type)"' "env new func i64 -> i32"
    assert_json '.imports.removed[0].name' gone
    assert_json '.imports.changed[0] | "\(.name): \(.before): \(.after)"' "other: i32 i32 -> i32: i32 i64 -> i32"
}

@test "diff: a name that is imported twice" {
    make_module a.wasm "import env.f i:" "import env.f ii:"
    make_module b.wasm "import env.f ii:" "import env.f iii:"
    try diff a.wasm b.wasm --json
    assert_json '.imports.removed | map(.type) | join(",")' "i32 -> void"
    assert_json '.imports.added | map(.type) | join(",")' "i32 i32 i32 -> void"
    assert_json '.imports.changed | length' 0
}

@test "diff: --fail-on imports tells widened from narrowed imports" {
    make_module a.wasm "${base[@]}"
    make_module b.wasm "${base[@]}" "import env.n1 :" "import env.n2 :" "import env.n3 :" "import env.n4 :"
    try diff a.wasm b.wasm --fail-on imports
    assert_status 1
    assert_output_contains "Imports    4 added"
    assert_equal "$stderr" "wasme: diff a.wasm b.wasm: 4 imports more, or of another type: env.n1, env.n2, env.n3 and 1 more (--fail-on imports)"
    try diff b.wasm a.wasm --fail-on imports
    assert_status 0
    assert_no_stderr
    make_module c.wasm "${base[@]:1}" "import env.proxy_log ii:i"
    try diff a.wasm c.wasm --fail-on imports
    assert_status 1
    assert_stderr_contains "1 import more, or of another type: env.proxy_log"
}

@test "diff: --fail-on callbacks tells lost from new callbacks" {
    make_module a.wasm "${base[@]}" "export proxy_on_tick i:" "export helper :"
    make_module b.wasm "${base[@]}" "export proxy_on_log i:"
    try diff a.wasm b.wasm --fail-on callbacks
    assert_status 1
    assert_output_matches '^  - callback proxy_on_tick  i32 -> void$'
    assert_output_matches '^  \+ callback proxy_on_log  i32 -> void$'
    assert_output_matches '^  - func    helper  void -> void$'
    assert_equal "$stderr" "wasme: diff a.wasm b.wasm: 1 callback lost, or of another type: proxy_on_tick (--fail-on callbacks)"
    make_module c.wasm "${base[@]}" "export proxy_on_tick i:" "export proxy_on_log i:"
    try diff a.wasm c.wasm --fail-on callbacks # the helper is no callback
    assert_status 0
    make_module d.wasm "${base[@]}" "export proxy_on_tick ii:" "export helper :"
    try diff a.wasm d.wasm --fail-on callbacks
    assert_status 1
}

@test "diff: the ABI, features, memory, tables and producers" {
    make_module a.wasm "export proxy_abi_version_0_2_0 :" "memory 2" "table 1 1" \
        "feature sign" "producer processed-by clang 15" "producer processed-by lld 15"
    make_module b.wasm "export proxy_abi_version_0_2_1 :" "memory 3 9" "table 2 2" \
        "feature simd" "feature tail" "producer processed-by clang 15" "producer processed-by lld 16"
    try diff a.wasm b.wasm --fail-on abi --fail-on features
    assert_status 1
    assert_output_matches '^ABI +v0.2.0 -> v0.2.1$'
    assert_output_matches '^Features +-sign extension, \+SIMD, \+tail calls$|^Features +\+SIMD, \+tail calls, -sign extension$'
    assert_output_contains $'Memory     2 pages (128 KiB), no maximum, exported as memory\n        -> 3 pages (192 KiB), at most 9, exported as memory'
    assert_output_matches '^Table +funcref, 1 entry, at most 1 -> funcref, 2 entries, at most 2$'
    assert_output_matches '^Made by +-lld 15, \+lld 16$|^Made by +\+lld 16, -lld 15$'
    assert_stderr_contains "another ABI (--fail-on abi); more features: SIMD, tail calls (--fail-on features)"
    refute_output_contains "memory  memory"
    try diff a.wasm b.wasm --json
    assert_json '.facts.abiVersions | "\(.before[0]) \(.after[0])"' "v0.2.0 v0.2.1"
    make_module c.wasm "export proxy_abi_version_0_2_0 :" "memory 2" "table 1 1" \
        "producer processed-by clang 15" "producer processed-by lld 15"
    try diff a.wasm c.wasm --fail-on features # one less
    assert_status 0
}

@test "diff: the order of ABI versions counts" {
    make_module a.wasm "export proxy_abi_version_0_2_0 :" "export proxy_abi_version_0_1_0 :"
    make_module b.wasm "export proxy_abi_version_0_1_0 :" "export proxy_abi_version_0_2_0 :"
    try diff a.wasm b.wasm --fail-on abi
    assert_status 1
    assert_output_matches '^ABI +v0.2.0, v0.1.0 -> v0.1.0, v0.2.0$'
    assert_output_matches '^Wasm +of the same size, with other bytes$'
    refute_output_contains Exports
}

@test "diff: sizes, in all and by section" {
    make_module a.wasm "${base[@]}" "func f : 1000" "custom old 100" "custom twice 50" "custom twice 50"
    make_module b.wasm "${base[@]}" "func f : 1500" "custom new 100" "custom twice 60" "custom twice 50"
    try diff a.wasm b.wasm
    assert_output_matches "^Size +1\.[0-9] kB -> 1\.[0-9] kB, \+510 bytes, \+[0-9.]+%$"
    assert_output_matches '^  code +10[0-9]+ -> +15[0-9]+ bytes +\+500 +\+4[0-9]\.[0-9]%$'
    assert_output_matches '^  custom +104 -> +0 bytes +-104 +gone  old$'
    assert_output_matches '^  custom +0 -> +104 bytes +\+104 +new  new$'
    assert_output_matches '^  custom +112 -> +122 bytes +\+10 +\+8\.9%  twice$'
    [[ $(awk 'length > 80' <<<"$output") == "" ]] || complain "wider than 80 columns"
    refute_output_contains "  type "
    try diff a.wasm b.wasm --json
    assert_json '.size.growth' 510
    assert_json '.sections[] | select(.section == "code") | .growth' 500
    assert_json '.sections[] | select(.section == "type") | .growth' 0
}

@test "diff: a size budget in bytes and in per cent" {
    make_module a.wasm "custom x 963" # 1000 bytes
    make_module b.wasm "custom x 1013"
    truncate -s 0 sizes
    assert_file_size b.wasm "$(($(stat -c %s a.wasm) + 50))"
    local grown=50 before
    before=$(stat -c %s a.wasm)
    for budget in 50 0.05kB 1KiB 5.1% 1000%; do
        [[ $budget != 0.05kB ]] || continue
        try diff a.wasm b.wasm --max-growth "$budget"
        assert_status 0
    done
    for budget in 49 0 4.9% 0%; do
        try diff a.wasm b.wasm --max-growth "$budget"
        assert_status 1
        assert_output_matches '^Size '
        assert_stderr_matches "^wasme: diff a.wasm b.wasm: \+$grown bytes, \+[0-9.]+% \(--max-growth $budget\)$"
        try diff b.wasm a.wasm --max-growth "$budget" # smaller
        assert_status 0
    done
    for budget in "" % 5.% 5.1234% -5% 12345678% 5x 1e3 5%%; do
        try diff a.wasm b.wasm --max-growth="$budget"
        assert_status 2
        assert_output ""
        assert_stderr_contains -- --max-growth
    done
}

@test "diff: images, with their runtime config and format" {
    cp "$ROOT/examples/add-header.wasm" filter.wasm
    golden_config config.json
    "$WASME" build precompiled filter.wasm -t a:v1 -c config.json >/dev/null 2>&1
    sed 's/root_id/another/' config.json >other.json
    "$WASME" build precompiled filter.wasm -t a:v2 -c other.json >/dev/null 2>&1
    "$WASME" convert a:v1 --to docker --tag a:v3 >/dev/null 2>&1
    try diff a:v1 a:v2 --fail-on config
    assert_status 1
    assert_output_contains docker.io/library/a:v1
    assert_output_matches '^Root ids +root_id -> another$'
    assert_output_matches '^Wasm +the same, byte for byte$'
    assert_stderr_contains "another runtime config (--fail-on config)"
    try diff a:v1 a:v2 --json
    assert_json '.before.reference' docker.io/library/a:v1
    assert_json '.facts.rootIds.after[0]' another
    assert_json '.same' false
    try diff a:v1 a:v3 --fail-on config
    assert_status 0
    assert_output_matches '^Format +oci -> docker$'
    try diff a:v1 filter.wasm --fail-on any # a file has no config
    assert_status 0
    assert_output_contains "Nothing changed"
}

@test "diff: what is not there, what is no module, and what is damaged" {
    make_module a.wasm "${base[@]}"
    try diff a.wasm nowhere:v1
    assert_status 1
    assert_output ""
    assert_stderr_contains docker.io/library/nowhere:v1
    echo text >text.wasm
    try diff text.wasm a.wasm
    assert_status 1
    assert_output ""
    assert_stderr_contains text.wasm
    add_image a:v1 500
    printf x | dd of="$(image_dir docker.io/library/a:v1)/filter.wasm" bs=1 seek=400 conv=notrunc status=none
    try diff a.wasm a:v1
    assert_status 1
    assert_output ""
    assert_stderr_contains damaged
    try diff a.wasm
    assert_status 2
    try diff a.wasm a.wasm --fail-on nothing
    assert_status 2
    assert_stderr_contains "imports, callbacks, abi, features, config or any"
}

@test "diff: names in a module do not drive the terminal, and NO_COLOR is honoured" {
    make_module a.wasm "${base[@]}"
    make_module b.wasm "${base[@]}" $'import env.\033[31mred i:' $'export proxy_\033[31mred :' $'producer sdk \033[31mx 1'
    try diff a.wasm b.wasm --fail-on imports
    [[ $output$stderr != *$'\033'* ]]
    assert_output_contains "env.?[31mred"
    try diff a.wasm b.wasm --json
    [[ $output != *$'\033'* ]]
    skip_unless python3
    try_command env TERM=xterm python3 "$ROOT/tests/cli/terminal.py" --columns 80 -- "$WASME" diff a.wasm b.wasm
    assert_output_contains $'\033[32m+ func    env.?[31mred'
    try_command env TERM=xterm NO_COLOR=1 python3 "$ROOT/tests/cli/terminal.py" --columns 80 -- "$WASME" diff a.wasm b.wasm
    [[ $output != *$'\033'* ]]
}

@test "diff: a real filter" {
    try diff "$ROOT/examples/add-header.wasm" "$ROOT/examples/add-header.wasm" --json
    assert_json .same true
    make_module a.wasm "${base[@]}"
    try diff a.wasm "$ROOT/examples/add-header.wasm" --fail-on callbacks
    assert_status 0
    assert_output_matches '^  \+ callback proxy_on_response_headers  i32 i32 i32 -> i32$'
}
