#!/usr/bin/env bats
# Tokens that serve the next command: where they are kept, for whom, and until when.

load helper
load front

setup_file() {
    scratch
    start_front
}

setup() {
    scratch
    begin_front_test
    make_runtime_dir
    TOKENS=$RUNTIME/wasme/tokens
}

# How often the realm was asked since the last call.
asked() {
    local count
    settle_log "$NGINX" "$NGINX_LOG"
    count=$(grep -c /token "$NGINX_LOG" || true)
    : >"$NGINX_LOG"
    echo "$count"
}

field() { # NUMBER
    tail -n +2 "$TOKENS" | cut -f"$1"
}

@test "kept: a token serves the next command, and a wider one does too" {
    add_image "$REF"
    tls push "$REF"
    assert_status 0
    assert_equal "$(asked)" 1
    assert_equal "$(stat -c %a "$RUNTIME/wasme" "$TOKENS" | xargs)" "700 600"
    assert_equal "$(field 7)" "repository:own/test$BATS_TEST_NUMBER:pull,push"
    assert_equal "$(field 5)" "$REGISTRY_USER"
    run ! grep -F -e "$REGISTRY_PASSWORD" -e "$(printf %s "$REGISTRY_USER:$REGISTRY_PASSWORD" | base64 -w0)" "$TOKENS"
    run ! grep -r eyJ "$HOME/.cache"
    tls push "$REF"
    assert_equal "$(asked)" 0
    pull
    assert_status 0
    assert_stderr_contains "of an earlier command is still good"
    refute_stderr_contains eyJ
    assert_equal "$(asked)" 0
    # With the way to log in forgotten, the challenge leads to the token.
    rm -r "$HOME/.cache"
    pull
    assert_status 0
    assert_equal "$(asked)" 0
}

@test "kept: a token for pull alone serves no push" {
    pushed
    rm -r "$RUNTIME/wasme"
    pull
    assert_equal "$(asked)" 1
    tls push "$REF"
    assert_status 0
    assert_equal "$(asked)" 1
    assert_equal "$(field 7 | wc -l)" 2
}

@test "kept: --no-cache, -u, doctor and login neither use nor keep tokens" {
    pushed
    asked >/dev/null
    pull --no-cache
    assert_equal "$(asked)" 1
    tls pull --store "$OTHER" "$REF" -u "$REGISTRY_USER" --password-stdin <<<"$REGISTRY_PASSWORD"
    assert_status 0
    assert_equal "$(asked)" 1
    tls pull --store "$OTHER" "$REF" -u "$REGISTRY_USER" --password-stdin <<<wrong
    assert_status 1
    asked >/dev/null
    tls doctor "${REF%:*}"
    assert_status 0
    (($(asked) > 0))
    rm -r "$RUNTIME/wasme"
    pull --no-cache
    tls pull --store "$OTHER" "$REF" -u "$REGISTRY_USER" --password-stdin <<<"$REGISTRY_PASSWORD"
    tls doctor "${REF%:*}"
    try push --insecure "$REF"
    assert_status 0
    [[ ! -e $RUNTIME/wasme ]]
}

@test "kept: logout and login forget the tokens of the registry" {
    pushed
    sed -n '2s/^[^\t]*/other.example/p' "$TOKENS" >other
    cat other >>"$TOKENS"
    assert_equal "$(field 1 | xargs)" "$NGINX other.example"
    try logout "$NGINX"
    assert_status 0
    assert_equal "$(field 1)" other.example
    try logout other.example
    [[ ! -e $TOKENS ]]
    pull
    [[ -e $TOKENS ]]
    tls login "$NGINX" -u "$REGISTRY_USER" --password-stdin <<<"$REGISTRY_PASSWORD"
    assert_status 0
    [[ ! -e $TOKENS ]]
}

@test "kept: one user's token serves nobody else" {
    pushed
    asked >/dev/null
    credentials somebody wrong
    pull
    assert_status 1
    assert_equal "$(asked)" 1
    rm -r "$HOME/.docker"
    pull
    assert_status 1
    # The same user of another file: that login is tried.
    credentials "$REGISTRY_USER" wrong
    mv "$HOME/.docker/config.json" named.json
    pull -c named.json
    assert_status 1
    credentials "$REGISTRY_USER" "$REGISTRY_PASSWORD"
    asked >/dev/null
    pull
    assert_status 0
    assert_equal "$(asked)" 0
    # The token of anybody is for those without a login.
    REF=$NGINX/public/test$BATS_TEST_NUMBER:v1
    pushed
    mv "$HOME/.docker" away
    rm -r "$RUNTIME/wasme"
    pull
    assert_status 0
    pull
    assert_status 0
    assert_equal "$(asked)" 1
    mv away "$HOME/.docker"
    pull
    assert_equal "$(asked)" 1
}

@test "kept: a token that is refused is asked for anew, once" {
    pushed
    asked >/dev/null
    sed -i 's/eyJ[^\t]*$/eyJ.of.nobody/' "$TOKENS"
    pull
    assert_status 0
    assert_equal "$(asked)" 1
    pull
    assert_equal "$(asked)" 0
    # Nor does a wrong password go to the realm twice.
    sed -i 's/eyJ[^\t]*$/eyJ.of.nobody/' "$TOKENS"
    credentials "$REGISTRY_USER" wrong
    pull
    assert_status 1
    assert_equal "$(asked)" 1
    # Several requests with the same token.
    local i refs=()
    credentials "$REGISTRY_USER" "$REGISTRY_PASSWORD"
    for i in 1 2 3 4; do
        add_image "$REF-$i" 200 "$REF-$i"
        refs+=("$REF-$i")
    done
    tls push "${refs[@]}"
    assert_status 0
    sed -i 's/eyJ[^\t]*$/eyJ.of.nobody/' "$TOKENS"
    asked >/dev/null
    tls pull --store "$OTHER" "${refs[@]}"
    assert_status 0
    assert_equal "$(asked)" 1
}

@test "kept: a refusal with 403 is a refusal of the token too, once" {
    pushed
    asked >/dev/null
    # nginx answers 403 to this token alone.
    sed -i 's/eyJ[^\t]*$/eyJ.forbidden/' "$TOKENS"
    pull
    assert_status 0
    assert_equal "$(asked)" 1
    pull
    assert_status 0
    assert_equal "$(asked)" 0
}

@test "kept: an expired token is not sent, and goes at the next write" {
    pushed
    asked >/dev/null
    local now
    now=$(date +%s)
    # The life is that of the token, a tenth of it left out, and an hour at most.
    (($(field 8) > now + 10 && $(field 8) <= now + 3600))
    for at in $((now - 1)) $((now + 86400)); do
        sed -i -E "2,\$s/\t[0-9]+\t(eyJ[^\t]*)\$/\t$at\t\1/" "$TOKENS"
        pull
        assert_status 0
        assert_equal "$(asked)" 1
        run ! grep -F "	$at	" "$TOKENS"
    done
}

@test "kept: on a disk, in the folder of others and in one that others may read, nothing" {
    mkdir -p disk
    chmod 700 disk
    if [[ $(stat -f -c %T disk) != tmpfs ]]; then
        XDG_RUNTIME_DIR=$PWD/disk pushed
        [[ ! -e disk/wasme ]]
    fi
    chmod 755 "$RUNTIME"
    pushed
    [[ ! -e $RUNTIME/wasme ]]
    chmod 700 "$RUNTIME"
    ln -s "$RUNTIME" link
    XDG_RUNTIME_DIR=$PWD/link pushed
    [[ ! -e $RUNTIME/wasme ]]
    if [[ $(id -u) == 0 ]]; then
        chown 1 "$RUNTIME"
        pushed
        chown 0 "$RUNTIME"
        [[ ! -e $RUNTIME/wasme ]]
    fi
    mkdir -m 755 "$RUNTIME/wasme" # wasme's own folder, open to others
    pushed
    [[ ! -e $TOKENS ]]
    cd "$RUNTIME"
    XDG_RUNTIME_DIR=. tls push "$REF"
    [[ ! -e $TOKENS ]]
}

@test "kept: a damaged or foreign file counts as none" {
    local damage
    pushed
    for damage in "echo garbage >$TOKENS" "echo x >>$TOKENS" "head -c 600000 /dev/zero >>$TOKENS" \
        "chmod 644 $TOKENS" "mv $TOKENS $TOKENS.old; ln -s $TOKENS.old $TOKENS" \
        "rm $TOKENS; mkfifo -m 600 $TOKENS"; do
        eval "$damage"
        asked >/dev/null
        pull
        assert_status 0
        assert_equal "$(asked)" 1
        pull
        assert_equal "$(asked)" 0
    done
}
