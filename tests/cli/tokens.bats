#!/usr/bin/env bats
# Bearer tokens: a real registry that verifies their signatures, and a token server that logs each
# client and its access.

load helper

IDENTITY=identity+token/of=the-tests

setup_file() {
    scratch
    start_registry token --identity "$IDENTITY"
}

setup() {
    scratch
    [[ ! ${TOKEN_LOG:-} ]] || : >"$TOKEN_LOG"
    REF=$REGISTRY/own/test$BATS_TEST_NUMBER:v1
    OTHER=$PWD/other-store
}

as_user() {
    "$WASME" "$@" -u "$REGISTRY_USER" --password-stdin <<<"$REGISTRY_PASSWORD" >/dev/null 2>&1
}

asked() {
    sort "$TOKEN_LOG" | uniq -c | sed -E 's/^ +//'
}

# credentials FILE MEMBERS: an entry for the registry.
credentials() {
    printf '{"auths":{"%s":{%s}}}' "$REGISTRY" "$2" >"$1"
}

@test "token: push with user and password asks once, for pull and push" {
    add_image "$REF"
    try push -v "$REF" -u "$REGISTRY_USER" --password-stdin <<<"$REGISTRY_PASSWORD"
    assert_status 0
    assert_equal "$(asked)" "1 GET user repository:own/test$BATS_TEST_NUMBER:pull,push"
    assert_stderr_contains "asks for bearer, realm http://127.0.0.1:$TOKEN_PORT/token, service registry"
    assert_stderr_contains "for a token for repository:own/test$BATS_TEST_NUMBER:pull,push, with the credentials from -u"
    refute_stderr_contains "$REGISTRY_PASSWORD"
    refute_stderr_contains eyJ # the start of a JWT
    : >"$TOKEN_LOG"
    try pull "$REF" --store "$OTHER" -u "$REGISTRY_USER" --password-stdin <<<"$REGISTRY_PASSWORD"
    assert_status 0
    assert_equal "$(asked)" "1 GET user repository:own/test$BATS_TEST_NUMBER:pull"
}

@test "token: a Docker config that cannot be read is one warning for what is public" {
    local a=$REGISTRY/public/test$BATS_TEST_NUMBER:v1 b=$REGISTRY/public/other$BATS_TEST_NUMBER:v1
    add_image "$a"
    add_image "$b" 300 other
    as_user push "$a" "$b"
    mkdir -p "$HOME/.docker"
    echo '{"auths":' >"$HOME/.docker/config.json"
    try pull "$a" "$b" --store "$OTHER"
    assert_status 0
    assert_equal "$(grep -c level=warning <<<"$stderr")" 1
    assert_stderr_contains "going on without the credentials of $HOME/.docker/config.json"
    try pull "$a" --store "$OTHER" -c "$HOME/.docker/config.json"
    assert_status 1
}

@test "token: anonymously, what is public can be pulled, and nothing else" {
    local public=$REGISTRY/public/test:v1
    add_image "$public"
    add_image "$REF"
    as_user push "$public"
    as_user push "$REF"
    : >"$TOKEN_LOG"
    try pull -v "$public" --store "$OTHER"
    assert_status 0
    assert_equal "$(asked)" "1 GET anonymous repository:public/test:pull"
    assert_stderr_contains "no credentials"
    assert_stderr_contains "for repository:public/test:pull, anonymously"
    try pull "$REF" --store "$OTHER"
    assert_status 1
    assert_stderr_contains "no credentials for $REGISTRY"
    assert_stderr_contains "wasme login $REGISTRY"
    add_image "$public" 300 other
    try push "$public"
    assert_status 1
    assert_stderr_contains "no credentials for $REGISTRY"
}

@test "token: an identity token is posted to the realm" {
    add_image "$REF"
    credentials mine.json "\"auth\":\"$(printf 'user:' | base64)\",\"identitytoken\":\"$IDENTITY\""
    try push -v -c mine.json "$REF"
    assert_status 0
    assert_equal "$(asked)" "1 POST identity repository:own/test$BATS_TEST_NUMBER:pull,push"
    assert_stderr_contains "with the identity token from mine.json"
    refute_stderr_contains "$IDENTITY"
    credentials mine.json '"identitytoken":"wrong"'
    try push -c mine.json "$REF"
    assert_status 1
    assert_stderr_contains "refused the identity token from mine.json"
}

@test "token: a registry token is sent as it is" {
    add_image "$REF"
    as_user push "$REF"
    local token
    token=$(curl -s --user "$REGISTRY_USER:$REGISTRY_PASSWORD" \
        "http://127.0.0.1:$TOKEN_PORT/token?service=registry&scope=repository:own/test$BATS_TEST_NUMBER:pull" |
        jq -r .token)
    credentials mine.json "\"registrytoken\":\"$token\""
    : >"$TOKEN_LOG"
    try pull -v -c mine.json "$REF" --store "$OTHER"
    assert_status 0
    assert_equal "$(asked)" ""
    refute_stderr_contains "$token"
    # The token is for this repository only.
    try push -c mine.json "$REF"
    assert_status 0 # all of it is there already
    add_image "$REGISTRY/own/other:v1" 300 other
    try push -c mine.json "$REGISTRY/own/other:v1"
    assert_status 1
    assert_stderr_contains mine.json
}

@test "token: a wrong password" {
    add_image "$REF"
    try push "$REF" -u "$REGISTRY_USER" --password-stdin <<<wrong
    assert_status 1
    assert_stderr_contains "refused the credentials from -u"
    assert_equal "$(asked)" "1 GET wrong repository:own/test$BATS_TEST_NUMBER:pull,push"
}

@test "token: several images, each with a token of its own" {
    add_image "$REF"
    add_image "$REGISTRY/own/second:v1"
    credentials mine.json "\"auth\":\"$(printf %s "$REGISTRY_USER:$REGISTRY_PASSWORD" | base64 -w0)\""
    try push -c mine.json "$REF" "$REGISTRY/own/second:v1" "$REF"
    assert_status 0
    assert_equal "$(asked)" "1 GET user repository:own/second:pull,push
1 GET user repository:own/test$BATS_TEST_NUMBER:pull,push"
}

@test "token: one that the registry calls expired is renewed" {
    start_registry token --stale 1
    add_image "$REGISTRY/own/stale:v1"
    as_user push "$REGISTRY/own/stale:v1"
    assert_equal "$(asked)" "2 GET user repository:own/stale:pull,push"
    grep -q "invalid_token\|invalid token\|expired" "$REGISTRY_LOG.err"
}

@test "token: what is expired each time ends" {
    start_registry token --stale 1000
    add_image "$REGISTRY/own/stale:v1"
    try push "$REGISTRY/own/stale:v1" -u "$REGISTRY_USER" --password-stdin <<<"$REGISTRY_PASSWORD"
    assert_status 1
    [[ $(grep -c '' "$TOKEN_LOG") -le 8 ]] || complain "asked for $(asked)"
}

# A registry that verifies the tokens, with a token server like Harbor's: a wrong password is
# refused only when the request has no scope.
@test "token: a login that is not taken is asked after once, and told for each image" {
    start_registry token --trap
    add_image "$REGISTRY/own/first:v1"
    add_image "$REGISTRY/own/second:v1"
    try push "$REGISTRY/own/first:v1" "$REGISTRY/own/second:v1" -u "$REGISTRY_USER" --password-stdin <<<wrong
    assert_status 1
    assert_stderr_contains "push $REGISTRY/own/first:v1: "
    assert_stderr_contains "push $REGISTRY/own/second:v1: "
    assert_equal "$(grep -c 'the registry does not take this login' <<<"$stderr")" 2
    assert_equal "$(asked)" "1 GET wrong
1 GET wrong repository:own/first:pull,push"
    : >"$TOKEN_LOG"
    as_user push "$REGISTRY/own/first:v1"
    assert_equal "$(asked)" "1 GET user repository:own/first:pull,push"
}

@test "token: doctor tries a login without a scope" {
    start_registry token --trap
    try doctor "$REGISTRY/own/first" -u "$REGISTRY_USER" --password-stdin <<<wrong
    assert_status 1
    assert_output_matches '^FAIL  token .*the registry does not take this login'
    assert_equal "$(asked)" "1 GET wrong"
    try doctor "$REGISTRY"
    assert_status 0
}

# For each token the registry checks the password, which is slow on purpose.
@test "token: a copy within a registry asks once for all of it" {
    local scope=repository:own/copied:pull,push
    add_image "$REF"
    as_user push "$REF"
    : >"$TOKEN_LOG"
    as_user copy "$REF" "$REGISTRY/own/copied:v1"
    assert_equal "$(asked)" "1 GET user $scope repository:own/test$BATS_TEST_NUMBER:pull"
}

@test "token: a copy goes on where several scopes at once are refused" {
    start_registry token --one-scope
    add_image "$REGISTRY/own/one:v1"
    as_user push "$REGISTRY/own/one:v1"
    as_user copy "$REGISTRY/own/one:v1" "$REGISTRY/own/copied:v1"
    try tags "$REGISTRY/own/copied" -u "$REGISTRY_USER" --password-stdin <<<"$REGISTRY_PASSWORD"
    assert_output v1
}
