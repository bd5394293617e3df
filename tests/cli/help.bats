#!/usr/bin/env bats
# Help, usage errors, completions and man pages all come from the option tables and agree.

load helper

commands() {
    "$WASME" help | sed -nE '/^Commands:/,/^$/s/^  ([a-z]+) .*/\1/p'
}

# The long options of a command, as its help shows them.
help_options() {
    "$WASME" "$1" --help | sed -nE 's/^ +(-[a-zA-Z], )?(--[a-z-]+).*/\2/p' | sort
}

@test "help: every command's --help is on stdout, within 80 columns, with status 0" {
    local command
    [[ $(commands | wc -l) -ge 11 ]]
    for command in $(commands); do
        try "$command" --help
        assert_status 0
        assert_no_stderr
        assert_output_contains "usage: wasme $command"
        assert_output_contains "--help"
        [[ $(awk 'length > 80' <<<"$output") == "" ]] || complain "wider than 80 columns"
    done
}

@test "help: -h, --help and help CMD say the same" {
    local command long
    for command in $(commands); do
        long=$("$WASME" "$command" --help)
        assert_equal "$("$WASME" "$command" -h)" "$long"
        assert_equal "$("$WASME" help "$command")" "$long"
    done
    assert_equal "$("$WASME" --help)" "$("$WASME" help)"
}

@test "help: --help counts before what is missing or wrong elsewhere" {
    try push --help
    assert_status 0
    try tag only-one --help
    assert_status 0
}

@test "version: one line" {
    try version
    assert_status 0
    assert_output "wasme $(cat "$ROOT/VERSION")"
    assert_no_stderr
    assert_equal "$("$WASME" --version)" "$output"
}

@test "usage: no command is an error that shows the commands on stderr" {
    try
    assert_status 2
    assert_output ""
    assert_stderr_contains "Commands:"
}

@test "usage: an unknown command suggests the nearest" {
    local pair
    for pair in lits:list puhs:push biuld:build verison:version serv:serve insepct:inspect; do
        try "${pair%:*}"
        assert_status 2
        assert_output ""
        assert_stderr_contains "${pair%:*}"
        assert_stderr_matches "\bwasme ${pair#*:}\b|\b${pair#*:}\?"
    done
    try zzzzzzzz
    assert_status 2
    refute_stderr_contains "did you mean"
    try help lits
    assert_status 2
    assert_stderr_contains "list"
}

@test "usage: an unknown option suggests the nearest" {
    try list --wid
    assert_status 2
    assert_stderr_contains "--wide"
    try push --plain-htp x
    assert_status 2
    assert_stderr_contains "--plain-http"
    try serve --prot 1
    assert_status 2
    assert_stderr_contains "--port"
    try list -x
    assert_status 2
    assert_stderr_contains "-x"
}

@test "usage: too few and too many arguments, values missing or out of bounds" {
    local line
    while read -r line; do
        # shellcheck disable=SC2086 # words
        try $line
        assert_status 2
        assert_output ""
        assert_stderr_matches '^wasme: '
    done <<'END'
build
build precompiled
tag one
tag one two three
rm
push
pull
list extra
version extra
inspect
completion
completion tcsh
serve -p 65536
serve -p -1
serve -p 80x
list --store
push --retries=many x
list --wide=yes
build precompiled x
build fortran x -t a
build precompiled x -t UPPER/Case
push -u
END
}

@test "usage: a value that is unknown names those that are known, and the nearest" {
    local line
    while IFS='|' read -r line message; do
        # shellcheck disable=SC2086 # words
        try $line
        assert_status 2
        assert_output ""
        assert_equal "$stderr" "wasme: $message"
    done <<'END'
push x --format ocu|push: --format "ocu": choose oci, compat, docker or cncf; did you mean oci?
push x --format zip|push: --format "zip": choose oci, compat, docker or cncf
convert x --to kompat|convert: --to "kompat": choose oci, compat, docker or cncf; did you mean compat?
convert x|convert: --to is missing: choose oci, compat, docker or cncf
check x --gateway wkg --gateway isito|check: --gateway "isito": choose istio, envoy-gateway, higress or wkg; did you mean istio?
build tinigo . -t a|build: LANGUAGE "tinigo": choose tinygo, go, cargo, rust, assemblyscript, c, cpp or precompiled; did you mean tinygo?
build tinygo .|build: --tag is missing: add --tag REF: see `wasme help build`
completion fihs|completion: SHELL "fihs": choose bash, zsh or fish; did you mean fish?
push|push: needs REF...: see `wasme help push`
tag one|tag: needs SOURCE TARGET: see `wasme help tag`
pull x --max-size much|pull: --max-size: "much" is no size: write 1000, 64kB or 256MiB
END
}

@test "help: options stand in groups, each with its default and its values" {
    try push --help
    assert_equal "$(grep -E '^[A-Z][a-z]+:$' <<<"$output" | tr -d '\n')" \
        "Arguments:Options:Connection:Credentials:Store:General:Example:"
    assert_output_contains "failed N more times (default 4)"
    assert_output_contains "(default: ~/.wasme/store)"
    try pull --help
    assert_output_contains "(default 256MiB)"
    assert_equal "$("$WASME" __man options push | sed -n 's/^\.SS //p' | tr '\n' ' ')" \
        "Connection Credentials Store General "
    try check --help
    assert_equal "$(tr -s ' \n' ' ' <<<"$output" | grep -o 'istio, envoy-gateway, higress or [^(]*(default: all, without --host)')" \
        "istio, envoy-gateway, higress or wkg; may be repeated (default: all, without --host)"
    try serve --help
    assert_output_contains "(default 8080; 0: any free one)"
}

@test "man: no name of a constant is left in a page, and each has its value" {
    skip_unless make
    install_into "$PWD/image"
    assert_equal "$(grep -hE '@[A-Z_]+@' image/usr/share/man/man1/*.1)" ""
    try __man limit FETCH_MAX_SIZE
    assert_output "256 MiB"
    try __man limit TAR_ENTRIES_MAX
    assert_output "100,000"
    try __man limit STORE_PART_LIFE
    assert_output "7"
    try __man limit NONE
    assert_status 2
}

@test "options: anywhere, in every spelling, up to --" {
    make_wasm a.wasm
    try build -t one precompiled a.wasm
    assert_status 0
    try build precompiled -tone a.wasm
    assert_status 0
    try build precompiled a.wasm --tag=one
    assert_status 0
    try build --tag one -v precompiled a.wasm
    assert_status 0
    try -v list
    assert_status 0
    try list -wd
    assert_status 0
    assert_output_contains DIRECTORY
    try rm -- -x
    refute_stderr_contains "no option"
}

@test "man: the pages' options are those of the help" {
    local command
    for command in $(commands); do
        assert_equal "$("$WASME" __man options "$command" | sed 's/\\f.//g; s/\\-/-/g' |
            sed -nE 's/^(-[a-zA-Z], )?(--[a-z-]+).*/\2/p' | sort)" "$(help_options "$command")" \
            "options of $command"
    done
}

@test "completion: bash, zsh and fish know the options of the help" {
    local command bash zsh fish expected
    bash=$("$WASME" completion bash) zsh=$("$WASME" completion zsh) fish=$("$WASME" completion fish)
    for command in $(commands); do
        expected=$(help_options "$command")
        assert_equal "$(sed -nE "/^_wasme_options/,/^}/s/^ +$command\) echo \"(.*)\".*/\1/p" \
            <<<"$bash" | tr ' ' '\n' | grep . | sort)" "$expected" "bash, $command"
        assert_equal "$(sed -nE "/^    $command\)/,/;;/p" <<<"$zsh" |
            sed -nE 's/^ +([^"]*)"\[.*/\1/p' | grep -oE -- '--[a-z-]+' | sort -u)" "$expected" "zsh, $command"
        assert_equal "$(grep -E "__wasme_in $command'" <<<"$fish" |
            sed -nE 's/.* -l ([a-z-]+).*/--\1/p' | sort)" "$expected" "fish, $command"
    done
}

# Completes the line as bash does, and prints the offers.
complete_bash() {
    PATH=$(dirname "$WASME"):$PATH bash -c '
        eval "$("$1" completion bash)"
        COMP_LINE=$2 COMP_POINT=${#2}
        read -ra COMP_WORDS <<<"$2"
        [[ $2 != *" " ]] || COMP_WORDS+=("")
        COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
        _wasme
        printf "%s\n" "${COMPREPLY[@]}"' _ "$WASME" "$1"
}

@test "completion: bash offers commands, options, words, references and files" {
    add_image harbor.example/base/filter:v1
    add_image harbor.example/base/filter:v2
    mkdir folder
    assert_equal "$(complete_bash 'wasme pu' | sort | tr '\n' ' ')" "pull push "
    assert_equal "$(complete_bash 'wasme list --w')" "--wide"
    assert_equal "$(complete_bash 'wasme completion f')" "fish"
    assert_equal "$(complete_bash 'wasme build tiny')" "tinygo"
    assert_equal "$(complete_bash 'wasme push harbor.ex' | sort | tr '\n' ' ')" \
        "harbor.example/base/filter:v1 harbor.example/base/filter:v2 "
    # bash replaces only the text behind the last colon.
    assert_equal "$(complete_bash 'wasme push harbor.example/base/filter:' | sort | tr '\n' ' ')" \
        "v1 v2 "
    assert_equal "$(complete_bash 'wasme build precompiled a.wasm -t harbor.example/base/filter:v2')" \
        "v2"
    assert_equal "$(complete_bash 'wasme list --store fol')" "folder"
    assert_equal "$(complete_bash 'wasme list --store folder har')" ""
}

@test "completion: fish offers the same" {
    skip_unless fish
    add_image harbor.example/base/filter:v1
    mkdir folder
    "$WASME" completion fish >wasme.fish
    offer() {
        PATH=$(dirname "$WASME"):$PATH fish --no-config -c \
            "source wasme.fish; complete -C '$1'" | cut -f1 | sort | tr '\n' ' '
    }
    assert_equal "$(offer 'wasme pu')" "pull push "
    assert_equal "$(offer 'wasme list --w')" "--wide "
    assert_equal "$(offer 'wasme push harb')" "harbor.example/base/filter:v1 "
    assert_equal "$(offer 'wasme build tiny')" "tinygo "
    assert_equal "$(offer 'wasme list --store fol')" "folder/ "
}

@test "completion: zsh loads the script" {
    skip_unless zsh
    "$WASME" completion zsh >_wasme
    try_command zsh -f -n _wasme
    assert_status 0
    assert_no_stderr
    try_command zsh -f -c 'autoload -Uz compinit && compinit -u -d dump
        source ./_wasme && [[ $_comps[wasme] == _wasme ]] && whence -w _wasme'
    assert_status 0
    assert_output "_wasme: function"
}

@test "completion: bash accepts the script under strict settings" {
    "$WASME" completion bash >wasme.bash
    try_command bash -euo pipefail -c 'source ./wasme.bash && complete -p wasme'
    assert_status 0
    assert_no_stderr
}

@test "install: the program, a page for each command, and the completions" {
    skip_unless make
    local command
    install_into "$PWD/image"
    try_command image/usr/bin/wasme version
    assert_status 0
    assert_exists image/usr/share/man/man1/wasme.1
    for command in $(commands); do
        assert_exists "image/usr/share/man/man1/wasme-$command.1"
    done
    assert_exists image/usr/share/bash-completion/completions/wasme
    assert_exists image/usr/share/zsh/site-functions/_wasme
    assert_exists image/usr/share/fish/vendor_completions.d/wasme.fish
    assert_equal "$(find image -newermt '1 day' -o -type f -perm /022)" "" "writable files"
}

@test "man: the pages are formatted without a warning and show every option" {
    skip_unless make groff
    local page option
    install_into "$PWD/image"
    for page in image/usr/share/man/man1/*.1; do
        try_command groff -man -Tascii -ww "$page"
        assert_status 0
        assert_no_stderr
    done
    for option in $(help_options push); do
        groff -man -Tascii image/usr/share/man/man1/wasme-push.1 |
            sed 's/\x1b\[[0-9;]*m//g; s/.\x08//g' | grep -q -- "$option"
    done
}
