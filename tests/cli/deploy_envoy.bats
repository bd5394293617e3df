#!/usr/bin/env bats
# What deploy writes for Envoy and for Istio's EnvoyFilter runs in a real Envoy.

load helper
load envoy

setup_file() {
    scratch
    skip_unless envoy jq curl python3
    python3 -c 'import yaml' 2>/dev/null || export SKIP_FILE='python3-yaml is not installed'
}

setup() {
    scratch
    cp "$ROOT/examples/add-header.wasm" filter.wasm
}

# run_envoy ARGUMENT...: an Envoy with the configuration that deploy prints, on a free port.
run_envoy() {
    try deploy envoy "$@"
    assert_status 0
    # The admin address is the tests' own; the port is made a free one.
    echo "${output/port_value: 10000/port_value: 0}" >envoy.yaml
    echo 'admin: {address: {socket_address: {address: 127.0.0.1, port_value: 0}}}' >>envoy.yaml
    start_envoy
}

start_echo() {
    mkdir site
    echo upstream >site/index.html
    start_serve site
}

@test "deploy envoy: a file, with a configuration of every kind of character" {
    run_envoy filter.wasm --config $'a "quoted": {x}\n\ttab \'single\' é # no comment' --root-id 'yes' \
        --env A=1 --env HOME --fail-open
    assert_equal "$(header)" "200 hello"
    curl -s "http://$(cat admin)/config_dump" >dump.json
    assert_equal "$(jq -r '[.. | .configuration? // empty | .value? // empty][0]' dump.json)" \
        $'a "quoted": {x}\n\ttab \'single\' é # no comment'
    assert_equal "$(jq -rc '[.. | .vm_config? // empty][0].environment_variables' dump.json)" \
        '{"host_env_keys":["HOME"],"key_values":{"A":"1"}}'
}

@test "deploy envoy: in front of a server, and with the module of wasme serve" {
    start_echo
    upstream=$SERVE_URL
    start_serve filter.wasm
    run_envoy filter.wasm --to "$upstream" --url "$SERVE_URL/filter.wasm"
    assert_equal "$(header)" "200 hello"
    curl -s "$ENVOY_URL/index.html" >body
    assert_equal "$(<body)" upstream
    # Another module at the same address is refused by its digest.
    printf '\0asm\1\0\0\0' >other.wasm
    try deploy envoy filter.wasm --url "$SERVE_URL/filter.wasm"
    assert_output_contains "$(sha256_of filter.wasm)"
}

@test "deploy envoy --part filter: the entry of an http_filters list" {
    try deploy envoy filter.wasm --part filter --name stamp
    assert_status 0
    python3 - "$output" >envoy.yaml <<'END'
import json, subprocess, sys, yaml
entry = yaml.safe_load(sys.argv[1])
whole = yaml.safe_load(subprocess.run(["bash", "-c", """
    . "$ROOT/tests/cli/envoy.bash"; envoy_config '{local: {filename: x}}'"""],
    capture_output=True, text=True, check=True).stdout)
manager = whole["static_resources"]["listeners"][0]["filter_chains"][0]["filters"][0]["typed_config"]
manager["http_filters"][0:1] = entry
print(json.dumps(whole))
END
    start_envoy
    assert_equal "$(header)" "200 hello"
}

@test "deploy envoy --type network: before a TCP server" {
    start_echo
    try deploy envoy filter.wasm --type network --to "$SERVE_URL" -o envoy.yaml
    assert_status 0
    try_command timeout 60 envoy --mode validate -c envoy.yaml --use-dynamic-base-id --log-level error
    assert_status 0
    grep -q 'envoy.extensions.filters.network.wasm.v3.Wasm' envoy.yaml
    try deploy envoy filter.wasm --type network
    assert_status 2
    assert_stderr_contains "name one with --to"
}

@test "deploy envoy: https to the server behind is verified" {
    try deploy envoy filter.wasm --to https://api.example.net:8443 -o envoy.yaml
    assert_status 0
    try_command timeout 60 envoy --mode validate -c envoy.yaml --use-dynamic-base-id --log-level error
    assert_status 0
    grep -q 'sni: api.example.net' envoy.yaml
    grep -q "exact: api.example.net" envoy.yaml
}

@test "deploy: an empty configuration, a large one, and one that is no text" {
    run_envoy filter.wasm --config ''
    assert_equal "$(header)" "200 hello"
    head -c 1000000 /dev/zero | tr '\0' x >large
    try deploy envoy filter.wasm --config @large -o large.yaml
    assert_status 0
    try_command timeout 60 envoy --mode validate -c large.yaml --use-dynamic-base-id --log-level error
    assert_status 0
    printf 'a\0b' >nul
    try deploy envoy filter.wasm --config @nul
    assert_status 1
    assert_stderr_contains "the file holds a NUL"
    try deploy envoy filter.wasm --config '{"a": '
    assert_status 2
    assert_stderr_contains "--config: JSON, line 1"
    head -c 1100000 /dev/zero >huge
    try deploy envoy filter.wasm --config @huge
    assert_status 1
    try deploy envoy filter.wasm --config $'\xff'
    assert_status 2
    assert_stderr_contains "not UTF-8"
}

@test "deploy istio: the resource of an EnvoyFilter is one that Envoy runs" {
    try deploy istio filter.wasm --path "$PWD/filter.wasm" --kind envoyfilter --config '{"a": 1}' --env A=b --fail-reload
    assert_status 0
    python3 - "$output" >envoy.yaml <<'END'
import json, os, subprocess, sys, yaml
patches = yaml.safe_load(sys.argv[1])["spec"]["configPatches"]
whole = yaml.safe_load(subprocess.run(["bash", "-c", """
    . "$ROOT/tests/cli/envoy.bash"; envoy_config '{local: {filename: x}}'"""],
    capture_output=True, text=True, check=True).stdout)
manager = whole["static_resources"]["listeners"][0]["filter_chains"][0]["filters"][0]["typed_config"]
# As Istio does: the resource comes by its name, here from a file.
resource = patches[0]["patch"]["value"]
typed = {"@type": "type.googleapis.com/envoy.config.core.v3.TypedExtensionConfig",
         "name": resource["name"], "typed_config": resource["typed_config"]}
with open("ecds.json", "w") as file:
    json.dump({"resources": [typed]}, file)
entry = patches[1]["patch"]["value"]
entry["config_discovery"]["config_source"] = {"path_config_source": {"path": os.path.abspath("ecds.json")}, "resource_api_version": "V3"}
manager["http_filters"][0] = entry
whole["node"] = {"id": "edge", "cluster": "edge"}
print(json.dumps(whole))
END
    start_envoy
    assert_equal "$(header)" "200 hello"
}
