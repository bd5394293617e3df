#!/usr/bin/env bats
# How the blobs of a push travel: a real registry behind an nginx with TLS and HTTP/2, which logs the
# protocol and the connection of each request.

load helper

setup_file() {
    scratch
    skip_unless nginx openssl curl htpasswd python3
    start_registry basic
    [[ ! ${SKIP_FILE:-} ]] || return 0
    CERTIFICATES=$(mktemp -d "$(background_dir)/certificates.XXXXXX")
    make_certificates "$CERTIFICATES"
    export CERTIFICATES CA=$CERTIFICATES/ca.pem
    start_front ""
    export FRONT=$NGINX FRONT_LOG=${NGINX_LOG%/*}/requests DATA=$REGISTRY_DATA
    # A server that takes the question that opens a connection, and does not answer.
    in_background silence python3 -c 'import socket, time
server = socket.create_server(("127.0.0.1", 0))
print(server.getsockname()[1], flush=True)
time.sleep(3600)'
    wait_until 10 test -s "$BACKGROUND_LOG"
    start_front "location = /v2/ { proxy_pass http://127.0.0.1:$(cat "$BACKGROUND_LOG"); }"
    export SILENT=$NGINX
    start_front "location = /v2/ { keepalive_timeout 0; proxy_pass $REGISTRY_URL; }"
    export CLOSING=$NGINX
}

# start_front LOCATIONS: sets NGINX. Nobody may delete anything below /v2/kept/.
start_front() {
    start_nginx <<END
map \$http_authorization \$login { "" nobody; default somebody; }
log_format request '\$server_protocol \$connection \$login \$request_method \$uri \$status';
server {
    listen 127.0.0.1:@PORT@ ssl http2;
    access_log @DIR@/requests request;
    ssl_certificate $CERTIFICATES/server.pem;
    ssl_certificate_key $CERTIFICATES/server.key;
    proxy_set_header Connection '';
    proxy_set_header Host \$http_host;
    proxy_set_header X-Forwarded-Proto https;
    $1
    location /v2/kept/ {
        if (\$arg_mount) { rewrite ^(.*)\$ \$1? break; }
        if (\$request_method = DELETE) {
            add_header WWW-Authenticate 'Basic realm="tests"' always;
            return 401;
        }
        proxy_pass @REGISTRY_URL@;
    }
    location / { proxy_pass @REGISTRY_URL@; }
}
END
}

setup() {
    scratch
    set_registry_user
    REF=$FRONT/own/test$BATS_TEST_NUMBER:v1
    : >"$FRONT_LOG"
}

push() {
    try push --ca-file "$CA" -u "$REGISTRY_USER" -p "$REGISTRY_PASSWORD" "$@"
    settle_log "$FRONT" "$FRONT_LOG"
}

requests() { # EXPRESSION
    grep -v /settled "$FRONT_LOG" | grep -E -- "$1" || true
}

count() { # EXPRESSION
    requests "$1" | wc -l
}

open_sessions() { # REPOSITORY
    find "$DATA/docker/registry/v2/repositories/$1/_uploads" -mindepth 1 -maxdepth 1 2>/dev/null | wc -l
}

@test "push: a large blob goes over HTTP/1.1, on a connection that was opened before" {
    add_image "$REF" 300000 random
    push "$REF"
    assert_status 0
    assert_equal "$(count '^HTTP/1.1 [0-9]+ somebody PUT .*/blobs/uploads/.* 201$')" 1
    assert_equal "$(count '^HTTP/2.0 [0-9]+ somebody PUT .*/blobs/uploads/.* 201$')" 1
    assert_equal "$(count '^HTTP/1.1')" 2
    assert_equal "$(count '^HTTP/1.1 [0-9]+ nobody GET /v2/ 401$')" 1
    assert_equal "$(requests '^HTTP/1.1' | cut -d' ' -f2 | sort -u | wc -l)" 1
    assert_equal "$(requests '^HTTP/2.0' | cut -d' ' -f2 | sort -u | wc -l)" 1
}

@test "push: small blobs open no connection of their own" {
    add_image "$REF" 3000 random
    push "$REF"
    assert_status 0
    assert_equal "$(count '^HTTP/1.1')" 0
    assert_equal "$(requests . | cut -d' ' -f2 | sort -u | wc -l)" 1
}

@test "push: no session is opened for a blob that is there" {
    add_image "$REF" 300000 random
    push "$REF"
    assert_status 0
    : >"$FRONT_LOG"
    push --no-cache "$REF"
    assert_status 0
    assert_stderr_contains "Unchanged"
    assert_equal "$(count 'POST .* 202$')" 0
    assert_equal "$(count 'PUT')" 0
    assert_equal "$(open_sessions "own/test$BATS_TEST_NUMBER")" 0
}

# /v2/kept/ opens a session in any case.
@test "push: a session that was opened in vain is ended, or left when nobody may end it" {
    REF=$FRONT/kept/test$BATS_TEST_NUMBER:v1
    add_image "$REF" 300000 random
    push "$REF"
    assert_status 0
    assert_equal "$(count DELETE)" 0
    : >"$FRONT_LOG"
    push --no-cache "$REF"
    assert_status 0
    assert_stderr_contains "Unchanged"
    assert_equal "$(count 'POST .* 202$')" 1
    assert_equal "$(count 'DELETE .* 401$')" 1
    assert_equal "$(open_sessions "kept/test$BATS_TEST_NUMBER")" 1
    add_image "$REF" 310000 random
    push "$REF"
    assert_status 0
}

@test "push: what an earlier command has sent is asked for without a session" {
    add_image "$REF" 300000 random
    push "$REF"
    assert_status 0
    "$WASME" tag "$REF" "${REF%:*}:v2"
    : >"$FRONT_LOG"
    push "${REF%:*}:v2"
    assert_status 0
    assert_equal "$(count POST)" 0
    assert_equal "$(count HEAD)" 3 "the manifest, and two blobs"
    assert_equal "$(count nobody)" 0 "requests without the login"
}

@test "push: a connection that is opened in vain holds nothing up" {
    for front in "$SILENT" "$CLOSING"; do
        REF=$front/own/test$BATS_TEST_NUMBER:v1
        add_image "$REF" 300000 random
        push --timeout 30 "$REF"
        assert_status 0
        rm -rf other
        try pull --ca-file "$CA" -u "$REGISTRY_USER" -p "$REGISTRY_PASSWORD" --store other "$REF"
        assert_status 0
        assert_same_file "$(image_dir "$REF")/filter.wasm" "$(image_dir "$REF" "$PWD/other")/filter.wasm"
    done
}
