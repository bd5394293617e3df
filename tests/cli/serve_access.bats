#!/usr/bin/env bats
# wasme serve: who may use it

load helper
load serving

setup() {
    setup_site
}

# Prints the status of the response; 000: the connection was closed.
status_of() {
    curl -s -o body -w '%{http_code}' "$@" || true
}

@test "serve --allow: other networks are refused, and that is told" {
    start_serve --allow 10.0.0.0/8 --allow fd00::/8 site
    assert_equal "$(status_of "$SERVE_URL/filter.wasm")" 000
    wait_until 5 grep -q 'refused a connection from 127.0.0.1' "$SERVE_LOG.err"
}

@test "serve --allow: several networks, and IPv4 on a socket for both" {
    in_background serve "$WASME" serve -p 0 --allow 10.0.0.0/8 --allow 127.0.0.0/8 site
    wait_until 10 grep -q 'CTRL-C' "$BACKGROUND_LOG"
    url=$(grep -oE 'http://127\.0\.0\.1:[0-9]+' "$BACKGROUND_LOG")
    assert_equal "$(status_of "$url/filter.wasm")" 200
    assert_same_file body site/filter.wasm
}

@test "serve --allow: what is no network" {
    try serve --allow 10.0.0.0/33 site
    assert_status 2
    assert_stderr_contains '--allow: "10.0.0.0/33": the prefix is a number of bits, from 0 to 32'
    try serve --allow 10.0.0.7/8 site
    assert_status 2
    assert_stderr_contains 'write 10.0.0.7 for the one address, or 10.0.0.0/8 for the network'
}

# --- Logins ---

TOKEN=0123456789abcdef0123456789abcdef

make_logins() {
    skip_unless htpasswd
    htpasswd -bnB -C 4 ann s3cret | grep . >users
    htpasswd -bnB -C 4 bob "bob's: wörd" | grep . >>users
    printf '# of the test\n%s\n' "$TOKEN" >tokens
    chmod 600 tokens
}

# Status of the login: login USER:PASSWORD [PATH]
login() {
    status_of -u "$1" "$SERVE_URL/${2:-filter.wasm}"
}

bearer() {
    status_of -H "Authorization: $1" "$SERVE_URL/filter.wasm"
}

@test "serve: logins by htpasswd and by token" {
    make_logins
    start_serve --htpasswd users --token-file tokens site
    assert_equal "$(status_of -D headers "$SERVE_URL/filter.wasm")" 401
    grep -qix 'www-authenticate: basic realm="wasme"' <(tr -d '\r' <headers)
    assert_equal "$(login ann:s3cret)" 200
    assert_same_file body site/filter.wasm
    assert_equal "$(login "bob:bob's: wörd")" 200
    assert_equal "$(login ann:S3cret)" 401
    assert_equal "$(login ann:)" 401
    assert_equal "$(login bob:s3cret)" 401
    assert_equal "$(login carol:s3cret)" 401
    assert_equal "$(login :s3cret)" 401
    assert_equal "$(login ann:s3cret nowhere)" 404
    assert_equal "$(bearer "Bearer $TOKEN")" 200
    assert_equal "$(bearer "bearer  $TOKEN")" 200
    assert_equal "$(bearer "Bearer ${TOKEN}0")" 401
    assert_equal "$(bearer "Bearer # of the test")" 401
    assert_equal "$(bearer "$TOKEN")" 401
    assert_equal "$(bearer "Basic !")" 401
    assert_equal "$(login "anybody:$TOKEN")" 200
    assert_equal "$(login "ann:$TOKEN")" 200
    grep -q 'msg="GET /filter.wasm 200".* user=ann' "$SERVE_LOG.err"
    grep -q 'msg="GET /filter.wasm 200".* user="token:2"' "$SERVE_LOG.err"
    run ! grep -qE "s3cret|$TOKEN|Basic|Bearer" "$SERVE_LOG" "$SERVE_LOG.err"
}

@test "serve: a token alone, and a wrong one" {
    make_logins
    start_serve --token-file tokens site
    assert_equal "$(status_of -D headers -H "Authorization: Bearer x" "$SERVE_URL/filter.wasm")" 401
    grep -qix 'www-authenticate: bearer realm="wasme", error="invalid_token"' <(tr -d '\r' <headers)
    assert_equal "$(login ann:s3cret)" 401
    assert_equal "$(login "x:$TOKEN")" 200
}

@test "serve: a refusal of the registry is in its form" {
    make_logins
    skip_unless jq
    start_serve --htpasswd users --store "$PWD/served"
    assert_equal "$(status_of -D headers "$SERVE_URL/v2/")" 401
    tr -d '\r' <headers >lines
    grep -qix 'www-authenticate: basic realm="wasme"' lines
    grep -qix 'docker-distribution-api-version: registry/2.0' lines
    grep -qix 'content-type: application/json' lines
    assert_equal "$(jq -r '.errors[0].code' body)" UNAUTHORIZED
    assert_equal "$(login ann:s3cret v2/)" 200
}

@test "serve: clients of registries log in" {
    make_logins
    golden_config config.json
    start_serve --htpasswd users --token-file tokens --writable --store "$PWD/served"
    registry=${SERVE_URL#http://}
    "$WASME" build precompiled site/filter.wasm -t "$registry/filter:v1" -c config.json
    try push "$registry/filter:v1"
    assert_status 1
    assert_stderr_contains "log in"
    try push "$registry/filter:v1" -u ann --password-stdin <<<s3cret
    assert_status 0
    try login "$registry" -u anybody --password-stdin <<<"$TOKEN"
    assert_status 0
    try pull "$registry/filter:v1" --store "$PWD/other"
    assert_status 0
    try login "$registry" -u ann --password-stdin <<<wrong
    assert_status 1
    if command -v skopeo; then
        skopeo inspect --raw --tls-verify=false --creds ann:s3cret "docker://$registry/filter:v1" | jq .
    fi
}

@test "serve: logins need TLS, the loopback, or a word" {
    make_logins
    try serve -p 0 --htpasswd users site
    assert_status 2
    assert_stderr_contains "logins would cross the network readable by all on the way: serve over TLS"
    try serve -p 0 --bind 0.0.0.0 --token-file tokens site
    assert_status 2
    in_background serve "$WASME" serve -p 0 --htpasswd users --plain-login site
    wait_until 10 grep -q 'CTRL-C' "$BACKGROUND_LOG"
    SERVE_URL=$(grep -oE 'http://127\.0\.0\.1:[0-9]+' "$BACKGROUND_LOG")
    assert_equal "$(login ann:s3cret)" 200
    assert_equal "$(login ann:wrong)" 401
}

# refused WORDS ARGUMENT...: serve does not start.
refused() {
    local words=$1
    shift
    try serve --bind 127.0.0.1 -p 0 "$@" site
    assert_status 1
    assert_stderr_contains "$words"
}

@test "serve: files of logins that are no use" {
    make_logins
    printf 'ann:$apr1$abcdefgh$x1pTTtCHBaqyjdDaMk7yE0\n' >old
    refused 'old: line 1: user ann: a hash of Apache'"'"'s MD5: set the password again with `htpasswd -B`' \
        --htpasswd old
    printf '\nann:secret\n' >plain
    refused 'plain: line 2: user ann: no hash that can be checked safely' --htpasswd plain
    echo 'no colon' >plain
    refused 'plain: line 1: no line of "name:hash"' --htpasswd plain
    : >none
    refused 'none has no users: add one with `htpasswd -B none NAME`' --htpasswd none
    refused 'none has no tokens: make one with `openssl rand -hex 32`' --token-file none
    echo short >few
    refused 'few: line 1: a token must have 16 to 4096 characters' --token-file few
    refused 'nowhere' --htpasswd nowhere
    refused 'nowhere' --token-file nowhere
    mkfifo pipe
    refused 'a FIFO' --token-file pipe
}

@test "serve: others who can read the tokens are told of" {
    make_logins
    start_serve --token-file tokens site
    run ! grep -q chmod "$SERVE_LOG.err"
    chmod 644 tokens
    start_serve --token-file tokens site
    grep -q 'every user of this machine can read the tokens in tokens: chmod o-r tokens' "$SERVE_LOG.err"
}

is_status() { # STATUS USER:PASSWORD
    [[ $(login "$2") == "$1" ]]
}

asked_until() { # WORDS: the server looks at its files when it is asked
    status_of "$SERVE_URL/" >codes
    grep -q "$1" "$SERVE_LOG.err"
}

@test "serve: files of logins that change" {
    make_logins
    start_serve --htpasswd users --token-file tokens site
    assert_equal "$(login ann:s3cret)" 200
    htpasswd -bB -C 4 users ann changed 2>/dev/null
    wait_until 10 is_status 200 ann:changed
    assert_equal "$(login ann:s3cret)" 401
    echo 'ann:damaged' >users
    wait_until 10 asked_until 'the logins from before go on to count'
    assert_equal "$(login ann:changed)" 200
    htpasswd -bnB -C 4 zoe new | grep . >users.new
    mv users.new users
    kill -HUP "$SERVE_PID"
    wait_until 10 is_status 200 zoe:new
    assert_equal "$(login ann:changed)" 401
    grep -q 'the files of logins were read again' "$SERVE_LOG.err"
    : >tokens
    wait_until 10 is_status 401 "x:$TOKEN"
}

@test "serve: who fails often has to wait, and logins that were right go on" {
    make_logins
    start_serve --htpasswd users --token-file tokens site
    assert_equal "$(login ann:s3cret)" 200
    for i in 1 2 3 4 5 6 7 8 9 10; do
        assert_equal "$(login "ann:wrong$i")" 401
    done
    assert_equal "$(status_of -D headers -u ann:wrong "$SERVE_URL/filter.wasm")" 429
    grep -qi '^retry-after: [1-9]' headers
    assert_equal "$(login ann:s3cret)" 200
    assert_equal "$(login "bob:bob's: wörd")" 200
    assert_equal "$(login "x:$TOKEN")" 200
    for i in 1 2 3 4 5 6 7 8 9 10; do
        assert_equal "$(login "nobody$i:wrong")" 401
    done
    assert_equal "$(login nobody:wrong)" 429
}

@test "serve: many first logins at once are one" {
    make_logins
    start_serve --htpasswd users site
    seq 60 | xargs -P 30 -I{} curl -s -o /dev/null -w '%{http_code}\n' -u ann:s3cret \
        "$SERVE_URL/filter.wasm" >codes
    assert_equal "$(sort codes | uniq -c | tr -s ' ')" " 60 200"
}

@test "serve: a slow check of a password holds up nobody else" {
    make_logins
    htpasswd -bnB -C 13 slow s3cret | grep . >>users
    start_serve --htpasswd users --token-file tokens site
    curl -s -o slow -w '%{http_code}' -u slow:s3cret "$SERVE_URL/filter.wasm" >code &
    waiting=$!
    for _ in {1..10}; do assert_equal "$(login "x:$TOKEN")" 200; done
    kill -0 "$waiting"
    wait "$waiting"
    assert_equal "$(cat code)" 200
    assert_same_file slow site/filter.wasm
}

@test "serve: caches that many share keep nothing that needs a login" {
    make_logins
    "$WASME" build precompiled site/filter.wasm -t filter:v1 --store "$PWD/served"
    path=$(sha256_of site/filter.wasm)
    start_serve --store "$PWD/served"
    curl -sI "$SERVE_URL/$path" | grep -qi '^cache-control: public, max-age'
    start_serve --store "$PWD/served" --htpasswd users
    curl -sI -u ann:s3cret "$SERVE_URL/$path" | grep -qi '^cache-control: private, max-age'
}

@test "serve: who may push" {
    make_logins
    try serve -p 0 --writable --store "$PWD/served"
    assert_status 2
    assert_stderr_contains "ask for a login (--htpasswd)"
    try serve -p 0 --bind 0.0.0.0 --writable --store "$PWD/served"
    assert_status 2
    in_background serve "$WASME" serve -p 0 --writable --store "$PWD/served" --plain-login --htpasswd users
    wait_until 10 grep -q 'CTRL-C' "$BACKGROUND_LOG"
    in_background serve "$WASME" serve -p 0 --writable --store "$PWD/other" --anonymous-push
    wait_until 10 grep -q 'CTRL-C' "$BACKGROUND_LOG"
}

@test "serve: a probe needs no login" {
    make_logins
    start_serve --htpasswd users --store "$PWD/served"
    assert_equal "$(status_of "$SERVE_URL/healthz")" 200
    assert_equal "$(status_of "$SERVE_URL/metrics")" 401
    assert_equal "$(status_of "$SERVE_URL//healthz")" 200
    assert_equal "$(status_of "$SERVE_URL/healthz/x")" 401
}

@test "serve: a file named healthz needs a login like any other" {
    make_logins
    echo secret >site/healthz
    start_serve --htpasswd users site
    assert_equal "$(curl -s "$SERVE_URL/healthz")" ok
    assert_equal "$(curl -s "$SERVE_URL/%68ealthz")" ok
}

@test "serve: an upload waits for its login" {
    make_logins
    start_serve --htpasswd users --writable --store "$PWD/served"
    head -c 300000 /dev/urandom >blob
    digest=sha256:$(sha256_of blob)
    for i in 1 2 3; do
        assert_equal "$(status_of -u ann:s3cret --data-binary @blob -H 'Expect:' \
            -H 'Content-Type: application/octet-stream' \
            "$SERVE_URL/v2/filter$i/blobs/uploads/?digest=$digest")" 201
        assert_equal "$(status_of -u ann:wrong --data-binary @blob -H 'Expect:' \
            "$SERVE_URL/v2/filter$i/blobs/uploads/?digest=$digest")" 401
    done
}
