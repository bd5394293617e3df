#!/usr/bin/env bats
# wasme check: the verdicts of gateways, with a real registry and with images as users have them.

load helper
load images

setup() {
    image_scratch
    make_filter filter.wasm 0_2_1
}

# push_form TAG FORM [FILE]: prints the digest
push_form() {
    golden_config runtime.json
    "$WASME" build precompiled "${3:-filter.wasm}" -t "$REPO:$1" --format "$2" -c runtime.json \
        >/dev/null 2>&1
    "$WASME" push "$REPO:$1" 2>/dev/null | sed 's/.*@//'
    "$WASME" rm "$REPO:$1" >/dev/null 2>&1
}

# put_image TAG TYPE [LAYER_TYPE FILE]...: an image made by hand, as other tools make it.
put_image() {
    local tag=$1 type=$2
    shift 2
    printf '{}' >config
    : >layers
    while (($#)); do
        jq -nc --arg t "$1" --arg d "$(put_blob "$2")" --argjson s "$(stat -c %s "$2")" \
            '{mediaType: $t, digest: $d, size: $s}' >>layers
        shift 2
    done
    jq -sc --arg t "$type" --arg c "$(put_blob config)" '{schemaVersion: 2, mediaType: $t,
        config: {mediaType: "application/vnd.oci.image.config.v1+json", digest: $c, size: 2},
        layers: .}' layers >manifest
    put_manifest "$tag" "$type" manifest
}

# push_index TAG [PLATFORM DIGEST]...: PLATFORM is OS/ARCHITECTURE, or "-" for none.
push_index() {
    local tag=$1
    shift
    : >children
    while (($#)); do
        curl -sf -H "Accept: $OCI" "$REGISTRY_URL/v2/${REPO#*/}/manifests/$2" >child
        jq -nc --arg t "$OCI" --arg d "$2" --argjson s "$(stat -c %s child)" --arg p "$1" \
            '{mediaType: $t, digest: $d, size: $s} + if $p == "-" then {} else
            {platform: {os: ($p / "/")[0], architecture: ($p / "/")[1]}} end' >>children
        shift 2
    done
    jq -sc --arg t "$OCI_INDEX" '{schemaVersion: 2, mediaType: $t, manifests: .}' children >index
    put_manifest "$tag" "$OCI_INDEX" index
}

# make_layer FILE ENTRY...: a tar.gz of these files
make_layer() {
    tar czf "$1" "${@:2}"
}

assert_gateways() { # VERDICT: of the three that run proxies
    for gateway in istio envoy-gateway higress; do
        assert_output_matches "^$gateway +$1"
    done
}

@test "check: every form that we push, and who loads it" {
    for form in oci compat docker; do
        digest=$(push_form "$form" "$form")
        try check "$REPO:$form"
        assert_status 0 # wkg does not count
        assert_no_stderr
        assert_line_count 4
        assert_gateways "will load: .*ABI v0.2.1 in [a-z-]+:[0-9.]+; sha256 for the [A-Za-z]+: ${digest#sha256:}$"
        assert_output_matches "^wkg +will not load: because layer 1 is of type .*; do: wasme pull $REPO:$form && wasme convert $REPO:$form --to cncf && wasme push $REPO:$form$"
        try check "$REPO:$form" --gateway istio --gateway wkg
        assert_status 1
        assert_stderr_contains "check: $REPO:$form: 1 of 2 gateways will not load it"
        try check "$REPO:$form" --gateway istio --gateway higress --gateway=envoy-gateway
        assert_status 0
        assert_line_count 3
        assert_no_stderr
    done
    push_form cncf cncf
    try check "$REPO:cncf"
    assert_status 1
    assert_stderr_contains "check: $REPO:cncf: 3 of 3 gateways will not load it"
    assert_output_matches '^wkg +will load: layer 1 \(sha256:[0-9a-f]{64}\)$'
    assert_gateways "will not load: .*do: wasme pull $REPO:cncf && wasme convert $REPO:cncf --to oci && wasme push"
    try check "$REPO:cncf" --gateway wkg
    assert_status 0
    assert_line_count 1
}

@test "check: what is taken is named" {
    push_form oci oci
    push_form docker docker
    try check "$REPO:oci" --gateway istio
    assert_output_contains "will load: layer 2 (sha256:$(sha256_of filter.wasm)), ABI"
    try check "$REPO:docker" --gateway envoy-gateway
    assert_output_contains "will load: plugin.wasm in layer 1 (sha256:"
    assert_output_contains "sha256 for the EnvoyExtensionPolicy: "
}

# higress-group/higress#4528: pushed by oras with the raw wasm as the only layer.
@test "check: an artifact of one layer, and what is told to do mends it" {
    put_image v1 "$OCI" "$WASM_LAYER" filter.wasm
    try check "$REPO:v1" --gateway higress
    assert_status 1
    assert_line_count 1
    assert_output_contains "will not load: because as compat: the last layer is of type $WASM_LAYER"
    assert_output_contains "number of layers must be 2 but got 1; do: wasme pull $REPO:v1 && "
    "$WASME" pull "$REPO:v1" >/dev/null 2>&1
    "$WASME" convert "$REPO:v1" --to oci >/dev/null 2>&1
    "$WASME" push "$REPO:v1" >/dev/null 2>&1
    try check "$REPO:v1" --gateway higress
    assert_status 0
    assert_output_contains "will load: layer 2"
}

@test "check: a digest cannot name what is converted" {
    put_image v1 "$OCI" "$WASM_LAYER" filter.wasm
    try check "$REPO@sha256:$(sha256_of manifest)" --gateway istio
    assert_status 1
    assert_output_contains "--to oci --tag NAME:TAG && wasme push NAME:TAG"
}

@test "check: three layers of an artifact; of an image the last counts" {
    echo text >README
    put_image three "$OCI" a/config README "$WASM_LAYER" filter.wasm a/metadata README
    try check "$REPO:three" --gateway istio
    assert_status 1
    assert_output_contains "number of layers must be 2 but got 3"
    cp filter.wasm plugin.wasm
    make_layer layer.tgz plugin.wasm
    put_image plugin "$OCI" application/vnd.module.wasm.spec.v1+yaml README \
        application/vnd.module.wasm.doc.v1+markdown README "$OCI_TAR" layer.tgz
    try check "$REPO:plugin" --gateway higress
    assert_status 0
    assert_output_contains "plugin.wasm in layer 3"
}

@test "check: a layer without plugin.wasm, with another name, broken, or mistyped" {
    cp filter.wasm main.wasm
    cp filter.wasm plugin.wasm
    echo text >README
    make_layer main.tgz main.wasm
    make_layer none.tgz README
    make_layer fine.tgz plugin.wasm
    head -c $(($(stat -c %s fine.tgz) - 40)) fine.tgz >broken.tgz
    gzip -dc fine.tgz >plain.tar
    while read -r file because; do
        put_image "${file%.*}" "$OCI" "$OCI_TAR" "$file"
        try check "$REPO:${file%.*}" --gateway istio --gateway envoy-gateway --gateway higress
        assert_status 1
        assert_gateways "will not load: because $because"
    done <<END
main.tgz as compat: .*no plugin.wasm, and main.wasm is not looked for
none.tgz no wasm in it that could be taken: layer 1: it has no plugin.wasm and no other .wasm file
broken.tgz .*layer 1: .*(damaged or cut short)
plain.tar as compat: .*is typed as tar\+gzip, and is tar
END
    put_image fine "$OCI" "$OCI_TAR" fine.tgz
    try check "$REPO:fine" --gateway istio
    assert_status 0
    put_image docker "$DOCKER" "$OCI_TAR" fine.tgz
    try check "$REPO:docker" --gateway istio
    assert_status 1
    assert_output_contains "as a Docker image: the last layer is of type $OCI_TAR"
}

@test "check: an index: the image for linux/amd64, whose digest it is that counts" {
    image=$(push_form image oci)
    other=$(push_form other cncf)
    push_index both linux/arm64 "$other" linux/amd64 "$image"
    try check "$REPO:both" --gateway istio --json
    assert_status 0
    assert_json .manifestDigest "$image"
    assert_json .indexDigest "sha256:$(sha256_of index)"
    assert_json '.gateways[0].sha256' "${image#sha256:}"
    try check "$REPO:both" --gateway istio
    assert_output_contains "sha256 for the WasmPlugin: ${image#sha256:}"
    assert_output_matches "^note: the reference names an index, sha256:$(sha256_of index), of which linux/amd64, 2 of 2 is looked at: $image; .*not the index's"
    push_index wasm linux/amd64 "$other"
    try check "$REPO:wasm" --gateway wkg
    assert_status 1
    assert_output_contains "the machine that it runs on"
    push_index three - "$image"
    try check "$REPO:three" --gateway higress
    assert_status 0
    push_index arm linux/arm64 "$image"
    try check "$REPO:arm" --gateway higress
    assert_status 1
    assert_output_contains "an index without an image for linux/amd64"
    assert_output_contains "do: name the image by its digest, $image"
    push_index arms linux/arm64 "$image" linux/arm "$image"
    try check "$REPO:arms"
    assert_status 1
    assert_line_count 4
    assert_gateways "will not load: because the reference names an index without an image"
}

@test "check: what the proxy will say of the module" {
    make_filter none.wasm none
    make_filter higress.wasm 0_2_100 "env.proxy_redis_call:iiiii->i"
    make_filter future.wasm 0_9_0
    make_filter missing.wasm 0_2_1 "env.proxy_log:iii->i" wasi_snapshot_preview1.sock_open env.helper
    for name in none higress future missing; do
        push_form "$name" oci "$name.wasm" >/dev/null
    done
    try check "$REPO:none" --gateway istio
    assert_status 1
    assert_output_contains "Missing or unknown Proxy-Wasm ABI version"
    assert_output_contains "; do: build it with a proxy-wasm SDK"
    try check "$REPO:higress" --gateway istio --gateway higress
    assert_status 1
    assert_output_matches '^istio +will not load: because the module exports proxy_abi_version_0_2_100, and Istio knows the ABIs v0.1.0, v0.2.0 and v0.2.1 '
    assert_output_matches '^higress +will load: .*ABI v0.2.100'
    try check "$REPO:future" --gateway higress
    assert_status 1
    assert_output_contains "exports proxy_abi_version_0_9_0, and Higress knows the ABIs v0.1.0, v0.2.0, v0.2.1 and v0.2.100 "
    try check "$REPO:missing" --gateway envoy-gateway
    assert_status 1
    assert_output_matches "does not have what the module imports: wasi_snapshot_preview1.sock_open, env.helper .*missing import: wasi_snapshot_preview1.sock_open.*; do: "
}

# follow [ARG]...: runs the commands that the answer in $output tells to run, for the first gateway
follow() {
    local step words
    jq -r '.gateways[0].do' <<<"$output" | sed 's/ && /\n/g' >steps
    grep -q '^wasme ' steps
    while read -r step; do
        read -ra words <<<"${step//NAME:TAG/$REPO:mended}"
        "$WASME" "${words[@]:1}" >/dev/null 2>followed.err || {
            cat followed.err
            return 1
        }
    done <steps
}

# assert_mended REF GATEWAY: the registry's image, too, loads
assert_mended() {
    try check "$1" --remote --gateway "$2"
    assert_status 0
    assert_output_matches "^$2 +will load"
}

@test "check: the commands that are told make an image that loads" {
    cp filter.wasm plugin.wasm
    make_layer layer.tgz plugin.wasm
    echo text >README
    put_image single "$OCI" "$WASM_LAYER" filter.wasm
    put_image three "$OCI" a/config README "$WASM_LAYER" filter.wasm a/metadata README
    put_image mistyped "$DOCKER" "$OCI_TAR" layer.tgz
    gzip -dc layer.tgz >layer.tar
    put_image plain "$OCI" application/vnd.oci.image.layer.v1.tar layer.tar
    push_form cncf cncf >/dev/null
    for tag in single three mistyped plain cncf; do
        for gateway in istio envoy-gateway higress; do
            try check "$REPO:$tag" --remote --gateway "$gateway" --json
            [[ $status -eq 0 ]] || follow
            assert_mended "$REPO:$tag" "$gateway"
        done
    done
    for form in oci compat docker; do
        push_form "$form" "$form" >/dev/null
        try check "$REPO:$form" --gateway wkg --json
        assert_status 1
        follow
        assert_mended "$REPO:$form" wkg
    done
}

@test "check: the commands that are told, for an image of the store and for a digest" {
    "$WASME" build precompiled filter.wasm -t "$REPO:v1" --format cncf >/dev/null 2>&1
    try check "store:$REPO:v1" --gateway istio --json
    assert_status 1
    follow
    assert_mended "$REPO:v1" istio
    put_image one "$OCI" "$WASM_LAYER" filter.wasm
    try check "$REPO@sha256:$(sha256_of manifest)" --gateway istio --json
    assert_status 1
    follow
    assert_mended "$REPO:mended" istio
}

@test "check: an index for another machine, or named by its digest, and what is told to do" {
    image=$(push_form image oci)
    push_index arm linux/arm64 "$image"
    try check "$REPO:arm" --gateway istio --json
    assert_status 1
    [[ $(jq -r '.gateways[0].do' <<<"$output") == *"$image"* ]]
    assert_mended "$REPO@$image" istio
    "$WASME" pull "$REPO:arm" --platform linux/arm64 >/dev/null 2>&1
    "$WASME" push "$REPO:arm" >/dev/null 2>&1
    assert_mended "$REPO:arm" istio
    push_index both linux/amd64 "$image" linux/arm64 "$image"
    try check "$REPO@sha256:$(sha256_of index)" --gateway istio --json
    assert_status 1
    [[ $(jq -r '.gateways[0].do' <<<"$output") == *"$image"* ]]
    assert_mended "$REPO@$image" istio
}

# put_changed TAG FORM FILTER: an image that we push, with a manifest that jq changes
put_changed() {
    push_form "$1" "$2" >/dev/null
    curl -sf -H "Accept: $OCI" "$REGISTRY_URL/v2/${REPO#*/}/manifests/$1" | jq -c "$3" >manifest
    put_manifest "$1" "$OCI" manifest
}

# assert_advice TAG VERDICT BECAUSE: istio's answer; the commands that it tells make an image that loads.
assert_advice() {
    try check "$REPO:$1" --remote --gateway istio --json
    assert_status 1
    assert_json '.gateways[0].verdict' "$2"
    [[ $(jq -r '.gateways[0].because' <<<"$output") == *"$3"* ]]
    follow
    assert_mended "$REPO:$1" istio
}

@test "check: an index of images for other machines alone, and what is told to do" {
    image=$(push_form image oci)
    push_index arms linux/arm64 "$image" linux/arm "$image"
    for gateway in istio wkg; do
        try check "$REPO:arms" --gateway "$gateway" --json
        assert_status 1
        assert_json '.gateways[0].do' "fetch the image with wasme pull --platform, and push it"
    done
    "$WASME" pull "$REPO:arms" --platform linux/arm >/dev/null 2>&1
    "$WASME" push "$REPO:arms" >/dev/null 2>&1
    assert_mended "$REPO:arms" istio
}

@test "check: a copy in the manifest that is not the layer, and what is told to do" {
    cp filter.wasm plugin.wasm
    make_layer other.tgz plugin.wasm
    for form in oci compat; do
        put_changed "$form" "$form" '.layers[-1].data = "AAAA"'
        assert_advice "$form" refuses "a copy of its bytes in the manifest"
    done
    # The copy is another tar, and has a plugin.wasm as well.
    put_changed v1 compat ".layers[0].data = \"$(base64 -w0 other.tgz)\""
    assert_advice v1 unknown "nobody can tell what gateways do with it"
}

@test "check: a manifest that gateways cannot decode, and what is told to do" {
    local number=0
    for change in '.artifactType = 3' '.subject = "x"' '.layers[0].artifactType = 3' '.config.data = 5'; do
        for form in oci compat; do
            put_changed "v$((++number))" "$form" "$change"
            assert_advice "v$number" refuses "gateways cannot decode the manifest"
        done
    done
    # The stored image is sent as it was pulled.
    put_changed v1 oci '.subject = "x"'
    "$WASME" pull "$REPO:v1" >/dev/null 2>&1
    try check "store:$REPO:v1" --gateway istio --json
    assert_status 1
    assert_output_contains "gateways cannot decode the manifest"
    follow
    assert_mended "$REPO:v1" istio
    # An index of which the image is sound.
    image=$(push_form image oci)
    push_index both linux/amd64 "$image"
    jq -c '.artifactType = 3' index >changed
    put_manifest both "$OCI_INDEX" changed
    try check "$REPO:both" --gateway istio --json
    assert_status 1
    assert_output_contains "gateways cannot decode the index"
    assert_json '.gateways[0].do' "name the image by its digest, $image"
    assert_mended "$REPO@$image" istio
}

@test "check: a sparse file in the tar, and what is told to do" {
    skip_unless python3
    python3 - <<'END'
import gzip


def number(value, width):
    return b"%0*o\0" % (width - 1, value)


# A custom section of 8000 bytes, most of them a hole.
data = open("filter.wasm", "rb").read() + b"\0\xc0\x3e\1x" + bytes(7998)
kept = 512
head = bytearray(512)
for at, field in {
    0: b"plugin.wasm", 100: number(0o644, 8), 108: number(0, 8), 116: number(0, 8), 124: number(kept, 12),
    136: number(0, 12), 148: b" " * 8, 156: b"S", 257: b"ustar  \0", 386: number(0, 12) + number(kept, 12),
    410: number(len(data), 12) + number(0, 12), 483: number(len(data), 12),
}.items():
    head[at : at + len(field)] = field
head[148:156] = b"%06o\0 " % sum(head)
with open("sparse.tgz", "wb") as file:
    file.write(gzip.compress(bytes(head) + data[:kept] + bytes(1024)))
with open("plugin.wasm", "wb") as file:
    file.write(data)
END
    tar xOzf sparse.tgz | cmp - plugin.wasm
    put_image v1 "$OCI" "$OCI_TAR" sparse.tgz
    assert_advice v1 unknown "is a sparse file, and nobody can tell how gateways read it"
    put_image v2 "$DOCKER" application/vnd.docker.image.rootfs.diff.tar.gzip sparse.tgz
    assert_advice v2 unknown "is a sparse file"
}

@test "check: for wkg the image alone counts" {
    make_filter none.wasm none
    push_form none cncf none.wasm
    try check "$REPO:none" --gateway wkg
    assert_status 0
}

@test "check: what only newer proxies have" {
    make_filter young.wasm 0_2_1 "wasi_snapshot_preview1.fd_write:iiii->i" \
        "wasi_snapshot_preview1.fd_pread:iiiIi->i"
    try check young.wasm --host envoy:1.38 --host envoy:1.39 --host istio:1.27 --host higress
    assert_status 1
    assert_stderr_contains "check: young.wasm: 2 of 4 hosts will not load it"
    assert_output_matches '^envoy:1.38 +will not load: because .*fd_pread.*missing import: wasi_snapshot_preview1.fd_pread.*do: .*1.39'
    assert_output_matches '^envoy:1.39 +will load: ABI v0.2.1$'
    assert_output_matches '^istio:1.27 +will not load: because '
    assert_output_matches '^higress:2.2 +will load: ABI v0.2.1$'
}

@test "check: a function of another type than the host's" {
    make_filter link.wasm 0_2_1 "wasi_snapshot_preview1.path_link:iiiiiii->i"
    try check link.wasm --host envoy --json
    assert_status 1
    assert_json '.hosts[0].verdict' refuses
    [[ $(jq -r '.hosts[0].quote' <<<"$output") == *"import type mismatch: wasi_snapshot_preview1.path_link, want: i32 i32 i32 i32 i32 i32 i32 -> i32, but host exports: i32 i32 i32 i32 i32 i32 -> i32"* ]]
}

@test "check: --host and --gateway together, and the host behind a gateway" {
    make_filter go.wasm 0_2_1 "wasi_snapshot_preview1.poll_oneoff:iiii->i"
    push_form go oci go.wasm
    try check "$REPO:go" --gateway istio --host istio:1.24 --json
    assert_status 1
    assert_json '.gateways[0].version' 1.24
    assert_json '.gateways[0].verdict' refuses
    assert_json '.hosts[0].verdict' refuses
    try check "$REPO:go" --gateway istio --host envoy:1.36
    assert_status 0
    assert_output_matches '^istio +will load: layer 2 .*ABI v0.2.1 in istio:'
    assert_output_matches '^envoy:1.36 +will load: ABI v0.2.1$'
    refute_output_contains wkg
    try check go.wasm --host nginx
    assert_status 2
    assert_stderr_contains "--host \"nginx\": choose envoy, "
    try check go.wasm --host envoy:
    assert_status 2
    assert_stderr_contains "name a version behind the colon"
    try check go.wasm --host envoy:9.9
    assert_status 2
    assert_stderr_contains "1.40"
}

@test "check: a host that two names stand for is asked once, and errors of a host have one form" {
    try check filter.wasm --host envoy --host envoy:1.40 --host istio:1.24 --host envoy:1.36 --host envoy:1.36.4
    assert_status 0
    assert_line_count 4 # with the note about files
    try check filter.wasm --host envoy:9.9
    assert_stderr_contains 'check: --host "envoy:9.9": no version 9.9 of envoy is known, only 1.31 to 1.40: use 1.40, the newest, and try the result in Envoy 9.9'
    try check filter.wasm --host istio:v1.20.3
    assert_status 2
    assert_stderr_contains 'no version v1.20.3 of istio is known, only 1.24 to 1.32: use 1.24, the oldest, and try the result in Istio v1.20.3'
    try check filter.wasm --host envoy:1.x
    assert_stderr_contains 'no version 1.x of envoy is known: use one of 1.31, 1.32, '
    try check filter.wasm --host envoy:
    assert_stderr_contains 'check: --host "envoy:": name a version'
    try check --explain envoy:9.9
    assert_status 2
    assert_stderr_contains 'check: --explain "envoy:9.9": no version 9.9'
    try build precompiled filter.wasm -t a:v1 --require envoy:9.9
    assert_status 2
    assert_stderr_contains 'build: --require "envoy:9.9": no version 9.9'
}

@test "check: the module is judged even where the form is refused" {
    make_wasm bare.wasm none
    put_image v1 "$OCI" "$WASM_LAYER" bare.wasm
    try check "$REPO:v1" --gateway istio
    assert_status 1
    assert_output_contains "number of layers must be 2 but got 1; and the module will not load: because "
    assert_output_contains "Missing or unknown Proxy-Wasm ABI version"
}

@test "check: several, and each has its own verdict" {
    make_wasm none.wasm none
    try check filter.wasm none.wasm nowhere.wasm --host envoy
    assert_status 1
    assert_output_matches '^filter.wasm:$'
    assert_output_matches '^  envoy:[0-9.]+ +will load'
    assert_output_matches '^  envoy:[0-9.]+ +will not load'
    assert_stderr_contains "check: none.wasm: 1 of 1 hosts will not load it"
    assert_stderr_contains "nowhere.wasm: there is no such file"
    assert_stderr_contains "check: 2 of 3 failed"
    try check filter.wasm none.wasm --host envoy --json
    assert_status 1
    assert_json '[.[].hosts[0].verdict] | join(" ")' "loads refuses"
    assert_json '[.[].file] | join(" ")' "filter.wasm none.wasm"
}

@test "check: the store comes first, and the answer says where the image is" {
    push_form v1 oci
    make_filter other.wasm 0_2_1 "env.proxy_log:iii->i"
    "$WASME" build precompiled other.wasm -t "$REPO:v1" >/dev/null 2>&1
    try check "$REPO:v1" --gateway istio
    assert_output_contains "layer 2 (sha256:$(sha256_of other.wasm))"
    assert_output_contains "note: the image of the local store was looked at"
    try check "$REPO:v1" --gateway istio --remote
    assert_output_contains "layer 2 (sha256:$(sha256_of filter.wasm))"
    assert_line_count 1
    try check "$REPO:v1" --gateway istio --remote --json
    assert_json .from registry
    try check "$REPO:v1" --gateway istio --json
    assert_json .from store
    try check "$REPO:none"
    assert_status 1
    assert_stderr_contains "$REPO:none: not in the local store, nor to be had from the registry: "
    try check "$REPO:none" --remote
    assert_status 1
    refute_stderr_contains "local store"
}

@test "check: --explain says what a host offers" {
    try check --explain envoy:1.38
    assert_status 0
    assert_output_matches '^Envoy 1.38$'
    assert_output_matches '^env.proxy_log +i32 i32 i32 -> i32 *$'
    refute_output_contains fd_pread
    for host in $("$WASME" check filter.wasm --host nothing 2>&1 | sed 's/.*choose //; s/,//g; s/ or / /; s/ (.*//'); do
        try check --explain "$host"
        assert_status 0
        assert_output_matches '^Sources:$'
        try check --explain "$host" --json
        assert_status 0
        assert_json .host "$host"
    done
    try check --explain mosn
    assert_output_matches '^not certain: exceptions, garbage collection \(wazero 1.2.1 knows no such instruction'
    try check --explain envoy filter.wasm
    assert_status 2
    try check --explain nginx
    assert_status 2
    try check --explain envoy --host mosn
    assert_status 2
    assert_stderr_contains "--explain goes without --host and --gateway"
}

@test "check: build, push and pull warn, and --require makes it an error" {
    make_filter young.wasm 0_2_1 "wasi_snapshot_preview1.path_link:iiiiiii->i"
    try build precompiled young.wasm -t "$REPO:v1"
    assert_status 0
    assert_stderr_matches "envoy:[0-9.]+ will not load young.wasm: because .*path_link"
    try push "$REPO:v1"
    assert_status 0
    assert_stderr_matches "envoy:[0-9.]+ will not load $REPO:v1: because .*path_link"
    try pull "$REPO:v1" --store "$PWD/other"
    assert_status 0
    assert_stderr_matches "envoy:[0-9.]+ will not load $REPO:v1: because .*path_link"
    rm -r other
    try pull "$REPO:v1" --store "$PWD/other" --require envoy
    assert_status 1
    assert_stderr_matches "--require: envoy:[0-9.]+ will not load $REPO:v1: because "
    try list --store "$PWD/other"
    assert_line_count 1
    try pull "$REPO:v1" -o out.wasm --require envoy
    assert_status 1
    [[ ! -e out.wasm ]]
    try push "$REPO:v2" --require envoy
    assert_status 1
    "$WASME" tag "$REPO:v1" "$REPO:v2"
    registry_mark
    try push "$REPO:v2" --require envoy --require mosn
    assert_status 1
    assert_equal "$(count_requests .)" 0
    try build precompiled young.wasm -t "$REPO:v3" --require envoy:1.40
    assert_status 1
    run ! "$WASME" inspect "$REPO:v3"
    try build precompiled filter.wasm -t "$REPO:v3" --require envoy --require istio:1.24
    assert_status 0
    refute_stderr_contains "will not load"
    try build precompiled filter.wasm -t "$REPO:v3" --require nothing
    assert_status 2
    # The first function drops a value that is not there.
    {
        head -c -11 filter.wasm
        put_bytes 0a 0a 02 03 00 1a 0b 04 00 41 00 0b
    } >invalid.wasm
    try check invalid.wasm --host envoy
    assert_output_matches '^envoy:[0-9.]+ +will not load: because function 0 .*type mismatch'
    try build precompiled invalid.wasm -t "$REPO:v4" --require envoy
    assert_status 1
    assert_stderr_matches "--require: envoy:[0-9.]+ will not load invalid.wasm: because function 0 "
    try build precompiled invalid.wasm -t "$REPO:v4"
    assert_status 0
    assert_stderr_matches "envoy:[0-9.]+ will not load invalid.wasm: because function 0 "
    # A push and a pull check the instructions only when they are asked to.
    try push "$REPO:v4"
    assert_status 0
    refute_stderr_contains "will not load"
    try push "$REPO:v4" --require envoy
    assert_status 1
    assert_stderr_matches "--require: envoy:[0-9.]+ will not load $REPO:v4: because function 0 "
}

@test "check: bytes that begin as a wasm and are none" {
    printf '\0asm\1\0\0\0\1\377garbage' >garbage.wasm
    printf x >a
    put_image v1 "$OCI" a/config a "$WASM_LAYER" garbage.wasm
    try check "$REPO:v1" --gateway istio
    assert_status 1
    assert_output_contains "will not load: because the wasm: "
    put_image text "$OCI" a/config filter.wasm "$WASM_LAYER" a
    try check "$REPO:text" --gateway istio
    assert_status 1
    assert_output_contains "the content layer does not begin as a wasm does"
    assert_output_contains "; do: build it anew, and push that"
}

@test "check: a layer of more than 256 MiB is not fetched, and does not load" {
    push_form small oci
    curl -sf -H "Accept: $OCI" "$REGISTRY_URL/v2/${REPO#*/}/manifests/small" |
        jq -c '.layers[1].size = 268435457' >manifest
    put_manifest large "$OCI" manifest
    registry_mark
    try check "$REPO:large"
    assert_status 1
    assert_line_count 4
    assert_gateways 'will not load: because the module has 268435457 bytes, and '
    assert_output_matches '^wkg +will not load'
    assert_equal "$(count_requests 'GET .*blobs')" 0
    try check "$REPO:large" --gateway istio --json
    assert_status 1
    assert_json '.gateways[0].verdict' refuses
    assert_stderr_contains "1 of 1 gateways will not load it"
}

@test "check: a layer is fetched once, and not at all where the manifest decides" {
    push_form v1 compat
    put_image one "$OCI" "$WASM_LAYER" filter.wasm
    registry_mark
    try check "$REPO:v1"
    assert_equal "$(count_requests 'GET .*blobs')" 1
    assert_equal "$(count_requests 'GET .*manifests')" 1
    # The layer says whether another form would help; it is fetched once for all gateways.
    registry_mark
    try check "$REPO:one"
    assert_equal "$(count_requests 'GET .*blobs')" 1
    put_image chart "$OCI" application/vnd.cncf.helm.chart.content.v1.tar+gzip filter.wasm
    registry_mark
    try check "$REPO:chart"
    assert_equal "$(count_requests 'GET .*blobs')" 0
    try check "$REPO:one" --gateway wkg
    assert_equal "$(count_requests 'GET .*blobs')" 0
}

@test "check: where there is no wasm to pull, no pull is advised" {
    echo text >README
    : >empty
    cp filter.wasm a.wasm
    cp filter.wasm b.wasm
    make_layer two.tgz a.wasm b.wasm
    put_image chart "$OCI" application/vnd.cncf.helm.chart.content.v1.tar+gzip README
    put_image two "$OCI" "$OCI_TAR" two.tgz
    put_image empty "$OCI" "$OCI_TAR" empty
    for tag in chart two empty; do
        try check "$REPO:$tag"
        assert_status 1
        assert_gateways "will not load: because no wasm in it"
        [[ $output != *"wasme pull"* && $output != *convert* ]]
        try check "$REPO:$tag" --json
        [[ $(jq -r '.gateways[].because' <<<"$output" | grep -c '^no wasm in it') -eq 4 ]]
    done
}

@test "check: a component is called one, whatever form it is in" {
    printf '\0asm\x0d\0\1\0' >plugin.wasm
    make_layer layer.tgz plugin.wasm
    make_layer plain.tgz plugin.wasm
    put_image compat "$OCI" "$OCI_TAR" layer.tgz
    put_image cncf "$OCI" application/wasm plugin.wasm
    put_image spin "$OCI" application/vnd.wasm.content.layer.v1+wasm plugin.wasm
    put_image below "$OCI" "$OCI_TAR" plain.tgz a/b plugin.wasm
    for tag in compat cncf spin below; do
        try check "$REPO:$tag" --gateway istio --gateway envoy-gateway --gateway higress
        assert_status 1
        assert_gateways "will not load: because .*this is a component, not a core module"
        [[ $output != *"wasme pull"* ]]
    done
}

@test "check: nothing stays in the folder for temporary files" {
    push_form v1 docker
    mkdir tmp
    TMPDIR=$PWD/tmp try check "$REPO:v1" --gateway istio
    assert_status 0
    assert_equal "$(ls -A tmp)" ""
    TMPDIR=$PWD/none try check "$REPO:v1" --gateway istio
    assert_status 1
    assert_output_contains "cannot be told: because $REPO:v1: make a temporary file in $PWD/none"
}

@test "check: a layer that the registry has lost cannot be judged" {
    push_form v1 oci
    hex=$(sha256_of filter.wasm)
    rm -r "$REGISTRY_DATA/docker/registry/v2/blobs/sha256/${hex:0:2}/$hex"
    try check "$REPO:v1" --gateway istio --retries 0
    assert_status 1
    assert_output_matches "^istio +cannot be told: because .*$hex"
}

@test "check: an image of the local store" {
    for form in oci compat docker cncf; do
        "$WASME" build precompiled filter.wasm -t "a:$form" --format "$form" >built 2>/dev/null
        try check "store:a:$form" --json
        assert_json .manifestDigest "$(sed 's/.*@//' built)"
        assert_json .reference "docker.io/library/a:$form"
        verdicts="loads loads loads refuses"
        [[ $form != cncf ]] || verdicts="refuses refuses refuses loads"
        [[ $status -eq $([[ $form == cncf ]] && echo 1 || echo 0) ]]
        assert_json '[.gateways[].verdict] | join(" ")' "$verdicts"
    done
    try check store:a:cncf --gateway istio
    assert_output_contains "; do: wasme convert a:cncf --to oci && wasme push a:cncf"
    try check store:nowhere
    assert_status 1
    assert_stderr_contains docker.io/library/nowhere:latest
    "$WASME" build precompiled filter.wasm -t b:v1 --store "$PWD/other" >/dev/null 2>&1
    try check store:b:v1 --store "$PWD/other" --gateway istio
    assert_status 0
}

@test "check: a stored layer that was changed is not judged" {
    add_image a:v1 500
    printf x | dd of="$(image_dir docker.io/library/a:v1)/filter.wasm" bs=1 seek=400 \
        conv=notrunc status=none
    try check store:a:v1 --gateway istio
    assert_status 1
    assert_output_contains "is damaged in the store"
}

@test "check: a file: what proxies say of it" {
    try check filter.wasm
    assert_status 0
    assert_line_count 4
    assert_gateways 'will load: the module, ABI v0.2.1 in [a-z-]+:[0-9.]+$'
    assert_output_matches "^note: only the module .* sha256 is $(sha256_of filter.wasm)$"
    refute_output_contains wkg
    try check filter.wasm --json
    assert_json .file filter.wasm
    assert_json .fileDigest "sha256:$(sha256_of filter.wasm)"
    assert_json '[.gateways[].gateway] | join(" ")' "istio envoy-gateway higress"
    make_filter missing.wasm 0_2_1 wasi_snapshot_preview1.sock_open
    try check ./missing.wasm --gateway istio
    assert_status 1
    assert_output_contains "missing import: wasi_snapshot_preview1.sock_open"
    echo text >text.wasm
    try check text.wasm --gateway istio
    assert_status 1
    assert_output_contains "will not load: because text.wasm: "
    try check filter.wasm --gateway wkg
    assert_status 2
    assert_stderr_contains "wkg looks at images"
    try check nowhere.wasm
    assert_status 1
    assert_stderr_contains "check nowhere.wasm: there is no such file"
    mkdir folder.wasm
    try check folder.wasm
    assert_status 1
    assert_stderr_contains "check folder.wasm: it is no regular file"
}

@test "check: the example loads everywhere" {
    try check "$ROOT/examples/add-header.wasm"
    assert_status 0
}

@test "check: JSON" {
    digest=$(push_form v1 oci)
    try check "$REPO:v1" --json
    assert_status 0
    assert_json .reference "$REPO:v1"
    assert_json .manifestDigest "$digest"
    assert_json '.indexDigest // "none"' none
    assert_json '[.gateways[].gateway] | join(" ")' "istio envoy-gateway higress wkg"
    assert_json '.gateways[0].verdict' loads
    assert_json '.gateways[0].abiVersion' v0.2.1
    assert_json '.gateways[0].sha256' "${digest#sha256:}"
    assert_json '.gateways[0].picks' "layer 2 (sha256:$(sha256_of filter.wasm))"
    assert_json '.gateways[0].because // "none"' none
    assert_json '.gateways[3].verdict' refuses
    assert_json '.gateways[3].sha256 // "none"' none
    [[ $(jq -r '.gateways[3].do' <<<"$output") == *"--to cncf"* ]]
    assert_json '.notes | length' 0
    assert_line_count 1
}

@test "check: what cannot be looked at is an error, and a wrong word a usage error" {
    try check "$REPO:nowhere"
    assert_status 1
    assert_output ""
    assert_stderr_contains "$REPO:nowhere"
    try check "$REPO:nowhere" --json
    assert_status 1
    assert_output ""
    try check 127.0.0.1:1/a/b:v1 --retries 0
    assert_status 1
    assert_output ""
    try check "$REPO:v1" --gateway nginx
    assert_status 2
    assert_stderr_contains 'gateway "nginx": choose istio, envoy-gateway, higress or wkg'
    try check "Not/A Ref"
    assert_status 2
    try check
    assert_status 2
}

@test "check: a registry with a login" {
    start_registry basic
    REPO=$REGISTRY/a/filter
    "$WASME" build precompiled filter.wasm -t "$REPO:v1" >/dev/null 2>&1
    "$WASME" push "$REPO:v1" -u "$REGISTRY_USER" --password-stdin <<<"$REGISTRY_PASSWORD" 2>/dev/null
    "$WASME" rm "$REPO:v1" >/dev/null 2>&1
    try check "$REPO:v1" --gateway istio
    assert_status 1
    assert_output ""
    assert_stderr_contains "$REGISTRY"
    try check "$REPO:v1" --gateway istio -u "$REGISTRY_USER" --password-stdin <<<"$REGISTRY_PASSWORD"
    assert_status 0
    assert_output_contains "will load"
    # One login serves all images, also behind a word that is no reference.
    try check "$REPO:v1" "Not/A Ref" "$REPO:v1" --gateway istio -u "$REGISTRY_USER" \
        --password-stdin <<<"$REGISTRY_PASSWORD"
    assert_status 2
    assert_equal "$(grep -c 'will load' <<<"$output")" 2
    assert_stderr_contains "check: 1 of 3 failed"
}

@test "check: what an image says does not drive the terminal" {
    put_image v1 "$OCI" "$WASM_LAYER" filter.wasm
    make_filter red.wasm 0_2_1 env.$'\033[31mred'
    push_form red oci red.wasm
    try check "$REPO:red" --gateway istio
    assert_status 1
    assert_output_contains 31mred
    [[ $output != *$'\033'* ]]
}
