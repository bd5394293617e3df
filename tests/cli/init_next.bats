#!/usr/bin/env bats
# The commands that wasme init prints at its end, for each platform: an author pastes one after the other, with a
# registry and a route of their own. tests/cli/starters.bats builds each language.

load helper
load envoy
load toolchains

setup_file() {
    scratch
    skip_unless docker-registry envoy jq
    [[ ! ${SKIP_FILE:-} ]] || return 0
    start_registry plain
}

setup() {
    scratch
    use_clang
    mkdir bin
    ln -s "$WASME" bin/wasme
}

# printed: the commands of the last init, with the registry of this test.
printed() {
    sed -n 's/^  //p' <<<"$stderr" | sed "s|registry\.example|$REGISTRY|g"
}

# walk ARGUMENT...: init with the arguments, and what it prints, as a shell that pastes it.
walk() {
    try init "$@" --disable-prompt
    assert_status 0
    [[ $stderr == *README.md* ]] || return 1
    printed >script
    (($(wc -l <script) >= 3)) || complain "init $* has few commands" || return 1
    PATH=$PWD/bin:$PATH timeout 120 bash -ex -o pipefail script >walked 2>messages </dev/null || {
        cat script walked messages
        return 1
    }
}

# assert_command WORDS: the last walk had that command.
assert_command() {
    grep -qxF -- "$1" script || complain "no command $1 in: $(<script)"
}

@test "init: the commands for Envoy build, check, run and deploy the filter" {
    walk one --language c
    grep -q '^ok 1' walked
    assert_command "wasme check one:v1 --host envoy"
    grep -q 'name: one' one/envoy.yaml
    try_command timeout 60 envoy --mode validate -c one/envoy.yaml --use-dynamic-base-id --log-level error
    assert_status 0
    walk two --language c --platform envoy:1.33
    assert_command "wasme deploy envoy store:two:v1 --target-version 1.33 -o envoy.yaml"
}

@test "init: the commands for gateways push the image and print a manifest" {
    local kind
    for platform in istio istio:1.25 higress envoy-gateway gloo; do
        kind=WasmPlugin
        [[ $platform != envoy-gateway ]] || kind=EnvoyExtensionPolicy
        [[ $platform != gloo ]] || kind=Gateway
        walk "for-${platform/:/-}" --language c --platform "$platform"
        grep -qx "kind: $kind" walked || complain "no $kind" || return 1
        grep -q "$REGISTRY/filters/for-" walked
        assert_stderr_contains "Your registry takes the place of registry.example."
    done
    walk old --language c --platform istio:1.25
    assert_command "wasme deploy istio $REGISTRY/filters/old:v1 --target-version 1.25"
    # Istio 1.20 is nearer to 1.24 than to the newest.
    walk older --language c --platform istio:1.20
    assert_command "wasme deploy istio $REGISTRY/filters/older:v1 --target-version 1.24"
}

@test "init: the commands for APISIX, Kong and Google work" {
    walk for-apisix --language c --platform apisix
    grep -q 'http_request_phase' walked
    walk for-kong --language c --platform kong
    assert_equal "$(sed -n '/^{/,/^}/p' walked | jq -r .name)" for-kong
    assert_stderr_contains "A route of yours takes the place of my-route."
    walk for-google --language c --platform google-service-extensions
    assert_command "wasme check for-google:v1 --host google-service-extensions"
}

@test "init: the commands for MOSN make a filter that MOSN loads" {
    walk for-mosn --language c --platform mosn
    refute_stderr_contains level=warning
    grep -q '^mosn:1.6 *will load' walked
    assert_equal "$(jq -r '.wasm_global_plugins[0].vm_config.md5' for-mosn/mosn.json)" \
        "$(md5sum <"$(jq -r '.wasm_global_plugins[0].vm_config.path' for-mosn/mosn.json)" | cut -d' ' -f1)"
    assert_equal "$(jq -r '.servers[0].listeners[0].stream_filters[0].config.value' for-mosn/mosn.json)" "good day"
    ! grep -rE 'starter-(name|language)' for-mosn || return 1
    assert_exists for-mosn/.gitignore
    # A version of which nothing is known.
    walk other --language c --platform mosn:1.5
    assert_stderr_contains "no facts of mosn 1.5"
    assert_command "wasme check other:v1 --host mosn:1.6"
}

@test "init: for a filter that the platform does not load there is another, and the way to Envoy" {
    use_go
    walk first --language go --platform mosn
    assert_stderr_contains "mosn:1.6 will not load this filter"
    assert_stderr_contains "Next, for MOSN:"
    assert_command "wasme init first-c --language c --platform mosn"
    assert_stderr_contains "Next, for Envoy, which loads this filter:"
    assert_command "wasme check first:v1 --host envoy"
    assert_exists first-c/filter.c
    grep -q '^ok 1' walked
    walk second --language go --platform mosn:1.5
    walk third --language c --platform wasmedge
    refute_stderr_contains "Next, for WasmEdge"
    mkdir here
    cd here
    try init . --language go --platform mosn
    assert_stderr_contains "wasme init ../here-c --language c --platform mosn"
    mkdir -p above/below
    cd above/below
    try init .. --language go --platform mosn
    assert_stderr_contains "wasme init ../../above-c --language c --platform mosn"
}

@test "init: the commands for files from git name the same ways" {
    skip_unless git
    try init source --language c --platform mosn
    git -C source init -q
    git -C source add .
    git -C source -c user.name=a -c user.email=a@b.example commit -qm filter
    try init copy --from "file://$PWD/source" --platform mosn
    assert_status 0
    printed >script
    PATH=$PWD/bin:$PATH bash -ex -o pipefail script >walked 2>messages
    assert_command "wasme deploy mosn store:copy:v1 -o mosn.json"
    assert_exists copy/mosn.json
}
