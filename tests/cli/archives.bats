#!/usr/bin/env bats
# load: archives and layouts of docker, podman, skopeo and oras, written by the real tools.

load helper

setup() {
    scratch
    skip_unless jq
    REPO=registry.example/test/filter
    OTHER=$PWD/other-store
    make_wasm filter.wasm 0_2_1 4000 random
    printf '{"default":[{"type":"insecureAcceptAnything"}]}' >policy.json
}

build() { # REF FORMAT: prints its digest
    "$WASME" build precompiled filter.wasm -t "$1" --format "$2" 2>/dev/null | sed 's/.*@//'
}

skopeo_copy() {
    try_command skopeo --policy policy.json copy --quiet "$@"
    assert_status 0
}

@test "load: docker-archive, with the digest of the image that it was made of" {
    skip_unless skopeo
    digest=$(build "$REPO:v1" docker)
    "$WASME" save "$REPO:v1" -o image.tar >/dev/null 2>&1
    skopeo_copy oci-archive:image.tar "docker-archive:docker.tar:$REPO:theirs"
    gzip -k docker.tar
    mkdir unpacked legacy
    tar -C unpacked -xf docker.tar
    # Docker's older layout: each layer is in the folder of its image.
    cp -rL unpacked/. legacy
    rm -f legacy/*.tar
    jq -c '.[0].Layers = [$layer]' --arg layer "$(cd legacy && echo */layer.tar)" \
        unpacked/manifest.json >legacy/manifest.json
    tar -C legacy -cf legacy.tar .
    for from in docker.tar docker.tar.gz unpacked legacy.tar -; do
        rm -rf "$OTHER"
        try load "$from" --store "$OTHER" <docker.tar.gz
        assert_status 0
        assert_output "$REPO:theirs@$digest"
        assert_same_file "$(image_dir "$REPO:theirs" "$OTHER")/filter.wasm" filter.wasm
    done
    try load docker.tar --store "$OTHER" -t "$REPO:mine"
    assert_output "$REPO:mine@$digest"
}

@test "load: docker-archive of several tags, of none, damaged, of Docker before 1.10" {
    skip_unless skopeo
    build "$REPO:v1" docker
    "$WASME" save "$REPO:v1" -o image.tar >/dev/null 2>&1
    skopeo_copy oci-archive:image.tar docker-archive:none.tar
    try load none.tar --store "$OTHER"
    assert_status 1
    assert_stderr_contains "name it with --tag"
    mkdir x
    tar -C x -xf none.tar
    jq -c '.[0].RepoTags = ["a:1", "registry.example/b/c:2"]' x/manifest.json >changed
    cp changed x/manifest.json
    try load x --store "$OTHER"
    assert_status 0
    assert_line_count 2
    assert_output_contains "docker.io/library/a:1@sha256:"
    layer=$(jq -r '.[0].Layers[0]' x/manifest.json)
    chmod u+w "x/$layer"
    printf XXXXXXXX | dd of="x/$layer" bs=1 seek=600 conv=notrunc status=none
    try load x --store "$OTHER"
    assert_status 1
    assert_stderr_contains "layer $layer hashes to sha256:"
    jq -c '.[0].Config = "../../etc/passwd"' changed >x/manifest.json
    try load x --store "$OTHER"
    assert_status 1
    assert_stderr_contains "leads out of it"
    rm x/manifest.json
    try load x --store "$OTHER"
    assert_status 1
    assert_stderr_contains "Docker before 1.10"
}

@test "load: a malformed docker-archive is refused with the next step" {
    mkdir -p x/l
    printf '{"rootfs":{"diff_ids":[]}}' >x/config.json
    refused() { # WHY LIST: that list of images is refused
        printf '%s' "$2" >x/manifest.json
        tar -C x -cf x.tar .
        try load x.tar --store "$OTHER"
        assert_status 1
        assert_stderr_contains "x.tar: manifest.json: $1: save it again with \`docker save\`"
    }
    refused "it is no list of images" '{}'
    refused "an image without a Config" '[{"Layers":[]}]'
    refused "x.tar has no other.json" '[{"Config":"other.json","Layers":[]}]'
    refused "a layer without a name" '[{"Config":"config.json","Layers":[7]}]'
    refused "x.tar has no l/layer.tar" '[{"Config":"config.json","Layers":["l/layer.tar"]}]'
    ln -s ../l/layer.tar x/l/layer.tar # a link to itself
    refused "x.tar has no l/layer.tar" '[{"Config":"config.json","Layers":["l/layer.tar"]}]'
}

@test "load: the folder of an OCI layout, as skopeo and wasme write it" {
    skip_unless skopeo
    digest=$(build "$REPO:v1" oci)
    "$WASME" save "$REPO:v1" -o image.tar >/dev/null 2>&1
    skopeo_copy --preserve-digests oci-archive:image.tar oci:layout:v1
    try load layout --store "$OTHER" -t "$REPO:v2"
    assert_status 0
    assert_output "$REPO:v2@$digest"
}

# The layout's index with one more child: add_child FILE JQ-FIELDS
add_child() {
    local digest
    digest=$(sha256_of "$1")
    cp "$1" "layout/blobs/sha256/$digest"
    jq -c --arg d "sha256:$digest" --argjson s "$(stat -c %s "$1")" ".manifests += [{mediaType:
        \"application/vnd.oci.image.manifest.v1+json\", digest: \$d, size: \$s} + $2]" \
        layout/index.json >index
    cp index layout/index.json
}

@test "load: attestations, signatures and untagged artifacts are passed over with a line" {
    digest=$(build "$REPO:v1" oci)
    "$WASME" save "$REPO:v1" -o image.tar >/dev/null 2>&1
    mkdir layout
    tar -C layout -xf image.tar
    printf '{}' >empty
    cp empty "layout/blobs/sha256/$(sha256_of empty)"
    jq -nc --arg d "sha256:$(sha256_of empty)" '{schemaVersion: 2, config: {mediaType:
        "application/vnd.oci.empty.v1+json", digest: $d, size: 2}, layers: []}' >artifact
    jq -c --arg d "$digest" '. + {subject: {mediaType: "application/vnd.oci.image.manifest.v1+json",
        digest: $d, size: 852}}' artifact >signature
    jq -c '. + {annotations: {a: "b"}}' artifact >attestation
    jq -c '. + {annotations: {a: "c"}}' artifact >cosign
    add_child artifact '{}'
    add_child signature '{}'
    add_child attestation '{platform: {os: "unknown", architecture: "unknown"}}'
    add_child cosign "{annotations: {\"org.opencontainers.image.ref.name\": \"${digest/:/-}.sig\"}}"
    try load layout --store "$OTHER"
    assert_status 0
    assert_output "$REPO:v1@$digest"
    assert_equal "$(grep -c 'msg=skipped' <<<"$stderr")" 4
    assert_stderr_contains "an attestation"
    try load layout --store "$OTHER" -t "$REPO:v2"
    assert_status 0
    assert_output "$REPO:v2@$digest"
    jq -c '.manifests |= .[2:]' layout/index.json >index
    cp index layout/index.json
    try load layout --store "$OTHER"
    assert_status 1
    assert_stderr_contains "layout has no images"
}

@test "load: an archive of another format is named, and so is an empty file" {
    skip_unless xz bzip2
    build "$REPO:v1" oci
    "$WASME" save "$REPO:v1" -o image.tar >/dev/null 2>&1
    xz -k image.tar
    bzip2 -k image.tar
    printf 'PK\3\4and more of it' >image.zip
    : >image.none
    try load image.tar.xz --store "$OTHER"
    assert_status 1
    assert_stderr_contains "image.tar.xz is xz: a tar is read"
    try load image.tar.bz2 --store "$OTHER"
    assert_stderr_contains "image.tar.bz2 is bzip2"
    try load image.zip --store "$OTHER"
    assert_stderr_contains "image.zip is zip"
    try load image.none --store "$OTHER"
    assert_status 1
    assert_stderr_contains "image.none is empty"
}

@test "load: many names are one pass, and junk is passed over" {
    digest=$(build "$REPO:v1" oci)
    "$WASME" save "$REPO:v1" -o image.tar >/dev/null 2>&1
    mkdir x
    tar -C x -xf image.tar
    truncate -s 64M x/junk
    jq -c '.manifests = [range(40) as $i | .manifests[0]
        | .annotations["io.containerd.image.name"] = "registry.example/n/n\($i):v1"]' x/index.json >index
    cp index x/index.json
    tar -C x -czf many.tar.gz index.json junk blobs
    # One pass takes a large part of a second; forty passes would take ten seconds.
    try_command timeout 10 "$WASME" load many.tar.gz --store "$OTHER"
    assert_status 0
    assert_line_count 40
}
