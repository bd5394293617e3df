#!/usr/bin/env bats
# deploy and odd texts: what would break a manifest, or arrive as something else, is refused.

load helper
load deploy

setup() {
    scratch
    cp "$ROOT/examples/add-header.wasm" filter.wasm
}

# refused_file WORDS TARGET ARGUMENT...: a usage error for a file of this machine.
refused_file() {
    refused "$1" "$2" filter.wasm "${@:3}"
}

# refused_url WORDS TARGET ARGUMENT...: the same for the module behind a URL.
refused_url() {
    refused "$1" "$2" filter.wasm --url http://files.example/filter.wasm "${@:3}"
}

@test "deploy: options that are not UTF-8" {
    bad=$'\xff'
    refused_file "is no name of a variable" envoy --env "$bad=1"
    refused_file "--env A: the value is not UTF-8" envoy --env "A=$bad"
    refused_file 'no name of a file behind the "@"' envoy --config @
    refused_file "--root-id: the text is not UTF-8" envoy --root-id "$bad"
    refused_file "another character that is written as %XX" apisix --config x --to "http://$bad/"
    refused_file "the name is not UTF-8" envoy --path "/srv/$bad.wasm"
    refused_file "no object has such a name" kong --target "Route/$bad"
    refused_url "another character that is written as %XX" istio --url "http://x/$bad"
    refused_url "no object has such a name" istio --target "Service/$bad"
    cp filter.wasm "$bad.wasm"
    refused "the name is not UTF-8" envoy "$bad.wasm"
    cp filter.wasm "a filter.wasm"
    refused "\`wasme build precompiled 'a filter.wasm' -t REF\`" istio "a filter.wasm"
}

@test "deploy: URLs with what no URL has, and servers with a path" {
    line=$'\n---\nkind: Secret'
    refused_url "another character that is written as %XX" istio --url "http://x/$line"
    refused_file "another character that is written as %XX" envoy --to "http://a b"
    refused_file "its host is neither a name nor an address" envoy --to "http://a%20b"
    refused_file "its host is neither a name nor an address" envoy --to "http://[::g]:80"
    refused_file "the port is no number from 1 to 65535" envoy --to "http://a:70000"
    refused_file 'leave "/base" out' envoy --to http://api.example/base
    refused_file 'leave "?a=b" out' envoy --to 'http://api.example?a=b'
    for url in ftp://me:secret@x http://me:sec/secret@x 'http://me:secret @x'; do
        try deploy envoy filter.wasm --to "$url"
        assert_status 2
        [[ $stderr != *secret* ]] || complain "the password is shown: $stderr"
    done
    try deploy envoy filter.wasm --to http://api.example:3000/
    assert_status 0
}

@test "deploy: what the command line alone says is told before an image is looked for" {
    # early WORDS TARGET ARGUMENT...: a usage error, though no such image is there.
    early() {
        refused "$1" "$2" "$REGISTRY/base/none:v1" "${@:3}"
    }
    early "begins with neither http:// nor https://" istio --url ftp://files.example/x
    early "give one of them" istio --url http://x/f.wasm --path /f.wasm
    early "Istio takes one of them" istio --selector a=b --target Gateway/edge
    early '"B": a namespace has' istio --namespaces a,B
    early "Istio takes at most 256 bytes" istio --root-id "$(printf 'x%.0s' {1..257})"
    early "Istio keeps variables of this beginning" istio --env ISTIO_META_A=1
    early "--pull-secret: a URL is fetched without a login" istio --url http://x/f.wasm --pull-secret login
    early "a folder is there" istio --output .
    early "takes no module from a file" higress --path /f.wasm
    early "give the name alone" envoy-gateway --target Gateway/edge --env A=b
    early "--to: --part filter has no place for it" envoy --path /f.wasm --part filter --to http://x
    early "--port: --part filter has no place for it" mosn --path /f.wasm --part filter --port 80
    early "--to: --part config has no place for it" apisix --path /f.wasm --part config --to http://x
    early "--phase: --part route has no place" apisix --path /f.wasm --config x --part route --phase access
    early "a file is not pulled" istio --path /f.wasm --pull-policy always
    early "runs filters for HTTP alone" envoy-gateway --target Gateway/edge --target tlsroute/db
    early "give --no-pin too" envoy-gateway --target Gateway/edge --pull-policy always
    early "takes no module from an image" envoy
    early "fetches no module without its digest" envoy --url http://x/f.wasm --no-pin
    early "name one with --to" envoy --path /f.wasm --type network
    early "root_context_id is a number" mosn --path /f.wasm --root-id stamp
    early "runs no plugin without a configuration" apisix --path /f.wasm
    early "names end in .wasm" kong --path /srv/.wasm --target Route/cart
    early "belongs to one route or service" kong --path /f.wasm
    try deploy istio "$REGISTRY/base/none:v1" --retries 0
    assert_status 1
}

@test "deploy and undeploy --output: files that are read are not replaced, by whatever name" {
    ln -s filter.wasm link
    for name in filter.wasm ./filter.wasm link; do
        refused_file "--output $name: the module is in that file" envoy --output "$name"
    done
    echo '{}' >config.json
    refused_file "--output ./config.json: the configuration is in that file" envoy --config @config.json --output ./config.json
    assert_equal "$(<config.json)" '{}'
    try undeploy istio filter.wasm --output ./filter.wasm
    assert_status 2
    cmp filter.wasm "$ROOT/examples/add-header.wasm"
    try undeploy istio --name filter --output gone
    assert_status 0
    grep -q WasmPlugin gone
    echo old >manifest
    try deploy envoy filter.wasm --output manifest
    assert_status 0
    grep -q static_resources manifest
}

@test "deploy: addresses that the readers of a URL would not parse" {
    refused_url 'a "%" without two hexadecimal digits' istio --url http://files.example/a%zz.wasm
    refused_url 'a "%" without two hexadecimal digits' envoy-gateway --target Gateway/edge --url http://files.example/a%2
    refused_url 'behind the "#" is sent to no server' envoy --url http://files.example/a.wasm#part
    refused_file "Istio takes the path as a URL" istio --path /srv/a%zz.wasm
    refused_file "Istio takes the path as a URL" istio --kind trafficextension --path $'/srv/a\tb.wasm'
    try deploy istio filter.wasm --path '/srv/a %41 #?é.wasm'
    assert_status 0
    assert_document .spec.url '"file:///srv/a %41 #?é.wasm"'
    try deploy istio filter.wasm --kind envoyfilter --path /srv/a%zz.wasm
    assert_status 0
    refused_url "possible from version 1.25 on" istio --target GatewayClass/edge --target-version 1.24
}

@test "deploy: namespaces and targets that are none, or named twice" {
    refused_url "there is no namespace in it" istio --namespaces ,
    refused_url '"a" is named twice' istio --namespaces a,b --namespace a
    refused_url "named twice" istio --target Service/a --target service/a
    refused_url "no object has such a name" istio --target 'Service/Bad Name'
    refused_url "no object has such a name" higress --target 'Domain/a b'
    refused_url "write it as KIND/NAME" higress --target Domain/
    try deploy envoy-gateway filter.wasm --url http://files.example/filter.wasm --target Ingress/a
    assert_stderr_contains "is attached to HTTPRoute, Gateway, ListenerSet, GRPCRoute"
    refute_stderr_contains TCPRoute
    refused_url "of gloo it is that of its Envoy: no version 1.18 of envoy" gloo --enterprise --target-version 1.18
    refused_url "possible from version 1.9 on" envoy-gateway --target ListenerSet/a --target-version 1.8
    try deploy istio filter.wasm --url http://files.example/filter.wasm --namespaces a,b
    assert_status 0
    assert_stderr_contains "kubectl delete wasmplugins.extensions.istio.io filter -n a"
    assert_stderr_contains "kubectl delete wasmplugins.extensions.istio.io filter -n b"
}

@test "deploy istio: limits of the WasmPlugin, and variables that no filter sees" {
    refused_url "Istio takes at most 256 bytes" istio --root-id "$(printf 'x%.0s' {1..257})"
    refused_url "Istio keeps variables of this beginning" istio --env ISTIO_META_WASM_IMAGE_PULL_POLICY
    refused_url "--pull-secret: a URL is fetched without a login" istio --pull-secret login
    refused_url 'the number of "n" would reach the filter rounded' istio --config '{"a": [{"n": 9007199254740993}]}'
    try deploy istio filter.wasm --url http://files.example/filter.wasm --config '{"n": 9007199254740991, "e": 1e20}'
    assert_status 0
    assert_document '.spec.pluginConfig | [.n, .e == 1e20]' '[9007199254740991,true]'
}

@test "deploy istio: the name of the resource in Envoy, by version" {
    named() {
        try deploy istio filter.wasm --url http://files.example/filter.wasm --target-version "$1" "${@:3}"
        assert_status 0
        assert_stderr_contains "lists $2, and"
    }
    named 1.25 extenstions.istio.io/wasmplugin/shop.filter --namespace shop
    named 1.29 extensions.istio.io/wasmplugin/NAMESPACE.filter
    named 1.30 extensions.istio.io/trafficextension/NAMESPACE.filter
    named 1.29 filter --kind envoyfilter
}

@test "deploy --config: what kubectl would drop or refuse is a matter for the API server" {
    refused_url "null counts as no configuration" envoy-gateway --target Gateway/edge --config null
    try deploy istio filter.wasm --url http://files.example/filter.wasm --config '{"a": {"b": null}}'
    assert_status 0
    assert_document .spec.pluginConfig '{"a":{"b":null}}'
    assert_stderr_contains "to apply: kubectl apply --server-side -f -, or --apply: members of the configuration"
    head -c 300000 /dev/zero | tr '\0' x >large
    try deploy istio filter.wasm --kind envoyfilter --url http://files.example/filter.wasm --config @large
    assert_status 0
    assert_stderr_contains "Kubernetes refuses an object of more than 256 KiB"
    head -c 1000000 /dev/zero | tr '\0' '"' >larger
    try deploy istio filter.wasm --kind envoyfilter --url http://files.example/filter.wasm --config @larger
    assert_status 0
    assert_stderr_contains "the object has more than 1.5 MiB"
    try deploy istio filter.wasm --url http://files.example/filter.wasm --config '{"a": [null]}'
    refute_stderr_contains "--server-side"
    mkdir bin
    try_command env PATH="$PWD/bin" "$WASME" deploy istio filter.wasm --url http://x/f.wasm --config '{"a": null}' --apply
    assert_status 1
    assert_stderr_contains 'pipe the manifest to `kubectl apply --server-side -f -`'
}

@test "deploy --config: a text is carried as it is, with numbers of any size" {
    exact='{"n": 18446744073709551616,  "e": -1E+999, "l": []}'
    try deploy envoy filter.wasm --part filter --config "$exact"
    assert_status 0
    assert_document '.[0].typed_config.config.configuration.value' "$(jq -nc --arg v "$exact" '$v')"
    try deploy apisix filter.wasm --part route --config "$exact"
    assert_document '.routes[0].plugins.filter.conf' "$(jq -nc --arg v "$exact" '$v')"
    try deploy kong filter.wasm --target Route/cart --config '{"n": 123456789012345}'
    assert_equal "$(jq -c '.filters[0].config' <<<"$output")" '"{\"n\": 123456789012345}"'
    refused_url "put the number in quotes" istio --config "$exact"
    refused_url "put the number in quotes" envoy-gateway --target Gateway/edge --config 1e999
    refused_file "--config: JSON, line 1" envoy --config '{"n": 1e999'
    refused_file '(a text that begins with "[" has to be JSON)' envoy --config '[section]'
}

@test "deploy --fail-open: the warning is for versions that have failure_policy" {
    words="the request that crashes it is still answered with 503"
    try deploy envoy filter.wasm --fail-open --target-version 1.33.6 --force
    assert_stderr_contains "$words"
    try deploy envoy filter.wasm --fail-open --target-version 1.32.13 --force
    assert_status 0
    [[ $stderr != *"$words"* ]] || complain "$stderr"
}

@test "deploy and undeploy: what could not be shown is not applied, and has no next steps" {
    mkdir bin
    for line in "deploy istio filter.wasm --url http://x/f.wasm" "undeploy istio filter"; do
        try_command "$BASH" -c "PATH='$PWD/bin'; '$WASME' $line --apply >/dev/full"
        assert_status 1
        assert_stderr_contains "write standard output: No space left on device"
        refute_stderr_contains "to undo"
        refute_stderr_contains "kubectl" # which is not there, so that an attempt is an error
        try_command "$BASH" -c "PATH='$PWD/bin'; '$WASME' $line --apply >out"
        assert_status 1
        assert_stderr_contains "kubectl was not found in PATH"
    done
}

@test "deploy apisix: the file of the standalone mode ends as APISIX expects" {
    try deploy apisix filter.wasm --config x
    assert_status 0
    assert_equal "${output##*$'\n'}" "#END"
    refused_file "APISIX has a plugin of its own with that name" apisix --config x --name cors
    refused_file "APISIX has a plugin of its own with that name" apisix --config x --name http-logger
    refused_file "at most 64 characters" apisix --config x --name "$(printf 'x%.0s' {1..65})"
    try deploy apisix filter.wasm --config x --name ai-
    assert_status 0
    try deploy apisix filter.wasm --part config
    assert_status 0
    [[ $output != *"#END"* ]] || complain "$output"
}

@test "deploy kong: a filter has the name of its file" {
    try deploy kong filter.wasm --name stamp --path /srv/other.wasm --target Route/cart
    assert_status 0
    assert_equal "$(jq -c '[.name, .filters[0].name]' <<<"$output")" '["stamp","other"]'
    assert_stderr_contains "as other.wasm"
    try deploy kong filter.wasm --name stamp --target Route/cart
    assert_equal "$(jq -c '[.name, .filters[0].name]' <<<"$output")" '["stamp","stamp"]'
    assert_stderr_contains "as stamp.wasm"
    refused_file "names end in .wasm" kong --path /srv/other --target Route/cart
}

@test "deploy: Envoy takes no module of more than 32 MiB from Envoy Gateway" {
    # A custom section with 33 MiB: "\0", its size in LEB128, and a name of one letter.
    {
        cat filter.wasm
        printf '\0\x82\x80\x80\x10\x01x'
        head -c 33554432 /dev/zero
    } >large.wasm
    refused "and Envoy takes at most 33554432 from Envoy Gateway" envoy-gateway large.wasm \
        --target Gateway/edge --url http://files.example/large.wasm
    try deploy envoy-gateway large.wasm --target Gateway/edge --url http://files.example/large.wasm --force
    assert_status 0
    assert_stderr_matches 'level=warning msg="--url: the module has [0-9]+ bytes'
}

@test "deploy --no-pin: a digest that the user has named stays" {
    try deploy istio "$IMAGE@sha256:$MANIFEST" --no-pin
    assert_status 0
    assert_document '.spec | [.url, .sha256]' "[\"oci://${IMAGE%:v1}@sha256:$MANIFEST\",null]"
    try deploy gloo "$IMAGE" --enterprise --no-pin
    assert_document '.spec.httpGateway.options.wasm.filters[0].image' "\"$IMAGE\""
}

@test "deploy: a runtime config that the registry lost is an error, and --root-id goes without it" {
    local lost=$REGISTRY/base/lost:v1 hex
    make_root_config runtime.json gone
    "$WASME" build precompiled "$ROOT/examples/add-header.wasm" -t "$lost" -c runtime.json
    "$WASME" push "$lost"
    "$WASME" rm "$lost"
    hex=$(curl -s -H 'Accept: application/vnd.oci.image.manifest.v1+json' "$REGISTRY_URL/v2/base/lost/manifests/v1" |
        jq -r '.config.digest | ltrimstr("sha256:")')
    rm -r "$REGISTRY_DATA/docker/registry/v2/blobs/sha256/${hex:0:2}/$hex"
    try deploy envoy "$lost" --path /x --no-pin
    assert_status 1
    assert_output ""
    assert_stderr_contains "the runtime config"
    assert_stderr_contains "push it again"
    try deploy envoy "$lost" --path /x --no-pin --root-id other
    assert_status 0
    assert_output_contains "root_id: other"
}
