#!/usr/bin/env bats
# The same sources give the same program, whatever the name of the folder of the build.

load helper

# build_in FOLDER BUILD
build_in() {
    mkdir -p "$1"
    (cd "$ROOT" && cp -r Makefile VERSION lib store cmd completions man tests "$PWD_OF_TEST/$1/")
    env -i PATH="$PATH" HOME="$HOME" make -C "$1" -j2 --no-print-directory OPTIMISE='-O0 -g' \
        BUILD="$2" "$2/wasme" >make.log 2>&1 || {
        cat make.log
        return 1
    }
}

@test "reproducible: two folders for the sources and for the build" {
    if is_sanitized; then return; fi # it is the same program
    PWD_OF_TEST=$PWD
    build_in one build/gcc
    build_in another/folder elsewhere
    assert_same_file one/build/gcc/wasme another/folder/elsewhere/wasme
    run ! grep -qF "$PWD" one/build/gcc/wasme
}
