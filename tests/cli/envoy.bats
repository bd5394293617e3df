#!/usr/bin/env bats
# A real Envoy runs the filter that was built, pushed, pulled and served by wasme.

load helper
load envoy

setup() {
    scratch
    OTHER=$PWD/other-store
    REF=$REGISTRY/envoy/add-header:v1
    [[ ! ${SKIP_FILE:-} ]] || return 0
    "$WASME" build precompiled "$ROOT/examples/add-header.wasm" -t "$REF" >/dev/null 2>&1
}

@test "envoy: runs the file that pull -o wrote, of every form" {
    for form in oci compat docker cncf; do
        "$WASME" push "$REF" --format "$form" >/dev/null 2>&1
        "$WASME" pull "$REF" -o "$form.wasm" >/dev/null 2>&1
        assert_same_file "$form.wasm" "$ROOT/examples/add-header.wasm"
    done
    envoy_config "{local: {filename: $PWD/compat.wasm}}" >envoy.yaml
    start_envoy
    assert_equal "$(header)" "200 hello"
}

@test "envoy: fetches what pull stored from serve, by its digest" {
    "$WASME" push "$REF" >/dev/null 2>&1
    "$WASME" pull "$REF" --store "$OTHER" >/dev/null 2>&1
    sha256=$(sha256_of "$(image_dir "$REF" "$OTHER")/filter.wasm")
    start_serve --store "$OTHER"
    cluster=$(envoy_cluster wasme "${SERVE_URL##*:}")
    for path in "$REF" "$sha256"; do
        envoy_config "{remote: {sha256: '$sha256', http_uri: {
            uri: '$SERVE_URL/$path', cluster: wasme, timeout: 5s}}}" "$cluster" >envoy.yaml
        start_envoy
        assert_equal "$(header)" "200 hello"
        stop_background "$BACKGROUND_PID"
    done
    # With another digest than that of the served file, Envoy does not run the filter.
    envoy_config "{remote: {sha256: '$(printf %064d 0)', http_uri: {
        uri: '$SERVE_URL/$sha256', cluster: wasme, timeout: 5s}}}" "$cluster" >envoy.yaml
    start_envoy
    assert_equal "$(header)" "503 "
}
