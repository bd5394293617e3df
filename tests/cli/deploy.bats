#!/usr/bin/env bats
# deploy and undeploy: what each target gets, and what is refused before anything is written.

load helper
load deploy

@test "deploy istio: a WasmPlugin with the digest of the manifest, and the root id of the image" {
    deploy istio
    assert_status 0
    assert_document .apiVersion '"extensions.istio.io/v1alpha1"'
    assert_document '[.kind, .metadata.name, .metadata.namespace]' '["WasmPlugin","add-header",null]'
    assert_document .spec.url "\"oci://$IMAGE\""
    assert_document .spec.sha256 "\"$MANIFEST\""
    assert_document '[.spec.pluginName, .spec.failStrategy]' '["stamp","FAIL_CLOSE"]'
    assert_document '[.spec.selector, .spec.targetRefs, .spec.match, .spec.pluginConfig]' '[null,null,null,null]'
    assert_stderr_contains "names 2 root ids, of which the first counts: stamp"
    refute_stderr_contains "WASM_INSECURE_REGISTRIES"
    assert_stderr_contains "kubectl delete wasmplugins.extensions.istio.io add-header"
}

@test "deploy istio: all options of a WasmPlugin" {
    deploy istio --name edge-stamp --namespace shop --selector app=cart --labels tier=,example.com/x=1 \
        --config '{"header": "x-stamp", "n": 1.5, "on": "yes"}' --root-id other --phase authn --priority -5 \
        --fail-open --pull-secret login --pull-policy always --env STAGE=test --env POD --patch-context inbound \
        --type network
    assert_status 0
    assert_document .metadata.namespace '"shop"'
    assert_document .spec.selector.matchLabels '{"app":"cart","tier":"","example.com/x":"1"}'
    assert_document .spec.pluginConfig '{"header":"x-stamp","n":1.5,"on":"yes"}'
    assert_document '[.spec | .pluginName, .phase, .priority, .failStrategy, .type]' \
        '["other","AUTHN",-5,"FAIL_OPEN","NETWORK"]'
    assert_document '[.spec | .imagePullSecret, .imagePullPolicy]' '["login","Always"]'
    assert_document .spec.vmConfig.env '[{"name":"STAGE","value":"test"},{"name":"POD","valueFrom":"HOST"}]'
    assert_document .spec.match '[{"mode":"SERVER"}]'
    assert_stderr_contains "the request that crashes it is still answered with 503"
    refute_stderr_contains "answers 403"
    deploy istio
    assert_stderr_contains "a filter that could not be fetched answers 403"
}

@test "deploy istio: a registry without TLS is one that the agent has to be told of" {
    deploy istio --plain-http
    assert_status 0
    assert_stderr_contains "name $REGISTRY in WASM_INSECURE_REGISTRIES of the proxy's agent"
    deploy istio --insecure
    assert_stderr_contains "certificate was not verified: name $REGISTRY in WASM_INSECURE_REGISTRIES"
    deploy envoy-gateway --plain-http --target Gateway/edge
    assert_stderr_contains "the registry has no TLS: Envoy Gateway will not pull the image"
    refute_stderr_contains "WASM_INSECURE_REGISTRIES"
    refute_stderr_contains "tls.caCertificateRef"
    assert_stderr_contains "give its address with --url"
    deploy envoy-gateway --insecure --target Gateway/edge
    assert_stderr_contains "unless the CA of the certificate is named in the manifest as tls.caCertificateRef"
    deploy envoy-gateway --insecure --target Gateway/edge --target-version 1.3
    refute_stderr_contains "tls.caCertificateRef"
    assert_stderr_contains "give its address with --url"
    deploy istio --plain-http --url http://10.0.0.1/filter.wasm
    [[ $stderr != *WASM_INSECURE_REGISTRIES* ]] || complain "no image is pulled"
}

@test "deploy istio: targets, several namespaces, an empty root id, and no pin" {
    deploy istio --target gateway/edge --target Service/cart --namespaces a,b --namespace c --root-id '' --no-pin
    assert_status 0
    assert_document .metadata.namespace $'"c"\n"a"\n"b"'
    assert_document .spec.targetRefs "$(yes '[{"group":"gateway.networking.k8s.io","kind":"Gateway","name":"edge"},{"group":"","kind":"Service","name":"cart"}]' | head -n 3)"
    assert_document '[.spec.pluginName, .spec.sha256]' $'[null,null]\n[null,null]\n[null,null]'
}

@test "deploy istio: a TrafficExtension from 1.30 on" {
    deploy istio --kind trafficextension --config '{}' --phase stats --priority 7
    assert_status 0
    assert_document '[.kind, .spec.phase, .spec.priority]' '["TrafficExtension","STATS",7]'
    assert_document '.spec.wasm | [.url, .sha256, .pluginConfig]' "[\"oci://$IMAGE\",\"$MANIFEST\",{}]"
    refused "exists from version 1.30" istio "$IMAGE" --kind trafficextension --target-version 1.29
}

@test "deploy istio: the pair of an EnvoyFilter, for old and new versions" {
    deploy istio --kind envoyfilter --config 'any text' --selector app=cart --patch-context outbound --pull-policy always
    assert_status 0
    assert_document .spec.workloadSelector '{"labels":{"app":"cart"}}'
    assert_document '[.spec.configPatches[] | .applyTo, .match.context, .patch.value.name]' \
        '["EXTENSION_CONFIG","SIDECAR_OUTBOUND","add-header","HTTP_FILTER","SIDECAR_OUTBOUND","add-header"]'
    assert_document '.spec.configPatches[1].patch.value.config_discovery.type_urls | length' 2
    config='.spec.configPatches[0].patch.value.typed_config.config'
    assert_document "$config.configuration" \
        '{"@type":"type.googleapis.com/google.protobuf.StringValue","value":"any text"}'
    assert_document "$config.vm_config.code.remote | [.http_uri.uri, .http_uri.cluster, .sha256]" \
        "[\"oci://$IMAGE\",\"_\",\"$MANIFEST\"]"
    assert_document "$config.vm_config.environment_variables" \
        '{"key_values":{"ISTIO_META_WASM_IMAGE_PULL_POLICY":"Always"}}'
    assert_document "$config | [.failure_policy, .fail_open]" '["FAIL_CLOSED",null]'
    deploy istio --kind envoyfilter --target-version 1.24 --fail-open --no-pin
    assert_status 0
    assert_document "$config | [.failure_policy, .fail_open, .vm_config.code.remote.sha256]" '[null,true,"nil"]'
}

@test "deploy higress: defaultConfig, and rules with --target" {
    deploy higress --config '{"a": "b"}' --phase authz --priority 100 --pull-secret login --env A=1
    assert_status 0
    assert_document '[.apiVersion, .metadata.namespace]' '["extensions.higress.io/v1alpha1","higress-system"]'
    assert_document '.spec | [.url, .sha256, .phase, .priority, .imagePullSecret]' \
        "[\"oci://$IMAGE\",\"$MANIFEST\",\"AUTHZ\",100,\"login\"]"
    assert_document '.spec | [.defaultConfig, .defaultConfigDisable, .pluginConfig, .matchRules]' '[{"a":"b"},false,null,null]'
    deploy higress --config '{"a": "b"}' --target Ingress/shop/cart --target 'Domain/*.example.net' --target domain/x.y
    assert_status 0
    assert_document '.spec | [.defaultConfig, .defaultConfigDisable]' '[null,true]'
    assert_document '.spec.matchRules' \
        '[{"ingress":["shop/cart"],"domain":["*.example.net","x.y"],"config":{"a":"b"},"configDisable":false}]'
}

@test "deploy envoy-gateway: an EnvoyExtensionPolicy" {
    deploy envoy-gateway --target HTTPRoute/cart --config '["x", 1]' --fail-open --pull-secret login --env POD
    assert_status 0
    assert_document '.spec.targetRefs' '[{"group":"gateway.networking.k8s.io","kind":"HTTPRoute","name":"cart"}]'
    assert_document '.spec.wasm[0] | [.name, .rootID, .config, .failOpen, .env]' \
        '["add-header","stamp",["x",1],true,{"hostKeys":["POD"]}]'
    assert_document '.spec.wasm[0].code' \
        "{\"type\":\"Image\",\"image\":{\"url\":\"$IMAGE\",\"sha256\":\"$MANIFEST\",\"pullSecretRef\":{\"kind\":\"Secret\",\"name\":\"login\"}}}"
    deploy envoy-gateway --target Gateway/edge --url http://10.0.0.1:8080/filter.wasm
    assert_status 0
    assert_document '.spec.wasm[0].code' \
        "{\"type\":\"HTTP\",\"http\":{\"url\":\"http://10.0.0.1:8080/filter.wasm\",\"sha256\":\"$MODULE\"}}"
}

@test "deploy: the digest of the module stands beside http, and none beside file" {
    deploy istio --url https://files.example/filter.wasm
    assert_document '.spec | [.url, .sha256]' "[\"https://files.example/filter.wasm\",\"$MODULE\"]"
    deploy istio --path /var/lib/filter.wasm
    assert_document '.spec | [.url, .sha256]' '["file:///var/lib/filter.wasm",null]'
    try deploy istio "$ROOT/examples/add-header.wasm" --url http://files.example/filter.wasm --name x
    assert_status 0
    assert_document '.spec | [.url, .sha256]' "[\"http://files.example/filter.wasm\",\"$MODULE\"]"
}

@test "deploy gloo: only with the word Enterprise, pinned in the reference" {
    refused "only the data plane of Gloo Enterprise runs Wasm filters" gloo "$IMAGE"
    deploy gloo --enterprise --config text
    assert_status 0
    assert_document '[.kind, .metadata.namespace, .spec.bindPort]' '["Gateway","gloo-system",8080]'
    assert_document '.spec.httpGateway.options.wasm.filters[0] | [.image, .rootId, .config.value]' \
        "[\"${IMAGE%:v1}@sha256:$MANIFEST\",\"stamp\",\"text\"]"
}

@test "deploy kgateway: refused with the reason" {
    try deploy kgateway "$IMAGE"
    assert_status 1
    assert_stderr_contains "deploy kgateway: its API has no place for Wasm filters"
    try deploy nginx "$IMAGE"
    assert_status 2
    assert_stderr_contains 'no target "nginx": use one of envoy, istio, higress'
}

@test "deploy mosn: the engine, the MD5, and texts alone" {
    md5=$(md5sum <"$ROOT/examples/add-header.wasm" | cut -d' ' -f1)
    deploy mosn --path /srv/filter.wasm --config '{"header": "x"}' --to http://127.0.0.1:3000 --force
    assert_status 0
    assert_stderr_contains "MOSN 1.6 will not load it: the module exports proxy_abi_version_0_2_1"
    assert_equal "$(jq -c .wasm_global_plugins <<<"$output")" \
        "[{\"plugin_name\":\"add-header\",\"vm_config\":{\"engine\":\"wazero\",\"path\":\"/srv/filter.wasm\",\"md5\":\"$md5\"}}]"
    assert_equal "$(jq -c '.servers[0].listeners[0].stream_filters[0].config' <<<"$output")" \
        '{"from_wasm_plugin":"add-header","root_context_id":1,"header":"x"}'
    assert_equal "$(jq -c '.cluster_manager.clusters[0].hosts' <<<"$output")" '[{"address":"127.0.0.1:3000"}]'
    deploy mosn --path /srv/filter.wasm --part filter --root-id 2 --force
    assert_equal "$(jq -c 'keys' <<<"$output")" '["stream_filters","wasm_global_plugins"]'
    refused 'the value of "n" is no text' mosn "$IMAGE" --path /x --config '{"n": 1}'
    refused 'MOSN reads "vm_config" itself' mosn "$IMAGE" --path /x --force --config '{"vm_config": "x"}'
    refused "root_context_id is a number" mosn "$IMAGE" --path /x --force --root-id stamp
    try deploy mosn "$IMAGE" --path /x
    assert_status 1
    assert_stderr_contains "(--force writes the manifest nevertheless)"
}

@test "deploy mosn: a note says that MOSN never calls proxy_on_configure" {
    make_module mosn.wasm "export proxy_abi_version_0_1_0 :" "export malloc i:i" "export proxy_on_context_create ii:" \
        "export proxy_on_configure ii:i"
    try check mosn.wasm --host mosn
    assert_status 0
    assert_output_contains "note: callbacks that MOSN never calls: proxy_on_configure"
    assert_output_contains "note: proxy_on_configure: MOSN hands the configuration over in a second call of proxy_on_vm_start"
    try deploy mosn mosn.wasm --config '{"header": "x"}'
    assert_status 0
    assert_stderr_contains "in a second call of proxy_on_vm_start"
}

@test "deploy apisix: a priority, a configuration, and both parts" {
    deploy apisix --path /srv/filter.wasm --config '{"header": "x"}' --to https://api.example --phase rewrite
    assert_status 0
    assert_document 'select(.wasm).wasm.plugins[0]' \
        '{"name":"add-header","priority":1000,"file":"/srv/filter.wasm","http_request_phase":"rewrite"}'
    assert_document 'select(.routes).routes[0] | [.plugins, .upstream]' \
        '[{"add-header":{"conf":{"header":"x"}}},{"type":"roundrobin","scheme":"https","nodes":{"api.example:443":1}}]'
    deploy apisix --path /srv/filter.wasm --config '{}' --part route
    assert_document '.routes[0].plugins' '{"add-header":{"conf":"{}"}}'
    deploy apisix --path /srv/filter.wasm --config text --part config --priority 5
    assert_document '[.wasm.plugins[0].priority, .routes]' '[5,null]'
    refused "APISIX runs no plugin without a configuration" apisix "$IMAGE" --path /x
}

@test "deploy kong: a chain, or a declarative file" {
    deploy kong --path /usr/local/kong/wasm/x.wasm --target Route/cart --config '{"a": 1}'
    assert_status 0
    assert_equal "$(jq -c . <<<"$output")" \
        '{"name":"add-header","enabled":true,"filters":[{"name":"x","enabled":true,"config":{"a":1}}]}'
    deploy kong --path /x.wasm --part declarative --to 'http://[::1]:3000' --config text
    assert_status 0
    assert_document '[._format_version, .services[0].host, .services[0].port]' '["3.0","::1",3000]'
    assert_document '.services[0].routes[0].filter_chains[0].filters' \
        '[{"name":"x","enabled":true,"config":"text"}]'
    refused "belongs to one route or service" kong "$IMAGE" --path /x.wasm
}

@test "deploy: an image of the store, and the file of one" {
    cp -r "$STORE_OF_FILE" store
    try deploy istio "store:$IMAGE" --store "$PWD/store"
    assert_status 0
    assert_document .spec.sha256 "\"$MANIFEST\""
    try deploy apisix "store:$IMAGE" --store "$PWD/store" --config x --part config
    assert_status 0
    file=$(documents | jq -r '.wasm.plugins[0].file')
    assert_same_file "$file" "$ROOT/examples/add-header.wasm"
    try deploy istio "store:$IMAGE"
    assert_status 1
    assert_stderr_contains "no such image in"
}

@test "deploy: an image that the gateway or its proxy refuses" {
    "$WASME" build precompiled "$ROOT/examples/add-header.wasm" -t "$REGISTRY/base/cncf:v1" >/dev/null 2>&1
    "$WASME" push "$REGISTRY/base/cncf:v1" --format cncf >/dev/null 2>&1
    try deploy istio "$REGISTRY/base/cncf:v1"
    assert_status 1
    assert_output ""
    assert_stderr_contains "will not load it, because "
    assert_stderr_contains "wasme convert $REGISTRY/base/cncf:v1 --to oci"
    # The commands of the way out reach the same registry and store, and lead out of it.
    try deploy istio "$REGISTRY/base/cncf:v1" --plain-http --store "$PWD/a store"
    assert_status 1
    commands=${stderr#*: wasme pull}
    commands="wasme pull${commands%% (--force*}"
    assert_equal "$commands" "wasme pull $REGISTRY/base/cncf:v1 --store '$PWD/a store' --plain-http && \
wasme convert $REGISTRY/base/cncf:v1 --to oci --store '$PWD/a store' && \
wasme push $REGISTRY/base/cncf:v1 --store '$PWD/a store' --plain-http"
    PATH=$(dirname "$WASME"):$PATH bash -c "$commands"
    try deploy istio "$REGISTRY/base/cncf:v1"
    assert_status 0
    "$WASME" push "$REGISTRY/base/cncf:v1" --format cncf >/dev/null 2>&1
    try deploy istio "$REGISTRY/base/cncf:v1" --force
    assert_status 0
    assert_stderr_contains "level=warning"
    assert_document .kind '"WasmPlugin"'
    printf '\0asm\1\0\0\0' >bare.wasm
    try deploy envoy bare.wasm
    assert_status 1
    assert_stderr_contains "bare.wasm"
    assert_stderr_contains "will not load it"
}

@test "deploy: an index is pinned to the image that the gateway takes" {
    media=application/vnd.oci.image.manifest.v1+json
    size=$(curl -s -H "Accept: $media" "$REGISTRY_URL/v2/base/add_header/manifests/v1" | wc -c)
    jq -nc '{schemaVersion: 2, mediaType: "application/vnd.oci.image.index.v1+json", manifests: [{mediaType: $media,
        digest: ("sha256:" + $digest), size: ($size | tonumber), platform: {architecture: "amd64", os: "linux"}}]}' \
        --arg media $media --arg digest "$MANIFEST" --arg size "$size" >index.json
    curl -sf -X PUT -H 'Content-Type: application/vnd.oci.image.index.v1+json' --data-binary @index.json \
        "$REGISTRY_URL/v2/base/add_header/manifests/index"
    try deploy istio "${IMAGE%:v1}:index"
    assert_status 0
    assert_document .spec.sha256 "\"$MANIFEST\""
    try deploy istio "${IMAGE%:v1}@sha256:$MANIFEST"
    assert_document .spec.url "\"oci://${IMAGE%:v1}@sha256:$MANIFEST\""
}

@test "deploy: places and options that a target has not" {
    refused "leave them out" istio "$IMAGE" --url http://me:secret@host/f.wasm
    refused "begins with neither http:// nor https://" higress "$IMAGE" --url ftp://host/f.wasm
    refused "leave them out" envoy "$IMAGE" --url http://me:secret@host/f.wasm
    [[ $stderr != *secret* ]] || complain "the password is shown"
    refused "takes no module from an image" envoy "$IMAGE"
    refused "takes no module from an image: MOSN reads a file" mosn "$IMAGE" --force
    refused "is a file of this machine" istio "$ROOT/examples/add-header.wasm"
    refused "the path begins with no" mosn "$IMAGE" --path filter.wasm --force
    refused "give one of them" istio "$IMAGE" --url http://x/f.wasm --path /f.wasm
    refused "Envoy fetches no module without its digest" envoy "$IMAGE" --url http://x/f.wasm --no-pin
    refused "--pull-secret: an EnvoyFilter would carry the login itself" istio "$IMAGE" --kind envoyfilter --pull-secret s
    refused "--selector: Envoy's configuration has no place for it (these have: istio)" envoy "$IMAGE" --selector a=b
    refused "--apply: kubectl knows nothing of MOSN's configuration" mosn "$IMAGE" --path /x --apply
    refused "as other.wasm (with wasm = on)" kong "$IMAGE" --path /srv/other.wasm --target Route/cart --apply
}

@test "deploy: each part has its own way into the proxy" {
    deploy envoy --path /srv/f.wasm --part filter
    assert_stderr_contains "put the entry into the list that its comment names"
    refute_stderr_contains "envoy -c FILE"
    deploy mosn --path /srv/f.wasm --part filter --force
    assert_stderr_contains "put stream_filters into the listener"
    for part in config route; do
        deploy apisix --path /srv/f.wasm --config x --part "$part"
        assert_stderr_contains "put the part into the file that its comment names"
        refute_stderr_contains "second part"
    done
    deploy kong --path /srv/f.wasm --part declarative --to http://127.0.0.1
    assert_stderr_contains "as f.wasm (with wasm = on), and start Kong with declarative_config"
    deploy kong --path /srv/f.wasm --target Route/cart
    assert_stderr_contains "POST the chain to /routes/cart/filter-chains"
    deploy kong --path /srv/f.wasm --target Service/cart~1
    assert_stderr_contains "POST the chain to /services/cart~1/filter-chains"
    refused "Kong's names have letters" kong "$IMAGE" --path /srv/f.wasm --target Route/../x
}

@test "undeploy: a word that may name two objects is refused, and other kinds are named" {
    try undeploy istio my.filter
    assert_status 2
    assert_output ""
    assert_stderr_contains '"my.filter" is the name of an object, or an image whose object has the name "my-filter"'
    try undeploy istio "$(printf 'n%.0s' {1..64})"
    assert_status 2
    try undeploy istio --name my.filter
    assert_document .metadata.name '"my.filter"'
    try undeploy istio my.filter --name my-filter --kind envoyfilter
    assert_document .metadata.name '"my-filter"'
    refute_stderr_contains "stays"
    for word in filter.wasm My_Filter base/my.filter my.filter:v1; do
        try undeploy istio "$word"
        assert_status 0
        assert_stderr_contains "this removes an Istio WasmPlugin; an object of another kind stays"
    done
    assert_document .metadata.name '"my-filter"'
    try undeploy gloo stamp
    assert_document .metadata.namespace '"gloo-system"'
}

@test "undeploy: the kind and the name of what deploy has made, and what to do with files" {
    try undeploy istio "$IMAGE" --namespaces a,b
    assert_status 0
    assert_document . '{"apiVersion":"extensions.istio.io/v1alpha1","kind":"WasmPlugin","metadata":{"name":"add-header","namespace":"a"}}
{"apiVersion":"extensions.istio.io/v1alpha1","kind":"WasmPlugin","metadata":{"name":"add-header","namespace":"b"}}'
    try undeploy istio --id stamp --kind envoyfilter
    assert_document '[.apiVersion, .kind, .metadata.name]' '["networking.istio.io/v1alpha3","EnvoyFilter","stamp"]'
    try undeploy envoy-gateway stamp
    assert_document .kind '"EnvoyExtensionPolicy"'
    try undeploy apisix stamp
    assert_status 1
    assert_stderr_contains "remove the plugin from all routes first"
    try undeploy istio
    assert_status 2
    assert_stderr_contains "REF|FILE or --name is missing"
    try undeploy istio ''
    assert_status 2
    try undeploy istio Bad_Name --name Bad_Name
    assert_status 2
}

@test "deploy --output: the file is whole or as it was, and --apply without kubectl says what to do" {
    deploy istio -o out.yaml
    assert_status 0
    assert_output ""
    output=$(<out.yaml)
    assert_document .kind '"WasmPlugin"'
    cp out.yaml before.yaml
    try deploy istio "$REGISTRY/base/none:v1" -o out.yaml
    assert_status 1
    assert_same_file out.yaml before.yaml
    mkdir bin
    try_command env PATH="$PWD/bin" "$WASME" deploy istio "$IMAGE" --apply
    assert_status 1
    assert_output_contains "kind: WasmPlugin"
    assert_stderr_contains "kubectl was not found in PATH"
}
