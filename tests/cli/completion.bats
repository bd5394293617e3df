#!/usr/bin/env bats
# The completion scripts in the real shells. help.bats tests the plain cases, and that the scripts
# know every option.

load helper

EVIL='evil.example/$(touch${IFS}pwned)`touch${IFS}pwned`:v1'
DIGEST=sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef

setup() {
    scratch
    export PATH=${WASME%/*}:$PATH
}

# A stored image whose image_ref has another reference.
add_image_called() {
    local dir
    add_image harbor.example/base/donor:v1
    dir=$(image_dir "$1")
    cp -r "$(image_dir harbor.example/base/donor:v1)" "$dir"
    printf %s "$1" >"$dir/image_ref"
}

# A `wasme` first in PATH that lists $EVIL as a reference.
add_gullible_wasme() {
    mkdir gullible
    cat >gullible/wasme <<END
#!/bin/sh
[ "\$1" != __complete ] || printf '%s\\n' "\$EVIL"
exec "$WASME" "\$@"
END
    chmod +x gullible/wasme
    export EVIL PATH=$PWD/gullible:$PATH
}

# Completes the line in bash: prints the sorted offers, after the word "filenames" when the script
# tells bash to treat them as names of files.
offer_bash() {
    try_command bash -c '
        eval "$("$1" completion bash)"
        compopt() { echo "$2"; }
        COMP_LINE=$2 COMP_POINT=${#2} COMP_WORDBREAKS=${3-$COMP_WORDBREAKS}
        _wasme
        ((${#COMPREPLY[@]} == 0)) || printf "%s\n" "${COMPREPLY[@]}" | sort' _ "$WASME" "$@"
    assert_status 0
    assert_no_stderr
}

assert_bash() { # LINE OFFERED...
    offer_bash "$1"
    assert_output "$(printf '%s\n' "${@:2}")"
}

assert_fish() {
    try_command fish --no-config -c 'wasme completion fish | source; complete -C $argv[1]' "$1"
    assert_status 0
    assert_no_stderr
    assert_equal "$(cut -f1 <<<"$output" | sort)" "$(printf '%s\n' "${@:2}")" "$1"
}

# The part in an interactive zsh: completes $LINE as TAB would, and keeps the new line.
write_zshrc() {
    mkdir -p zdot
    "$WASME" completion zsh >zdot/_wasme
    cat >zdot/.zshrc <<'END'
unsetopt beep
autoload -Uz compinit
compinit -u -d zdot/dump
source zdot/_wasme
zle-line-init() {
    BUFFER=$LINE CURSOR=$#LINE
    zle complete-word
    print -r -- "$BUFFER" >completed.new
    mv completed.new completed
}
zle -N zle-line-init
END
}

# Completes the first line in a zsh on its own terminal; the result must be the second line.
assert_zsh() {
    [[ -e zdot ]] || write_zshrc
    rm -f completed
    # shellcheck disable=SC2016
    LINE=$1 ZDOTDIR=$PWD/zdot TERM=vt100 zsh -f -c '
        zmodload zsh/zpty
        zpty -b shell zsh -d -i
        for (( i = 0; i < 600; i++ )) {
            zpty -r -t shell said && print -rn -- $said
            [[ -e completed ]] && break
            sleep 0.05
        }
        zpty -d shell' >zsh.log 2>&1 3>&- || true
    [[ -e completed ]] || cat zsh.log
    assert_equal "$(cat completed)" "$2" "$1"
}

@test "completion: only what is a reference is offered" {
    add_image harbor.example/base/filter:v1
    add_image_called "$EVIL"
    add_image_called 'harbor.example/base/untagged'
    try list
    assert_output_contains evil.example # else this proves nothing
    try __complete
    assert_status 0
    assert_no_stderr
    assert_equal "$(sort <<<"$output")" \
        "$(printf '%s\n' harbor.example/base/{donor,filter}:v1)"
}

@test "completion: bash expands nothing of what it is offered" {
    add_image_called "$EVIL"
    assert_bash 'wasme push ev'
    add_gullible_wasme
    assert_bash 'wasme push ev' "$EVIL"
    assert_bash 'wasme inspect ev' "$EVIL"
    assert_bash 'wasme build go . --tag=ev' "$EVIL"
    refute_exists pwned
    touch '*' # nor does a word of the line
    assert_bash 'wasme push *'
    # shellcheck disable=SC2016
    assert_bash 'wasme push $(touch${IFS}pwned)'
    # shellcheck disable=SC2016
    assert_bash 'wasme push --store=$(touch${IFS}pwned) har'
    refute_exists pwned
}

@test "completion: bash replaces what follows the last colon, at or equals sign" {
    add_image_called "harbor.example:8443/base/filter@$DIGEST"
    add_image harbor.example/base/filter:v1
    mkdir folder
    assert_bash 'wasme push harbor.example:8443/base/filter@sh' "$DIGEST"
    assert_bash "wasme push harbor.example:8443/base/filter@${DIGEST:0:9}" "${DIGEST#*:}"
    assert_bash 'wasme push harbor.example:84' "8443/base/filter@$DIGEST"
    assert_bash 'wasme build go . --tag=harbor.example/base/f' harbor.example/base/filter:v1
    assert_bash 'wasme list --store=fol' filenames folder
    offer_bash 'wasme push harbor.example:8443/base/filter@sh' $' \t\n:'
    assert_output "8443/base/filter@$DIGEST"
    offer_bash 'wasme build go . --tag=harbor.example/base/f' $' \t\n'
    assert_output "--tag=harbor.example/base/filter:v1"
}

@test "completion: bash quotes file names, but not references" {
    add_image harbor.example/base/filter:v1
    touch 'harbor notes' other.wasm
    mkdir harbors
    assert_bash 'wasme inspect oth' filenames other.wasm
    assert_bash 'wasme inspect harb' harbor.example/base/filter:v1 'harbor\ notes' harbors
    assert_bash 'wasme serve harb' harbor.example/base/filter:v1 harbors
    assert_bash 'wasme serve oth' filenames
}

@test "completion: bash takes references from the store on the line" {
    add_image harbor.example/base/filter:v1
    mv "$STORE" "$HOME/elsewhere"
    assert_bash 'wasme push har'
    assert_bash "wasme push --store $HOME/elsewhere har" harbor.example/base/filter:v1
    assert_bash "wasme push --store=$HOME/elsewhere har" harbor.example/base/filter:v1
    # shellcheck disable=SC2088 # as the user types it
    assert_bash 'wasme push --store ~/elsewhere har' harbor.example/base/filter:v1
    assert_bash "wasme -v push --store $HOME/elsewhere har" harbor.example/base/filter:v1
}

@test "completion: bash offers no option behind -- and no argument as an option's value" {
    assert_bash 'wasme build go . -- --ta' filenames
    assert_bash 'wasme push --retries '
    assert_bash 'wasme list --json='
}

@test "completion: fish takes options before the command, --store and references as they are" {
    skip_unless fish
    add_image harbor.example/base/filter:v1
    assert_fish 'wasme -v pu' pull push
    assert_fish 'wasme -v push ' harbor.example/base/filter:v1
    assert_fish 'wasme build --tag=harb' --tag=harbor.example/base/filter:v1
    assert_fish 'wasme build -t harbor tiny' tinygo
    mkdir site
    touch sitemap
    assert_fish 'wasme serve si' site/
    assert_fish 'wasme serve harb' harbor.example/base/filter:v1
    mv "$STORE" "$HOME/elsewhere"
    assert_fish 'wasme push har'
    assert_fish "wasme push --store $HOME/elsewhere har" harbor.example/base/filter:v1
    assert_fish "wasme push --store=$HOME/elsewhere har" harbor.example/base/filter:v1
    # shellcheck disable=SC2088 # as the user types it
    assert_fish 'wasme push --store ~/elsewhere har' harbor.example/base/filter:v1
    add_gullible_wasme
    assert_fish 'wasme push ev' "$EVIL"
    refute_exists pwned
}

@test "completion: zsh takes options before the command, --store and references as they are" {
    skip_unless zsh
    add_image harbor.example/base/filter:v1
    assert_zsh 'wasme -v pus' 'wasme -v push '
    assert_zsh 'wasme -v push harb' 'wasme -v push harbor.example/base/filter:v1 '
    assert_zsh 'wasme build --tag=harb' 'wasme build --tag=harbor.example/base/filter:v1 '
    assert_zsh 'wasme build -t harb' 'wasme build -t harbor.example/base/filter:v1 '
    mkdir site
    touch sitemap
    assert_zsh 'wasme serve si' 'wasme serve site/'
    assert_zsh 'wasme inspect sitem' 'wasme inspect sitemap '
    assert_zsh 'wasme serve harb' 'wasme serve harbor.example/base/filter:v1 '
    mv "$STORE" "$HOME/elsewhere"
    assert_zsh 'wasme push har' 'wasme push har'
    # shellcheck disable=SC2088 # as the user types it
    assert_zsh 'wasme push --store ~/elsewhere har' \
        'wasme push --store ~/elsewhere harbor.example/base/filter:v1 '
    assert_zsh "wasme push --store=$HOME/elsewhere har" \
        "wasme push --store=$HOME/elsewhere harbor.example/base/filter:v1 "
    add_gullible_wasme
    # shellcheck disable=SC2016
    assert_zsh 'wasme push ev' \
        'wasme push evil.example/\$\(touch\$\{IFS\}pwned\)\`touch\$\{IFS\}pwned\`:v1 '
    refute_exists pwned
}

@test "completion: bash offers the values of an option, and arguments by their place" {
    add_image harbor.example/base/filter:v1
    assert_bash 'wasme push --format ' cncf compat docker oci
    assert_bash 'wasme push --format=co' compat
    assert_bash 'wasme convert --to d' docker
    assert_bash 'wasme check --gateway ' envoy-gateway higress istio wkg
    assert_bash 'wasme check --gateway istio --gateway env' envoy-gateway
    assert_bash 'wasme completion ' bash fish zsh
    assert_bash 'wasme help ser' serve
    assert_bash 'wasme copy a har' harbor.example/base/filter:v1
    assert_bash 'wasme copy a b har'
    touch notes
    assert_bash 'wasme build go . -- no' filenames notes
    assert_bash 'wasme build no' filenames notes
    touch tinker
    assert_bash 'wasme build tin' tinker tinygo
    assert_bash 'wasme push a b har' harbor.example/base/filter:v1
}

@test "completion: fish offers the values of an option, and arguments by their place" {
    skip_unless fish
    add_image harbor.example/base/filter:v1
    assert_fish 'wasme push --format ' cncf compat docker oci
    assert_fish 'wasme push --format=co' --format=compat
    assert_fish 'wasme check --gateway ' envoy-gateway higress istio wkg
    assert_fish 'wasme check --gateway istio --gateway env' envoy-gateway
    assert_fish 'wasme completion ' bash fish zsh
    assert_fish 'wasme help ser' serve
    assert_fish 'wasme copy a har' harbor.example/base/filter:v1
    assert_fish 'wasme copy a b har'
    touch notes
    assert_fish 'wasme build go . -- no' notes
    touch tinker
    assert_fish 'wasme build tin' tinker tinygo
    assert_fish 'wasme push a b har' harbor.example/base/filter:v1
}

@test "completion: zsh offers the values of an option, and arguments by their place" {
    skip_unless zsh
    add_image harbor.example/base/filter:v1
    assert_zsh 'wasme push --format com' 'wasme push --format compat '
    assert_zsh 'wasme push --format=doc' 'wasme push --format=docker '
    assert_zsh 'wasme check --gateway hi' 'wasme check --gateway higress '
    assert_zsh 'wasme check --gateway istio --gateway env' \
        'wasme check --gateway istio --gateway envoy-gateway '
    assert_zsh 'wasme completion f' 'wasme completion fish '
    assert_zsh 'wasme copy a har' 'wasme copy a harbor.example/base/filter:v1 '
    assert_zsh 'wasme copy a b har' 'wasme copy a b har'
    touch notes
    assert_zsh 'wasme build go . -- no' 'wasme build go . -- notes '
    assert_zsh 'wasme build no' 'wasme build notes '
    assert_zsh 'wasme build tiny' 'wasme build tinygo '
    assert_zsh 'wasme push a b har' 'wasme push a b harbor.example/base/filter:v1 '
}
