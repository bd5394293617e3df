#!/usr/bin/env bats
# wasme serve as a registry: pulls and pushes by wasme, skopeo, oras, crane and curl.

load helper

setup() {
    scratch
    skip_unless curl jq
    golden_config config.json
    make_wasm filter.wasm 0_2_1 50000 random
    OTHER=$PWD/other-store
}

FORMS="oci compat docker cncf"

build() { # REF [ARGUMENT...]: prints the manifest's digest
    local ref=$1
    shift
    "$WASME" build precompiled filter.wasm -t "$ref" -c config.json "$@" 2>/dev/null | sed 's/.*@//'
}

start() { # ARGUMENT...
    start_serve "$@"
    HOST=${SERVE_URL#http://}
    V2=$SERVE_URL/v2
}

start_writable() { # ARGUMENT...
    start --writable --name registry.example "$@"
}

# Sets $code, $output to the body, and $headers.
ask() {
    code=$(curl -s --path-as-is -o body -D headers.txt -w '%{http_code}' "$@")
    output=$(cat body)
    headers=$(tr -d '\r' <headers.txt)
    ran="curl $*"
}

header() {
    sed -nE "s/^$1: //Ip" <<<"$headers"
}

assert_code() {
    assert_equal "$code" "$1" "status of: $ran"
}

assert_refused() { # CODE ERROR
    assert_code "$1"
    assert_json '.errors[0].code' "$2"
    assert_json '.errors[0].message | length > 5' true
}

assert_pulled() { # REF DIGEST
    rm -rf "$OTHER"
    try pull --store "$OTHER" "$1"
    assert_status 0
    assert_output "$1@$2"
    assert_same_file "$(image_dir "$1" "$OTHER")/filter.wasm" filter.wasm
}

push_from_other() { # REF [ARGUMENT...]: prints the digest
    "$WASME" build precompiled filter.wasm --store "$OTHER" -t "$1" -c config.json "${@:2}" >/dev/null 2>&1
    "$WASME" push --store "$OTHER" "$1" 2>push.err | sed 's/.*@//'
}

digest_of() { # FILE
    echo "sha256:$(sha256_of "$1")"
}

upload() { # REPOSITORY FILE: prints the digest
    local digest
    digest=$(digest_of "$2")
    curl -sf -o /dev/null -X POST -H 'Content-Type: application/octet-stream' --data-binary "@$2" \
        "$V2/$1/blobs/uploads/?digest=$digest"
    echo "$digest"
}

# --- Pulls ---

@test "registry: images of the store, by path and by host and path, in the form that each has" {
    local digest form
    start
    for form in $FORMS; do
        digest=$(build "harbor.example:8443/base/filter:$form" --format "$form")
        assert_pulled "$HOST/base/filter:$form" "$digest"
        assert_pulled "$HOST/harbor.example_8443/base/filter:$form" "$digest"
    done
    ask "$V2/"
    assert_code 200
    assert_equal "$(header docker-distribution-api-version)" registry/2.0
    ask "$V2/base/filter/tags/list?n=2"
    assert_json '.tags | join(" ")' "cncf compat"
    assert_equal "$(header link)" '</v2/base/filter/tags/list?n=2&last=compat>; rel="next"'
    ask "$V2/base/filter/tags/list?n=2&last=compat"
    assert_json '.tags | join(" ")' "docker oci"
    assert_equal "$(header link)" ""
    ask "$V2/_catalog"
    assert_json '.repositories | join(" ")' base/filter
}

@test "registry: skopeo, crane and oras read an image" {
    local digest
    skip_unless skopeo crane oras
    digest=$(build harbor.example/base/filter:v1 --format compat)
    start
    assert_equal "$(skopeo inspect --tls-verify=false "docker://$HOST/base/filter:v1" | jq -r .Digest)" "$digest"
    assert_equal "$(crane digest --insecure "$HOST/base/filter:v1")" "$digest"
    assert_equal "$(oras resolve --plain-http "$HOST/base/filter:v1")" "$digest"
    crane export --insecure "$HOST/base/filter:v1" layer.tar
    tar -xf layer.tar plugin.wasm
    assert_same_file plugin.wasm filter.wasm
}

@test "registry: a path that images of two hosts have needs the host" {
    local digest
    digest=$(build a.example/base/filter:v1)
    build b.example/base/filter:v1 --format cncf
    start --name own.example
    ask "$V2/base/filter/manifests/v1"
    assert_refused 404 MANIFEST_UNKNOWN
    assert_output_contains "a.example/base/filter:v1 and b.example/base/filter:v1"
    ask "$V2/a.example/base/filter/manifests/v1"
    assert_code 200
    assert_equal "$(header docker-content-digest)" "$digest"
    ask "$V2/_catalog"
    assert_json '.repositories | join(" ")' "a.example/base/filter b.example/base/filter"
    digest=$(build own.example/base/filter:v1 --format compat)
    ask "$V2/base/filter/manifests/v1"
    assert_code 200
    assert_equal "$(header docker-content-digest)" "$digest"
}

@test "registry: a build and a removal show at once" {
    local digest
    start
    digest=$(build a.example/base/filter:v1)
    assert_pulled "$HOST/base/filter:v1" "$digest"
    digest=$(build a.example/base/filter:v1 --format cncf)
    assert_pulled "$HOST/base/filter:v1" "$digest"
    "$WASME" rm a.example/base/filter:v1 2>/dev/null
    ask -I "$V2/base/filter/manifests/v1"
    assert_code 404
    ask "$V2/base/filter/tags/list"
    assert_refused 404 NAME_UNKNOWN
}

@test "registry: TAG-compat is the image in the compat form, unless a tag has that name" {
    local digest
    build a.example/base/filter:v1 >/dev/null
    digest=$(build a.example/base/other:v1 --format compat)
    start
    assert_pulled "$HOST/base/filter:v1-compat" "$digest"
    stop_serve
    start # another server has made no image yet
    ask "$V2/base/filter/blobs/$(digest_of filter.wasm)"
    assert_code 200
    ask "$V2/base/filter/manifests/$digest"
    assert_code 200
    ask "$V2/base/filter/blobs/$(jq -r '.layers[0].digest' body)"
    assert_code 200
    assert_equal "$(digest_of body)" "$(jq -r '.layers[0].digest' <<<"$output")" || true
    digest=$(build a.example/base/filter:v1-compat --format cncf)
    assert_pulled "$HOST/base/filter:v1-compat" "$digest"
    ask "$V2/base/filter/manifests/v2-compat"
    assert_refused 404 MANIFEST_UNKNOWN
}

stop_serve() {
    kill "$SERVE_PID"
    wait "$SERVE_PID" || true
}

@test "registry: a damaged file is not served" {
    build a.example/base/filter:v1 >/dev/null
    start
    ask "$V2/base/filter/blobs/$(digest_of filter.wasm)"
    assert_code 200
    printf X | dd of="$(image_dir a.example/base/filter:v1)/filter.wasm" bs=1 seek=100 conv=notrunc 2>/dev/null
    ask "$V2/base/filter/blobs/$(digest_of filter.wasm)"
    assert_code 500
    grep -q "is damaged: its digest is" "$SERVE_LOG.err"
}

@test "registry: ranges of blobs, and HEAD as GET" {
    build a.example/base/filter:v1 >/dev/null
    start
    local blob
    blob=$V2/base/filter/blobs/$(digest_of filter.wasm)
    curl -sf -r 1000-1999 "$blob" | cmp - <(tail -c +1001 filter.wasm | head -c 1000)
    ask -I "$blob"
    assert_code 200
    assert_equal "$(header content-length)" 50000
    assert_equal "$(header docker-content-digest)" "$(digest_of filter.wasm)"
    ask -I "$V2/base/filter/manifests/v1"
    local length
    length=$(header content-length)
    ask "$V2/base/filter/manifests/v1"
    assert_equal "$(wc -c <body)" "$length"
}

@test "registry: what is no name, no tag and no digest" {
    start
    ask "$V2/base/../etc/manifests/v1"
    assert_code 400
    ask "$V2/base/%2e%2e/etc/manifests/v1"
    assert_code 400
    ask "$V2/Base/manifests/v1"
    assert_refused 400 NAME_INVALID
    ask "$V2/base/_tags/manifests/v1"
    assert_refused 400 NAME_INVALID
    ask "$V2/base/filter/manifests/.v1"
    assert_refused 404 MANIFEST_UNKNOWN
    ask "$V2/base/filter/manifests/sha256:12"
    assert_refused 400 DIGEST_INVALID
    ask "$V2/base/filter/blobs/..%2f..%2fsecret"
    assert_code 400
    ask "$V2/$(printf 'a%.0s' {1..256})/manifests/v1"
    assert_code 404
    ask "$V2/nothing/of/this"
    assert_refused 404 UNSUPPORTED
}

@test "registry: --no-registry, and a single image, are no registry" {
    build a.example/base/filter:v1 >/dev/null
    start --no-registry
    ask "$V2/"
    assert_code 404
    stop_serve
    start a.example/base/filter:v1
    ask "$V2/"
    assert_code 404
}

# --- Who may write ---

@test "registry: without --writable, a push is refused with the option that is missing" {
    start
    build "$HOST/base/filter:v1" --store "$OTHER" >/dev/null
    try push --store "$OTHER" "$HOST/base/filter:v1"
    assert_status 1
    assert_stderr_contains "405"
    ask -X POST "$V2/base/filter/blobs/uploads/"
    assert_refused 405 UNSUPPORTED
    assert_output_contains "wasme serve --writable"
}

@test "registry: strangers write only where --anonymous-push says so" {
    try serve -p 0 --writable
    assert_status 2
    assert_stderr_contains "--anonymous-push"
    try serve -p 0 --writable --bind 0.0.0.0
    assert_status 2
    try serve -p 0 --writable --no-registry
    assert_status 2
    start --writable --bind 0.0.0.0 --anonymous-push
    ask -X POST "$V2/base/filter/blobs/uploads/"
    assert_code 202
}

@test "registry: one server writes to a folder" {
    start_writable
    try serve --bind 127.0.0.1 -p 0 --writable
    assert_status 1
    assert_stderr_contains "another server writes to the registry folder $HOME/.wasme/registry, process "
    ask "$V2/"
    assert_code 200
}

# --- Pushes ---

@test "registry: a pushed filter of each form is an image of the store, and its tag goes with it" {
    local digest form
    start_writable
    for form in $FORMS; do
        digest=$(push_from_other "$HOST/base/filter:$form" --format "$form")
        assert_pulled "$HOST/base/filter:$form" "$digest"
        try inspect --json "registry.example/base/filter:$form"
        assert_status 0
        assert_same_file "$(image_dir "registry.example/base/filter:$form")/filter.wasm" filter.wasm
    done
    "$WASME" rm registry.example/base/filter:oci 2>/dev/null
    ask "$V2/base/filter/tags/list"
    assert_json '.tags | join(" ")' "cncf compat docker"
    ask -X DELETE "$V2/base/filter/manifests/cncf"
    assert_code 202
    try inspect registry.example/base/filter:cncf
    assert_status 1
    ask -X DELETE "$V2/base/filter/manifests/$digest" # of cncf, untagged now
    assert_code 202
    ask "$V2/base/filter/manifests/$digest"
    assert_code 404
}

@test "registry: the bytes of a pushed filter are stored once" {
    start_writable
    push_from_other "$HOST/base/filter:v1" >/dev/null
    local wasm blob
    wasm=$(image_dir registry.example/base/filter:v1)/filter.wasm
    blob=$HOME/.wasme/registry/blobs/sha256/$(sha256_of filter.wasm)
    [[ $wasm -ef $blob ]] || filefrag -v "$wasm" "$blob" | grep -c shared | grep -qx 2
}

@test "registry: what is no filter is kept whole: indexes, artifacts, signatures" {
    skip_unless oras crane
    start_writable
    local digest
    echo hello >hello.txt
    oras push --plain-http --no-tty "$HOST/base/docs:v1" --artifact-type text/x-docs hello.txt:text/plain
    digest=$(oras resolve --plain-http "$HOST/base/docs:v1")
    oras attach --plain-http --no-tty "$HOST/base/docs:v1" --artifact-type text/x-signature config.json
    oras discover --plain-http "$HOST/base/docs:v1" | grep -q text/x-signature
    oras pull --plain-http --no-tty -o pulled "$HOST/base/docs:v1"
    assert_same_file pulled/hello.txt hello.txt
    ask "$V2/base/docs/referrers/$digest?artifactType=text/x-signature"
    assert_json '.manifests | length' 1
    assert_equal "$(header oci-filters-applied)" artifactType
    ask "$V2/base/docs/referrers/$digest?artifactType=text/none"
    assert_json '.manifests | length' 0
    push_from_other "$HOST/base/filter:v1" --format compat >/dev/null
    crane index append --insecure --tag "$HOST/base/filter:all" --manifest "$HOST/base/filter:v1" 2>/dev/null
    assert_pulled "$HOST/base/filter:all" "$(crane digest --insecure --platform all "$HOST/base/filter:v1")"
    try list
    refute_output_contains docs
}

@test "registry: skopeo pushes, mounts and copies" {
    skip_unless skopeo
    start_writable
    local digest
    digest=$(push_from_other "$HOST/base/filter:v1" --format compat)
    try_command skopeo copy --quiet --preserve-digests --src-tls-verify=false --dest-tls-verify=false \
        "docker://$HOST/base/filter:v1" "docker://$HOST/copies/filter:v2" --insecure-policy
    assert_status 0
    assert_pulled "$HOST/copies/filter:v2" "$digest"
}

@test "registry: a tag moves from a filter to what is none, and back" {
    start_writable
    local filter other config
    filter=$(push_from_other "$HOST/base/filter:v1")
    echo '{}' >empty.json
    config=$(upload base/filter empty.json)
    jq -nc --arg digest "$config" '{schemaVersion: 2, mediaType: "application/vnd.oci.image.manifest.v1+json",
        config: {mediaType: "text/x-any", digest: $digest, size: 3}, layers: []}' >manifest.json
    ask -X PUT -H 'Content-Type: application/vnd.oci.image.manifest.v1+json' --data-binary @manifest.json \
        "$V2/base/filter/manifests/v1"
    assert_code 201
    other=$(header docker-content-digest)
    ask -I "$V2/base/filter/manifests/v1"
    assert_equal "$(header docker-content-digest)" "$other"
    try list
    refute_output_contains registry.example
    assert_equal "$(push_from_other "$HOST/base/filter:v1")" "$filter"
    assert_pulled "$HOST/base/filter:v1" "$filter"
    ask "$V2/base/filter/tags/list"
    assert_json '.tags | join(" ")' v1
}

@test "registry: manifests that are refused" {
    start_writable
    put() { # MANIFEST [KEY]
        ask -X PUT -H 'Content-Type: application/vnd.oci.image.manifest.v1+json' --data-binary "$1" \
            "$V2/base/filter/manifests/${2:-v1}"
    }
    put 'no json'
    assert_refused 400 MANIFEST_INVALID
    put '{"schemaVersion":1}'
    assert_refused 400 MANIFEST_INVALID
    put '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}'
    assert_refused 400 MANIFEST_INVALID
    local config
    config=sha256:$(printf '0%.0s' {1..64})
    put '{"schemaVersion":2,"config":{"mediaType":"text/plain","size":3,"digest":"'"$config"'"},"layers":[]}'
    assert_refused 400 MANIFEST_BLOB_UNKNOWN
    put '{"schemaVersion":2,"layers":[]}' "$config"
    assert_refused 400 DIGEST_INVALID
    put '{"schemaVersion":2,"layers":[]}' .x
    assert_refused 400 MANIFEST_INVALID
    echo -n '{"schemaVersion":2,"layers":[]}' >bare
    put @bare "$(digest_of bare)?tag=v%&tag=v2"
    assert_refused 400 MANIFEST_INVALID
    # A browser would run the scripts in it.
    ask -X PUT -H 'Content-Type: text/html' --data-binary '{"schemaVersion":2,"manifests":[]}' \
        "$V2/base/filter/manifests/v1"
    assert_refused 400 MANIFEST_INVALID
    head -c 4194305 /dev/zero >large
    put @large
    assert_code 413
    ask "$V2/base/filter/tags/list"
    assert_code 404
}

@test "registry: a manifest whose type was changed on the disk is no page" {
    start_writable
    local digest
    echo -n '{"schemaVersion":2,"layers":[]}' >bare
    digest=$(digest_of bare)
    ask -X PUT -H 'Content-Type: application/vnd.oci.image.manifest.v1+json' --data-binary @bare \
        "$V2/base/filter/manifests/v1"
    assert_code 201
    printf text/html >"$HOME/.wasme/registry/repositories/base/filter/_manifests/${digest/:/-}"
    ask "$V2/base/filter/manifests/v1"
    assert_code 200
    assert_equal "$(header content-type)" application/vnd.oci.image.manifest.v1+json
}

@test "registry: more referrers than fit into a page" {
    start_writable
    local n next subject type=application/vnd.oci.image.manifest.v1+json
    subject=sha256:$(printf '0%.0s' {1..64})
    head -c 900000 /dev/urandom | base64 -w 0 >note
    for n in {1..7}; do
        jq -cn --rawfile note note --arg n "$n" --arg subject "$subject" --arg type "$type" \
            '{schemaVersion: 2, mediaType: $type, artifactType: "text/x-note", layers: [],
              subject: {mediaType: $type, size: 3, digest: $subject}, annotations: {n: $n, note: $note}}' >artifact
        ask -X PUT -H "Content-Type: $type" --data-binary @artifact "$V2/base/docs/manifests/$(digest_of artifact)"
        assert_code 201
    done
    next="/v2/base/docs/referrers/$subject?artifactType=text/x-note"
    for n in 1 2 3 x; do
        [[ $next ]] || break
        ask "$SERVE_URL$next"
        assert_code 200
        jq -r '.manifests[].annotations.n' body >>found
        next=$(header link | sed -nE 's/^<(.*)>; rel="next"$/\1/p')
    done
    assert_equal "$n" x
    assert_equal "$(sort found | xargs)" "1 2 3 4 5 6 7"
}

@test "registry: uploads that are refused" {
    start_writable --max-upload 1MiB
    local place
    head -c 1048577 /dev/zero >large
    ask -X POST --data-binary @large "$V2/base/filter/blobs/uploads/?digest=$(digest_of large)"
    assert_code 413
    ask -X POST --data-binary @filter.wasm "$V2/base/filter/blobs/uploads/?digest=$(digest_of config.json)"
    assert_refused 400 DIGEST_INVALID
    ask -X POST "$V2/base/filter/blobs/uploads/"
    assert_code 202
    place=$(header location)
    ask -X PUT --data-binary @filter.wasm "$SERVE_URL$place"
    assert_refused 400 DIGEST_INVALID
    ask -X PATCH -H 'Content-Range: 5-9' --data-binary 12345 "$SERVE_URL$place"
    assert_refused 416 BLOB_UPLOAD_INVALID
    assert_equal "$(header range)" 0-0
    ask -X PATCH -H 'Content-Range: x' --data-binary 12345 "$SERVE_URL$place"
    assert_refused 400 BLOB_UPLOAD_INVALID
    ask -X PATCH --data-binary 12345 "$SERVE_URL${place/filter/other}"
    assert_refused 404 BLOB_UPLOAD_UNKNOWN
    ask -X DELETE "$SERVE_URL$place"
    assert_code 204
    ask "$SERVE_URL$place"
    assert_refused 404 BLOB_UPLOAD_UNKNOWN
    assert_equal "$(find "$HOME/.wasme/registry/uploads" -type f)" ""
}

@test "registry: an upload goes on after a kill of the server" {
    start_writable
    local place digest
    digest=$(digest_of filter.wasm)
    ask -X POST "$V2/base/filter/blobs/uploads/"
    place=$(header location)
    head -c 20000 filter.wasm >first
    tail -c +20001 filter.wasm >rest
    ask -X PATCH --data-binary @first "$SERVE_URL$place"
    assert_code 202
    assert_equal "$(header range)" 0-19999
    kill -9 "$SERVE_PID"
    wait "$SERVE_PID" || true
    start_writable
    ask "$SERVE_URL$place"
    assert_code 204
    assert_equal "$(header range)" 0-19999
    ask -X PUT -H 'Content-Range: 20000-49999' --data-binary @rest "$SERVE_URL$place?digest=$digest"
    assert_code 201
    curl -sf "$SERVE_URL$(header location)" | cmp - filter.wasm
}

@test "registry: pushes side by side" {
    start_writable
    local n pushes=()
    for n in {1..6}; do
        make_wasm "filter$n.wasm" 0_2_1 $((20000 * n)) random
        "$WASME" build precompiled "filter$n.wasm" --store "$OTHER" -t "$HOST/base/filter:v$n" >/dev/null 2>&1
    done
    for n in {1..6} {1..6}; do
        "$WASME" push --store "$OTHER" "$HOST/base/filter:v$n" >"push$n.out" 2>&1 &
        pushes+=($!)
    done
    wait "${pushes[@]}"
    for n in {1..6}; do
        try pull -o "got$n.wasm" "$HOST/base/filter:v$n"
        assert_status 0
        assert_same_file "got$n.wasm" "filter$n.wasm"
    done
}

# Each tag that is listed can be pulled, whenever the server was killed.
@test "registry: a server that is killed leaves whole images" {
    local i round pusher
    for round in {1..8}; do
        start_writable
        (
            for i in {1..40}; do
                make_wasm "new.wasm" 0_2_1 $((1000 * i + round)) random
                "$WASME" build precompiled new.wasm --store "$OTHER" -t "$HOST/base/filter:v$i" >/dev/null 2>&1
                "$WASME" push --store "$OTHER" "$HOST/base/filter:v$i" >/dev/null 2>&1 || exit 0
            done
        ) &
        pusher=$!
        sleep "0.$((RANDOM % 8 + 1))"
        kill -9 "$SERVE_PID"
        wait "$SERVE_PID" || true
        wait "$pusher" || true
    done
    start_writable
    ask "$V2/base/filter/tags/list"
    for i in $(jq -r '.tags[]?' body); do
        try pull -o got.wasm "$HOST/base/filter:$i"
        assert_status 0
    done
    assert_equal "$(find "$HOME/.wasme/registry/uploads" -name '.new-*')" ""
}

@test "registry: images that came in another way are not removed by clients" {
    build a.example/base/filter:v1 >/dev/null
    start_writable
    ask -X DELETE "$V2/base/filter/manifests/v1"
    assert_refused 403 DENIED
    ask -X DELETE "$V2/base/filter/blobs/$(digest_of filter.wasm)"
    assert_refused 403 DENIED
    try inspect a.example/base/filter:v1
    assert_status 0
}

# --- prune ---

age_all() { # what was pushed is two days old
    find "$HOME/.wasme/registry" -type f -exec touch -d '2 days ago' {} +
}

blobs() {
    find "$HOME/.wasme/registry/blobs" -type f | wc -l
}

@test "prune: what was deleted goes, the rest stays" {
    start_writable
    local digest blob
    push_from_other "$HOST/base/filter:v1" --format compat >/dev/null
    blob=$(upload base/filter config.json)
    assert_equal "$(blobs)" 4
    try prune
    assert_status 0
    assert_stderr_contains "blobs=0"
    ask -X DELETE "$V2/base/filter/blobs/$blob"
    assert_code 202
    try prune --dry-run
    assert_stderr_contains "would remove"
    assert_stderr_contains "blobs=1"
    assert_equal "$(blobs)" 4
    try prune
    assert_equal "$(blobs)" 3
    digest=$(push_from_other "$HOST/base/filter:v1" --format cncf)
    age_all
    try prune
    assert_equal "$(blobs)" 6
    try prune --untagged
    assert_stderr_contains "manifests=1"
    assert_equal "$(blobs)" 3
    assert_pulled "$HOST/base/filter:v1" "$digest"
}

@test "prune: blobs without a manifest and uploads, after a day" {
    start_writable
    upload base/filter filter.wasm >/dev/null
    ask -X POST "$V2/base/filter/blobs/uploads/"
    try prune --untagged
    assert_equal "$(blobs)" 1
    age_all
    try prune
    assert_stderr_contains "blobs=1 manifests=0 uploads=1"
    assert_equal "$(blobs)" 0
}

@test "prune: signatures and children of a tagged index stay" {
    skip_unless oras crane
    start_writable
    echo hello >hello.txt
    oras push --plain-http --no-tty "$HOST/base/docs:v1" hello.txt:text/plain
    oras attach --plain-http --no-tty "$HOST/base/docs:v1" --artifact-type text/x-signature config.json
    local before
    before=$(blobs)
    age_all
    try prune --untagged
    assert_stderr_contains "blobs=0 manifests=0"
    assert_equal "$(blobs)" "$before"
    ask -X DELETE "$V2/base/docs/manifests/v1"
    age_all
    try prune --untagged
    assert_equal "$(blobs)" 0
}

# The lock is the one that prune holds.
@test "registry: while pushes wait for prune, others read" {
    skip_unless flock
    start_writable
    local digest n pushes=()
    digest=$(push_from_other "$HOST/base/filter:v1")
    echo '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}' >index
    exec {lock}<"$HOME/.wasme/registry/.change"
    flock "$lock"
    for n in {1..12}; do
        curl -s -o /dev/null -w '%{http_code}' -X PUT -H 'Content-Type: application/vnd.oci.image.index.v1+json' \
            --data-binary @index "$V2/base/index/manifests/v$n" >"code$n" {lock}<&- &
        pushes+=($!)
    done
    pushes_wait() {
        curl -s "$SERVE_URL/metrics" | grep -q 'jobs{state="working"} 12'
    }
    wait_until 10 pushes_wait
    ask --max-time 20 "$V2/base/filter/manifests/$digest"
    assert_code 200
    ask "$V2/base/index/manifests/v1"
    assert_code 404
    exec {lock}<&-
    wait "${pushes[@]}"
    assert_equal "$(cat code*)" "$(printf '201%.0s' {1..12})"
}

# Blobs of a repository that prune does not see would go.
@test "prune: a link in the place of a repository is refused, and nothing goes" {
    start_writable
    local before
    push_from_other "$HOST/team/filter:v1" >/dev/null
    push_from_other "$HOST/base/filter:v1" >/dev/null
    before=$(blobs)
    age_all
    mv "$HOME/.wasme/registry/repositories/team" moved
    ln -s "$PWD/moved" "$HOME/.wasme/registry/repositories/team"
    touch "$HOME/.wasme/registry/repositories/file"
    mkfifo "$HOME/.wasme/registry/repositories/fifo"
    try prune --untagged
    assert_status 1
    assert_stderr_contains "repositories/team is a link"
    assert_equal "$(blobs)" "$before"
    ask "$V2/_catalog"
    assert_json '.repositories | join(",")' base/filter,team/filter
    rm "$HOME/.wasme/registry/repositories/team"
    mv moved "$HOME/.wasme/registry/repositories/team"
    try prune --untagged
    assert_status 0
    assert_equal "$(blobs)" "$before"
}

@test "prune: a registry that was never written to" {
    try prune
    assert_status 0
    assert_stderr_contains "blobs=0"
    refute_exists "$HOME/.wasme/registry"
}
