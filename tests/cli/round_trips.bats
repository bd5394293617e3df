#!/usr/bin/env bats
# How many round trips a command waits for, one after the other: a registry with tokens behind an nginx
# with TLS, and a relay (tests/fake/relay.py) that counts them without a clock.

load helper
load images

# The most round trips of each case. A case with a round trip more or less fails: who saves a round
# trip lowers the number here. Opening TCP is 1, TLS is 1, and for the first token 1 more or 2.
rounds_of() {
    cat <<END
cold push                      7
push, challenge remembered     6
push, token kept               5
push again                     4
pull                           5
pull of what is here           4
ten pulls                      5
cold push, HTTP/1.1            9
push again, HTTP/1.1           4
pull, HTTP/1.1                 7
cold push, proxy               11
pull, proxy                    9
copy of three layers of 1 MB   7
no login, cold push            6
no login, push                 5
END
}

setup_file() {
    scratch
    skip_unless nginx openssl curl jq python3
    [[ -r /proc/$$/schedstat && -r /proc/$$/task/$$/children ]] ||
        export SKIP_FILE="/proc does not tell which threads work"
    [[ ! ${SKIP_FILE:-} ]] || return 0
    start_registry plain
    export PLAIN=$REGISTRY PLAIN_URL=$REGISTRY_URL
    start_registry token
    [[ ! ${SKIP_FILE:-} ]] || return 0
    CERTIFICATES=$(mktemp -d "$(background_dir)/certificates.XXXXXX")
    make_certificates "$CERTIFICATES"
    start_front "ssl http2"
    export CERTIFICATES REMOTE=$RELAY REMOTE_LOG=$RELAY_LOG
    REGISTRY_URL=$PLAIN_URL start_front "ssl http2"
    export OPEN=$RELAY OPEN_LOG=$RELAY_LOG
    start_front ssl
    export REMOTE_1=$RELAY REMOTE_1_LOG=$RELAY_LOG
    start_far_proxy
}

# start_front LISTEN: an nginx that listens so, and a relay before it: sets RELAY (127.0.0.1:PORT) and
# RELAY_LOG.
start_front() {
    # The realm of the challenge is rewritten, because the token server is as far as the registry.
    start_nginx <<END
map \$upstream_http_www_authenticate \$challenge {
    "~^(?<start>.*realm=\")[^\"]*(?<rest>\".*)\$" "\${start}https://\$http_host/token\$rest";
}
log_format request '\$request_method \$uri \$status';
server {
    listen 127.0.0.1:@PORT@ $1;
    access_log @DIR@/requests request;
    ssl_protocols TLSv1.2 TLSv1.3;
    ssl_certificate $CERTIFICATES/server.pem;
    ssl_certificate_key $CERTIFICATES/server.key;
    proxy_buffering off;
    proxy_set_header Connection '';
    proxy_set_header Host \$http_host;
    proxy_set_header X-Forwarded-Proto https;
    location = /token {
        proxy_pass http://127.0.0.1:$TOKEN_PORT;
    }
    location / {
        proxy_pass @REGISTRY_URL@;
        proxy_hide_header WWW-Authenticate;
        add_header WWW-Authenticate \$challenge always;
    }
}
END
    RELAY_LOG=$(mktemp -d "$(background_dir)/relay.XXXXXX")/rounds
    start_relay --target "${NGINX#*:}" --requests "$(dirname "$NGINX_LOG")/requests"
}

# The relay stands before the proxy, so that a request to the proxy costs a round trip too.
start_far_proxy() {
    start_fake proxy "$(background_dir)/proxy" "registry.test:443=$NGINX"
    RELAY_LOG=$(background_dir)/rounds-of-proxy
    start_relay --target "${FAKE[0]}" --requests "$(dirname "$NGINX_LOG")/requests"
    export PROXY=$RELAY PROXY_LOG=$RELAY_LOG
}

start_relay() { # ARGUMENT...: the servers are all that the tests have started
    local pid watch=()
    while read -r pid; do watch+=(--watch "$pid"); done <"$BATS_FILE_TMPDIR/background/pids"
    start_fake relay "$RELAY_LOG" "${watch[@]}" "$@"
    RELAY=127.0.0.1:${FAKE[0]}
}

setup() {
    image_scratch
    [[ ! ${SKIP_FILE:-} ]] || return 0
    LOG=$REMOTE_LOG
    OTHER=$PWD/other-store
    REF=$REMOTE/own/test$BATS_TEST_NUMBER:v1
    log_in "$REMOTE" "$REMOTE_1" registry.test
}

log_in() { # HOST...
    local host
    mkdir -p "$HOME/.docker"
    for host; do
        jq -n --arg h "$host" --arg a "$(printf %s "$REGISTRY_USER:$REGISTRY_PASSWORD" | base64 -w0)" \
            '{($h): {auth: $a}}'
    done | jq -s '{auths: add}' >"$HOME/.docker/config.json"
}

# The same command without counting, for what comes before.
quietly() {
    "$WASME" "$1" --ca-file "$CERTIFICATES/ca.pem" "${@:2}" >/dev/null 2>&1
}

# count CASE COMMAND...: wasme waits for as many round trips as the table says. LOG is the relay's.
count() {
    local name=$1 expected got
    shift
    expected=$(rounds_of | awk -F '  +' -v name="$name" '$1 == name { print $2 }')
    : >"$LOG"
    try "$1" --ca-file "$CERTIFICATES/ca.pem" "${@:2}"
    assert_status 0
    got=$(grep -c '' "$LOG")
    [[ ! ${ROUNDS_SHOWN:-} ]] || { echo "# $name: $got" && sed 's/^/#   /' "$LOG"; } >&3
    assert_equal "$got" "$expected" "round trips of $name: $(echo && cat "$LOG")"
}


# fetch COUNT CURL-OPTION...: so many requests of curl, by one process; sets TRIPS.
fetch() {
    local i urls=()
    for ((i = 0; i < $1; i++)); do urls+=(-o /dev/null "https://$REMOTE/v2/?$i"); done
    : >"$LOG"
    curl -s --http1.1 --cacert "$CERTIFICATES/ca.pem" "${@:2}" "${urls[@]}"
    TRIPS=$(grep -c '' "$LOG")
}

@test "round trips: the relay counts TCP, TLS, and each request that waits for the one before" {
    fetch 1
    assert_equal "$TRIPS" 3
    fetch 2
    assert_equal "$TRIPS" 4
    fetch 5
    assert_equal "$TRIPS" 7
    grep -q '^7 opened=0 up=[0-9]* down=[0-9]* GET /v2/ 401$' "$LOG"
    fetch 5 --parallel --parallel-immediate # five connections at once
    assert_equal "$TRIPS" 3
    grep -q '^1 opened=5 ' "$LOG"
}

@test "round trips: push, push again, pull, pull again" {
    add_image "$REF" 250000 random
    count "cold push" push "$REF"
    count "push again" push "$REF"
    count "pull" pull --store "$OTHER" "$REF"
    count "pull of what is here" pull --store "$OTHER" "$REF"
    assert_same_file "$(image_dir "$REF")/filter.wasm" "$(image_dir "$REF" "$OTHER")/filter.wasm"
}

@test "round trips: a push with what an earlier command remembered, of the challenge or of the token" {
    local second=$REMOTE/own/second:v1
    add_image "$REF" 250000 random
    add_image "$second" 250000 random
    quietly push "$REF"
    count "push, challenge remembered" push "$second"
    make_runtime_dir
    quietly push "$REF"
    add_image "$REF" 250000 random
    count "push, token kept" push "$REF"
}

@test "round trips: ten pulls in one process" {
    local i refs=()
    for i in {0..9}; do
        refs+=("$REMOTE/own/ten:v$i")
        add_image "$REMOTE/own/ten:v$i" 2000 random
    done
    quietly push "${refs[@]}"
    count "ten pulls" pull --store "$OTHER" "${refs[@]}"
    for i in {0..9}; do
        assert_same_file "$(image_dir "${refs[i]}")/filter.wasm" "$(image_dir "${refs[i]}" "$OTHER")/filter.wasm"
    done
}

@test "round trips: a server that has only HTTP/1.1" {
    REF=$REMOTE_1/own/test$BATS_TEST_NUMBER:v1 LOG=$REMOTE_1_LOG
    add_image "$REF" 250000 random
    count "cold push, HTTP/1.1" push "$REF"
    count "push again, HTTP/1.1" push "$REF"
    count "pull, HTTP/1.1" pull --store "$OTHER" "$REF"
    assert_same_file "$(image_dir "$REF")/filter.wasm" "$(image_dir "$REF" "$OTHER")/filter.wasm"
}

@test "round trips: a registry that asks for no login" {
    REF=$OPEN/own/test$BATS_TEST_NUMBER:v1 LOG=$OPEN_LOG
    add_image "$REF" 250000 random
    count "no login, cold push" push "$REF"
    add_image "$REF" 250000 random
    count "no login, push" push "$REF"
}

@test "round trips: a proxy that tunnels" {
    REF=registry.test/own/test$BATS_TEST_NUMBER:v1 LOG=$PROXY_LOG
    export https_proxy=http://$PROXY
    add_image "$REF" 250000 random
    count "cold push, proxy" push "$REF"
    count "pull, proxy" pull --store "$OTHER" "$REF"
    assert_same_file "$(image_dir "$REF")/filter.wasm" "$(image_dir "$REF" "$OTHER")/filter.wasm"
}

# An image that another tool has made, in the registry that is near.
put_image_of_three() { # REF
    local layer
    REGISTRY_URL=$PLAIN_URL REPO=$1
    printf '{}' >config
    for layer in one two three; do
        make_wasm "$layer" 0_2_1 1000000 random
        jq -nc --arg t "$WASM_LAYER" --arg d "$(put_blob "$layer")" --argjson s "$(stat -c %s "$layer")" \
            '{mediaType: $t, digest: $d, size: $s}'
    done >layers
    jq -sc --arg t "$OCI" --arg c "$IMAGE_CONFIG" --arg d "$(put_blob config)" '{schemaVersion: 2,
        mediaType: $t, config: {mediaType: $c, digest: $d, size: 2}, layers: .}' layers >manifest
    put_manifest v1 "$OCI" manifest
}

@test "round trips: several large layers go side by side" {
    put_image_of_three "$PLAIN/own/three"
    count "copy of three layers of 1 MB" copy "$PLAIN/own/three:v1" "$REF"
}
