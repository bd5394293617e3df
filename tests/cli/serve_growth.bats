#!/usr/bin/env bats
# More than one machine: two `wasme serve` on one store behind nginx, and a cache in front of a
# writable one. docs/serve.md tells the same.

load helper

setup() {
    scratch
    skip_unless nginx jq curl
    SHARED=$PWD/shared
    REF=harbor.example/base/filter
    make_wasm filter.wasm 0_2_1 300000 random
    "$WASME" build precompiled filter.wasm -t "$REF:v1" --store "$SHARED" >/dev/null 2>&1
    DIGEST=$(sha256_of filter.wasm)
}

# start_replicas: two servers of the shared store, and nginx in front of them.
start_replicas() {
    start_serve --store "$SHARED"
    FIRST=$SERVE_PID FIRST_URL=$SERVE_URL FIRST_LOG=$SERVE_LOG
    start_serve --store "$SHARED"
    SECOND_URL=$SERVE_URL SECOND_LOG=$SERVE_LOG
    start_nginx <<END
    upstream filters {
        server ${FIRST_URL#http://} max_fails=1 fail_timeout=2s;
        server ${SECOND_URL#http://} max_fails=1 fail_timeout=2s;
        keepalive 8;
    }
    server {
        listen 127.0.0.1:@PORT@;
        location / {
            proxy_pass http://filters;
            proxy_next_upstream error timeout http_502 http_503;
            proxy_connect_timeout 1s;
            proxy_buffering off;
        }
    }
END
}

# fetch FILE: reads the filter and the manifest again and again until FILE exists, and adds a line to
# `failed` for each answer that is wrong, and one to `fetched` for each that is right.
fetch() {
    local n=0
    while [[ ! -e $1 ]]; do
        n=$((n + 1))
        if curl -fsS --max-time 10 -o "got" "http://$NGINX/$DIGEST" 2>>failed &&
            [[ $(sha256_of "got") == "$DIGEST" ]] &&
            curl -fsS --max-time 10 -o /dev/null "http://$NGINX/v2/base/filter/manifests/v1" 2>>failed; then
            echo "$n" >>fetched
        else
            echo "request $n" >>failed
        fi
    done
}

assert_fetched_more() {
    local before
    before=$(wc -l <fetched)
    wait_until 20 has_fetched $((before + 20))
}

has_fetched() {
    [[ $(wc -l <fetched) -ge $1 ]]
}

@test "serve, two replicas behind nginx: one is stopped, and one is killed, without a failed request" {
    start_replicas
    touch failed fetched
    fetch stop 3>&- 4>&- &
    client=$!
    assert_fetched_more
    grep -q "GET /.* 200" "$FIRST_LOG.err"
    grep -q "GET /.* 200" "$SECOND_LOG.err"
    # A graceful stop, as in an update, and a new start on the same port.
    stop_background "$FIRST"
    assert_fetched_more
    start_serve --store "$SHARED" -p "${FIRST_URL##*:}"
    assert_fetched_more
    # The end of a machine. nginx repeats a request whose answer had not begun.
    kill -KILL "$SERVE_PID"
    assert_fetched_more
    touch stop
    wait "$client"
    # An answer that was cut in the middle is the only one that nginx cannot repeat.
    assert_equal "$(grep -c '^request' failed || true)" 0 "$(<failed)"
}

@test "serve, two replicas behind nginx: a build and a pull into the store show on both" {
    start_replicas
    start_registry plain
    make_wasm other.wasm 0_2_1 5000 random
    "$WASME" build precompiled other.wasm -t "$REGISTRY/demo/other:v1" >/dev/null 2>&1
    pinned=$("$WASME" push "$REGISTRY/demo/other:v1" 2>/dev/null)
    "$WASME" pull "$REGISTRY/demo/other:v1" --store "$SHARED" >/dev/null 2>&1
    for url in "$FIRST_URL" "$SECOND_URL" "http://$NGINX"; do
        wait_until 10 curl -fsS -o got "$url/$REGISTRY/demo/other:v1"
        assert_same_file got other.wasm
        try pull "${url#http://}/demo/other:v1" --store "store-${url##*:}"
        assert_status 0
        assert_output "${url#http://}/demo/other:v1@${pinned#*@}"
    done
}

@test "serve, two replicas behind nginx: tools read images there, whichever replica answers" {
    skip_unless skopeo crane
    start_replicas
    digest=$(crane digest --insecure "$NGINX/base/filter:v1")
    for _ in 1 2 3; do
        try_command skopeo copy --quiet --insecure-policy --preserve-digests --src-tls-verify=false \
            "docker://$NGINX/base/filter:v1" "dir:copied"
        assert_status 0
        assert_equal "sha256:$(sha256_of copied/manifest.json)" "$digest"
        # An image that is made on request has the same digest on each replica.
        crane pull --insecure "$NGINX/base/filter:v1-compat" compat.tar
        rm compat.tar
    done
    assert_equal "$(crane digest --insecure "${FIRST_URL#http://}/base/filter:v1-compat")" \
        "$(crane digest --insecure "${SECOND_URL#http://}/base/filter:v1-compat")"
}

@test "serve, a cache in front of a writable one: a push shows behind it, also when the first one is down" {
    start_serve --store "$PWD/central" --writable
    central=$SERVE_PID central_url=$SERVE_URL
    "$WASME" build precompiled filter.wasm -t "${central_url#http://}/base/filter:v2" >/dev/null 2>&1
    pinned=$("$WASME" push "${central_url#http://}/base/filter:v2" 2>/dev/null)
    start_serve --store "$PWD/site" --proxy "${central_url#http://}" --proxy-fresh 0
    for _ in 1 2; do
        rm -rf other-store
        try pull "${SERVE_URL#http://}/base/filter:v2" --store other-store
        assert_status 0
        assert_output "${SERVE_URL#http://}/base/filter:v2@${pinned#*@}"
        stop_background "$central"
    done
}
