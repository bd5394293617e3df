#!/usr/bin/env bats
# wasme init --from: the files of a real git server become a folder.

load helper
load git

setup_file() {
    scratch
    start_git_server
    [[ ! ${SKIP_FILE:-} ]] || return 0
    make_repository "$REPOS"
    local work=$REPOS/work
    mkdir -p "$work/template/src"
    echo code >"$work/template/src/lib.rs"
    printf '#!/bin/sh\n' >"$work/template/run"
    chmod +x "$work/template/run"
    ln -s src/lib.rs "$work/template/inside"
    ln -s ../version "$work/template/outside"
    git_apart -C "$work" add -A
    git_apart -C "$work" commit -qm template
    git_apart -C "$work" push -q "$REPOS/filter.git" HEAD:refs/heads/template
}

setup() {
    scratch
    unset GIT_SSH_COMMAND GIT_SSH GIT_DIR
    export GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null TMPDIR=$PWD/tmp
    mkdir -p "$TMPDIR"
    OPEN=$GIT_URL/open/filter.git#template
}

teardown() {
    stop_all
    [[ ! ${BATS_TEST_COMPLETED:-} ]] || assert_equal "$(ls "$TMPDIR")" "" "left behind"
}

@test "init: --from copies a folder of a repository" {
    try init my-copy --from "$OPEN:template" --ca-file "$CA_FILE" --platform istio:1.30
    assert_status 0
    assert_output ""
    assert_stderr_contains "  wasme build . -t my-copy:v1"
    assert_stderr_contains "--host istio:1.30"
    assert_equal "$(<my-copy/src/lib.rs)" code
    [[ -x my-copy/run && ! -x my-copy/src/lib.rs ]]
    # A link stays a link; a link out of the folder would lead elsewhere now.
    assert_equal "$(readlink my-copy/inside)" src/lib.rs
    refute_exists my-copy/outside
    [[ ! -L my-copy/outside ]]
    assert_stderr_contains "the link outside is left out"
    try init whole --from "file://$REPOS/filter.git#v1.0"
    assert_status 0
    assert_equal "$(<whole/version)" first
    refute_exists whole/.git
    try_command env -C whole "$WASME" build precompiled filters/auth/filter.wasm -t whole:v1
    assert_status 0
}

@test "init: --from never overwrites a file, and follows no link of the folder" {
    mkdir -p full/src outside
    echo mine >full/run
    echo mine >full/src/lib.rs
    try init full --from "$OPEN:template" --ca-file "$CA_FILE"
    assert_status 1
    assert_stderr_contains "full has files that wasme does not overwrite: "
    assert_stderr_contains "src/lib.rs"
    assert_equal "$(find full -type f | sort | xargs cat)" $'mine\nmine'
    refute_exists full/inside
    mkdir linked
    ln -s ../outside linked/src
    try init linked --from "$OPEN:template" --ca-file "$CA_FILE"
    assert_status 1
    assert_stderr_contains "does not overwrite: src"
    assert_equal "$(ls -A outside)" ""
}

@test "init: --from that fails leaves nothing, and shows no password" {
    local from
    for from in "$OPEN-none" "$OPEN:none" "$GIT_URL/open/none.git" \
        "https://$GIT_USER:wrong-secret@$NGINX/locked/filter.git"; do
        try init failed --from "$from" --ca-file "$CA_FILE"
        assert_status 1
        refute_stderr_contains wrong-secret
        refute_exists failed
    done
}

@test "init: --from wants an address of git, and no language beside it" {
    for from in ./folder folder ''; do
        try init no --from "$from"
        assert_status 2
        assert_stderr_contains "that is no address of git"
    done
    try init no --from "$OPEN" --language go
    assert_status 2
    assert_stderr_contains "leave --language out"
    refute_exists no
}
