#!/usr/bin/env bats
# wasme init: which folders it takes, and that it never overwrites a file nor leaves half of them.
# tests/cli/starters.bats builds what it writes.

load helper

setup() {
    scratch
    umask 022
}

LANGUAGES=(tinygo go rust assemblyscript c)

# The files of a folder with their bytes.
bytes_of() {
    (cd "$1" && find . -printf '%y %p %l\n' | sort && find . -type f -exec sha256sum {} + | sort)
}

# Makes the folder with a file, and keeps its contents for assert_unchanged.
mark() {
    mkdir -p "$1"
    echo mine >"$1/mine"
    BEFORE=$(bytes_of "$1")
}

assert_unchanged() {
    assert_equal "$(bytes_of "$1")" "$BEFORE"
}

@test "init: makes each starter, named like its folder, and prints the next commands" {
    local language
    for language in "${LANGUAGES[@]}"; do
        try init "my-$language" --language "$language" --disable-prompt
        assert_status 0
        assert_output ""
        assert_stderr_contains "  cd my-$language"
        assert_stderr_contains "  wasme build $language . -t my-$language:v1"
        assert_stderr_contains "  wasme check my-$language:v1 --host envoy"
        [[ $language != assemblyscript ]] || assert_stderr_contains "  npm install"
        assert_exists "my-$language/.gitignore"
        grep -q "^    wasme build $language . -t my-$language:v1$" "my-$language/README.md"
        # No word of the templates stays, and no file has a mode of its own.
        ! grep -rE 'starter-(name|language)' "my-$language" || return 1
        assert_equal "$(find "my-$language" -type f ! -perm 644)" ""
    done
    grep -qx 'module example.com/my-go' my-go/go.mod
    grep -qx 'name = "my-rust"' my-rust/Cargo.toml
    assert_equal "$(jq -r .name my-assemblyscript/package.json)" my-assemblyscript
    assert_equal "$(jq -r '.config.rootIds[]' my-assemblyscript/runtime-config.json)" my-assemblyscript
    grep -q '"my-assemblyscript");$' my-assemblyscript/assembly/index.ts
}

@test "init: the words of build for a language are words of init" {
    try init one -l cargo
    assert_status 0
    assert_stderr_contains "wasme build rust . -t one:v1"
    try init two --language=cpp
    assert_status 0
    assert_stderr_contains "wasme build c . -t two:v1"
    try init three --language golang
    assert_status 2
    assert_stderr_contains 'choose tinygo, go, rust, assemblyscript, c, cargo or cpp'
    refute_exists three
}

# init_name DIR NAME: the filter in DIR is called NAME.
init_name() {
    try init "$1" -l go
    assert_status 0
    assert_stderr_contains "-t $2:v1"
    grep -qx "module example.com/$2" "$1/go.mod"
    rm -rf "${1:?}"
}

@test "init: a name that languages and registries accept comes out of any folder" {
    init_name My_Auth.Filter my-auth-filter
    init_name "  spaces  and ünïcode " spaces-and-n-code
    init_name 2fast filter-2fast
    init_name match filter-match
    init_name proxy-wasm filter-proxy-wasm
    init_name ___ filter
    init_name "$(printf 'a%.0s' {1..200})" "$(printf 'a%.0s' {1..57})"
    init_name slashes/// slashes
    init_name deep/er/and/deeper deeper
    mkdir here
    cd here
    try init . -l go
    assert_status 0
    grep -qx 'module example.com/here' go.mod
    refute_stderr_contains "  cd "
}

@test "init: the printed commands name the folder for a shell" {
    try init "a b;c" -l c
    assert_status 0
    assert_stderr_contains "  cd 'a b;c'"
    try init -l c -- -dash
    assert_status 0
    assert_stderr_contains "  cd ./-dash"
    assert_exists ./-dash/filter.c
    try init $'e\e[31m' -l c
    assert_status 0
    refute_stderr_contains $'\e'
}

@test "init: a folder that is empty, or has other files, is taken" {
    mkdir empty
    try init empty -l c
    assert_status 0
    mkdir -p other/src
    echo mine >other/src/mine
    ln -s other link
    try init link -l rust
    assert_status 0
    assert_exists other/src/lib.rs
    assert_equal "$(<other/src/mine)" mine
}

@test "init: files are never overwritten, all of them are named, and nothing is written" {
    mark full
    echo mine >full/main.go
    ln -s nowhere full/go.mod
    mkdir full/README.md
    BEFORE=$(bytes_of full)
    try init full -l go
    assert_status 1
    assert_stderr_contains "wasme: init: full has files that wasme does not overwrite: README.md, go.mod, main.go: remove them, or name another folder"
    assert_unchanged full
    # The second run in a folder, in another language, too.
    try init twice -l c
    BEFORE=$(bytes_of twice)
    for language in "${LANGUAGES[@]}"; do
        try init twice -l "$language"
        assert_status 1
        assert_unchanged twice
    done
}

@test "init: a link or file in the place of a folder of the starter is not followed" {
    mkdir outside linked
    ln -s ../outside linked/src
    try init linked -l rust
    assert_status 1
    assert_stderr_contains "does not overwrite: src"
    assert_equal "$(ls -A outside)$(ls -A linked)" src
    mkdir filed
    touch filed/assembly
    try init filed -l assemblyscript
    assert_status 1
    assert_stderr_contains "does not overwrite: assembly"
    assert_equal "$(ls -A filed)" assembly
}

@test "init: a file, a link to nothing, and a path through a file are no folders" {
    echo mine >file
    try init file -l go
    assert_status 1
    assert_stderr_contains "wasme: init: file is a file and no folder: name another folder"
    try init file/ -l go
    assert_status 1
    try init file/below -l go
    assert_status 1
    assert_stderr_contains "file/below: Not a directory"
    assert_equal "$(<file)" mine
    ln -s nowhere dangling
    for folder in dangling dangling/; do
        try init "$folder" -l go
        assert_status 1
        assert_stderr_contains "dangling is a symbolic link to nothing: remove the link, or name another folder"
    done
    refute_exists nowhere
    try init '' -l go
    assert_status 2
    try init "$(printf 'a%.0s' {1..300})" -l go
    assert_status 1
    assert_stderr_contains "File name too long"
}

@test "init: without permission nothing is made, and the folder is named" {
    skip_unless setpriv
    local as=()
    [[ $(id -u) -ne 0 ]] || as=(setpriv --bounding-set=-dac_override) # root may write anywhere
    mkdir -m 555 closed
    try_command "${as[@]}" "$WASME" init closed/one/two -l go
    assert_status 1
    assert_stderr_contains "init: make folder closed/one: Permission denied"
    try_command "${as[@]}" "$WASME" init closed -l go
    assert_status 1
    assert_stderr_contains "create closed/README.md: Permission denied"
    assert_equal "$(ls -A closed)" ""
}

# A file system without room: the files and the folders that were made are removed.
@test "init: a full disk leaves nothing behind" {
    mark made
    # shellcheck disable=SC2016 # for the shell that has the limit
    try_command bash -c 'ulimit -f 1; trap "" XFSZ; exec "$@"' _ "$WASME" init made/deep/er -l tinygo
    assert_status 1
    assert_stderr_contains "File too large"
    assert_unchanged made
    # shellcheck disable=SC2016
    try_command bash -c 'ulimit -f 1; trap "" XFSZ; exec "$@"' _ "$WASME" init made -l rust
    assert_status 1
    assert_unchanged made
}

@test "init: without a language there is a question on a terminal, and elsewhere an error" {
    try init filter
    assert_status 2
    assert_stderr_contains "wasme: init: name the language of the filter with --language: tinygo, go, rust, assemblyscript or c"
    refute_exists filter
    skip_unless python3
    terminal=("$ROOT/tests/cli/terminal.py")
    try_command "${terminal[@]}" 'language: ' 3 -- "$WASME" init filter
    assert_status 0
    assert_output_contains "  1  tinygo "
    assert_exists filter/Cargo.toml
    # A word that is no answer brings the question again.
    try_command "${terminal[@]}" 'language: ' 9 'language: ' basic 'language: ' c -- "$WASME" init second
    assert_status 0
    assert_exists second/filter.c
    try_command "${terminal[@]}" 'language: ' ^C -- "$WASME" init third
    assert_status 130
    try_command "${terminal[@]}" 'language: ' '' -- "$WASME" init third
    assert_status 2
    assert_output_contains "init: --language: no answer was given"
    try_command "${terminal[@]}" -- "$WASME" init third --disable-prompt
    assert_status 2
    refute_exists third
}

@test "init: a platform is asked for in the printed check, by our names and the old ones" {
    try init one -l c --platform istio --platform-version 1.30.x
    assert_status 0
    assert_stderr_contains "wasme check one:v1 --host istio:1.30"
    refute_stderr_contains "level=warning"
    try init two -l c --platform=envoy:v1.36
    assert_status 0
    assert_stderr_contains "wasme check two:v1 --host envoy:1.36"
    # The original's platforms have versions of which nothing is known.
    try init three -l c --platform istio --platform-version 1.9.x --disable-prompt
    assert_status 0
    assert_stderr_contains "wasme has no facts of istio 1.9, so it cannot tell whether istio loads the filter"
    assert_stderr_contains "the commands below ask for istio 1.24"
    assert_stderr_contains "wasme check three:v1 --host istio:1.24"
    try init four -l c --platform gloo --platform-version 1.6.x --disable-prompt
    assert_status 0
    assert_stderr_contains "no facts of gloo"
    assert_stderr_contains "wasme check four:v1 --host envoy"
}

@test "init: a platform that will not load the filter is warned of, with what it loads" {
    try init one -l go --platform istio:1.24
    assert_status 0
    assert_stderr_contains 'istio:1.24 will not load this filter, because Istio 1.24 does not have what the module imports: wasi_snapshot_preview1.sched_yield'
    assert_stderr_contains "of the languages of init, it loads tinygo, rust, assemblyscript, c"
    assert_exists one/main.go
    try init two -l go --platform istio:1.25
    refute_stderr_contains "level=warning"
    try init three -l rust --platform mosn
    assert_status 0
    assert_stderr_contains "mosn:1.6 will not load this filter, because the module exports proxy_abi_version_0_2_1"
    assert_stderr_contains "it loads c"
    try init four -l rust --platform google-service-extensions
    assert_stderr_contains "google-service-extensions:current may not be able to load this filter"
    # Without the option there is no word about a host.
    try init five -l go
    refute_stderr_contains "level=warning"
}

@test "init: words about the platform that make no sense are errors before anything is made" {
    try init no -l c --platform kubernetes
    assert_status 2
    assert_stderr_contains "or gloo"
    try init no -l c --platform-version 1.9.x
    assert_status 2
    assert_stderr_contains "name the proxy with --platform"
    try init no -l c --platform istio:1.30 --platform-version 1.31
    assert_status 2
    assert_stderr_contains "give the version once"
    try init no -l c --platform istio: 
    assert_status 2
    try init no -l c --platform istio --platform-version ''
    assert_status 2
    refute_exists no
}
