#!/usr/bin/env bats
# Safety against a power cut: the order in which names and disks change, as recorder.c sees it.

load helper

setup_file() {
    scratch
    recorded_program
    skip_unless "${CC:-gcc}"
    [[ ${SKIP_FILE:-} ]] || "${CC:-gcc}" -std=gnu11 -D_GNU_SOURCE -shared -fPIC \
        -o "$BATS_FILE_TMPDIR/recorder.so" "$ROOT/tests/cli/recorder.c" -ldl
}

# recorded COMMAND...: as try; the system calls are in the file `calls`.
recorded() {
    rm -f calls
    try_command env LD_PRELOAD="$BATS_FILE_TMPDIR/recorder.so" RECORDER_LOG="$PWD/calls" \
        "${RECORDER[@]}" timeout -k 1 20 "$WASME" "$@"
}

# in_order PATTERN...: the lines that match a pattern come after all lines that match the pattern
# before.
in_order() {
    local pattern line after=0
    for pattern; do
        line=$(grep -nE -- "$pattern" calls | awk -F: -v after="$after" '$1 > after { print $1; exit }')
        [[ $line ]] || complain "no call after line $after: $pattern" "$(cat -n calls)"
        after=$line
    done
}

@test "durability: a replaced image's files go after the folder is synced" {
    add_image a:v1 1000 one
    local folder
    folder=$(basename "$(image_dir docker.io/library/a:v1)")
    make_wasm b.wasm 0_2_1 1000 two
    recorded build precompiled b.wasm -t a:v1
    assert_status 0
    in_order "^fsync $STORE/.stage-[0-9a-f]+$" "^exchange $STORE/.stage-[0-9a-f]+ $STORE/$folder$" \
        "^fsync $STORE$" "^unlink $STORE/.stage-[0-9a-f]+/filter.wasm$"
    assert_equal "$(sed '/^fsync .*\/store$/,$d' calls | grep -c "^unlink .*/filter.wasm")" 0
}

# A sync of many bytes takes long, and others wait for the lock.
@test "durability: every file is synced before its image appears, a large one before the lock" {
    local folder size part
    for size in 1000 5000000; do
        make_wasm $size.wasm 0_2_1 $size
        recorded build precompiled $size.wasm -t $size:v1
        assert_status 0
        folder=$(basename "$(image_dir docker.io/library/$size:v1)")
        for part in image_ref descriptor.json runtime-config.json; do
            in_order "^fsync $STORE/.stage-[0-9a-f]+/$part$" "^rename $STORE/.stage-[0-9a-f]+ $STORE/$folder$"
        done
        in_order "^fsync $STORE/.stage-[0-9a-f]+$" "^rename $STORE/.stage-[0-9a-f]+ $STORE/$folder$" \
            "^fsync $STORE$"
    done
    in_order "^fsync $STORE/.new-[0-9a-f]+$" "^mkdir $STORE/.stage-"
    recorded build precompiled 1000.wasm -t again:v1
    in_order "^fsync $STORE/.stage-[0-9a-f]+/filter.wasm$" "^rename $STORE/.stage-[0-9a-f]+ $STORE/"
}

@test "durability: a removed image's files go after the folder is synced" {
    add_image a:v1
    recorded rm a:v1
    assert_status 0
    in_order "^rename $STORE/[0-9a-f]{32} $STORE/.stage-" "^fsync $STORE$" \
        "^unlink $STORE/.stage-[0-9a-f]+/filter.wasm$"
    assert_equal "$(sed '/^fsync .*\/store$/,$d' calls | grep -c "^unlink .*/filter.wasm")" 0
}

@test "durability: a disk that cannot be synced costs neither the old files nor the new" {
    local RECORDER=(RECORDER_FAIL="$STORE")
    add_image a:v1 1000 one
    make_wasm b.wasm 0_2_1 1000 two
    recorded build precompiled b.wasm -t a:v1
    assert_status 1
    assert_stderr_contains "sync $STORE: Input/output error"
    assert_equal "$(find "$STORE" -name filter.wasm | wc -l)" 2
    assert_same_file "$(image_dir docker.io/library/a:v1)/filter.wasm" b.wasm
    # A writer that cannot sync does not remove the leftovers; the next writer that can sync removes
    # them.
    recorded rm a:v1
    assert_status 1
    assert_equal "$(find "$STORE" -name filter.wasm | wc -l)" 2
    RECORDER=()
    recorded build precompiled b.wasm -t a:v1
    assert_status 0
    in_order "^fsync $STORE$" "^unlink $STORE/.stage-[0-9a-f]+/filter.wasm$" \
        "^rename $STORE/.stage-[0-9a-f]+ $STORE/[0-9a-f]{32}$"
    assert_equal "$(store_leftovers)" ""
}

@test "durability: a new store is synced into the folders above" {
    make_wasm a.wasm
    recorded build precompiled a.wasm -t a:v1
    assert_status 0
    in_order "^mkdir $HOME/.wasme$" "^fsync $HOME$" "^mkdir $STORE$" "^fsync $HOME/.wasme$" \
        "^mkdir $STORE/.stage-"
}

@test "durability: -o syncs its file, gives it the name, and syncs the folder" {
    add_image a:v1
    mkdir out
    recorded save a:v1 -o out/a.tar
    assert_status 0
    in_order "^fsync $PWD/out/" "^rename $PWD/out/.wasme-[0-9a-f]+ $PWD/out/a.tar$" "^fsync $PWD/out$"
}

@test "durability: where there are no links a layer that is a FIFO is named, and not waited for" {
    local RECORDER=(RECORDER_NO_LINKS=1)
    add_image a:v1
    recorded tag a:v1 b:v1
    assert_status 0
    assert_same_file "$(image_dir docker.io/library/a:v1)/filter.wasm" \
        "$(image_dir docker.io/library/b:v1)/filter.wasm"
    mkfifo "$(image_dir docker.io/library/a:v1)/sha256-$(printf '%064d' 1)"
    recorded tag a:v1 c:v1
    assert_status 1
    assert_stderr_contains "is not a file"
    assert_equal "$(store_leftovers)" ""
}
