#!/usr/bin/env bats
# Proxies of the environment: a registry under a name that only the proxy resolves.

load helper

setup_file() {
    scratch
    skip_unless python3
    start_registry tls
    export TLS_REGISTRY=$REGISTRY TLS_CA=$CA_FILE
    start_registry plain
    unset CA_FILE
}

setup() {
    scratch
    OTHER=$PWD/other-store
    unset http_proxy HTTP_PROXY https_proxy HTTPS_PROXY all_proxy ALL_PROXY no_proxy NO_PROXY
    unset REQUEST_METHOD
    NAME=registry.test
}

# start_proxy [ARGUMENT...]: sets PROXY (127.0.0.1:PORT) and PROXY_LOG.
start_proxy() {
    PROXY_LOG=$PWD/proxy.log
    start_fake proxy "$PROXY_LOG" "$@" "$NAME:80=$REGISTRY" "$NAME:443=$TLS_REGISTRY"
    PROXY=127.0.0.1:${FAKE[0]}
}

through() { # how many requests the proxy saw
    grep -cE -- "$1" "$PROXY_LOG" || true
}

# push_and_pull_by VARIABLE OPTION...: the variable names a new proxy; sets ref.
push_and_pull_by() {
    local variable=$1
    shift
    start_proxy
    export "$variable=http://$PROXY"
    ref=$NAME/test$BATS_TEST_NUMBER/of-$variable:v1
    [[ $variable == *_proxy ]] || ref=$NAME/test$BATS_TEST_NUMBER/capitals:v1
    add_image "$ref" 300000 random
    try push "$@" "$ref"
    assert_status 0
    rm -rf "$OTHER"
    try pull "$@" --store "$OTHER" "$ref"
    assert_status 0
    assert_same_file "$(image_dir "$ref")/filter.wasm" "$(image_dir "$ref" "$OTHER")/filter.wasm"
}

assert_no_connection() {
    assert_status 1
    assert_stderr_contains "no connection"
    assert_stderr_contains "$NAME"
}

@test "proxy: push and pull over plain http, by http_proxy or HTTP_PROXY" {
    for variable in http_proxy HTTP_PROXY; do
        push_and_pull_by "$variable" --plain-http
        (($(through "^PUT http://$NAME/v2/.*/blobs/uploads/") == 2))
        (($(through "^GET http://$NAME/v2/.*/manifests/v1 ") == 1))
        assert_equal "$(through CONNECT)" 0
        unset $variable
    done
}

@test "proxy: push and pull over TLS, by https_proxy or HTTPS_PROXY" {
    for variable in https_proxy HTTPS_PROXY; do
        push_and_pull_by "$variable" --ca-file "$TLS_CA"
        (($(through "^CONNECT $NAME:443 ") >= 2))
        assert_equal "$(through ' http://')" 0
        # A proxy that carries the bytes proves nothing: the certificate at the other end is
        # verified.
        try pull --store "$OTHER" "$ref"
        assert_status 1
        assert_stderr_contains "the certificate of $NAME cannot be verified"
        unset $variable
    done
}

@test "proxy: of the other scheme, none, and no_proxy: not asked" {
    start_proxy
    try pull --plain-http "$NAME/a/b:v1" --retries 0
    assert_no_connection
    export https_proxy=http://$PROXY
    try pull --plain-http "$NAME/a/b:v1" --retries 0
    assert_no_connection
    unset https_proxy
    export http_proxy=http://$PROXY
    try pull --ca-file "$TLS_CA" "$NAME/a/b:v1" --retries 0
    assert_no_connection
    for variable in no_proxy NO_PROXY; do
        for value in "$NAME" "example.com,.test" "*"; do
            export "$variable=$value"
            try pull --plain-http "$NAME/a/b:v1" --retries 0
            assert_no_connection
        done
        unset $variable
    done
    assert_equal "$(through .)" 0
    no_proxy=other.test try pull --plain-http "$NAME/a/b:v1"
    assert_stderr_contains "404"
    assert_equal "$(through .)" 1
}

@test "proxy: not for this machine's own registries, nor HTTP_PROXY in a CGI program" {
    start_proxy
    export http_proxy=http://$PROXY https_proxy=http://$PROXY
    add_image "$REGISTRY/own/filter:v1" 3000 random
    try push "$REGISTRY/own/filter:v1"
    assert_status 0
    try push --ca-file "$TLS_CA" "$TLS_REGISTRY/own/filter:v1"
    assert_status 1
    assert_stderr_contains "no such image"
    "$WASME" tag "$REGISTRY/own/filter:v1" "$TLS_REGISTRY/own/filter:v1" 2>/dev/null
    try push --ca-file "$TLS_CA" "$TLS_REGISTRY/own/filter:v1"
    assert_status 0
    unset http_proxy https_proxy
    HTTP_PROXY=http://$PROXY REQUEST_METHOD=GET try pull --plain-http "$NAME/a/b:v1" --retries 0
    assert_no_connection
    assert_equal "$(through .)" 0
}

@test "proxy: one that wants a password gets it, and nobody else does" {
    start_proxy --user guest --password sesame
    export http_proxy=http://guest:sesame@$PROXY https_proxy=http://guest:sesame@$PROXY
    add_image "$NAME/login/filter:v1" 3000 random
    try push -v --plain-http "$NAME/login/filter:v1"
    assert_status 0
    refute_stderr_contains sesame
    try push -v --ca-file "$TLS_CA" "$NAME/login/filter:v1"
    assert_status 0
    refute_stderr_contains sesame
    assert_equal "$(through 'proxy-authorization')" "$(through .)"
    # Without a login: the refusal of the proxy, and the next step.
    export http_proxy=http://guest:wrong@$PROXY https_proxy=http://guest:wrong@$PROXY
    for options in --plain-http "--ca-file $TLS_CA"; do
        : >"$PROXY_LOG"
        # shellcheck disable=SC2086 # words
        try pull $options "$NAME/login/filter:v1"
        assert_status 1
        assert_stderr_contains "407"
        assert_stderr_contains "the proxy"
        assert_stderr_contains "http://USER:PASSWORD@HOST:PORT"
        refute_stderr_contains wrong
        assert_equal "$(through .)" 1 # no second try changes it
    done
}

@test "proxy: one that does not know the host, is not there, or is none" {
    start_proxy
    export http_proxy=http://$PROXY https_proxy=http://$PROXY
    try pull other.test/a/b:v1
    assert_status 1
    assert_stderr_contains "the proxy opens no way to other.test, and answers with 403"
    assert_equal "$(through .)" 1
    export http_proxy=http://guest:sesame@127.0.0.1:1
    try pull --plain-http --retries 0 "$NAME/a/b:v1"
    assert_status 1
    assert_stderr_contains "no connection to the proxy: Failed to connect to 127.0.0.1 port 1"
    assert_stderr_contains "check http_proxy"
    export http_proxy=http://guest:sesame@proxy.test:3128
    try pull --plain-http --retries 0 "$NAME/a/b:v1"
    assert_status 1
    assert_stderr_contains "Could not resolve proxy: proxy.test: check http_proxy"
    refute_stderr_contains sesame
    export http_proxy=nonsense://guest:ses@a/sesame@proxy.test:3128
    try pull --plain-http --retries 0 "$NAME/a/b:v1"
    assert_status 1
    assert_stderr_contains "proxy"
    refute_stderr_contains sesame
}
