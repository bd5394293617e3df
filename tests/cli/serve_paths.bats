#!/usr/bin/env bats
# wasme serve: the paths that readers of other servers expect.

load helper
load serving

setup() {
    scratch
    skip_unless curl python3 jq
}

@test "serve: filter.wasm is the only image of a store" {
    add_image a:v1 5000 one
    start_serve
    fetch "$SERVE_URL/filter.wasm"
    assert_equal "$code" 200
    assert_same_file body "$(image_dir docker.io/library/a:v1)/filter.wasm"
    add_image b:v1 5000 two
    fetch "$SERVE_URL/filter.wasm"
    assert_equal "$code" 404
}

@test "serve: the paths of Higress's plugin server" {
    add_image harbor.example/base/key-auth:1.0.0 5000 one
    add_image harbor.example/base/key-auth:2.0.0 5000 two
    dir=$(image_dir harbor.example/base/key-auth:2.0.0)
    start_serve
    for name in key-auth base/key-auth harbor.example/base/key-auth; do
        fetch "$SERVE_URL/plugins/$name/2.0.0/plugin.wasm"
        assert_equal "$code" 200
        assert_same_file body "$dir/filter.wasm"
        assert_equal "$(header content-type)" application/wasm
    done
    fetch "$SERVE_URL/plugins/key-auth/2.0.0/metadata.txt"
    assert_equal "$code" 200
    grep -qx 'Plugin Name: key-auth' body
    grep -qx 'Size: 5000 bytes' body
    grep -qx "MD5: $(md5sum <"$dir/filter.wasm" | cut -d' ' -f1)" body
    grep -qE '^Last Modified: [0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}$' body
    for path in key-auth/3.0.0/plugin.wasm auth/2.0.0/plugin.wasm key-auth/plugin.wasm plugin.wasm \
        key-auth/2.0.0/other key-auth/2.0.0/plugin.wasm/ /2.0.0/plugin.wasm; do
        fetch "$SERVE_URL/plugins/$path"
        assert_equal "$code" 404 "$path"
    done
    # A name that several images have names none of them.
    add_image other.example/base/key-auth:2.0.0 5000 three
    fetch "$SERVE_URL/plugins/key-auth/2.0.0/plugin.wasm"
    assert_equal "$code" 300
    grep -qx harbor.example/base/key-auth:2.0.0 body
    grep -qx other.example/base/key-auth:2.0.0 body
    fetch "$SERVE_URL/plugins/other.example/base/key-auth/2.0.0/plugin.wasm"
    assert_equal "$code" 200
    fetch "$SERVE_URL/${dir##*/}/"
    grep -qF '/plugins/harbor.example/base/key-auth/2.0.0/plugin.wasm<' body
    fetch "$SERVE_URL/plugins/key-auth/1.0.0/plugin.wasm"
    assert_equal "$code" 200
}

@test "serve: wkg's registry.json of a folder, and no other name with a dot" {
    mkdir -p site/.well-known/wasm-pkg site/.git
    echo '{"preferredProtocol":"oci"}' | tee site/.well-known/wasm-pkg/registry.json >site/.git/x.json
    start_serve site
    fetch "$SERVE_URL/.well-known/wasm-pkg/registry.json"
    assert_equal "$code" 200
    assert_equal "$(header content-type)" application/json
    fetch "$SERVE_URL/.git/x.json"
    assert_equal "$code" 404
    try serve --help
    assert_output_contains /.well-known
}

@test "serve: healthz and metrics" {
    add_image a:v1 5000
    start_serve
    fetch "$SERVE_URL/healthz"
    assert_equal "$code" 200
    assert_equal "$(<body)" ok
    fetch "$SERVE_URL/a:v1"
    fetch "$SERVE_URL/"
    fetch "$SERVE_URL/nowhere:v1"
    fetch -X POST -d x "$SERVE_URL/"
    fetch "$SERVE_URL/metrics"
    assert_equal "$code" 200
    [[ $(header content-type) == "text/plain; version=0.0.4"* ]]
    python3 - <<'END'
import re
helped, typed, values = set(), {}, {}
for line in open("body"):
    assert line.endswith("\n")
    line = line[:-1]
    found = re.fullmatch(r"# (HELP|TYPE) ([a-z_]+) (.+)", line)
    if found:
        kind, name, text = found.groups()
        if kind == "HELP":
            assert name not in helped
            helped.add(name)
        else:
            assert name in helped and name not in typed and text in ("counter", "gauge", "histogram")
            typed[name] = text
        continue
    name, labels, value = re.fullmatch(r'([a-z_]+)(\{[a-z]+="[^"]*"(?:,[a-z]+="[^"]*")*\})? (\S+)', line).groups()
    base = re.sub("_(bucket|sum|count)$", "", name)
    assert name in typed or typed.get(base) == "histogram", name
    if typed.get(name) == "counter": assert name.endswith("_total"), name
    assert (name, labels) not in values
    values[name, labels] = float(value)
assert values["wasme_http_requests_total", '{method="GET",code="200"}'] == 3, values
assert values["wasme_http_requests_total", '{method="GET",code="404"}'] == 1
assert values["wasme_http_requests_total", '{method="POST",code="405"}'] == 1
assert values["wasme_store_images", None] == 1 and values["wasme_store_wasm_bytes", None] == 5000
assert values["wasme_http_open_connections", None] >= 1
assert values["wasme_http_response_bytes_total", None] > 5000
buckets = [v for (n, l), v in values.items() if n.endswith("_bucket")]
assert buckets == sorted(buckets) and buckets[-1] == values["wasme_http_request_duration_seconds_count", None] == 5
END
}

@test "serve: a folder's own files come before healthz and metrics" {
    mkdir site
    echo mine >site/healthz
    start_serve site
    fetch "$SERVE_URL/healthz"
    assert_equal "$(<body)" mine
    fetch "$SERVE_URL/metrics"
    assert_equal "$code" 200
    grep -q '^wasme_http_requests_total' body
    rm site/healthz
    fetch "$SERVE_URL/healthz"
    assert_equal "$(<body)" ok
}
