#!/usr/bin/env bats
# Push and pull through what stands before registries: TLS with HTTP/2, TLS with HTTP/1.1 alone, a
# proxy, and nothing at all. An upload that breaks on the way begins again.

load helper

# The fronts: the name in the test, and what nginx listens with; "plain" has no nginx, and "proxy" is
# a tunnel to the one with HTTP/2.
FRONTS=(http2 http1 proxy plain)

setup_file() {
    scratch
    skip_unless nginx openssl python3
    start_registry tls
    export FRONT_CA=$CA_FILE
    unset CA_FILE
    start_registry plain
    [[ ! ${SKIP_FILE:-} ]] || return 0
    start_front "ssl http2"
    export HTTP2=$NGINX HTTP2_LOG=$NGINX_LOG
    start_front ssl
    export HTTP1=$NGINX HTTP1_LOG=$NGINX_LOG
}

start_front() { # LISTEN
    local folder
    folder=$(dirname "$FRONT_CA")
    start_nginx <<END
log_format protocols '\$server_protocol \$request_method \$uri \$status \$request_length';
server {
    listen 127.0.0.1:@PORT@ $1;
    access_log @DIR@/access.log protocols;
    ssl_protocols TLSv1.2 TLSv1.3;
    ssl_certificate $folder/server.pem;
    ssl_certificate_key $folder/server.key;
    location / {
        proxy_pass @REGISTRY_URL@;
        proxy_set_header Connection '';
        proxy_set_header Host \$http_host;
        proxy_set_header X-Forwarded-Proto https;
    }
}
END
}

setup() {
    scratch
    OTHER=$PWD/other-store
    unset http_proxy https_proxy
}

# choose FRONT [ARGUMENT...]: sets HOST and options; the arguments are for a relay before the server.
choose() {
    local front=$1 target
    shift
    options=(--ca-file "$FRONT_CA")
    case $front in
    http2 | proxy) HOST=$HTTP2 FRONT_LOG=$HTTP2_LOG ;;
    http1) HOST=$HTTP1 FRONT_LOG=$HTTP1_LOG ;;
    plain) HOST=$REGISTRY options=(--plain-http) FRONT_LOG=$REGISTRY_LOG ;;
    esac
    if (($#)); then
        target=${HOST#*:}
        start_fake relay "$PWD/relay" --target "$target" "$@"
        HOST=127.0.0.1:${FAKE[0]}
    fi
    [[ $front != proxy ]] || begin_proxy
    REF=$HOST/$front/test$BATS_TEST_NUMBER:v1
}

begin_proxy() {
    start_fake proxy "$PWD/proxy" "registry.test:443=$HOST"
    export https_proxy=http://127.0.0.1:${FAKE[0]}
    HOST=registry.test
}

assert_pulls() { # the image of $REF comes back byte for byte
    rm -rf "$OTHER"
    try pull "${options[@]}" --store "$OTHER" "$REF"
    assert_status 0
    assert_same_file "$(image_dir "$REF")/filter.wasm" "$(image_dir "$REF" "$OTHER")/filter.wasm"
    unset https_proxy
}

@test "fronts: push, push again and pull, small and large" {
    local front size
    for front in "${FRONTS[@]}"; do
        for size in 200 5000000; do
            choose "$front"
            add_image "$REF" $size random
            try push "${options[@]}" "$REF"
            assert_status 0
            pushed=$output
            try push "${options[@]}" "$REF"
            assert_status 0
            assert_output "$pushed"
            assert_pulls
        done
    done
}

@test "fronts: the server without HTTP/2 gets HTTP/1.1, and the other one HTTP/2 for what is small" {
    for front in http1 http2; do
        choose $front
        add_image "$REF" 200 random
        try push "${options[@]}" "$REF"
        assert_status 0
    done
    settle_log "$HTTP1" "$HTTP1_LOG"
    settle_log "$HTTP2" "$HTTP2_LOG"
    run ! grep HTTP/2 "$HTTP1_LOG"
    grep -q "^HTTP/2.0 PUT /v2/http2/test$BATS_TEST_NUMBER/manifests/v1 201" "$HTTP2_LOG"
}

# An nginx gives an upload over HTTP/2 a window of 64 kB, which is one round trip for every 64 kB.
@test "fronts: a large body goes over HTTP/1.1 where the server has both, a small one over HTTP/2" {
    choose http2
    add_image "$REF" 5000000 random
    try push "${options[@]}" "$REF"
    assert_status 0
    settle_log "$HTTP2" "$HTTP2_LOG"
    awk -v repo="http2/test$BATS_TEST_NUMBER/" '$2 == "PUT" && $3 ~ repo {
        print $1, ($5 > 64000 ? "large" : "small"), $4 }' "$HTTP2_LOG" | sort -u >bodies
    printf '%s\n' "HTTP/1.1 large 201" "HTTP/2.0 small 201" | cmp - bodies
}

@test "fronts: an upload that breaks on the way begins again" {
    local front
    for front in "${FRONTS[@]}"; do
        choose "$front" --rtt 2 --cut 1000000
        add_image "$REF" 5000000 random
        try push -v "${options[@]}" "$REF"
        assert_status 0
        assert_stderr_matches 'again|retr'
        assert_pulls
    done
}

@test "fronts: an upload that breaks is no success when nothing may be repeated" {
    local front
    for front in "${FRONTS[@]}"; do
        choose "$front" --rtt 2 --cut 1000000
        add_image "$REF" 5000000 random
        try push --retries 0 "${options[@]}" "$REF"
        assert_status 1
        unset https_proxy
        try pull "${options[@]}" --store "$OTHER" "$REF" --retries 0
        assert_status 1
    done
}

@test "fronts: several large images at once" {
    local front i refs
    for front in "${FRONTS[@]}"; do
        choose "$front"
        refs=()
        for i in 1 2 3; do
            refs+=("$HOST/$front/several:v$i")
            add_image "${refs[-1]}" 2000000 random
        done
        try push "${options[@]}" "${refs[@]}"
        assert_status 0
        for REF in "${refs[@]}"; do
            [[ $front != proxy ]] || export https_proxy=http://127.0.0.1:${FAKE[0]}
            assert_pulls
        done
    done
}
