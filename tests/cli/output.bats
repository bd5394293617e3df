#!/usr/bin/env bats
# Standard output that is full or that nobody reads: every command that prints data reports this
# once, or ends as other programs do.

load helper

setup_file() {
    scratch
    skip_unless python3
    start_registry plain
}

setup() {
    scratch
    REF=$REGISTRY/out/filter:v1
    add_image "$REF"
    add_image "$REGISTRY/out/filter:v2"
    "$WASME" push "$REF" "$REGISTRY/out/filter:v2" >/dev/null 2>&1
    cp "$ROOT/examples/add-header.wasm" filter.wasm
    "$WASME" save "$REF" -o archive.tar >/dev/null 2>&1
}

# Every command that prints data, one per line.
commands_with_data() {
    ! command -v envoy >/dev/null || echo "run filter.wasm --check /"
    cat <<END
build precompiled filter.wasm -t built:v1
list
list --json
list --published -s $REGISTRY
inspect $REF
inspect $REF --json
diff $REF filter.wasm
diff $REF filter.wasm --json
check filter.wasm
check filter.wasm --json
convert $REF --to compat
push $REF
pull $REF
pull $REF -o -
copy $REF $REGISTRY/out/copied:v1
save $REF -o other.tar
save $REF -o -
load archive.tar
deploy istio $REF
deploy mosn $REF --path /srv/filter.wasm --force
undeploy istio $REF
tags $REGISTRY/out/filter
tags $REGISTRY/out/filter --json
catalog $REGISTRY
catalog $REGISTRY --json
search out -s $REGISTRY
search out -s $REGISTRY --json
doctor $REGISTRY
doctor $REGISTRY --json
completion bash
completion zsh
completion fish
help
help push
push --help
version
__complete
__man commands
__man options push
END
}

# A pipe that has no reader from the start.
run_closed() {
    try_command python3 -c 'import os, sys
reader, writer = os.pipe()
os.close(reader)
os.dup2(writer, 1)
os.execv(sys.argv[1], sys.argv[1:])' "$WASME" "$@"
}

@test "output: the list of commands here is whole" {
    local command
    for command in $("$WASME" help | sed -nE '/^Commands:/,/^$/s/^  ([a-z]+) .*/\1/p'); do
        case $command in
        init | tag | rm | prune | login | logout | serve) continue ;; # no data, or none that ends
        run) command -v envoy >/dev/null || continue ;;
        esac
        commands_with_data | grep -q "^$command" || complain "no line for $command"
    done
}

@test "output: what does not fit is one error, with status 1" {
    local line words
    while read -r line; do
        read -ra words <<<"$line"
        try "${words[@]}"
        [[ $output ]] || complain "no data"
        try_command bash -c '"$@" >/dev/full' _ "$WASME" "${words[@]}"
        assert_status 1
        [[ $(grep -c '^wasme: ' <<<"$stderr") -eq 1 ]] || complain "expected one error"
        assert_stderr_matches '^wasme: .*: No space left on device$'
    done < <(commands_with_data)
}

@test "output: a reader that went away ends wasme silently, as it ends ls" {
    local line words
    while read -r line; do
        read -ra words <<<"$line"
        run_closed "${words[@]}"
        assert_status 141
        refute_stderr_contains "wasme: "
        refute_stderr_contains "roken pipe"
    done < <(commands_with_data)
}

refute_control() {
    ! LC_ALL=C grep -qaP '\x1b|\x7f|\xc2\x9b|\xe2\x80\xae' <<<"$1" || complain "a raw control"
}

# A module whose only export has the name.
named_export() { # NAME FILE
    {
        put_bytes 00 61 73 6d 01 00 00 00 01 04 01 60 00 00 03 02 01 00 07
        put_number $((${#1} + 4))
        put_bytes 01
        put_text "$1"
        put_bytes 00 00 0a 04 01 02 00 0b
    } >"$2"
}

@test "output: no character of JSON steers a terminal, and it still means the same" {
    # ESC, DEL, CSI as C1, the character that turns the direction of writing, and one that may be
    # shown
    local name=$'a\x1b]0;x\x07\x7f\xc2\x9b31m\xe2\x80\xaeb\xc3\xa9'
    named_export "$name" odd.wasm
    try inspect odd.wasm --json
    assert_status 0
    assert_equal "$(jq -j '.exports[0].name' <<<"$output" | od -An -tx1)" "$(printf %s "$name" | od -An -tx1)"
    [[ $output == *é* ]] || complain "a letter was escaped"
    refute_control "$output"
    try inspect odd.wasm
    refute_control "$output$stderr"
}

@test "output: a list that is longer than a pipe and head takes is cut without a word" {
    local i
    for i in {1..300}; do
        "$WASME" tag "$REF" "$REGISTRY/a-repository-with-a-long-name/filter:$i" 2>/dev/null
    done
    try_command bash -c '"$1" list --json | head -c 1; exit "${PIPESTATUS[0]}"' _ "$WASME"
    assert_status 141
    assert_no_stderr
    assert_output "["
    try_command bash -c '"$1" list --json >/dev/full' _ "$WASME"
    assert_status 1
    assert_equal "$stderr" "wasme: write standard output: No space left on device"
}

refuse_link() { # PATH
    try save "$REF" -o "$1"
    assert_status 1
    assert_stderr_contains "is a link of another user (1234) in a folder where everybody may write"
    assert_equal "$(cat system/victim)" precious
    assert_equal "$(ls -A system)" victim
}

follow_link() { # PATH
    try save "$REF" -o "$1"
    assert_status 0
    assert_equal "$(cat -- system/victim | head -c 10)" oci-layout
    echo precious >system/victim
}

@test "output: a link of another user in a folder as /tmp is not followed" {
    [[ $(id -u) == 0 ]] || skip "only root can make links of others"
    mkdir -m 1777 shared
    mkdir system own
    echo precious >system/victim
    ln -s "$PWD/system/victim" shared/file
    ln -s ../system shared/folder
    ln -s nowhere shared/new
    ln -s /dev/null shared/device
    ln -s ../shared/file own/link
    chown -h 1234 shared/*
    refuse_link shared/file
    refuse_link "$PWD/shared/file"
    refuse_link shared/folder/victim
    refuse_link shared/folder/made
    refuse_link shared/new
    refuse_link shared/device
    refuse_link own/link
    refuse_link shared/../shared/./file
    refute_exists shared/nowhere
    try pull "$REF" -o shared/file
    assert_status 1
    assert_stderr_contains "is a link of another user"
}

@test "output: other links are followed" {
    mkdir -m 1777 shared
    mkdir system own
    echo precious >system/victim
    ln -s "$PWD/system/victim" shared/file # ours
    ln -s ../system own/folder
    follow_link shared/file
    follow_link own/folder/victim
    try save "$REF" -o own/folder/made
    assert_status 0
    assert_exists system/made
    ln -s nowhere own/new
    try save "$REF" -o own/new
    assert_status 1
    assert_stderr_contains "own/nowhere: No such file or directory"
    ln -s loop own/loop
    try save "$REF" -o own/loop
    assert_status 1
    assert_stderr_contains "more than 40 links"
    try save "$REF" -o missing/file
    assert_status 1
    assert_stderr_contains "there is no folder $PWD/missing"
    try_command bash -c '"$1" save "$2" -o /dev/stdout | head -c 10' _ "$WASME" "$REF"
    assert_output oci-layout
    [[ $(id -u) == 0 ]] || return 0
    chown -h 1234 shared/file shared # the folder's owner's
    follow_link shared/file
    chmod 755 shared # not everybody's
    chown 0 shared
    follow_link shared/file
}

# The folder of temporary files and the folder of the output may be on one file system or on two.
@test "output: pull -o makes a file as every program does, wherever the temporary files are" {
    mkdir here out
    chmod 755 out
    for tmp in "$PWD/here" /dev/shm; do
        [[ -w $tmp ]] || continue
        (
            umask 027
            TMPDIR=$tmp "$WASME" pull "$REF" -o out/new.wasm >/dev/null 2>&1
        )
        assert_same_file out/new.wasm "$(image_dir "$REF")/filter.wasm"
        assert_equal "$(stat -c '%a %h' out/new.wasm)" "640 1"
        chmod 604 out/new.wasm
        TMPDIR=$tmp "$WASME" pull "$REF" -o out/new.wasm >/dev/null 2>&1
        assert_equal "$(stat -c '%a %h' out/new.wasm)" "604 1"
        rm out/new.wasm
    done
    assert_equal "$(find here -mindepth 1)" ""
}

@test "output: pull -o gives the file the group of the folder" {
    [[ $(id -u) == 0 ]] || skip "only root can give a folder to another group"
    mkdir out
    chgrp 1234 out
    chmod g+s out
    TMPDIR=$PWD "$WASME" pull "$REF" -o out/new.wasm >/dev/null 2>&1
    assert_equal "$(stat -c '%g %h' out/new.wasm)" "1234 1"
    if command -v setfacl >/dev/null && setfacl -d -m u:1234:r out; then
        TMPDIR=$PWD "$WASME" pull "$REF" -o out/listed.wasm >/dev/null 2>&1
        getfacl -c out/listed.wasm | grep -q "user:1234:r"
    fi
}
