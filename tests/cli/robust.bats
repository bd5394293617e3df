#!/usr/bin/env bats
# Transfers over bad lines: a real nginx in front of a real registry cuts, delays and redirects
# them.

load helper

setup_file() {
    scratch
    skip_unless nginx pgrep
    start_registry plain
    [[ ! ${SKIP_FILE:-} ]] || return 0
    # Most tests here pull this image.
    export BIG=$BATS_FILE_TMPDIR/big.wasm BIG_SIZE=6000000
    make_wasm "$BIG" 0_2_1 "$BIG_SIZE" random
    BIG_SHA=$(sha256_of "$BIG")
    export BIG_SHA
    "$WASME" build precompiled "$BIG" -t "$REGISTRY/big/filter:v1" >/dev/null 2>&1
    "$WASME" push "$REGISTRY/big/filter:v1" >/dev/null 2>&1
}

setup() {
    scratch
    REPO=$REGISTRY/test$BATS_TEST_NUMBER/filter
    OTHER=$PWD/other-store
    PART=$OTHER/.part-$BIG_SHA
}

# A whole blob is sent slowly, the rest of a blob at once.
start_slow_nginx() { # BYTES-A-SECOND
    start_nginx <<END
map \$http_range \$speed { '' $1; default 0; }
server {
    listen 127.0.0.1:@PORT@;
    location / { proxy_pass @REGISTRY_URL@; }
    location ~ /blobs/ { proxy_pass @REGISTRY_URL@; limit_rate \$speed; }
}
END
    REF=$NGINX/big/filter:v1
}

# An nginx that only forwards.
start_plain_nginx() {
    start_nginx <<'END'
server { listen 127.0.0.1:@PORT@; location / { proxy_pass @REGISTRY_URL@; } }
END
    REF=$NGINX/big/filter:v1
}

pull_in_background() {
    in_background pull "$WASME" pull --store "$OTHER" "$REF" "$@"
    PULL_PID=$BACKGROUND_PID PULL_LOG=$BACKGROUND_LOG
}

has_bytes() { # FILE BYTES
    [[ $(stat -c %s "$1") -ge $2 ]]
}

wait_for_pull() { # sets PULL_STATUS
    PULL_STATUS=0
    wait "$PULL_PID" || PULL_STATUS=$?
}

assert_pulled() { # [REF]
    assert_same_file "$(image_dir "${1:-$REF}" "$OTHER")/filter.wasm" "$BIG"
    assert_equal "$(store_leftovers "$OTHER")" ""
}

# The bytes of the wasm that the last answer with the status carried.
bytes_of() { # STATUS
    sleep 0.1
    awk -v status="$1" -v sha="$BIG_SHA" '$4 ~ sha && $5 == status { bytes = $6 } END { print bytes }' \
        "$NGINX_LOG"
}

# --- Cut ---

@test "pull: a connection that is cut is gone on with by Range" {
    start_slow_nginx 1m
    pull_in_background
    wait_until 20 has_bytes "$PART" 1500000
    cut_nginx
    wait_for_pull
    cat "$PULL_LOG.err"
    assert_equal "$PULL_STATUS" 0
    assert_pulled
    grep -q "the connection to $NGINX broke.*trying again in" "$PULL_LOG.err"
    # Only the rest was sent, by the count of nginx and of the registry.
    rest=$(bytes_of 206)
    ((rest > 0 && rest < BIG_SIZE - 1400000))
    assert_equal "$(bytes_of 200)" ""
    grep -q "blobs/sha256:$BIG_SHA HTTP/1.1\" 206 $rest" "$REGISTRY_LOG"
}

@test "pull: a registry that dies halfway and comes again" {
    start_registry plain
    "$WASME" build precompiled "$BIG" -t "$REGISTRY/big/filter:v1" >/dev/null 2>&1
    "$WASME" push "$REGISTRY/big/filter:v1" >/dev/null 2>&1
    start_slow_nginx 1m
    pull_in_background --retries 8
    wait_until 20 has_bytes "$PART" 1500000
    kill -KILL "$REGISTRY_PID"
    cut_nginx
    wait_until 20 grep -q '502 Bad Gateway' "$PULL_LOG.err"
    restart_registry
    wait_for_pull
    cat "$PULL_LOG.err"
    assert_equal "$PULL_STATUS" 0
    assert_pulled
    (($(bytes_of 206) < BIG_SIZE - 1400000))
}

@test "pull: killed, it goes on in the next run" {
    start_slow_nginx 1m
    pull_in_background
    wait_until 20 has_bytes "$PART" 1500000
    kill -KILL "$PULL_PID"
    wait_for_pull
    assert_equal "$PULL_STATUS" 137
    try list --store "$OTHER"
    assert_line_count 1
    kept=$(stat -c %s "$PART")
    try pull --store "$OTHER" "$REF"
    assert_status 0
    assert_pulled
    assert_equal "$(bytes_of 206)" $((BIG_SIZE - kept))
    assert_equal "$(count_nginx "GET .*$BIG_SHA 200 $BIG_SIZE")" 0
}

@test "pull: interrupted, it leaves no image, ends with 130, and goes on in the next run" {
    start_slow_nginx 1m
    for signal in INT TERM; do
        rm -rf "$OTHER"
        # A shell's background programs ignore SIGINT; those of timeout do not.
        timeout --preserve-status --foreground -s $signal 1.2 "$WASME" pull --store "$OTHER" "$REF" \
            >out 2>err && status=0 || status=$?
        cat err
        assert_equal "$status" 130
        assert_equal "$(<out)" ""
        grep -q interrupted err
        assert_equal "$(store_leftovers "$OTHER")" "$PART"
        assert_equal "$("$WASME" list --store "$OTHER" | grep -c '')" 1
        kept=$(stat -c %s "$PART")
        ((kept > 262144 && kept < BIG_SIZE))
        try pull --store "$OTHER" "$REF"
        assert_status 0
        assert_pulled
        assert_equal "$(bytes_of 206)" $((BIG_SIZE - kept))
    done
}

@test "pull: what an earlier run left is not trusted" {
    start_plain_nginx
    mkdir -p "$OTHER"
    # A part with other bytes: wasme notices this at the end and fetches the whole blob.
    head -c 2000000 /dev/urandom >"$PART"
    try pull -v --store "$OTHER" "$REF"
    assert_status 0
    assert_stderr_contains "cannot go on where it was cut: fetching all of it"
    assert_pulled
    assert_equal "$(bytes_of 206)" $((BIG_SIZE - 2000000))
    assert_equal "$(bytes_of 200)" "$BIG_SIZE"
    # A part that is longer than the blob.
    rm -rf "$OTHER" && mkdir "$OTHER"
    cat "$BIG" "$BIG" >"$PART"
    : >"$NGINX_LOG"
    try pull --store "$OTHER" "$REF"
    assert_status 0
    assert_pulled
    # A complete and right part: nothing is fetched. Then a complete and wrong part.
    rm -rf "$OTHER" && mkdir "$OTHER"
    cp "$BIG" "$PART"
    : >"$NGINX_LOG"
    try pull --store "$OTHER" "$REF"
    assert_status 0
    assert_pulled
    assert_equal "$(count_nginx "GET .*$BIG_SHA")" 0
    rm -rf "$OTHER" && mkdir "$OTHER"
    head -c "$BIG_SIZE" /dev/urandom >"$PART"
    try pull --store "$OTHER" "$REF"
    assert_status 0
    assert_pulled
    assert_equal "$(bytes_of 200)" "$BIG_SIZE"
    # A part that is no regular file.
    rm -rf "$OTHER" && mkdir "$OTHER"
    mkfifo "$PART"
    try pull --store "$OTHER" "$REF"
    assert_status 0
    assert_same_file "$(image_dir "$REF" "$OTHER")/filter.wasm" "$BIG"
}

@test "pull: a part that nobody came back for goes with the next change of the store" {
    add_image "$REPO:v1"
    old=$STORE/.part-$(printf %064d 1) young=$STORE/.part-$(printf %064d 2)
    head -c 300000 /dev/zero | tee "$old" >"$young"
    touch -d '8 days ago' "$old"
    touch -d '6 days ago' "$young"
    try list
    assert_exists "$old"
    try tag "$REPO:v1" "$REPO:v2"
    assert_status 0
    refute_exists "$old"
    assert_exists "$young"
}

@test "pull: the same image twice at once" {
    start_slow_nginx 3m
    pull_in_background
    first=$PULL_PID
    wait_until 20 has_bytes "$PART" 1
    pull_in_background
    wait_for_pull
    assert_equal "$PULL_STATUS" 0
    wait "$first"
    assert_pulled
    # One process has the part; the other process could not wait for it, and began its own part.
    assert_equal "$(count_nginx "GET .*$BIG_SHA 200 $BIG_SIZE")" 2
}

# --- Delays ---

@test "pull: --stall-timeout is of what moves, not of what takes long" {
    start_slow_nginx 1500k
    try pull --store "$OTHER" --stall-timeout 1 --retries 0 "$REF" # four seconds
    assert_status 0
    assert_pulled
    stop_background "$NGINX_PID"
    rm -rf "$OTHER"
    start_slow_nginx 50 # next to nothing, and that each second
    SECONDS=0
    try pull --store "$OTHER" --stall-timeout 2 --retries 0 "$REF"
    assert_status 1
    assert_stderr_matches "GET blob sha256:[0-9a-f]*: nothing came or went for 2 seconds"
    ((SECONDS <= 8))
}

@test "pull and push: a registry that hangs" {
    start_registry plain
    add_image "$REGISTRY/a/b:v1" 300000 random
    kill -STOP "$REGISTRY_PID"
    SECONDS=0
    for command in "pull --store $OTHER" push; do
        # shellcheck disable=SC2086 # words
        try $command --stall-timeout 1 --retries 1 "$REGISTRY/a/b:v1"
        assert_status 1
        assert_stderr_contains "nothing came or went for 1 second"
        assert_stderr_contains "trying again"
    done
    try pull --store "$OTHER" --timeout 1 "$REGISTRY/a/b:v1"
    kill -CONT "$REGISTRY_PID"
    assert_status 1
    assert_stderr_contains "wasme: pull $REGISTRY/a/b:v1: not done after 1 second (--timeout)"
    ((SECONDS <= 12))
    assert_equal "$(store_leftovers "$OTHER")" ""
}

@test "pull and push: the error of --timeout names the images" {
    start_registry plain
    add_image "$REGISTRY/a/b:v1" 3000 random
    kill -STOP "$REGISTRY_PID"
    try pull --store "$OTHER" --timeout 2 "$REGISTRY/a/b:v1" "$REGISTRY/a/b:v2" "$REGISTRY/a/b:v3"
    assert_status 1
    assert_stderr_contains "wasme: pull $REGISTRY/a/b:v1 and 2 more: not done after 2 seconds (--timeout)"
    try push --timeout 1 "$REGISTRY/a/b:v1"
    kill -CONT "$REGISTRY_PID"
    assert_status 1
    assert_stderr_contains "wasme: push $REGISTRY/a/b:v1: not done after 1 second (--timeout)"
}

@test "pull: --timeout is of all" {
    start_slow_nginx 500k
    SECONDS=0
    try pull --store "$OTHER" --timeout 1 "$REF"
    assert_status 1
    assert_stderr_contains "$REF"
    assert_stderr_contains "not done after 1 second (--timeout)"
    ((SECONDS <= 4))
    assert_equal "$(store_leftovers "$OTHER")" "$PART"
}

# --- Redirects ---

@test "pull: blobs that are on another host get no credentials" {
    start_registry basic
    AUTHORITY=$(printf %s "$REGISTRY_USER:$REGISTRY_PASSWORD" | base64 -w0)
    start_nginx <<END
server {
    listen 127.0.0.1:@PORT@;
    location / { proxy_pass @REGISTRY_URL@; }
    location ~ /blobs/sha256: { return 307 http://127.0.0.2:@PORT@\$request_uri; }
}
server { # it knows the caller by the address, as a storage does by a signed one
    listen 127.0.0.2:@PORT@;
    location / {
        proxy_pass @REGISTRY_URL@;
        proxy_set_header Authorization 'Basic $AUTHORITY';
    }
}
END
    REF=$NGINX/a/b:v1
    "$WASME" build precompiled "$BIG" -t "$REGISTRY/a/b:v1" >/dev/null 2>&1
    try push "$REGISTRY/a/b:v1" -u "$REGISTRY_USER" --password-stdin <<<"$REGISTRY_PASSWORD"
    assert_status 0
    try pull --store "$OTHER" "$REF" -u "$REGISTRY_USER" --password-stdin <<<"$REGISTRY_PASSWORD"
    assert_status 0
    assert_pulled
    assert_equal "$(count_nginx '^127.0.0.2 .* 200 .*auth=-$')" 2
    assert_equal "$(count_nginx '^127.0.0.2 .*auth=.*Basic')" 0
    (($(count_nginx '^127.0.0.1 .*auth=Basic') > 0))
}

@test "push: an upload address on another host gets no credentials" {
    start_registry basic
    AUTHORITY=$(printf %s "$REGISTRY_USER:$REGISTRY_PASSWORD" | base64 -w0)
    start_nginx <<END
server {
    listen 127.0.0.1:@PORT@;
    location / {
        proxy_pass @REGISTRY_URL@;
        proxy_redirect http://127.0.0.1:@PORT@/ http://127.0.0.2:@PORT@/;
    }
}
server {
    listen 127.0.0.2:@PORT@;
    location / {
        proxy_pass @REGISTRY_URL@;
        proxy_set_header Authorization 'Basic $AUTHORITY';
    }
}
END
    add_image "$NGINX/a/b:v1" 3000 random
    try push "$NGINX/a/b:v1" -u "$REGISTRY_USER" --password-stdin <<<"$REGISTRY_PASSWORD"
    assert_status 0
    assert_equal "$(count_nginx '^127.0.0.2 .* PUT .* 201 .*auth=-$')" 2
    assert_equal "$(count_nginx '^127.0.0.2 .*auth=.*Basic')" 0
}

# --- Temporary statuses ---

@test "pull and push: 429 with Retry-After, until nginx lets it pass" {
    start_nginx <<'END'
limit_req_zone $binary_remote_addr zone=calm:1m rate=10r/s;
server {
    listen 127.0.0.1:@PORT@;
    limit_req zone=calm;
    limit_req_status 429;
    error_page 429 @calm;
    location @calm { add_header Retry-After 1 always; return 429 'calm down'; }
    location / { proxy_pass @REGISTRY_URL@; }
}
END
    REF=$NGINX/big/filter:v1
    try pull -j 1 --store "$OTHER" "$REF"
    assert_status 0
    assert_pulled
    assert_stderr_matches "429 Too Many Requests: calm down: trying again in 1\.[0-3] s \(1 of 4\)"
    (($(count_nginx ' 429 ') >= 1))
    add_image "$NGINX/a/calm:v1" 3000 random
    try push -j 1 --retries 8 "$NGINX/a/calm:v1"
    assert_status 0
    assert_stderr_contains "trying again in 1."
}

@test "pull and push: 503 of a maintenance, and its end" {
    start_nginx <<'END'
server {
    listen 127.0.0.1:@PORT@;
    location / {
        if (-f @DIR@/maintenance) { return 503 'back soon'; }
        proxy_pass @REGISTRY_URL@;
    }
}
END
    add_image "$NGINX/a/soon:v1" 3000 random
    for command in push "pull --store $OTHER"; do
        touch "${NGINX_LOG%/*}/maintenance"
        # shellcheck disable=SC2086 # words
        in_background maintained "$WASME" $command "$NGINX/a/soon:v1"
        wait_until 10 grep -q '503 Service Temporarily Unavailable: back soon: trying again in' \
            "$BACKGROUND_LOG.err"
        rm "${NGINX_LOG%/*}/maintenance"
        wait "$BACKGROUND_PID" || { cat "$BACKGROUND_LOG.err" && false; }
    done
    assert_same_file "$(image_dir "$NGINX/a/soon:v1" "$OTHER")/filter.wasm" \
        "$(image_dir "$NGINX/a/soon:v1")/filter.wasm"
}

# --- Uploads that die ---

@test "push: an upload that the registry forgets is begun again" {
    start_registry plain
    start_plain_nginx
    "$WASME" build precompiled "$BIG" -t "$NGINX/a/b:v1" >/dev/null 2>&1
    in_background forget forget_uploads
    try push "$NGINX/a/b:v1"
    assert_status 0
    assert_stderr_matches "PUT blob sha256:[0-9a-f]*: .*trying again in"
    (($(count_nginx 'POST .* 202 ') >= 3))
    try pull --store "$OTHER" "$NGINX/a/b:v1"
    assert_status 0
    assert_pulled "$NGINX/a/b:v1"
}

# The first uploads are lost, as after a purge of the registry, or at another replica.
forget_uploads() {
    local uploads=$REGISTRY_DATA/docker/registry/v2/repositories/a/b/_uploads
    until compgen -G "$uploads/*/startedat"; do :; done
    kill -STOP "$REGISTRY_PID"
    until rm -rf "${uploads:?}"/*; do :; done # one of its threads may not have stopped yet
    kill -CONT "$REGISTRY_PID"
}

@test "push: a registry that dies in an upload and comes again" {
    start_registry plain
    start_plain_nginx
    make_wasm huge.wasm 0_2_1 120000000
    "$WASME" build precompiled huge.wasm -t "$NGINX/a/b:v1" >/dev/null 2>&1
    in_background push "$WASME" push --retries 8 "$NGINX/a/b:v1"
    push=$BACKGROUND_PID log=$BACKGROUND_LOG
    wait_until 20 has_upload
    kill -KILL "$REGISTRY_PID"
    wait_until 20 grep -q 'trying again' "$log.err"
    restart_registry
    wait "$push" || { cat "$log.err" && false; }
    cat "$log.err"
    try pull --store "$OTHER" "$NGINX/a/b:v1"
    assert_status 0
    assert_same_file "$(image_dir "$NGINX/a/b:v1" "$OTHER")/filter.wasm" huge.wasm
}

has_upload() { # of more than the config
    [[ $(find "$REGISTRY_DATA" -path '*/_uploads/*/data' -size +1M) ]]
}

@test "push: interrupted, it ends with 130, and the next one does all" {
    start_registry plain
    start_plain_nginx
    "$WASME" build precompiled "$BIG" -t "$NGINX/a/b:v1" >/dev/null 2>&1
    kill -STOP "$REGISTRY_PID"
    timeout --preserve-status --foreground -s INT 0.5 "$WASME" push "$NGINX/a/b:v1" >out 2>err &&
        status=0 || status=$?
    kill -CONT "$REGISTRY_PID"
    assert_equal "$status" 130
    assert_equal "$(<out)" ""
    try push "$NGINX/a/b:v1"
    assert_status 0
}

# --- Connections ---

connections() {
    sleep 0.1
    awk '{ print $2 }' "$NGINX_LOG" | sort -u | wc -l
}

@test "pull and push: forty images over as many connections as -j says" {
    start_plain_nginx
    refs=()
    for n in {1..40}; do
        add_image "$NGINX/many/filter:v$n" 2000 "image $n"
        refs+=("$NGINX/many/filter:v$n")
    done
    try push -j 4 "${refs[@]}"
    assert_status 0
    assert_line_count 40
    shared=$(connections)
    echo "push: $shared connections"
    ((shared >= 1 && shared <= 4))
    for jobs in 1 8; do
        : >"$NGINX_LOG"
        rm -rf "$OTHER"
        try pull -j $jobs --store "$OTHER" "${refs[@]}"
        assert_status 0
        assert_line_count 40
        shared=$(connections)
        echo "pull -j $jobs: $shared connections, $(grep -c '' "$NGINX_LOG") requests"
        ((shared >= 1 && shared <= jobs))
    done
}

@test "pull and push: through proxies that pack and unpack what passes" {
    # The first nginx asks the second for gzip, and the second then compresses everything. The first
    # nginx unpacks the answer for clients that do not accept gzip.
    start_nginx <<'END'
server {
    listen 127.0.0.1:@PORT@;
    gunzip on;
    location / {
        proxy_pass http://127.0.0.2:@PORT@;
        proxy_set_header Accept-Encoding gzip;
    }
}
server {
    listen 127.0.0.2:@PORT@;
    gzip on;
    gzip_types *;
    gzip_proxied any;
    gzip_min_length 1;
    location / { proxy_pass @REGISTRY_URL@; }
}
END
    make_wasm filter.wasm 0_2_1 50000
    for format in oci compat docker cncf; do
        ref=$NGINX/packed/filter:$format
        "$WASME" build precompiled filter.wasm -t "$ref" --format "$format" >built 2>/dev/null
        try push "$ref"
        assert_status 0
        assert_output "$(<built)"
        try pull --store "$OTHER" "$ref"
        assert_status 0
        assert_output "$(<built)"
        assert_same_file "$(image_dir "$ref" "$OTHER")/filter.wasm" filter.wasm
    done
    # The first nginx also compresses answers for clients that do not accept gzip.
    curl -s -D head -o manifest -H 'Accept-Encoding: gzip' "http://127.0.0.2:${NGINX#*:}/v2/"
    grep -qi 'content-encoding: gzip' head
}

# --- IPv6 ---

@test "push and pull: IPv6, plain and TLS" {
    grep -qs '^0*1 ' /proc/net/if_inet6 || skip "no ::1 here"
    for kind in plain tls; do
        REGISTRY_ADDRESS='[::1]:0' start_registry "$kind"
        assert_equal "${REGISTRY%:*}" '[::1]'
        options=()
        [[ $kind != tls ]] || options=(--ca-file "$CA_FILE")
        add_image "$REGISTRY/a/b:v1" 3000 random
        try push "${options[@]}" "$REGISTRY/a/b:v1"
        assert_status 0
        pushed=$output
        rm -rf "$OTHER"
        try pull "${options[@]}" --store "$OTHER" "$REGISTRY/a/b:v1"
        assert_status 0
        assert_output "$pushed"
        assert_output_contains "$REGISTRY/a/b:v1@sha256:"
        try pull "${options[@]}" --store "$OTHER" "${pushed/:v1/}"
        assert_status 0
    done
}
