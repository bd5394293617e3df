#!/usr/bin/env bats
# wasme serve --proxy: a cache in front of a real registry that wants a login, and that is down at
# times.

load helper
load serving

setup_file() {
    scratch
    skip_unless jq curl docker-registry htpasswd
}

setup() {
    scratch
    NAME=cache$BATS_TEST_NUMBER/filter
    CACHE=$PWD/cache
    OTHER=$PWD/other-store
    make_wasm filter.wasm 0_2_1 50000 random
    start_registry basic
    UPSTREAM=$REGISTRY
    # The clients' own folders have no login for the upstream: the server has it.
    LOGIN_FILE=$PWD/login.json
    "$WASME" login "$UPSTREAM" -u "$REGISTRY_USER" --password-stdin --credentials-file "$LOGIN_FILE" \
        --plaintext <<<"$REGISTRY_PASSWORD" >/dev/null 2>&1
}

# publish TAG [FORMAT]: sets DIGEST.
publish() {
    "$WASME" build precompiled filter.wasm -t "$UPSTREAM/$NAME:$1" >/dev/null 2>&1
    DIGEST=$("$WASME" push "$UPSTREAM/$NAME:$1" --format "${2:-oci}" --config "$LOGIN_FILE" 2>/dev/null)
    DIGEST=${DIGEST#*@}
}

start_cache() { # ARGUMENT...
    start_serve --store "$CACHE" --proxy "$UPSTREAM" --config "$LOGIN_FILE" "$@"
    PROXY=${SERVE_URL#http://}
}

# How many GETs of blobs or manifests the upstream answered well since registry_mark.
count_upstream() {
    count_requests "GET /v2/$NAME/$1[^ ]* HTTP/1.1\" 200"
}

stop_upstream() {
    stop_background "$REGISTRY_PID"
}

@test "serve --proxy: a filter is fetched once, and is an image of the store under its upstream's name" {
    publish v1
    start_cache
    registry_mark
    assert_pulled "$PROXY/$NAME:v1" "$DIGEST"
    assert_pulled "$PROXY/$NAME:v1" "$DIGEST"
    assert_pulled "$PROXY/${UPSTREAM/:/_}/$NAME:v1" "$DIGEST"
    assert_equal "$(count_upstream manifests)" 1
    assert_equal "$(count_upstream blobs)" 2
    try list --store "$CACHE"
    assert_output_contains "$UPSTREAM/$NAME"
    curl -fsS -o served.wasm "$SERVE_URL/$(sha256_of filter.wasm)"
    assert_same_file served.wasm filter.wasm
    try pull "$PROXY/$NAME@$DIGEST" --store "$OTHER"
    assert_status 0
    assert_equal "$(count_upstream manifests)" 1
}

@test "serve --proxy: a digest alone makes an image of the store, too" {
    publish v1
    start_cache
    try pull "$PROXY/$NAME@$DIGEST" --store "$OTHER"
    assert_status 0
    assert_same_file "$(image_dir "$PROXY/$NAME@$DIGEST" "$OTHER")/filter.wasm" filter.wasm
    try list --store "$CACHE" --json
    assert_output_contains "$UPSTREAM/$NAME@$DIGEST"
}

@test "serve --proxy: a tag is asked about again after --proxy-fresh, and then gives the new image" {
    publish v1
    start_cache --proxy-fresh 0
    assert_pulled "$PROXY/$NAME:v1" "$DIGEST"
    registry_mark
    assert_pulled "$PROXY/$NAME:v1" "$DIGEST"
    # The digest goes along: a manifest that did not change does not come again.
    assert_equal "$(count_requests "GET /v2/$NAME/manifests/v1 HTTP/1.1\" 304")" 1
    assert_equal "$(count_upstream blobs)" 0
    make_wasm filter.wasm 0_2_1 60000 random
    publish v1
    assert_pulled "$PROXY/$NAME:v1" "$DIGEST"
    # A cache that need not ask yet serves what it has.
    stop_background "$SERVE_PID"
    start_cache --proxy-fresh 3600
    assert_pulled "$PROXY/$NAME:v1" "$DIGEST"
    cp filter.wasm kept.wasm
    old=$DIGEST
    make_wasm filter.wasm 0_2_1 70000 random
    publish v1
    cp kept.wasm filter.wasm
    assert_pulled "$PROXY/$NAME:v1" "$old"
}

@test "serve --proxy: what is here is served while the upstream is down, with a warning" {
    publish v1
    start_cache --proxy-fresh 0
    assert_pulled "$PROXY/$NAME:v1" "$DIGEST"
    stop_upstream
    assert_pulled "$PROXY/$NAME:v1" "$DIGEST"
    grep -q "level=warning msg=.*the copy of $NAME:v1 that is here is served" "$SERVE_LOG.err"
    try tags "$PROXY/$NAME"
    assert_status 0
    assert_output v1
    # What is not here cannot be had.
    try_command curl -sS -o answer -w '%{http_code}' "$SERVE_URL/v2/$NAME/manifests/v2"
    assert_output 502
    assert_equal "$(jq -r '.errors[0].message' answer | grep -c "$UPSTREAM")" 1
    restart_registry
    assert_pulled "$PROXY/$NAME:v1" "$DIGEST"
}

@test "serve --proxy: many clients at the same time cause one fetch" {
    make_wasm filter.wasm 0_2_1 3000000 random
    publish v1
    blob=sha256:$(sha256_of filter.wasm)
    start_cache
    registry_mark
    for i in {1..20}; do
        curl -fsS -o "blob$i" "$SERVE_URL/v2/$NAME/blobs/$blob" &
        pids[i]=$!
        curl -fsS -o "manifest$i" -H 'Accept: application/vnd.oci.image.manifest.v1+json' \
            "$SERVE_URL/v2/$NAME/manifests/v1" &
        pids[i + 20]=$!
    done
    for pid in "${pids[@]}"; do wait "$pid"; done
    for i in {1..20}; do
        assert_same_file "blob$i" filter.wasm
        assert_equal "sha256:$(sha256_of "manifest$i")" "$DIGEST"
    done
    assert_equal "$(count_requests "GET /v2/$NAME/blobs/$blob HTTP/1.1\" 200")" 1
    assert_equal "$(count_upstream manifests)" 1
}

@test "serve --proxy: a new image that breaks off in the middle leaves the old one" {
    publish v1
    start_nginx <<'END'
    server {
        listen 127.0.0.1:@PORT@;
        location / { proxy_pass @REGISTRY_URL@; }
        location ~ /blobs/ { proxy_pass @REGISTRY_URL@; limit_rate 200k; }
    }
END
    jq --arg from "$UPSTREAM" --arg to "$NGINX" '.auths[$to] = .auths[$from]' "$LOGIN_FILE" >both.json
    start_serve --store "$CACHE" --proxy "$NGINX" --config both.json --proxy-fresh 0
    PROXY=${SERVE_URL#http://}
    assert_pulled "$PROXY/$NAME:v1" "$DIGEST"
    old=$DIGEST
    cp filter.wasm kept.wasm
    make_wasm filter.wasm 0_2_1 4000000 random
    publish v1
    cp kept.wasm filter.wasm
    curl -sS -o answer -w '%{http_code} %header{docker-content-digest}' \
        -H 'Accept: application/vnd.oci.image.manifest.v1+json' "$SERVE_URL/v2/$NAME/manifests/v1" >code &
    client=$!
    wait_until 10 grep -q '/manifests/v1 200' "$NGINX_LOG"
    stop_background "$NGINX_PID" # the blob is on its way
    wait "$client"
    assert_equal "$(<code)" "200 $old"
    assert_pulled "$PROXY/$NAME:v1" "$old"
    find "$CACHE.registry/uploads" -type f >left
    assert_file_size left 0
}

@test "serve --proxy: an index, and what is no filter, come through, and stay" {
    skip_unless oras crane
    echo 'some words' >words
    (
        export DOCKER_CONFIG=$PWD/docker
        mkdir docker
        cp "$LOGIN_FILE" docker/config.json
        oras push --plain-http --no-tty --artifact-type application/vnd.example.words \
            "$UPSTREAM/$NAME:words" words:text/plain >log 2>&1
        cp filter.wasm plugin.wasm
        tar cf layer.tar plugin.wasm
        crane append --oci-empty-base -f layer.tar -t "$UPSTREAM/$NAME:image" >log 2>&1
        crane index append -m "$UPSTREAM/$NAME:image" -t "$UPSTREAM/$NAME:index" >log 2>&1
        crane digest "$UPSTREAM/$NAME:index" >index
        crane digest "$UPSTREAM/$NAME:image" >image
    )
    start_cache --proxy-fresh 0
    oras pull --plain-http --no-tty -o pulled "$PROXY/$NAME:words" >log
    assert_same_file pulled/words words
    assert_equal "$(crane digest "$PROXY/$NAME:index")" "$(<index)"
    assert_pulled "$PROXY/$NAME:index" "$(<image)"
    try list --store "$CACHE"
    refute_output_contains words
    stop_upstream
    oras pull --plain-http --no-tty -o again "$PROXY/$NAME:words" >log
    assert_same_file again/words words
    assert_equal "$(crane digest "$PROXY/$NAME:index")" "$(<index)"
    restart_registry
}

@test "serve --proxy: a prefix, tags, a tag that is gone, and images in the compat form" {
    publish v1 cncf
    publish v2 cncf
    start_serve --store "$CACHE" --proxy "$UPSTREAM/${NAME%/*}" --config "$LOGIN_FILE" --proxy-fresh 0
    PROXY=${SERVE_URL#http://}
    assert_pulled "$PROXY/filter:v2" "$DIGEST"
    try tags "$PROXY/filter"
    assert_output $'v1\nv2'
    # The cache has not asked for v1 before.
    try pull "$PROXY/filter:v1-compat" --store "$OTHER"
    assert_status 0
    assert_same_file "$(image_dir "$PROXY/filter:v1-compat" "$OTHER")/filter.wasm" filter.wasm
    "$WASME" rm --remote --force "$UPSTREAM/$NAME:v2" --config "$LOGIN_FILE" >/dev/null 2>&1
    try pull "$PROXY/filter:v2" --store "$OTHER"
    assert_status 1
    assert_stderr_contains "404"
    # Names outside of the prefix are not asked for.
    try_command curl -sS -o answer -w '%{http_code}' "$SERVE_URL/v2/${UPSTREAM/:/_}/else/filter/manifests/v1"
    assert_output 404
}

@test "serve --proxy: no login, no pushes, and no other options that write" {
    publish v1
    start_serve --store "$CACHE" --proxy "$UPSTREAM"
    PROXY=${SERVE_URL#http://}
    try_command curl -sS -o answer -w '%{http_code}' "$SERVE_URL/v2/$NAME/manifests/v1"
    assert_output 403
    assert_equal "$(jq -r '.errors[0].code' answer)" DENIED
    "$WASME" tag "$UPSTREAM/$NAME:v1" "$PROXY/$NAME:mine" 2>/dev/null
    try push "$PROXY/$NAME:mine"
    assert_status 1
    assert_stderr_contains "is a cache of $UPSTREAM: push there"
    for words in --writable "--name a.example" --no-registry; do
        # shellcheck disable=SC2086 # words
        try serve --proxy "$UPSTREAM" $words -p 0
        assert_status 2
        assert_stderr_contains "exclude each other"
    done
    try serve "$PWD" --proxy "$UPSTREAM" -p 0
    assert_status 2
    for name in https://harbor.example 'harbor.example/UPPER' 'user:secret@harbor.example'; do
        try serve --proxy "$name" -p 0
        assert_status 2
        refute_stderr_contains secret
    done
}

# start_failing STATUS: an upstream that answers each request so, once the file "go" is there. Sets FAILING.
start_failing() {
    cat >failing.py <<'END'
import http.server, os, sys, time

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        while not os.path.exists("go"):
            time.sleep(0.05)
        self.send_response(int(sys.argv[1]))
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_HEAD = do_GET

with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
    print(server.server_port, flush=True)
    server.serve_forever()
END
    in_background failing python3 failing.py "$1"
    FAILING_LOG=$BACKGROUND_LOG
    wait_until 10 test -s "$FAILING_LOG"
    FAILING=127.0.0.1:$(<"$FAILING_LOG")
}

# Each that asks for itself would wait for all before.
@test "serve --proxy: the failure of the upstream is that of all clients that wait" {
    local digest
    digest=sha256:$(sha256_of filter.wasm)
    start_failing 503
    start_serve --store "$CACHE" --proxy "$FAILING" --plain-http --proxy-fresh 0
    for i in {1..10}; do
        curl -sS -o /dev/null -w '%{http_code}' "$SERVE_URL/v2/a/manifests/v1" >"code$i" &
        pids[i]=$!
        curl -sS -o /dev/null -w '%{http_code}' "$SERVE_URL/v2/a/blobs/$digest" >"code$((i + 10))" &
        pids[i + 10]=$!
    done
    sleep 1
    touch go
    for pid in "${pids[@]}"; do wait "$pid"; done
    assert_equal "$(cat code{1..20} | sed 's/502/x/g')" "$(printf 'x%.0s' {1..20})"
    # Two each, by one who asked for all; not twenty.
    (($(grep -c '"GET /v2/a/manifests' "$FAILING_LOG.err") < 10))
    (($(grep -c '"HEAD /v2/a/blobs' "$FAILING_LOG.err") < 10))
}

@test "serve --proxy: strangers are not told where the server looks for its logins" {
    touch go
    start_failing 401
    start_serve --store "$CACHE" --proxy "$FAILING" --plain-http
    fetch "$SERVE_URL/v2/a/manifests/v1"
    assert_equal "$code" 403
    assert_equal "$(jq -r '.errors[0].message' body)" "$FAILING gives no access to a: the server's log says why"
    grep -q 'credentials' "$SERVE_LOG.err"
}
