#!/usr/bin/env bats
# Push and pull with a bad registry: tests/fake/peer.py has the scenarios.

load helper

setup() {
    scratch
    skip_unless python3
    DIR=$BATS_TEST_TMPDIR
    LOG=$DIR/requests
    PEER_PID=
}

teardown() {
    stop_all
}

# peer SCENARIO [ARGUMENT...]: starts a peer, and sets PORT, DIGEST and REF.
peer() {
    local scenario=$1
    shift
    [[ ! $PEER_PID ]] || stop_background "$PEER_PID"
    start_fake peer "$LOG" --scenario "$scenario" "$@"
    PEER_PID=$FAKE_PID PORT=${FAKE[0]} DIGEST=${FAKE[2]}
    REF=127.0.0.1:$PORT/fake/image:v1
}

pull() {
    run "$WASME" pull --store "$STORE" --retries 2 "$@" "$REF"
}

# Stores an image under a reference at the peer of the scenario, and pushes it.
push() {
    local scenario=$1 first
    shift
    peer plain
    first=$REF
    "$WASME" pull --store "$STORE" "$first" >/dev/null 2>&1
    peer "$scenario" --user u --password p
    REF=127.0.0.1:$PORT/fake/new:v2
    "$WASME" tag --store "$STORE" "$first" "$REF" >/dev/null 2>&1
    run "$WASME" push --store "$STORE" --retries 2 "$@" "$REF"
}

requests() {
    grep -c -- "$1" "$LOG" || true
}

failed_with() {
    [ "$status" -eq 1 ] || {
        echo "status $status: $output"
        return 1
    }
    said "$1"
}

said() {
    [[ $output == *"$1"* ]] || {
        echo "not said: $1"
        echo "$output"
        return 1
    }
}

nothing_stored() {
    run "$WASME" list --store "$STORE"
    [[ $output != *fake/image* ]]
}

@test "pull: an honest peer" {
    peer plain
    pull
    [ "$status" -eq 0 ]
    [ "$(requests 'main GET')" -eq 3 ]
}

@test "pull: blobs that always end early fail after the retries" {
    peer truncated
    pull
    failed_with "the connection to 127.0.0.1:$PORT broke"
    [ "$(requests 'GET /v2/fake/image/blobs')" -eq 4 ]
    nothing_stored
}

@test "pull: a blob that ends early once is fetched again" {
    peer truncated-once
    pull
    [ "$status" -eq 0 ]
    said "trying again"
}

@test "pull: other bytes than the digest's are refused" {
    peer wrong-bytes
    pull
    failed_with "its bytes hash to sha256:"
    nothing_stored
}

@test "pull: a blob longer than stated is cut off" {
    peer longer
    pull
    failed_with "sends more than its"
    peer endless
    pull
    failed_with "sends more than its"
    nothing_stored
}

@test "pull: a transfer that stalls is given up" {
    peer stall
    SECONDS=0
    run "$WASME" pull --store "$STORE" --retries 0 --stall-timeout 1 "$REF"
    failed_with "nothing came or went for 1 second"
    [ "$SECONDS" -lt 10 ]
    nothing_stored
}

@test "pull: 429 with Retry-After is waited for" {
    peer retry-after
    pull
    [ "$status" -eq 0 ]
    said "429"
    said "trying again in 1."
}

@test "pull: a Retry-After of a day is not" {
    peer long-wait
    SECONDS=0
    pull
    failed_with "asks to wait"
    [ "$SECONDS" -lt 10 ]
}

@test "pull: 503 twice, then fine" {
    peer busy
    pull
    [ "$status" -eq 0 ]
    [ "$(requests 'GET /v2/fake/image/manifests')" -eq 3 ]
}

@test "pull: no more tries than --retries allows" {
    peer busy
    run "$WASME" pull --store "$STORE" --retries 1 "$REF"
    failed_with "503 Service Unavailable: restarting"
}

@test "pull: a redirect to another host goes without Authorization" {
    peer redirect
    pull
    [ "$status" -eq 0 ]
    [ "$(requests 'other GET /storage/.* none')" -eq 2 ]
}

@test "pull: the same behind a login" {
    peer redirect-login --user u --password p
    pull -u u -p p
    [ "$status" -eq 0 ]
    [ "$(requests 'main GET /v2/.* basic')" -eq 3 ]
    [ "$(requests 'other GET /storage/.* none')" -eq 2 ]
    [ "$(requests 'other .* basic')" -eq 0 ]
}

@test "pull: a host that a redirect leads to is never logged in to" {
    peer redirect-phish --user u --password p
    pull -u u -p p
    failed_with "401"
    [ "$(requests 'other GET /storage/.* none')" -ge 1 ]
    [ "$(requests 'other GET /token')" -eq 0 ]
    [ "$(requests 'other .* basic')" -eq 0 ]
}

@test "pull: a login of the command line is for one registry" {
    peer basic --user u --password p
    run "$WASME" pull --store "$STORE" -u u -p p "$REF" registry.example/a:v1
    [ "$status" -eq 2 ]
    said "registry.example"
    [ "$(requests 'main')" -eq 0 ]
}

@test "pull: credentials for this machine take no proxy" {
    peer basic --user u --password p
    no_proxy='' NO_PROXY='' http_proxy=http://127.0.0.3:9 pull -u u -p p
    [ "$status" -eq 0 ]
}

@test "pull: redirects without end" {
    peer redirect-loop
    pull
    failed_with "more than 5 redirects"
}

@test "pull: an anonymous token is fetched once" {
    peer bearer
    pull
    [ "$status" -eq 0 ]
    [ "$(requests '/token')" -eq 1 ]
}

@test "pull: a token from another host, with user and password" {
    peer bearer-other-host --user u --password p
    pull -u u -p p
    [ "$status" -eq 0 ]
    [ "$(requests 'other GET /token.* basic')" -eq 1 ]
    [ "$(requests '/token')" -eq 1 ]
}

@test "pull: a token realm that has moved to another path gets the login there" {
    peer bearer-moved --user u --password p
    pull -u u -p p
    [ "$status" -eq 0 ]
    [ "$(requests 'main GET /token/?.* basic')" -eq 1 ]
}

@test "pull: a token realm that sends us to another host: it does not get the login" {
    peer bearer-moved-away --user u --password p
    pull -u u -p p
    failed_with "is another origin and is not given the login"
    [ "$(requests 'other GET /token/?.* none')" -eq 1 ]
    [ "$(requests 'other .* basic')" -eq 0 ]
    # A pull without a login may get its token from the other host, because no login is sent there.
    peer bearer-moved-away
    pull
    [ "$status" -eq 0 ]
}

@test "pull: an identity token follows a redirect within its origin alone" {
    peer bearer-moved
    printf '{"auths":{"127.0.0.1:%s":{"identitytoken":"an-identity"}}}' "$PORT" >"$DIR/auth.json"
    pull -c "$DIR/auth.json"
    [ "$status" -eq 0 ]
    [ "$(requests 'main POST /token/')" -eq 1 ]
    peer bearer-moved-away
    printf '{"auths":{"127.0.0.1:%s":{"identitytoken":"an-identity"}}}' "$PORT" >"$DIR/auth.json"
    pull -c "$DIR/auth.json"
    failed_with "redirects a request that holds a secret to another origin, http://127.0.0.2:"
    [ "$(requests 'other ')" -eq 0 ]
}

@test "pull: a metadata service is not asked for tokens" {
    peer bearer-metadata
    pull
    failed_with "169.254.169.254:80, an internal address: refused"
}

@test "pull: refused tokens end it" {
    peer loop-401 --user u --password p
    pull -u u -p p
    failed_with "401"
    [ "$(requests '/token')" -le 2 ]
}

@test "pull: a wrong password is tried once, and its source named" {
    peer basic --user u --password p
    pull -u u -p wrong
    failed_with "refused the credentials from -u"
    [ "$(requests ' basic')" -eq 1 ]
    [[ $output != *wrong* ]]
}

@test "pull: a wrong password at a token realm is tried once" {
    peer bearer --user u --password p
    pull -u u -p wrong
    failed_with "refused the credentials from -u"
    [ "$(requests ' basic')" -eq 1 ]
}

@test "pull: without credentials the message says where they would come from" {
    peer basic --user u --password p
    pull
    failed_with "no credentials for 127.0.0.1:$PORT"
    said "--password-stdin"
}

@test "pull: credentials of a file, named by -v, and no secret shown" {
    peer basic --user u --password sesame
    printf '{"auths":{"127.0.0.1:%s":{"auth":"dTpzZXNhbWU="}}}' "$PORT" >"$DIR/auth.json"
    pull -v -c "$DIR/auth.json"
    [ "$status" -eq 0 ]
    said "credentials from $DIR/auth.json"
    [[ $output != *sesame* && $output != *dTpzZXNhbWU* ]]
}

@test "pull: a registry's echo of the credentials is not shown" {
    for kind in challenge location reason; do
        peer "echo-$kind"
        pull -v -u u -p sesame
        [ "$status" -eq 1 ]
        [ "$(requests ' basic')" -ge 1 ]
        [[ $output == *'****'* && $output != *sesame* && $output != *dTpzZXNhbWU* ]] || {
            echo "$kind: $output"
            return 1
        }
    done
}

@test "pull: a password from standard input" {
    peer basic --user u --password p
    run bash -c "echo p | '$WASME' pull --store '$STORE' -u u --password-stdin '$REF'"
    [ "$status" -eq 0 ]
}

@test "pull: 401 without a challenge, and with a malformed one" {
    peer mute-401
    pull
    failed_with "does not say how to log in"
    peer bad-challenge
    pull
    failed_with "WWW-Authenticate is malformed"
}

@test "pull: a manifest of other bytes than its digest" {
    peer wrong-manifest
    REF=127.0.0.1:$PORT/fake/image@$DIGEST
    pull
    failed_with "its bytes hash to sha256:"
}

@test "pull: giants are cut off" {
    peer giant-manifest
    pull
    failed_with "larger than 4194304 bytes"
    peer giant-error
    pull
    failed_with "400 Bad Request: words"
    [ "${#output}" -lt 1000 ]
    peer giant-head
    pull
    failed_with "more than 65536 bytes of header fields"
}

@test "pull: words that would drive the terminal do not reach it" {
    peer rude-error
    pull
    failed_with "rude  words (RUDE)"
    [[ $output != *$'\e'* && $output != *$'\a'* ]]
}

@test "pull: what does not exist" {
    peer plain
    REF=127.0.0.1:$PORT/fake/image:v9
    pull
    failed_with "manifest unknown (MANIFEST_UNKNOWN)"
}

@test "pull: --plain-http and https mixed up" {
    peer plain
    REF=0.0.0.0:$PORT/fake/image:v1
    pull
    failed_with "speaks plain http: use --plain-http"
    pull --plain-http
    [ "$status" -eq 0 ]
}

@test "push: each blob goes once, then the manifest" {
    push fresh
    [ "$status" -eq 0 ]
    [ "$(requests 'main HEAD')" -eq 2 ]
    [ "$(requests 'main POST')" -eq 2 ]
    [ "$(requests 'main commit')" -eq 2 ]
    [[ $(tail -n 1 "$LOG") == "main PUT /v2/fake/new/manifests/v2 "* ]]
}

@test "push: blobs that are there are not sent" {
    push plain
    [ "$status" -eq 0 ]
    # A store that has not pushed there before opens its sessions at once, and ends them again.
    # A small blob is sent then, since not everybody may end a session.
    assert_equal "$(requests 'main \(DELETE\|commit\)')" "$(requests 'main POST')"
    [ "$(requests 'main commit')" -le 1 ]
    [ "$(requests 'main PUT')" -eq 1 ]
}

@test "push: a mount that is said to be made brings no blob that was asked for and is not there" {
    push mounts-nothing
    [ "$status" -eq 0 ]
    [ "$(requests 'main commit')" -eq 2 ]
}

@test "push: a mount that fails is not tried again, since an upload follows" {
    push mounts-fail
    [ "$status" -eq 0 ]
    [[ $output != *"trying again"* ]]
    [ "$(requests 'main POST .*mount=')" -eq 2 ]
    [ "$(requests 'main commit')" -eq 2 ]
}

@test "push: an upload that breaks starts again with POST" {
    push cut-upload
    [ "$status" -eq 0 ]
    said "trying again"
    [ "$(requests 'main POST')" -eq 3 ]
    [ "$(requests 'main commit')" -eq 2 ]
}

@test "push: a relative upload address keeps its query" {
    push relative-location
    [ "$status" -eq 0 ]
    [ "$(requests 'main commit')" -eq 2 ]
}

@test "push: no upload address" {
    push no-location
    failed_with "202 came, without the address of an upload"
}

@test "push: a refusal has the registry's words" {
    push denied
    failed_with "the configured upper limit of 3.0 MiB. (DENIED): the project's quota is used up"
}

@test "push: blobs that the registry has lost are sent again, once" {
    push forgetful
    [ "$status" -eq 0 ]
    said "sending its blobs again"
    [ "$(requests 'main commit')" -eq 4 ]
    [ "$(requests 'main PUT /v2/fake/new/manifests')" -eq 2 ]
}

@test "push: one token serves all requests" {
    push fresh-bearer -u u -p p
    [ "$status" -eq 0 ]
    [ "$(requests '/token.* basic')" -eq 1 ]
    [ "$(requests '/token')" -eq 1 ]
}

@test "push: uploads that are redirected by 307 arrive; by 302 they are not followed" {
    push redirect-upload
    [ "$status" -eq 0 ]
    [ "$(requests 'main commit')" -eq 2 ]
    push redirect-found
    failed_with "302 Found"
    said "it redirects to /v2/fake/new/blobs/uploads/elsewhere/, which is not followed here"
}

@test "push: a success whose body never ends is read no further" {
    SECONDS=0
    push endless-success
    [ "$status" -eq 0 ]
    [ "$(requests 'main commit')" -eq 2 ]
    ((SECONDS < 20))
}

@test "push: a wrong password is tried once" {
    push basic-fresh -u u -p wrong
    failed_with "the registry refused the credentials from -u"
    [ "$(requests ' basic$')" -eq 1 ]
}

@test "pull: a peer that cuts again and again is gone on with while something comes" {
    peer cut-often
    pull --retries 1
    [ "$status" -eq 0 ]
    [ "$(requests 'GET /v2/fake/image/blobs')" -eq 4 ]
}

@test "pull: a call that waits for its turn does not keep the processor busy" {
    skip_unless time
    peer busy-blobs
    env time -f '%U %S' -o times "$WASME" pull --store "$STORE" -j 1 "$REF" 2>log
    awk '{ exit !($1 + $2 < 0.5) }' times || is_sanitized
}

@test "copy: fetches that fail at first do not starve behind the uploads that wait for them" {
    peer busy-blobs
    from=$REF
    start_registry plain
    for jobs in 1 2 4; do
        run timeout 20 "$WASME" copy -j "$jobs" "$from" "$REGISTRY/copied/image:j$jobs"
        [ "$status" -eq 0 ]
        rm -rf "$REGISTRY_DATA"
        peer busy-blobs
        from=$REF
    done
}
