# A real Envoy for tests: its configuration, its start, and the header that the filter adds.
# shellcheck shell=bash

setup_file() {
    scratch
    skip_unless envoy jq
    start_registry plain
}

# envoy_cluster NAME PORT: a cluster with one endpoint on this machine.
envoy_cluster() {
    echo "{name: $1, type: STATIC, load_assignment: {cluster_name: $1, endpoints: [{lb_endpoints: [{
        endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: $2}}}}]}]}}"
}

# envoy_config CODE [CLUSTER[, CLUSTER]]: an Envoy that answers by itself, behind the filter.
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

# start_envoy: waits until the listener is open, and sets ENVOY_URL to its address.
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

# build LANGUAGE SOURCE [FLAG...]: builds into the store, and copies the module to filter.wasm.
build() {
    local language=$1 source=$2
    shift 2
    try build "$language" "$source" -t "$REF" -- "$@"
    assert_status 0
    cp "$(image_dir "$REF")/filter.wasm" filter.wasm
}

# The test builds a copy of the source, so the files that a build leaves do not stay.
copy_of() {
    cp -r "$ROOT/$1" source
}

assert_runs() {
    envoy_config "{local: {filename: $PWD/filter.wasm}}" "$(envoy_cluster upstream 1)" >envoy.yaml
    start_envoy
    assert_equal "$(header)" "200 hello"
}

# refute_runs WORDS: Envoy does not start, and says why.
refute_runs() {
    envoy_config "{local: {filename: $PWD/filter.wasm}}" "$(envoy_cluster upstream 1)" >envoy.yaml
    try_command timeout 30 envoy -c envoy.yaml --concurrency 1 --use-dynamic-base-id --log-level error
    assert_status 1
    assert_stderr_contains "$1"
}
