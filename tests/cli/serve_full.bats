#!/usr/bin/env bats
# wasme serve --writable and --proxy on a disk that is full: an answer that says so, and no leftovers.

load helper
load serving

setup() {
    scratch
    skip_unless curl jq unshare python3
    unshare -rm true 2>/dev/null || skip "no namespace of our own can be made here"
    make_wasm filter.wasm 0_2_1 50000 random
    head -c 3000000 /dev/urandom >large
    mkdir disk
}

# start_on_disk SIZE ARGUMENT...: serve sees a small file system of its own at disk/. $DISK is the way
# there for others.
start_on_disk() {
    local size=$1
    shift
    cat >small-disk <<END
#!/bin/sh
exec unshare -rm sh -c 'mount -t tmpfs -o size=$size none "\$0" && exec "\$@"' '$PWD/disk' '$WASME' "\$@"
END
    chmod +x small-disk
    WASME=$PWD/small-disk start_serve -q --store "$PWD/disk/store" "$@"
    HOST=${SERVE_URL#http://} V2=$SERVE_URL/v2
    DISK=/proc/$SERVE_PID/root/$PWD/disk
}

# Files that are on their way to another place, or uploads.
leftovers() {
    find "$DISK/store.registry/uploads" -type f
    find "$DISK/store" -name '.*' ! -name .lock 2>/dev/null || true
}

fill_disk() { # writes zeros until nothing fits, but for the last BYTES
    cat /dev/zero >"$DISK/zeros" 2>/dev/null || true
    truncate -s "-${1:-0}" "$DISK/zeros"
}

assert_full() {
    assert_equal "$code" 507
    assert_equal "$(jq -r '.errors[0].message' body)" "the disk of the registry is full"
}

digest_of() { # FILE
    echo "sha256:$(sha256_of "$1")"
}

@test "serve on a full disk: an upload in one request is 507, and leaves nothing" {
    start_on_disk 2m --writable
    fetch -X POST --data-binary @large "$V2/base/filter/blobs/uploads/?digest=$(digest_of large)"
    assert_full
    grep -q 'level=warning msg="POST /v2/base/filter/blobs/uploads/.*no room' "$SERVE_LOG.err"
    assert_equal "$(leftovers)" ""
    assert_equal "$(find "$DISK/store.registry/blobs" -type f)" ""
    fetch -X POST --data-binary @filter.wasm "$V2/base/filter/blobs/uploads/?digest=$(digest_of filter.wasm)"
    assert_equal "$code" 201
}

@test "serve on a full disk: an upload in pieces ends with 507, and its bytes are free again" {
    start_on_disk 2m --writable
    local place
    fetch -X POST "$V2/base/filter/blobs/uploads/"
    place=$(header location)
    fetch -X PATCH -H 'Expect:' --data-binary @filter.wasm "$SERVE_URL$place"
    assert_equal "$code" 202
    fetch -X PATCH -H 'Expect:' --data-binary @large "$SERVE_URL$place"
    assert_full
    assert_equal "$(leftovers)" ""
    fetch "$SERVE_URL$place"
    assert_equal "$code" 404
    fetch -X POST --data-binary @filter.wasm "$V2/base/filter/blobs/uploads/?digest=$(digest_of filter.wasm)"
    assert_equal "$code" 201
}

@test "serve on a full disk: a push of a new image leaves the old one, and succeeds when there is room" {
    local old room failures=0
    start_on_disk 3m --writable
    "$WASME" build precompiled filter.wasm -t "$HOST/base/filter:v1" >/dev/null 2>&1
    old=$("$WASME" push "$HOST/base/filter:v1" 2>/dev/null)
    make_wasm filter.wasm 0_2_1 60000 random
    "$WASME" build precompiled filter.wasm -t "$HOST/base/filter:v1" >/dev/null 2>&1
    # Room for nothing, for a link, for the blobs, for blobs and manifest: each step fails once.
    for room in 0 4096 16384 65536 81920 98304 114688 131072; do
        fill_disk "$room"
        try push --retries 0 "$HOST/base/filter:v1"
        ((status)) || break
        failures=$((failures + 1))
        assert_stderr_contains "the disk of the registry is full"
        assert_equal "$(leftovers)" ""
        try pull -o got.wasm "$HOST/base/filter:v1"
        assert_status 0
        assert_stderr_contains "${old#*@}"
    done
    ((failures > 2))
    rm -f "$DISK/zeros"
    try push --retries 0 "$HOST/base/filter:v1"
    assert_status 0
    try pull -o got.wasm "$HOST/base/filter:v1"
    assert_same_file got.wasm filter.wasm
    assert_equal "$(find "$DISK/store" -name image_ref -exec cat {} +)" "localhost:${HOST#*:}/base/filter:v1"
}

@test "serve on a full disk: a manifest is 507" {
    start_on_disk 2m --writable
    echo '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}' >index
    fill_disk
    fetch -X PUT -H 'Content-Type: application/vnd.oci.image.index.v1+json' --data-binary @index \
        "$V2/base/filter/manifests/v1"
    assert_full
    fetch -X POST "$V2/base/filter/blobs/uploads/"
    [[ $code == 202 || $code == 507 ]]
    fetch "$V2/base/filter/manifests/v1"
    assert_equal "$code" 404
}

@test "serve --proxy on a full disk: a blob is 507, and what is here is served" {
    local upstream
    start_serve -q --writable --store "$PWD/upstream"
    upstream=${SERVE_URL#http://}
    "$WASME" build precompiled filter.wasm -t "$upstream/base/filter:v1" >/dev/null 2>&1
    "$WASME" push "$upstream/base/filter:v1" >/dev/null 2>&1
    fetch -X POST --data-binary @large "$SERVE_URL/v2/base/filter/blobs/uploads/?digest=$(digest_of large)"
    assert_equal "$code" 201
    start_on_disk 2m --proxy "$upstream" --plain-http --proxy-fresh 0
    try pull -o got.wasm "$HOST/base/filter:v1"
    assert_status 0
    fetch "$V2/base/filter/blobs/$(digest_of large)"
    assert_full
    assert_equal "$(leftovers)" ""
    fill_disk
    try pull -o got.wasm "$HOST/base/filter:v1"
    assert_status 0
    assert_same_file got.wasm filter.wasm
}

@test "serve under a limit of the size of files: 507, and the server goes on" {
    skip_unless prlimit
    cat >limited <<END
#!/bin/sh
exec prlimit --fsize=1000000 '$WASME' "\$@"
END
    chmod +x limited
    WASME=$PWD/limited start_serve -q --writable
    fetch -X POST --data-binary @large "$SERVE_URL/v2/a/blobs/uploads/?digest=$(digest_of large)"
    assert_full
    fetch "$SERVE_URL/v2/"
    assert_equal "$code" 200
}
