#!/usr/bin/env bats
# Images of every form: made, pushed, pulled, and the same bytes again. A real registry.

load helper
load images

ACCEPT=$OCI,application/vnd.docker.distribution.manifest.v2+json

build() { # REF [OPTION...]
    local ref=$1
    shift
    try build precompiled filter.wasm -t "$ref" "$@"
    assert_status 0
}

# manifest REF_TAG: fetches the manifest from the registry; sets TYPE to its media type.
manifest() {
    curl -sf -D fields -H "Accept: $ACCEPT" "$REGISTRY_URL/v2/${REPO#*/}/manifests/$1" -o manifest
    TYPE=$(tr -d '\r' <fields | sed -n 's/^Content-Type: //p')
}

blob() { # DIGEST
    curl -sf "$REGISTRY_URL/v2/${REPO#*/}/blobs/$1"
}

# Pulls REF into another store, and pushes it from there under a second tag: the same manifest.
assert_round_trip() { # TAG [PULL OPTION...]
    local tag=$1
    shift
    manifest "$tag"
    cp manifest first
    local type=$TYPE
    try pull "$REPO:$tag" --store "$OTHER" "$@"
    assert_status 0
    assert_same_file filter.wasm "$(image_dir "$REPO:$tag" "$OTHER")/filter.wasm"
    "$WASME" tag "$REPO:$tag" "$REPO:$tag-back" --store "$OTHER" 2>/dev/null
    "$WASME" push "$REPO:$tag-back" --store "$OTHER" >/dev/null 2>&1
    manifest "$tag-back"
    assert_same_file manifest first
    assert_equal "$TYPE" "$type"
}

@test "formats: build and push of each, pulled and pushed back with the same digest" {
    for format in oci compat docker cncf; do
        build "$REPO:$format" --format "$format"
        built=$output
        try push "$REPO:$format"
        assert_status 0
        assert_output "$built"
        assert_round_trip "$format"
    done
}

@test "formats: push --format packs anew and leaves the store as it is" {
    build "$REPO:v1"
    before=$output
    for format in compat docker cncf; do
        try push --format "$format" "$REPO:v1"
        assert_status 0
        pushed=$output
        try convert "$REPO:v1" --to "$format" -t "$REPO:$format"
        assert_status 0
        assert_equal "${output#*@}" "${pushed#*@}" "convert and push --format make the same"
    done
    try push "$REPO:v1"
    assert_output "$before"
}

@test "formats: what they hold" {
    build "$REPO:v1"
    "$WASME" push "$REPO:v1" --format compat 2>/dev/null
    manifest v1
    output=$(<manifest)
    assert_json '.config.mediaType' application/vnd.oci.image.config.v1+json
    assert_json '.layers | length' 1
    assert_json '.layers[0].mediaType' application/vnd.oci.image.layer.v1.tar+gzip
    assert_json '.annotations["module.wasm.image/variant"]' compat
    blob "$(jq -r '.layers[0].digest' manifest)" >layer.tgz
    assert_equal "$(tar tzf layer.tgz | head -n 1)" plugin.wasm
    tar xzf layer.tgz
    assert_same_file plugin.wasm filter.wasm
    assert_same_file runtime-config.json "$(image_dir "$REPO:v1")/runtime-config.json"
    output=$(blob "$(jq -r '.config.digest' manifest)")
    assert_json '.rootfs.diff_ids[0]' "sha256:$(gzip -dc layer.tgz | sha256sum | cut -d' ' -f1)"
    "$WASME" push "$REPO:v1" --format docker 2>/dev/null
    manifest v1
    assert_equal "$TYPE" application/vnd.docker.distribution.manifest.v2+json
    "$WASME" push "$REPO:v1" --format cncf 2>/dev/null
    manifest v1
    output=$(<manifest)
    assert_json '.layers[0].mediaType' application/wasm
    assert_json '.layers[0].digest' "sha256:$(sha256_of filter.wasm)"
}

@test "formats: the same input gives the same digest, whatever the time" {
    for format in oci compat docker cncf; do
        build "$REPO:a" --format "$format"
        first=${output#*@}
        sleep 1
        touch filter.wasm
        (umask 077 && "$WASME" build precompiled filter.wasm -t "$REPO:b" --format "$format") >second 2>log
        output=$(<second)
        assert_equal "${output#*@}" "$first"
    done
    build "$REPO:a" --format compat
    first=${output#*@}
    SOURCE_DATE_EPOCH=1700000000 try build precompiled filter.wasm -t "$REPO:a" --format compat
    [[ ${output#*@} != "$first" ]]
    SOURCE_DATE_EPOCH=soon try build precompiled filter.wasm -t "$REPO:a" --format compat
    assert_status 2
    assert_stderr_contains 'SOURCE_DATE_EPOCH: "soon" is not a number'
}

@test "formats: an unknown one is named before anything is built" {
    for command in "build precompiled filter.wasm -t $REPO:v1 --format tar" \
        "push $REPO:v1 --format tar" "convert $REPO:v1 --to tar"; do
        # shellcheck disable=SC2086 # words
        try $command
        assert_status 2
        assert_stderr_contains '"tar"'
        assert_stderr_contains "oci, compat, docker"
    done
    try convert "$REPO:v1"
    assert_status 2
    assert_stderr_contains "--to is missing"
    refute_exists "$STORE"
}

@test "annotations: only what is asked for" {
    build "$REPO:v1" --annotation created=now --annotation source=https://git.example/filter \
        --annotation team=edge --annotation 'note=a=b'
    "$WASME" push "$REPO:v1" 2>/dev/null
    manifest v1
    output=$(<manifest)
    assert_json '.annotations["org.opencontainers.image.source"]' https://git.example/filter
    assert_json '.annotations.team' edge
    assert_json '.annotations.note' a=b
    [[ $(jq -r '.annotations["org.opencontainers.image.created"]' manifest) == "$(date +%Y)"* ]]
    assert_json '.layers | length' 2
    assert_round_trip v1
    build "$REPO:v2"
    "$WASME" push "$REPO:v2" 2>/dev/null
    manifest v2
    output=$(<manifest)
    assert_json '.annotations | keys | length' 2
    try push "$REPO:v2" --annotation nonsense
    assert_status 2
    assert_stderr_contains 'write KEY=VALUE'
    try push "$REPO:v2" --annotation a=b --format docker
    assert_status 2
    assert_stderr_contains "annotations"
}

@test "inspect: the form, and the digest of the layer that carries the wasm" {
    build "$REPO:v1" --format compat
    try inspect "$REPO:v1" --json
    assert_json .format compat
    assert_json .fileDigest "sha256:$(sha256_of filter.wasm)"
    layer=$(jq -r .layerDigest <<<"$output")
    assert_exists "$(image_dir "$REPO:v1")/sha256-${layer#*:}"
    build "$REPO:v1"
    try inspect "$REPO:v1" --json
    assert_json .format oci
    assert_json .layerDigest "sha256:$(sha256_of filter.wasm)"
}

@test "convert: back to oci, and the four files stay" {
    build "$REPO:v1"
    first=$output
    before=$(cd "$(image_dir "$REPO:v1")" && sha256sum image_ref descriptor.json runtime-config.json filter.wasm)
    "$WASME" convert "$REPO:v1" --to compat >/dev/null 2>&1
    assert_equal "$(cd "$(image_dir "$REPO:v1")" && sha256sum image_ref descriptor.json runtime-config.json filter.wasm)" "$before"
    try convert "$REPO:v1" --to oci
    assert_output "$first"
    try convert "$REPO:none" --to oci
    assert_status 1
    assert_stderr_contains "no such image"
    assert_equal "$(store_leftovers)" ""
}

@test "convert: the original's change of the wasm is what the next push sends" {
    build "$REPO:v1" --format compat
    # The original wasme builds the same reference again and does not know the files of this wasme.
    make_wasm other.wasm 0_2_1 500 other
    "$WASME" build precompiled other.wasm -t "$REPO:v2" >/dev/null 2>&1
    for file in descriptor.json runtime-config.json filter.wasm; do
        cp "$(image_dir "$REPO:v2")/$file" "$(image_dir "$REPO:v1")/$file"
    done
    try push "$REPO:v1"
    assert_status 0
    rm -f filter.wasm
    cp other.wasm filter.wasm
    assert_round_trip v1
}

@test "pull: an index, by the gateways' choice and by --platform" {
    build "$REPO:v1" --format compat
    "$WASME" push "$REPO:v1" 2>/dev/null
    manifest v1
    amd=$(sha256_of manifest) size=$(stat -c %s manifest)
    cp filter.wasm first.wasm
    make_wasm filter.wasm 0_2_1 4000 random
    build "$REPO:arm" --format compat
    "$WASME" push "$REPO:arm" 2>/dev/null
    manifest arm
    arm=$(sha256_of manifest)
    jq -n --arg amd "sha256:$amd" --arg arm "sha256:$arm" --argjson a "$size" \
        --argjson b "$(stat -c %s manifest)" '{schemaVersion: 2,
        mediaType: "application/vnd.oci.image.index.v1+json", manifests: [
        {mediaType: "application/vnd.oci.image.manifest.v1+json", digest: $arm, size: $b,
         platform: {os: "linux", architecture: "arm64"}},
        {mediaType: "application/vnd.oci.image.manifest.v1+json", digest: $amd, size: $a,
         platform: {os: "linux", architecture: "amd64"}}]}' >index
    put_manifest both application/vnd.oci.image.index.v1+json index
    try pull "$REPO:both" --store "$OTHER"
    assert_status 0
    assert_output "$REPO:both@sha256:$amd"
    assert_stderr_contains "index sha256:$(sha256_of index)"
    assert_stderr_contains linux/amd64
    assert_same_file first.wasm "$(image_dir "$REPO:both" "$OTHER")/filter.wasm"
    try pull "$REPO:both" --store "$OTHER" --platform linux/arm64
    assert_status 0
    assert_output "$REPO:both@sha256:$arm"
    assert_same_file filter.wasm "$(image_dir "$REPO:both" "$OTHER")/filter.wasm"
    try pull "$REPO:both" --store "$OTHER" --platform linux/s390x
    assert_status 1
    assert_stderr_contains linux/s390x
    assert_stderr_contains linux/arm64
}

# image TYPE CONFIG_TYPE LAYER_TYPE LAYER [TYPE LAYER]...: a manifest of these, tagged "made".
image() {
    local type=$1 config_type=$2 layers=() digest
    shift 2
    printf '{}' >config
    digest=$(put_blob config)
    while (($#)); do
        layers+=("$(jq -nc --arg t "$1" --arg d "$(put_blob "$2")" --argjson s "$(stat -c %s "$2")" \
            '{mediaType: $t, digest: $d, size: $s}')")
        shift 2
    done
    printf '%s\n' "${layers[@]}" | jq -s --arg t "$type" --arg c "$config_type" --arg d "$digest" \
        '{schemaVersion: 2, mediaType: $t, config: {mediaType: $c, digest: $d, size: 2}, layers: .}' >made
    put_manifest made "$type" made
}

@test "pull: the plugin layout, Spin and wasm-to-oci, plain tar and zstd" {
    skip_unless zstd
    cp filter.wasm plugin.wasm
    tar cf layer.tar plugin.wasm
    gzip -nk layer.tar
    zstd -q layer.tar
    echo 'apiVersion: 1' >spec.yaml
    echo '# Read me' >README.md
    image "$OCI" "$IMAGE_CONFIG" application/vnd.module.wasm.spec.v1+yaml spec.yaml \
        application/vnd.module.wasm.doc.v1+markdown README.md \
        application/vnd.oci.image.layer.v1.tar+gzip layer.tar.gz
    assert_round_trip made
    assert_stderr_contains "Format: plugin (plugin.wasm in a tar+gzip layer)"
    image "$OCI" application/vnd.wasm.config.v1+json application/vnd.wasm.content.layer.v1+wasm \
        filter.wasm
    assert_round_trip made
    assert_stderr_contains "Format: wasm"
    image "$OCI" "$IMAGE_CONFIG" application/vnd.oci.image.layer.v1.tar layer.tar
    assert_round_trip made
    assert_stderr_contains "plugin.wasm in a tar layer"
    image "$OCI" "$IMAGE_CONFIG" application/vnd.oci.image.layer.v1.tar+zstd layer.tar.zst
    assert_round_trip made
    assert_stderr_contains "tar+zstd layer"
}

@test "pull: a wasm of no ABI is stored as it is, with a warning" {
    make_wasm filter.wasm none
    image "$OCI" application/vnd.wasm.config.v0+json application/wasm filter.wasm
    assert_round_trip made
    assert_stderr_contains "proxy_abi_version_"
}

@test "pull: an image without wasm is refused, and nothing stays" {
    echo hello >file
    tar czf layer.tgz file
    image "$OCI" "$IMAGE_CONFIG" application/vnd.oci.image.layer.v1.tar+gzip layer.tgz
    try pull "$REPO:made"
    assert_status 1
    assert_stderr_contains "plugin.wasm"
    assert_equal "$(store_leftovers)" ""
    try list
    assert_line_count 1
}

@test "pull: bombs and traversal in layers" {
    # A layer that unpacks to more than --max-size.
    mkdir bomb
    head -c 3000000 /dev/zero >bomb/plugin.wasm
    tar -C bomb -czf bomb.tgz plugin.wasm
    image "$OCI" "$IMAGE_CONFIG" application/vnd.oci.image.layer.v1.tar+gzip bomb.tgz
    try pull "$REPO:made" --max-size 1MB
    assert_status 1
    assert_stderr_contains "--max-size"
    assert_equal "$(store_leftovers)" ""
    # Names with a path to another folder: only the basename counts, and nothing is written to the
    # path.
    cp filter.wasm plugin.wasm
    tar --transform 's,^,../../../,' -P -czf up.tgz plugin.wasm
    image "$OCI" "$IMAGE_CONFIG" application/vnd.oci.image.layer.v1.tar+gzip up.tgz
    assert_round_trip made
    refute_exists ../plugin.wasm
    refute_exists "$OTHER/../../../plugin.wasm"
    # A link is not followed.
    ln -s /etc/passwd link.wasm
    tar --transform 's,link.wasm,plugin.wasm,' -czf link.tgz link.wasm
    image "$OCI" "$IMAGE_CONFIG" application/vnd.oci.image.layer.v1.tar+gzip link.tgz
    try pull "$REPO:made" --store "$OTHER/2"
    assert_status 1
    try pull "$REPO:made" --max-size 1parsec
    assert_status 2
    assert_stderr_contains '"1parsec" is no size'
}

@test "pull -o: the wasm alone, atomically" {
    for format in oci compat docker cncf; do
        build "$REPO:$format" --format "$format"
        "$WASME" push "$REPO:$format" >/dev/null 2>&1
        rm -rf "$STORE"
        try pull "$REPO:$format" -o out.wasm
        assert_status 0
        assert_same_file out.wasm filter.wasm
        refute_exists "$STORE"
    done
    "$WASME" pull "$REPO:compat" -o - 2>log >piped
    assert_same_file piped filter.wasm
    echo old >out.wasm
    try pull "$REPO:none" -o out.wasm
    assert_status 1
    assert_equal "$(<out.wasm)" old
    try pull "$REPO:oci" -o /no/such/folder/x
    assert_status 1
    assert_stderr_contains "there is no folder"
    try pull "$REPO:oci" "$REPO:compat" -o out.wasm
    assert_status 2
    try pull "$REPO:oci" -o .
    assert_status 2
    assert_equal "$(find . -maxdepth 1 -name '.new-*' -o -maxdepth 1 -name '.part-*')" ""
}

@test "pull -o: a link is followed, a mode kept, a pipe written to" {
    build "$REPO:v1"
    "$WASME" push "$REPO:v1" >/dev/null 2>&1
    mkdir real
    echo old >real/out.wasm
    chmod 600 real/out.wasm
    ln -s real/out.wasm link.wasm
    try pull "$REPO:v1" -o link.wasm
    assert_status 0
    [[ -L link.wasm ]]
    assert_same_file real/out.wasm filter.wasm
    assert_equal "$(stat -c %a real/out.wasm)" 600
    mkfifo pipe
    cat pipe >piped 3>&- &
    reader=$!
    try pull "$REPO:v1" -o pipe
    assert_status 0
    wait "$reader"
    [[ -p pipe ]]
    assert_same_file piped filter.wasm
    (umask 027 && "$WASME" pull "$REPO:v1" -o new.wasm >/dev/null 2>&1)
    assert_equal "$(stat -c %a new.wasm)" 640
    assert_equal "$(find . real -maxdepth 1 -name '.*' ! -name . ! -name ..)" ""
}

@test "damaged wasm is neither converted, sent, saved nor copied" {
    build "$REPO:v1"
    build "$REPO:compat" --format compat
    for tag in v1 compat; do
        printf XX | dd of="$(image_dir "$REPO:$tag")/filter.wasm" bs=1 seek=100 conv=notrunc status=none
    done
    for command in "convert $REPO:v1 --to cncf" "push $REPO:v1 --format compat" "push $REPO:v1" \
        "save $REPO:v1 -o x.tar" "save $REPO:v1 --format docker -o x.tar" \
        "copy store:$REPO:v1 store:$REPO:v2 --to-store $OTHER"; do
        # shellcheck disable=SC2086 # words
        try $command
        assert_status 1
        assert_stderr_contains damaged
    done
    refute_exists x.tar
    assert_equal "$(store_leftovers)$(store_leftovers "$OTHER")" ""
    # The stored layer is complete; wasme also notices a damaged one.
    printf XX | dd of="$(echo "$(image_dir "$REPO:compat")"/sha256-*)" bs=1 seek=100 conv=notrunc status=none
    try copy "store:$REPO:compat" "store:$REPO:v2" --to-store "$OTHER"
    assert_status 1
    assert_stderr_contains damaged
}

@test "push: a runtime config that was changed in the store goes out, whatever was pulled" {
    for format in oci cncf; do
        build "$REPO:$format" --format "$format" --annotation team=edge
        "$WASME" push "$REPO:$format" >/dev/null 2>&1
        "$WASME" pull "$REPO:$format" --store "$OTHER" >/dev/null 2>&1
        changed='{"type":"envoy_proxy","abiVersions":["v0.2.1"],"config":{"rootIds":["mine"]}}'
        printf %s "$changed" >"$(image_dir "$REPO:$format" "$OTHER")/runtime-config.json"
        try push "$REPO:$format" --store "$OTHER"
        assert_status 0
        assert_stderr_contains "made anew"
        manifest "$format"
        assert_equal "$(blob "$(jq -r .config.digest manifest)")" "$changed"
    done
}

@test "pull: equal layers above the one with the wasm" {
    cp filter.wasm plugin.wasm
    tar czf layer.tgz plugin.wasm
    echo >file
    tar czf other.tgz file
    : >empty.tgz
    image "$OCI" "$IMAGE_CONFIG" application/vnd.oci.image.layer.v1.tar+gzip layer.tgz \
        application/vnd.oci.image.layer.v1.tar+gzip other.tgz \
        application/vnd.oci.image.layer.v1.tar+gzip other.tgz \
        application/vnd.oci.image.layer.v1.tar+gzip empty.tgz
    assert_round_trip made
}

@test "pull: what is here already is not fetched again, unless it is damaged" {
    build "$REPO:v1" --format compat
    "$WASME" push "$REPO:v1" >/dev/null 2>&1
    registry_mark
    try pull "$REPO:v1"
    assert_status 0
    assert_stderr_contains "(unchanged)"
    assert_equal "$(count_requests GET)" 1
    printf XXXXXXXX | dd of="$(image_dir "$REPO:v1")/filter.wasm" bs=1 seek=100 conv=notrunc status=none
    try pull "$REPO:v1"
    assert_status 0
    refute_stderr_contains "unchanged"
    assert_same_file filter.wasm "$(image_dir "$REPO:v1")/filter.wasm"
}

@test "pull: many at once, and one that fails leaves the others" {
    refs=()
    for n in {1..40}; do
        add_image "$REPO:v$n" 2000 "image $n"
        refs+=("$REPO:v$n")
    done
    "$WASME" push "${refs[@]}" >pushed 2>/dev/null
    try pull --store "$OTHER" -j 8 "${refs[@]:0:20}" "$REPO:none" "${refs[@]:20}"
    assert_status 1
    assert_stderr_contains "pull: 1 of 41 failed"
    assert_stderr_contains "$REPO:none"
    assert_output "$(<pushed)"
    for n in {1..40}; do
        assert_same_file "$(image_dir "$REPO:v$n")/filter.wasm" \
            "$(image_dir "$REPO:v$n" "$OTHER")/filter.wasm"
    done
}
