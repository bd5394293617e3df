#!/usr/bin/env bats
# The pages docs/to-*.md: a reader pastes their commands one after the other. Blocks of the kind `sh` run here as they
# stand, against a real registry; `envoy` runs in a real Envoy; `console` is for a cluster or a proxy that is no package.

load helper
load envoy
load toolchains

setup_file() {
    scratch
    skip_unless docker-registry clang wasm-ld envoy curl
    [[ ! ${SKIP_FILE:-} ]] || return 0
    start_registry plain
}

# blocks PAGE KIND: the commands of such blocks.
blocks() {
    awk -v fence='```'"$2" '$0 == fence { on = 1; next } /^```/ { on = 0 } on' "$ROOT/docs/$1.md"
}

# walk PAGE [LANGUAGE]: runs the blocks of the kind sh, and shows the commands with what they print. With a language,
# the starter is one of that language and not of C.
walk() {
    blocks "$1" sh | sed "s|harbor\.example|$REGISTRY|g; s/--language c\$/--language ${2:-c}/" >script
    [[ ! ${2:-} ]] || grep -q -- "--language $2" script || complain "$1 makes no starter" || return 1
    [[ -s script ]] || complain "$1 has no commands" || return 1
    mkdir bin
    ln -s "$WASME" bin/wasme
    PATH=$PWD/bin:$PATH timeout 120 bash -ex -o pipefail script >walked 2>messages </dev/null || {
        cat walked messages
        return 1
    }
    blocks "$1" console | sed "s/^/# $1: not run here: /" >&3
}

# told PAGE WORDS: the page quotes the words, and the last command has said them.
told() {
    grep -qF "\`$2\`" "$ROOT/docs/$1.md" || complain "$1 does not quote: $2"
    assert_stderr_contains "$2"
}

@test "docs: every page has a test here, and commands that run" {
    local page
    for page in "$ROOT"/docs/to-*.md; do
        page=$(basename "$page" .md)
        grep -q "walk $page\$" "$ROOT/tests/cli/paths.bats" || complain "no test walks $page"
        [[ $(blocks "$page" sh | wc -l) -ge 4 ]] || complain "$page has few commands"
        grep -q "docs/$page.md" "$ROOT/README.md" || complain "README.md does not lead to $page"
    done
}

@test "docs: from source to plain Envoy" {
    walk to-envoy
    grep -q '^ok 1' walked
    assert_equal "$(blocks to-envoy envoy)" "envoy -c envoy.yaml"
    mkdir site
    echo upstream >site/index.html
    start_serve site
    sed -i "s/port_value: 3000/port_value: ${SERVE_URL##*:}/; s/port_value: 10000/port_value: 0/" envoy.yaml
    echo 'admin: {address: {socket_address: {address: 127.0.0.1, port_value: 0}}}' >>envoy.yaml
    start_envoy
    assert_equal "$(header)" "200 hello"
    grep -q "sha256: '\?$(sha256_of stamp.wasm)" remote.yaml
}

@test "docs: from source to Istio" {
    walk to-istio
    grep -q 'kind: WasmPlugin' stamp.yaml
    manifest=$(curl -s -H 'Accept: application/vnd.oci.image.manifest.v1+json' \
        "$REGISTRY_URL/v2/base/stamp/manifests/v1" | sha256sum | cut -d' ' -f1)
    grep -q "sha256: '\?$manifest" stamp.yaml
    assert_equal "$(grep '^kind:' walked | tr '\n' ' ')" \
        "kind: WasmPlugin kind: EnvoyFilter kind: TrafficExtension kind: WasmPlugin kind: WasmPlugin "
}

@test "docs: from source to Higress" {
    walk to-higress
    grep -q 'namespace: higress-system' stamp.yaml
    grep -q 'defaultConfig:' stamp.yaml
    grep -q 'matchRules:' walked
}

@test "docs: from source to APISIX" {
    walk to-apisix
    grep -q 'file: /srv/filters/stamp.wasm' walked
    grep -q "'127.0.0.1:1980': 1" walked
}

@test "docs: from source to MOSN" {
    walk to-mosn
    assert_equal "$(jq -r '.wasm_global_plugins[0].vm_config.md5' mosn.json)" \
        "$(md5sum <"$(jq -r '.wasm_global_plugins[0].vm_config.path' mosn.json)" | cut -d' ' -f1)"
    grep -q '"engine": "wazero"' walked
}

# walk_in LANGUAGE PAGE...: pages whose proxies load the starter of that language, each in a folder of its own. What
# the pages print does not depend on the language: two pages for each are enough.
walk_in() {
    local language=$1 page
    shift
    share_caches
    for page in "$@"; do
        mkdir "$page"
        (cd "$page" && walk "$page" "$language") || complain "$page does not work in $language" || return 1
    done
}

@test "docs: pages with the starter of TinyGo" {
    use_tinygo
    walk_in tinygo to-istio to-higress
    grep -q 'kind: WasmPlugin' to-istio/stamp.yaml
    grep -q 'defaultConfig:' to-higress/stamp.yaml
}

@test "docs: pages with the starter of Rust" {
    use_rust
    walk_in rust to-envoy to-apisix
    grep -q '^ok 1' to-envoy/walked
    grep -q 'file: /srv/filters/stamp.wasm' to-apisix/walked
}

@test "docs: what goes wrong says the words of the pages" {
    local image=$REGISTRY/base/wrong:v1 page target
    cp "$ROOT/examples/add-header.wasm" filter.wasm
    "$WASME" build precompiled filter.wasm --format cncf -t "$image"
    for target in istio higress; do
        try deploy $target "store:$image"
        assert_status 1
        told to-$target "will not load it, because as compat: the last layer is of type"
        assert_stderr_contains "wasme convert"
    done
    "$WASME" tag "$image" "0.0.0.0:${REGISTRY#*:}/base/wrong:v1"
    for page in to-envoy to-istio to-higress; do
        try push "0.0.0.0:${REGISTRY#*:}/base/wrong:v1"
        told $page "speaks plain http: use --plain-http"
    done
    "$WASME" push "$image"
    try deploy apisix "$image" --config hello
    told to-apisix "APISIX reads a file"
    try deploy mosn filter.wasm
    told to-mosn "MOSN knows the ABIs v0.1.0"
    make_wasm large.wasm 0_2_1 $((33 * 1024 * 1024)) random
    try deploy envoy large.wasm --url http://127.0.0.1:8080/filter.wasm
    told to-envoy "Envoy fetches at most 33554432"
}

@test "docs: Envoy says the words of its page" {
    cp "$ROOT/examples/add-header.wasm" filter.wasm
    make_wasm other.wasm
    start_serve other.wasm
    "$WASME" deploy envoy filter.wasm --url "$SERVE_URL/filter.wasm" -o envoy.yaml
    sed -i 's/port_value: 10000/port_value: 0/' envoy.yaml
    echo 'admin: {address: {socket_address: {address: 127.0.0.1, port_value: 0}}}' >>envoy.yaml
    start_envoy
    assert_equal "$(header)" "503 "
    stderr=$(<"$BACKGROUND_LOG.err")
    told to-envoy "Retry limit exceeded for fetching data from remote data source"
    printf '\0asm\1\0\0\0' >none.wasm
    "$WASME" deploy envoy none.wasm --force -o envoy.yaml
    try_command timeout 30 envoy --mode validate -c envoy.yaml --use-dynamic-base-id --log-level error
    assert_status 1
    told to-envoy "Missing or unknown Proxy-Wasm ABI version"
}
