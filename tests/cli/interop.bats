#!/usr/bin/env bats
# Others copy what we pushed, and we pull what others pushed.

load helper

setup_file() {
    scratch
    skip_unless skopeo
    start_registry plain
}

setup() {
    scratch
    REPO=$REGISTRY/interop$BATS_TEST_NUMBER/filter
    OTHER=$PWD/other-store
    golden_config config.json
    make_wasm filter.wasm 0_2_1 50000 random
    echo '{"default":[{"type":"insecureAcceptAnything"}]}' >policy.json
}

copy() {
    try_command skopeo --policy policy.json copy --quiet --preserve-digests \
        --src-tls-verify=false --dest-tls-verify=false "$@"
    assert_status 0
}

push_image() { # TAG
    "$WASME" build precompiled filter.wasm -t "$REPO:$1" -c config.json >/dev/null 2>&1
    "$WASME" push "$REPO:$1" 2>/dev/null | sed 's/.*@//'
}

@test "skopeo: reads the golden manifest" {
    golden_wasm filter.wasm
    push_image golden
    skopeo inspect --raw --tls-verify=false "docker://$REPO:golden" >manifest.json
    assert_equal "$(sha256_of manifest.json)" \
        e5cf9f86109a8ad0af46ae444850505ce13c06e2b19423aefd4346d79aac4c60
    skopeo inspect --raw --config --tls-verify=false "docker://$REPO:golden" >raw-config.json
    assert_same_file raw-config.json config.json
}

@test "skopeo: copies what we pushed into a folder, byte for byte" {
    digest=$(push_image v1)
    copy "docker://$REPO:v1" dir:copied
    assert_equal "sha256:$(sha256_of copied/manifest.json)" "$digest"
    assert_same_file "copied/$(sha256_of filter.wasm)" filter.wasm
    assert_same_file "copied/$(sha256_of config.json)" config.json
}

@test "skopeo: copies what we pushed into an OCI layout, and back for us to pull" {
    digest=$(push_image v1)
    copy "docker://$REPO:v1" oci:layout:v1
    assert_equal "$(jq -r '.manifests[0].digest' layout/index.json)" "$digest"
    copy oci:layout:v1 "docker://$REPO-back:v2"
    try pull "$REPO-back:v2" --store "$OTHER"
    assert_status 0
    assert_output "$REPO-back:v2@$digest"
    assert_same_file "$(image_dir "$REPO-back:v2" "$OTHER")/filter.wasm" filter.wasm
    assert_same_file "$(image_dir "$REPO-back:v2" "$OTHER")/runtime-config.json" config.json
}

@test "skopeo: pushes a layout that someone else wrote, and we pull it and push it on" {
    # With a mediaType, other annotations and another order than ours.
    wasm=$(sha256_of filter.wasm) config=$(sha256_of config.json)
    mkdir -p layout/blobs/sha256
    cp filter.wasm "layout/blobs/sha256/$wasm"
    cp config.json "layout/blobs/sha256/$config"
    jq -n --arg wasm "sha256:$wasm" --arg config "sha256:$config" '{
        schemaVersion: 2,
        mediaType: "application/vnd.oci.image.manifest.v1+json",
        annotations: {"org.opencontainers.image.created": "2022-01-01T00:00:00Z"},
        layers: [
            {mediaType: "application/vnd.module.wasm.config.v1+json", digest: $config, size: 126},
            {mediaType: "application/vnd.module.wasm.content.layer.v1+wasm", digest: $wasm,
             size: 50000, annotations: {"org.opencontainers.image.title": "plugin.wasm"}}],
        config: {mediaType: "application/vnd.module.wasm.config.v1+json", digest: $config,
                 size: 126}}' >manifest.json
    manifest=$(sha256_of manifest.json)
    cp manifest.json "layout/blobs/sha256/$manifest"
    printf '{"imageLayoutVersion":"1.0.0"}' >layout/oci-layout
    jq -n --arg digest "sha256:$manifest" --argjson size "$(stat -c %s manifest.json)" '{
        schemaVersion: 2, manifests: [
            {mediaType: "application/vnd.oci.image.manifest.v1+json", digest: $digest,
             size: $size, annotations: {"org.opencontainers.image.ref.name": "v1"}}]}' \
        >layout/index.json
    copy oci:layout:v1 "docker://$REPO:theirs"
    try pull "$REPO:theirs" --store "$OTHER"
    assert_status 0
    assert_output "$REPO:theirs@sha256:$manifest"
    assert_same_file "$(image_dir "$REPO:theirs" "$OTHER")/filter.wasm" filter.wasm
    assert_equal "$(jq -r '.annotations["org.opencontainers.image.title"]' \
        "$(image_dir "$REPO:theirs" "$OTHER")/descriptor.json")" filter.wasm
    "$WASME" tag --store "$OTHER" "$REPO:theirs" "$REPO-on:v1" 2>/dev/null
    try push --store "$OTHER" "$REPO-on:v1"
    assert_status 0
    assert_output "$REPO-on:v1@sha256:$manifest"
    copy "docker://$REPO-on:v1" dir:again
    assert_same_file again/manifest.json manifest.json
}
