#!/usr/bin/env bats
# Logins and certificates with real registries: one with Basic authentication, one with TLS.

load helper

setup_file() {
    scratch
    start_registries basic tls
}

setup() {
    scratch
    REF=$BASIC/test$BATS_TEST_NUMBER/filter:v1
    TLS_REF=$TLS/test$BATS_TEST_NUMBER/filter:v1
    OTHER=$PWD/other-store
}

base64_login() {
    printf %s "${1:-$REGISTRY_USER:$REGISTRY_PASSWORD}" | base64 -w0
}

# A credentials file in Docker's format: credentials FILE [REGISTRY [USER:PASSWORD]]
credentials() {
    mkdir -p "$(dirname "$1")"
    printf '{"auths":{"%s":{"auth":"%s"}}}' "${2:-$BASIC}" "$(base64_login "${3:-}")" >"$1"
}

assert_pulls() {
    try pull "$@" "$REF" --store "$OTHER"
    assert_status 0
    assert_same_file "$(image_dir "$REF")/filter.wasm" "$(image_dir "$REF" "$OTHER")/filter.wasm"
    rm -rf "$OTHER"
}

# The output has no secret in any encoding.
refute_secret() {
    refute_output_contains "$REGISTRY_PASSWORD"
    refute_stderr_contains "$REGISTRY_PASSWORD"
    refute_stderr_contains "$(base64_login)"
    refute_stderr_contains "$(printf %s "$REGISTRY_PASSWORD" | base64 -w0)"
}

push_as_tester() {
    "$WASME" push "$1" -u "$REGISTRY_USER" --password-stdin <<<"$REGISTRY_PASSWORD" >/dev/null 2>&1
}

@test "basic: -u with --password-stdin" {
    add_image "$REF"
    try push -v "$REF" -u "$REGISTRY_USER" --password-stdin <<<"$REGISTRY_PASSWORD"
    assert_status 0
    refute_secret
    try pull "$REF" --store "$OTHER" --username="$REGISTRY_USER" --password-stdin \
        < <(printf %s "$REGISTRY_PASSWORD")
    assert_status 0
}

# Counts the requests of wasme that the registry answered with 401; the registry writes a line after
# each answer.
refusals() {
    count_requests . >/dev/null
    grep -c '" 401 .*"wasme/' "$REGISTRY_LOG" || true
}

# Some registries need a second for each refusal.
@test "basic: one request finds out that a login is wanted, and one that it is wrong" {
    start_registry basic
    add_image "$REGISTRY/a/b:v1"
    add_image "$REGISTRY/a/c:v1" 300 other
    registry_mark
    push_as_tester "$REGISTRY/a/b:v1"
    assert_equal "$(refusals)" 1
    push_both() {
        try push "$REGISTRY/a/b:v1" "$REGISTRY/a/c:v1" -u "$REGISTRY_USER" --password-stdin "$@" <<<wrong
        assert_status 1
        assert_equal "$(grep -c 'the registry does not take this login' <<<"$stderr")" 2
    }
    push_both --no-cache
    assert_equal "$(refusals)" 3 "one without the login, and one with it"
    push_both
    assert_equal "$(refusals)" 4 "one with the login that the registry is known to want"
}

@test "basic: -u with -p" {
    add_image "$REF"
    try push -v "$REF" -u "$REGISTRY_USER" -p "$REGISTRY_PASSWORD"
    assert_status 0
    refute_secret
    assert_pulls -u "$REGISTRY_USER" -p "$REGISTRY_PASSWORD"
}

@test "basic: the original's credentials file, Docker's, and -c" {
    add_image "$REF"
    credentials "$HOME/.wasme/credentials.json"
    try push "$REF"
    assert_status 0
    assert_pulls

    mkdir docker
    mv "$HOME/.wasme/credentials.json" docker/config.json
    try pull "$REF" --store "$OTHER"
    assert_status 1
    DOCKER_CONFIG=$PWD/docker assert_pulls
    mkdir "$HOME/.docker"
    mv docker/config.json "$HOME/.docker/config.json"
    assert_pulls

    mv "$HOME/.docker/config.json" mine.json
    assert_pulls -c mine.json
    assert_pulls --config=mine.json -v
    refute_secret
    try pull "$REF" -c nowhere.json
    assert_status 1
    assert_stderr_contains nowhere.json
}

@test "basic: several credentials files, and entries in other spellings" {
    add_image "$REF"
    push_as_tester "$REF"
    credentials wrong-host.json harbor.example
    credentials right.json
    assert_pulls -c wrong-host.json -c right.json
    credentials url.json "http://$BASIC/v2/"
    assert_pulls -c url.json
    printf '{"auths":{"%s":{"username":"%s","password":"%s"}}}' "$BASIC" "$REGISTRY_USER" \
        "$REGISTRY_PASSWORD" >plain.json
    assert_pulls -c plain.json
}

@test "basic: a wrong password, and none" {
    add_image "$REF"
    try push "$REF" -u "$REGISTRY_USER" --password-stdin <<<wrong
    assert_status 1
    assert_output ""
    assert_stderr_contains "$BASIC"
    refute_stderr_contains wrong-password
    try push "$REF"
    assert_status 1
    assert_stderr_contains "$BASIC"
    assert_stderr_matches "--username|credentials"
    credentials wrong.json "$BASIC" "$REGISTRY_USER:no"
    try push "$REF" -c wrong.json
    assert_status 1
    assert_stderr_contains wrong.json
}

@test "basic: a credentials file that is broken says which, and where" {
    add_image "$REF"
    mkdir -p "$HOME/.wasme"
    echo '{"auths": {' >"$HOME/.wasme/credentials.json"
    try push "$REF"
    assert_stderr_contains "$HOME/.wasme/credentials.json"
    printf '{"auths":{"%s":{"auth":"%%%%%%"}}}' "$BASIC" >broken.json
    try push "$REF" -c broken.json
    assert_status 1
    assert_stderr_contains broken.json
}

@test "basic: -c reads a .dockercfg and a Kubernetes Secret, and names one in YAML" {
    add_image "$REF"
    push_as_tester "$REF"
    printf '{"%s":{"auth":"%s","email":"a@b.example"}}' "$BASIC" "$(base64_login)" >dockercfg
    assert_pulls -c dockercfg
    credentials config.json
    jq -n --arg config "$(base64 config.json)" '{apiVersion: "v1", kind: "Secret",
        metadata: {name: "pull"}, type: "kubernetes.io/dockerconfigjson",
        data: {".dockerconfigjson": $config}}' >secret.json
    assert_pulls -v -c secret.json
    refute_secret
    printf 'apiVersion: v1\nkind: Secret\ndata:\n  .dockerconfigjson: %s\n' \
        "$(base64 -w0 config.json)" >secret.yaml
    try pull "$REF" -c secret.yaml
    assert_status 1
    assert_stderr_contains "kubectl get secret NAME -o json"
    cp dockercfg before
    try login "$BASIC" -u "$REGISTRY_USER" --password-stdin --credentials-file dockercfg \
        <<<"$REGISTRY_PASSWORD"
    assert_status 1
    assert_stderr_contains "name another file"
    assert_same_file dockercfg before
}

@test "basic: files that Windows wrote: a byte order mark is skipped, UTF-16 is named" {
    add_image "$REF"
    push_as_tester "$REF"
    credentials plain.json
    printf '\xef\xbb\xbf' | cat - plain.json >marked.json
    assert_pulls -c marked.json
    iconv -f UTF-8 -t UTF-16 plain.json >wide.json
    try pull "$REF" --store "$OTHER" -c wide.json
    assert_status 1
    assert_stderr_contains wide.json
    assert_stderr_contains "UTF-16"
    printf '{"auths":{"%s":{"auth":"%s"}}}' "$BASIC" \
        "$(base64_login | fold -w 8 | sed 's/$/\\r\\n/' | tr -d '\n')" >folded.json
    assert_pulls -c folded.json
    printf '\xef\xbb\xbf{"type":"envoy_proxy","abiVersions":["v0-x"],"config":{}}' >config.json
    try build precompiled "$(image_dir "$REF")/filter.wasm" -c config.json -t windows/config:v1
    assert_status 0
}

@test "basic: DOCKER_AUTH_CONFIG counts before Docker's file and after wasme's own" {
    add_image "$REF"
    push_as_tester "$REF"
    credentials right.json
    credentials "$HOME/.docker/config.json" "$BASIC" nobody:wrong
    export DOCKER_AUTH_CONFIG
    DOCKER_AUTH_CONFIG=$(<right.json)
    assert_pulls -v
    assert_stderr_contains "credentials from DOCKER_AUTH_CONFIG"
    refute_secret
    credentials "$HOME/.wasme/credentials.json" "$BASIC" nobody:wrong
    try pull "$REF" --store "$OTHER"
    assert_status 1
    assert_stderr_contains .wasme/credentials.json
    assert_pulls -c right.json
    credentials "$HOME/.wasme/credentials.json" other.example
    assert_pulls
    try logout "$BASIC"
    assert_status 0
    assert_stderr_contains "source=DOCKER_AUTH_CONFIG"
    credentials "$HOME/.docker/config.json"
    DOCKER_AUTH_CONFIG="{\"auths\":{\"$BASIC\":{\"auth\":\"$(base64_login)"
    assert_pulls
    assert_stderr_contains "going on without the credentials of DOCKER_AUTH_CONFIG"
    refute_secret
    DOCKER_AUTH_CONFIG='' assert_pulls
    refute_stderr_contains "level=warning"
}

@test "basic: a Docker config that cannot be read is named when the registry asks for a login" {
    add_image "$REF"
    mkdir -p "$HOME/.docker/config.json"
    try push "$REF"
    assert_status 1
    assert_stderr_contains "level=warning"
    assert_stderr_matches "no credentials for $BASIC .*config.json, which cannot be used: .*a folder"
    try push "$REF" -c "$HOME/.docker/config.json"
    assert_status 1
    refute_stderr_contains "level=warning"
    assert_stderr_matches "credentials file .*config.json: not a regular file"
}

@test "basic: DOCKER_CONFIG that names the file, and Docker's old ~/.dockercfg" {
    add_image "$REF"
    push_as_tester "$REF"
    credentials "$PWD/docker/config.json"
    DOCKER_CONFIG=$PWD/docker/config.json assert_pulls -v
    printf '{"%s":{"auth":"%s"}}' "$BASIC" "$(base64_login)" >"$HOME/.dockercfg"
    assert_pulls -v
    assert_stderr_contains "credentials from $HOME/.dockercfg"
    credentials "$HOME/.docker/config.json" "$BASIC" nobody:wrong
    try pull "$REF" --store "$OTHER"
    assert_status 1
}

@test "basic: a password without a user, twice, or empty" {
    add_image "$REF"
    try push "$REF" --password-stdin <<<secret
    assert_status 2
    try push "$REF" -p secret
    assert_status 2
    try push "$REF" -u me
    assert_status 2
    try push "$REF" -u me -p secret --password-stdin <<<secret
    assert_status 2
    try push "$REF" -u me --password-stdin </dev/null
    assert_status 2
}

@test "basic: credentials of one registry do not go to another" {
    skip_unless python3
    add_image 127.0.0.1:9/a/b:v1
    python3 -c '
import socket
s = socket.create_server(("127.0.0.1", 0))
open("port", "w").write(str(s.getsockname()[1]))
while True:
    c, _ = s.accept()
    open("seen", "ab").write(c.recv(65536))
    c.sendall(b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    c.close()' 3>&- &
    echo $! >>"$(background_dir)/pids"
    wait_until 5 test -s port
    credentials mine.json
    "$WASME" tag 127.0.0.1:9/a/b:v1 "127.0.0.1:$(cat port)/a/b:v1" 2>/dev/null
    try push --retries 0 -c mine.json "127.0.0.1:$(cat port)/a/b:v1"
    assert_status 1
    assert_exists seen
    run ! grep -qi '^authorization' seen
}

@test "tls: an unknown authority is refused with the way out" {
    add_image "$TLS_REF"
    try push --retries 0 "$TLS_REF"
    assert_status 1
    assert_stderr_contains "$TLS"
    assert_stderr_contains "--ca-file"
    assert_output ""
}

@test "tls: --ca-file, by address and by name" {
    add_image "$TLS_REF"
    try push "$TLS_REF" --ca-file "$CA_FILE"
    assert_status 0
    try pull "$TLS_REF" --ca-file="$CA_FILE" --store "$OTHER"
    assert_status 0
    try pull "localhost:${TLS#*:}/${TLS_REF#*/}" --ca-file "$CA_FILE" --store "$OTHER"
    assert_status 0
    try pull "$TLS_REF" --ca-file nowhere.pem
    assert_status 1
    assert_stderr_contains nowhere.pem
    echo "no certificate" >junk.pem
    try pull "$TLS_REF" --ca-file junk.pem --retries 0
    assert_status 1
    assert_stderr_contains junk.pem
}

@test "tls: --insecure" {
    add_image "$TLS_REF"
    try push "$TLS_REF" --insecure
    assert_status 0
    try pull "$TLS_REF" --insecure --store "$OTHER"
    assert_status 0
    try pull "$TLS_REF" --store "$OTHER" --retries 0
    assert_status 1
}

@test "tls: another authority than the one that is trusted" {
    add_image "$TLS_REF"
    mkdir other-ca
    make_certificates "$PWD/other-ca"
    try push "$TLS_REF" --ca-file other-ca/ca.pem --retries 0
    assert_status 1
}

@test "tls: a certificate for another name" {
    add_image "127.0.0.2:${TLS#*:}/a/b:v1"
    try push --retries 0 --ca-file "$CA_FILE" "127.0.0.2:${TLS#*:}/a/b:v1"
    assert_status 1
    assert_stderr_contains 127.0.0.2
}
