#!/usr/bin/env bats
# wasme login and logout: real registries that demand user and password or a token, and helper
# programs with the protocol of docker-credential-helpers.

load helper

IDENTITY=identity+token/of=the-tests

setup_file() {
    scratch
    start_registry basic
    export BASIC=$REGISTRY
    start_registry plain
    export OPEN=$REGISTRY
    start_registry token --identity "$IDENTITY" --trap
    export TOKEN=$REGISTRY
}

setup() {
    scratch
    [[ ! ${TOKEN_LOG:-} ]] || : >"$TOKEN_LOG"
    OWN=$HOME/.wasme/credentials.json
}

# log_in SERVER [ARGUMENT...]: a login with the right password.
log_in() {
    try login "$@" -u "$REGISTRY_USER" --password-stdin <<<"$REGISTRY_PASSWORD"
}

encoded() {
    printf %s "$REGISTRY_USER:$REGISTRY_PASSWORD" | base64 -w0
}

refute_secret() {
    refute_output_contains "$REGISTRY_PASSWORD"
    refute_stderr_contains "$REGISTRY_PASSWORD"
    refute_stderr_contains "$(encoded)"
    refute_stderr_contains "$IDENTITY"
}

# Pushes an image to the registry with the credentials that wasme finds.
assert_pushes() {
    local ref=$1/own/login$BATS_TEST_NUMBER:v$RANDOM
    shift
    add_image "$ref"
    try push -v "$ref" "$@"
    assert_status 0
    refute_secret
}

# put_helper NAME: a credential store that keeps its logins in $HOME/kept.NAME, and writes its calls
# to $HOME/calls.NAME.
put_helper() {
    mkdir -p bin
    cat >"bin/docker-credential-$1" <<'END'
#!/bin/sh
kept=$HOME/kept.${0##*-}
input=$(cat)
[ $# -eq 1 ] || { echo "arguments: $*"; exit 1; }
case $1 in
store) printf '%s' "$input" | jq -c . >"$kept" || exit 1 ;;
get)
    if [ -e "$kept" ] && [ "$(jq -r .ServerURL "$kept")" = "$input" ]; then
        cat "$kept"
    else
        echo "credentials not found in native keychain"
        exit 1
    fi
    ;;
erase) rm -f "$kept" ;;
esac
case $1 in
store) input=$(printf '%s' "$input" | jq -r .ServerURL) ;;
esac
echo "$1 $input" >>"$HOME/calls.${0##*-}"
END
    chmod +x "bin/docker-credential-$1"
    PATH=$PWD/bin:$PATH
}

docker_config() {
    mkdir -p "$HOME/.docker"
    printf '%s\n' "$1" >"$HOME/.docker/config.json"
}

@test "login: with user and password, kept for the user alone" {
    umask 022
    log_in "$BASIC" -v
    assert_status 0
    assert_output ""
    assert_stderr_contains "logged in"
    assert_stderr_contains "$OWN"
    refute_secret
    assert_equal "$(stat -c %a "$OWN")" 600
    assert_equal "$(jq -r ".auths[\"$BASIC\"].auth" "$OWN")" "$(encoded)"
    assert_equal "$(find "$HOME/.wasme" -type f)" "$OWN"
    assert_pushes "$BASIC"
    assert_stderr_contains "credentials from $OWN"
}

@test "login: a wrong password is not kept" {
    local server
    for server in "$BASIC" "$TOKEN"; do
        try login "$server" -u "$REGISTRY_USER" --password-stdin <<<wrong-one
        assert_status 1
        assert_stderr_contains "log in to $server"
        assert_stderr_contains "refused the credentials"
        refute_stderr_contains wrong-one
        refute_exists "$OWN"
    done
    log_in "$BASIC"
    cp "$OWN" before
    try login "$BASIC" -u "$REGISTRY_USER" --password-stdin <<<wrong-one
    assert_status 1
    assert_same_file before "$OWN"
}

# registries.md, "Harbor": "Wrong password with a scope still answers 200 with less access: test a
# login by the token endpoint *without* scope". The token server does so here (--trap).
@test "login: a token is asked for without a scope" {
    log_in "$TOKEN" -v
    assert_status 0
    refute_secret
    assert_equal "$(cat "$TOKEN_LOG")" "GET user"
    assert_stderr_contains "for a token for a login, with the credentials from -u"
    assert_pushes "$TOKEN"
}

@test "login: an identity token" {
    try login "$TOKEN" --token-stdin <<<"$IDENTITY"
    assert_status 0
    refute_secret
    assert_equal "$(cat "$TOKEN_LOG")" "POST identity"
    assert_equal "$(jq -r ".auths[\"$TOKEN\"].identitytoken" "$OWN")" "$IDENTITY"
    assert_pushes "$TOKEN"
    rm "$OWN"
    try login "$TOKEN" --token-stdin <<<wrong-one
    assert_status 1
    assert_stderr_contains "refused the identity token"
    refute_stderr_contains wrong-one
    try login "$BASIC" --token-stdin <<<"$IDENTITY"
    assert_status 1
    assert_stderr_contains "wants user and password"
    refute_exists "$OWN"
}

@test "login: a registry that asks for nothing is said to" {
    log_in "$OPEN"
    assert_status 0
    assert_stderr_contains "asks for no login"
    assert_stderr_contains level=warning
    assert_exists "$OWN"
}

@test "login: other entries and members stay as they are" {
    mkdir -p "$HOME/.wasme"
    printf '{"zeta":[1,2.5,true,null,"\\u00e9/\\"x  y"],"auths":{"https://%s/v2/":{"auth":"b2xkOm9sZA=="},"b.example":{"auth":"dTpw","email":"me@example"},"a.example/path":{}},"HttpHeaders":{"X":"  two  spaces"}}' \
        "$BASIC" >"$OWN"
    jq -S "del(.auths[\"https://$BASIC/v2/\"])" "$OWN" >before
    log_in "$BASIC"
    assert_status 0
    jq -S "del(.auths[\"$BASIC\"])" "$OWN" >after
    assert_same_file before after
    assert_equal "$(jq -c keys_unsorted "$OWN")" '["zeta","auths","HttpHeaders"]'
    assert_equal "$(jq -c '.auths | keys_unsorted' "$OWN")" "[\"b.example\",\"a.example/path\",\"$BASIC\"]"
    grep -q $'^\t\t"b.example": {$' "$OWN"
    try logout "$BASIC"
    assert_status 0
    jq -S . "$OWN" >after
    assert_same_file before after
}

@test "login: a file that is broken, or not ours to write, is not touched" {
    local text
    mkdir -p "$HOME/.wasme"
    for text in '{"auths": {' '[]' '{"auths":[]}' 'auths'; do
        printf %s "$text" >"$OWN"
        log_in "$BASIC"
        assert_status 1
        assert_stderr_contains "$OWN"
        assert_equal "$(cat "$OWN")" "$text"
        assert_equal "$(ls -A "$HOME/.wasme")" credentials.json
    done
}

@test "login: a link to the file stays a link" {
    mkdir -p "$HOME/.wasme" dotfiles
    echo '{}' >dotfiles/creds
    chmod 640 dotfiles/creds
    ln -s "$PWD/dotfiles/creds" "$OWN"
    log_in "$BASIC"
    assert_status 0
    [[ -L $OWN ]]
    assert_equal "$(jq -r ".auths[\"$BASIC\"].auth" dotfiles/creds)" "$(encoded)"
    assert_equal "$(stat -c %a dotfiles/creds)" 640 "the mode that its owner gave it"
    rm dotfiles/creds
    log_in "$BASIC"
    assert_status 1
    assert_stderr_contains "link"
}

@test "login: at the same time to many, none is lost" {
    local n pids=()
    for n in {1..12}; do
        printf %s "$REGISTRY_PASSWORD" |
            "$WASME" login "localhost:${OPEN#*:}" --credentials-file "shared.json" -u "user$n" \
                --password-stdin 2>/dev/null &
        pids+=($!)
        printf %s "$REGISTRY_PASSWORD" |
            "$WASME" login "127.0.0.1:${OPEN#*:}" --credentials-file shared.json -u "user$n" \
                --password-stdin 2>/dev/null &
        pids+=($!)
        printf %s "$REGISTRY_PASSWORD" |
            "$WASME" login "$BASIC" --credentials-file shared.json -u "$REGISTRY_USER" \
                --password-stdin 2>/dev/null &
        pids+=($!)
    done
    wait "${pids[@]}"
    assert_equal "$(jq '.auths | length' shared.json)" 3
    assert_equal "$(find . -maxdepth 1 -name 'shared.json*')" ./shared.json
}

@test "login: owner, group and mode of the file stay, also when root logs in under another HOME" {
    local folder=$BATS_TEST_TMPDIR/of-others
    mkdir -p "$HOME/.wasme"
    echo '{}' >"$OWN"
    chmod 640 "$OWN"
    log_in "$BASIC"
    assert_status 0
    assert_equal "$(stat -c %a "$OWN")" 640
    [[ $(id -u) == 0 ]] || skip "only root can have files of others"
    mkdir -p "$folder"
    echo '{}' >"$folder/creds"
    chown 1234:2345 "$folder" "$folder/creds"
    chmod 4751 "$folder/creds"
    ln -sf "$folder/creds" "$OWN"
    log_in "$BASIC"
    assert_status 0
    assert_equal "$(stat -c %u:%g:%a "$folder/creds")" 1234:2345:4751
    try logout "$BASIC"
    assert_status 0
    assert_equal "$(stat -c %u:%g:%a "$folder/creds")" 1234:2345:4751
    assert_equal "$(ls -A "$folder")" creds
}

@test "login: root does not follow another user's link to a file that is not that user's" {
    [[ $(id -u) == 0 ]] || skip "only root can make links of others"
    mkdir -p "$HOME/.wasme" system
    echo '{}' >system/daemon.json
    ln -s "$PWD/system/daemon.json" "$OWN"
    chown -h 1234 "$OWN"
    log_in "$BASIC"
    assert_status 1
    assert_stderr_contains "leads by a link of another user to $PWD/system/daemon.json"
    assert_equal "$(cat system/daemon.json)" '{}'
    rm -r "$HOME/.wasme"
    ln -s "$PWD/system" "$HOME/.wasme"
    chown -h 1234 "$HOME/.wasme"
    log_in "$BASIC" --credentials-file "$HOME/.wasme/daemon.json"
    assert_status 1
    assert_equal "$(cat system/daemon.json)" '{}'
    chown 1234 system/daemon.json # the link's owner's own file
    log_in "$BASIC" --credentials-file "$HOME/.wasme/daemon.json"
    assert_status 0
}

# hold FILE: another user locks the file, when that user can.
hold() {
    in_background holder setpriv --reuid=65534 --regid=65534 --clear-groups \
        flock -F -x "$1" sh -c 'echo held; exec sleep 60'
    HOLDER=$BACKGROUND_PID HOLDER_LOG=$BACKGROUND_LOG
}

@test "login: another user who holds the folder keeps nobody waiting" {
    [[ $(id -u) == 0 ]] || skip "only root can be another user"
    HOME=$(mktemp -d)
    chmod 755 "$HOME"
    mkdir -m 755 "$HOME/.wasme"
    hold "$HOME/.wasme"
    wait_until 5 grep -q held "$HOLDER_LOG"
    try_command timeout -k 1 5 "$WASME" login "$BASIC" -u "$REGISTRY_USER" --password-stdin \
        <<<"$REGISTRY_PASSWORD"
    assert_status 0
    kill -0 "$HOLDER"
    # An older program left a lock file that others can read; others can no longer hold it.
    install -m 644 /dev/null "$HOME/.wasme/.credentials.json.lock"
    log_in "$BASIC"
    assert_status 0
    assert_equal "$(ls -A "$HOME/.wasme")" credentials.json
    rm -r "$HOME"
}

@test "login, logout: whoever waits for another wasme says so, and Ctrl-C ends it" {
    local lock=$HOME/.wasme/.credentials.json.lock
    log_in "$BASIC"
    install -m 600 /dev/null "$lock"
    in_background holder flock -F -x "$lock" sleep 60
    wait_until 5 bash -c "! flock -n '$lock' true"
    try_command timeout --preserve-status -s INT -k 5 2.5 "$WASME" logout "$BASIC"
    assert_status 130
    assert_stderr_contains "waiting for $lock, which another wasme holds"
    assert_stderr_contains "interrupted while waiting"
    stop_background "$BACKGROUND_PID"
    try logout "$BASIC"
    assert_status 0
    refute_exists "$lock"
}

@test "login: --credentials-file, and -s" {
    log_in -s "$BASIC" --credentials-file mine.json
    assert_status 0
    refute_exists "$OWN"
    assert_pushes "$BASIC" -c mine.json
    log_in "https://$BASIC/v2/" --server "https://$BASIC/v2/" --credentials-file "new folder/x.json"
    assert_status 0
    assert_equal "$(jq -r ".auths | keys[]" "new folder/x.json")" "$BASIC"
    assert_equal "$(stat -c %a "new folder")" 700
    try logout --credentials-file mine.json -s "$BASIC"
    assert_status 0
    assert_equal "$(jq -c .auths mine.json)" '{}'
}

@test "login: the default registry is WASM_IMAGE_REGISTRY's" {
    WASM_IMAGE_REGISTRY=$BASIC log_in --credentials-file mine.json
    assert_status 0
    assert_equal "$(jq -r '.auths | keys[]' mine.json)" "$BASIC"
    WASM_IMAGE_REGISTRY=$BASIC try logout --credentials-file mine.json
    assert_stderr_contains "logged out"
}

@test "login: what is wrong on the command line" {
    try login "$BASIC" -u me -p x --password-stdin </dev/null
    assert_status 2
    try login "$BASIC" -u me --password-stdin </dev/null
    assert_status 2
    assert_stderr_contains "--password-stdin"
    try login "$BASIC" -u me:you -p x
    assert_status 2
    try login "$BASIC/project" -u me -p x
    assert_status 2
    assert_stderr_contains "name only the host"
    try login "not a host" -u me -p x
    assert_status 2
    try login "$BASIC" --server other.example -u me -p x
    assert_status 2
    try login "$BASIC" "$TOKEN" -u me -p x
    assert_status 2
    printf 'a\0b' >nul
    try login "$BASIC" -u me --password-stdin <nul
    assert_status 2
    head -c 70000 /dev/zero | tr '\0' x >long
    try login "$BASIC" -u me --password-stdin <long
    assert_status 2
    refute_exists "$OWN"
}

@test "login: no registry answers there" {
    try login 127.0.0.1:1 -u me -p x
    assert_status 1
    assert_stderr_contains "log in to 127.0.0.1:1"
    refute_exists "$OWN"
}

@test "login: a realm at a metadata service gets nothing" {
    local server option
    start_fake peer requests --scenario bearer-metadata
    server=127.0.0.1:${FAKE[0]}
    for option in --password-stdin --token-stdin; do
        try login "$server" -u me "$option" <<<secret-one
        assert_status 1
        assert_stderr_contains "169.254.169.254"
        assert_stderr_contains "internal address: refused"
        refute_stderr_contains secret-one
    done
    assert_equal "$(sort -u requests)" "main GET /v2/ none"
    refute_exists "$OWN"
}

# core_of ARGUMENT...: runs core.py for wasme with these arguments.
core_of() {
    try_command timeout 60 python3 "$ROOT/tests/cli/core.py" "$WASME" "$@"
    assert_status 0
    [[ $output != unknown ]] || skip "no program leaves a core file here"
}

@test "login: no core file holds the password, nor one of a transfer" {
    skip_unless python3
    core_of login SERVER -u me --password-stdin <<<"$REGISTRY_PASSWORD"
    assert_output no
    core_of tags SERVER/a/b -u me --password-stdin <<<"$REGISTRY_PASSWORD"
    assert_output no
    mkdir bin
    printf '#!/bin/sh\nulimit -c >"$HOME/limit"\necho "credentials not found"\nexit 1\n' \
        >bin/docker-credential-test
    chmod +x bin/docker-credential-test
    PATH=$PWD/bin:$PATH
    docker_config '{"credsStore":"test"}'
    ulimit -S -c "$(ulimit -H -c)"
    try tags "$BASIC/a/b"
    assert_equal "$(cat "$HOME/limit")" "$(ulimit -H -c)" "programs that are started keep their limit"
}

@test "login: without a terminal the way out is said" {
    skip_unless setsid
    try_command setsid -w "$WASME" login "$BASIC" -u me </dev/null
    assert_status 2
    assert_stderr_contains "--password-stdin"
    try_command setsid -w "$WASME" login "$BASIC" </dev/null
    assert_status 2
    assert_stderr_contains "--username"
}

# A separate terminal, made by python's pty: the questions, the answers and the display.
@test "login: on a terminal it asks, and the password is not shown" {
    skip_unless python3
    try_command python3 "$ROOT/tests/cli/terminal.py" \
        "Username for $BASIC: " "$REGISTRY_USER" "Password of $REGISTRY_USER for $BASIC: " \
        "$REGISTRY_PASSWORD" -- "$WASME" login "$BASIC"
    assert_status 0
    refute_secret
    assert_output_contains "$REGISTRY_USER"
    assert_output_contains "echo is on"
    assert_equal "$(jq -r ".auths[\"$BASIC\"].auth" "$OWN")" "$(encoded)"
}

@test "login: Ctrl-C at the prompt gives the terminal back" {
    skip_unless python3
    try_command python3 "$ROOT/tests/cli/terminal.py" \
        "Password of me for $BASIC: " ^C -- "$WASME" login "$BASIC" -u me
    assert_status 130
    assert_output_contains "echo is on"
    refute_exists "$OWN"
}

@test "logout: the entry goes, the others stay; none is said to be none" {
    log_in "$BASIC"
    log_in "$TOKEN"
    try logout "$BASIC"
    assert_status 0
    assert_output ""
    assert_stderr_contains "logged out"
    assert_equal "$(jq -r '.auths | keys[]' "$OWN")" "$TOKEN"
    cp "$OWN" before
    try logout "$BASIC"
    assert_status 0
    assert_stderr_contains "no login to forget"
    assert_same_file before "$OWN"
    rm "$OWN"
    try logout "$BASIC"
    assert_status 0
    refute_exists "$OWN"
}

@test "logout: what docker keeps stays, and is told" {
    docker_config "{\"auths\":{\"$BASIC\":{\"auth\":\"$(encoded)\"}}}"
    cp "$HOME/.docker/config.json" before
    log_in "$BASIC"
    try logout "$BASIC"
    assert_status 0
    assert_stderr_contains "still used"
    assert_stderr_contains "$HOME/.docker/config.json"
    assert_same_file before "$HOME/.docker/config.json"
}

@test "helper: docker's credsStore keeps the login, and gives it" {
    put_helper test
    docker_config '{"credsStore":"test"}'
    cp "$HOME/.docker/config.json" before
    log_in "$BASIC"
    assert_status 0
    assert_stderr_contains "docker-credential-test"
    assert_stderr_contains "credsStore in $HOME/.docker/config.json"
    refute_secret
    refute_exists "$OWN"
    assert_same_file before "$HOME/.docker/config.json"
    assert_equal "$(jq -c . "$HOME/kept.test")" \
        "$(jq -nc --arg u "$REGISTRY_USER" --arg p "$REGISTRY_PASSWORD" --arg s "$BASIC" \
            '{ServerURL: $s, Username: $u, Secret: $p}')"
    assert_pushes "$BASIC"
    assert_stderr_contains "credentials from docker-credential-test (credsStore in $HOME/.docker/config.json)"
    try logout "$BASIC"
    assert_status 0
    assert_stderr_contains "logged out"
    refute_exists "$HOME/kept.test"
    try logout "$BASIC"
    assert_stderr_contains "no login to forget"
}

@test "helper: an older entry of the file does not hide what the helper has" {
    log_in "$BASIC"
    put_helper test
    docker_config '{"credsStore":"test"}'
    log_in "$BASIC"
    assert_status 0
    assert_equal "$(jq -c .auths "$OWN")" '{}'
    assert_exists "$HOME/kept.test"
}

@test "helper: --plaintext keeps it in the file all the same" {
    put_helper test
    docker_config '{"credsStore":"test"}'
    log_in "$BASIC" --plaintext
    assert_status 0
    assert_exists "$OWN"
    refute_exists "$HOME/kept.test"
}

@test "helper: --plaintext into the file that names the helper, which is asked first" {
    put_helper test
    mkdir -p "$HOME/.wasme"
    echo '{"credsStore":"test"}' >"$OWN"
    "$WASME" login "$OPEN" -u older -p older
    assert_equal "$(jq -r .Username "$HOME/kept.test")" older
    log_in "$OPEN" --plaintext
    assert_status 0
    assert_stderr_contains "removed the older login"
    assert_stderr_contains "credsStore in $OWN"
    refute_exists "$HOME/kept.test"
    assert_equal "$(jq -r ".auths[\"$OPEN\"].auth" "$OWN")" "$(encoded)"
    # The same without a login in the helper.
    log_in "$BASIC" --plaintext
    assert_status 0
    refute_stderr_contains "removed the older login"
    assert_pushes "$BASIC"
    assert_stderr_contains "credentials from $OWN"
    # A helper that does not work would hide the login of the file for ever.
    printf '#!/bin/sh\necho the keyring is locked; exit 7\n' >bin/docker-credential-test
    cp "$OWN" before
    try login "$BASIC" --plaintext -u "$REGISTRY_USER" -p "$REGISTRY_PASSWORD"
    assert_status 1
    assert_stderr_contains "docker-credential-test get (credsStore in $OWN)"
    assert_same_file before "$OWN"
    # shellcheck disable=SC2016 # the script's own
    printf '#!/bin/sh\n[ "$1" = get ] && echo "{\\"Username\\":\\"u\\",\\"Secret\\":\\"p\\"}"\n' \
        >bin/docker-credential-test
    try login "$BASIC" --plaintext -u "$REGISTRY_USER" -p "$REGISTRY_PASSWORD"
    assert_status 1
    assert_stderr_contains "an older one comes before it: docker-credential-test erase"
    refute_stderr_contains "logged in"
}

@test "helper: a broken file of docker's stops neither --plaintext nor a logout of ours" {
    docker_config '{"credsStore":'
    log_in "$BASIC"
    assert_status 1
    assert_stderr_contains "$HOME/.docker/config.json"
    refute_exists "$OWN"
    log_in "$BASIC" --plaintext
    assert_status 0
    assert_equal "$(jq -r ".auths[\"$BASIC\"].auth" "$OWN")" "$(encoded)"
    try logout "$BASIC"
    assert_status 0
    assert_stderr_contains "logged out"
    assert_stderr_contains level=warning
    assert_stderr_contains "credentials file $HOME/.docker/config.json"
    assert_equal "$(jq -c .auths "$OWN")" '{}'
    assert_equal "$(cat "$HOME/.docker/config.json")" '{"credsStore":'
}

@test "helper: credHelpers counts before credsStore, for its registry" {
    put_helper test
    put_helper other
    docker_config "{\"credsStore\":\"other\",\"credHelpers\":{\"$BASIC\":\"test\"}}"
    log_in "$BASIC"
    log_in "$TOKEN"
    assert_equal "$(jq -r .ServerURL "$HOME/kept.test")" "$BASIC"
    assert_equal "$(jq -r .ServerURL "$HOME/kept.other")" "$TOKEN"
    # With an empty name of the helper, the file keeps the login, as with Docker.
    docker_config "{\"credsStore\":\"other\",\"credHelpers\":{\"$BASIC\":\"\"}}"
    log_in "$BASIC"
    assert_stderr_contains "$OWN"
}

@test "helper: an identity token is kept as Docker does" {
    put_helper test
    docker_config '{"credsStore":"test"}'
    try login "$TOKEN" --token-stdin <<<"$IDENTITY"
    assert_status 0
    assert_equal "$(jq -r .Username "$HOME/kept.test")" "<token>"
    : >"$TOKEN_LOG"
    assert_pushes "$TOKEN"
    assert_stderr_contains "with the identity token from docker-credential-test"
    grep -q '^POST identity repository:' "$TOKEN_LOG"
}

@test "helper: one that fails is named, with its words and where it is named" {
    local config
    add_image "$BASIC/own/x:v1"
    mkdir bin
    PATH=$PWD/bin:$PATH
    config=$HOME/.docker/config.json
    docker_config '{"credsStore":"bad"}'
    try push "$BASIC/own/x:v1"
    assert_status 1
    assert_stderr_contains "docker-credential-bad, which credsStore in $config names, is not in PATH"

    printf '#!/bin/sh\nprintf "the keyring\\033[31m is locked\\n"; exit 7\n' >bin/docker-credential-bad
    chmod +x bin/docker-credential-bad
    try push "$BASIC/own/x:v1"
    assert_status 1
    assert_stderr_contains "docker-credential-bad get (credsStore in $config) ends with status 7: the keyring"
    assert_stderr_contains "is locked"
    refute_stderr_contains $'\033'
    log_in "$BASIC"
    assert_status 1
    assert_stderr_contains "docker-credential-bad store"
    assert_stderr_contains "is locked: mend the helper, or keep the login in $OWN with --plaintext"
    refute_exists "$OWN"

    printf '#!/bin/sh\ncat; exit 1\n' >bin/docker-credential-bad
    log_in "$BASIC"
    assert_status 1
    refute_secret

    printf '#!/bin/sh\nyes secret\n' >bin/docker-credential-bad
    try logout "$BASIC"
    assert_status 1
    assert_stderr_contains "more than 65536 bytes"
    refute_stderr_contains secret

    printf '#!/bin/sh\necho "{\\"Username\\":\\"u\\",\\"Secret\\":5}"\n' >bin/docker-credential-bad
    try push "$BASIC/own/x:v1"
    assert_status 1
    assert_stderr_contains "no JSON with Username and Secret"

    docker_config '{"credsStore":"../../bin/sh"}'
    try push "$BASIC/own/x:v1"
    assert_status 1
    assert_stderr_contains "../../bin/sh"
    assert_stderr_contains "$config"
}

@test "helper: one that fails is started once for all images of a registry" {
    add_image "$BASIC/own/x:v1"
    mkdir bin
    printf '#!/bin/sh\necho "$1" >>"$HOME/calls"; echo no keyring; exit 1\n' >bin/docker-credential-bad
    chmod +x bin/docker-credential-bad
    PATH=$PWD/bin:$PATH
    docker_config '{"credsStore":"bad"}'
    try pull "$BASIC/own/a:v1" "$BASIC/own/b:v1" "$BASIC/own/c:v1" "$BASIC/own/d:v1"
    assert_status 1
    assert_equal "$(cat "$HOME/calls")" get
    assert_stderr_contains "ends with status 1: no keyring"
    try push "$BASIC/own/x:v1"
    assert_equal "$(grep -c get "$HOME/calls")" 2
}

@test "helper: a child of it that keeps its output open holds nothing up, and no socket reaches it" {
    add_image "$BASIC/own/x:v1"
    mkdir bin
    cat >bin/docker-credential-odd <<'END'
#!/bin/bash
ls -l /proc/self/fd >"$HOME/fds"
echo "{\"Username\":\"$REGISTRY_USER\",\"Secret\":\"$REGISTRY_PASSWORD\"}"
sleep 30 &
echo $! >"$HOME/child"
END
    chmod +x bin/docker-credential-odd
    PATH=$PWD/bin:$PATH
    docker_config '{"credsStore":"odd"}'
    SECONDS=0
    try push "$BASIC/own/x:v1"
    kill "$(<"$HOME/child")"
    assert_status 0
    ((SECONDS < 15))
    assert_equal "$(grep -cE ' [3-9] -> (socket|anon_inode|pipe)' "$HOME/fds")" 0
}

@test "helper: one that gives no answer is ended by --timeout, and by signals" {
    add_image "$BASIC/own/x:v1"
    mkdir bin
    printf '#!/bin/sh\necho $$ >"$HOME/pid"; exec sleep 60\n' >bin/docker-credential-slow
    chmod +x bin/docker-credential-slow
    PATH=$PWD/bin:$PATH
    docker_config '{"credsStore":"slow"}'
    try push --timeout 1 "$BASIC/own/x:v1"
    assert_status 1
    assert_stderr_contains "not done after 1 second (--timeout)"
    run ! kill -0 "$(<"$HOME/pid")"
    for signal in INT TERM; do
        try_command timeout --preserve-status --foreground -s $signal 1 "$WASME" push "$BASIC/own/x:v1"
        assert_status 130
        run ! kill -0 "$(<"$HOME/pid")"
    done
}

@test "helper: one without the registry's login leaves the file's" {
    put_helper test
    docker_config "{\"credsStore\":\"test\",\"auths\":{\"$BASIC\":{\"auth\":\"$(encoded)\"}}}"
    assert_pushes "$BASIC"
    assert_stderr_contains "docker-credential-test (credsStore in $HOME/.docker/config.json) has no credentials"
    assert_stderr_contains "credentials from $HOME/.docker/config.json"
}

@test "podman: its files, by session, by REGISTRY_AUTH_FILE and by repository" {
    mkdir -p run/containers "$HOME/.config/containers"
    printf '{"auths":{"%s":{"auth":"%s"}}}' "$BASIC" "$(encoded)" >auth.json
    cp auth.json run/containers/auth.json
    XDG_RUNTIME_DIR=$PWD/run assert_pushes "$BASIC"
    assert_stderr_contains "credentials from $PWD/run/containers/auth.json"
    REGISTRY_AUTH_FILE=$PWD/auth.json assert_pushes "$BASIC"
    assert_stderr_contains "credentials from $PWD/auth.json"
    cp auth.json "$HOME/.config/containers/auth.json"
    assert_pushes "$BASIC"
    assert_stderr_contains "credentials from $HOME/.config/containers/auth.json"

    printf '{"auths":{"%s":{"auth":"%s"},"%s/own":{"auth":"%s"},"%s/ow":{"auth":"bm86bm8="}}}' \
        "$BASIC" "$(printf 'no:no' | base64)" "$BASIC" "$(encoded)" "$BASIC" >auth.json
    REGISTRY_AUTH_FILE=$PWD/auth.json assert_pushes "$BASIC"
    add_image "$BASIC/elsewhere/x:v1"
    REGISTRY_AUTH_FILE=$PWD/auth.json try push "$BASIC/elsewhere/x:v1"
    assert_status 1
    # Both repositories in one run: each has its own login.
    add_image "$BASIC/own/both:v1"
    REGISTRY_AUTH_FILE=$PWD/auth.json try push "$BASIC/elsewhere/x:v1" "$BASIC/own/both:v1"
    assert_status 1
    assert_output_contains "$BASIC/own/both:v1@sha256:"
    assert_stderr_contains "1 of 2 failed"
}

# wasme reads the files that the tools of podman and docker write, and the tools read those of
# wasme.
@test "interop: skopeo's login is found, and ours by skopeo" {
    skip_unless skopeo
    skopeo login --tls-verify=false --authfile "$PWD/theirs.json" -u "$REGISTRY_USER" \
        --password-stdin "$BASIC" <<<"$REGISTRY_PASSWORD"
    assert_pushes "$BASIC" -c theirs.json
    log_in "$BASIC" --credentials-file ours.json
    assert_pushes "$BASIC" -c ours.json
    local ref
    ref=$(grep -oE "$BASIC/own/[^@]+" <<<"$output" | head -n 1)
    try_command skopeo inspect --raw --tls-verify=false --authfile "$PWD/ours.json" "docker://$ref"
    assert_status 0
    try_command skopeo login --tls-verify=false --authfile "$PWD/ours.json" --get-login "$BASIC"
    assert_output "$REGISTRY_USER"
}
