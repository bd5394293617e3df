# nginx with TLS before a real registry and a token server, for cache.bats and tokens_kept.bats.
# shellcheck shell=bash

# Requests for localhost and for 127.0.0.1 come to the same nginx. It writes the realm into the
# challenges, which a test can change, as the registry behind it.
start_front() {
    skip_unless nginx openssl curl
    start_registry token
    [[ ! ${SKIP_FILE:-} ]] || return 0
    export DIR=$BATS_FILE_TMPDIR/tls
    mkdir -p "$DIR"
    make_certificates "$DIR"
    export CA_FILE=$DIR/ca.pem
    write_front "http://127.0.0.1:$TOKEN_PORT/token" "$REGISTRY_URL"
    start_nginx <<END
include $DIR/front.conf;
server {
    listen 127.0.0.1:@PORT@ ssl;
    ssl_certificate $DIR/server.pem;
    ssl_certificate_key $DIR/server.key;
    proxy_hide_header WWW-Authenticate;
    add_header WWW-Authenticate \$challenge always;
    proxy_set_header Connection '';
    proxy_set_header Host \$http_host;
    proxy_set_header X-Forwarded-Proto https;
    location /token { proxy_pass http://127.0.0.1:$TOKEN_PORT; }
    location /moved { proxy_pass http://127.0.0.1:$TOKEN_PORT/token; }
    location /stale { return 200 '{"token":"eyJ.of.nobody"}'; }
    location / {
        if (\$http_authorization ~ forbidden) { return 403; }
        proxy_pass \$back;
    }
}
END
    export FRONT_PORT=${NGINX#*:} TOKEN_REGISTRY=$REGISTRY
    front "https://$NGINX/token"
}

write_front() { # REALM BACK
    cat >"$DIR/front.conf" <<END
map \$upstream_http_www_authenticate \$challenge {
    "" "";
    ~*^basic \$upstream_http_www_authenticate;
    ~^[^,]*(?<rest>.*)\$ 'Bearer realm="$1"\$rest';
}
map \$host \$back { default $2; }
END
}

# front REALM [BACK]: nginx names this realm, and has that registry behind it.
front() {
    local workers
    workers=$(pgrep -P "$NGINX_PID")
    write_front "$1" "${2:-http://$TOKEN_REGISTRY}"
    kill -HUP "$NGINX_PID"
    wait_until 10 are_gone "$workers" # an old worker may still take connections
    if [[ $# -eq 1 ]]; then
        wait_until 10 front_names "$1"
    else
        wait_until 10 front_is_open
    fi
}

are_gone() { # PIDS
    local pid
    for pid in $1; do
        ! kill -0 "$pid" 2>/dev/null || return 1
    done
}

front_names() {
    curl -si --cacert "$CA_FILE" "https://$NGINX/v2/" | grep -F "realm=\"$1\""
}

front_is_open() {
    [[ $(curl -s -o /dev/null -w '%{http_code}' --cacert "$CA_FILE" "https://$NGINX/v2/") == 200 ]]
}

# Sets the variables of a test, after scratch.
begin_front_test() {
    [[ ! ${TOKEN_LOG:-} ]] || : >"$TOKEN_LOG"
    [[ ! ${NGINX_LOG:-} ]] || : >"$NGINX_LOG"
    REF=$NGINX/own/test$BATS_TEST_NUMBER:v1
    OTHER=$PWD/other-store
    CACHE=$HOME/.cache/wasme
    FILE=$CACHE/registries.json
    credentials "$REGISTRY_USER" "$REGISTRY_PASSWORD"
}

# credentials USER PASSWORD [REGISTRY]
credentials() {
    mkdir -p "$HOME/.docker"
    printf '{"auths":{"%s":{"auth":"%s"}}}' "${3:-$NGINX}" "$(printf %s "$1:$2" | base64 -w0)" \
        >"$HOME/.docker/config.json"
}

# The requests since the last call: "GET /token 200", one a line.
requests() {
    settle_log "$NGINX" "$NGINX_LOG"
    cut -d' ' -f3-5 "$NGINX_LOG" | grep -v /settled || true
    : >"$NGINX_LOG"
}

first_request() {
    requests | head -n 1
}

tls() {
    try "$@" --ca-file "$CA_FILE"
}

pushed() {
    add_image "$REF" 200 "$REF"
    tls push "$REF"
    assert_status 0
    requests >/dev/null
    : >"$TOKEN_LOG"
}

pull() {
    rm -rf "$OTHER"
    tls pull -v --store "$OTHER" "$REF" "$@"
}
