#!/usr/bin/env bats
# Other tools pull and copy images of wasme, and wasme pulls images of other tools, with the same
# digests on both sides; docs/interop.md has the table. All images go through a docker-registry.

load helper

setup_file() {
    scratch
    start_registry plain
}

setup() {
    scratch
    REPO=$REGISTRY/interop$BATS_TEST_NUMBER/filter
    OTHER=$PWD/other-store
    skip_unless jq
    golden_config config.json
    make_wasm filter.wasm 0_2_1 50000 random
    echo '{"default":[{"type":"insecureAcceptAnything"}]}' >policy.json
}

copy() {
    try_command skopeo --policy policy.json copy --quiet --preserve-digests \
        --src-tls-verify=false --dest-tls-verify=false "$@"
    assert_status 0
}

push_image() { # TAG [FORMAT]: prints the digest
    "$WASME" build precompiled filter.wasm -t "$REPO:$1" -c config.json >/dev/null 2>&1
    "$WASME" push "$REPO:$1" --format "${2:-oci}" 2>/dev/null | sed 's/.*@//'
}

# assert_pulled REF DIGEST: wasme pulls the image and pushes it again, with the digest that other
# tools show.
assert_pulled() {
    local ref=$1 digest=$2 on=$REPO-on:v$RANDOM$RANDOM
    rm -rf "$OTHER"
    try pull "$ref" --store "$OTHER"
    assert_status 0
    assert_output "$ref@$digest"
    assert_same_file "$(image_dir "$ref" "$OTHER")/filter.wasm" filter.wasm
    "$WASME" tag --store "$OTHER" "$ref" "$on" 2>/dev/null
    try push --store "$OTHER" "$on"
    assert_status 0
    assert_output "$on@$digest"
}

FORMS="oci compat docker cncf"

@test "skopeo: reads the golden manifest" {
    skip_unless skopeo
    golden_wasm filter.wasm
    push_image golden
    skopeo inspect --raw --tls-verify=false "docker://$REPO:golden" >manifest.json
    assert_equal "$(sha256_of manifest.json)" \
        e5cf9f86109a8ad0af46ae444850505ce13c06e2b19423aefd4346d79aac4c60
    skopeo inspect --raw --config --tls-verify=false "docker://$REPO:golden" >raw-config.json
    assert_same_file raw-config.json config.json
}

@test "skopeo: copies what we pushed into a folder, byte for byte" {
    skip_unless skopeo
    digest=$(push_image v1)
    copy "docker://$REPO:v1" dir:copied
    assert_equal "sha256:$(sha256_of copied/manifest.json)" "$digest"
    assert_same_file "copied/$(sha256_of filter.wasm)" filter.wasm
    assert_same_file "copied/$(sha256_of config.json)" config.json
}

@test "skopeo: copies what we pushed into an OCI layout, and back for us to pull" {
    skip_unless skopeo
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
    skip_unless skopeo
    # A manifest with a mediaType, other annotations and another order than wasme writes.
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

@test "skopeo: copies each form to another repository, for us to pull" {
    skip_unless skopeo
    for form in $FORMS; do
        digest=$(push_image "$form" "$form")
        copy "docker://$REPO:$form" "docker://$REPO-copied:$form"
        assert_equal "$(skopeo inspect --raw --tls-verify=false "docker://$REPO-copied:$form" |
            sha256sum | cut -d' ' -f1)" "${digest#sha256:}"
        assert_pulled "$REPO-copied:$form" "$digest"
    done
}

@test "skopeo: makes an OCI image of our Docker one, and the reverse, for us to pull" {
    skip_unless skopeo
    push_image docker docker
    push_image compat compat
    for pair in docker:oci compat:v2s2; do
        try_command skopeo --policy policy.json copy --quiet --format "${pair#*:}" \
            --src-tls-verify=false --dest-tls-verify=false "docker://$REPO:${pair%:*}" \
            "docker://$REPO-made:${pair#*:}"
        assert_status 0
        made=$(skopeo inspect --raw --tls-verify=false "docker://$REPO-made:${pair#*:}" |
            sha256sum | cut -d' ' -f1)
        assert_pulled "$REPO-made:${pair#*:}" "sha256:$made"
    done
}

# --- oras ---

@test "oras: pulls what we pushed, by the layers' titles" {
    skip_unless oras
    digest=$(push_image v1)
    try_command oras pull --plain-http --no-tty -o pulled "$REPO:v1"
    assert_status 0
    assert_output_contains "Digest: $digest"
    assert_same_file pulled/filter.wasm filter.wasm
    assert_same_file pulled/runtime-config.json config.json
    # oras pulls only layers with a title, so the wasm in a tarball is not pulled this way.
    push_image compat compat
    try_command oras pull --plain-http --no-tty -o none "$REPO:compat"
    refute_exists none/plugin.wasm
}

@test "oras: reads and copies each form, into a registry and a layout, for us to pull" {
    skip_unless oras
    for form in $FORMS; do
        digest=$(push_image "$form" "$form")
        assert_equal "$(oras resolve --plain-http "$REPO:$form")" "$digest"
        oras manifest fetch --plain-http "$REPO:$form" >served
        assert_equal "sha256:$(sha256_of served)" "$digest"
        layer=$(jq -r '.layers[-1].digest' served)
        oras blob fetch --plain-http --output layer "$REPO@$layer"
        assert_equal "sha256:$(sha256_of layer)" "$layer"
        oras cp --from-plain-http --to-plain-http --no-tty "$REPO:$form" "$REPO-copied:$form" >log
        assert_pulled "$REPO-copied:$form" "$digest"
        oras cp --from-plain-http --to-oci-layout --no-tty "$REPO:$form" "layout:$form" >log
        oras cp --from-oci-layout --to-plain-http --no-tty "layout:$form" "$REPO-back:$form" >log
        assert_pulled "$REPO-back:$form" "$digest"
    done
}

# oras_push TAG ARGUMENT...: prints the digest. oras needs its files in the current folder.
oras_push() {
    local tag=$1
    shift
    oras push --plain-http --no-tty --format json "$REPO:$tag" "$@" 2>log | jq -r .digest
}

@test "oras: pushes artifacts of one layer, of several, with a config and without" {
    skip_unless oras
    content=application/vnd.module.wasm.content.layer.v1+wasm
    config=application/vnd.module.wasm.config.v1+json
    echo '# How to use it' >README.md
    assert_pulled "$REPO:one" "$(oras_push one "filter.wasm:$content")"
    assert_pulled "$REPO:typed" \
        "$(oras_push typed --artifact-type application/vnd.example.filter "filter.wasm:$content")"
    assert_pulled "$REPO:two" "$(oras_push two "config.json:$config" "filter.wasm:$content")"
    assert_pulled "$REPO:more" \
        "$(oras_push more "filter.wasm:$content" README.md:text/markdown config.json:application/json)"
    # The form of the original wasme, so wasme keeps the config.
    assert_pulled "$REPO:ours" "$(oras_push ours --config "config.json:$config" \
        "config.json:$config" "filter.wasm:$content")"
    assert_same_file "$(image_dir "$REPO:ours" "$OTHER")/runtime-config.json" config.json
    # The form of wkg: its config names the layer.
    printf '{"created":"2026-01-01T00:00:00Z","architecture":"wasm","os":"wasip1","layerDigests":["sha256:%s"]}' \
        "$(sha256_of filter.wasm)" >wasm-config.json
    assert_pulled "$REPO:cncf" "$(oras_push cncf \
        --config wasm-config.json:application/vnd.wasm.config.v0+json filter.wasm:application/wasm)"
    assert_pulled "$REPO:spin" "$(oras_push spin filter.wasm:application/vnd.wasm.content.layer.v1+wasm)"
}

@test "oras: pushes a file by its name alone, and typed as bytes or as wasm, for us to pull" {
    skip_unless oras
    cp filter.wasm plugin.wasm
    # oras gives a file the type of an OCI layer, which is a tar; only the title says that it is a
    # wasm.
    assert_pulled "$REPO:plain" "$(oras_push plain plugin.wasm)"
    assert_pulled "$REPO:bytes" "$(oras_push bytes plugin.wasm:application/octet-stream)"
    assert_pulled "$REPO:typed" "$(oras_push typed filter.wasm:application/wasm)"
    # A title that is not the name of a wasm tells nothing.
    cp filter.wasm filter.bin
    oras_push bin filter.bin:application/octet-stream
    try pull "$REPO:bin"
    assert_status 1
    assert_stderr_contains "the image has no wasm in it"
}

@test "oras: pulls the file of our cncf image, by its title" {
    skip_unless oras
    digest=$(push_image cncf cncf)
    try_command oras pull --plain-http --no-tty -o pulled "$REPO@$digest"
    assert_status 0
    assert_equal "$(ls pulled)" filter.wasm
    assert_same_file pulled/filter.wasm filter.wasm
}

@test "oras: an artifact that is no wasm is refused, and so is one that only says so" {
    skip_unless oras
    echo 'some words' >words
    oras_push words words:text/plain
    try pull "$REPO:words"
    assert_status 1
    assert_stderr_contains "layer"
    oras_push lies words:application/vnd.module.wasm.content.layer.v1+wasm
    try pull "$REPO:lies"
    assert_status 1
    assert_stderr_contains "$REPO:lies"
    try list
    assert_line_count 1
}

@test "oras: what was attached to our image stays with it, and we pull the image" {
    skip_unless oras
    digest=$(push_image v1)
    echo '{"signed":true}' >signature.json
    oras attach --plain-http --no-tty --artifact-type application/vnd.example.signature \
        "$REPO:v1" signature.json:application/json >log 2>&1
    assert_equal "$(oras discover --plain-http --format json "$REPO@$digest" |
        jq '(.referrers // .manifests) | length')" 1
    assert_pulled "$REPO:v1" "$digest"
}

# --- crane ---

@test "crane: reads, checks and copies each form, for us to pull" {
    skip_unless crane
    for form in $FORMS; do
        digest=$(push_image "$form" "$form")
        assert_equal "$(crane digest "$REPO:$form")" "$digest"
        crane manifest "$REPO:$form" >served
        assert_equal "sha256:$(sha256_of served)" "$digest"
        layer=$(jq -r '.layers[-1].digest' served)
        assert_equal "sha256:$(crane blob "$REPO@$layer" | sha256sum | cut -d' ' -f1)" "$layer"
        crane copy "$REPO:$form" "$REPO-copied:$form" 2>log
        assert_pulled "$REPO-copied:$form" "$digest"
    done
    # The two forms of ordinary images, with everything that such images have.
    for form in compat docker; do
        try_command crane validate --remote "$REPO:$form"
        assert_status 0
        crane export "$REPO:$form" - | tar xf - plugin.wasm
        assert_same_file plugin.wasm filter.wasm
        assert_equal "$(crane config "$REPO:$form" | jq -r '.rootfs.diff_ids | length')" 1
    done
}

@test "crane: pulls what we pushed as a layout, and pushes it back for us to pull" {
    skip_unless crane
    for form in compat docker; do
        digest=$(push_image "$form" "$form")
        crane pull --format oci "$REPO:$form" "layout-$form"
        assert_equal "$(jq -r '.manifests[0].digest' "layout-$form/index.json")" "$digest"
        crane push "layout-$form" "$REPO-back:$form" >log 2>&1
        assert_pulled "$REPO-back:$form" "$digest"
    done
}

@test "crane: makes images of a tarball, adds to them and to indexes, for us to pull" {
    skip_unless crane
    cp filter.wasm plugin.wasm
    tar cf layer.tar plugin.wasm
    crane append -f layer.tar -t "$REPO:docker" >log 2>&1
    assert_pulled "$REPO:docker" "$(crane digest "$REPO:docker")"
    crane append --oci-empty-base -f layer.tar -t "$REPO:oci" >log 2>&1
    assert_pulled "$REPO:oci" "$(crane digest "$REPO:oci")"
    # A layer under the wasm's, and one over it.
    echo words >words
    tar cf words.tar words
    crane append -b "$REPO:oci" -f words.tar -t "$REPO:over" >log 2>&1
    assert_pulled "$REPO:over" "$(crane digest "$REPO:over")"
    crane append --oci-empty-base -f words.tar -f layer.tar -t "$REPO:under" >log 2>&1
    assert_pulled "$REPO:under" "$(crane digest "$REPO:under")"
    crane mutate "$REPO:oci" -a org.example.who=crane -t "$REPO:noted" >log 2>&1
    assert_pulled "$REPO:noted" "$(crane digest "$REPO:noted")"
    crane index append -m "$REPO:oci" -t "$REPO:index" >log 2>&1
    assert_equal "$(crane manifest "$REPO:index" | jq -r '.manifests[0].digest')" \
        "$(crane digest "$REPO:oci")"
    assert_pulled "$REPO:index" "$(crane digest "$REPO:oci")"
}

# --- The document ---

@test "interop: the table of docs/interop.md names each of these tests" {
    sed -n 's/^@test "\(.*\)" {$/\1/p' "$ROOT"/tests/cli/{interop,envoy}.bats |
        grep -v '^interop:' | sort >tests
    sed -n 's/^| `\([^`]*\)` |.*/\1/p' "$ROOT/docs/interop.md" | sort >table
    try_command diff tests table
    assert_status 0
}
