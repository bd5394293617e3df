#!/usr/bin/env bats
# Sources of many SDKs, by their real compilers, in a real Envoy: tests/sources/sources.py has them and
# what each filter must do.

load helper
load toolchains

setup() {
    scratch
    unset CARGO_TARGET_DIR CARGO_BUILD_TARGET GOFLAGS GOTOOLCHAIN
    skip_unless envoy
}

# answers NAME: the sources with such a name are built, loaded and asked.
answers() {
    try_command python3 "$ROOT/tests/sources/run.py" "$WASME" "$1"
    # shellcheck disable=SC2154 # of bats
    [[ $status != 3 ]] || skip "$(grep -m 1 -o 'skipped: .*' <<<"$output")"
    assert_status 0
    assert_output_matches '[1-9][0-9]* answered as they should, 0 wrong, 0 skipped'
}

# The sanitizers change nothing in what compilers make: a few sources are enough there.
few() {
    if is_sanitized; then answers "$1"; else answers "$2"; fi
}

@test "sources: our own, in Rust, Go, TinyGo, C and C++" {
    use_rust
    use_go
    use_tinygo
    use_cpp
    answers "own "
}

@test "sources: our own, in AssemblyScript" {
    skip_unless node npm
    answers "npm "
}

@test "sources: the examples of the TinyGo SDK" {
    use_go
    use_tinygo
    few "tinygo http_headers" "tinygo "
}

@test "sources: the examples of the Rust SDK" {
    use_rust
    few "rust http_config" "rust "
}

@test "sources: the page in docs has a row for each source, and no folder of a machine" {
    skip_unless python3
    PYTHONPATH=$ROOT/tests/sources PYTHONDONTWRITEBYTECODE=1 python3 -c \
        'import sources; print("\n".join(source.name for source in sources.SOURCES))' >names
    sed -n 's/^| \(.*\) | `.*/\1/p' "$ROOT/docs/sources.md" >rows
    try_command diff names rows
    assert_status 0
    try_command grep -E '[ =@`]/[a-z]' "$ROOT/docs/sources.md"
    assert_status 1
}
