#!/usr/bin/env bats
# The choice of the layer with the wasm, and the limits of unpacking: images made by hand, for pull
# and check.

load helper
load images

# make_layer FILE [ENTRY=SOURCE]...: a tar.gz of these names; without SOURCE an empty file.
make_layer() {
    local file=$1 entry folder
    shift
    folder=$(mktemp -d made.XXXXXX)
    for entry; do
        mkdir -p "$folder/$(dirname "${entry%%=*}")"
        : >"$folder/${entry%%=*}"
        [[ $entry != *=* ]] || cp "${entry#*=}" "$folder/${entry%%=*}"
    done
    # The entries are in the given order, so that a test can choose which entry comes first.
    tar -C "$folder" -czf "$file" "${@%%=*}"
}

# put_layers [TYPE=FILE]...: an image with the tag "made"; a FILE without a type is a tar.gz.
put_layers() {
    local layer type file
    printf '{}' >config
    for layer; do
        type=$OCI_TAR file=$layer
        [[ $layer != *=* ]] || type=${layer%%=*} file=${layer#*=}
        jq -nc --arg t "$type" --arg d "$(put_blob "$file")" --argjson s "$(stat -c %s "$file")" \
            '{mediaType: $t, digest: $d, size: $s}'
    done >layers
    jq -sc --arg t "$OCI" --arg d "$(put_blob config)" '{schemaVersion: 2, mediaType: $t, config: {
        mediaType: "application/vnd.oci.image.config.v1+json", digest: $d, size: 2}, layers: .}' \
        layers >manifest
    put_manifest made "$OCI" manifest
}

assert_taken() { # FILE: pull takes it
    try pull "$REPO:made" -o out.wasm
    assert_status 0
    assert_same_file out.wasm "$1"
}

assert_deleted() { # neither pull nor check take the wasm that a layer above deletes
    try pull "$REPO:made"
    assert_status 1
    assert_stderr_contains "its wasm is deleted by a layer above it (a whiteout)"
    assert_equal "$(store_leftovers)" ""
    try check "$REPO:made" --gateway istio
    assert_status 1
    assert_output_contains "no wasm in it that could be taken: layer 1: its wasm is deleted"
    refute_output_contains "wasme pull"
}

@test "whiteout: plugin.wasm of a layer below is deleted, by name, by folder, and through a layer between" {
    make_layer wasm.tgz plugin.wasm=filter.wasm
    make_layer deep.tgz a/b/plugin.wasm=filter.wasm
    make_layer words.tgz README
    while read -r below above; do
        # shellcheck disable=SC2086 # names
        make_layer above.tgz $above
        put_layers "$below" above.tgz
        assert_deleted
        put_layers "$below" above.tgz words.tgz
        assert_deleted
    done <<END
wasm.tgz .wh.plugin.wasm
wasm.tgz ./.wh.plugin.wasm README
wasm.tgz .wh..wh..opq
deep.tgz a/b/.wh.plugin.wasm
deep.tgz a/.wh.b
deep.tgz a/b/.wh..wh..opq
deep.tgz a/.wh..wh..opq
END
}

@test "whiteout: of another file or folder, and below its own layer, it deletes nothing" {
    make_layer wasm.tgz a/plugin.wasm=filter.wasm
    for above in .wh.plugin.wasm .wh.a.wasm b/.wh..wh..opq a/.wh.plugin .wh..wh.plnk a/.wh..wh.plugin.wasm; do
        make_layer above.tgz "$above"
        put_layers wasm.tgz above.tgz
        assert_taken filter.wasm
    done
    make_layer above.tgz .wh.a
    put_layers above.tgz wasm.tgz
    assert_taken filter.wasm
}

@test "whiteout: deleted and added again, above it and in the same layer" {
    make_wasm old.wasm 0_2_1 2000 old
    make_layer old.tgz plugin.wasm=old.wasm
    make_layer gone.tgz .wh.plugin.wasm
    make_layer new.tgz plugin.wasm=filter.wasm
    make_layer both.tgz .wh.plugin.wasm plugin.wasm=filter.wasm
    make_layer opaque.tgz plugin.wasm=filter.wasm .wh..wh..opq
    make_layer words.tgz README
    for layers in "old.tgz gone.tgz new.tgz" "old.tgz gone.tgz new.tgz words.tgz" \
        "old.tgz both.tgz" "old.tgz opaque.tgz" "old.tgz both.tgz words.tgz"; do
        # shellcheck disable=SC2086 # names
        put_layers $layers
        assert_taken filter.wasm
    done
    # Gateways look only at the last layer, so check does too.
    make_filter loads.wasm 0_2_1
    make_layer both.tgz .wh.plugin.wasm plugin.wasm=loads.wasm
    put_layers old.tgz both.tgz
    try check "$REPO:made" --gateway istio
    assert_status 0
    assert_output_contains "plugin.wasm in layer 2"
}

@test "whiteout: of the runtime config" {
    echo '{"type":"envoy_proxy","abiVersions":["v0.2.1"],"config":{"rootIds":["mine"]}}' >mine
    make_layer wasm.tgz plugin.wasm=filter.wasm runtime-config.json=mine
    make_layer above.tgz .wh.runtime-config.json
    put_layers wasm.tgz
    try pull "$REPO:made" --store "$OTHER"
    grep -q mine "$(image_dir "$REPO:made" "$OTHER")/runtime-config.json"
    put_layers wasm.tgz above.tgz
    try pull "$REPO:made" --store "$OTHER"
    assert_status 0
    run grep mine "$(image_dir "$REPO:made" "$OTHER")/runtime-config.json"
    assert_equal "$status" 1
}

# --- Layers that no registry holds ---

@test "foreign: a layer that is only at its URLs is needed by nobody: pulled, saved, copied, pushed again" {
    make_layer wasm.tgz plugin.wasm=filter.wasm
    DOCKER=application/vnd.docker.distribution.manifest.v2+json
    while read -r manifest_type config_type foreign wasm_type; do
        printf '{}' >config
        jq -nc --arg m "$manifest_type" --arg c "$config_type" --arg d "$(put_blob config)" \
            --arg f "$foreign" --arg w "$wasm_type" --arg l "$(put_blob wasm.tgz)" \
            --argjson s "$(stat -c %s wasm.tgz)" '{schemaVersion: 2, mediaType: $m,
            config: {mediaType: $c, digest: $d, size: 2}, layers: [
            {mediaType: $f, digest: ("sha256:" + "a" * 64), size: 12345,
             urls: ["https://registry.example/base.tgz"]},
            {mediaType: $w, digest: $l, size: $s}]}' >manifest
        put_manifest v1 "$manifest_type" manifest
        rm -rf "$STORE" "$OTHER"
        try pull "$REPO:v1"
        assert_status 0
        assert_output "$REPO:v1@sha256:$(sha256_of manifest)"
        assert_same_file "$(image_dir "$REPO:v1")/filter.wasm" filter.wasm
        try save "$REPO:v1" -o image.tar
        assert_status 0
        try load image.tar --store "$OTHER" -t "$REPO:loaded"
        assert_output "$REPO:loaded@sha256:$(sha256_of manifest)"
        try copy "$REPO:v1" "$REPO-copied:v1"
        assert_status 0
        try copy "store:$REPO:v1" "$REPO-stored:v1"
        assert_status 0
        "$WASME" tag "$REPO:loaded" "$REPO-pushed:v1" --store "$OTHER" 2>/dev/null
        try push "$REPO-pushed:v1" --store "$OTHER"
        assert_output "$REPO-pushed:v1@sha256:$(sha256_of manifest)"
        for copy in copied stored pushed; do
            curl -sf -H "Accept: $manifest_type" \
                "$REGISTRY_URL/v2/${REPO#*/}-$copy/manifests/v1" >served
            assert_same_file served manifest
        done
    done <<END
$DOCKER application/vnd.docker.container.image.v1+json application/vnd.docker.image.rootfs.foreign.diff.tar.gzip application/vnd.docker.image.rootfs.diff.tar.gzip
$OCI application/vnd.oci.image.config.v1+json application/vnd.oci.image.layer.nondistributable.v1.tar+gzip $OCI_TAR
END
}

# --- The same choice as the gateways' ---

@test "pull and check: of several layers both take the same" {
    make_filter one.wasm 0_2_1
    make_filter two.wasm 0_2_1 "env.proxy_log:iii->i"
    make_layer one.tgz plugin.wasm=one.wasm
    make_layer two.tgz plugin.wasm=two.wasm
    make_layer words.tgz README
    while read -r layers number wasm; do
        # shellcheck disable=SC2086 # names
        put_layers ${layers//,/ }
        try check "$REPO:made" --gateway istio --gateway envoy-gateway --gateway higress
        assert_status 0
        assert_output_matches "^istio +will load: .*layer $number "
        assert_taken "$wasm"
    done <<END
$WASM_LAYER=one.wasm,$WASM_LAYER=two.wasm 1 one.wasm
$WASM_LAYER=two.wasm,$WASM_LAYER=one.wasm 1 two.wasm
application/wasm=one.wasm,$WASM_LAYER=two.wasm 2 two.wasm
$WASM_LAYER=one.wasm,application/wasm=two.wasm 1 one.wasm
one.tgz,two.tgz 2 two.wasm
two.tgz,one.tgz 2 one.wasm
$WASM_LAYER=one.wasm,words.tgz 1 one.wasm
$WASM_LAYER=one.wasm,two.tgz 2 two.wasm
words.tgz,$WASM_LAYER=one.wasm 2 one.wasm
two.tgz,$WASM_LAYER=one.wasm 2 one.wasm
END
    # No gateway accepts three content layers.
    put_layers "$WASM_LAYER=one.wasm" "$WASM_LAYER=two.wasm" "$WASM_LAYER=one.wasm"
    try check "$REPO:made" --gateway istio
    assert_status 1
    assert_output_contains "no wasm in it that could be taken: the image has 3 wasm layers"
    try pull "$REPO:made"
    assert_status 1
    assert_stderr_contains "the image has 3 wasm layers"
}

@test "pull: a wasm layer counts when the tar above it has no plugin.wasm that gateways find" {
    make_layer other.tgz other.wasm=filter.wasm
    make_wasm content.wasm 0_2_1 1000
    printf '\37\213damaged' >damaged.tgz
    tar -cf plain.tar filter.wasm
    for above in other.tgz damaged.tgz plain.tar; do
        put_layers "$WASM_LAYER=content.wasm" "$above"
        assert_taken content.wasm
        try pull "$REPO:made" --store "$OTHER"
        assert_status 0
        try inspect "$REPO:made" --store "$OTHER" --json
        assert_json .format wasm
        assert_json .layerDigest "sha256:$(sha256_of content.wasm)"
        "$WASME" tag "$REPO:made" "$REPO:again" --store "$OTHER" 2>/dev/null
        try push "$REPO:again" --store "$OTHER"
        assert_output "$REPO:again@sha256:$(sha256_of manifest)"
    done
    put_layers "$WASM_LAYER=content.wasm" "$WASM_LAYER=filter.wasm" other.tgz
    try pull "$REPO:made"
    assert_status 1
    assert_stderr_contains "which of the wasm layers is the filter is not said"
}

# --- The end of unpacking ---

# put_slow_image: an image whose layers unpack to 6 GB of zeros, each layer within its limits, with
# the wasm in the lowest layer. A layer is a row of gzip members: the header of the tar, the zeros,
# and the end.
put_slow_image() {
    local n
    make_layer wasm.tgz plugin.wasm=filter.wasm
    head -c 64M /dev/zero | gzip -n >zeros.gz
    for n in {1..6}; do
        truncate -s 960M "junk$n"
        {
            (tar -cf - "junk$n" 2>/dev/null || true) | head -c 512 | gzip -n
            for _ in {1..15}; do cat zeros.gz; done
            head -c 1024 /dev/zero | gzip -n
        } >"junk$n.tgz"
        rm "junk$n"
    done
    put_layers wasm.tgz junk{1..6}.tgz
}

@test "pull: an image whose wasm cannot be taken is refused before its other layers are fetched" {
    local n others=()
    echo "no archive" >broken
    for n in {1..8}; do
        head -c 1000 /dev/urandom >"words$n"
        make_layer "words$n.tgz" "README=words$n"
        others+=("words$n.tgz")
    done
    put_layers "${others[@]}" broken
    registry_mark
    try pull "$REPO:made"
    assert_status 1
    assert_stderr_contains "unknown content: neither a wasm nor a tar archive"
    assert_equal "$(count_requests GET)" 3 # the manifest, the config, the layer
}

@test "pull: a layer with the bytes of the config is not fetched, and --max-size does not count it" {
    local size
    make_layer wasm.tgz plugin.wasm=filter.wasm
    size=$(stat -c %s wasm.tgz)
    put_layers wasm.tgz
    head -c "$((size * 10))" /dev/zero | tr '\0' ' ' >config
    echo '{}' >>config
    jq --arg d "$(put_blob config)" --argjson s "$(stat -c %s config)" \
        '.config.digest = $d | .config.size = $s |
         .layers = [{mediaType: "application/octet-stream", digest: $d, size: $s}] + .layers' \
        manifest >with-config
    put_manifest made "$OCI" with-config
    registry_mark
    try pull "$REPO:made" --max-size "$((size > 3100 ? size : 3100))"
    assert_status 0
    assert_equal "$(count_requests GET)" 3
}

@test "slow layers: --timeout ends the unpacking of pull and check" {
    put_slow_image
    for command in "pull $REPO:made" "pull $REPO:made -o out.wasm" "check $REPO:made"; do
        # shellcheck disable=SC2086 # words
        try_command timeout 20 "$WASME" $command --timeout 1
        assert_status 1
        [[ $output$stderr == *"not done after 1 second (--timeout)"* ]] || complain "no word of it"
    done
    try list
    assert_line_count 1
    refute_exists out.wasm
    # The limit holds for an image of the store too; the pull before has no limit.
    put_layers wasm.tgz junk{1..2}.tgz
    try pull "$REPO:made"
    assert_status 0
    try_command timeout 20 "$WASME" check "store:$REPO:made" --timeout 1
    assert_status 1
    assert_output_contains "not done after 1 second (--timeout)"
}

@test "slow layers: SIGINT ends the unpacking of pull and check, with 130" {
    put_slow_image
    for command in "pull $REPO:made" "check $REPO:made"; do
        registry_mark
        # shellcheck disable=SC2086 # words
        in_background unpacking env --default-signal=INT "$WASME" $command
        wait_until 10 eval 'tail -n +$((REGISTRY_MARK + 1)) "$REGISTRY_LOG" |
            grep -q "GET .*blobs/sha256:$(sha256_of junk6.tgz)"'
        sleep 0.3
        kill -INT "$BACKGROUND_PID"
        sent=$EPOCHREALTIME
        status=0
        wait "$BACKGROUND_PID" || status=$?
        assert_equal "$status" 130
        # Unpacking everything takes ten times as long.
        ((${EPOCHREALTIME/./} - ${sent/./} < 2000000))
    done
    try list
    assert_line_count 1
}
