#!/usr/bin/env bats
# `build --strip` and `build --optimize`: modules of real compilers, the real wasm-opt, and a real
# Envoy that loads the results.

load helper
load envoy
load toolchains

setup() {
    scratch
    unset CARGO_TARGET_DIR CARGO_BUILD_TARGET GOFLAGS GOTOOLCHAIN
    export TMPDIR=$PWD/temporary
    mkdir "$TMPDIR"
    REF=$REGISTRY/strip/filter:v1
}

# build LANGUAGE SOURCE [OPTION...]: builds into the store, and copies the module to filter.wasm.
build() {
    try build "$1" "$2" -t "$REF" "${@:3}"
    assert_status 0
    assert_equal "$(ls "$TMPDIR")" "" "what is left in TMPDIR"
    cp "$(image_dir "$REF")/filter.wasm" filter.wasm
}

assert_runs() {
    envoy_config "{local: {filename: $PWD/filter.wasm}}" "$(envoy_cluster upstream 1)" >envoy.yaml
    start_envoy
    assert_equal "$(header)" "200 hello"
    stop_background "$BACKGROUND_PID"
}

# The custom sections of a file, by name.
sections() {
    "$WASME" inspect "$1" --json | jq -r '[.sections[] | .name // empty] | join(" ")'
}

# The contents of all other sections, and those of the custom sections that stay, as one digest.
rest_of() {
    "$WASME" inspect "$1" --json |
        jq -r '.sections[] | select((.name // "") | test("^(name|producers|\\.debug_.*)$") | not)
            | "\(.offset) \(.size)"' |
        while read -r offset size; do
            tail -c +$((offset + 1)) "$1" | head -c "$size"
        done | sha256sum
}

# assert_failed PART...: nothing is tagged or left, and the error has each part.
assert_failed() {
    local part
    assert_status 1
    assert_output ""
    for part; do
        assert_stderr_contains "$part"
    done
    refute_exists "$(image_dir "$REF")"
    assert_equal "$(store_leftovers 2>/dev/null)" ""
    assert_equal "$(ls "$TMPDIR")" ""
}

size_of() {
    stat -c %s "$1"
}

copy_of() {
    cp -r "$ROOT/$1" source
}

@test "strip: TinyGo, whose module is mostly debug information with folders of its builder" {
    use_tinygo
    copy_of examples/add-header-tinygo
    build tinygo source
    assert_stderr_matches 'level=info msg="--strip would make the module [0-9.]+ kB instead of [0-9.]+ kB, and take out [0-9]+ paths of this machine"$'
    mv filter.wasm whole.wasm
    grep -qF "$PWD/source" whole.wasm
    assert_equal "$(sections whole.wasm | tr ' ' '\n' | grep -c '^\.debug_')" 9
    build tinygo source --strip
    assert_stderr_matches 'level=info msg="--strip made the module [0-9.]+ kB instead of [0-9.]+ kB"$'
    refute_stderr_contains "paths of this machine"
    assert_equal "$(sections filter.wasm)" "target_features"
    assert_equal "$(rest_of filter.wasm)" "$(rest_of whole.wasm)"
    [[ $(size_of filter.wasm) -lt $(($(size_of whole.wasm) / 4)) ]]
    if grep -qF "$PWD" filter.wasm; then false; fi
    assert_runs
}

@test "strip: a saving that the printed sizes do not show is not worth a line" {
    python3 - "$ROOT/examples/add-header.wasm" >filter.wasm <<'END'
import sys

def number(n):
    return bytes([n & 0x7F | 0x80, n >> 7 & 0x7F | 0x80, n >> 14])

def section(name, size):
    content = bytes([len(name)]) + name + bytes(size)
    return b"\0" + number(len(content)) + content

with open(sys.argv[1], "rb") as file:
    sys.stdout.buffer.write(file.read() + section(b"big", 1870000) + section(b"producers", 40000))
END
    try build precompiled filter.wasm -t "$REF"
    assert_status 0
    refute_stderr_contains "--strip"
    try build precompiled filter.wasm -t "$REF" --strip
    assert_status 0
    (($(size_of "$(image_dir "$REF")/filter.wasm") < $(size_of filter.wasm) - 40000))
}

@test "strip: Go, and the paths that stay in its data" {
    use_go
    copy_of examples/add-header-go
    build go source
    assert_stderr_matches '(its data keeps|data has) 1 path of this machine: put `-- -trimpath` at the end of the command"$'
    mv filter.wasm whole.wasm
    build go source --strip
    assert_stderr_matches '(its data keeps|data has) 1 path of this machine: put `-- -trimpath` at the end of the command"$'
    assert_equal "$(sections filter.wasm)" "go:buildid"
    assert_equal "$(rest_of filter.wasm)" "$(rest_of whole.wasm)"
    grep -qF "$PWD/source" filter.wasm
    assert_runs
    build go source --strip -- -trimpath
    refute_stderr_contains "of this machine"
    if grep -qF "$PWD" filter.wasm; then false; fi
}

# A panic names the file of a package that lies elsewhere.
@test "strip: Rust, and the flag that takes paths out of its data" {
    use_cargo
    export HOME=$PWD/real
    mkdir -p real/dep/src
    cp -r "$ROOT/examples/add-header" real/source
    printf '[package]\nname = "dep"\nversion = "0.1.0"\n' >real/dep/Cargo.toml
    echo '#[inline(never)] pub fn at(list: &[u8], i: usize) -> u8 { list[i] }' >real/dep/src/lib.rs
    printf '\n[dependencies]\ndep = { path = "../dep" }\n' >>real/source/Cargo.toml
    echo '#[no_mangle] pub extern "C" fn at(i: usize) -> u8 { dep::at(&[1, 2, 3], i) }' >>real/source/src/lib.rs
    try build cargo real/source -t "$REF"
    assert_status 0
    assert_stderr_contains "the module's data has 1 path of this machine: set RUSTFLAGS=--remap-path-prefix=\$HOME=~"
    RUSTFLAGS=--remap-path-prefix=$HOME=~ try build cargo real/source -t "$REF"
    assert_status 0
    refute_stderr_contains "of this machine"
}

@test "strip: a second strip finds nothing, and the file that was given stays as it was" {
    cp "$ROOT/examples/add-header.wasm" given.wasm
    printf '\0\17\4name\1\10\1\0\5hello' >>given.wasm
    cp given.wasm copy.wasm
    build precompiled given.wasm --strip
    assert_same_file given.wasm copy.wasm
    assert_same_file filter.wasm "$ROOT/examples/add-header.wasm"
    digest=$output
    build precompiled filter.wasm --strip
    refute_stderr_contains "--strip"
    assert_equal "$output" "$digest"
    build precompiled given.wasm
    assert_same_file filter.wasm given.wasm
}

@test "strip: sections of a host, and those that nobody knows, stay" {
    make_module given.wasm "export proxy_abi_version_0_2_1 :" "custom precompiled_v8_v14 100" \
        "custom .debug_str 30" "custom wasmedge 10" "custom sourceMappingURL 10" "custom build_id 20" \
        "custom external_debug_info 9" "custom linking 5" "custom reloc.CODE 5" "custom mine 5"
    build precompiled given.wasm --strip
    assert_equal "$(sections filter.wasm)" "precompiled_v8_v14 wasmedge build_id mine"
    try build precompiled given.wasm -t other:v1 --optimize
    assert_status 1
    assert_stderr_contains "--optimize: given.wasm has machine code for a host in its section precompiled_v8_v14"
}

@test "strip: a damaged module is refused, and nothing is written" {
    head -c 3000 "$ROOT/examples/add-header.wasm" >given.wasm
    try build precompiled given.wasm -t "$REF" --strip
    assert_failed "given.wasm: " "the file has "
}

@test "optimize: TinyGo, alone and with a strip" {
    skip_unless wasm-opt
    use_tinygo
    copy_of examples/add-header-tinygo
    build tinygo source --strip
    mv filter.wasm stripped.wasm
    build tinygo source --optimize
    assert_stderr_matches '^Optimizing with wasm-opt [0-9]+\.\.\.$'
    assert_stderr_matches '^\$ wasm-opt --strip-dwarf -O2 -g --mvp-features --enable-bulk-memory /'
    assert_stderr_matches 'msg="wasm-opt [0-9]+ made the module [0-9.]+ kB instead of [0-9.]+ kB"'
    assert_equal "$(sections filter.wasm)" "name producers target_features"
    assert_runs
    build tinygo source --optimize --strip
    assert_stderr_contains "wasm-opt --strip-dwarf -O2 --mvp-features "
    assert_equal "$(sections filter.wasm)" "target_features"
    [[ $(size_of filter.wasm) -lt $(size_of stripped.wasm) ]]
    assert_runs
}

# The module uses more extensions than an old wasm-opt allows by itself.
@test "optimize: Go" {
    skip_unless wasm-opt
    use_go
    copy_of examples/add-header-go
    build go source --optimize --strip
    assert_stderr_contains "--mvp-features --enable-sign-ext --enable-nontrapping-float-to-int --enable-bulk-memory"
    assert_runs
}

@test "optimize: Rust, and as a finished module, which stays as it was" {
    skip_unless wasm-opt
    use_cargo
    copy_of examples/add-header
    build cargo source
    cp filter.wasm given.wasm
    build cargo source --optimize --strip
    [[ $(size_of filter.wasm) -lt $(size_of given.wasm) ]]
    assert_runs
    mv filter.wasm first.wasm
    before=$(sha256sum <given.wasm)
    build precompiled given.wasm --optimize --strip
    assert_same_file filter.wasm first.wasm
    assert_equal "$(sha256sum <given.wasm)" "$before"
}

@test "optimize: a missing wasm-opt is told before anything is compiled" {
    mkdir bin
    ln -s "$ROOT/tests/fake/tinygo" bin/tinygo
    printf 'module m\n' >bin/go.mod
    for source in "tinygo $PWD/bin" "precompiled $ROOT/examples/add-header.wasm"; do
        # shellcheck disable=SC2086 # two words
        FAKE_TINYGO_LOG=$PWD/argv try_command env PATH="$PWD/bin" "$WASME" build $source -t "$REF" --optimize
        assert_failed "--optimize: wasm-opt: not found in PATH: install the package binaryen, or build without --optimize"
        refute_exists argv
    done
}

@test "optimize: wasm-opt that refuses a module is an error with its words" {
    skip_unless wasm-opt
    # A body that leaves nothing where a number is expected.
    put_bytes 00 61 73 6d 01 00 00 00 01 05 01 60 00 01 7f 03 02 01 00 0a 04 01 02 00 0b >given.wasm
    try build precompiled given.wasm -t "$REF" --optimize
    assert_failed "--optimize: wasm-opt " "ended with status 1: see its output above" "Fatal: "
    refute_stderr_contains "newer binaryen"
    # i64.add128, which wasm-opt knows since it has a flag for it.
    put_bytes 00 61 73 6d 01 00 00 00 01 0a 01 60 04 7e 7e 7e 7e 02 7e 7e 03 02 01 00 \
        0a 0e 01 0c 00 20 00 20 01 20 02 20 03 fc 13 0b >given.wasm
    if wasm-opt --help | grep -q -- --enable-wide-arithmetic; then return; fi
    try build precompiled given.wasm -t "$REF" --optimize
    assert_failed "Unknown option '--enable-wide-arithmetic'" "--optimize: wasm-opt " \
        "the module uses multi-value, wide arithmetic, and a newer binaryen may know what this one does not"
}

# wasm-opt reads the module, and then fails, makes nothing, or makes what is no module.
@test "optimize: wasm-opt that makes no module" {
    mkdir bin work
    cat >bin/wasm-opt <<'SCRIPT'
#!/bin/sh
[ "$1" = --version ] && exec echo "wasm-opt version 999 (version_999)"
while [ "$1" != -o ]; do shift; done
[ ! "$TEXT" ] || echo "$TEXT" >"$2"
SCRIPT
    chmod +x bin/wasm-opt
    PATH=$PWD/bin:$PATH TEXT=junk try build precompiled "$ROOT/examples/add-header.wasm" -t "$REF" --optimize
    assert_failed "--optimize: the output of wasm-opt 999: " "not a WebAssembly module"
    # The output of an earlier run does not count.
    cp "$ROOT/examples/add-header.wasm" work/optimized.wasm
    PATH=$PWD/bin:$PATH TEXT='' try build precompiled "$ROOT/examples/add-header.wasm" -t "$REF" --optimize --tmp-dir work
    assert_failed "--optimize: the output of wasm-opt 999: " "No such file"
}
