#!/usr/bin/env bats
# The known quirks of the logins of Harbor, ACR, GHCR and ECR, each with a fake that has this quirk:
# tests/fake/quirks.py.

load helper

setup() {
    scratch
    skip_unless python3
    LOG=$PWD/requests
    OWN=$HOME/.wasme/credentials.json
    USER_NAME='robot$proj+ci'
}

# peer QUIRK: starts a fake with this quirk, and sets SERVER, REF and DIGEST.
peer() {
    start_fake quirks "$LOG" --scenario "$1"
    SERVER=127.0.0.1:${FAKE[0]} DIGEST=${FAKE[1]}
    REF=$SERVER/proj/filter:v1
}

# The requests for tokens, each with the kind of its login.
realm_requests() {
    grep '/service/token' "$LOG" | sed 's/%24/$/g; s/%2B/+/g; s/%2C/,/g'
}

credentials() {
    mkdir -p "$(dirname "$OWN")"
    printf '{"auths":{"%s":{%s}}}' "$SERVER" "$1" >"$OWN"
}

robot_auth() {
    printf '"auth":"%s"' "$(printf %s "$USER_NAME:${1:-right}" | base64 -w0)"
}

assert_pulled() {
    assert_status 0
    assert_output "$REF@$DIGEST"
}

# "Unauthenticated GET/HEAD is 401 even for public projects: do the anonymous token flow."
@test "harbor: a public project is pulled with an anonymous token" {
    peer harbor
    try pull -v "$REF"
    assert_pulled
    assert_equal "$(realm_requests)" \
        "GET /service/token?service=harbor-registry&scope=repository:proj/filter:pull none"
    assert_stderr_contains "anonymously"
}

# "Robots `robot$proj+name`"
@test "harbor: a robot's name goes through the file and the realm as it is" {
    peer harbor
    credentials "$(robot_auth)"
    try pull -v "$REF"
    assert_pulled
    grep -q '/service/token.* basic$' "$LOG"
    run ! grep -q '/v2/.* basic$' "$LOG"
}

# "when the token was too narrow the challenge becomes `Basic realm="harbor"`: fetch a token with
# the wider scope again."
@test "harbor: a Basic challenge after a token means a wider scope" {
    peer harbor-narrow
    credentials "$(robot_auth)"
    try pull -v "$REF"
    assert_pulled
    assert_equal "$(realm_requests)" \
        "GET /service/token?service=harbor-registry&scope=repository:proj/filter:pull basic
GET /service/token?service=harbor-registry basic
GET /service/token?service=harbor-registry&scope=repository:proj/filter:pull,push basic"
    run ! grep -q '/v2/.* basic$' "$LOG"
}

@test "harbor: it ends when the wider scope does not help either" {
    peer harbor-denied
    credentials "$(robot_auth)"
    try pull "$REF"
    assert_status 1
    assert_stderr_contains "no such access"
    assert_stderr_contains "$OWN"
    [[ $(realm_requests | wc -l) -le 3 ]]
    run ! grep -q '/v2/.* basic$' "$LOG"
    rm "$OWN"
    try pull "$REF"
    assert_status 1
    assert_stderr_contains "no credentials for $SERVER"
}

# "Wrong password with a scope still answers 200 with less access: test a login by the token
# endpoint *without* scope"
@test "harbor: login is not fooled by a wrong password" {
    peer harbor
    try login "$SERVER" -u "$USER_NAME" --password-stdin <<<wrong-one
    assert_status 1
    assert_stderr_contains "refused the credentials"
    refute_exists "$OWN"
    assert_equal "$(realm_requests)" "GET /service/token?service=harbor-registry basic"
    try login "$SERVER" -u "$USER_NAME" --password-stdin <<<right
    assert_status 0
    try pull "$REF"
    assert_pulled
}

# For a login that is wrong, expired, disabled or deleted, the realm gives a token with less access;
# only a request without a scope gets a 401. wasme makes this request once, whatever the number of
# images.
@test "harbor: a login that is not taken is recognised, and tried no further" {
    peer harbor
    credentials "$(robot_auth expired)"
    try pull "$REF" "$SERVER/proj/other:v1" "$SERVER/proj/third:v1"
    assert_status 1
    assert_stderr_contains "pull $REF: "
    assert_stderr_contains "the registry does not take this login: password changed, robot expired or disabled"
    assert_stderr_contains "(the registry refused the credentials from $OWN): log in again with \`wasme login $SERVER\`"
    refute_stderr_contains "no such access"
    assert_equal "$(realm_requests | grep -c '?service=harbor-registry basic')" 1
    assert_equal "$(realm_requests | grep -c 'pull,push')" 0
    : >"$LOG"
    add_image "$REF"
    try push "$REF"
    assert_status 1
    assert_stderr_contains "the registry does not take this login"
    assert_equal "$(realm_requests | wc -l)" 2
}

@test "harbor: a good login without rights is told so" {
    peer harbor-denied
    credentials "$(robot_auth)"
    try pull "$REF"
    assert_status 1
    assert_stderr_contains "no such access"
    refute_stderr_contains "does not take this login"
}

@test "harbor: doctor finds a login that is not taken, with one try, and needs none" {
    peer harbor
    credentials "$(robot_auth expired)"
    try doctor "$REF"
    assert_status 1
    assert_output_matches '^FAIL  token .*the registry does not take this login'
    assert_output_contains "read           skipped: needs a token"
    assert_equal "$(realm_requests)" "GET /service/token?service=harbor-registry basic"
    rm "$OWN"
    try doctor "$SERVER"
    assert_status 0
    assert_output_contains "token          skipped: needs credentials, or a repository, as in $SERVER/NAME"
}

# zot with an anonymousPolicy: "/v2/ is 200 with a WWW-Authenticate".
@test "zot: login refuses a wrong password though /v2/ is open, and keeps a right one" {
    peer zot
    try login "$SERVER" -u "$USER_NAME" --password-stdin <<<wrong-one
    assert_status 1
    assert_stderr_contains "refused the credentials"
    refute_exists "$OWN"
    try login "$SERVER" -u "$USER_NAME" --password-stdin <<<right
    assert_status 0
    refute_stderr_contains "asks for no login"
    assert_equal "$(grep -c 'GET /v2/ basic' "$LOG")" 2
    # A token is no password, so this login cannot be checked.
    try login "$SERVER" --token-stdin <<<the-identity-token
    assert_stderr_contains "could not be checked"
}

@test "zot: lists are made with the login that there is, once that is proved" {
    peer zot
    try catalog "$SERVER"
    assert_status 0
    assert_output public/filter
    credentials "$(robot_auth)"
    try catalog "$SERVER"
    assert_status 0
    assert_output $'proj/filter\npublic/filter'
    try search proj -s "$SERVER"
    assert_output proj/filter
    try list --published -s "$SERVER"
    assert_output_matches "^$SERVER/proj/filter +v1 "
    credentials "$(robot_auth expired)"
    for command in "catalog $SERVER" "search x -s $SERVER" "list --published -s $SERVER"; do
        : >"$LOG"
        # shellcheck disable=SC2086 # words
        try $command
        assert_status 1
        assert_output ""
        assert_stderr_contains "the registry does not take this login"
        assert_equal "$(grep -c ' basic$' "$LOG")" 1
    done
}

@test "zot: doctor tries the login that a registry open in part offers" {
    peer zot
    credentials "$(robot_auth)"
    try doctor "$REF"
    assert_output_contains "challenge      Basic: user and password; open to anybody in part"
    assert_output_contains "login          the registry takes it"
    assert_output_contains "read           the manifest of v1"
    credentials "$(robot_auth expired)"
    try doctor "$SERVER"
    assert_status 1
    assert_output_matches '^FAIL  login .*the registry does not take this login'
    rm "$OWN"
    try doctor "$SERVER"
    assert_status 0
    assert_output_contains "login          none: what everybody may do is tried"
}

# "a nonexistent project is 401 with an empty challenge (say "project does not exist or no access")"
@test "harbor: a project that does not exist" {
    peer harbor-no-project
    try pull "$REF"
    assert_status 1
    assert_stderr_contains "the project does not exist, or gives no access"
}

# "ACR: `access_token` only, refresh-token flow."
@test "acr: an identity token is posted, and the answer has access_token alone" {
    peer acr
    credentials "\"auth\":\"$(printf '00000000-0000-0000-0000-000000000000:' | base64 -w0)\",\"identitytoken\":\"the-identity-token\""
    try pull "$REF"
    assert_pulled
    assert_equal "$(realm_requests)" "POST /service/token none"
    rm "$OWN"
    try login "$SERVER" --token-stdin <<<the-identity-token
    assert_status 0
    assert_equal "$(jq -r ".auths[\"$SERVER\"].identitytoken" "$OWN")" the-identity-token
    try login "$SERVER" --token-stdin <<<another
    assert_status 1
    assert_stderr_contains "refused the identity token"
}

@test "acr: a realm that takes no POST is told with the way out" {
    peer acr-get-only
    try login "$SERVER" --token-stdin <<<the-identity-token
    assert_status 1
    assert_stderr_contains "takes no identity tokens"
    assert_stderr_contains "user and password"
    refute_exists "$OWN"
}

@test "ghcr: a refusal with 403 is one of the password" {
    peer ghcr
    try login "$SERVER" -u "$USER_NAME" --password-stdin <<<wrong-one
    assert_status 1
    assert_stderr_contains "refused the credentials"
    try login "$SERVER" -u "$USER_NAME" --password-stdin <<<right
    assert_status 0
    try pull "$REF"
    assert_pulled
    "$WASME" rm "$REF" >/dev/null 2>&1
    credentials "$(robot_auth wrong)"
    : >"$LOG"
    try pull "$REF"
    assert_status 1
    assert_stderr_contains "refused the credentials from $OWN"
    assert_equal "$(realm_requests | grep -c repository)" 1 "a wrong password is tried once"
}

# "ECR: user `AWS`"
@test "ecr: Basic with a long password" {
    local password
    password=$(printf 'x%.0s' {1..2000})
    peer ecr
    try login "$SERVER" -u AWS --password-stdin <<<"$password"
    assert_status 0
    try pull "$REF"
    assert_pulled
    try login "$SERVER" -u AWS --password-stdin <<<wrong-one
    assert_status 1
    try pull "$REF" # the older login is still there
    assert_status 0
}

@test "a token that ends in mid-run is renewed" {
    local ref
    peer short-lived
    credentials "$(robot_auth)"
    "$WASME" pull "$REF" >/dev/null 2>&1
    : >"$LOG"
    "$WASME" rm "$REF" >/dev/null 2>&1
    try pull "$REF" "$SERVER/proj/filter@$DIGEST" "$REF"
    assert_status 0
    [[ $(realm_requests | wc -l) -ge 2 ]] || complain "asked: $(cat "$LOG")"
}
