#!/usr/bin/env bats
# A real Envoy runs the filter that was built, pushed, pulled and served by wasme.

load helper

setup_file() {
    scratch
    skip_unless envoy jq
    start_registry plain
}

setup() {
    scratch
    OTHER=$PWD/other-store
    REF=$REGISTRY/envoy/add-header:v1
    [[ ! ${SKIP_FILE:-} ]] || return 0
    "$WASME" build precompiled "$ROOT/examples/add-header.wasm" -t "$REF" >/dev/null 2>&1
}

# envoy_config CODE [CLUSTER]: an Envoy that answers by itself, behind the filter.
envoy_config() {
    cat <<END
admin: {address: {socket_address: {address: 127.0.0.1, port_value: 0}}}
static_resources:
  clusters: [${2:-}]
  listeners:
  - name: main
    address: {socket_address: {address: 127.0.0.1, port_value: 0}}
    filter_chains:
    - filters:
      - name: envoy.filters.network.http_connection_manager
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
          stat_prefix: main
          route_config:
            virtual_hosts:
            - name: all
              domains: ["*"]
              routes: [{match: {prefix: /}, direct_response: {status: 200}}]
          http_filters:
          - name: envoy.filters.http.wasm
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.filters.http.wasm.v3.Wasm
              config:
                name: add-header
                root_id: root_id
                failure_policy: FAIL_CLOSED
                vm_config: {runtime: envoy.wasm.runtime.v8, code: $1}
          - name: envoy.filters.http.router
            typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}
END
}

# start_envoy: sets ENVOY_URL, of its listener, when that is open.
start_envoy() {
    local admin=$PWD/admin
    rm -f "$admin"
    in_background envoy envoy -c "$PWD/envoy.yaml" --admin-address-path "$admin" --concurrency 1 \
        --use-dynamic-base-id --log-level warning
    wait_until 20 test -s "$admin"
    wait_until 20 is_ready "$(<"$admin")"
    ENVOY_URL=http://$(curl -s "http://$(<"$admin")/listeners?format=json" |
        jq -r '.listener_statuses[0].local_address.socket_address | "\(.address):\(.port_value)"')
}

is_ready() {
    [[ $(curl -s "http://$1/ready") == LIVE ]]
}

header() {
    curl -s -o /dev/null -w '%{http_code} ' -D fields "$ENVOY_URL/"
    tr -d '\r' <fields | sed -n 's/^x-wasme: //p'
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
    cluster="{name: wasme, type: STATIC, load_assignment: {cluster_name: wasme, endpoints: [{
        lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1,
        port_value: ${SERVE_URL##*:}}}}}]}]}}"
    for path in "$REF" "$sha256"; do
        envoy_config "{remote: {sha256: '$sha256', http_uri: {
            uri: '$SERVE_URL/$path', cluster: wasme, timeout: 5s}}}" "$cluster" >envoy.yaml
        start_envoy
        assert_equal "$(header)" "200 hello"
        stop_background "$BACKGROUND_PID"
    done
    # Another digest than what is served: it does not run.
    envoy_config "{remote: {sha256: '$(printf %064d 0)', http_uri: {
        uri: '$SERVE_URL/$sha256', cluster: wasme, timeout: 5s}}}" "$cluster" >envoy.yaml
    start_envoy
    assert_equal "$(header)" "503 "
}
