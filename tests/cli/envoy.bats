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

@test "envoy: fetches the filter over TLS, from a server whose certificate it trusts" {
    make_certificates "$PWD"
    start_serve "$ROOT/examples/add-header.wasm" --tls-cert server.pem --tls-key server.key
    sha256=$(sha256_of "$ROOT/examples/add-header.wasm")
    # secure_cluster CA: Envoy trusts this authority.
    secure_cluster() {
        local cluster
        cluster=$(envoy_cluster wasme "${SERVE_URL##*:}")
        echo "${cluster%\}}, transport_socket: {name: tls, typed_config: {
            '@type': type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext, sni: localhost,
            common_tls_context: {validation_context: {trusted_ca: {filename: $1},
            match_typed_subject_alt_names: [{san_type: DNS, matcher: {exact: localhost}}]}}}}}"
    }
    code="{remote: {sha256: '$sha256', http_uri: {uri: 'https://localhost/filter.wasm', cluster: wasme, timeout: 5s}}}"
    envoy_config "$code" "$(secure_cluster "$PWD/ca.pem")" >envoy.yaml
    start_envoy
    assert_equal "$(header)" "200 hello"
    grep -q 'GET /filter.wasm 200' "$SERVE_LOG.err"
    stop_background "$BACKGROUND_PID"
    # The server names the reason when a client does not trust it.
    mkdir other
    make_certificates "$PWD/other"
    envoy_config "$code" "$(secure_cluster "$PWD/other/ca.pem")" >envoy.yaml
    start_envoy
    wait_until 20 grep -qE 'TLS with 127.0.0.1:[0-9]+: .*(unknown ca|certificate)' "$SERVE_LOG.err"
    assert_equal "$(header)" "503 "
}
