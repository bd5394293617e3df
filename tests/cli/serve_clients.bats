#!/usr/bin/env bats
# Other tools use `wasme serve --writable` as their registry: each pushes, and another one reads the
# same bytes with the same digests. The server has a store of its own, as on another machine.

load helper
load serving
load containers

setup_file() {
    scratch
    skip_unless jq curl
    export SERVED=$HOME/served
    start_serve --store "$SERVED" --writable
    export REGISTRY=${SERVE_URL#http://}
    [[ ! ${SKIP_FILE:-} ]] || return 0
}

setup() {
    scratch
    REPO=$REGISTRY/clients$BATS_TEST_NUMBER/filter
    NAME=${REPO#*/}
    OTHER=$PWD/other-store
    golden_config config.json
    make_wasm filter.wasm 0_2_1 50000 random
    echo '{"default":[{"type":"insecureAcceptAnything"}]}' >policy.json
}

FORMS="oci compat docker cncf"
MANIFESTS="application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json"
MANIFESTS+=", application/vnd.docker.distribution.manifest.v2+json"

push_image() { # TAG [FORMAT]: prints the digest
    "$WASME" build precompiled filter.wasm -t "$REPO:$1" -c config.json >/dev/null 2>&1
    "$WASME" push "$REPO:$1" --format "${2:-oci}" 2>/dev/null | sed 's/.*@//'
}

# digest_of NAME KEY: the digest of the manifest as it is served, which the field of the server must
# name too.
digest_of() {
    local digest
    curl -fsS -D fields -o manifest -H "Accept: $MANIFESTS" "$SERVE_URL/v2/$1/manifests/$2"
    digest=sha256:$(sha256_of manifest)
    assert_equal "$(tr -d '\r' <fields | sed -n 's/^docker-content-digest: //Ip')" "$digest"
    echo "$digest"
}

# assert_served TAG: the image that was pushed is one of the server's store, so that its wasm has an
# address there.
assert_served() {
    try list --store "$SERVED"
    assert_output_contains "localhost:${REGISTRY##*:}/$NAME"
    curl -fsS -o served.wasm "$SERVE_URL/localhost:${REGISTRY##*:}/$NAME:$1"
    assert_same_file served.wasm filter.wasm
}

skopeo_copy() {
    try_command skopeo --policy policy.json copy --quiet --preserve-digests \
        --src-tls-verify=false --dest-tls-verify=false "$@"
    assert_status 0
}

# --- wasme ---

@test "serve, as a registry: wasme pushes each form, and pulls the same image elsewhere" {
    for form in $FORMS; do
        digest=$(push_image "$form" "$form")
        assert_equal "$(digest_of "$NAME" "$form")" "$digest"
        assert_pulled "$REPO:$form" "$digest"
        try pull "$REPO@$digest" --store "$OTHER"
        assert_status 0
        assert_output "$REPO@$digest"
        assert_served "$form"
    done
    # What the registry has is not sent again.
    try push "$REPO:oci"
    assert_status 0
    assert_stderr_contains "Unchanged"
}

@test "serve, as a registry: wasme lists tags and repositories, and searches" {
    push_image v1
    push_image v2
    try tags "$REPO"
    assert_status 0
    assert_output $'v1\nv2'
    try catalog "$REGISTRY"
    assert_status 0
    assert_output_matches "(^|/)$NAME\$"
    try search "clients$BATS_TEST_NUMBER" -s "$REGISTRY"
    assert_status 0
    assert_output_contains "$NAME"
    try list --published -s "$REGISTRY" --search "clients$BATS_TEST_NUMBER"
    assert_status 0
    assert_output_contains "$NAME"
}

@test "serve, as a registry: wasme copies inside of it, out of it, and into it" {
    digest=$(push_image v1 compat)
    try copy "$REPO:v1" "$REPO-copied:v2"
    assert_status 0
    assert_output_contains "$digest"
    assert_pulled "$REPO-copied:v2" "$digest"
    start_registry plain # sets REGISTRY
    try copy "$REPO:v1" "$REGISTRY/out/filter:v1"
    assert_status 0
    assert_output_contains "$digest"
    try copy "$REGISTRY/out/filter:v1" "$REPO-back:v3"
    assert_status 0
    assert_pulled "$REPO-back:v3" "$digest"
}

@test "serve, as a registry: wasme removes a tag, and then the image" {
    push_image v1
    push_image v2
    "$WASME" tag "$REPO:v1" "$REPO:again" 2>/dev/null
    "$WASME" push "$REPO:again" >/dev/null 2>&1
    try rm --remote "$REPO:v1" --force
    assert_status 0
    try tags "$REPO"
    refute_output_contains v1
    try pull "$REPO:v1" --store "$OTHER"
    assert_status 1
    try list --store "$SERVED"
    refute_output_contains "$NAME:v1"
}

@test "serve, as a registry: an upload of many images at the same time" {
    for i in {1..12}; do
        make_wasm "f$i.wasm" 0_2_1 $((2000 + i)) random
        "$WASME" build precompiled "f$i.wasm" -t "$REPO:v$i" >/dev/null 2>&1
    done
    try push "$REPO":v{1,2,3,4,5,6,7,8,9,10,11,12} -j 12
    assert_status 0
    assert_line_count 12
    try pull "$REPO":v{1,2,3,4,5,6,7,8,9,10,11,12} --store "$OTHER" -j 12
    assert_status 0
    for i in {1..12}; do
        assert_same_file "$(image_dir "$REPO:v$i" "$OTHER")/filter.wasm" "f$i.wasm"
    done
}

# --- skopeo ---

@test "serve, as a registry: skopeo inspects and copies each form, into it and out of it" {
    skip_unless skopeo
    for form in $FORMS; do
        digest=$(push_image "$form" "$form")
        skopeo inspect --raw --tls-verify=false "docker://$REPO:$form" >raw
        assert_equal "sha256:$(sha256_of raw)" "$digest"
        skopeo_copy "docker://$REPO:$form" "docker://$REPO-copied:$form"
        assert_pulled "$REPO-copied:$form" "$digest"
        layout=oci:layout:$form
        [[ $form != docker ]] || layout=dir:docker # a layout is for OCI's manifests
        skopeo_copy "docker://$REPO:$form" "$layout"
        skopeo_copy "$layout" "docker://$REPO-back:$form"
        assert_pulled "$REPO-back:$form" "$digest"
    done
    assert_equal "$(skopeo list-tags --tls-verify=false "docker://$REPO" | jq -r '.Tags | sort | join(" ")')" \
        "cncf compat docker oci"
    # Ordinary images, which skopeo reads to the end.
    skopeo inspect --tls-verify=false "docker://$REPO:docker" >inspected.json
    assert_equal "$(jq -r .Digest inspected.json)" "$(digest_of "$NAME" docker)"
    skopeo_copy "docker://$REPO:compat" dir:plain
    assert_equal "sha256:$(sha256_of plain/manifest.json)" "$(digest_of "$NAME" compat)"
}

# two_platforms: a layout with an index of two images, index, and prints the digest of the index.
two_platforms() {
    local platform digest="" manifests=""
    mkdir -p layout/blobs/sha256
    for platform in amd64 arm64; do
        printf '{"architecture":"%s","os":"linux","rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}' \
            $platform "$(printf 'words of %s' $platform | sha256sum | cut -d' ' -f1)" >config
        printf 'words of %s' $platform | gzip -n >layer
        put_blob config
        put_blob layer
        jq -cn --arg c "sha256:$(sha256_of config)" --argjson cs "$(stat -c %s config)" \
            --arg l "sha256:$(sha256_of layer)" --argjson ls "$(stat -c %s layer)" '{
            schemaVersion: 2, mediaType: "application/vnd.oci.image.manifest.v1+json",
            config: {mediaType: "application/vnd.oci.image.config.v1+json", digest: $c, size: $cs},
            layers: [{mediaType: "application/vnd.oci.image.layer.v1.tar+gzip", digest: $l, size: $ls}]}' >one
        put_blob one
        manifests+=$(jq -cn --arg d "sha256:$(sha256_of one)" --argjson s "$(stat -c %s one)" --arg p $platform '{
            mediaType: "application/vnd.oci.image.manifest.v1+json", digest: $d, size: $s,
            platform: {architecture: $p, os: "linux"}}')
    done
    jq -cs '{schemaVersion: 2, mediaType: "application/vnd.oci.image.index.v1+json", manifests: .}' \
        <<<"$manifests" >index
    put_blob index
    digest=sha256:$(sha256_of index)
    printf '{"imageLayoutVersion":"1.0.0"}' >layout/oci-layout
    jq -cn --arg d "$digest" --argjson s "$(stat -c %s index)" '{schemaVersion: 2, manifests: [
        {mediaType: "application/vnd.oci.image.index.v1+json", digest: $d, size: $s,
         annotations: {"org.opencontainers.image.ref.name": "all"}}]}' >layout/index.json
    echo "$digest"
}

put_blob() { # FILE
    cp "$1" "layout/blobs/sha256/$(sha256_of "$1")"
}

@test "serve, as a registry: skopeo copies an index with all its images, and others read it" {
    skip_unless skopeo crane oras
    digest=$(two_platforms)
    skopeo_copy --all oci:layout:all "docker://$REPO:all"
    assert_equal "$(digest_of "$NAME" all)" "$digest"
    skopeo_copy --all "docker://$REPO:all" oci:back:all
    assert_equal "$(jq -r '.manifests[0].digest' back/index.json)" "$digest"
    assert_equal "$(find back/blobs -type f | wc -l)" "$(find layout/blobs -type f | wc -l)"
    crane copy "$REPO:all" "$REPO-crane:all" 2>log
    assert_equal "$(digest_of "$NAME-crane" all)" "$digest"
    oras cp -r --from-plain-http --to-plain-http --no-tty "$REPO:all" "$REPO-oras:all" >log
    assert_equal "$(digest_of "$NAME-oras" all)" "$digest"
    try copy "$REPO:all" "$REPO-wasme:all"
    assert_status 0
    assert_equal "$(digest_of "$NAME-wasme" all)" "$digest"
    # An index that names an image which the registry lacks is refused by most registries; a tag that
    # skopeo removes is gone.
    try_command skopeo delete --tls-verify=false "docker://$REPO:all"
    assert_status 0
    try_command skopeo inspect --raw --tls-verify=false "docker://$REPO:all"
    assert_status 1
}

# --- oras ---

@test "serve, as a registry: oras pushes files, and pulls them" {
    skip_unless oras
    content=application/vnd.module.wasm.content.layer.v1+wasm
    config=application/vnd.module.wasm.config.v1+json
    digest=$(oras push --plain-http --no-tty --format json "$REPO:two" "config.json:$config" \
        "filter.wasm:$content" 2>log | jq -r .digest)
    assert_pulled "$REPO:two" "$digest"
    assert_served two
    try_command oras pull --plain-http --no-tty -o pulled "$REPO:two"
    assert_status 0
    assert_same_file pulled/filter.wasm filter.wasm
    # What is no filter is kept whole, too.
    echo 'some words' >words
    digest=$(oras push --plain-http --no-tty --format json --artifact-type application/vnd.example.words \
        "$REPO:words" words:text/plain 2>log | jq -r .digest)
    assert_equal "$(digest_of "$NAME" words)" "$digest"
    oras pull --plain-http --no-tty -o words-pulled "$REPO:words" >log
    assert_same_file words-pulled/words words
    assert_equal "$(oras repo tags --plain-http "$REPO" | tr '\n' ' ')" "two words "
    assert_equal "$(oras repo ls --plain-http "$REGISTRY" | grep -c "^$NAME\$")" 1
    oras tag --plain-http "$REPO:words" more-words >log
    assert_equal "$(digest_of "$NAME" more-words)" "$digest"
}

@test "serve, as a registry: oras reads blobs and copies each form" {
    skip_unless oras
    for form in $FORMS; do
        digest=$(push_image "$form" "$form")
        assert_equal "$(oras resolve --plain-http "$REPO:$form")" "$digest"
        layer=$(oras manifest fetch --plain-http "$REPO:$form" | jq -r '.layers[-1].digest')
        oras blob fetch --plain-http --output layer "$REPO@$layer"
        assert_equal "sha256:$(sha256_of layer)" "$layer"
        oras cp --from-plain-http --to-plain-http --no-tty "$REPO:$form" "$REPO-copied:$form" >log
        assert_pulled "$REPO-copied:$form" "$digest"
    done
}

@test "serve, as a registry: oras attaches to an image, finds it, copies both, and removes it" {
    skip_unless oras
    digest=$(push_image v1)
    echo '{"signed":true}' >signature.json
    signature=$(oras attach --plain-http --no-tty --artifact-type application/vnd.example.signature \
        --format json "$REPO:v1" signature.json:application/json 2>log | jq -r .digest)
    found=$(oras discover --plain-http --format json "$REPO:v1")
    assert_equal "$(jq -r '(.referrers // .manifests)[0].digest' <<<"$found")" "$signature"
    assert_equal "$(jq -r '(.referrers // .manifests) | length' <<<"$found")" 1
    # The registry has an API for this, so that oras needs no tag.
    try tags "$REPO"
    assert_output v1
    assert_pulled "$REPO:v1" "$digest"
    oras cp -r --from-plain-http --to-plain-http --no-tty "$REPO:v1" "$REPO-copied:v1" >log
    assert_equal "$(oras discover --plain-http --format json "$REPO-copied:v1" |
        jq -r '(.referrers // .manifests)[0].digest')" "$signature"
    oras pull --plain-http --no-tty -o pulled "$REPO-copied@$signature" >log
    assert_same_file pulled/signature.json signature.json
    oras manifest delete --plain-http --force "$REPO@$signature" >log
    assert_equal "$(oras discover --plain-http --format json "$REPO:v1" |
        jq '(.referrers // .manifests) | length')" 0
}

# --- crane ---

@test "serve, as a registry: crane reads, copies, checks and lists each form" {
    skip_unless crane
    for form in $FORMS; do
        digest=$(push_image "$form" "$form")
        assert_equal "$(crane digest "$REPO:$form")" "$digest"
        crane copy "$REPO:$form" "$REPO-copied:$form" 2>log
        assert_pulled "$REPO-copied:$form" "$digest"
    done
    assert_equal "$(crane ls "$REPO" | sort | tr '\n' ' ')" "cncf compat docker oci "
    assert_equal "$(crane catalog "$REGISTRY" | grep -c "^$NAME\$")" 1
    for form in compat docker; do
        try_command crane validate --remote "$REPO:$form"
        assert_status 0
        crane export "$REPO:$form" - | tar xf - plugin.wasm
        assert_same_file plugin.wasm filter.wasm
    done
}

@test "serve, as a registry: crane pushes layouts and makes images there, which wasme pulls" {
    skip_unless crane
    for form in compat docker; do
        digest=$(push_image "$form" "$form")
        crane pull --format oci "$REPO:$form" "layout-$form"
        crane push "layout-$form" "$REPO-back:$form" >log 2>&1
        assert_pulled "$REPO-back:$form" "$digest"
    done
    cp filter.wasm plugin.wasm
    tar cf layer.tar plugin.wasm
    crane append --oci-empty-base -f layer.tar -t "$REPO:made" >log 2>&1
    assert_pulled "$REPO:made" "$(crane digest "$REPO:made")"
    assert_served made
    crane index append -m "$REPO:made" -t "$REPO:index" >log 2>&1
    assert_pulled "$REPO:index" "$(crane digest "$REPO:made")"
    crane tag "$REPO:made" other
    assert_equal "$(crane digest "$REPO:other")" "$(crane digest "$REPO:made")"
    crane delete "$REPO:other"
    try_command crane digest "$REPO:other"
    assert_status 1
}

# --- docker and podman ---

@test "serve, as a registry: docker's client reads manifests of images and of an index" {
    skip_unless docker skopeo
    for form in docker compat; do
        digest=$(push_image "$form" "$form")
        try_command env DOCKER_CONFIG="$PWD" docker manifest inspect --insecure -v "$REPO:$form"
        assert_status 0
        assert_json .Descriptor.digest "$digest"
    done
    two_platforms >/dev/null
    skopeo_copy --all oci:layout:all "docker://$REPO:all"
    try_command env DOCKER_CONFIG="$PWD" docker manifest inspect --insecure "$REPO:all"
    assert_status 0
    assert_json '[.manifests[].platform.architecture] | join(" ")' "amd64 arm64"
}

@test "serve, as a registry: podman pulls an image, and pushes it back" {
    skip_unless podman
    PODMAN_TMP=$BATS_TEST_TMPDIR/podman
    mkdir -p "$PODMAN_TMP"
    export CONTAINERS_CONF=$PODMAN_TMP/containers.conf CONTAINERS_STORAGE_CONF=$PODMAN_TMP/storage.conf
    podman_storage vfs
    podman_settings runc disabled
    push_image docker docker
    config=$(skopeo inspect --raw --config --tls-verify=false "docker://$REPO:docker" | sha256sum | cut -d' ' -f1)
    try_command podman pull -q --signature-policy policy.json --tls-verify=false "$REPO:docker"
    assert_status 0
    assert_output "$config" # podman's name of an image is the digest of its config
    try_command podman push -q --tls-verify=false --signature-policy policy.json "$REPO:docker" "$REPO-podman:v1"
    assert_status 0
    assert_pulled "$REPO-podman:v1" "$(digest_of "$NAME-podman" v1)"
    if [[ $(id -u) == 0 ]]; then podman rmi -fa >/dev/null; else podman unshare rm -rf "$PODMAN_TMP"; fi
}
