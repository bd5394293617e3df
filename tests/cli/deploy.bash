# What the tests of deploy share: an image in a registry and in the store, and YAML as JSON.
# shellcheck shell=bash

setup_file() {
    scratch
    skip_unless docker-registry jq python3
    python3 -c 'import yaml' 2>/dev/null || export SKIP_FILE='python3-yaml is not installed'
    [[ ! ${SKIP_FILE:-} ]] || return 0
    start_registry plain
    export IMAGE=$REGISTRY/base/add_header:v1
    make_root_config runtime.json stamp other
    "$WASME" build precompiled "$ROOT/examples/add-header.wasm" -t "$IMAGE" -c runtime.json >/dev/null 2>&1
    "$WASME" push "$IMAGE" >/dev/null 2>&1
    export STORE_OF_FILE=$HOME/.wasme/store
    MANIFEST=$(curl -s -H 'Accept: application/vnd.oci.image.manifest.v1+json' \
        "$REGISTRY_URL/v2/base/add_header/manifests/v1" | sha256sum | cut -d' ' -f1)
    MODULE=$(sha256_of "$ROOT/examples/add-header.wasm")
    export MANIFEST MODULE
}

# deploy TARGET ARGUMENT...: the registry's image; $output is what was printed.
deploy() {
    try deploy "$1" "$IMAGE" "${@:2}"
}

# The documents in $output, each as a line of JSON.
documents() {
    python3 -c 'import json, sys, yaml
for document in yaml.safe_load_all(sys.stdin):
    print(json.dumps(document))' <<<"$output"
}

# assert_document FILTER VALUE: what jq finds in the documents, compactly.
assert_document() {
    assert_equal "$(documents | jq -c "$1")" "$2"
}

# refused WORDS ARGUMENT...: a usage error with the words, and nothing on standard output.
refused() {
    try deploy "${@:2}"
    assert_status 2
    assert_output ""
    assert_stderr_contains "$1"
}
