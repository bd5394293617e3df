#!/usr/bin/env bats
# copy, save and load: the same image elsewhere, with the same digest. Real registries, real tools.

load helper

setup_file() {
    scratch
    start_registry plain
    export FIRST=$REGISTRY FIRST_LOG=$REGISTRY_LOG
    start_registry basic
    export SECOND=$REGISTRY SECOND_LOG=$REGISTRY_LOG
}

setup() {
    scratch
    skip_unless curl jq
    REPO=$FIRST/test$BATS_TEST_NUMBER/filter
    TARGET=$SECOND/test$BATS_TEST_NUMBER/filter
    OTHER=$PWD/other-store
    mkdir -p "$HOME/.wasme"
    printf '{"auths":{"%s":{"auth":"%s"}}}' "$SECOND" \
        "$(printf %s "$REGISTRY_USER:$REGISTRY_PASSWORD" | base64 -w0)" >"$HOME/.wasme/credentials.json"
}

push_image() { # REF [OPTION...]; prints its digest
    local ref=$1
    shift
    make_wasm filter.wasm 0_2_1 4000 random
    "$WASME" build precompiled filter.wasm -t "$ref" "$@" >/dev/null 2>&1
    "$WASME" push "$ref" 2>/dev/null | sed 's/.*@//'
}

# Makes a tagged index of the images with these digests in the repository.
push_index() { # REPO TAG DIGEST...
    local url=http://${1%%/*}/v2/${1#*/} tag=$2 digest children=()
    shift 2
    for digest; do
        curl -sf -H "Accept: application/vnd.oci.image.manifest.v1+json" "$url/manifests/$digest" >child
        children+=("$(jq -nc --arg d "$digest" --argjson s "$(stat -c %s child)" \
            --arg a "arch${#children[@]}" '{mediaType: "application/vnd.oci.image.manifest.v1+json",
            digest: $d, size: $s, platform: {os: "linux", architecture: $a}}')")
    done
    printf '%s\n' "${children[@]}" | jq -s '{schemaVersion: 2,
        mediaType: "application/vnd.oci.image.index.v1+json", manifests: .}' >index
    curl -sf -X PUT -H 'Content-Type: application/vnd.oci.image.index.v1+json' \
        --data-binary @index "$url/manifests/$tag" -o /dev/null
}

@test "copy: registry to registry, every form, the same digest" {
    for format in oci compat docker cncf; do
        digest=$(push_image "$REPO:$format" --format "$format")
        rm -rf "$STORE"
        try copy "$REPO:$format" "$TARGET:$format"
        assert_status 0
        assert_output "$TARGET:$format@$digest"
        refute_exists "$STORE"
        try pull "$TARGET:$format"
        assert_output "$TARGET:$format@$digest"
        assert_same_file filter.wasm "$(image_dir "$TARGET:$format")/filter.wasm"
    done
}

@test "copy: within a registry, blobs are mounted, not sent" {
    digest=$(push_image "$REPO:v1")
    REGISTRY_LOG=$FIRST_LOG REGISTRY_URL=http://$FIRST
    registry_mark
    try copy "$REPO:v1" "$FIRST/elsewhere/filter:v2"
    assert_status 0
    assert_output "$FIRST/elsewhere/filter:v2@$digest"
    assert_equal "$(count_requests 'PUT .*blobs')" 0
    assert_equal "$(count_requests 'GET .*blobs')" 0
    assert_equal "$(count_requests 'POST .*mount=')" 2
    rm -rf "$STORE"
    "$WASME" pull "$FIRST/elsewhere/filter:v2" 2>/dev/null
}

@test "copy: an index goes with all its images" {
    first=$(push_image "$REPO:one")
    second=$(push_image "$REPO:two" --format compat)
    push_index "$REPO" both "$first" "$second"
    try copy "$REPO:both" "$TARGET:both"
    assert_status 0
    assert_output "$TARGET:both@sha256:$(sha256_of index)"
    for digest in "$first" "$second"; do
        try pull "$TARGET@$digest" --store "$OTHER"
        assert_status 0
    done
}

@test "copy: a large image streams, in little memory and no file that stays" {
    skip_unless time
    make_wasm filter.wasm 0_2_1 100000000 random
    "$WASME" build precompiled filter.wasm -t "$REPO:big" >/dev/null 2>&1
    "$WASME" push "$REPO:big" >/dev/null 2>&1
    mkdir tmp
    TMPDIR=$PWD/tmp env time -f %M -o memory "$WASME" copy "$REPO:big" "$TARGET:big" 2>log
    is_sanitized || (($(<memory) < 25000))
    assert_equal "$(ls tmp)" ""
    try copy "$REPO:big" "$TARGET:big"
    assert_status 0
    "$WASME" pull "$TARGET:big" --store "$OTHER" 2>/dev/null
    assert_same_file filter.wasm "$(image_dir "$TARGET:big" "$OTHER")/filter.wasm"
}

@test "copy: into the store, out of it, within it and to another" {
    digest=$(push_image "$REPO:v1" --format compat)
    rm -rf "$STORE"
    try copy "$REPO:v1" store:local/filter:v1
    assert_output "docker.io/local/filter:v1@$digest"
    try copy store:local/filter:v1 store:local/filter:v2
    assert_output "docker.io/local/filter:v2@$digest"
    try copy store:local/filter:v2 "$TARGET:v2"
    assert_output "$TARGET:v2@$digest"
    try copy store:local/filter:v2 store:other/filter:v3 --to-store "$OTHER"
    assert_output "docker.io/other/filter:v3@$digest"
    try push docker.io/other/filter:v3 --store "$OTHER" --retries 0 --help
    "$WASME" tag docker.io/other/filter:v3 "$TARGET:v3" --store "$OTHER" 2>/dev/null
    try push "$TARGET:v3" --store "$OTHER"
    assert_output "$TARGET:v3@$digest"
    assert_equal "$(store_leftovers)$(store_leftovers "$OTHER")" ""
    try copy "$REPO:v1" "$TARGET:v4" --to-store "$OTHER"
    assert_status 2
}

@test "copy: what is missing or forbidden is said, and nothing is half there" {
    try copy "$REPO:none" "$TARGET:v1"
    assert_status 1
    assert_stderr_contains "copy $REPO:none to $TARGET:v1: GET manifest none: 404"
    digest=$(push_image "$REPO:v1")
    try copy "$REPO:v1" "$TARGET@sha256:$(printf x | sha256sum | cut -d' ' -f1)"
    assert_status 1
    assert_stderr_contains "$digest"
    rm "$HOME/.wasme/credentials.json"
    try copy "$REPO:v1" "$TARGET:v1"
    assert_status 1
    assert_stderr_contains "no credentials for $SECOND"
    try copy "$REPO:v1" "$TARGET:v1" -u "$REGISTRY_USER" -p "$REGISTRY_PASSWORD"
    assert_status 2
    assert_stderr_contains "--username is for one registry"
}

@test "save and load: every form, several images, the same digests" {
    refs=()
    for format in oci compat docker cncf; do
        make_wasm filter.wasm 0_2_1 4000 random
        "$WASME" build precompiled filter.wasm -t "$REPO:$format" --format "$format" >>built 2>/dev/null
        refs+=("$REPO:$format")
    done
    try save "${refs[@]}" -o images.tar
    assert_status 0
    assert_output "$(<built)"
    tar tf images.tar >names
    assert_equal "$(grep -c '^blobs/sha256/' names)" "$(sort -u names | grep -c '^blobs/')"
    while read -r name; do
        assert_equal "$(tar xOf images.tar "$name" | sha256sum | cut -d' ' -f1)" "${name##*/}"
    done < <(grep '^blobs/' names)
    cp images.tar first.tar
    "$WASME" save "${refs[@]}" -o - 2>/dev/null >images.tar
    assert_same_file images.tar first.tar
    try load images.tar --store "$OTHER"
    assert_status 0
    assert_output "$(<built)"
    gzip images.tar
    "$WASME" load - --store "$OTHER-2" <images.tar.gz >loaded 2>/dev/null
    assert_same_file loaded built
    for format in oci compat docker cncf; do
        assert_same_file "$(image_dir "$REPO:$format")/filter.wasm" "$(image_dir "$REPO:$format" "$OTHER")/filter.wasm"
        try push "$REPO:$format" --store "$OTHER"
        assert_output "$(grep ":$format@" built)"
    done
    assert_equal "$(store_leftovers "$OTHER")" ""
}

@test "save: skopeo reads it; load: skopeo wrote it" {
    skip_unless skopeo
    push_image "$REPO:v1" --format compat >digest
    "$WASME" save "$REPO:v1" -o image.tar >/dev/null 2>&1
    assert_equal "$(skopeo inspect --format '{{.Digest}}' oci-archive:image.tar:v1)" "$(<digest)"
    skopeo copy -q --dest-tls-verify=false oci-archive:image.tar:v1 "docker://$REPO:by-skopeo"
    try pull "$REPO:by-skopeo" --store "$OTHER"
    assert_output "$REPO:by-skopeo@$(<digest)"
    skopeo copy -q --src-tls-verify=false "docker://$REPO:v1" "oci-archive:theirs.tar:$REPO:v1"
    try load theirs.tar --store "$OTHER-2"
    assert_status 0
    assert_output "$REPO:v1@$(<digest)"
    skopeo copy -q --src-tls-verify=false "docker://$REPO:v1" oci-archive:tag.tar:v9
    try load tag.tar --store "$OTHER-3"
    assert_status 1
    assert_stderr_contains 'only the tag "v9": name it with --tag REF'
    try load tag.tar --store "$OTHER-3" -t "$REPO:v9"
    assert_output "$REPO:v9@$(<digest)"
}

@test "load: what is no archive, cut short or damaged" {
    push_image "$REPO:v1" >/dev/null
    "$WASME" save "$REPO:v1" -o image.tar >/dev/null 2>&1
    echo hello >text
    try load text --store "$OTHER"
    assert_status 1
    assert_stderr_contains text
    tar cf empty.tar text
    try load empty.tar --store "$OTHER"
    assert_status 1
    assert_stderr_contains "no OCI layout archive"
    head -c 4000 image.tar >short.tar
    try load short.tar --store "$OTHER"
    assert_status 1
    mkdir x && tar -C x -xf image.tar
    layer=$(jq -r '.layers[-1].digest' "x/blobs/sha256/$(jq -r '.manifests[0].digest' x/index.json | cut -d: -f2)")
    printf XXXXXXXX | dd of="x/blobs/sha256/${layer#*:}" bs=1 seek=50 conv=notrunc status=none
    tar -C x -cf bad.tar .
    try load bad.tar --store "$OTHER"
    assert_status 1
    assert_stderr_contains "$layer hashes to"
    rm "x/blobs/sha256/${layer#*:}"
    tar -C x -cf less.tar .
    try load less.tar --store "$OTHER"
    assert_status 1
    assert_stderr_contains "has no blob $layer"
    try list --store "$OTHER"
    assert_line_count 1
    assert_equal "$(store_leftovers "$OTHER")" ""
}

# Makes an archive of the files in x; the file x/manifest is its only manifest.
pack_archive() { # FILE [NAME]
    local digest
    digest=$(sha256_of x/manifest)
    cp x/manifest "x/blobs/sha256/$digest"
    jq -nc --arg d "sha256:$digest" --argjson s "$(stat -c %s x/manifest)" --arg n "${2:-$REPO:v1}" \
        '{schemaVersion: 2, manifests: [{mediaType: "application/vnd.oci.image.manifest.v1+json",
        digest: $d, size: $s, annotations: {"io.containerd.image.name": $n}}]}' >x/index.json
    tar -C x -cf "$1" oci-layout index.json blobs
}

@test "load: a blob of another size, an index that is an image too, a name of another digest" {
    push_image "$REPO:v1" >/dev/null
    "$WASME" save "$REPO:v1" -o image.tar >/dev/null 2>&1
    mkdir x && tar -C x -xf image.tar
    digest=$(jq -r '.manifests[0].digest' x/index.json)
    cp "x/blobs/sha256/${digest#*:}" manifest
    jq -c '.config.size = 3000000 | .layers[0].size = 3000000' manifest >x/manifest
    pack_archive lying.tar
    try load lying.tar --store "$OTHER"
    assert_status 1
    assert_stderr_contains "bytes, not 3000000"
    jq -c --arg d "$digest" '. + {manifests: [{mediaType: "application/vnd.oci.image.manifest.v1+json",
        digest: $d, size: 10}]}' manifest >x/manifest
    pack_archive both.tar
    try load both.tar --store "$OTHER"
    assert_status 1
    assert_stderr_contains "an index and an image at once"
    cp manifest x/manifest
    pack_archive other.tar "$REPO:v1@sha256:$(printf x | sha256sum | cut -d' ' -f1)"
    try load other.tar --store "$OTHER"
    assert_status 1
    assert_stderr_contains "$digest"
    try list --store "$OTHER"
    assert_line_count 1
    pack_archive pinned.tar "$REPO@$digest"
    try load pinned.tar --store "$OTHER"
    assert_status 0
    assert_output "$REPO@$digest"
    try save "$REPO@$digest" --store "$OTHER" -o again.tar
    assert_output "$REPO@$digest"
    try load image.tar --store "$OTHER" -t "$REPO@$digest"
    assert_status 2
}

@test "save: what cannot be done is said, and no file is left" {
    try save "$REPO:v1"
    assert_status 2
    assert_stderr_contains "--output"
    try save "$REPO:none" -o image.tar
    assert_status 1
    refute_exists image.tar
    add_image "$REPO:v1"
    printf XXXXXXXX | dd of="$(image_dir "$REPO:v1")/filter.wasm" bs=1 seek=60 conv=notrunc status=none
    try save "$REPO:v1" -o image.tar
    assert_status 1
    assert_stderr_contains "damaged"
    refute_exists image.tar
    try save "$REPO:v1" -o no/such/folder/image.tar
    assert_status 1
}
